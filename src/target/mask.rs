//! Samples of which a part is known.

use super::batch::Batch;
use super::error::TargetError;

/// Numbers of a sample that are known: they take the place of the model's estimates, at every level.
///
/// The known part of a state then follows the chain to the known numbers, and the model sees it as it sees any state of its
/// level. An estimate with a mask depends on its own state alone, so all that holds of a model holds of it with a mask.
/// [`Chain::with_jumps`](crate::Chain::with_jumps) lets the unknown part agree better, for more calls.
///
/// ```
/// use speculative_diffusion::{Ask, Batch, Chain, Mask, Sampler, Settings};
///
/// // stands for a model of yours
/// fn model(batch: &Batch) -> Vec<f64> {
///     batch.iter().flat_map(|(row, y)| y.iter().map(|y| row.level.alpha * y)).collect()
/// }
///
/// // of three numbers the first is known
/// let mask = Mask::new(&[0.7, 0.0, 0.0], &[true, false, false])?;
/// let mut run = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default())?.run(7, 3);
/// while let Ask::Estimate(ticket, batch) = run.ask() {
///     let mut x0hat = model(batch);
///     mask.apply(batch, &mut x0hat)?;
///     run.answer(ticket, &x0hat)?;
/// }
/// assert_eq!(run.sample().map(|sample| sample[0]), Some(0.7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "inpainting")]
#[derive(Clone, Debug, PartialEq)]
pub struct Mask {
    known: Vec<Option<f64>>,
}

impl Mask {
    /// A whole sample, and which of its numbers are known; the others may be anything.
    ///
    /// # Errors
    /// [`TargetError::Shape`] if the two differ in length.
    pub fn new(sample: &[f64], known: &[bool]) -> Result<Self, TargetError> {
        TargetError::check(sample.len(), known.len())?;
        Ok(Self { known: sample.iter().zip(known).map(|(&x, known)| known.then_some(x)).collect() })
    }

    /// Puts what is known into the clean estimates of a batch.
    ///
    /// # Shapes
    /// `estimates` are as long as [`Batch::states`].
    ///
    /// # Errors
    /// [`TargetError::Shape`] for more or fewer numbers, or rows of another length than the mask's.
    pub fn apply(&self, batch: &Batch, estimates: &mut [f64]) -> Result<(), TargetError> {
        TargetError::check(batch.len() * self.known.len(), estimates.len())?;
        for (x, known) in estimates.iter_mut().zip(self.known.iter().cycle()) {
            *x = known.unwrap_or(*x);
        }
        Ok(())
    }
}
