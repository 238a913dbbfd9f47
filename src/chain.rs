//! The target chain: a table of Gaussian steps that turn noise into a sample.
//!
//! Step `k` draws `y_{k+1} ~ N(m_k(y_k), s_k^2 I)` with `m_k(y) = A_k y + B_k x0hat_k(y)`, and in a chain of second order
//! `C_k x0hat_{k-1}` more. The table holds everything but the model's estimates; it knows no state, no noise and no draft.

pub mod edm;
pub(crate) mod jumps;
pub mod multistep;
pub mod parametrisation;
pub mod schedule;

use std::sync::Arc;

use crate::chain::schedule::{ChainError, Grid, Level, MAX_STEPS, MIN_ETA, Schedule};

/// How far `alpha^2 + sigma^2` may be from 1 for a level to count as variance preserving: some roundings of an `f32`.
const PRESERVING: f64 = 1e-5;

/// One step of the chain, from level `k` to the cleaner level `k + 1`.
#[doc(alias = "posterior")]
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// The level the step starts from.
    pub level: Level,
    /// `A_k`: weight of the state in the mean.
    pub a: f64,
    /// `B_k`: weight of the estimate in the mean.
    pub b: f64,
    /// `C_k`: weight in the mean of the estimate that the step before was made with. Zero but in chains of second order.
    pub c: f64,
    /// `s_k`: standard deviation of the step. Zero for a deterministic step, such as the last one of a diffusion.
    pub s: f64,
}

impl Step {
    /// A step from `level`: the next state is normal around `a y + b x0hat` with standard deviation `s`.
    pub fn new(level: Level, a: f64, b: f64, s: f64) -> Self {
        Self { level, a, b, c: 0.0, s }
    }

    /// The same step with `c` times the estimate of the step before added to its mean. That estimate was made at a state that is
    /// committed by then, so a draft of the step can be tested as any other.
    #[doc(alias = "multistep")]
    #[must_use]
    pub fn remembering(self, c: f64) -> Self {
        Self { c, ..self }
    }

    /// The same step where there is no earlier estimate: its own has that weight too.
    fn forgetting(self) -> Self {
        Self { b: self.b + self.c, c: 0.0, ..self }
    }

    /// `m_k(y) = A_k y + B_k x0hat + C_k x0hat_{k-1}`: the mean of the next state, `estimate` being the model's at `y` and
    /// `previous` the one of the step before.
    ///
    /// # Shapes
    /// `y`, `estimate` and the result are whole states of the same length, and so is `previous`, which may be empty where `C_k` is 0.
    pub fn mean(&self, y: &[f64], estimate: &[f64], previous: &[f64]) -> Vec<f64> {
        let mut mean: Vec<f64> = y.iter().zip(estimate).map(|(y, x)| self.a * y + self.b * x).collect();
        self.add_history(&mut mean, previous);
        mean
    }

    /// As [`Step::mean`], in the place of the estimate.
    pub(crate) fn replace_by_mean(&self, y: &[f64], estimate: &mut [f64], previous: &[f64]) {
        estimate.iter_mut().zip(y).for_each(|(x, y)| *x = self.a * y + self.b * *x);
        self.add_history(estimate, previous);
    }

    fn add_history(&self, mean: &mut [f64], previous: &[f64]) {
        if self.c != 0.0 {
            mean.iter_mut().zip(previous).for_each(|(x, previous)| *x += self.c * previous);
        }
    }

    /// The step of an ancestral chain between two levels, the second no noisier.
    pub(crate) fn ancestral(now: Level, next: Level, eta: f64) -> Self {
        // s^2 is eta^2 times the variance of y_{k+1} given y_k and x0; c is the weight left for eps-hat:
        // y_{k+1} = alpha' x0hat + c (y - alpha x0hat) / sigma + s z
        let ratio = now.alpha * next.sigma / (next.alpha * now.sigma);
        let s = eta * next.sigma * libm::sqrt((1.0 - ratio * ratio).max(0.0));
        let c = libm::sqrt((next.sigma * next.sigma - s * s).max(0.0));
        Self::new(now, c / now.sigma, next.alpha - c * now.alpha / now.sigma, s)
    }
}

