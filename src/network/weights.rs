//! From bytes to a network, every mismatch an error that names what differs.

use core::fmt;

#[cfg(feature = "burn")]
use burn::{
    module::{Module as _, ModuleMapper, Param},
    tensor::{DType, Tensor},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::config::UNetConfig;
use super::cpu::CpuUNet;
#[cfg(feature = "gpu")]
use super::gpu::{Gpu, GpuUNet};
use super::tensors::Tensors;
#[cfg(feature = "burn")]
use super::unet::UNet;

/// A network with its weights, where it computes. Clones share the weights.
#[derive(Clone, Debug)]
pub enum Network {
    /// On the CPU.
    Cpu(CpuUNet),
    /// On a GPU.
    #[cfg(feature = "gpu")]
    Gpu(GpuUNet),
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

/// Why weights cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WeightsError {
    /// The sidecar is not the JSON it should be.
    Sidecar(String),
    /// The file is shorter or longer than the sidecar says.
    Length {
        /// Bytes the sidecar names.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// The file has the right length and other contents.
    Hash {
        /// The sidecar's.
        expected: String,
        /// The file's.
        found: String,
    },
    /// The tensors do not fit the network.
    Tensors(String),
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sidecar(text) => write!(f, "the description of the weights cannot be used: {text}"),
            Self::Length { expected, found } => write!(
                f,
                "the weights are {found} bytes long, not {expected}: the file was cut short or is another model's; load \
                 it again"
            ),
            Self::Hash { expected, found } => write!(
                f,
                "the weights have SHA-256 {found}, not {expected}: the file is damaged or another model's; load it again"
            ),
            Self::Tensors(text) => write!(f, "the weights do not fit the network: {text}"),
        }
    }
}

impl core::error::Error for WeightsError {}

impl Sidecar {
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
        self.check(weights)?;
        Ok(Network::Cpu(CpuUNet::new(&self.network, Tensors::parse(weights)?)?))
    }

    /// The network with these weights, on a GPU.
    ///
    /// # Errors
    /// As [`Sidecar::load`].
    #[cfg(feature = "gpu")]
    pub fn load_on(&self, weights: &[u8], gpu: &Gpu) -> Result<Network, WeightsError> {
        self.check(weights)?;
        Ok(Network::Gpu(GpuUNet::new(&self.network, Tensors::parse(weights)?, gpu)?))
    }

    /// Whether these are the bytes that this sidecar describes.
    fn check(&self, weights: &[u8]) -> Result<(), WeightsError> {
        self.network.check().map_err(WeightsError::Sidecar)?;
        if weights.len() != self.bytes {
            return Err(WeightsError::Length { expected: self.bytes, found: weights.len() });
        }
        let found = sha256(weights);
        if found != self.sha256 {
            return Err(WeightsError::Hash { expected: self.sha256.clone(), found });
        }
        Ok(())
    }
}

/// A burnpack file of the network's weights, stored in half precision.
///
/// # Errors
/// [`WeightsError::Tensors`] when burn cannot write them.
#[cfg(feature = "burn")]
pub fn to_bytes(network: &UNet) -> Result<Vec<u8>, WeightsError> {
    struct Halve;
    impl ModuleMapper for Halve {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(|tensor| tensor.cast(DType::F16))
        }
    }
    let record = network.clone().map(&mut Halve).into_record();
    let bytes = record.into_bytes().map_err(|error| WeightsError::Tensors(error.to_string()))?;
    Ok(bytes.to_vec())
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
