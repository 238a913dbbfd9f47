//! A chain, and the way from a model's output to its estimates.

use super::config::{Class, SchedulerConfig};
use super::error::ConfigError;
use super::estimate::Estimate;
use super::table;
use crate::chain::Chain;
use crate::chain::schedule::{ChainError, MAX_STEPS, MIN_ETA};
use crate::target::{Batch, TargetError};

/// A chain, and how a model of it is asked and understood.
///
/// ```
/// use speculative_diffusion::{Ask, Sampler, Settings};
/// use speculative_diffusion::diffusers::{Scheduler, SchedulerConfig};
///
/// // stands for a model of yours: scaled states and timesteps in, the kind of output out that the configuration names
/// fn model(input: &[f32], timesteps: &[f32]) -> Vec<f32> {
///     assert_eq!(input.len(), 3 * timesteps.len());
///     input.iter().map(|x| 0.9 * x).collect()
/// }
///
/// let json = r#"{"_class_name": "DDPMScheduler", "beta_schedule": "linear", "prediction_type": "epsilon"}"#;
/// let scheduler = Scheduler::new(&SchedulerConfig::from_json(json)?, 50, 1.0)?;
/// let sampler = Sampler::new(&scheduler, Settings::default())?;
/// let mut run = sampler.run(7, 3);
/// while let Ask::Estimate(ticket, batch) = run.ask() {
///     let (input, timesteps) = scheduler.inputs(batch);
///     let output = model(&input, &timesteps);
///     let x0hat = scheduler.estimates(batch, &output)?;
///     run.answer(ticket, &x0hat)?;
/// }
/// println!("{} calls instead of 50", run.costs().calls);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "DDIMScheduler")]
#[doc(alias = "DDPMScheduler")]
#[doc(alias = "EulerAncestralDiscreteScheduler")]
#[doc(alias = "FlowMatchEulerDiscreteScheduler")]
#[derive(Clone, Debug)]
pub struct Scheduler {
    chain: Chain,
    /// One for each step.
    estimates: Vec<Estimate>,
}

impl From<&Scheduler> for Chain {
    fn from(scheduler: &Scheduler) -> Self {
        scheduler.chain.clone()
    }
}

impl Scheduler {
    /// The scheduler for a run of `steps` steps (diffusers' `num_inference_steps`).
    ///
    /// FlowMatchEuler's own steps have no noise, unless it is stochastic: in their place stands the ancestral chain through
    /// the same levels.
    ///
    /// `eta` is the noise of a DDIM or flow chain, above 0 up to 1: at 0, diffusers' default, the chain is an ordinary
    /// differential equation and nothing can be speculated. DDPM, EulerAncestral and a stochastic flow have none: give 1.
    ///
    /// # Errors
    /// [`ConfigError`] naming `steps`, `eta`, or the configuration's field that does not go with them.
    #[doc(alias = "num_inference_steps")]
    #[doc(alias = "set_timesteps")]
    pub fn new(config: &SchedulerConfig, steps: usize, eta: f64) -> Result<Self, ConfigError> {
        let most = MAX_STEPS.min(config.timesteps);
        if !(2..=most).contains(&steps) {
            return Err(ConfigError::new("steps", format!("is {steps}: choose 2 to {most}")));
        }
        let fixed = matches!(config.class, Class::Ddpm | Class::EulerAncestral) || config.stochastic;
        if fixed && eta != 1.0 {
            return Err(ConfigError::new("eta", format!("is {eta}: this scheduler's noise is fixed, leave it at 1")));
        }
        if !(MIN_ETA..=1.0).contains(&eta) {
            return Err(ChainError::Eta(eta).into());
        }
        let (table, start) = table::of(config, steps, eta)?;
        let (steps, estimates) = table.into_iter().unzip();
        Ok(Self { chain: Chain::from_steps(steps, start)?, estimates })
    }

    /// The chain.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// What the model is given of each row: the states, scaled as the scheduler's `scale_model_input` does.
    ///
    /// # Shapes
    /// As [`Batch::states`].
    ///
    /// # Panics
    /// If a row's step is none of this chain's.
    #[doc(alias = "scale_model_input")]
    pub fn input(&self, batch: &Batch) -> Vec<f64> {
        batch.iter().flat_map(|(row, y)| y.iter().map(|y| self.estimates[row.step].input(*y))).collect()
    }

    /// The timestep of each row, in the model's own units.
    pub fn timesteps(&self, batch: &Batch) -> Vec<f64> {
        batch.rows.iter().map(|row| row.level.t).collect()
    }

    /// As [`Scheduler::input`] and [`Scheduler::timesteps`], for a model of `f32`: each number is read once and written once.
    ///
    /// # Panics
    /// If a row's step is none of this chain's.
    pub fn inputs(&self, batch: &Batch) -> (Vec<f32>, Vec<f32>) {
        let mut input = Vec::with_capacity(batch.states.len());
        for (row, y) in batch.iter() {
            let estimate = &self.estimates[row.step];
            input.extend(y.iter().map(|y| estimate.input(*y) as f32));
        }
        (input, batch.rows.iter().map(|row| row.level.t as f32).collect())
    }

    /// The clean estimates that follow from the model's outputs, `f32` or `f64`, clipped or thresholded as the configuration
    /// says.
    ///
    /// # Shapes
    /// `outputs` and the result are as long as [`Batch::states`].
    ///
    /// # Errors
    /// [`TargetError::Shape`] for more or fewer numbers.
    ///
    /// # Panics
    /// If a row's step is none of this chain's.
    pub fn estimates<T: Copy + Into<f64>>(&self, batch: &Batch, outputs: &[T]) -> Result<Vec<f64>, TargetError> {
        TargetError::check(batch.states.len(), outputs.len())?;
        let mut estimates = Vec::with_capacity(outputs.len());
        for (row, y) in batch.iter() {
            let output = &outputs[estimates.len()..][..y.len()];
            self.estimates[row.step].append(y, output, &mut estimates);
        }
        Ok(estimates)
    }
}
