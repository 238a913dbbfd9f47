//! Whether numbers could be independent standard normals.

use core::f64::consts::SQRT_2;
use core::fmt;

/// Probability that one statistic of standard normals exceeds its critical value.
pub const SIGNIFICANCE: f64 = 1e-6;
/// Kolmogorov's critical value at [`SIGNIFICANCE`]: `sqrt(-ln(SIGNIFICANCE / 2) / 2)`.
pub const CRITICAL_KS: f64 = 2.694;
/// The standard normal's, two-sided, at [`SIGNIFICANCE`].
pub const CRITICAL_Z: f64 = 4.892;
/// Fewer numbers than this could pass for anything.
const LEAST: usize = 200;
/// The standard normal exceeds this once in a hundred times: what is added to a critical value for a power of 99 %.
const POWER_Z: f64 = 2.326;

/// Three statistics of a sample, each of which is small for standard normals, and what they would have seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statistics {
    /// Size of the sample.
    pub count: usize,
    /// Mean of the sample times `sqrt(count)`: standard normal. Critical at [`CRITICAL_Z`].
    pub mean_z: f64,
    /// Second moment less 1, in standard errors: standard normal. Critical at [`CRITICAL_Z`].
    pub variance_z: f64,
    /// Kolmogorov's statistic: `sqrt(count)` times the largest distance between the sample's distribution function and the
    /// standard normal's. Critical at [`CRITICAL_KS`].
    pub ks: f64,
}

impl Statistics {
    /// Of a sample; `None` where it has fewer than 200 numbers, or one that is not finite.
    pub fn of(sample: &[f64]) -> Option<Self> {
        if sample.len() < LEAST || sample.iter().any(|x| !x.is_finite()) {
            return None;
        }
        let n = sample.len() as f64;
        Some(Self {
            count: sample.len(),
            mean_z: sample.iter().sum::<f64>() / libm::sqrt(n),
            variance_z: sample.iter().map(|x| x * x - 1.0).sum::<f64>() / libm::sqrt(2.0 * n),
            ks: kolmogorov(sample),
        })
    }

    /// The statistic that is furthest out, in critical values: above 1 the sample is not of standard normals, but for a
    /// chance of three in a million.
    pub fn departure(&self) -> f64 {
        (self.ks / CRITICAL_KS).max(self.mean_z.abs() / CRITICAL_Z).max(self.variance_z.abs() / CRITICAL_Z)
    }

    /// Whether they could be standard normals.
    pub fn passed(&self) -> bool {
        self.departure() <= 1.0
    }

    /// The least shift of the mean, in standard deviations, that a sample of this size shows 99 times in 100.
    pub fn least_shift_seen(&self) -> f64 {
        (CRITICAL_Z + POWER_Z) / libm::sqrt(self.count as f64)
    }

    /// The least relative change of the variance that a sample of this size shows 99 times in 100.
    pub fn least_spread_seen(&self) -> f64 {
        (CRITICAL_Z + POWER_Z) * libm::sqrt(2.0 / self.count as f64)
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} residuals: mean z {:+.2}, variance z {:+.2} (critical {CRITICAL_Z}), Kolmogorov {:.2} (critical \
             {CRITICAL_KS}); a shift of {:.3} standard deviations or a variance off by {:.1} % would be seen",
            self.count,
            self.mean_z,
            self.variance_z,
            self.ks,
            self.least_shift_seen(),
            100.0 * self.least_spread_seen(),
        )
    }
}

/// The standard normal's distribution function.
pub(super) fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

fn kolmogorov(sample: &[f64]) -> f64 {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let distance = |(i, x): (usize, &f64)| {
        let cdf = normal_cdf(*x);
        (cdf - i as f64 / n).max((i + 1) as f64 / n - cdf)
    };
    sorted.iter().enumerate().map(distance).fold(0.0, f64::max) * libm::sqrt(n)
}

#[cfg(test)]
mod tests {
    use super::{CRITICAL_Z, Statistics};
    use crate::noise::{Noise, Purpose};

    #[test]
    fn what_a_sample_is_said_to_show_it_shows_99_times_in_100() {
        const SAMPLES: usize = 600;
        const COUNT: usize = 10_000;
        let noise = Noise::new(8, 0);
        let seen = |of: fn(&Statistics) -> f64, change: &dyn Fn(f64) -> f64| {
            let found = (0..SAMPLES).filter(|&i| {
                let sample: Vec<f64> = noise.normals(Purpose::Step, i, COUNT).into_iter().map(change).collect();
                of(&Statistics::of(&sample).expect("enough")).abs() > CRITICAL_Z
            });
            found.count()
        };
        let due = Statistics::of(&noise.normals(Purpose::Start, 0, COUNT)).expect("enough");
        let shift = due.least_shift_seen();
        let spread = libm::sqrt(1.0 + due.least_spread_seen());
        let shifts = seen(|statistics| statistics.mean_z, &|x| x + shift);
        let spreads = seen(|statistics| statistics.variance_z, &|x| x * spread);
        // three standard errors about 594, and a little more for a statistic that spreads with the sample
        assert!((585..600).contains(&shifts), "{shifts}");
        assert!((579..600).contains(&spreads), "{spreads}");
    }
}
