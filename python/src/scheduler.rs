//! A chain, and how a model of it is asked and understood.

use numpy::{
    IntoPyArray as _, PyArray1, PyArray2, PyArrayMethods as _, PyReadonlyArray1, PyReadonlyArray2,
    PyUntypedArrayMethods as _, ToPyArray as _,
};
use pyo3::prelude::*;
use speculative_diffusion::diffusers::{self, SchedulerConfig};
use speculative_diffusion::{Chain, Churn, Level, Parametrisation, SecondOrder, Step, schedule};

use crate::error::Named;

/// Numbers of a step in a table: t, alpha, sigma, a, b, s, c.
const COLUMNS: usize = 7;

/// A chain, and the way from a model's output to its clean estimate.
#[pyclass(frozen)]
#[derive(Clone)]
pub(crate) struct Scheduler(pub(crate) diffusers::Scheduler);

impl Scheduler {
    fn of_chain(chain: Chain, prediction: &str) -> Result<Self, Named> {
        Ok(Self(diffusers::Scheduler::from_chain(chain, prediction.parse::<Parametrisation>()?)))
    }

    pub(crate) fn chain(&self) -> &Chain {
        self.0.chain()
    }
}

#[pymethods]
impl Scheduler {
    #[staticmethod]
    fn from_config(json: &str, steps: usize, eta: f64) -> Result<Self, Named> {
        Ok(Self(diffusers::Scheduler::new(&SchedulerConfig::from_json(json)?, steps, eta)?))
    }

    #[staticmethod]
    fn ancestral(
        json: &str,
        steps: Option<usize>,
        eta: f64,
        mu: Option<f64>,
        sigmas: Option<Vec<f64>>,
        timesteps: Option<Vec<f64>>,
    ) -> Result<Self, Named> {
        let mut config = SchedulerConfig::from_json(json)?;
        if let Some(mu) = mu {
            config = config.with_mu(mu)?;
        }
        let scheduler = match (steps, sigmas, timesteps) {
            (Some(steps), None, None) => diffusers::Scheduler::ancestral(&config, steps, eta),
            (None, Some(sigmas), None) => diffusers::Scheduler::ancestral_at_sigmas(&config, &sigmas, eta),
            (None, None, Some(timesteps)) => diffusers::Scheduler::ancestral_at_timesteps(&config, &timesteps, eta),
            _ => {
                let message = "give one of num_inference_steps, sigmas and timesteps";
                return Err(Named::new("num_inference_steps", message));
            }
        };
        Ok(Self(scheduler?))
    }

    #[staticmethod]
    fn from_steps(table: PyReadonlyArray2<'_, f64>, start: f64, prediction: &str) -> Result<Self, Named> {
        if table.shape()[1] != COLUMNS {
            return Err(Named::new("steps", "steps must have seven numbers each: t, alpha, sigma, a, b, s, c"));
        }
        let step =
            |x: &[f64]| Step::new(Level { t: x[0], alpha: x[1], sigma: x[2] }, x[3], x[4], x[5]).remembering(x[6]);
        let numbers = table.as_slice().map_err(|error| Named::new("steps", error))?;
        let named = |error: speculative_diffusion::ChainError| Named::new(error.field(), &error);
        let chain = Chain::from_steps(numbers.chunks_exact(COLUMNS).map(step).collect(), start).map_err(named)?;
        Self::of_chain(chain, prediction)
    }

    #[staticmethod]
    fn cosine(steps: usize, eta: f64, prediction: &str) -> Result<Self, Named> {
        Self::of_chain(Chain::cosine(steps, eta)?, prediction)
    }

    #[staticmethod]
    fn langevin(steps: usize, gamma: f64) -> Result<Self, Named> {
        // the model's output is the gradient, which stands where an estimate would
        Self::of_chain(Chain::langevin(steps, gamma)?, "x0")
    }

    #[staticmethod]
    fn edm(
        sigmas: PyReadonlyArray1<'_, f64>,
        gamma: f64,
        range: (f64, f64),
        noise_scale: f64,
        step_scale: f64,
        prediction: &str,
    ) -> Result<Self, Named> {
        let churn = Churn::new(gamma).within(range.0, range.1).noise_scale(noise_scale).step_scale(step_scale);
        let sigmas = sigmas.as_slice().map_err(|error| Named::new("sigmas", error))?;
        Self::of_chain(Chain::edm(sigmas, churn).map_err(sigmas_named)?, prediction)
    }

    #[staticmethod]
    fn dpmpp_2m_sde(
        sigmas: PyReadonlyArray1<'_, f64>,
        eta: f64,
        solver: &str,
        prediction: &str,
    ) -> Result<Self, Named> {
        let order = match solver {
            "midpoint" => SecondOrder::Midpoint,
            "heun" => SecondOrder::Heun,
            _ => return Err(Named::new("solver_type", format!("solver_type is {solver:?}: choose midpoint or heun"))),
        };
        let sigmas = sigmas.as_slice().map_err(|error| Named::new("sigmas", error))?;
        let levels: Vec<Level> = sigmas.iter().map(|&sigma| Level::from_sigma(sigma)).collect();
        Self::of_chain(Chain::dpmpp_2m_sde(&levels, eta, order).map_err(sigmas_named)?, prediction)
    }

    /// The last so many steps.
    fn last(&self, count: usize) -> Result<Self, Named> {
        let first = self.chain().len().saturating_sub(count);
        Ok(Self(self.0.from_step(first).map_err(|error| Named::new("strength", error))?))
    }

    fn with_jumps(&self, jump: usize, visits: usize) -> Result<Self, Named> {
        Ok(Self(self.0.with_jumps(jump, visits)?))
    }

    /// [K, 7]: t, alpha, sigma, a, b, s, c.
    fn table<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let numbers = |s: &Step| [s.level.t, s.level.alpha, s.level.sigma, s.a, s.b, s.s, s.c];
        let all: Vec<f64> = self.chain().steps().iter().flat_map(numbers).collect();
        all.to_pyarray(py).reshape([self.chain().len(), COLUMNS])
    }

    #[getter]
    fn start(&self) -> f64 {
        self.chain().start()
    }

    /// Calls of the plain sampler.
    #[getter]
    fn calls(&self) -> usize {
        self.chain().calls()
    }
}

#[pyfunction]
pub(crate) fn karras(
    py: Python<'_>,
    steps: usize,
    most: f64,
    least: f64,
    rho: f64,
) -> PyResult<Bound<'_, PyArray1<f64>>> {
    let levels = schedule::karras(steps, most, least, rho).map_err(|error| Named::new(error.field(), &error))?;
    let mut sigmas: Vec<f64> = levels.iter().map(|level| level.sigma).collect();
    // the end is given or not; here it is not
    sigmas.truncate(steps);
    Ok(sigmas.into_pyarray(py))
}

/// Levels that were made of sigmas.
fn sigmas_named(error: speculative_diffusion::ChainError) -> Named {
    let field = if error.field() == "levels" { "sigmas" } else { error.field() };
    Named::new(field, &error)
}
