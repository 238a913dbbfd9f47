//! What a network was trained to predict, and the clean estimate that follows from it.

use crate::chain::schedule::Level;
use crate::name::named;
use crate::target::{Batch, TargetError};

/// The kinds of output in use. At a state `y = alpha x0 + sigma eps` each determines the others.
///
/// ```
/// use speculative_diffusion::{Batch, Level, Parametrisation};
///
/// let mut batch = Batch::default();
/// batch.push_level(Level::flow(0.5), &[1.0, -1.0]);
/// // a network that says which noise is in each number, in f32
/// let x0hat = Parametrisation::Epsilon.estimates(&batch, &[0.5_f32, 0.5])?;
/// assert_eq!(x0hat, [1.5, -2.5]);
/// assert_eq!("v_prediction".parse(), Ok(Parametrisation::Velocity));
/// # Ok::<(), speculative_diffusion::TargetError>(())
/// ```
#[doc(alias = "prediction_type")]
#[doc(alias = "pred_original_sample")]
#[doc(alias = "denoised")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Parametrisation {
    /// The clean state, `x0`.
    X0hat,
    /// The noise, `eps` (Ho et al. 2020).
    Epsilon,
    /// The velocity, `v = alpha eps - sigma x0` (Salimans & Ho 2022), of a level with `alpha^2 + sigma^2 = 1`.
    Velocity,
    /// The velocity of a rectified flow, `u = eps - x0` (Liu, Gong & Liu 2023; Lipman et al. 2023).
    Flow,
    /// The score, `grad log p(y) = -eps / sigma` (Song et al. 2021).
    Score,
}

impl Parametrisation {
    /// The clean estimates of a batch, from a model's outputs, `f32` or `f64`.
    ///
    /// # Shapes
    /// `outputs` and the result are as long as [`Batch::states`].
    ///
    /// # Errors
    /// [`TargetError::Shape`] for more or fewer numbers.
    pub fn estimates<T: Copy + Into<f64>>(self, batch: &Batch, outputs: &[T]) -> Result<Vec<f64>, TargetError> {
        TargetError::check(batch.states.len(), outputs.len())?;
        let mut estimates = Vec::with_capacity(outputs.len());
        for (row, y) in batch.iter() {
            let output = &outputs[estimates.len()..][..y.len()];
            estimates.extend(y.iter().zip(output).map(|(&y, &output)| self.x0hat(row.level, y, output.into())));
        }
        Ok(estimates)
    }

    /// The clean estimate from one number of the state `y` and of the network's `output`. Not for
    /// [`Parametrisation::Epsilon`] or [`Parametrisation::Score`] at `alpha = 0`, where the state holds no signal.
    pub fn x0hat(self, level: Level, y: f64, output: f64) -> f64 {
        let Level { alpha, sigma, .. } = level;
        match self {
            Self::X0hat => output,
            Self::Epsilon => (y - sigma * output) / alpha,
            Self::Velocity => alpha * y - sigma * output,
            // y = alpha x0 + sigma (u + x0)
            Self::Flow => (y - sigma * output) / (alpha + sigma),
            Self::Score => (y + sigma * sigma * output) / alpha,
        }
    }
}

named! {
    /// All of them, by the names of diffusers and of this project; "sample" is diffusers' word for "x0".
    "prediction", Parametrisation:
    X0hat = "x0" | "sample",
    Epsilon = "epsilon",
    Velocity = "v_prediction",
    Flow = "flow",
    Score = "score"
}