/// Which variance the steps of a DDPM chain have.
///
/// # Reference
/// Ho et al. 2020, section 3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Variance {
    /// That of the posterior, right for data that are one point ("fixed small").
    Small,
    /// That of the forward step, right for normal data of variance 1 ("fixed large").
    Large,
}

/// The plain sampler, as a table of steps. Clones share the table.
#[doc(alias = "scheduler")]
#[doc(alias = "reverse process")]
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    steps: Arc<[Step]>,
    start: f64,
    /// Whether a step's mean has a share of an earlier estimate: looked at for every position of a window.
    remembers: bool,
}

impl From<&Chain> for Chain {
    fn from(chain: &Chain) -> Self {
        chain.clone()
    }
}

impl Chain {
    /// A chain from its own table: whatever sampler has Gaussian steps with means `A_k y + B_k x0hat_k(y)` and
    /// deviations `s_k` that do not depend on the state. `start` is the standard deviation of its first state, which is
    /// normal around zero.
    ///
    /// `A_k` and `B_k` may be negative, and steps with `s_k = 0` may stand anywhere. A mean may have a share of the estimate of the
    /// step before ([`Step::remembering`]), but for the first. Where `B_k` is 0 and no estimate is remembered the model is not asked
    /// ([`Chain::asks`]).
    ///
    /// ```
    /// use speculative_diffusion::{Chain, Level, Step};
    ///
    /// // Euler-Maruyama steps of a rectified flow: y' = y - dt u + dt t score + sqrt(2 t dt) z
    /// let step = |k: u32| {
    ///     let (t, dt) = (1.0 - f64::from(k) / 50.0, 1.0 / 50.0);
    ///     // u = (y - x0hat) / t, and score = ((1 - t) x0hat - y) / t^2
    ///     Step::new(Level::flow(t), 1.0 - 2.0 * dt / t, dt * (2.0 - t) / t, (2.0 * t * dt).sqrt())
    /// };
    /// let chain = Chain::from_steps((0..49).map(step).collect(), 1.0)?;
    /// assert_eq!(chain.len(), 49);
    /// # Ok::<(), speculative_diffusion::ChainError>(())
    /// ```
    ///
    /// # Errors
    /// [`ChainError::Steps`] for no steps or more than [`MAX_STEPS`], [`ChainError::Step`] for a step that holds a
    /// number that is not finite, a deviation below 0 or, where the model is asked, a level whose `sigma` is not above 0, and for a
    /// first step that remembers one before, [`ChainError::Start`] for a start that is not above 0, [`ChainError::Noiseless`] if no
    /// step has noise.
    pub fn from_steps(steps: Vec<Step>, start: f64) -> Result<Self, ChainError> {
        if !(1..=MAX_STEPS).contains(&steps.len()) {
            return Err(ChainError::Steps(steps.len()));
        }
        let usable = |step: &Step| {
            let Step { level: Level { t, alpha, sigma }, a, b, c, s } = *step;
            [t, alpha, sigma, a, b, c, s].iter().all(|x| x.is_finite()) && sigma >= 0.0 && s >= 0.0
        };
        let usable = |k: usize| usable(&steps[k]) && (steps[k].level.sigma > 0.0 || !asks(&steps, k));
        if let Some(step) = (0..steps.len()).find(|&k| !usable(k)) {
            return Err(ChainError::Step(step));
        }
        if steps[0].c != 0.0 {
            return Err(ChainError::Step(0));
        }
        if steps.iter().all(|step| step.s == 0.0) {
            return Err(ChainError::Noiseless);
        }
        let remembers = steps.iter().any(|step| step.c != 0.0);
        Self { steps: steps.into(), start: 1.0, remembers }.starting_at(start)
    }

    /// The same steps from a first state of another standard deviation.
    ///
    /// # Errors
    /// [`ChainError::Start`] unless it is above 0.
    pub fn starting_at(self, start: f64) -> Result<Self, ChainError> {
        if start > 0.0 && start.is_finite() { Ok(Self { start, ..self }) } else { Err(ChainError::Start(start)) }
    }

