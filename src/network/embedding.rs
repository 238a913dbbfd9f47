//! What time and class tell every block of a network.

use super::config::UNetConfig;
use super::cpu::{Linear, each, silu};
use super::features::time_features;
use super::tensors::Tensors;
use super::weights::WeightsError;

/// Two dense layers on the features of a time, and a row for each class. So little work that the host does it for every
/// device.
#[derive(Clone, Debug)]
pub(super) struct Embedding {
    features: usize,
    width: usize,
    time1: Linear,
    time2: Linear,
    /// `[classes + 1, width]`.
    label: Vec<f32>,
}

impl Embedding {
    pub(super) fn take(config: &UNetConfig, weights: &mut Tensors) -> Result<Self, WeightsError> {
        let (features, width) = (config.time_features(), config.embedding());
        Ok(Self {
            features,
            width,
            time1: Linear::take(weights, "time1", features, width)?,
            time2: Linear::take(weights, "time2", width, width)?,
            label: weights.take("label.weight", &[config.classes.len() + 1, width])?,
        })
    }

    /// `[rows, width]`.
    pub(super) fn run(&self, times: &[f64], labels: &[usize]) -> Vec<f32> {
        let rows = times.len();
        let features: Vec<f32> = times.iter().flat_map(|&t| time_features(t, self.features)).collect();
        let mut hidden = self.time1.run(&features, rows);
        each(&mut hidden, silu);
        let mut embedding = self.time2.run(&hidden, rows);
        for (row, &label) in embedding.chunks_exact_mut(self.width).zip(labels) {
            for (x, label) in row.iter_mut().zip(&self.label[label * self.width..]) {
                *x += label;
            }
        }
        each(&mut embedding, silu);
        embedding
    }
}
