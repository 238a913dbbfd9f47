//! What the host does for every device: it makes the embedding of time and class, and brings images into the order in
//! which layers read them. The arithmetic for it is the CPU's too.

mod dense;
mod embedding;
mod features;
mod images;
mod product;
mod simd;

pub(crate) use self::dense::Linear;
pub(crate) use self::embedding::Embedding;
pub use self::features::time_features;
#[cfg(feature = "onnx")]
pub(crate) use self::features::{TIMES, frequency};
pub(crate) use self::images::{patches, planes};
pub(crate) use self::product::Matrix;
pub(crate) use self::simd::{Lanes, each, exp, silu, vectorised};
