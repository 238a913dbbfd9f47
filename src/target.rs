//! What is asked of a model, and nothing more: clean estimates for a batch of states.

mod batch;
mod boxed;
mod error;
mod guidance;
mod mask;
mod model;

pub use self::batch::{Batch, Row};
pub use self::boxed::BoxTarget;
pub use self::error::TargetError;
pub use self::guidance::Guidance;
pub use self::mask::Mask;
pub use self::model::{MaybeSend, Target, WithDrafter};
