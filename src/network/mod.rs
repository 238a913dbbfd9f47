//! The trained denoiser, in burn. Nothing here knows of drafts, verdicts or browsers.

mod activation;
mod blocks;
mod config;
mod target;
mod unet;
mod weights;

pub use config::UNetConfig;
pub use target::{MAX_GUIDANCE, NetworkTarget, RequestError};
pub use unet::{UNet, time_features};
pub use weights::{Sidecar, WeightsError, sha256, to_bytes};
