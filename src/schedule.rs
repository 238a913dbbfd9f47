//! The target chain: a table of Gaussian steps that turn noise into an image.
//!
//! Step `k` draws `y_{k+1} ~ N(m_k(y_k), s_k^2 I)` with `m_k(y) = A_k y + B_k x0hat_k(y)`. The table holds everything
//! but the network's estimate `x0hat_k(y)`; it knows no state, no noise and no draft.

use core::f64::consts::FRAC_PI_2;
use core::fmt;

/// Cosine time of the first state: nearly pure noise.
pub const T_MAX: f64 = 0.995;
/// Cosine time of the last noisy state. One deterministic step takes it to an image: on a grid that goes on to zero a
/// quarter of all rejections fall where `s_k` is tiny and nothing is left to see.
pub const T_MIN: f64 = 0.05;
/// Least noise that can be asked for: with less, the means of draft and target lie so many standard deviations apart
/// that no draft is ever accepted.
pub const MIN_ETA: f64 = 1e-3;
/// Longest chain that can be asked for.
pub const MAX_STEPS: usize = 1000;

/// A noise level: `y = alpha x0 + sigma eps`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Time in `[0, 1]`, 0 clean, 1 noise.
    pub t: f64,
    /// How much of the image is in the state.
    pub alpha: f64,
    /// Standard deviation of the noise in the state.
    pub sigma: f64,
}

impl Level {
    /// [`Schedule::Cosine`] at `t`.
    pub fn cosine(t: f64) -> Self {
        Schedule::Cosine.level(t)
    }
}

/// How signal and noise change with time. One network serves them all: up to a factor a state is told by
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
    fn at_ratio(self, ratio: f64) -> Level {
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

    /// `f = d log alpha / dt` and `g^2 = d sigma^2 / dt - 2 f sigma^2` of the forward process at time `t`.
    fn rates(self, t: f64) -> (f64, f64) {
        match self {
            Self::Cosine => {
                let tangent = libm::tan(FRAC_PI_2 * t);
                (-FRAC_PI_2 * tangent, 2.0 * FRAC_PI_2 * tangent)
            }
            Self::LinearBeta => {
                let beta = BETA.0 + t * (BETA.1 - BETA.0);
                (-0.5 * beta, beta)
            }
            Self::RectifiedFlow => (-1.0 / (1.0 - t), 2.0 * t / (1.0 - t)),
        }
    }
}

/// Where on a schedule a chain stands still. Every grid runs from the noise of cosine time [`T_MAX`] to that of
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
    /// Steps so spread that the gaps `|D|` of the secant draft are about as large at one end of the chain as at the
    /// other, on the faces network at 100 steps.
    Even,
}

/// Cosine times of [`Grid::Even`] after equal shares of the steps.
const EVEN: [f64; 11] = [T_MAX, 0.798, 0.674, 0.556, 0.442, 0.331, 0.245, 0.177, 0.126, 0.084, T_MIN];

impl Grid {
    /// `steps + 1` levels, noisy to clean, the last with `sigma = 0`.
    ///
    /// # Errors
    /// [`ChainError::Steps`] for fewer than 2 or too many steps, [`ChainError::Rho`] below 1.
    pub fn levels(self, schedule: Schedule, steps: usize) -> Result<Vec<Level>, ChainError> {
        if !(2..=MAX_STEPS).contains(&steps) {
            return Err(ChainError::Steps(steps));
        }
        if let Self::Edm { rho } = self
            && !(rho >= 1.0 && rho.is_finite())
        {
            return Err(ChainError::Rho(rho));
        }
        let ratio = |t: f64| libm::tan(FRAC_PI_2 * t);
        let (first, last) = match schedule {
            Schedule::Cosine => (T_MAX, T_MIN),
            _ => (schedule.at_ratio(ratio(T_MAX)).t, schedule.at_ratio(ratio(T_MIN)).t),
        };
        let level = |share: f64| match self {
            Self::Uniform => schedule.level(first + (last - first) * share),
            Self::LogSnr => schedule.at_ratio(ratio(T_MAX) * libm::exp(share * libm::log(ratio(T_MIN) / ratio(T_MAX)))),
            Self::Edm { rho } => {
                let root = |ratio: f64| libm::pow(ratio, 1.0 / rho);
                let (from, to) = (root(ratio(T_MAX)), root(ratio(T_MIN)));
                schedule.at_ratio(libm::pow(from + (to - from) * share, rho))
            }
            Self::Even => {
                let place = share * (EVEN.len() - 1) as f64;
                let i = (place as usize).min(EVEN.len() - 2);
                schedule.at_ratio(ratio(EVEN[i] + (EVEN[i + 1] - EVEN[i]) * (place - i as f64)))
            }
        };
        let count = (steps - 1) as f64;
        let clean = Level { t: 0.0, alpha: 1.0, sigma: 0.0 };
        Ok((0..steps).map(|k| level(k as f64 / count)).chain([clean]).collect())
    }
}

