//! The target chain: a table of Gaussian steps that turn noise into an image.
//!
//! Step `k` draws `y_{k+1} ~ N(m_k(y_k), s_k^2 I)` with `m_k(y) = A_k y + B_k x0hat_k(y)`. The table holds everything
//! but the network's estimate `x0hat_k(y)`; it knows no state, no noise and no draft.

use core::fmt;

/// Time of the first state: nearly pure noise.
pub const T_MAX: f64 = 0.995;
/// Time of the last noisy state. One deterministic step takes it to an image: on a grid that goes on to zero a quarter
/// of all rejections fall where `s_k` is tiny and nothing is left to see.
pub const T_MIN: f64 = 0.05;
/// Least noise that can be asked for: with less, the means of draft and target lie so many standard deviations apart
/// that no draft is ever accepted.
pub const MIN_ETA: f64 = 1e-3;
/// Longest chain that can be asked for.
pub const MAX_STEPS: usize = 1000;

/// A noise level: `y = alpha x0 + sigma eps`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Time in `[0, 1]`, 0 clean, 1 noise. This is what the network is told.
    pub t: f64,
    /// How much of the image is in the state.
    pub alpha: f64,
    /// Standard deviation of the noise in the state.
    pub sigma: f64,
}

impl Level {
    /// The variance-preserving cosine schedule, `alpha = cos(pi t / 2)`, `sigma = sin(pi t / 2)`.
    ///
    /// # Reference
    /// Nichol & Dhariwal 2021, eq. 17 with offset 0; Salimans & Ho 2022, section 2.
    pub fn cosine(t: f64) -> Self {
        let angle = core::f64::consts::FRAC_PI_2 * t;
        Self { t, alpha: libm::cos(angle), sigma: libm::sin(angle) }
    }
}

/// One step of the chain, from level `k` to the cleaner level `k + 1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The level the step starts from.
    pub level: Level,
    /// `A_k`: weight of the state in the mean.
    pub a: f64,
    /// `B_k`: weight of the clean estimate in the mean.
    pub b: f64,
    /// `s_k`: standard deviation of the step. Zero for the last step, which is deterministic.
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
}

impl ChainError {
    /// The setting at fault.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Steps(_) => "steps",
            Self::Eta(_) => "eta",
            Self::Levels(_) => "levels",
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

    /// The chain of this project: [`Level::cosine`], `steps - 1` steps uniform in time from [`T_MAX`] to [`T_MIN`], then
    /// one denoise.
    ///
    /// # Errors
    /// As [`Chain::ancestral`].
    pub fn cosine(steps: usize, eta: f64) -> Result<Self, ChainError> {
        if !(2..=MAX_STEPS).contains(&steps) {
            return Err(ChainError::Steps(steps));
        }
        let last = (steps - 1) as f64;
        let grid = (0..steps).map(|k| T_MAX + (T_MIN - T_MAX) * (k as f64 / last));
        let levels: Vec<Level> = grid.chain([0.0]).map(Level::cosine).collect();
        Self::ancestral(&levels, eta)
    }

    /// The steps, noisy end first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}
