//! What networks of other shapes are made of: for the crates of this workspace, and free to change with any version.

use crate::error::WeightsError;
use crate::graph;
use crate::host::{self, Linear, each, vectorised};
pub use crate::network::verify;
pub use crate::tensors::Tensors;

/// A dense layer with its weights.
#[derive(Clone, Debug)]
pub struct Dense(Linear);

impl Dense {
    /// The layer of this name, from `from` numbers to `to`.
    ///
    /// # Errors
    /// [`WeightsError::Tensors`] naming the tensor that is missing or of another shape.
    pub fn take(tensors: &mut Tensors, name: &str, from: usize, to: usize) -> Result<Self, WeightsError> {
        Ok(Self(Linear::take(&graph::Dense { name: name.to_owned(), from, to }, tensors)?))
    }

    /// # Shapes
    /// `x`: `[rows, from]`, result: `[rows, to]`.
    pub fn run(&self, x: &[f32], rows: usize) -> Vec<f32> {
        self.0.run(x, rows)
    }
}

/// Each number through `x / (1 + exp(-x))`.
pub fn silu(values: &mut [f32]) {
    vectorised(
        #[inline(always)]
        || each(values, host::silu),
    );
}
