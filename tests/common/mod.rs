//! What the law tests share: statistics with their critical values, and targets.
#![allow(dead_code, reason = "each test file uses a part")]

use speculative_diffusion::targets::{Component, Mixture};
use speculative_diffusion::{Chain, Draft, Length, Noise, Quantity, Rule, Sampler, Settings, Trace, WithDrafter};

/// Probability that one statistic of a correct sampler exceeds its critical value. Seeds are fixed, so a failure is
/// never chance on a rerun; with some hundred statistics in the suite, a change of seeds raises a false alarm about once
/// in ten thousand times.
pub const SIGNIFICANCE: f64 = 1e-6;
/// Kolmogorov's critical value at [`SIGNIFICANCE`]: `sqrt(-ln(SIGNIFICANCE / 2) / 2)`.
pub const CRITICAL_KS: f64 = 2.694;
/// The standard normal's, two-sided, at [`SIGNIFICANCE`].
pub const CRITICAL_Z: f64 = 4.892;

pub const WRONG: [Rule; 6] =
    [Rule::Redraw, Rule::KeepNoise, Rule::HalfReflection, Rule::WrongRatio, Rule::Lenient(0.1), Rule::AcceptAll];

pub const DRAFTS: [Draft; 5] = Draft::ALL;
/// Those that need no other model.
pub const OWN_DRAFTS: [Draft; 4] = [Draft::Secant, Draft::Carry, Draft::Prefetched, Draft::Frozen];
pub const QUANTITIES: [Quantity; 3] = [Quantity::X0hat, Quantity::Velocity, Quantity::Drift];

pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// `sqrt(n)` times the largest distance between the sample's distribution function and the standard normal's.
pub fn ks(sample: &[f64]) -> f64 {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let distance = sorted
        .iter()
        .enumerate()
        .map(|(i, &x)| {
            let cdf = normal_cdf(x);
            (cdf - i as f64 / n).max((i + 1) as f64 / n - cdf)
        })
        .fold(0.0, f64::max);
    distance * n.sqrt()
}

/// z-score of the sample's mean against 0, the variance being 1.
pub fn mean_z(sample: &[f64]) -> f64 {
    sample.iter().sum::<f64>() / (sample.len() as f64).sqrt()
}

/// z-score of the sample's second moment against 1, for normals.
pub fn variance_z(sample: &[f64]) -> f64 {
    sample.iter().map(|x| x * x - 1.0).sum::<f64>() / (2.0 * sample.len() as f64).sqrt()
}

/// Fewer values than this could pass for anything.
const LEAST_SAMPLE: usize = 200;

/// The three statistics of one sample that must be standard normal, each as a share of its critical value.
pub fn departure(sample: &[f64]) -> f64 {
    assert!(sample.len() >= LEAST_SAMPLE && sample.iter().all(|x| x.is_finite()), "{} values", sample.len());
    (ks(sample) / CRITICAL_KS).max(mean_z(sample).abs() / CRITICAL_Z).max(variance_z(sample).abs() / CRITICAL_Z)
}

/// Gap-direction residuals of every tested step of a run, but where the means agree to the bit and there is no gap.
pub fn gap_residuals(trace: &Trace) -> impl Iterator<Item = f64> {
    trace.rounds.iter().flat_map(|r| &r.positions).filter(|p| p.gap > 0.0).map(|p| p.residual)
}

/// A mixture of three Gaussians whose coordinates have variances falling like a power, as images' do; a cruder one of
/// two drafts for it.
pub fn mixture(dim: usize) -> WithDrafter<Mixture, Mixture> {
    let component = |weight: f64, sign: fn(usize) -> f64| Component {
        weight,
        mean: (0..dim).map(|i| sign(i) / (1.0 + i as f64).sqrt()).collect(),
        variance: (0..dim).map(|i| 0.1 / (1.0 + i as f64)).collect(),
    };
    let target = Mixture::new(vec![
        component(0.5, |_| 1.0),
        component(0.3, |i| if i.is_multiple_of(2) { -1.0 } else { 1.0 }),
        component(0.2, |i| if i.is_multiple_of(3) { 1.5 } else { -0.5 }),
    ]);
    let drafter = Mixture::new(vec![component(0.6, |_| 1.1), component(0.4, |_| -0.2)]);
    WithDrafter { target: target.expect("a valid mixture"), drafter: Some(drafter.expect("a valid mixture")) }
}

pub fn sampler(steps: usize, eta: f64, settings: Settings, seed: u64, chain: u64) -> Sampler {
    let table = Chain::cosine(steps, eta).expect("a valid chain");
    Sampler::new(table, settings, Noise::new(seed, chain)).expect("a valid window")
}

pub fn with(draft: Draft, quantity: Quantity, window: usize, rule: Rule) -> Settings {
    Settings { draft, quantity, window: Length::Fixed(window), rule }
}
