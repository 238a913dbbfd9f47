//! The tables of diffusers' schedulers: timesteps, and the steps that follow from them.

use super::config::{Class, Clip, SchedulerConfig, Spacing};
use super::error::ConfigError;
use super::estimate::{Estimate, Takes};
use crate::chain::schedule::{Level, shifted};
use crate::chain::{Step, Variance};

/// Least deviation of a DDPM step.
const LEAST_DEVIATION: f64 = 1e-10;
/// Signal that `rescale_betas_zero_snr` leaves to the noisiest level of an Euler scheduler, so that its sigma is finite.
const LEAST_ALPHA_CUMPROD: f64 = 1.0 / (1 << 24) as f64;
/// Where a variance-preserving chain ends.
const CLEAN: Level = Level { t: 0.0, alpha: 1.0, sigma: 0.0 };
/// Weights of the estimate below this are rounding: the step's two levels are one.
const LEAST_WEIGHT: f64 = 1e-12;

/// Products of `1 - beta`.
fn alphas_cumprod(config: &SchedulerConfig) -> Vec<f64> {
    let mut product = 1.0;
    let table: Vec<f64> = config
        .betas
        .iter()
        .map(|beta| {
            product *= 1.0 - beta;
            product
        })
        .collect();
    if !config.zero_snr {
        return table;
    }
    // Lin et al. 2024, algorithm 1: shift the roots so that the last is zero, scale so that the first stays
    let (first, last) = (libm::sqrt(table[0]), libm::sqrt(table[table.len() - 1]));
    let rescaled = table.iter().map(|a| {
        let root = (libm::sqrt(*a) - last) * first / (first - last);
        root * root
    });
    rescaled.collect()
}

/// Whole timesteps, noisy end first.
fn timesteps(config: &SchedulerConfig, steps: usize) -> Result<Vec<usize>, ConfigError> {
    let most = config.timesteps;
    let visited: Vec<usize> = match config.spacing {
        Spacing::Leading => (0..steps).rev().map(|i| i * (most / steps) + config.steps_offset).collect(),
        Spacing::Linspace => {
            let stride = if steps > 1 { (most - 1) as f64 / (steps - 1) as f64 } else { 0.0 };
            (0..steps).rev().map(|i| libm::rint(i as f64 * stride) as usize).collect()
        }
        Spacing::Trailing => {
            let stride = most as f64 / steps as f64;
            (0..steps).map(|i| (libm::rint(most as f64 - i as f64 * stride) as usize).saturating_sub(1)).collect()
        }
    };
    match visited.iter().find(|&&t| t >= most) {
        Some(t) => Err(ConfigError::new(
            "steps_offset",
            format!("is {}: a run of {steps} steps would begin at timestep {t}, of {most}", config.steps_offset),
        )),
        None => Ok(visited),
    }
}

/// Each step with the estimate that it takes, and the deviation of the first state.
pub(super) fn of(config: &SchedulerConfig, steps: usize, eta: f64) -> Result<(Table, f64), ConfigError> {
    Ok(match config.class {
        Class::Ddpm => (ddpm(config, steps)?, 1.0),
        Class::Ddim => (ddim(config, steps, eta)?, 1.0),
        Class::EulerAncestral => euler_ancestral(config, steps)?,
        Class::FlowMatchEuler => (flow(config, steps, eta), 1.0),
    })
}

pub(super) type Table = Vec<(Step, Estimate)>;

fn estimate(config: &SchedulerConfig, level: Level, takes: Takes) -> Estimate {
    Estimate { level, scale: 1.0, kind: config.prediction, clip: config.clip, takes }
}

