//! Does a model keep the contract that exactness rests on?

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use speculative_diffusion::Guidance;
use speculative_diffusion::audit::{self, Agreement, Statistics};

use crate::error::Named;
use crate::pool::{Asked, Question, guided, sampler};
use crate::scheduler::Scheduler;

/// Asks the same rows together, again, in another order, and alone.
#[pyclass]
pub(crate) struct Check {
    scheduler: Scheduler,
    guidance: Option<Guidance>,
    check: audit::Check,
    answers: Vec<Vec<f64>>,
}

#[pymethods]
impl Check {
    #[new]
    fn new(scheduler: &Scheduler, settings: (String, String, String), dim: usize, seed: u64) -> Result<Self, Named> {
        let check = audit::Check::new(&sampler(scheduler, &settings)?, dim, seed);
        Ok(Self { scheduler: scheduler.clone(), guidance: None, check, answers: Vec::new() })
    }

    /// Asks rows without their condition too: what must agree are the guided outputs.
    fn guide(&mut self, scale: f64, interval: (f64, f64), rescale: f64) -> Result<(), Named> {
        self.guidance = Some(guided(scale, interval, rescale)?);
        Ok(())
    }

    /// The next question; `None` when all are answered.
    fn ask<'py>(&self, py: Python<'py>) -> PyResult<Option<Question<'py>>> {
        let Some(batch) = self.check.batches().get(self.answers.len()) else { return Ok(None) };
        let (scheduler, guidance) = (&self.scheduler, self.guidance.as_ref());
        Ok(Some(py.detach(|| Asked::new(scheduler, guidance, batch, false)).into_python(py)))
    }

    fn answer(&mut self, output: PyReadonlyArray1<'_, f32>) -> Result<(), Named> {
        let named = |error: &dyn core::fmt::Display| Named::new("denoise", error);
        let batch = self.check.batches().get(self.answers.len()).ok_or_else(|| named(&"nothing was asked"))?;
        let output = output.as_slice().map_err(|error| named(&error))?;
        let scheduler = &self.scheduler.0;
        let estimates = match &self.guidance {
            Some(guidance) => guidance.combine(batch, output).and_then(|guided| scheduler.estimates(batch, &guided)),
            None => scheduler.estimates(batch, output),
        };
        self.answers.push(estimates.map_err(|error| named(&error))?);
        Ok(())
    }

    fn judge<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let checked = self.check.judge(&self.answers).map_err(|error| Named::new("denoise", error))?;
        let object = PyDict::new(py);
        let agreed = |agreement: Agreement| (agreement.worst, agreement.is_exact(), agreement.passed());
        object.set_item("passed", checked.passed())?;
        object.set_item("text", checked.to_string())?;
        object.set_item("repeated", agreed(checked.repeated))?;
        object.set_item("shuffled", agreed(checked.shuffled))?;
        object.set_item("alone", agreed(checked.alone))?;
        Ok(object)
    }
}

/// Residuals that should be standard normal, judged: passed, count, mean, variance, Kolmogorov's statistic, departure, least shift and
/// least spread that would be seen, a sentence; `None` where there are too few. What is not finite was not tested.
#[pyfunction]
#[allow(clippy::type_complexity)]
pub(crate) fn judge(
    residuals: PyReadonlyArray1<'_, f64>,
) -> PyResult<Option<(bool, usize, f64, f64, f64, f64, f64, f64, String)>> {
    let tested: Vec<f64> = residuals.as_slice()?.iter().copied().filter(|x| x.is_finite()).collect();
    Ok(Statistics::of(&tested).map(|s| {
        let (text, seen) = (s.to_string(), (s.least_shift_seen(), s.least_spread_seen()));
        (s.passed(), s.count, s.mean_z, s.variance_z, s.ks, s.departure(), seen.0, seen.1, text)
    }))
}
