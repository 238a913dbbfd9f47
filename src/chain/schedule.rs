//! Noise levels, and the grids of them that chains run along. It knows no state and no step.

use core::f64::consts::FRAC_PI_2;
use core::fmt;

/// Cosine time of the first state: nearly pure noise.
pub const T_MAX: f64 = 0.995;
/// Cosine time of the last noisy state. One deterministic step takes it to an image: on a grid that goes on to zero many
/// rejections fall where `s_k` is tiny and nothing is left to see.
pub const T_MIN: f64 = 0.05;
/// Least noise that can be asked for: with less, the means of draft and target lie so many standard deviations apart
/// that no draft is ever accepted.
pub const MIN_ETA: f64 = 1e-3;
/// Longest chain that can be asked for.
pub const MAX_STEPS: usize = 10_000;

/// A noise level: `y = alpha x0 + sigma eps`.
///
/// ```
/// use speculative_diffusion::Level;
///
/// // timestep 417 of a model with alphas_cumprod[417] = 0.36; sigma 3 of an EDM; a rectified flow half way
/// let levels = [Level::from_alpha_cumprod(417.0, 0.36), Level::from_sigma(3.0), Level::flow(0.5)];
/// assert_eq!(levels.map(|level| (level.alpha, level.sigma)), [(0.6, 0.8), (1.0, 3.0), (0.5, 0.5)]);
/// ```
#[doc(alias = "timestep")]
#[doc(alias = "sigma")]
#[doc(alias = "signal-to-noise")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Time in the model's own units. For the schedules of this crate 0 is clean and 1 is noise; a chain read from a
    /// `scheduler_config.json` has the discrete timestep that the model was trained on, 0 to 999 for instance. The
    /// sampler does not use it.
    pub t: f64,
    /// How much of the clean state is in the state.
    pub alpha: f64,
    /// Standard deviation of the noise in the state.
    pub sigma: f64,
}

impl Level {
    /// [`Schedule::Cosine`] at `t`.
    pub fn cosine(t: f64) -> Self {
        Schedule::Cosine.level(t)
    }

    /// The level of a variance-preserving model whose product of `1 - beta` up to timestep `t` is `alpha_cumprod`:
    /// `alpha = sqrt(alpha_cumprod)`, `sigma = sqrt(1 - alpha_cumprod)`.
    ///
    /// # Reference
    /// Ho et al. 2020, eq. 4.
    pub fn from_alpha_cumprod(t: f64, alpha_cumprod: f64) -> Self {
        Self { t, alpha: libm::sqrt(alpha_cumprod), sigma: libm::sqrt(1.0 - alpha_cumprod) }
    }

    /// The level of a variance-exploding model, `alpha = 1`; its time is `sigma` itself.
    ///
    /// # Reference
    /// Song et al. 2021 (score SDE), section 3.4; Karras et al. 2022 (EDM).
    pub fn from_sigma(sigma: f64) -> Self {
        Self { t: sigma, alpha: 1.0, sigma }
    }

    /// [`Schedule::RectifiedFlow`] at `t`.
    pub fn flow(t: f64) -> Self {
        Schedule::RectifiedFlow.level(t)
    }
}

/// `steps + 1` variance-exploding levels from `most` to `least`, uniform in `sigma^(1 / rho)`, and then 0.
///
/// # Errors
/// [`ChainError::Steps`] for fewer than 2 or too many steps, [`ChainError::Rho`] below 1, [`ChainError::Sigmas`] unless
/// `most > least > 0`.
///
/// # Reference
/// Karras et al. 2022 (EDM), eq. 5; usual are 80, 0.002 and 7.
#[doc(alias = "EDM")]
#[doc(alias = "sigmas")]
pub fn karras(steps: usize, most: f64, least: f64, rho: f64) -> Result<Vec<Level>, ChainError> {
    if !(2..=MAX_STEPS).contains(&steps) {
        return Err(ChainError::Steps(steps));
    }
    if !(rho >= 1.0 && rho.is_finite()) {
        return Err(ChainError::Rho(rho));
    }
    if !(least > 0.0 && most > least && most.is_finite()) {
        return Err(ChainError::Sigmas { most, least });
    }
    let levels = (0..steps).map(|k| Level::from_sigma(between(most, least, rho, k as f64 / (steps - 1) as f64)));
    Ok(levels.chain([Level::from_sigma(0.0)]).collect())
}

/// The noise at a share of the way from `most` to `least`, uniform in `sigma^(1 / rho)`.
pub(crate) fn between(most: f64, least: f64, rho: f64, share: f64) -> f64 {
    let root = |sigma: f64| libm::pow(sigma, 1.0 / rho);
    libm::pow(root(most) + share * (root(least) - root(most)), rho)
}

