//! The embedding of time and class, which every block of a network takes.

use super::dense::Linear;
use super::features::time_features;
use super::simd::{each, silu};
use crate::error::WeightsError;
use crate::graph::Graph;
use crate::tensors::Tensors;

/// Two dense layers on the features of a time, and a row for each class. So little work that the host does it for every
/// device.
#[derive(Clone, Debug)]
pub(crate) struct Embedding {
    features: usize,
    width: usize,
    time: [Linear; 2],
    /// `[classes + 1, width]`.
    label: Vec<f32>,
}

impl Embedding {
    /// # Errors
    /// [`WeightsError::Tensors`] naming the tensor that is missing or of another shape.
    pub(crate) fn take(graph: &Graph, tensors: &mut Tensors) -> Result<Self, WeightsError> {
        let [first, second] = &graph.time;
        Ok(Self {
            features: first.from,
            width: second.to,
            time: [Linear::take(first, tensors)?, Linear::take(second, tensors)?],
            label: graph.label.take(tensors)?,
        })
    }

    /// # Shapes
    /// `times` and `labels`: one a row. Result: `[rows, width]`.
    pub(crate) fn run(&self, times: &[f64], labels: &[usize]) -> Vec<f32> {
        let rows = times.len();
        let features: Vec<f32> = times.iter().flat_map(|&t| time_features(t, self.features)).collect();
        let [first, second] = &self.time;
        let mut hidden = first.run(&features, rows);
        each(&mut hidden, silu);
        let mut embedding = second.run(&hidden, rows);
        for (row, &label) in embedding.chunks_exact_mut(self.width).zip(labels) {
            for (x, label) in row.iter_mut().zip(&self.label[label * self.width..]) {
                *x += label;
            }
        }
        each(&mut embedding, silu);
        embedding
    }
}