/// One step of the chain, from level `k` to the cleaner level `k + 1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The level the step starts from.
    pub level: Level,
    /// `A_k`: weight of the state in the mean.
    pub a: f64,
    /// `B_k`: weight of the prediction in the mean.
    pub b: f64,
    /// `s_k`: standard deviation of the step. Zero for the last step of a diffusion, which is deterministic.
    pub s: f64,
}

/// Why a chain cannot be built.
#[derive(Clone, Debug, PartialEq)]
pub enum ChainError {
    /// Too few or too many steps.
    Steps(usize),
    /// `eta` outside [`MIN_ETA`] to 1.
    Eta(f64),
    /// Levels that do not run from noisy to clean.
    Levels(usize),
    /// A grid exponent below 1.
    Rho(f64),
    /// A step so long that it overshoots: the state's weight in the mean is below 0.
    Overshoot {
        /// The step.
        step: usize,
        /// Its `A_k`.
        a: f64,
    },
    /// A Langevin step that is not a positive number.
    Gamma(f64),
}

impl ChainError {
    /// The setting at fault.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Steps(_) => "steps",
            Self::Eta(_) => "eta",
            Self::Levels(_) => "levels",
            Self::Rho(_) => "rho",
            Self::Overshoot { .. } => "grid",
            Self::Gamma(_) => "gamma",
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
            Self::Levels(k) => write!(f, "level {k} is not cleaner than the one before it"),
            Self::Rho(rho) => write!(f, "rho is {rho}: choose 1 or more"),
            Self::Overshoot { step, a } => write!(
                f,
                "step {step} of this grid is too long for Euler-Maruyama (the state's weight would be {a:.2}): take more \
                 steps, or a grid uniform in log-SNR"
            ),
            Self::Gamma(gamma) => write!(f, "gamma is {gamma}: choose a step above 0"),
        }
    }
}

impl core::error::Error for ChainError {}

/// The plain sampler, as a table of steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    steps: Vec<Step>,
}

impl Chain {
    /// The ancestral chain (DDIM with noise `eta`; `eta = 1` is DDPM) through the given levels, noisy to clean, the last
    /// with `sigma = 0`.
    ///
    /// # Errors
    /// [`ChainError::Steps`] for fewer than 3 or too many levels, [`ChainError::Eta`] outside [`MIN_ETA`] to 1,
    /// [`ChainError::Levels`] when the levels are not ordered or do not end clean.
    ///
    /// # Reference
    /// Song, Meng & Ermon 2021 (DDIM), eq. 12 and 16, for any pair (alpha, sigma).
    pub fn ancestral(levels: &[Level], eta: f64) -> Result<Self, ChainError> {
        let count = levels.len().saturating_sub(1);
        if !(2..=MAX_STEPS).contains(&count) {
            return Err(ChainError::Steps(count));
        }
        if !(MIN_ETA..=1.0).contains(&eta) {
            return Err(ChainError::Eta(eta));
        }
        let mut steps = Vec::with_capacity(count);
        for (k, pair) in levels.windows(2).enumerate() {
            let (now, next) = (pair[0], pair[1]);
            let ends = k + 1 == count;
            let ordered = next.sigma * now.alpha < now.sigma * next.alpha && next.alpha > 0.0;
            if !ordered || (next.sigma == 0.0) != ends {
                return Err(ChainError::Levels(k + 1));
            }
            // s^2 is eta^2 times the variance of y_{k+1} given y_k and x0; c is the weight left for eps-hat:
            // y_{k+1} = alpha' x0hat + c (y - alpha x0hat) / sigma + s z
            let ratio = now.alpha * next.sigma / (next.alpha * now.sigma);
            let s = eta * next.sigma * libm::sqrt(1.0 - ratio * ratio);
            let c = libm::sqrt(next.sigma * next.sigma - s * s);
            steps.push(Step { level: now, a: c / now.sigma, b: next.alpha - c * now.alpha / now.sigma, s });
        }
        Ok(Self { steps })
    }

