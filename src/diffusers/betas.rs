//! Schedules of beta by name.

use core::f64::consts::FRAC_PI_2;

/// Schedules of beta by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Betas {
    Linear,
    ScaledLinear,
    Cosine,
}

impl Betas {
    pub(super) fn table(self, (start, end): (f64, f64), count: usize) -> Vec<f64> {
        let share = |i: usize| if count > 1 { i as f64 / (count - 1) as f64 } else { 0.0 };
        let line = |from: f64, to: f64, i: usize| from + (to - from) * share(i);
        let cosine = |i: usize| {
            let angle = (i as f64 / count as f64 + 0.008) / 1.008 * FRAC_PI_2;
            libm::cos(angle) * libm::cos(angle)
        };
        let beta = |i: usize| match self {
            Self::Linear => line(start, end, i),
            Self::ScaledLinear => {
                let root = line(libm::sqrt(start), libm::sqrt(end), i);
                root * root
            }
            Self::Cosine => (1.0 - cosine(i + 1) / cosine(i)).min(0.999),
        };
        (0..count).map(beta).collect()
    }
}
