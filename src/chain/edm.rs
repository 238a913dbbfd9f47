//! Chains of variance-exploding models whose noise is raised again before each step.

use crate::chain::schedule::{ChainError, Level};
use crate::chain::{Chain, Step};

/// How noise is raised before a step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Churn {
    /// `sigma` becomes `(1 + gamma) sigma`. In Karras et al. `S_churn / K`, at most `sqrt(2) - 1`; 0.8 in AlphaFold 3.
    pub gamma: f64,
    /// Least and most `sigma` that are raised (`S_tmin`, `S_tmax`).
    pub range: (f64, f64),
    /// Factor of the noise that is added (`S_noise`; 1.003 in AlphaFold 3).
    pub noise_scale: f64,
    /// Factor of each step's length; 1.5 in AlphaFold 3.
    pub step_scale: f64,
}

impl Churn {
    /// By this share at every `sigma`.
    pub fn new(gamma: f64) -> Self {
        Self { gamma, range: (0.0, f64::INFINITY), noise_scale: 1.0, step_scale: 1.0 }
    }

    /// Only from `least` to `most`.
    #[must_use]
    pub fn within(self, least: f64, most: f64) -> Self {
        Self { range: (least, most), ..self }
    }

    /// With another factor of the noise.
    #[must_use]
    pub fn noise_scale(self, noise_scale: f64) -> Self {
        Self { noise_scale, ..self }
    }

    /// With another factor of each step's length.
    #[must_use]
    pub fn step_scale(self, step_scale: f64) -> Self {
        Self { step_scale, ..self }
    }

    fn check(&self) -> Result<(), ChainError> {
        let Self { gamma, range: (least, most), noise_scale, step_scale } = *self;
        let usable = gamma >= 0.0 && least <= most && noise_scale > 0.0 && step_scale > 0.0;
        let finite = [gamma, least, noise_scale, step_scale].iter().all(|x| x.is_finite());
        if usable && finite { Ok(()) } else { Err(ChainError::Churn) }
    }
}

impl Chain {
    /// The stochastic sampler of Karras et al. with Euler steps, one call each: from `sigma` the noise is raised by `churn`, then a
    /// step leads to the next of `sigmas`, which fall; a 0 at the end may be given or not.
    ///
    /// The states of this chain are those after the noise was raised, where the model is asked. A step whose next `sigma` is
    /// outside of the churn's range has no noise, cannot be drafted past, and takes a call of its own.
    ///
    /// ```
    /// use speculative_diffusion::{Chain, Churn, schedule::karras};
    ///
    /// let sigmas: Vec<f64> = karras(200, 160.0, 4e-4, 7.0)?.iter().map(|level| level.sigma).collect();
    /// // AlphaFold 3's numbers, in units of its data
    /// let churn = Churn::new(0.8).within(1.0 / 16.0, f64::INFINITY).noise_scale(1.003).step_scale(1.5);
    /// assert_eq!(Chain::edm(&sigmas, churn)?.len(), 200);
    /// # Ok::<(), speculative_diffusion::ChainError>(())
    /// ```
    ///
    /// # Errors
    /// [`ChainError::Count`] for fewer than 2 or too many steps, [`ChainError::Levels`] where a sigma is not finite or not below the
    /// one before it, [`ChainError::Churn`] for a number of `churn` that cannot be used, [`ChainError::Noiseless`] if nothing is
    /// raised.
    ///
    /// # Reference
    /// Karras et al. 2022 (EDM), algorithm 2 without its correction; Abramson et al. 2024 (AlphaFold 3), algorithm 18.
    #[doc(alias = "AlphaFold")]
    #[doc(alias = "S_churn")]
    pub fn edm(sigmas: &[f64], churn: Churn) -> Result<Self, ChainError> {
        churn.check()?;
        let sigmas = sigmas.strip_suffix(&[0.0]).unwrap_or(sigmas);
        let levels: Vec<Level> = sigmas.iter().chain([&0.0]).map(|&sigma| Level::from_sigma(sigma)).collect();
        super::check(&levels)?;
        let raised = |sigma: f64| {
            let (least, most) = churn.range;
            if (least..=most).contains(&sigma) { sigma * (1.0 + churn.gamma) } else { sigma }
        };
        // what is added to get there
        let noise = |sigma: f64| churn.noise_scale * libm::sqrt(raised(sigma) * raised(sigma) - sigma * sigma);
        let step = |pair: &[Level]| {
            let (from, to) = (raised(pair[0].sigma), pair[1].sigma);
            let a = 1.0 + churn.step_scale * (to / from - 1.0);
            Step::new(Level::from_sigma(from), a, 1.0 - a, noise(to))
        };
        Self::from_steps(levels.windows(2).map(step).collect(), libm::hypot(sigmas[0], noise(sigmas[0])))
    }
}
