//! Runs of a model of the caller's own, which share calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use numpy::{IntoPyArray as _, PyArray1, PyReadonlyArray1, ToPyArray as _};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use speculative_diffusion::{Ask, Batch, Guidance, Mask, Row, Run, Sampler, Settings, State, TargetError, Ticket};

use crate::error::Named;
use crate::rounds;
use crate::scheduler::Scheduler;

/// Numbers of noise from which on it is worth a thread of its own to draw them while a model computes.
const WORTH_A_THREAD: usize = 1 << 15;

/// States, timesteps, steps, runs, rows that have their condition, whether a drafter is asked.
pub(crate) type Question<'py> = (
    Bound<'py, PyArray1<f32>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    usize,
    bool,
);

/// A question, as it is before Python has it.
pub(crate) struct Asked {
    input: Vec<f32>,
    times: Vec<f64>,
    steps: Vec<i64>,
    runs: Vec<i64>,
    conditional: usize,
    drafts: bool,
}

impl Asked {
    pub(crate) fn new(scheduler: &Scheduler, guidance: Option<&Guidance>, batch: &Batch, drafts: bool) -> Self {
        let all = guidance.map(|guidance| guidance.ask(batch));
        let (conditional, batch) = (batch.len(), all.as_ref().unwrap_or(batch));
        let indices = |of: fn(&Row) -> usize| batch.rows.iter().map(|row| of(row) as i64).collect();
        let (input, times) = (scheduler.0.inputs(batch).0, scheduler.0.timesteps(batch));
        Self { input, times, steps: indices(|row| row.step), runs: indices(|row| row.run), conditional, drafts }
    }

    pub(crate) fn into_python(self, py: Python<'_>) -> Question<'_> {
        let Self { input, times, steps, runs, conditional, drafts } = self;
        let (input, times) = (input.into_pyarray(py), times.into_pyarray(py));
        (input, times, steps.into_pyarray(py), runs.into_pyarray(py), conditional, drafts)
    }
}

/// `settings` are draft, window and rule, by name.
pub(crate) fn sampler(scheduler: &Scheduler, settings: &(String, String, String)) -> Result<Sampler, Named> {
    let (draft, window, rule) = settings;
    let window: speculative_diffusion::Window = window.parse()?;
    let settings = Settings::default().draft(draft.parse()?).window(window).rule(rule.parse()?);
    Ok(Sampler::new(scheduler.chain(), settings)?)
}

/// Guidance of these numbers, if they can be.
pub(crate) fn guided(scale: f64, (least, most): (f64, f64), rescale: f64) -> Result<Guidance, Named> {
    if !(scale.is_finite() && 0.0 <= least && least <= most && (0.0..=1.0).contains(&rescale)) {
        let message = "guidance must have a finite scale, an interval from a least to a most sigma / alpha, and a \
                       rescale of 0 to 1";
        return Err(Named::new("guidance", message));
    }
    Ok(Guidance::new(scale).within(least, most).rescaled(rescale))
}

/// Runs that share calls.
#[pyclass]
pub(crate) struct Pool {
    scheduler: Scheduler,
    sampler: Sampler,
    dim: usize,
    guidance: Option<Guidance>,
    mask: Option<Mask>,
    pool: Arc<Mutex<speculative_diffusion::Pool>>,
    /// The question that Python has, and whether it is the drafter's.
    asked: Option<(Ticket, bool)>,
}

impl Pool {
    fn pool(&self) -> MutexGuard<'_, speculative_diffusion::Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_run<T>(&self, number: usize, of: impl FnOnce(&Run) -> T) -> Result<T, Named> {
        let pool = self.pool();
        pool.run(number).map(of).ok_or_else(|| Named::new("run", format!("there is no run number {number}")))
    }
}

#[pymethods]
impl Pool {
    /// No run yet: `dim` numbers a state, `rows` at most in a call that several runs share.
    #[new]
    fn new(
        scheduler: &Scheduler,
        settings: (String, String, String),
        dim: usize,
        rows: usize,
        plain: bool,
    ) -> Result<Self, Named> {
        let sampler = sampler(scheduler, &settings)?;
        let sampler = if plain { Sampler::new(scheduler.chain(), Settings::plain())? } else { sampler };
        let pool = Arc::new(Mutex::new(speculative_diffusion::Pool::new(dim, rows)));
        Ok(Self { scheduler: scheduler.clone(), sampler, dim, guidance: None, mask: None, pool, asked: None })
    }

    fn guide(&mut self, scale: f64, interval: (f64, f64), rescale: f64) -> Result<(), Named> {
        self.guidance = Some(guided(scale, interval, rescale)?);
        Ok(())
    }

    fn keep(&mut self, sample: PyReadonlyArray1<'_, f64>, known: PyReadonlyArray1<'_, bool>) -> Result<(), Named> {
        let named = |error: &dyn core::fmt::Display| Named::new("mask", format!("mask: {error}"));
        let sample = sample.as_slice().map_err(|error| named(&error))?;
        let known = known.as_slice().map_err(|error| named(&error))?;
        if sample.iter().zip(known).any(|(x, known)| *known && !x.is_finite()) {
            return Err(named(&"what is known must be finite"));
        }
        self.mask = Some(Mask::new(sample, known).map_err(|error| named(&error))?);
        Ok(())
    }