/// `steps + 1` levels of a rectified flow from `t = 1` to 0. `shift` above 1 spends more of them on noise:
/// `t' = shift t / (1 + (shift - 1) t)`, as large images want it.
///
/// # Errors
/// [`ChainError::Steps`] for fewer than 2 or too many steps, [`ChainError::Shift`] unless it is above 0.
///
/// # Reference
/// Esser et al. 2024 (Stable Diffusion 3), eq. 23.
#[doc(alias = "rectified flow")]
#[doc(alias = "flow matching")]
pub fn flow(steps: usize, shift: f64) -> Result<Vec<Level>, ChainError> {
    if !(2..=MAX_STEPS).contains(&steps) {
        return Err(ChainError::Steps(steps));
    }
    if !(shift > 0.0 && shift.is_finite()) {
        return Err(ChainError::Shift(shift));
    }
    Ok((0..=steps).map(|k| Level::flow(shifted((steps - k) as f64 / steps as f64, shift))).collect())
}

/// A flow's time, moved towards noise by a `shift` above 1.
pub(crate) fn shifted(t: f64, shift: f64) -> f64 {
    shift * t / (1.0 + (shift - 1.0) * t)
}

/// How signal and noise change with time. One network serves them all: up to a factor a state is determined by
/// `sigma / alpha` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// `alpha = cos(pi t / 2)`, `sigma = sin(pi t / 2)`: Nichol & Dhariwal 2021, eq. 17 with offset 0; Salimans & Ho
    /// 2022, section 2.
    Cosine,
    /// `alpha^2 = exp(-int beta)`, `sigma^2 = 1 - alpha^2`, `beta` rising linearly from 0.1 to 20: Song et al. 2021
    /// (score SDE), eq. 32 and 33, the limit of Ho et al. 2020.
    LinearBeta,
    /// `alpha = 1 - t`, `sigma = t`: Liu, Gong & Liu 2023; Lipman et al. 2023.
    RectifiedFlow,
}

/// `beta` of [`Schedule::LinearBeta`] at times 0 and 1.
const BETA: (f64, f64) = (0.1, 20.0);

impl Schedule {
    /// The noise level at time `t` in `[0, 1]`.
    pub fn level(self, t: f64) -> Level {
        let (alpha, sigma) = match self {
            Self::Cosine => {
                let angle = FRAC_PI_2 * t;
                (libm::cos(angle), libm::sin(angle))
            }
            Self::LinearBeta => {
                let integral = t * (BETA.0 + 0.5 * t * (BETA.1 - BETA.0));
                (libm::exp(-0.5 * integral), libm::sqrt(-libm::expm1(-integral)))
            }
            Self::RectifiedFlow => (1.0 - t, t),
        };
        Level { t, alpha, sigma }
    }

    /// The level at which `sigma / alpha` is `ratio`.
    pub fn at_ratio(self, ratio: f64) -> Level {
        self.level(match self {
            Self::Cosine => libm::atan(ratio) / FRAC_PI_2,
            Self::LinearBeta => {
                // 1 / alpha^2 = 1 + ratio^2, and ln 1 / alpha^2 is quadratic in t
                let (integral, slope) = (libm::log1p(ratio * ratio), BETA.1 - BETA.0);
                (libm::sqrt(BETA.0 * BETA.0 + 2.0 * slope * integral) - BETA.0) / slope
            }
            Self::RectifiedFlow => ratio / (1.0 + ratio),
        })
    }
}

/// At which noise levels of a schedule a chain takes its steps. Every grid runs from the noise of cosine time [`T_MAX`] to that of
/// [`T_MIN`] and ends with one step to the image. The grid is part of the target chain: another grid, another law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Grid {
    /// Uniform in the schedule's time.
    Uniform,
    /// Uniform in `log(alpha / sigma)`.
    LogSnr,
    /// Uniform in `(sigma / alpha)^(1 / rho)`, `rho >= 1`: Karras et al. 2022 (EDM), eq. 5.
    Edm {
        /// 1 is uniform in the noise, 7 is usual.
        rho: f64,
    },
}

