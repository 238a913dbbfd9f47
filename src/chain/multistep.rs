//! Chains of second order: each step weighs the estimate of the step before.

use crate::chain::schedule::{ChainError, Level, MIN_ETA};
use crate::chain::{Chain, Step, check, deviation};

/// How the change from one estimate to the next enters a step of DPM-Solver++.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecondOrder {
    /// Half of it, at the weight of the estimate itself: the midpoint rule, the usual one.
    Midpoint,
    /// At the weight that an exponential integrator gives a slope.
    Heun,
}

impl Chain {
    /// DPM-Solver++(2M) SDE through the given levels, noisy to clean, the last of which may be without noise: the stochastic
    /// sampler with two estimates a step and one call. `eta` is the noise, 1 for the sampler of that name. The first step and
    /// a last one that ends without noise have one estimate.
    ///
    /// ```
    /// use speculative_diffusion::{Chain, SecondOrder, schedule::karras};
    ///
    /// let chain = Chain::dpmpp_2m_sde(&karras(30, 80.0, 0.002, 7.0)?, 1.0, SecondOrder::Midpoint)?;
    /// assert!(chain.steps()[1].c < 0.0);
    /// # Ok::<(), speculative_diffusion::ChainError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Chain::ancestral`].
    ///
    /// # Reference
    /// Lu et al. 2022 (DPM-Solver++, arXiv 2211.01095), algorithm 2 and appendix on stochastic solvers; k-diffusion's
    /// `sample_dpmpp_2m_sde`.
    #[doc(alias = "DPM++ 2M SDE")]
    #[doc(alias = "sde-dpmsolver++")]
    pub fn dpmpp_2m_sde(levels: &[Level], eta: f64, order: SecondOrder) -> Result<Self, ChainError> {
        if !(MIN_ETA..=1.0).contains(&eta) {
            return Err(ChainError::Eta(eta));
        }
        check(levels)?;
        Self::from_steps(dpmpp(levels, eta, |_| Some(order)), deviation(levels[0]))
    }
}

/// The steps through these levels, each of the order that is asked for its number; nothing is first order.
pub(crate) fn dpmpp(levels: &[Level], eta: f64, order: impl Fn(usize) -> Option<SecondOrder>) -> Vec<Step> {
    let log = |level: Level| libm::log(level.alpha / level.sigma);
    let lengths: Vec<f64> = levels.windows(2).map(|pair| log(pair[1]) - log(pair[0])).collect();
    let step = |(k, pair): (usize, &[Level])| {
        let (now, next, h) = (pair[0], pair[1], lengths[k]);
        let kept = -libm::expm1(-(1.0 + eta) * h);
        // over the length of the step before: the slope of the estimates
        let slope = match (order(k), k.checked_sub(1)) {
            (Some(order), Some(before)) if next.sigma > 0.0 => {
                let weight = match order {
                    SecondOrder::Midpoint => 0.5 * kept,
                    SecondOrder::Heun => 1.0 - kept / ((1.0 + eta) * h),
                };
                next.alpha * weight * h / lengths[before]
            }
            _ => 0.0,
        };
        let s = next.sigma * libm::sqrt(-libm::expm1(-2.0 * eta * h));
        Step::new(now, next.sigma / now.sigma * libm::exp(-eta * h), next.alpha * kept + slope, s).remembering(-slope)
    };
    levels.windows(2).enumerate().map(step).collect()
}