    /// The chain of this project: ancestral, [`Schedule::Cosine`], [`Grid::Uniform`].
    ///
    /// # Errors
    /// As [`Chain::ancestral`].
    pub fn cosine(steps: usize, eta: f64) -> Result<Self, ChainError> {
        Self::ancestral(&Grid::Uniform.levels(Schedule::Cosine, steps)?, eta)
    }

    /// Euler-Maruyama steps of the reverse-time SDE, then one denoise. `eta = 1` is the SDE of the forward process; less
    /// takes a share `eta^2` of its noise, and the score's weight with it, towards the probability-flow ODE.
    ///
    /// # Errors
    /// As [`Grid::levels`]; [`ChainError::Eta`] outside [`MIN_ETA`] to 1; [`ChainError::Overshoot`] where the grid is too
    /// coarse.
    ///
    /// # Reference
    /// Song et al. 2021 (score SDE), eq. 6 and 13, interpolated as in Karras et al. 2022, eq. 6.
    pub fn euler_maruyama(schedule: Schedule, grid: Grid, steps: usize, eta: f64) -> Result<Self, ChainError> {
        if !(MIN_ETA..=1.0).contains(&eta) {
            return Err(ChainError::Eta(eta));
        }
        let levels = grid.levels(schedule, steps)?;
        let mut table = Vec::with_capacity(steps);
        for (step, pair) in levels[..steps].windows(2).enumerate() {
            let (level, gamma) = (pair[0], pair[0].t - pair[1].t);
            let (f, g2) = schedule.rates(level.t);
            // y' = y - gamma f y + c score + s z, and score = (alpha x0hat - y) / sigma^2
            let c = gamma * 0.5 * (1.0 + eta * eta) * g2;
            let variance = level.sigma * level.sigma;
            let a = 1.0 - gamma * f - c / variance;
            if a < 0.0 {
                return Err(ChainError::Overshoot { step, a });
            }
            table.push(Step { level, a, b: c * level.alpha / variance, s: eta * libm::sqrt(gamma * g2) });
        }
        table.push(Step { level: levels[steps - 1], a: 0.0, b: 1.0, s: 0.0 });
        Ok(Self { steps: table })
    }

    /// `steps` steps of unadjusted Langevin dynamics, `y' = y + gamma grad log pi(y) + sqrt(2 gamma) z`. Its targets
    /// return `grad log pi(y)` as their prediction and need not look at the level. The chain's bias is part of its law.
    ///
    /// # Errors
    /// [`ChainError::Steps`] for fewer than 2 or too many steps, [`ChainError::Gamma`] for a step that is not above 0.
    ///
    /// # Reference
    /// De Bortoli et al. 2025, section on Langevin diffusions; Roberts & Tweedie 1996.
    pub fn langevin(steps: usize, gamma: f64) -> Result<Self, ChainError> {
        if !(2..=MAX_STEPS).contains(&steps) {
            return Err(ChainError::Steps(steps));
        }
        if !(gamma > 0.0 && gamma.is_finite()) {
            return Err(ChainError::Gamma(gamma));
        }
        // no signal and noise to speak of; with these numbers every frozen quantity means something
        let level = Level { t: 0.0, alpha: 0.0, sigma: 1.0 };
        Ok(Self { steps: vec![Step { level, a: 1.0, b: gamma, s: libm::sqrt(2.0 * gamma) }; steps] })
    }

    /// The steps, noisy end first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}
