//! From bytes to a network, every mismatch an error that names what differs.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use speculative_diffusion::TargetError;

#[cfg(feature = "burn")]
use crate::burn::BurnUNet;
use crate::config::UNetConfig;
use crate::cpu::CpuUNet;
use crate::error::WeightsError;
#[cfg(feature = "gpu")]
use crate::gpu::{Gpu, GpuUNet};
use crate::tensors::Tensors;

/// A network with its weights, where it computes. Clones share the weights.
#[derive(Clone, Debug)]
pub struct Network(Kind);

/// The devices of this build.
#[derive(Clone, Debug)]
enum Kind {
    Cpu(CpuUNet),
    #[cfg(feature = "gpu")]
    Gpu(GpuUNet),
    #[cfg(feature = "burn")]
    Burn(BurnUNet),
}

impl Network {
    /// Its shape.
    pub fn config(&self) -> &UNetConfig {
        match &self.0 {
            Kind::Cpu(network) => network.config(),
            #[cfg(feature = "gpu")]
            Kind::Gpu(network) => network.config(),
            #[cfg(feature = "burn")]
            Kind::Burn(network) => network.config(),
        }
    }

    /// The predicted velocity of each row. On the CPU it is computed at once: the future never waits.
    ///
    /// # Shapes
    /// `states`: `[rows, dim]`; `times`, of the cosine schedule, and `labels`, indices of classes and the one after
    /// the last for any: one a row. Result: `[rows, dim]`.
    ///
    /// # Errors
    /// [`TargetError::Model`] when the three do not fit each other or the network, or with the device's own text when
    /// it was lost or ran out of memory.
    #[cfg_attr(
        not(any(feature = "gpu", feature = "burn")),
        expect(clippy::unused_async, reason = "a GPU is waited for")
    )]
    pub async fn velocities(&self, states: &[f32], times: &[f64], labels: &[usize]) -> Result<Vec<f32>, TargetError> {
        self.check(states, times, labels).map_err(TargetError::model)?;
        match &self.0 {
            Kind::Cpu(network) => Ok(network.forward(states, times, labels)),
            #[cfg(feature = "gpu")]
            Kind::Gpu(network) => network.forward(states, times, labels).await.map_err(TargetError::model),
            #[cfg(feature = "burn")]
            Kind::Burn(network) => network.velocities(states, times, labels).await,
        }
    }

    /// Whether these are rows that the network can take; a sentence if not.
    fn check(&self, states: &[f32], times: &[f64], labels: &[usize]) -> Result<(), String> {
        let (config, rows) = (self.config(), times.len());
        if (states.len(), labels.len()) != (rows * config.dim(), rows) {
            let (numbers, labels, dim) = (states.len(), labels.len(), config.dim());
            return Err(format!("{rows} times, {labels} labels and {numbers} numbers: each row is one, one and {dim}"));
        }
        match labels.iter().find(|&&label| label > config.classes.len()) {
            Some(label) => Err(format!("label is {label}: the network has {} classes", config.classes.len())),
            None => Ok(()),
        }
    }
}

/// The file beside the weights: what they are, and how to tell that they arrived whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sidecar {
    /// The model's name.
    pub name: String,
    /// Shape of the network.
    pub network: UNetConfig,
    /// What the network predicts; "velocity" is the only kind there is.
    pub prediction: String,
    /// The noise schedule it was trained on; "cosine" is the only kind there is.
    pub schedule: String,
    /// Length of the weights file.
    pub bytes: usize,
    /// SHA-256 of the weights file, in hexadecimal.
    pub sha256: String,
    /// Where the data came from, how the network was trained and what it reached; for people.
    #[serde(flatten)]
    pub about: serde_json::Map<String, serde_json::Value>,
}

impl Sidecar {
    /// From the file's text.
    ///
    /// # Errors
    /// [`WeightsError::Sidecar`] naming the field that is missing or wrong.
    pub fn parse(text: &str) -> Result<Self, WeightsError> {
        let sidecar: Self = serde_json::from_str(text).map_err(|error| WeightsError::Sidecar(error.to_string()))?;
        sidecar.network.check().map_err(WeightsError::Sidecar)?;
        for (field, value, known) in
            [("prediction", &sidecar.prediction, "velocity"), ("schedule", &sidecar.schedule, "cosine")]
        {
            if value != known {
                return Err(WeightsError::Sidecar(format!("{field} is \"{value}\", only \"{known}\" is known")));
            }
        }
        Ok(sidecar)
    }

    /// The network with these weights, on the CPU.
    ///
    /// # Errors
    /// [`WeightsError`] when length, hash, names or shapes differ.
    pub fn load(&self, weights: &[u8]) -> Result<Network, WeightsError> {
        Ok(Network(Kind::Cpu(CpuUNet::new(&self.network, self.tensors(weights)?)?)))
    }

    /// The network with these weights, on a GPU.
    ///
    /// # Errors
    /// As [`Sidecar::load`].
    #[cfg(feature = "gpu")]
    pub fn load_on(&self, weights: &[u8], gpu: &Gpu) -> Result<Network, WeightsError> {
        Ok(Network(Kind::Gpu(GpuUNet::new(&self.network, self.tensors(weights)?, gpu)?)))
    }

    /// The network with these weights, on a device of burn's.
    ///
    /// # Errors
    /// As [`Sidecar::load`].
    #[cfg(feature = "burn")]
    pub fn load_burn(&self, weights: &[u8], device: &burn::tensor::Device) -> Result<Network, WeightsError> {
        self.check(weights)?;
        Ok(Network(Kind::Burn(BurnUNet::load(&self.network, weights, device)?)))
    }

    /// The tensors of these weights.
    ///
    /// # Errors
    /// As [`Sidecar::load`], but for names and shapes.
    pub(crate) fn tensors<'a>(&self, weights: &'a [u8]) -> Result<Tensors<'a>, WeightsError> {
        self.check(weights)?;
        Tensors::parse(weights)
    }

    /// Whether these are the bytes that this sidecar describes.
    fn check(&self, weights: &[u8]) -> Result<(), WeightsError> {
        self.network.check().map_err(WeightsError::Sidecar)?;
        verify(weights, self.bytes, &self.sha256)
    }
}

/// Whether these are the bytes that a sidecar describes.
///
/// # Errors
/// [`WeightsError::Length`], [`WeightsError::Hash`].
pub fn verify(weights: &[u8], expected: usize, hash: &str) -> Result<(), WeightsError> {
    if weights.len() != expected {
        return Err(WeightsError::Length { expected, found: weights.len() });
    }
    let found = sha256(weights);
    if found == hash { Ok(()) } else { Err(WeightsError::Hash { expected: hash.to_owned(), found }) }
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
