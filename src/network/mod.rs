//! The trained denoiser, on the CPU and on a GPU, and as burn trains it. Nothing here knows of drafts, verdicts or browsers.

#[cfg(feature = "burn")]
mod blocks;
mod config;
mod cpu;
mod embedding;
mod features;
#[cfg(feature = "gpu")]
mod gpu;
mod images;
mod target;
mod tensors;
#[cfg(feature = "burn")]
mod unet;
mod weights;

pub use config::UNetConfig;
pub use cpu::CpuUNet;
pub use features::time_features;
#[cfg(feature = "gpu")]
pub use gpu::{Gpu, GpuUNet};
#[cfg(all(feature = "web", target_arch = "wasm32", not(feature = "gpu")))]
pub(crate) use target::Rows;
pub use target::{MAX_GUIDANCE, NetworkTarget, RequestError};
#[cfg(feature = "burn")]
pub use unet::UNet;
#[cfg(feature = "burn")]
pub use weights::to_bytes;
pub use weights::{Network, Sidecar, WeightsError, sha256};
