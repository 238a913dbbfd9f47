//! Why a model gave no estimates that can be used.

use core::error::Error;
use core::fmt;
use std::sync::Arc;

/// Why a run cannot go on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TargetError {
    /// The model failed: a device was lost, a session refused the work. The error is its own.
    Model(Arc<dyn Error + Send + Sync>),
    /// The draft asks a model that drafts, and there is none.
    NoDrafter,
    /// The estimates answer another question than the one that is open.
    OtherQuestion,
    /// The model returned more or fewer numbers than the batch asks for.
    Shape {
        /// Numbers that were due: rows times dimensions.
        expected: usize,
        /// Numbers that came.
        found: usize,
    },
    /// The estimate at a committed state was not finite. One at a drafted state that is never committed does no harm.
    NotFinite {
        /// The state's level.
        level: usize,
    },
}

impl TargetError {
    /// An error of the model's own, or a sentence about one.
    pub fn model(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Model(error.into().into())
    }

    /// The numbers, if they are as many as were due.
    pub(crate) fn check(expected: usize, found: usize) -> Result<(), Self> {
        if expected == found { Ok(()) } else { Err(Self::Shape { expected, found }) }
    }
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(error) => write!(f, "the model failed: {error}"),
            Self::NoDrafter => f.write_str(
                "draft is \"independent\" or \"corrected\", and there is no model to draft with: choose another draft, or \
                 give a drafter",
            ),
            Self::OtherQuestion => {
                f.write_str("the estimates answer another question than the one that is open: ask again, and answer that")
            }
            Self::Shape { expected, found } => write!(
                f,
                "the model returned {found} numbers, not {expected}: one estimate of every dimension is due for each \
                 row of the batch"
            ),
            Self::NotFinite { level } => write!(f, "the model returned NaN or infinity for the state at level {level}"),
        }
    }
}

impl Error for TargetError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // what is said already includes the error itself
            Self::Model(error) => error.source(),
            _ => None,
        }
    }
}
