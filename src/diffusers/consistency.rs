//! Chains of consistency models: each step leads from the clean estimate straight to the next level.

use super::config::{Clip, SchedulerConfig};
use super::error::ConfigError;
use super::estimate::{Estimate, Takes};
use super::fields::Fields;
use super::levels::alphas_cumprod;
use super::table::{Table, estimate};
use crate::chain::Step;
use crate::chain::schedule::Level;

/// Deviation of the data for which the boundary conditions are written.
const SIGMA_DATA: f64 = 0.5;

/// What these classes read of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Consistency {
    /// Timesteps that the model was distilled at, of which a run visits some.
    steps: usize,
    scaling: f64,
}

impl Consistency {
    pub(super) fn read(fields: &Fields) -> Result<Self, ConfigError> {
        Ok(Self {
            steps: fields.whole("original_inference_steps", 50, 1..=usize::MAX)?,
            scaling: fields.positive("timestep_scaling", 10.0)?,
        })
    }

    /// The levels of a run, noisy end first.
    fn levels(self, config: &SchedulerConfig, steps: usize) -> Result<Vec<Level>, ConfigError> {
        if !(steps..=config.timesteps).contains(&self.steps) {
            let message = format!(
                "is {}: a run of {steps} steps visits so many of them, and there are {} timesteps",
                self.steps, config.timesteps
            );
            return Err(ConfigError::new("original_inference_steps", message));
        }
        let cumulative = alphas_cumprod(config);
        let (apart, stride) = (config.timesteps / self.steps, self.steps as f64 / steps as f64);
        let level = |i: usize| {
            let t = (self.steps - (i as f64 * stride) as usize) * apart - 1;
            Level::from_alpha_cumprod(t as f64, cumulative[t])
        };
        Ok((0..steps).map(level).collect())
    }
}

/// Luo et al. 2023 (LCM), algorithm 3, with the boundary conditions of Song et al. 2023.
pub(super) fn lcm(config: &SchedulerConfig, steps: usize) -> Result<Table, ConfigError> {
    let levels = config.consistency.levels(config, steps)?;
    let step = |(k, &level): (usize, &Level)| {
        let (alpha, s) = levels.get(k + 1).map_or((1.0, 0.0), |next| (next.alpha, next.sigma));
        let time = level.t * config.consistency.scaling;
        let square = time * time + SIGMA_DATA * SIGMA_DATA;
        let (skip, out) = (SIGMA_DATA * SIGMA_DATA / square, time / libm::sqrt(square));
        (Step::new(level, alpha * skip, alpha * out, s), estimate(config, level, Takes::Clipped))
    };
    Ok(levels.iter().enumerate().map(step).collect())
}

/// Zheng et al. 2024 (TCD), algorithm 4: `gamma` of the way to the next level is gone without noise, and the rest as the forward
/// process goes.
pub(super) fn tcd(config: &SchedulerConfig, steps: usize, gamma: f64) -> Result<Table, ConfigError> {
    let (levels, cumulative) = (config.consistency.levels(config, steps)?, alphas_cumprod(config));
    let step = |(k, &level): (usize, &Level)| {
        let next = levels.get(k + 1);
        // in single precision, as diffusers counts
        let through = next.map_or(0, |next| ((1.0 - gamma) as f32 * next.t as f32) as usize);
        let Level { alpha, sigma, .. } = Level::from_alpha_cumprod(through as f64, cumulative[through]);
        let kept = next.map_or(1.0, |next| next.alpha / alpha);
        let a = sigma / level.sigma;
        let step = Step::new(level, kept * a, kept * (alpha - a * level.alpha), libm::sqrt(1.0 - kept * kept));
        // no clipping is read
        (step, Estimate { clip: Clip::Nothing, ..estimate(config, level, Takes::Clipped) })
    };
    Ok(levels.iter().enumerate().map(step).collect())
}
