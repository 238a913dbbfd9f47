//! Runs of a model of the caller's own: they ask, JavaScript answers.

use js_sys::{Array, Float32Array, Object};
use speculative_diffusion::audit::Audit;
use speculative_diffusion::{Ask, Batch, Guidance, Mask, Run, Sampler, Settings, State, TargetError, Ticket};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::columns::{self, set};
use crate::error::WebError;
use crate::fields::Fields;
use crate::memory;
use crate::number::{MAX_SAFE, whole};
use crate::scheduler::{Scheduler, guided};
use crate::tools::statistics;

/// Runs that share calls.
#[wasm_bindgen]
pub struct Pool {
    scheduler: Scheduler,
    sampler: Sampler,
    plain: Sampler,
    dim: usize,
    rows: usize,
    /// Positions of the longest windows of all runs.
    positions: usize,
    guidance: Option<Guidance>,
    mask: Option<Mask>,
    pool: speculative_diffusion::Pool,
    /// What the last [`Pool::ask`] asked.
    asked: Option<Asked>,
    audit: Audit,
}

struct Asked {
    ticket: Ticket,
    batch: Batch,
    /// Of the model that drafts.
    drafts: bool,
}

impl Asked {
    /// An error of the model's, by the name that JavaScript has for the model.
    fn named(&self, error: &TargetError) -> WebError {
        WebError::new(if self.drafts { "drafter" } else { "denoise" }, error.to_string())
    }
}

#[wasm_bindgen]
impl Pool {
    /// No run yet. `settings` is `{draft, window, rule}`, `dim` the numbers of one state, `rows` the most of a call.
    ///
    /// # Errors
    /// `field` names the setting.
    #[wasm_bindgen(constructor)]
    pub fn new(scheduler: &Scheduler, settings: &JsValue, dim: f64, rows: f64) -> Result<Pool, JsValue> {
        let fields = Fields::new(settings, &[])?;
        let settings = fields.settings(fields.rule()?)?;
        let dim = whole("shape", dim, f64::from(u32::MAX))? as usize;
        if dim == 0 {
            return Err(WebError::of("shape", "has no number: give the dimensions of one state").into());
        }
        let rows = whole("batch", rows, f64::from(u32::MAX))? as usize;
        let sampler = Sampler::new(scheduler.chain(), settings).map_err(WebError::from)?;
        let plain = Sampler::new(scheduler.chain(), Settings::plain()).map_err(WebError::from)?;
        let (pool, audit) = (speculative_diffusion::Pool::new(dim, rows), Audit::new());
        let (scheduler, positions, guidance, mask, asked) = (scheduler.clone(), 0, None, None, None);
        Ok(Self { scheduler, sampler, plain, dim, rows, positions, guidance, mask, pool, asked, audit })
    }

    /// Guides all runs that are added from now on: the model is asked some rows again, without their condition.
    ///
    /// # Errors
    /// `field` is `guidance`.
    pub fn guide(&mut self, scale: f64, least: f64, most: f64, rescale: f64) -> Result<(), JsValue> {
        self.guidance = Some(guided(scale, least, most, rescale)?);
        Ok(())
    }

    /// Keeps the numbers of a sample where `known` is not 0, in all runs.
    ///
    /// # Errors
    /// `field` is `mask`.
    pub fn keep(&mut self, sample: &[f32], known: &[u8]) -> Result<(), JsValue> {
        let finite = |(x, known): (&f32, &u8)| *known == 0 || x.is_finite();
        if sample.len() != self.dim || known.len() != self.dim || !sample.iter().zip(known).all(finite) {
            let message = format!("must hold a sample of {} numbers, and which of them are known and finite", self.dim);
            return Err(WebError::of("mask", message).into());
        }
        let sample: Vec<f64> = sample.iter().map(|&x| f64::from(x)).collect();
        let known: Vec<bool> = known.iter().map(|&known| known != 0).collect();
        self.mask = Some(Mask::new(&sample, &known).map_err(|error| WebError::of("mask", error.to_string()))?);
        Ok(())
    }

    /// Adds a run and returns its number. `plain` makes it one of the plain sampler, one call a step; with what
    /// [`Pool::state`] returned it goes on from there, with an image it starts from that and noise.
    ///
    /// # Errors
    /// `field` is `seed`, `state` or `image`; it is `shape` where a run does not fit into memory, `seeds` where so many do not.
    pub fn push(
        &mut self,
        seed: f64,
        plain: bool,
        state: Option<Vec<u8>>,
        image: Option<Vec<f32>>,
    ) -> Result<u32, JsValue> {
        let seed = whole("seed", seed, MAX_SAFE)? as u64;
        let sampler = if plain { &self.plain } else { &self.sampler };
        let longest = sampler.longest_window();
        let positions = self.positions + longest;
        let (field, rest) = if self.positions == 0 {
            ("shape", format!("is too large for windows of {longest} steps:"))
        } else {
            ("seeds", "are too many at a time:".to_owned())
        };
        let rows = positions.min(self.rows.max(longest));
        memory::check(field, self.dim, memory::vectors(positions, rows), &rest)?;
        let run = match (state, image) {
            (None, None) => sampler.run(seed, self.dim),
            (None, Some(image)) => {
                if image.len() != self.dim || image.iter().any(|x| !x.is_finite()) {
                    return Err(WebError::of("image", format!("must hold {} finite numbers", self.dim)).into());
                }
                let image: Vec<f64> = image.into_iter().map(f64::from).collect();
                sampler.run_from(seed, sampler.noised(seed, &image))
            }
            (Some(bytes), _) => {
                let state = State::from_bytes(&bytes).map_err(WebError::from)?;
                if state.y().len() != self.dim {
                    return Err(WebError::new("state", "the saved state has other dimensions than shape").into());
                }
                sampler.resume(seed, state).map_err(WebError::from)?
            }
        };
        let run = match self.guidance {
            Some(guidance) => run.guided(guidance),
            None => run,
        };
        let number = self.pool.push(run).map_err(WebError::from)?;
        self.positions = positions;
        Ok(number as u32)
    }

