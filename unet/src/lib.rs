//! A compact class-conditional U-Net, trained on the cosine schedule to predict the velocity, as a
//! [`Target`](speculative_diffusion::Target) of [`speculative_diffusion`].
//!
//! On the CPU it computes the same bits on every machine. With feature `gpu` it runs on a GPU too, with `burn` on
//! burn's devices, where it is also trained, and `onnx` writes it as a file for other runtimes.
//!
//! ```
//! use speculative_diffusion::{Chain, Sampler, Settings};
//! use speculative_diffusion_unet::{NetworkTarget, Sidecar};
//!
//! let sidecar = Sidecar::parse(include_str!("../../assets/faces.json"))?;
//! let network = sidecar.load(include_bytes!("../../assets/faces.bpk"))?;
//! let target = NetworkTarget::new(network, "hat", 2.0)?;
//! let sampler = Sampler::new(Chain::cosine(16, 1.0)?, Settings::default())?;
//! let sample = pollster::block_on(sampler.sample(&target, 7))?;
//! assert!(sample.costs.calls < 16);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// In this order, each uses those before it alone: config, error, tensors, graph, memory, host, then cpu, gpu and burn,
// then network, then onnx, target and parts.
#[cfg(feature = "burn")]
mod burn;
mod config;
mod cpu;
mod error;
#[cfg(feature = "gpu")]
mod gpu;
mod graph;
mod host;
mod memory;
mod network;
#[cfg(feature = "onnx")]
mod onnx;
#[doc(hidden)]
pub mod parts;
mod target;
mod tensors;

#[cfg(feature = "burn")]
pub use self::burn::{BurnTarget, BurnUNet, UNet, to_bytes};
pub use self::config::UNetConfig;
pub use self::error::WeightsError;
#[cfg(feature = "gpu")]
pub use self::gpu::Gpu;
pub use self::host::time_features;
pub use self::network::{Network, Sidecar, sha256};
#[cfg(feature = "onnx")]
pub use self::onnx::{Timesteps, to_onnx};
pub use self::target::{MAX_GUIDANCE, NetworkTarget, RequestError, Rows};

/// The README's program is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