    /// Adds a run, and returns its number: from noise, from a saved state, or from an image.
    fn push(
        &mut self,
        seed: u64,
        state: Option<&[u8]>,
        image: Option<PyReadonlyArray1<'_, f64>>,
    ) -> Result<usize, Named> {
        let run = match (state, image) {
            (Some(bytes), _) => {
                let state = State::from_bytes(bytes)?;
                if state.y().len() != self.dim {
                    return Err(Named::new("state", "the saved state has other dimensions than shape"));
                }
                self.sampler.resume(seed, state)?
            }
            (None, Some(image)) => {
                let image = image.as_slice().map_err(|error| Named::new("image", error))?;
                if image.len() != self.dim || image.iter().any(|x| !x.is_finite()) {
                    return Err(Named::new("image", format!("image must hold {} finite numbers", self.dim)));
                }
                self.sampler.run_from(seed, self.sampler.noised(seed, image))
            }
            (None, None) => self.sampler.run(seed, self.dim),
        };
        let run = match self.guidance {
            Some(guidance) => run.guided(guidance),
            None => run,
        };
        self.pool().push(run).map_err(|error| Named::new("shape", error))
    }

    /// What to compute next; `None` once all runs have ended. Noise is drawn meanwhile.
    fn ask<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Question<'py>>> {
        let (scheduler, guidance) = (&self.scheduler, self.guidance.as_ref());
        let made = py.detach(|| {
            let mut pool = self.pool();
            let (ticket, batch, drafts) = match pool.ask() {
                Ask::Estimate(ticket, batch) => (ticket, batch, false),
                Ask::Draft(ticket, batch) => (ticket, batch, true),
                _ => return None,
            };
            Some((ticket, batch.states.len(), Asked::new(scheduler, guidance, batch, drafts)))
        });
        let Some((ticket, numbers, question)) = made else { return Ok(None) };
        if numbers >= WORTH_A_THREAD {
            let pool = Arc::clone(&self.pool);
            thread::spawn(move || pool.lock().unwrap_or_else(PoisonError::into_inner).draw_ahead());
        }
        self.asked = Some((ticket, question.drafts));
        Ok(Some(question.into_python(py)))
    }

    /// Goes on with the model's output. Returns the runs that completed a round, each with the round's columns if `detailed` and
    /// its preview if `watched`, and those that an output has stopped, with the reason.
    #[allow(clippy::type_complexity)]
    fn answer<'py>(
        &mut self,
        py: Python<'py>,
        output: PyReadonlyArray1<'_, f32>,
        detailed: bool,
        watched: bool,
    ) -> PyResult<Vec<(usize, Option<Bound<'py, PyDict>>, Option<Bound<'py, PyArray1<f64>>>, Option<String>)>> {
        let Some((ticket, drafts)) = self.asked else {
            return Err(Named::new("denoise", "nothing was asked").into());
        };
        let named = |error: &dyn core::fmt::Display| Named::new(if drafts { "drafter" } else { "denoise" }, error);
        let output = output.as_slice().map_err(|error| named(&error))?;
        let scheduler = &self.scheduler;
        let answered = py.detach(|| {
            let mut pool = self.pool();
            // the same question again, with the states that the output is about
            let (Ask::Estimate(_, batch) | Ask::Draft(_, batch)) = pool.ask() else {
                return Err(TargetError::OtherQuestion);
            };
            let mut estimates = match &self.guidance {
                Some(guidance) => scheduler.0.estimates(batch, &guidance.combine(batch, output)?),
                None => scheduler.0.estimates(batch, output),
            }?;
            if let Some(mask) = &self.mask {
                mask.apply(batch, &mut estimates)?;
            }
            pool.answer(ticket, &estimates)
        });
        let answered = answered.map_err(|error| named(&error))?;
        self.asked = None;
        let reported = answered.into_iter().map(|(number, round)| match round {
            Ok(round) => {
                let columns = detailed.then(|| rounds::columns(py, &round, self.scheduler.chain())).transpose()?;
                let preview = watched.then(|| rounds::preview(py, &round)).flatten();
                Ok((number, columns, preview, None))
            }
            Err(error) => Ok((number, None, None, Some(error.to_string()))),
        });
        reported.collect()
    }

    /// A run's last committed state.
    fn sample<'py>(&self, py: Python<'py>, run: usize) -> Result<Bound<'py, PyArray1<f64>>, Named> {
        self.with_run(run, |run| run.state().y().to_pyarray(py))
    }

    /// Steps committed, and whether the chain has ended.
    fn level(&self, run: usize) -> Result<(usize, bool), Named> {
        self.with_run(run, |run| (run.state().level(), run.is_done()))
    }

    /// Calls, calls of the drafter, rows, drafts tested, drafts accepted.
    fn costs(&self, run: usize) -> Result<(usize, usize, usize, usize, usize), Named> {
        self.with_run(run, |run| {
            let costs = run.costs();
            (costs.calls, costs.draft_calls, costs.rows, costs.tested, costs.accepted)
        })
    }

    /// Sequential calls so far, each for several runs.
    fn calls(&self) -> usize {
        self.pool().costs().calls
    }

    fn state<'py>(&self, py: Python<'py>, run: usize) -> Result<Bound<'py, PyBytes>, Named> {
        self.with_run(run, |run| PyBytes::new(py, &run.state().to_bytes()))
    }
}
