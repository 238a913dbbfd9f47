//! The trained denoiser, in burn. Nothing here knows of drafts, verdicts or browsers.

mod blocks;
mod config;
mod unet;

pub use config::UNetConfig;
pub use unet::{UNet, time_features};