    /// The ancestral chain (DDIM with noise `eta`; `eta = 1` is DDPM) through the given levels, noisy to clean. The last
    /// level is where the samples are: `sigma = 0` for clean ones, or more for a chain that stops short of that.
    ///
    /// The first state has the deviation of its level: 1 for a variance-preserving level (`alpha^2 + sigma^2 = 1`, data
    /// of variance 1), else `sigma`.
    ///
    /// # Errors
    /// [`ChainError::Count`] for fewer than 3 or too many levels, [`ChainError::Eta`] outside [`MIN_ETA`] to 1,
    /// [`ChainError::Levels`] where a level is not finite or not cleaner than the one before it.
    ///
    /// # Reference
    /// Song, Meng & Ermon 2021 (DDIM), eq. 12 and 16, for any pair (alpha, sigma); with `alpha = 1` and `eta = 1` the
    /// ancestral sampler of Song et al. 2021 (score SDE), appendix F.
    #[doc(alias = "DDIM")]
    #[doc(alias = "DDPM")]
    #[doc(alias = "euler_ancestral")]
    pub fn ancestral(levels: &[Level], eta: f64) -> Result<Self, ChainError> {
        if !(MIN_ETA..=1.0).contains(&eta) {
            return Err(ChainError::Eta(eta));
        }
        check(levels)?;
        let steps = levels.windows(2).map(|pair| Step::ancestral(pair[0], pair[1], eta));
        Self::from_steps(steps.collect(), deviation(levels[0]))
    }

    /// The DDPM chain through the given levels: the means of [`Chain::ancestral`] at `eta = 1`, with either of the two
    /// variances.
    ///
    /// # Errors
    /// As [`Chain::ancestral`].
    ///
    /// # Reference
    /// Ho et al. 2020, eq. 7 and section 3.2, for any pair (alpha, sigma).
    #[doc(alias = "variance_type")]
    pub fn ddpm(levels: &[Level], variance: Variance) -> Result<Self, ChainError> {
        let small = Self::ancestral(levels, 1.0)?;
        if variance == Variance::Small {
            return Ok(small);
        }
        let large = small.steps.iter().zip(&levels[1..]).map(|(step, next)| {
            if step.s == 0.0 {
                return *step;
            }
            // y_k given y_{k+1} in the forward process: N(r y_{k+1}, sigma_k^2 - r^2 sigma_{k+1}^2)
            let forward = step.level.alpha / next.alpha * next.sigma;
            Step { s: libm::sqrt(step.level.sigma * step.level.sigma - forward * forward), ..*step }
        });
        Self::from_steps(large.collect(), small.start)
    }

    /// The chain of this project's networks: ancestral, [`Schedule::Cosine`], [`Grid::Uniform`]. Its times fall evenly from
    /// [`T_MAX`](crate::schedule::T_MAX) = 0.995 to [`T_MIN`](crate::schedule::T_MIN) = 0.05, from where one step without
    /// noise leads to the sample. It is not the chain that diffusers makes of its "squaredcos_cap_v2".
    ///
    /// # Errors
    /// As [`Chain::ancestral`].
    pub fn cosine(steps: usize, eta: f64) -> Result<Self, ChainError> {
        Self::ancestral(&Grid::Uniform.levels(Schedule::Cosine, steps)?, eta)
    }

