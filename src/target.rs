//! What is asked of a model, and nothing more: clean estimates for a batch of states.

use core::fmt;

use crate::schedule::Level;

/// States to evaluate together in one call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// One level a row.
    pub levels: Vec<Level>,
    /// The rows' states, one behind the other.
    pub states: Vec<f64>,
}

impl Batch {
    /// Appends a row.
    pub fn push(&mut self, level: Level, state: &[f64]) {
        self.levels.push(level);
        self.states.extend_from_slice(state);
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.levels.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }
}

/// A model whose samples are wanted.
pub trait Target {
    /// Numbers in one state.
    fn dim(&self) -> usize;

    /// Rows the model evaluates for each row asked: 2 under classifier-free guidance, else 1.
    fn rows_per_state(&self) -> usize {
        1
    }

    /// The estimates `x0hat` of the clean state (for a Langevin chain: `grad log pi`), one for each row of the batch:
    /// **one sequential call**. A network with another output is converted by
    /// [`Parametrisation`](crate::Parametrisation).
    ///
    /// # Shapes
    /// The result holds `batch.len() * dim()` numbers, rows in the batch's order.
    ///
    /// # Errors
    /// [`TargetError::Device`] when the device fails.
    fn predict(&self, batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>>;
}

/// Why a model gave no estimates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// The device was lost or refused the work; the text is its own.
    Device(String),
    /// The estimate at a committed state was not finite. One at a drafted state that is never committed does no harm.
    NotFinite {
        /// The state's level.
        level: usize,
    },
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(text) => write!(f, "the device failed: {text}"),
            Self::NotFinite { level } => write!(
                f,
                "the network's estimate at level {level} is not a finite number: try another seed or less \
                 guidance, or load the weights again"
            ),
        }
    }
}

impl core::error::Error for TargetError {}
