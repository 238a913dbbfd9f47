//! The trained denoiser, on the CPU by this crate's own means, elsewhere in burn. Nothing here knows of drafts, verdicts or
//! browsers.

#[cfg(feature = "burn")]
mod blocks;
mod config;
mod cpu;
mod features;
mod target;
mod tensors;
#[cfg(feature = "burn")]
mod unet;
mod weights;

pub use config::UNetConfig;
pub use cpu::CpuUNet;
pub use features::time_features;
#[cfg(all(feature = "web", target_arch = "wasm32", not(feature = "burn")))]
pub(crate) use target::Rows;
pub use target::{MAX_GUIDANCE, NetworkTarget, RequestError};
#[cfg(feature = "burn")]
pub use unet::UNet;
#[cfg(feature = "burn")]
pub use weights::to_bytes;
pub use weights::{Network, Sidecar, WeightsError, sha256};
