//! A chain, and the way from a model's output to its estimates.

use super::class::Own;
use super::config::SchedulerConfig;
use super::error::ConfigError;
use super::estimate::Estimate;
use super::{levels, table};
use crate::chain::Chain;
use crate::chain::jumps::{Move, moves};
use crate::chain::parametrisation::Parametrisation;
use crate::chain::schedule::{ChainError, Level, MAX_STEPS, MIN_ETA};
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
    /// The class's own sampler in `steps` steps (diffusers' `num_inference_steps`): DDPM, DDIM, EulerAncestralDiscrete,
    /// DPMSolverMultistep with the algorithm "sde-dpmsolver++", LCM, TCD, FlowMatchLCM, and FlowMatchEulerDiscrete with
    /// `stochastic_sampling`.
    ///
    /// `eta` is the noise of a DDIM or TCD chain, above 0 up to 1: at 0, diffusers' default for DDIM, the chain is an ordinary
    /// differential equation and nothing can be speculated (its default for TCD is 0.3). The others have none: give 1.
    ///
    /// # Errors
    /// [`ConfigError`] naming `steps`, `eta`, or the configuration's field that does not go with them: `_class_name` for a class
    /// whose own steps add no noise, for instance, and [`Scheduler::ancestral`] is what it can be sampled by.
    #[doc(alias = "num_inference_steps")]
    #[doc(alias = "set_timesteps")]
    pub fn new(config: &SchedulerConfig, steps: usize, eta: f64) -> Result<Self, ConfigError> {
        count(config, steps)?;
        let fixed = match config.class.own {
            Own::Ddpm | Own::EulerAncestral | Own::Dpm | Own::Lcm | Own::FlowLcm => true,
            _ => config.stochastic,
        };
        if fixed && eta != 1.0 {
            return Err(ConfigError::new("eta", format!("is {eta}: this scheduler's noise is fixed, leave it at 1")));
        }
        noise(eta)?;
        Self::of(table::own(config, steps, eta)?)
    }

    /// The ancestral chain (DDIM with noise `eta`; `eta = 1` is DDPM) through the levels that a class visits in `steps` steps,
    /// whatever the class does by itself: for models that are usually sampled by a solver of an ordinary differential
    /// equation, or by two calls a step. What is read are betas, prediction type, spacing, offset, zero SNR, clipping, the
    /// sigmas of Karras, Lu, beta and exponential, and a flow's shift; what belongs to the class's own solver is ignored.
    /// States keep the variance, or are a rectified flow's, and the last step leads to a clean one.
    ///
    /// ```
    /// use speculative_diffusion::diffusers::{Scheduler, SchedulerConfig};
    ///
    /// // as Stable Diffusion XL comes
    /// let json = r#"{"_class_name": "EulerDiscreteScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085,
    ///     "beta_end": 0.012, "timestep_spacing": "leading", "steps_offset": 1}"#;
    /// let config = SchedulerConfig::from_json(json)?;
    /// assert_eq!(Scheduler::new(&config, 50, 1.0).unwrap_err().field(), "_class_name");
    /// assert_eq!(Scheduler::ancestral(&config, 50, 1.0)?.chain().len(), 50);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] naming `steps`, `eta`, or the configuration's field that does not go with them; `mu` where a flow needs one
    /// ([`SchedulerConfig::with_mu`]).
    pub fn ancestral(config: &SchedulerConfig, steps: usize, eta: f64) -> Result<Self, ConfigError> {
        count(config, steps)?;
        Self::through(config, levels::visited(config, steps)?, eta)
    }

    /// The ancestral chain through levels of one's own, noisy to clean: values of `sigma / alpha`, as Align Your Steps lists them,
    /// or a flow's times before they are shifted. A 0 at the end may be given or not.
    ///
    /// # Errors
    /// [`ConfigError`] naming `sigmas` or `eta`.
    pub fn ancestral_at_sigmas(config: &SchedulerConfig, sigmas: &[f64], eta: f64) -> Result<Self, ConfigError> {
        let sigmas = sigmas.strip_suffix(&[0.0]).unwrap_or(sigmas);
        let flow = levels::is_flow(config);
        let usable = |sigma: &f64| sigma.is_finite() && *sigma > 0.0 && (!flow || *sigma <= 1.0);
        if !(2..=MAX_STEPS).contains(&sigmas.len()) || !sigmas.iter().all(usable) {
            let message = format!("must be 2 to {MAX_STEPS} numbers above 0, and of a flow at most 1");
            return Err(ConfigError::new("sigmas", message));
        }
        Self::through(config, levels::at(config, sigmas)?, eta)
    }

    /// The ancestral chain through timesteps of one's own, noisy to clean.
    ///
    /// # Errors
    /// [`ConfigError`] naming `timesteps` or `eta`.
    pub fn ancestral_at_timesteps(config: &SchedulerConfig, timesteps: &[f64], eta: f64) -> Result<Self, ConfigError> {
        if !(2..=MAX_STEPS).contains(&timesteps.len()) {
            return Err(ConfigError::new("timesteps", format!("must be 2 to {MAX_STEPS} numbers")));
        }
        Self::through(config, levels::at_timesteps(config, timesteps)?, eta)
    }

    fn through(config: &SchedulerConfig, levels: Vec<Level>, eta: f64) -> Result<Self, ConfigError> {
        noise(eta)?;
        Self::of((table::ancestral(config, &levels, eta), 1.0))
    }

    fn of((table, start): (table::Table, f64)) -> Result<Self, ConfigError> {
        let (steps, estimates) = table.into_iter().unzip();
        Ok(Self { chain: Chain::from_steps(steps, start)?, estimates })
    }

    /// A chain of your own, whose model is given the states as they are and predicts this.
    pub fn from_chain(chain: impl Into<Chain>, prediction: Parametrisation) -> Self {
        let chain = chain.into();
        let estimates = chain.steps().iter().map(|step| Estimate::direct(step.level, prediction)).collect();
        Self { chain, estimates }
    }

    /// The scheduler from step `first` on, for samples that start from an image: of `steps` steps and a strength `s`, diffusers
    /// makes the last `floor(s steps)`. See [`Chain::from_step`].
    ///
    /// # Errors
    /// [`ConfigError`] naming `steps` if fewer than one step is left, or none with noise.
    #[doc(alias = "strength")]
    #[doc(alias = "img2img")]
    pub fn from_step(&self, first: usize) -> Result<Self, ConfigError> {
        let estimates = self.estimates.get(first..).unwrap_or_default().to_vec();
        Ok(Self { chain: self.chain.from_step(first)?, estimates })
    }

    /// The scheduler with jumps back to noisier levels, for samples of which a part is known. See [`Chain::with_jumps`].
    ///
    /// # Errors
    /// [`ConfigError`] naming `jump`, or `steps` where they are too many.
    #[doc(alias = "RePaintScheduler")]
    pub fn with_jumps(&self, jump: usize, visits: usize) -> Result<Self, ConfigError> {
        let chain = self.chain.with_jumps(jump, visits)?;
        let estimate = |to| match to {
            Move::Down(step) => self.estimates[step],
            // the model is not asked there
            Move::Back(_, to) => self.estimates[to],
        };
        let estimates = moves(self.chain.len(), jump, visits)?.into_iter().map(estimate).collect();
        Ok(Self { chain, estimates })
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

fn count(config: &SchedulerConfig, steps: usize) -> Result<(), ConfigError> {
    let most = MAX_STEPS.min(config.timesteps);
    if (2..=most).contains(&steps) {
        Ok(())
    } else {
        Err(ConfigError::new("steps", format!("is {steps}: choose 2 to {most}")))
    }
}

fn noise(eta: f64) -> Result<(), ConfigError> {
    if (MIN_ETA..=1.0).contains(&eta) { Ok(()) } else { Err(ChainError::Eta(eta).into()) }
}