    /// `steps` steps of unadjusted Langevin dynamics, `y' = y + gamma grad log pi(y) + sqrt(2 gamma) z`, from a standard
    /// normal. Its targets return `grad log pi(y)` as their estimate and need not look at the level. The chain's bias is
    /// part of its law.
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
        // no signal and noise to speak of
        let level = Level { t: 0.0, alpha: 0.0, sigma: 1.0 };
        Self::from_steps(vec![Step::new(level, 1.0, gamma, libm::sqrt(2.0 * gamma)); steps], 1.0)
    }

    /// The chain from step `first` on, for samples that start from an image and not from noise ([`Sampler::noised`](crate::Sampler::noised)). A step that
    /// weighs the estimate of a step before takes its own in the place of one that was never made.
    ///
    /// ```
    /// use speculative_diffusion::{Chain, Noise, Sampler, Settings, targets::from_fn};
    ///
    /// # let model = from_fn(2, |batch| Ok(batch.iter().flat_map(|(row, y)| y.iter().map(|y| row.level.alpha * y)).collect()));
    /// // a strength of 0.4: the last 40 of 100 steps
    /// let chain = Chain::cosine(100, 1.0)?.from_step(60)?;
    /// let (image, noise) = ([0.3, -0.8], Noise::new(7, 0));
    /// let sampler = Sampler::new(&chain, Settings::default())?;
    /// let mut run = sampler.run_from(noise, sampler.noised(noise, &image));
    /// # use speculative_diffusion::{Ask, Target};
    /// while let Ask::Estimate(ticket, batch) = run.ask() {
    ///     let x0hat = pollster::block_on(model.estimate(batch))?;
    ///     run.answer(ticket, &x0hat)?;
    /// }
    /// println!("{:?} in {} calls", run.sample(), run.costs().calls);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ChainError::Steps`] if fewer than one step is left, [`ChainError::Noiseless`] if none of those has noise.
    ///
    /// # Reference
    /// Meng et al. 2022 (SDEdit).
    #[doc(alias = "strength")]
    #[doc(alias = "img2img")]
    pub fn from_step(&self, first: usize) -> Result<Self, ChainError> {
        let mut steps = self.steps.get(first..).unwrap_or_default().to_vec();
        if let Some(step) = steps.first_mut() {
            *step = step.forgetting();
        }
        Self::from_steps(steps, self.start)
    }

    /// The steps, noisy end first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Standard deviation of the first state, which is normal around zero.
    pub fn start(&self) -> f64 {
        self.start
    }

    /// Number of steps, `K`.
    #[doc(alias = "num_inference_steps")]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether there is no step; never so for a chain that was made.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Steps at which the model is asked: the calls of the plain sampler.
    pub fn calls(&self) -> usize {
        (0..self.len()).filter(|&step| self.asks(step)).count()
    }

    /// Whether the model is asked for an estimate at a step: where it has a weight in the step's mean or in the next one's, and always
    /// at the last step. The mean of any other step, such as one that adds noise again, is known without.
    ///
    /// # Panics
    /// If the chain has no such step.
    pub fn asks(&self, step: usize) -> bool {
        asks(&self.steps, step)
    }

    /// Whether a step's mean has a share of an earlier estimate.
    pub(crate) fn remembers(&self) -> bool {
        self.remembers
    }

    /// The chain's numbers, the start last: what tells it from another chain.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = f64> + '_ {
        let step = |s: &Step| [s.level.t, s.level.alpha, s.level.sigma, s.a, s.b, s.s];
        // states were saved before there were such weights, and can still be read
        let remembered = self.steps.iter().map(|s| s.c).filter(|_| self.remembers());
        self.steps.iter().flat_map(step).chain(remembered).chain([self.start])
    }
}

/// Whether the model is asked at step `k`.
fn asks(steps: &[Step], k: usize) -> bool {
    steps[k].b != 0.0 || steps.get(k + 1).is_none_or(|next| next.c != 0.0)
}

/// Standard deviation of a state of this level, the data having variance 1 where the schedule keeps the variance, and
/// little of it against the noise elsewhere.
fn deviation(level: Level) -> f64 {
    let variance = level.alpha * level.alpha + level.sigma * level.sigma;
    if (variance - 1.0).abs() < PRESERVING { 1.0 } else { level.sigma }
}

/// Whether the levels run from noisy to clean.
fn check(levels: &[Level]) -> Result<(), ChainError> {
    let steps = levels.len().saturating_sub(1);
    if !(2..=MAX_STEPS).contains(&steps) {
        return Err(ChainError::Count(levels.len()));
    }
    for (k, pair) in levels.windows(2).enumerate() {
        let (now, next) = (pair[0], pair[1]);
        let finite = [now.alpha, now.sigma, next.alpha, next.sigma].iter().all(|x| x.is_finite());
        // so the second has signal and the first noise: a level without noise can only be the last
        let cleaner = next.sigma * now.alpha < now.sigma * next.alpha;
        if !(finite && cleaner && now.alpha >= 0.0 && next.sigma >= 0.0) {
            return Err(ChainError::Levels(k + 1));
        }
    }
    Ok(())
}
