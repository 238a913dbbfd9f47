//! A chain, and how a model of the caller's own is asked and understood.

use js_sys::{Float32Array, Float64Array, Object, Uint32Array};
use speculative_diffusion::diffusers::{self, SchedulerConfig};
use speculative_diffusion::{Batch, Chain, ChainError, Guidance, Level, Parametrisation, Step, TargetError};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::columns::set;
use crate::error::WebError;
use crate::number::whole;
use crate::start::init_once;

/// A chain, and the way from a model's output to its clean estimate.
#[wasm_bindgen]
#[derive(Clone)]
pub struct Scheduler(diffusers::Scheduler);

/// Numbers of one step in a table: time, alpha, sigma, A, B, s, C.
const COLUMNS: usize = 7;

#[wasm_bindgen]
impl Scheduler {
    /// Reads the text of diffusers' `scheduler_config.json`.
    ///
    /// # Errors
    /// `field` names the field of the configuration that cannot be used, or is `numInferenceSteps` or `eta`.
    #[wasm_bindgen(js_name = fromConfig)]
    pub fn from_config(json: &str, steps: f64, eta: f64) -> Result<Scheduler, JsValue> {
        init_once();
        let steps = whole("numInferenceSteps", steps, f64::from(u32::MAX))? as usize;
        let config = SchedulerConfig::from_json(json).map_err(named)?;
        Ok(Self(diffusers::Scheduler::new(&config, steps, eta).map_err(named)?))
    }

    /// The ancestral chain through the levels that the class of diffusers visits in so many steps, or through `sigmas` or
    /// `timesteps` that are given. `mu` shifts the times of a flow with `use_dynamic_shifting`.
    ///
    /// # Errors
    /// `field` names the field of the configuration that cannot be used, or is `numInferenceSteps`, `eta`, `mu`, `sigmas` or
    /// `timesteps`.
    pub fn ancestral(
        json: &str,
        steps: f64,
        eta: f64,
        mu: Option<f64>,
        sigmas: Option<Vec<f64>>,
        timesteps: Option<Vec<f64>>,
    ) -> Result<Scheduler, JsValue> {
        init_once();
        let mut config = SchedulerConfig::from_json(json).map_err(named)?;
        if let Some(mu) = mu {
            config = config.with_mu(mu).map_err(named)?;
        }
        let scheduler = match (sigmas, timesteps) {
            (Some(_), Some(_)) => {
                return Err(WebError::new("timesteps", "timesteps: are given beside sigmas: choose one").into());
            }
            (Some(sigmas), None) => diffusers::Scheduler::ancestral_at_sigmas(&config, &sigmas, eta),
            (None, Some(timesteps)) => diffusers::Scheduler::ancestral_at_timesteps(&config, &timesteps, eta),
            (None, None) => {
                let steps = whole("numInferenceSteps", steps, f64::from(u32::MAX))? as usize;
                diffusers::Scheduler::ancestral(&config, steps, eta)
            }
        };
        Ok(Self(scheduler.map_err(named)?))
    }

    /// A chain from its own table: seven numbers a step (time, alpha, sigma, A, B, s, C), whose first state has the standard
    /// deviation `start`. The model predicts `prediction`: "x0", "epsilon", "v_prediction", "flow" or "score".
    ///
    /// # Errors
    /// `field` is `steps`, `start` or `prediction`.
    #[wasm_bindgen(js_name = fromSteps)]
    pub fn from_steps(table: &[f64], start: f64, prediction: &str) -> Result<Scheduler, JsValue> {
        init_once();
        if !table.len().is_multiple_of(COLUMNS) {
            return Err(WebError::of("steps", "must have seven numbers each: t, alpha, sigma, a, b, s, c").into());
        }
        let step =
            |x: &[f64]| Step::new(Level { t: x[0], alpha: x[1], sigma: x[2] }, x[3], x[4], x[5]).remembering(x[6]);
        let steps = table.chunks_exact(COLUMNS).map(step).collect();
        let chain = Chain::from_steps(steps, start).map_err(WebError::from)?;
        Ok(Self(diffusers::Scheduler::from_chain(chain, kind(prediction)?)))
    }

