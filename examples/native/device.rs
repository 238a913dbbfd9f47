//! Where a native program computes.

use std::path::Path;

use anyhow::{Result, anyhow};
use clap::ValueEnum;
#[cfg(feature = "gpu")]
use speculative_diffusion::network;

use crate::native::{self, Model};

/// Where to compute.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Device {
    Cpu,
    /// Through Vulkan, Metal or DirectX; needs --features gpu
    #[value(alias = "vulkan")]
    Gpu,
}

impl Device {
    /// A shipped network on this device.
    pub fn load(self, model: &str) -> Result<Model> {
        let assets = Path::new(native::ASSETS);
        match self {
            Self::Cpu => Model::load(assets, model),
            #[cfg(feature = "gpu")]
            Self::Gpu => {
                let gpu = pollster::block_on(network::Gpu::open())
                    .map_err(|why| anyhow!("device is \"gpu\": {why}; leave it out to compute on the CPU"))?;
                eprintln!("on {}{}", gpu.name, if gpu.software { " (software)" } else { "" });
                Model::load_by(assets, model, |sidecar, weights| sidecar.load_on(weights, &gpu))
            }
            #[cfg(not(feature = "gpu"))]
            Self::Gpu => Err(anyhow!("device is \"gpu\": build with --features gpu for it")),
        }
    }

    /// Threads that run chains: a GPU is filled by one.
    pub fn threads(self) -> usize {
        match self {
            Self::Cpu => rayon::current_num_threads(),
            Self::Gpu => 1,
        }
    }
}
