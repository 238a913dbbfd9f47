//! Targets of different types behind one.

use core::fmt;
use core::pin::Pin;

use super::batch::Batch;
use super::error::TargetError;
use super::model::Target;

#[cfg(not(target_arch = "wasm32"))]
type Answer<'a> = Pin<Box<dyn Future<Output = Result<Vec<f64>, TargetError>> + Send + 'a>>;
#[cfg(target_arch = "wasm32")]
type Answer<'a> = Pin<Box<dyn Future<Output = Result<Vec<f64>, TargetError>> + 'a>>;

trait Asked {
    fn dim(&self) -> usize;
    fn rows_per_state(&self) -> usize;
    fn estimate<'a>(&'a self, batch: &'a Batch) -> Answer<'a>;
    fn draft<'a>(&'a self, batch: &'a Batch) -> Answer<'a>;
}

impl<T: Target> Asked for T {
    fn dim(&self) -> usize {
        Target::dim(self)
    }

    fn rows_per_state(&self) -> usize {
        Target::rows_per_state(self)
    }

    fn estimate<'a>(&'a self, batch: &'a Batch) -> Answer<'a> {
        Box::pin(Target::estimate(self, batch))
    }

    fn draft<'a>(&'a self, batch: &'a Batch) -> Answer<'a> {
        Box::pin(Target::draft(self, batch))
    }
}

/// A target whose type is not known until the program runs, such as the one of several models that a user has chosen.
///
/// ```
/// use speculative_diffusion::BoxTarget;
/// use speculative_diffusion::targets::{double_well, phi4};
///
/// let chosen = if cfg!(test) { BoxTarget::new(double_well(2.0)) } else { BoxTarget::new(phi4(8, 0.2, 0.5)) };
/// println!("{chosen:?}");
/// ```
pub struct BoxTarget(Box<dyn SendAsked>);

#[cfg(not(target_arch = "wasm32"))]
trait SendAsked: Asked + Send + Sync {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Asked + Send + Sync> SendAsked for T {}
#[cfg(target_arch = "wasm32")]
trait SendAsked: Asked {}
#[cfg(target_arch = "wasm32")]
impl<T: Asked> SendAsked for T {}

impl BoxTarget {
    /// Boxes a target.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn new(target: impl Target + Send + Sync + 'static) -> Self {
        Self(Box::new(target))
    }

    /// Boxes a target.
    #[cfg(target_arch = "wasm32")]
    pub fn new(target: impl Target + 'static) -> Self {
        Self(Box::new(target))
    }
}

impl fmt::Debug for BoxTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BoxTarget({} dimensions)", self.0.dim())
    }
}

impl Target for BoxTarget {
    fn dim(&self) -> usize {
        self.0.dim()
    }

    fn rows_per_state(&self) -> usize {
        self.0.rows_per_state()
    }

    async fn estimate(&self, batch: &Batch) -> Result<Vec<f64>, TargetError> {
        self.0.estimate(batch).await
    }

    async fn draft(&self, batch: &Batch) -> Result<Vec<f64>, TargetError> {
        self.0.draft(batch).await
    }
}