    /// What to compute next, `{sample, timesteps, steps, runs, conditional, drafts}`; `undefined` once all runs have ended. Rows
    /// from number `conditional` on are asked for without their condition.
    pub fn ask(&mut self) -> JsValue {
        let (ticket, batch, drafts) = match self.pool.ask() {
            Ask::Estimate(ticket, batch) => (ticket, batch.clone(), false),
            Ask::Draft(ticket, batch) => (ticket, batch.clone(), true),
            _ => return JsValue::UNDEFINED,
        };
        let question = match &self.guidance {
            Some(guidance) => self.scheduler.question(&guidance.ask(&batch)),
            None => self.scheduler.question(&batch),
        };
        set(&question, "conditional", batch.len() as u32);
        set(&question, "drafts", drafts);
        self.asked = Some(Asked { ticket, batch, drafts });
        question.into()
    }

    /// Draws noise that will be needed next. Nothing has to be called; but a model that computes elsewhere leaves the time for
    /// it.
    #[wasm_bindgen(js_name = drawAhead)]
    pub fn draw_ahead(&mut self) {
        self.pool.draw_ahead();
    }

    /// Goes on with the model's output. Returns `{run, round, preview}` for each run that completed one, and `{run, error}` for
    /// each that an output has stopped.
    ///
    /// # Errors
    /// `field` is `denoise` for an output of another length; the question stays.
    pub fn answer(&mut self, output: &[f32]) -> Result<Array, JsValue> {
        let Some(asked) = &self.asked else {
            return Err(WebError::new("denoise", "nothing was asked").into());
        };
        let estimates = match &self.guidance {
            Some(guidance) => guidance
                .combine(&asked.batch, output)
                .and_then(|guided| self.scheduler.estimates(&asked.batch, &guided)),
            None => self.scheduler.estimates(&asked.batch, output),
        };
        let mut estimates = estimates.map_err(|error| asked.named(&error))?;
        if let Some(mask) = &self.mask {
            mask.apply(&asked.batch, &mut estimates).map_err(|error| asked.named(&error))?;
        }
        let answered = self.pool.answer(asked.ticket, &estimates).map_err(|error| asked.named(&error))?;
        self.asked = None;
        let reported = answered.into_iter().map(|(number, round)| {
            let object = Object::new();
            set(&object, "run", number as u32);
            match round {
                Ok(round) => {
                    self.audit.add(&round);
                    set(&object, "round", columns::outline(&round, self.scheduler.chain()));
                    set(&object, "preview", columns::preview(&round));
                }
                Err(error) => set(&object, "error", JsValue::from(WebError::new("denoise", error.to_string()))),
            }
            JsValue::from(object)
        });
        Ok(reported.collect())
    }

    /// The last committed state of a run: its sample, if it has ended.
    ///
    /// # Errors
    /// `field` is `run`.
    pub fn sample(&self, run: u32) -> Result<Float32Array, JsValue> {
        Ok(columns::image(self.run(run)?.state().y()))
    }

    /// A run's costs, `{calls, draftCalls, rows, tested, accepted}`.
    ///
    /// # Errors
    /// `field` is `run`.
    pub fn costs(&self, run: u32) -> Result<JsValue, JsValue> {
        let costs = self.run(run)?.costs();
        let object = Object::new();
        for (name, count) in [
            ("calls", costs.calls),
            ("draftCalls", costs.draft_calls),
            ("rows", costs.rows),
            ("tested", costs.tested),
            ("accepted", costs.accepted),
        ] {
            set(&object, name, count as f64);
        }
        Ok(object.into())
    }

    /// Sequential calls so far, each for several runs.
    pub fn calls(&self) -> f64 {
        self.pool.costs().calls as f64
    }

    /// A run's state as bytes, for [`Pool::push`].
    ///
    /// # Errors
    /// `field` is `run`.
    pub fn state(&self, run: u32) -> Result<Vec<u8>, JsValue> {
        Ok(self.run(run)?.state().to_bytes())
    }

    /// The committed residuals of all rounds so far, judged; `undefined` where there are too few.
    pub fn audit(&self) -> JsValue {
        statistics(self.audit.statistics())
    }

    fn run(&self, number: u32) -> Result<&Run, WebError> {
        let found = self.pool.run(number as usize);
        found.ok_or_else(|| WebError::new("run", format!("there is no run number {number}")))
    }
}
