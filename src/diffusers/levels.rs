//! The levels that a class visits, noisy end first: timesteps of training, and signal and noise there.

use super::class::{Grid, Own};
use super::config::{SchedulerConfig, Shift, Sigmas, Spacing};
use super::error::ConfigError;
use crate::chain::schedule::{Level, between, shifted};

/// Signal that `rescale_betas_zero_snr` leaves to the noisiest level where levels are counted in sigma, which stays finite so.
const LEAST_ALPHA_CUMPROD: f64 = 1.0 / (1 << 24) as f64;
/// Signal that UniPC leaves to the first level of a flow.
const LEAST_SIGNAL: f64 = 1e-6;
/// Karras et al. 2022.
const RHO: f64 = 7.0;

/// Products of `1 - beta`.
pub(super) fn alphas_cumprod(config: &SchedulerConfig) -> Vec<f64> {
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

/// Whole timesteps.
pub(super) fn timesteps(config: &SchedulerConfig, steps: usize) -> Result<Vec<usize>, ConfigError> {
    // a solver leaves out the cleanest of one more
    let solver = usize::from(config.class.grid == Grid::Solver);
    let count = steps + solver;
    let clipped = clipped(config);
    let most = config.timesteps - clipped;
    let visited: Vec<usize> = match config.spacing {
        Spacing::Leading => (solver..count).rev().map(|i| i * (most / count) + config.steps_offset).collect(),
        Spacing::Linspace => {
            let stride = if count > 1 { most.saturating_sub(1) as f64 / (count - 1) as f64 } else { 0.0 };
            (solver..count).rev().map(|i| libm::rint(i as f64 * stride) as usize).collect()
        }
        Spacing::Trailing => {
            let from = most as f64;
            // the difference of the first two, as numpy's arange steps
            let stride = from - (from - config.timesteps as f64 / steps as f64);
            (0..steps).map(|i| (libm::rint(from - i as f64 * stride) as usize).saturating_sub(1)).collect()
        }
    };
    let twice = visited.windows(2).any(|pair| pair[1] >= pair[0]);
    if clipped > 0 && (twice || visited.iter().any(|&t| t >= most)) {
        let message = format!("leaves {most} timesteps of {}: choose fewer steps than {steps}", config.timesteps);
        return Err(ConfigError::new("lambda_min_clipped", message));
    }
    match visited.iter().find(|&&t| t >= config.timesteps) {
        Some(t) => Err(ConfigError::new(
            "steps_offset",
            format!("is {}: a run of {steps} steps would begin at timestep {t}, of {most}", config.steps_offset),
        )),
        None if twice => Err(ConfigError::new("steps", format!("is {steps}: a timestep would be visited twice"))),
        None => Ok(visited),
    }
}

/// How many of the noisiest timesteps have less signal than `lambda_min_clipped`.
fn clipped(config: &SchedulerConfig) -> usize {
    let lambda = |a: &f64| 0.5 * libm::log(a / (1.0 - a));
    alphas_cumprod(config).iter().filter(|a| lambda(a) < config.lambda_min).count().min(config.timesteps - 1)
}

/// The levels of a run of LCM or TCD.
pub(super) fn distilled(config: &SchedulerConfig, steps: usize) -> Result<Vec<Level>, ConfigError> {
    if !(steps..=config.timesteps).contains(&config.consistency.steps) {
        let message = format!(
            "is {}: a run of {steps} steps visits so many of them, and there are {} timesteps",
            config.consistency.steps, config.timesteps
        );
        return Err(ConfigError::new("original_inference_steps", message));
    }
    let cumulative = alphas_cumprod(config);
    let (apart, stride) = (config.timesteps / config.consistency.steps, config.consistency.steps as f64 / steps as f64);
    let level = |i: usize| {
        let t = (config.consistency.steps - (i as f64 * stride) as usize) * apart - 1;
        Level::from_alpha_cumprod(t as f64, cumulative[t])
    };
    Ok((0..steps).map(level).collect())
}

/// `sigma / alpha` of every timestep of training, and between them.
pub(super) struct Ratios(Vec<f64>);

impl Ratios {
    pub(super) fn of(config: &SchedulerConfig) -> Self {
        let mut cumulative = alphas_cumprod(config);
        if config.zero_snr {
            cumulative[config.timesteps - 1] = LEAST_ALPHA_CUMPROD;
        }
        Self(cumulative.iter().map(|a| libm::sqrt((1.0 - a) / a)).collect())
    }

    /// At a timestep that need not be whole.
    pub(super) fn at(&self, t: f64) -> f64 {
        let last = self.0.len() - 1;
        let below = (t as usize).min(last);
        let above = (below + 1).min(last);
        self.0[below] + (t - below as f64) * (self.0[above] - self.0[below])
    }

    /// The timestep of a ratio, between two of training in its logarithm.
    fn timestep(&self, sigma: f64) -> f64 {
        let log = |sigma: f64| libm::log(sigma.max(1e-10));
        let below = self.0.iter().rposition(|known| *known <= sigma).unwrap_or(0).min(self.0.len().saturating_sub(2));
        let [low, high] = [below, below + 1].map(|i| log(self.0[i.min(self.0.len() - 1)]));
        let share = if low == high { 0.0 } else { ((low - log(sigma)) / (low - high)).clamp(0.0, 1.0) };
        (1.0 - share) * below as f64 + share * (below + 1) as f64
    }
}

/// A level of a network that keeps the variance, from `sigma / alpha`.
pub(super) fn preserving(t: f64, ratio: f64) -> Level {
    let alpha = 1.0 / libm::hypot(1.0, ratio);
    Level { t, alpha, sigma: ratio * alpha }
}

/// The timesteps that a class counted in sigma visits; between whole ones where they are spaced evenly.
pub(super) fn fractional(config: &SchedulerConfig, steps: usize) -> Result<Vec<f64>, ConfigError> {
    if config.class.grid == Grid::Sigmas && config.spacing == Spacing::Linspace {
        let stride = if steps > 1 { (config.timesteps - 1) as f64 / (steps - 1) as f64 } else { 0.0 };
        return Ok((0..steps).rev().map(|i| i as f64 * stride).collect());
    }
    Ok(timesteps(config, steps)?.into_iter().map(|t| t as f64).collect())
}

/// The levels that a class visits in so many steps, from where one more leads to the sample.
pub(super) fn visited(config: &SchedulerConfig, steps: usize) -> Result<Vec<Level>, ConfigError> {
    let levels = match (config.class.grid, config.sigmas) {
        (Grid::Flow, _) => flow(config, &even(config, steps))?,
        (_, Sigmas::Flow) => flow(config, &solver_s(config, steps))?,
        (Grid::Timesteps, _) => {
            let cumulative = alphas_cumprod(config);
            let level = |t: usize| Level::from_alpha_cumprod(t as f64, cumulative[t]);
            timesteps(config, steps)?.into_iter().map(level).collect()
        }
        (Grid::Sigmas | Grid::Solver, Sigmas::Spaced) => {
            let ratios = Ratios::of(config);
            fractional(config, steps)?.into_iter().map(|t| preserving(t, ratios.at(t))).collect()
        }
        (Grid::Sigmas | Grid::Solver, _) => {
            let ratios = Ratios::of(config);
            if ratios.0.windows(2).any(|pair| pair[1] < pair[0]) {
                let message =
                    "leaves the noisiest timestep less noise than the one before: a sigma would have two timesteps";
                return Err(ConfigError::new("rescale_betas_zero_snr", message));
            }
            let ends = match config.class.grid {
                Grid::Solver => [ratios.0[0], ratios.0[config.timesteps - 1]],
                _ => {
                    let visited = fractional(config, steps)?;
                    [ratios.at(visited[steps - 1]), ratios.at(visited[0])]
                }
            };
            at_ratios(config, &ratios, &spread(config, ends, steps))
        }
    };
    falling(config, levels)
}

/// The levels at these values of `sigma / alpha`, or of a flow's time before it is shifted.
pub(super) fn at(config: &SchedulerConfig, sigmas: &[f64]) -> Result<Vec<Level>, ConfigError> {
    falling(
        config,
        if is_flow(config) { flow(config, sigmas)? } else { at_ratios(config, &Ratios::of(config), sigmas) },
    )
}

/// The levels at these timesteps of training, which need not be whole.
pub(super) fn at_timesteps(config: &SchedulerConfig, timesteps: &[f64]) -> Result<Vec<Level>, ConfigError> {
    let most = (config.timesteps - 1) as f64;
    if let Some(t) = timesteps.iter().find(|t| !(0.0..=most).contains(*t)) {
        return Err(ConfigError::new("timesteps", format!("holds {t}: choose 0 to {most}")));
    }
    if is_flow(config) {
        return Err(ConfigError::new("timesteps", "of a flow follow from its sigmas: give those"));
    }
    let cumulative = alphas_cumprod(config);
    let ratios = Ratios::of(config);
    let whole = |t: f64| config.class.grid == Grid::Timesteps && t.fract() == 0.0;
    let level = |&t: &f64| {
        if whole(t) { Level::from_alpha_cumprod(t, cumulative[t as usize]) } else { preserving(t, ratios.at(t)) }
    };
    falling(config, timesteps.iter().map(level).collect())
}

/// Whether the levels are a rectified flow's.
pub(super) fn is_flow(config: &SchedulerConfig) -> bool {
    config.class.grid == Grid::Flow || config.sigmas == Sigmas::Flow
}

fn at_ratios(config: &SchedulerConfig, ratios: &Ratios, sigmas: &[f64]) -> Vec<Level> {
    let rounded = |t: f64| match (config.class.grid, config.sigmas) {
        (Grid::Solver, Sigmas::Karras | Sigmas::Lu) => {
            let keeps = config.class.name == "DPMSolverMultistepScheduler" && config.cosine;
            if keeps { libm::trunc(t) } else { libm::rint(t) }
        }
        // its tensor of timesteps holds whole numbers
        (Grid::Solver, _) => libm::trunc(t),
        (Grid::Sigmas, Sigmas::Karras) if config.class.name.starts_with("KDPM2") => libm::rint(t),
        _ => t,
    };
    sigmas.iter().map(|&sigma| preserving(rounded(ratios.timestep(sigma)), sigma)).collect()
}

/// So many values from the largest of a range to the smallest, spread as the configuration says.
fn spread(config: &SchedulerConfig, ends: [f64; 2], steps: usize) -> Vec<f64> {
    let [least, most] = [config.range[0].unwrap_or(ends[0]), config.range[1].unwrap_or(ends[1])];
    let share = |k: usize| if steps > 1 { k as f64 / (steps - 1) as f64 } else { 0.0 };
    let sigma = |k: usize| match config.sigmas {
        Sigmas::Karras => between(most, least, RHO, share(k)),
        Sigmas::Beta => least + beta_quantile(1.0 - share(k)) * (most - least),
        Sigmas::Exponential | Sigmas::Lu | Sigmas::Spaced | Sigmas::Flow => {
            libm::exp(libm::log(most) + share(k) * (libm::log(least) - libm::log(most)))
        }
    };
    (0..steps).map(sigma).collect()
}

/// The quantile of the beta distribution with both parameters 0.6 ("Beta Sampling is All You Need", arXiv 2407.12173).
fn beta_quantile(share: f64) -> f64 {
    const AB: f64 = 0.6;
    if share > 0.5 {
        return 1.0 - beta_quantile(1.0 - share);
    }
    // the share below x is x^a / B(a, b) times this series, which hardly changes up to 1/2: solved for x again and again
    let series = |x: f64| {
        let (mut term, mut sum) = (1.0, 1.0 / AB);
        for n in 1..80 {
            let n = f64::from(n);
            term *= (n - AB) * x / n;
            sum += term / (AB + n);
        }
        sum
    };
    let whole = libm::tgamma(AB) * libm::tgamma(AB) / libm::tgamma(2.0 * AB);
    (0..40).fold(0.0, |x, _| libm::pow(share * whole / series(x), 1.0 / AB))
}

/// A flow's times before they are shifted: FlowMatch classes count from the whole of the noise to the least of training.
fn even(config: &SchedulerConfig, steps: usize) -> Vec<f64> {
    let Shift { factor, dynamic, .. } = config.shift;
    let least = 1.0 / config.timesteps as f64;
    // diffusers shifts its last sigma when the scheduler is made and all of them when the steps are set
    let least = if dynamic { least } else { shifted(least, factor) };
    (0..steps).map(|i| if steps > 1 { 1.0 + (least - 1.0) * i as f64 / (steps - 1) as f64 } else { 1.0 }).collect()
}

/// The same of a solver that has betas too.
fn solver_s(config: &SchedulerConfig, steps: usize) -> Vec<f64> {
    let least = 1.0 / config.timesteps as f64;
    let line = |i: usize| i as f64 / steps as f64;
    if config.class.name == "UniPCMultistepScheduler" {
        return (0..steps).map(|i| 1.0 + (least - 1.0) * line(i)).collect();
    }
    (0..steps).map(|i| (1.0 - least) * (1.0 - line(i))).collect()
}

/// A flow's levels at these times, shifted as the configuration says.
fn flow(config: &SchedulerConfig, times: &[f64]) -> Result<Vec<Level>, ConfigError> {
    let Shift { factor, dynamic, exponential, mu, terminal, inverted } = config.shift;
    let factor = match (dynamic, mu) {
        (true, Some(mu)) if exponential => libm::exp(mu),
        (true, Some(mu)) => mu,
        // the solvers take mu as an option
        (true, None) if config.class.grid == Grid::Flow || config.class.name == "UniPCMultistepScheduler" => {
            return Err(ConfigError::new("mu", "is missing: use_dynamic_shifting is set, give it with `with_mu`"));
        }
        _ => factor,
    };
    let mut times: Vec<f64> = times.iter().map(|&t| shifted(t, factor)).collect();
    if let (Some(terminal), Some(last)) = (terminal, times.last().copied()) {
        let scale = (1.0 - last) / (1.0 - terminal);
        times.iter_mut().for_each(|t| *t = 1.0 - (1.0 - *t) / scale);
    }
    if config.class.grid == Grid::Flow && config.sigmas != Sigmas::Spaced {
        times = spread(config, [times[times.len() - 1], times[0]], times.len());
    }
    let solver = config.class.grid != Grid::Flow;
    if config.class.name == "UniPCMultistepScheduler" && times.first().is_some_and(|t| (t - 1.0).abs() < LEAST_SIGNAL) {
        times[0] -= LEAST_SIGNAL;
    }
    let level = |t: f64| {
        let scaled = if inverted { 1.0 - t } else { t } * config.timesteps as f64;
        let scaled = if solver { libm::trunc(scaled) } else { scaled };
        Level { t: scaled, ..Level::flow(t) }
    };
    Ok(times.into_iter().map(level).collect())
}

/// Levels that run from noisy to clean, each cleaner than the one before.
fn falling(config: &SchedulerConfig, levels: Vec<Level>) -> Result<Vec<Level>, ConfigError> {
    let ratio = |level: &Level| level.sigma / level.alpha;
    let cleaner = |pair: &[Level]| pair[1].sigma * pair[0].alpha < pair[0].sigma * pair[1].alpha;
    let Some(k) = levels.windows(2).position(|pair| !cleaner(pair)) else { return Ok(levels) };
    let field = if config.zero_snr && config.class.own != Own::Ddpm { "rescale_betas_zero_snr" } else { "steps" };
    let (now, next) = (ratio(&levels[k]), ratio(&levels[k + 1]));
    let message = format!("the noise would go from {now} to {next} at step {k}: choose fewer steps or other levels");
    Err(ConfigError::new(field, message))
}
