//! The steps of diffusers' schedulers.

use super::class::Own;
use super::config::{Clip, SchedulerConfig, Spacing};
use super::error::ConfigError;
use super::estimate::{Estimate, Takes};
use super::levels::{self, Ratios, alphas_cumprod, fractional, timesteps};
use crate::chain::parametrisation::Parametrisation;
use crate::chain::schedule::Level;
use crate::chain::{Step, Variance, multistep};

/// Least deviation of a DDPM step.
const LEAST_DEVIATION: f64 = 1e-10;
/// Deviation of the data for which the boundary conditions of consistency models are written.
const SIGMA_DATA: f64 = 0.5;
/// Where a variance-preserving chain ends.
const CLEAN: Level = Level { t: 0.0, alpha: 1.0, sigma: 0.0 };
/// Weights of the estimate below this share of the signal are rounding: the step's two levels are one.
const LEAST_WEIGHT: f64 = 1e-12;

/// Each step of a class's own sampler with the estimate that it takes, and the deviation of the first state.
pub(super) fn own(config: &SchedulerConfig, steps: usize, eta: f64) -> Result<(Table, f64), ConfigError> {
    let name = config.class.name;
    let refused = |why: &str| {
        let message = format!("{name} {why}; Scheduler::ancestral makes the ancestral chain through its levels");
        Err(ConfigError::new("_class_name", message))
    };
    match config.class.own {
        Own::Ddpm => Ok((ddpm(config, steps)?, 1.0)),
        Own::Ddim => Ok((ddim(config, steps, eta)?, 1.0)),
        Own::EulerAncestral if config.prediction == Parametrisation::X0hat => {
            Err(ConfigError::new("prediction_type", format!("{name} has no \"sample\"")))
        }
        Own::EulerAncestral => euler_ancestral(config, steps),
        Own::FlowEuler if config.stochastic && config.shift.inverted => {
            Err(ConfigError::new("invert_sigmas", "is set beside stochastic_sampling, and diffusers has no such chain"))
        }
        Own::FlowEuler if config.stochastic => Ok((stochastic_flow(config, steps)?, 1.0)),
        Own::Dpm => Ok((dpm(config, steps)?, 1.0)),
        Own::Lcm => Ok((lcm(config, steps)?, 1.0)),
        Own::Tcd => Ok((tcd(config, steps, eta)?, 1.0)),
        Own::FlowLcm => Ok((stochastic_flow(config, steps)?, 1.0)),
        Own::FlowEuler | Own::Solves => refused("adds no noise to its steps, and only noise lets a draft be tested"),
        Own::Twice => refused("calls its model twice a step, and the second call waits for the first"),
        Own::Remembers => refused("has steps of its own kind, which are not supported"),
    }
}

/// The ancestral chain through these levels, which ends clean.
pub(super) fn ancestral(config: &SchedulerConfig, levels: &[Level], eta: f64) -> Table {
    let next = levels[1..].iter().copied().chain([CLEAN]);
    let step = |(&level, next)| (Step::ancestral(level, next, eta), estimate(config, level, Takes::Clipped));
    levels.iter().zip(next).map(step).collect()
}

pub(super) type Table = Vec<(Step, Estimate)>;

fn estimate(config: &SchedulerConfig, level: Level, takes: Takes) -> Estimate {
    let direct = Estimate::direct(level, config.prediction);
    Estimate { negated: config.shift.inverted, clip: config.clip, takes, ..direct }
}

/// Ho et al. 2020, eq. 7.
fn ddpm(config: &SchedulerConfig, steps: usize) -> Result<Table, ConfigError> {
    let variance = config.variance.clone()?;
    let (cumulative, visited) = (alphas_cumprod(config), timesteps(config, steps)?);
    let level = |&t: &usize| Level::from_alpha_cumprod(t as f64, cumulative[t]);
    let next = visited[1..].iter().map(level).chain([CLEAN]);
    let step = |(t, next): (&usize, Level)| {
        let level = level(t);
        let step = Step::ancestral(level, next, 1.0);
        let s = match (t, variance) {
            (0, _) => 0.0,
            (_, Variance::Small) => step.s.max(LEAST_DEVIATION),
            (_, Variance::Large) => {
                let ratio = level.alpha / next.alpha;
                libm::sqrt(1.0 - ratio * ratio)
            }
        };
        (Step { s, ..step }, estimate(config, level, Takes::Clipped))
    };
    Ok(visited.iter().zip(next).map(step).collect())
}

