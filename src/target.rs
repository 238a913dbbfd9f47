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

    /// As [`Target::predict`], by a smaller model: what [`Draft::Independent`](crate::Draft::Independent) takes for
    /// granted. It may be as wrong as it likes; the samples keep their law.
    ///
    /// # Errors
    /// [`TargetError::NoDrafter`] unless there is one, see [`WithDrafter`].
    fn draft(&self, _batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> {
        core::future::ready(Err(TargetError::NoDrafter))
    }
}

/// A target and a smaller model that drafts for it, of the same states; not every target has one.
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

    async fn predict(&self, batch: &Batch) -> Result<Vec<f64>, TargetError> {
        self.target.predict(batch).await
    }

    async fn draft(&self, batch: &Batch) -> Result<Vec<f64>, TargetError> {
        match &self.drafter {
            Some(drafter) => drafter.predict(batch).await,
            None => Err(TargetError::NoDrafter),
        }
    }
}

/// Why a model gave no estimates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// The device was lost or refused the work; the text is its own.
    Device(String),
    /// The independent draft was asked for, and there is no model to draft with.
    NoDrafter,
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
            Self::NoDrafter => {
                f.write_str("draft is \"independent\", and there is no model to draft with: choose another")
            }
            Self::NotFinite { level } => write!(
                f,
                "the network's estimate at level {level} is not a finite number: try another seed or less \
                 guidance, or load the weights again"
            ),
        }
    }
}

impl core::error::Error for TargetError {}