/// Ho et al. 2020, eq. 7.
fn ddpm(config: &SchedulerConfig, steps: usize) -> Result<Table, ConfigError> {
    let (cumulative, visited) = (alphas_cumprod(config), timesteps(config, steps)?);
    let level = |&t: &usize| Level::from_alpha_cumprod(t as f64, cumulative[t]);
    let next = visited[1..].iter().map(level).chain([CLEAN]);
    let step = |(t, next): (&usize, Level)| {
        let level = level(t);
        let step = Step::ancestral(level, next, 1.0);
        let s = match (t, config.variance) {
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
        } else if step.b.abs() > LEAST_WEIGHT {
            (step, Takes::Both { weight: next.alpha / step.b })
        } else {
            (Step { a: 0.0, b: level.alpha, ..step }, Takes::Staying)
        };
        (step, estimate(config, level, takes))
    };
    Ok(visited.iter().map(step).collect())
}

/// Song et al. 2021 (score SDE), appendix F, in k-diffusion's form: `sigma` in the place of time.
fn euler_ancestral(config: &SchedulerConfig, steps: usize) -> Result<(Table, f64), ConfigError> {
    let mut cumulative = alphas_cumprod(config);
    if config.zero_snr {
        cumulative[config.timesteps - 1] = LEAST_ALPHA_CUMPROD;
    }
    let sigmas: Vec<f64> = cumulative.iter().map(|a| libm::sqrt((1.0 - a) / a)).collect();
    let visited: Vec<f64> = if config.spacing == Spacing::Linspace {
        // not rounded, here
        let stride = if steps > 1 { (config.timesteps - 1) as f64 / (steps - 1) as f64 } else { 0.0 };
        (0..steps).rev().map(|i| i as f64 * stride).collect()
    } else {
        timesteps(config, steps)?.into_iter().map(|t| t as f64).collect()
    };
    let sigma_at = |t: f64| {
        let below = (t as usize).min(sigmas.len() - 1);
        let above = (below + 1).min(sigmas.len() - 1);
        sigmas[below] + (t - below as f64) * (sigmas[above] - sigmas[below])
    };
    let next = visited[1..].iter().map(|&t| sigma_at(t)).chain([0.0]);
    let step = |(&t, to): (&f64, f64)| {
        let from = sigma_at(t);
        let exploding = |sigma| Level { t, alpha: 1.0, sigma };
        let step = Step::ancestral(exploding(from), exploding(to), 1.0);
        // the model sees the variance-preserving state of the same signal to noise
        let scale = 1.0 / libm::hypot(1.0, from);
        let level = Level { t, alpha: scale, sigma: from * scale };
        (step, Estimate { scale, ..estimate(config, level, Takes::Clipped) })
    };
    let table: Table = visited.iter().zip(next).map(step).collect();
    let first = table[0].0.level.sigma;
    let start = if config.spacing == Spacing::Leading { libm::hypot(first, 1.0) } else { first };
    Ok((table, start))
}

/// Levels of a rectified flow. A stochastic scheduler draws fresh noise at every step; any other is an ordinary
/// differential equation, in whose place the ancestral chain through the same levels stands, with noise `eta`.
fn flow(config: &SchedulerConfig, steps: usize, eta: f64) -> Table {
    let shift = |sigma| shifted(sigma, config.shift);
    // diffusers shifts its last sigma when the scheduler is made and all of them when the steps are set
    let last = shift(1.0 / config.timesteps as f64);
    let sigma = |i: usize| if steps > 1 { 1.0 + (last - 1.0) * i as f64 / (steps - 1) as f64 } else { 1.0 };
    let sigmas: Vec<f64> = (0..steps).map(|i| shift(sigma(i))).chain([0.0]).collect();
    let step = |pair: &[f64]| {
        let [now, next] =
            [pair[0], pair[1]].map(|sigma| Level { t: sigma * config.timesteps as f64, ..Level::flow(sigma) });
        let step = if config.stochastic {
            Step { level: now, a: 0.0, b: next.alpha, s: next.sigma }
        } else {
            Step::ancestral(now, next, eta)
        };
        (step, estimate(config, now, Takes::Clipped))
    };
    sigmas.windows(2).map(step).collect()
}
