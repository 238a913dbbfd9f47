//! Why weights cannot be used.

use core::fmt;

/// Why weights cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
