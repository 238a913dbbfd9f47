//! Evidence that adds up, however often it is looked at.

use core::f64::consts::PI;

use super::statistics::{SIGNIFICANCE, normal_cdf};
use crate::run::trace::Round;

/// Bounds of the kinds of steps that are counted apart, by the size of their gap: rules that are wrong are so at some sizes.
const GAPS: [f64; 3] = [0.25, 1.0, 2.0];
const KINDS: usize = GAPS.len() + 1;
/// Intervals in which a standard normal is equally often.
const BINS: usize = 8;
/// Of each interval, before anything was seen: the weight of Krichevsky and Trofimov.
const PRIOR: f64 = 0.5;

/// Evidence against the claim that the residuals along the gap are independent standard normals: an e-value, which has mean 1
/// at most where the claim is true. You may look at it after every run, and you may stop or continue at any time: the
/// chance that it *ever* exceeds `1 / alpha` is `alpha` at most (Ville's inequality). For [`Statistics`](super::Statistics) that
/// holds at one size, which has to be chosen before.
///
/// The e-value is a likelihood ratio. An interval out of eight, equally likely for a standard normal, is forecast for each
/// residual from those before it of steps with a gap of like size, by the rule of Krichevsky and Trofimov (IEEE Trans. Inf. Theory 27,
/// 1981); the forecasts' probability of what came is divided by that of equal chances. The gap of a step is known before its
/// noise, so it may choose among forecasts. On e-values: Ramdas, Grünwald, Vovk and Shafer, Statistical Science 38 (2023).
///
/// ```
/// use speculative_diffusion::audit::Evidence;
/// use speculative_diffusion::{Chain, Sampler, Settings, targets::Mixture};
///
/// let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default())?;
/// let (target, mut evidence) = (Mixture::example(16), Evidence::new());
/// for seed in 0..20 {
///     pollster::block_on(sampler.watch(&target, seed, |round| evidence.add(&round)))?;
///     if !evidence.passed() {
///         return Err(format!("not exact: ln e = {}", evidence.ln_e()).into());
///     }
/// }
/// // to go on another day
/// assert_eq!(Evidence::from_counts(*evidence.counts()), evidence);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "e-value")]
#[doc(alias = "sequential test")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    counts: [[u64; BINS]; KINDS],
}

impl Evidence {
    /// No residuals yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the residuals of a round.
    pub fn add(&mut self, round: &Round) {
        for test in round.positions.iter().filter_map(|position| position.verdict.test()) {
            if let Some(residual) = test.residual {
                let kind = GAPS.iter().filter(|bound| test.gap >= **bound).count();
                // what is not a number falls into the last interval, as what is too large does
                let bin = (normal_cdf(residual) * BINS as f64) as usize;
                let bin = if residual.is_nan() { BINS - 1 } else { bin.min(BINS - 1) };
                self.counts[kind][bin] += 1;
            }
        }
    }

    /// Adds what was counted elsewhere, of other chains.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.as_flattened_mut().iter_mut().zip(other.counts.as_flattened()) {
            *count += more;
        }
    }

    /// How many residuals there are.
    pub fn count(&self) -> u64 {
        self.counts.as_flattened().iter().sum()
    }

    /// What was counted: a row for each kind of gap, a number for each interval. All there is to save.
    pub fn counts(&self) -> &[[u64; BINS]; KINDS] {
        &self.counts
    }

    /// What was saved.
    pub fn from_counts(counts: [[u64; BINS]; KINDS]) -> Self {
        Self { counts }
    }

    /// The e-value's natural logarithm. It falls slowly where nothing is wrong, and grows with the number of residuals where
    /// something is.
    pub fn ln_e(&self) -> f64 {
        self.counts.iter().map(ln_ratio).sum()
    }

    /// Whether they could be standard normals: the e-value has not reached `1 /` [`SIGNIFICANCE`].
    pub fn passed(&self) -> bool {
        self.ln_e() < -libm::log(SIGNIFICANCE)
    }
}

/// `ln` of the forecasts' probability of these counts, one residual after the other, over that of equal chances.
fn ln_ratio(counts: &[u64; BINS]) -> f64 {
    let bins = BINS as f64;
    let n = counts.iter().sum::<u64>() as f64;
    let forecast: f64 = counts.iter().map(|&count| libm::lgamma(count as f64 + PRIOR) - 0.5 * libm::log(PI)).sum();
    forecast + libm::lgamma(bins * PRIOR) - libm::lgamma(n + bins * PRIOR) + n * libm::log(bins)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ln_e` of residuals, one forecast after the other.
    fn step_by_step(sample: &[usize]) -> f64 {
        let mut counts = [0_u64; BINS];
        let mut sum = 0.0;
        for (seen, &bin) in sample.iter().enumerate() {
            let forecast = (counts[bin] as f64 + PRIOR) / (seen as f64 + BINS as f64 * PRIOR);
            sum += libm::log(forecast * BINS as f64);
            counts[bin] += 1;
        }
        sum
    }

    #[test]
    fn the_ratio_is_that_of_the_forecasts_one_after_the_other() {
        let sample: Vec<usize> = (0..500).map(|i| i * i * 7 % 11 % BINS).collect();
        let mut counts = [0; BINS];
        sample.iter().for_each(|&bin| counts[bin] += 1);
        assert!((ln_ratio(&counts) - step_by_step(&sample)).abs() < 1e-9);
    }

    #[test]
    fn an_e_value_has_mean_one_over_all_that_can_be_seen() {
        // every sequence of four residuals is as likely as any other
        let sequences = (0..BINS.pow(4)).map(|i| [i % BINS, i / BINS % BINS, i / BINS.pow(2) % BINS, i / BINS.pow(3)]);
        let mean = sequences.map(|sequence| libm::exp(step_by_step(&sequence))).sum::<f64>() / BINS.pow(4) as f64;
        assert!((mean - 1.0).abs() < 1e-9, "{mean}");
    }

    #[test]
    fn nothing_seen_is_no_evidence() {
        assert_eq!(Evidence::new().count(), 0);
        assert!(Evidence::new().ln_e().abs() < 1e-12 && Evidence::new().passed());
    }
}
