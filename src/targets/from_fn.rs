//! A function as a target.

use core::future::ready;

use crate::target::{Batch, MaybeSend, Target, TargetError};

/// See [`from_fn`].
#[derive(Clone, Copy, Debug)]
pub struct FromFn<F> {
    dim: usize,
    estimates: F,
}

/// A model that is a function: `estimates` takes a batch of states of `dim` numbers and returns what
/// [`Target::estimate`] is to return.
///
/// ```
/// use speculative_diffusion::{Chain, Noise, Sampler, Settings, targets::from_fn};
///
/// // the clean estimate of standard normal data
/// let target = from_fn(16, |batch| Ok(batch.iter().flat_map(|(row, y)| y.iter().map(|y| row.level.alpha * y)).collect()));
/// let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default(), Noise::new(7, 0))?;
/// let sample = pollster::block_on(sampler.sample(&target))?;
/// assert_eq!(sample.state.len(), 16);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn from_fn<F: Fn(&Batch) -> Result<Vec<f64>, TargetError>>(dim: usize, estimates: F) -> FromFn<F> {
    FromFn { dim, estimates }
}

impl<F: Fn(&Batch) -> Result<Vec<f64>, TargetError>> Target for FromFn<F> {
    fn dim(&self) -> usize {
        self.dim
    }

    fn estimate(&self, batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> + MaybeSend {
        ready((self.estimates)(batch))
    }
}