/// Song, Meng & Ermon 2021, eq. 12 and 16. The next level is a fixed number of timesteps on, as in diffusers, also where
/// the spacing visits another one.
fn ddim(config: &SchedulerConfig, steps: usize, eta: f64) -> Result<Table, ConfigError> {
    let (cumulative, visited) = (alphas_cumprod(config), timesteps(config, steps)?);
    let level = |t: usize| Level::from_alpha_cumprod(t as f64, cumulative[t]);
    let last = if config.set_alpha_to_one { CLEAN } else { level(0) };
    let step = |&t: &usize| {
        let next = t.checked_sub(config.timesteps / steps).map_or(last, level);
        let level = level(t);
        let step = Step::ancestral(level, next, eta);
        let (step, takes) = if config.clip == Clip::Nothing {
            (step, Takes::Clipped)
        } else if step.b.abs() > LEAST_WEIGHT * next.alpha {
            (step, Takes::Both { weight: next.alpha / step.b })
        } else {
            (Step::new(level, 0.0, level.alpha, step.s), Takes::Staying)
        };
        (step, estimate(config, level, takes))
    };
    Ok(visited.iter().map(step).collect())
}

/// Song et al. 2021 (score SDE), appendix F, in k-diffusion's form: `sigma` in the place of time.
fn euler_ancestral(config: &SchedulerConfig, steps: usize) -> Result<(Table, f64), ConfigError> {
    let (ratios, visited) = (Ratios::of(config), fractional(config, steps)?);
    let from: Vec<f64> = visited.iter().map(|&t| ratios.at(t)).collect();
    if let Some(k) = from.windows(2).position(|pair| pair[1] > pair[0]) {
        let (now, next) = (from[k], from[k + 1]);
        let message = format!("the noise would rise from {now} to {next} at step {k}: choose fewer steps than {steps}");
        return Err(ConfigError::new("rescale_betas_zero_snr", message));
    }
    let next = from[1..].iter().copied().chain([0.0]);
    let step = |((&t, &from), to): ((&f64, &f64), f64)| {
        let exploding = |sigma| Level { t, alpha: 1.0, sigma };
        let step = Step::ancestral(exploding(from), exploding(to), 1.0);
        // the model sees the variance-preserving state of the same signal to noise
        let level = levels::preserving(t, from);
        (step, Estimate { scale: level.alpha, ..estimate(config, level, Takes::Clipped) })
    };
    let table: Table = visited.iter().zip(&from).zip(next).map(step).collect();
    let first = from[0];
    let start = if config.spacing == Spacing::Leading { libm::hypot(first, 1.0) } else { first };
    Ok((table, start))
}

/// DPM-Solver++(2M) SDE: Lu et al. 2022.
fn dpm(config: &SchedulerConfig, steps: usize) -> Result<Table, ConfigError> {
    let dpm = config.dpm.clone()?;
    let mut levels = levels::visited(config, steps)?;
    levels.push(if dpm.ends_noisy { levels::preserving(0.0, Ratios::of(config).at(0.0)) } else { CLEAN });
    let order = |k: usize| dpm.order.filter(|_| k + 1 < steps || steps >= dpm.first_order_below);
    let steps = multistep::dpmpp(&levels, 1.0, order);
    Ok(steps.into_iter().map(|step| (step, estimate(config, step.level, Takes::Clipped))).collect())
}

/// A flow that draws fresh noise at every step.
fn stochastic_flow(config: &SchedulerConfig, steps: usize) -> Result<Table, ConfigError> {
    let levels = levels::visited(config, steps)?;
    let next = levels[1..].iter().copied().chain([CLEAN]);
    let step = |(&level, next): (&Level, Level)| {
        let step = Step::new(level, 0.0, next.alpha, next.sigma);
        (step, estimate(config, level, Takes::Clipped))
    };
    Ok(levels.iter().zip(next).map(step).collect())
}

/// Luo et al. 2023 (LCM), algorithm 3, with the boundary conditions of Song et al. 2023.
fn lcm(config: &SchedulerConfig, steps: usize) -> Result<Table, ConfigError> {
    let levels = levels::distilled(config, steps)?;
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
fn tcd(config: &SchedulerConfig, steps: usize, gamma: f64) -> Result<Table, ConfigError> {
    let (levels, cumulative) = (levels::distilled(config, steps)?, alphas_cumprod(config));
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
