//! This crate's network, with its weights, on a device of burn's.

use std::sync::Arc;

use burn::module::Module as _;
use burn::store::ModuleRecord;
use burn::tensor::{Bytes, Device, Tensor};
use speculative_diffusion::TargetError;

use super::transfer::{read, upload};
use super::unet::UNet;
use crate::config::UNetConfig;
use crate::error::WeightsError;
use crate::host::time_features;

/// A denoiser on any device of burn's. Clones share the weights.
///
/// It computes with modules made for any network: on a CPU a row takes about twice the time that it takes as
/// [`Sidecar::load`](crate::Sidecar::load) makes it.
#[derive(Clone, Debug)]
pub struct BurnUNet(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: UNetConfig,
    network: UNet,
    device: Device,
}

impl BurnUNet {
    /// A network as it is, trained or not, which is on this device.
    pub fn new(config: UNetConfig, network: UNet, device: &Device) -> Self {
        Self(Arc::new(Inner { config, network, device: device.clone() }))
    }

    /// The network of this shape with the weights of a burnpack file, on this device.
    ///
    /// # Errors
    /// [`WeightsError::Sidecar`] for a shape that cannot be built, [`WeightsError::Tensors`] with burn's reason.
    pub fn load(config: &UNetConfig, weights: &[u8], device: &Device) -> Result<Self, WeightsError> {
        config.check().map_err(WeightsError::Sidecar)?;
        let error = |error: &dyn core::fmt::Display| WeightsError::Tensors(error.to_string());
        let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(weights.to_vec())).map_err(|why| error(&why))?;
        // halves in the file, the device's own precision here
        let record = record.cast_to_module_dtype();
        let network = UNet::new(config, device).try_load_record(record).map_err(|why| error(&why))?;
        Ok(Self::new(config.clone(), network, device))
    }

    /// Its shape.
    pub(crate) fn config(&self) -> &UNetConfig {
        &self.0.config
    }

    /// The predicted velocity of each row, on the device.
    ///
    /// # Shapes
    /// `states`: `[rows, dim]`; `times`, of the cosine schedule, and `labels`, indices of classes and the one after
    /// the last for any: one a row. Result: `[rows, dim]`.
    ///
    /// # Panics
    /// If the three are not of as many rows, or a label is out of range.
    pub fn forward(&self, states: Tensor<2>, times: &[f64], labels: &[usize]) -> Tensor<2> {
        let Inner { config, network, device } = &*self.0;
        let (rows, width) = (times.len(), config.time_features());
        let features = times.iter().flat_map(|&t| time_features(t, width)).collect();
        let classes = config.classes.len() + 1;
        let mut chosen = vec![0.0; rows * classes];
        for (row, &label) in chosen.chunks_exact_mut(classes).zip(labels) {
            row[label] = 1.0;
        }
        let images = states.reshape([rows, config.channels, config.size, config.size]);
        let (features, chosen) = (upload(features, [rows, width], device), upload(chosen, [rows, classes], device));
        network.forward(images, features, chosen).reshape([rows, config.dim()])
    }

    /// As [`BurnUNet::forward`], from and to the host.
    ///
    /// # Errors
    /// [`TargetError::Model`] with burn's own error.
    pub(crate) async fn velocities(
        &self,
        states: &[f32],
        times: &[f64],
        labels: &[usize],
    ) -> Result<Vec<f32>, TargetError> {
        if times.is_empty() {
            return Ok(Vec::new());
        }
        let states = upload(states.to_vec(), [times.len(), self.0.config.dim()], &self.0.device);
        read(self.forward(states, times, labels)).await
    }
}
