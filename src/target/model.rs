//! The trait of a model whose samples are wanted, and what it promises.

use core::future::ready;
use std::rc::Rc;
use std::sync::Arc;

use super::batch::Batch;
use super::error::TargetError;

/// [`Send`], but in a browser, where a promise belongs to its own thread.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send + ?Sized> MaybeSend for T {}
/// [`Send`], but in a browser, where a promise belongs to its own thread.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSend {}
#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSend for T {}

/// A model whose samples are wanted.
///
/// # The contract
/// The samples have the law of the chain if and only if the model keeps these conditions:
///
/// - **Rows do not see their neighbours.** The estimate of a row depends on its own state, level and chain alone, not on
///   which other rows share the call, nor on their order or number. Batch normalisation in training mode, a quantile
///   over the batch, or attention across rows break this. The batch holds drafts that later noise has shaped; a model
///   that leans on them lets the future into the present.
/// - **The same question has the same answer.** No dropout, no noise of its own, no state that calls leave behind.
///   Rounding that differs from call to call is harmless as long as it is small against the steps' noise.
///
/// [`Check`](crate::audit::Check) tests both on a model of yours, and [`Audit`](crate::audit::Audit) judges its runs.
///
/// A model that cannot be shared, needs `&mut self`, or is not asynchronous needs no `Target` at all: see
/// [`Run`](crate::Run).
///
/// ```
/// use speculative_diffusion::{Batch, Chain, Sampler, Settings, Target, TargetError};
///
/// /// A network that was trained to predict the noise in states of 768 numbers.
/// struct Mine;
///
/// impl Mine {
///     /// One call of it: as many timesteps as rows.
///     async fn forward(&self, states: &[f64], timesteps: &[f64]) -> Result<Vec<f64>, std::io::Error> {
///         assert_eq!(states.len(), 768 * timesteps.len());
///         Ok(states.iter().map(|y| 0.9 * y).collect())
///     }
/// }
///
/// impl Target for Mine {
///     fn dim(&self) -> usize {
///         768
///     }
///
///     async fn estimate(&self, batch: &Batch) -> Result<Vec<f64>, TargetError> {
///         let timesteps: Vec<f64> = batch.rows.iter().map(|row| row.level.t).collect();
///         let noise = self.forward(&batch.states, &timesteps).await.map_err(TargetError::model)?;
///         speculative_diffusion::Parametrisation::Epsilon.estimates(batch, &noise)
///     }
/// }
///
/// let sampler = Sampler::new(Chain::cosine(50, 1.0)?, Settings::default())?;
/// let made = pollster::block_on(sampler.sample(&Mine, 7))?;
/// assert_eq!(made.sample.len(), 768);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "model")]
#[doc(alias = "denoiser")]
#[doc(alias = "unet")]
pub trait Target {
    /// Numbers in one state.
    fn dim(&self) -> usize;

    /// Rows the model evaluates for each row asked: 2 under classifier-free guidance, else 1.
    #[doc(alias = "guidance")]
    #[doc(alias = "cfg")]
    fn rows_per_state(&self) -> usize {
        1
    }

    /// The estimates `x0hat` of the clean state (for a Langevin chain: `grad log pi`), one for each row of the batch:
    /// **one sequential call**. A network with another output is converted by
    /// [`Parametrisation`](crate::Parametrisation). See [the contract](Target#the-contract).
    ///
    /// **Each row has a timestep of its own** (`row.level.t`): a window lies along several steps. Many models take one timestep
    /// for the whole batch and repeat it for each sample before they embed it. Let yours take as many as there are rows and
    /// leave the repeating out; the layers after the embedding need no change.
    ///
    /// # Shapes
    /// The result holds `batch.len() * dim()` numbers, rows in the batch's order.
    ///
    /// # Errors
    /// [`TargetError::Model`] when the model fails.
    #[doc(alias = "pred_original_sample")]
    #[doc(alias = "denoised")]
    #[doc(alias = "prediction_type")]
    fn estimate(&self, batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> + MaybeSend;

    /// As [`Target::estimate`], by a smaller model: what [`Draft::Independent`](crate::Draft::Independent) assumes. It
    /// may be as wrong as it likes; the samples keep their law.
    ///
    /// # Errors
    /// [`TargetError::NoDrafter`] unless there is one, see [`WithDrafter`].
    fn draft(&self, _batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> + MaybeSend {
        ready(Err(TargetError::NoDrafter))
    }
}

/// Targets can be lent and shared.
macro_rules! lent {
    ($($pointer:ty),*) => {$(
        impl<T: Target + ?Sized> Target for $pointer {
            fn dim(&self) -> usize {
                T::dim(self)
            }

            fn rows_per_state(&self) -> usize {
                T::rows_per_state(self)
            }

            fn estimate(&self, batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> + MaybeSend {
                T::estimate(self, batch)
            }

            fn draft(&self, batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> + MaybeSend {
                T::draft(self, batch)
            }
        }
    )*};
}

lent!(&T, Box<T>, Rc<T>, Arc<T>);

/// A target and a smaller model that drafts for it, of the same states; not every target has one.
///
/// ```
/// use speculative_diffusion::targets::{Component, Mixture};
/// use speculative_diffusion::{Chain, Draft, Sampler, Settings, WithDrafter};
///
/// let one = |mean| Component { weight: 1.0, mean: vec![mean; 8], variance: vec![0.1; 8] };
/// let target = Mixture::new(vec![one(-1.0), one(1.0)])?;
/// // cheap and wrong: it costs calls, never the law of the samples
/// let drafter = Some(Mixture::new(vec![Component { variance: vec![1.0; 8], ..one(0.0) }])?);
/// let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default().draft(Draft::Corrected))?;
/// let made = pollster::block_on(sampler.sample(&WithDrafter { target, drafter }, 7))?;
/// println!("{} calls, and {} of the drafter", made.costs.calls, made.costs.draft_calls);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "speculative decoding")]
#[derive(Clone, Copy, Debug)]
pub struct WithDrafter<T, D> {
    /// The model whose samples are wanted.
    pub target: T,
    /// The model that drafts.
    pub drafter: Option<D>,
}

impl<T: Target, D: Target> Target for WithDrafter<T, D> {
    fn dim(&self) -> usize {
        self.target.dim()
    }

    fn rows_per_state(&self) -> usize {
        self.target.rows_per_state()
    }

    fn estimate(&self, batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> + MaybeSend {
        self.target.estimate(batch)
    }

    fn draft(&self, batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> + MaybeSend {
        let drafting = self.drafter.as_ref().map(|drafter| drafter.estimate(batch));
        async {
            match drafting {
                Some(drafting) => drafting.await,
                None => Err(TargetError::NoDrafter),
            }
        }
    }
}