    /// The cosine chain of this project.
    ///
    /// # Errors
    /// `field` is `numInferenceSteps`, `eta` or `prediction`.
    pub fn cosine(steps: f64, eta: f64, prediction: &str) -> Result<Scheduler, JsValue> {
        init_once();
        let steps = whole("numInferenceSteps", steps, f64::from(u32::MAX))? as usize;
        let named = |error: ChainError| match error {
            ChainError::Steps(_) => in_diffusers_words(&error),
            _ => error.into(),
        };
        let chain = Chain::cosine(steps, eta).map_err(named)?;
        Ok(Self(diffusers::Scheduler::from_chain(chain, kind(prediction)?)))
    }

    /// The last so many steps, for samples that start from an image.
    ///
    /// # Errors
    /// `field` is `steps` if none of those has noise.
    pub fn last(&self, count: u32) -> Result<Scheduler, JsValue> {
        let first = self.chain().len().saturating_sub(count as usize);
        Ok(Self(self.0.from_step(first).map_err(WebError::from)?))
    }

    /// The same with jumps back to noisier levels, for samples of which a part is known.
    ///
    /// # Errors
    /// `field` is `jump` or `visits`, or `steps` where they are too many.
    #[wasm_bindgen(js_name = withJumps)]
    pub fn with_jumps(&self, jump: f64, visits: f64) -> Result<Scheduler, JsValue> {
        let jump = whole("jump", jump, f64::from(u32::MAX))? as usize;
        let visits = whole("visits", visits, f64::from(u32::MAX))? as usize;
        Ok(Self(self.0.with_jumps(jump, visits).map_err(WebError::from)?))
    }

    /// The chain as a table, as [`Scheduler::from_steps`] takes it.
    pub fn table(&self) -> Float64Array {
        let numbers = |s: &Step| [s.level.t, s.level.alpha, s.level.sigma, s.a, s.b, s.s, s.c];
        Float64Array::from(self.chain().steps().iter().flat_map(numbers).collect::<Vec<f64>>().as_slice())
    }

    /// Standard deviation of the first state.
    pub fn start(&self) -> f64 {
        self.chain().start()
    }
}

fn named(error: diffusers::ConfigError) -> WebError {
    match error.field() {
        "steps" => in_diffusers_words(&error),
        _ => WebError::from(error),
    }
}

impl Scheduler {
    pub(crate) fn chain(&self) -> &Chain {
        self.0.chain()
    }

    /// What the model is asked: `{sample, timesteps, steps, runs}`.
    pub(crate) fn question(&self, batch: &Batch) -> Object {
        let (sample, _) = self.0.inputs(batch);
        let times: Vec<f64> = batch.rows.iter().map(|row| row.level.t).collect();
        let indices = |of: &dyn Fn(&speculative_diffusion::Row) -> usize| {
            Uint32Array::from(batch.rows.iter().map(|row| of(row) as u32).collect::<Vec<u32>>().as_slice())
        };
        let question = Object::new();
        set(&question, "sample", Float32Array::from(sample.as_slice()));
        set(&question, "timesteps", Float64Array::from(times.as_slice()));
        set(&question, "steps", indices(&|row| row.step));
        set(&question, "runs", indices(&|row| row.run));
        question
    }

    /// The clean estimates that follow from the model's output.
    pub(crate) fn estimates<T: Copy + Into<f64>>(&self, batch: &Batch, output: &[T]) -> Result<Vec<f64>, TargetError> {
        self.0.estimates(batch, output)
    }
}

/// Guidance of these numbers, if they can be.
pub(crate) fn guided(scale: f64, least: f64, most: f64, rescale: f64) -> Result<Guidance, WebError> {
    if !(scale.is_finite() && 0.0 <= least && least <= most && (0.0..=1.0).contains(&rescale)) {
        let message =
            "must have a finite scale, an interval from a least to a most sigma/alpha, and a rescale of 0 to 1";
        return Err(WebError::of("guidance", message));
    }
    Ok(Guidance::new(scale).within(least, most).rescaled(rescale))
}

fn kind(name: &str) -> Result<Parametrisation, WebError> {
    Ok(name.parse::<Parametrisation>()?)
}

/// An error about the number of steps, which diffusers has another word for.
fn in_diffusers_words(error: &dyn core::fmt::Display) -> WebError {
    WebError::new("numInferenceSteps", error.to_string().replacen("steps", "numInferenceSteps", 1))
}
