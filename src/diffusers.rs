//! Chains of the diffusers library: its `scheduler_config.json`, read into a [`Chain`](crate::Chain) and into the way from a model's
//! output to a clean estimate.
//!
//! [`Scheduler::new`] makes the sampler of DDPM, DDIM, EulerAncestralDiscrete, a stochastic DPMSolverMultistep and a stochastic
//! FlowMatchEulerDiscrete, in all settings whose steps are Gaussian with a deviation that does not depend on the state.
//! [`Scheduler::ancestral`] makes the ancestral chain through the levels of 22 classes, whatever they do by themselves.
//! Everything else is refused by the name of its field. Means and deviations are those of diffusers 0.42 with its tables in
//! `f64`; `tests/golden/schedulers.json` holds them.

mod betas;
mod class;
mod config;
mod error;
mod estimate;
mod fields;
mod levels;
mod scheduler;
mod table;

pub use self::config::SchedulerConfig;
pub use self::error::ConfigError;
pub use self::scheduler::Scheduler;
