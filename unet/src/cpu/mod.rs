//! A network on a CPU, computed by this crate alone.
//!
//! Images lie with their channels together, `[rows, height, width, channels]`. Every number is computed by the same
//! operations in the same order on every machine, in a batch of any size, so a run on this network can be repeated
//! anywhere to the bit.

mod attention;
mod conv;
mod images;
mod norm;
mod scratch;
mod steps;
mod winograd;

use std::sync::{Arc, Mutex, PoisonError};

use self::steps::{Buffers, Steps};
use crate::config::UNetConfig;
use crate::error::WeightsError;
use crate::graph::Graph;
use crate::host::{Embedding, Linear, patches, planes};
use crate::tensors::Tensors;

/// A denoiser on the CPU. Clones share the weights.
#[derive(Clone, Debug)]
pub(crate) struct CpuUNet(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: UNetConfig,
    embedding: Embedding,
    modulations: Vec<Linear>,
    steps: Steps,
    /// Buffers of calls that have ended, for those to come.
    spare: Mutex<Vec<Buffers>>,
}

impl CpuUNet {
    /// The network of this shape with these weights.
    ///
    /// # Errors
    /// [`WeightsError::Tensors`] naming the tensor that is missing, of another shape, or too many.
    pub(crate) fn new(config: &UNetConfig, mut tensors: Tensors) -> Result<Self, WeightsError> {
        let graph = Graph::new(config);
        let embedding = Embedding::take(&graph, &mut tensors)?;
        let modulations =
            graph.modulations.iter().map(|layer| Linear::take(layer, &mut tensors)).collect::<Result<_, _>>()?;
        let steps = Steps::new(&graph, config.patch, &mut tensors)?;
        tensors.finish()?;
        Ok(Self(Arc::new(Inner { config: config.clone(), embedding, modulations, steps, spare: Mutex::default() })))
    }

    /// Its shape.
    pub(crate) fn config(&self) -> &UNetConfig {
        &self.0.config
    }

    /// The predicted velocity of each row. A row's does not depend on the others, to the bit.
    ///
    /// # Shapes
    /// `x`: `[rows, channels, size, size]`; `times`, of the cosine schedule, and `labels`, indices of classes and the
    /// one after the last for any: one a row. Result: the shape of `x`.
    ///
    /// # Panics
    /// If the three are not of as many rows, or a label is out of range.
    pub(crate) fn forward(&self, x: &[f32], times: &[f64], labels: &[usize]) -> Vec<f32> {
        let net = &*self.0;
        // a thread that panicked leaves nothing half done: what is in a buffer has no meaning
        let spare = || net.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffers = spare().pop().unwrap_or_default();
        let y = net.forward(x, times, labels, &mut buffers);
        spare().push(buffers);
        y
    }
}

impl Inner {
    fn forward(&self, x: &[f32], times: &[f64], labels: &[usize], buffers: &mut Buffers) -> Vec<f32> {
        let rows = times.len();
        assert_eq!((x.len(), labels.len()), (rows * self.config.dim(), rows), "numbers and labels of {rows} rows");
        let embedding = self.embedding.run(times, labels);
        let modulations: Vec<_> = self.modulations.iter().map(|layer| layer.run(&embedding, rows)).collect();
        let (input, output) = (self.steps.input, self.steps.output);
        self.steps.fit(rows, buffers);
        patches(&self.config, x, input.1.channels, buffers.images(input, rows));
        self.steps.run(rows, &modulations, buffers);
        planes(&self.config, buffers.images(output, rows), output.1.channels)
    }
}
