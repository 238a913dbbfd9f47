//! Where a program computes.

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;

use crate::model::{ASSETS, Model};

/// Where to compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Device {
    /// On all cores
    Cpu,
    /// Through Vulkan, Metal or DirectX; needs --features gpu
    #[value(alias = "vulkan")]
    Gpu,
}

impl Device {
    /// A shipped network on this device.
    ///
    /// # Errors
    /// As [`Model::load`], and where there is no such device.
    pub fn load(self, model: &str) -> Result<Model> {
        let assets = Path::new(ASSETS);
        match self {
            Self::Cpu => Model::load(assets, model),
            #[cfg(feature = "gpu")]
            Self::Gpu => {
                let gpu = pollster::block_on(speculative_diffusion_unet::Gpu::open())
                    .map_err(|why| anyhow::anyhow!("device is \"gpu\": {why}; leave it out to compute on the CPU"))?;
                eprintln!("on {}{}", gpu.name, if gpu.software { " (software)" } else { "" });
                Model::load_by(assets, model, |sidecar, weights| sidecar.load_on(weights, &gpu))
            }
            #[cfg(not(feature = "gpu"))]
            Self::Gpu => anyhow::bail!("device is \"gpu\": build with --features gpu for it"),
        }
    }

    /// Threads that run chains: a GPU is filled by one.
    pub fn threads(self) -> usize {
        match self {
            Self::Cpu => rayon::current_num_threads(),
            Self::Gpu => 1,
        }
    }

    /// Does work whose chains are [shared out](crate::share_out) to [so many threads](Self::threads).
    ///
    /// # Errors
    /// The work's, and where threads cannot be started.
    pub fn install(self, work: impl FnOnce() -> Result<()> + Send) -> Result<()> {
        rayon::ThreadPoolBuilder::new().num_threads(self.threads()).build()?.install(work)
    }
}