impl Grid {
    /// `steps + 1` levels, noisy to clean, the last with `sigma = 0`.
    ///
    /// # Errors
    /// [`ChainError::Steps`] for fewer than 2 or too many steps, [`ChainError::Rho`] below 1.
    pub fn levels(self, schedule: Schedule, steps: usize) -> Result<Vec<Level>, ChainError> {
        if !(2..=MAX_STEPS).contains(&steps) {
            return Err(ChainError::Steps(steps));
        }
        match self {
            Self::Edm { rho } if !(rho >= 1.0 && rho.is_finite()) => return Err(ChainError::Rho(rho)),
            _ => {}
        }
        let ratio = |t: f64| libm::tan(FRAC_PI_2 * t);
        let (first, last) = match schedule {
            Schedule::Cosine => (T_MAX, T_MIN),
            _ => (schedule.at_ratio(ratio(T_MAX)).t, schedule.at_ratio(ratio(T_MIN)).t),
        };
        let level = |share: f64| match self {
            Self::Uniform => schedule.level(first + (last - first) * share),
            Self::LogSnr => schedule.at_ratio(ratio(T_MAX) * libm::exp(share * libm::log(ratio(T_MIN) / ratio(T_MAX)))),
            Self::Edm { rho } => schedule.at_ratio(between(ratio(T_MAX), ratio(T_MIN), rho, share)),
        };
        let count = (steps - 1) as f64;
        let clean = Level { t: 0.0, alpha: 1.0, sigma: 0.0 };
        Ok((0..steps).map(|k| level(k as f64 / count)).chain([clean]).collect())
    }
}

/// Why a chain cannot be built.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ChainError {
    /// Too few or too many steps.
    Steps(usize),
    /// `eta` outside [`MIN_ETA`] to 1.
    Eta(f64),
    /// Too few or too many levels.
    Count(usize),
    /// Levels that do not run from noisy to clean.
    Levels(usize),
    /// A grid exponent below 1.
    Rho(f64),
    /// Noise levels that are not positive or not falling.
    Sigmas {
        /// The noisiest.
        most: f64,
        /// The cleanest.
        least: f64,
    },
    /// A flow's shift that is not a positive number.
    Shift(f64),
    /// A Langevin step that is not a positive number.
    Gamma(f64),
    /// A step of a table that holds a number it must not.
    Step(usize),
    /// A table without noise.
    Noiseless,
    /// A deviation of the first state that is not a positive number.
    Start(f64),
    /// A churn with a number below 0, a range that is empty, or a factor that is not a positive number.
    Churn,
    /// No jump, or no visit.
    Jump {
        /// Levels of a jump.
        jump: usize,
        /// How often the chain comes down.
        visits: usize,
    },
}

impl ChainError {
    /// The setting at fault.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Steps(_) | Self::Step(_) | Self::Noiseless => "steps",
            Self::Eta(_) => "eta",
            Self::Count(_) | Self::Levels(_) => "levels",
            Self::Rho(_) => "rho",
            Self::Sigmas { .. } => "sigmas",
            Self::Shift(_) => "shift",
            Self::Gamma(_) => "gamma",
            Self::Start(_) => "start",
            Self::Churn => "churn",
            Self::Jump { .. } => "jump",
        }
    }
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps(steps) => write!(f, "steps is {steps}: choose 2 to {MAX_STEPS}"),
            Self::Eta(eta) if *eta == 0.0 => f.write_str(
                "eta is 0: that chain is an ordinary differential equation, it has no noise a draft could be tested \
                 against; choose a value from 0.001 to 1",
            ),
            Self::Eta(eta) => write!(f, "eta is {eta}: choose a value from {MIN_ETA} to 1"),
            Self::Count(count) => write!(f, "levels has {count} entries: give 3 to {}", MAX_STEPS + 1),
            Self::Levels(k) => write!(
                f,
                "level {k} is not cleaner than the one before it, or not finite, or has alpha at or below 0, or sigma 0 \
                 before the end"
            ),
            Self::Rho(rho) => write!(f, "rho is {rho}: choose 1 or more"),
            Self::Sigmas { most, least } => {
                write!(f, "sigmas run from {most} to {least}: they must fall, and stay above 0")
            }
            Self::Shift(shift) => write!(f, "shift is {shift}: choose a number above 0"),
            Self::Gamma(gamma) => write!(f, "gamma is {gamma}: choose a step above 0"),
            Self::Step(step) => write!(
                f,
                "step {step} of the table holds a number that is not finite, a deviation below 0, or a level whose \
                 sigma is not above 0, or is the first and remembers one before"
            ),
            Self::Noiseless => {
                f.write_str("no step of the table has noise: there is nothing that a draft could be tested against")
            }
            Self::Start(start) => write!(f, "start is {start}: the first state's deviation must be above 0"),
            Self::Churn => {
                f.write_str("churn: gamma must be at least 0, its range not empty, and both factors above 0")
            }
            Self::Jump { jump, visits } => write!(f, "jump is {jump}, visits is {visits}: choose 1 or more of each"),
        }
    }
}

impl core::error::Error for ChainError {}
