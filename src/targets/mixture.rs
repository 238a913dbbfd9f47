//! A mixture of Gaussians with diagonal covariances: the model for which everything is known.

use core::fmt;
use core::future::ready;

use super::densities::density;
use crate::chain::schedule::Level;
use crate::target::{Batch, MaybeSend, Target, TargetError};

/// One Gaussian of a mixture.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Relative weight, above 0.
    pub weight: f64,
    /// Mean.
    pub mean: Vec<f64>,
    /// Variance of each coordinate, 0 or above.
    pub variance: Vec<f64>,
}

/// Why a mixture cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MixtureError {
    /// No component.
    Empty,
    /// A component with a bad weight, variance or number of dimensions.
    Component(usize),
}

impl fmt::Display for MixtureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the mixture has no component"),
            Self::Component(i) => write!(
                f,
                "component {i} needs a weight above 0, variances of 0 or above, and as many dimensions as the first"
            ),
        }
    }
}

impl core::error::Error for MixtureError {}

/// Gaussian mixture as a [`Target`].
///
/// ```
/// use speculative_diffusion::{Level, targets::{Component, Mixture}};
///
/// let component = |mean| Component { weight: 1.0, mean: vec![mean], variance: vec![0.1] };
/// let mixture = Mixture::new(vec![component(-1.0), component(1.0)])?;
/// assert!(mixture.density(Level::cosine(0.1), &[1.0]) > mixture.density(Level::cosine(0.1), &[0.0]));
/// # Ok::<(), speculative_diffusion::targets::MixtureError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    components: Vec<Component>,
}

impl Mixture {
    /// # Errors
    /// [`MixtureError`] naming the component that does not fit.
    pub fn new(components: Vec<Component>) -> Result<Self, MixtureError> {
        let dim = components.first().ok_or(MixtureError::Empty)?.mean.len();
        for (i, c) in components.iter().enumerate() {
            let finite = c.mean.iter().chain(&c.variance).all(|x| x.is_finite());
            let fits = c.mean.len() == dim && c.variance.len() == dim && dim > 0;
            if !(finite && fits && c.weight > 0.0 && c.weight.is_finite() && c.variance.iter().all(|&v| v >= 0.0)) {
                return Err(MixtureError::Component(i));
            }
        }
        Ok(Self { components })
    }

    /// Three Gaussians of `dim` numbers, 1 at least, to try things on: their means and variances fall with the number's place
    /// like a power, as those of images do with frequency.
    pub fn example(dim: usize) -> Self {
        let component = |weight, sign: fn(usize) -> f64| Component {
            weight,
            mean: (0..dim).map(|i| sign(i) / libm::sqrt(1.0 + i as f64)).collect(),
            variance: (0..dim).map(|i| 0.1 / (1.0 + i as f64)).collect(),
        };
        let alternating = |i: usize| if i % 2 == 0 { -1.0 } else { 1.0 };
        let every_third = |i: usize| if i % 3 == 0 { 1.5 } else { -0.5 };
        Self { components: vec![component(0.5, |_| 1.0), component(0.3, alternating), component(0.2, every_third)] }
    }

    /// `E[x0 | y]` at a level. Under component `c` the state is `N(alpha mean, alpha^2 variance + sigma^2)`, so its
    /// share of `y` is known (Bayes) and its estimate is linear; the mixture's is their average.
    fn estimate_at(&self, level: Level, y: &[f64]) -> Vec<f64> {
        let Level { alpha, sigma, .. } = level;
        let mut x0hat = vec![0.0; y.len()];
        for (c, share) in self.components.iter().zip(self.shares(level, y)) {
            for (i, x) in x0hat.iter_mut().enumerate() {
                let gain = alpha * c.variance[i] / (alpha * alpha * c.variance[i] + sigma * sigma);
                *x += share * (c.mean[i] + gain * (y[i] - alpha * c.mean[i]));
            }
        }
        x0hat
    }

    /// What [`Target::estimate`] answers, at once.
    pub fn estimates(&self, batch: &Batch) -> Vec<f64> {
        batch.iter().flat_map(|(row, y)| self.estimate_at(row.level, y)).collect()
    }

    /// Density of the states of a level at `y`.
    pub fn density(&self, level: Level, y: &[f64]) -> f64 {
        let (logs, top) = self.logs(level, y);
        let weight: f64 = self.components.iter().map(|c| c.weight).sum();
        let parts: f64 = logs.iter().map(|log| libm::exp(log - top)).sum();
        libm::exp(top + libm::log(parts / weight) - 0.5 * y.len() as f64 * libm::log(2.0 * core::f64::consts::PI))
    }

    /// Of each component the logarithm of its weighted density at the state `y` of a level, but for factors of pi; and the
    /// largest.
    fn logs(&self, level: Level, y: &[f64]) -> (Vec<f64>, f64) {
        let Level { alpha, sigma, .. } = level;
        let spread = |variance: f64| alpha * alpha * variance + sigma * sigma;
        let log = |c: &Component| {
            let terms = y.iter().zip(c.mean.iter().zip(&c.variance)).map(|(y, (mean, &variance))| {
                let residual = y - alpha * mean;
                residual * residual / spread(variance) + libm::log(spread(variance))
            });
            libm::log(c.weight) - 0.5 * terms.sum::<f64>()
        };
        let logs: Vec<f64> = self.components.iter().map(log).collect();
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (logs, top)
    }

    /// How likely each component is to have made the state `y` of a level (Bayes).
    fn shares(&self, level: Level, y: &[f64]) -> impl Iterator<Item = f64> {
        let (logs, top) = self.logs(level, y);
        let shares: Vec<f64> = logs.iter().map(|log| libm::exp(log - top)).collect();
        let total: f64 = shares.iter().sum();
        shares.into_iter().map(move |share| share / total)
    }

    /// The mixture itself as the density of a Langevin chain. Variances must be above 0.
    pub fn gradient(&self) -> impl Target {
        let clean = Level { t: 0.0, alpha: 1.0, sigma: 0.0 };
        density(self.dim(), move |y| {
            let mut gradient = vec![0.0; y.len()];
            for (c, share) in self.components.iter().zip(self.shares(clean, y)) {
                for (i, g) in gradient.iter_mut().enumerate() {
                    *g += share * (c.mean[i] - y[i]) / c.variance[i];
                }
            }
            gradient
        })
    }
}

impl Target for Mixture {
    fn dim(&self) -> usize {
        self.components[0].mean.len()
    }

    fn estimate(&self, batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> + MaybeSend {
        ready(Ok(self.estimates(batch)))
    }
}
