//! Dense layers.

use super::product::Matrix;
use crate::error::WeightsError;
use crate::graph::Dense;
use crate::tensors::Tensors;

/// A dense layer with its weights.
#[derive(Clone, Debug)]
pub(crate) struct Linear {
    weights: Matrix,
    bias: Vec<f32>,
}

impl Linear {
    /// # Errors
    /// [`WeightsError::Tensors`] naming the tensor that is missing or of another shape.
    pub(crate) fn take(layer: &Dense, tensors: &mut Tensors) -> Result<Self, WeightsError> {
        let (weights, bias) = layer.take(tensors)?;
        Ok(Self { weights: Matrix::new(layer.from, layer.to, |row, column| weights[row * layer.to + column]), bias })
    }

    /// # Shapes
    /// `x`: `[rows, from]`, result: `[rows, to]`.
    pub(crate) fn run(&self, x: &[f32], rows: usize) -> Vec<f32> {
        let width = self.weights.width();
        let mut product = vec![0.0; rows * width];
        self.weights.multiply(x, &mut product);
        let biased = |row: &[f32]| row.iter().zip(&self.bias).map(|(x, bias)| x + bias).collect::<Vec<_>>();
        product.chunks_exact(width).flat_map(biased).collect()
    }
}
