//! Trained networks from disk, as targets.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use speculative_diffusion::WithDrafter;
use speculative_diffusion_unet::{Network, NetworkTarget, Sidecar, WeightsError};

/// Where the shipped weights are.
pub const ASSETS: &str = "assets";

/// A network, and its drafter where there is one.
pub type Drafted = WithDrafter<NetworkTarget, NetworkTarget>;

/// A network with its sidecar, and its drafter where there is one.
#[derive(Clone, Debug)]
pub struct Model {
    /// What the network is.
    pub sidecar: Sidecar,
    network: Network,
    drafter: Option<Network>,
}

impl Model {
    /// The weights `<folder>/<name>.bpk` with the sidecar beside them, and `<name>-drafter` if it is there, on the CPU.
    ///
    /// # Errors
    /// Where a file cannot be read, or holds something else.
    pub fn load(folder: &Path, name: &str) -> Result<Self> {
        Self::load_by(folder, name, Sidecar::load)
    }

    /// As [`Model::load`], with another way to put weights on a device.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn load_by(
        folder: &Path,
        name: &str,
        by: impl Fn(&Sidecar, &[u8]) -> Result<Network, WeightsError>,
    ) -> Result<Self> {
        let (sidecar, network) = read(folder, name, &by)?;
        let drafter = format!("{name}-drafter");
        let drafter = folder.join(format!("{drafter}.json")).exists().then(|| read(folder, &drafter, &by));
        Ok(Self { sidecar, network, drafter: drafter.transpose()?.map(|(_, network)| network) })
    }

    /// The classes it can draw.
    pub fn classes(&self) -> &[String] {
        &self.sidecar.network.classes
    }

    /// What draws a class. The drafter is not guided: it may be wrong.
    ///
    /// # Errors
    /// Where the network does not know the class, or the guidance is out of range.
    pub fn target(&self, class: &str, guidance: f64) -> Result<Drafted> {
        let target = |network: &Network, guidance| NetworkTarget::new(network.clone(), class, guidance);
        let drafter = self.drafter.as_ref().map(|network| target(network, 1.0)).transpose()?;
        Ok(Drafted { target: target(&self.network, guidance)?, drafter })
    }

    /// What draws each class, without guidance.
    ///
    /// # Errors
    /// As [`Model::target`].
    pub fn targets(&self) -> Result<Vec<Drafted>> {
        self.classes().iter().map(|class| self.target(class, 1.0)).collect()
    }
}

fn read(
    folder: &Path,
    name: &str,
    by: impl Fn(&Sidecar, &[u8]) -> Result<Network, WeightsError>,
) -> Result<(Sidecar, Network)> {
    let path = |ending: &str| folder.join(format!("{name}.{ending}"));
    let read = |ending: &str| fs::read(path(ending)).with_context(|| format!("reading {}", path(ending).display()));
    let sidecar = Sidecar::parse(&String::from_utf8(read("json")?)?)?;
    let network = by(&sidecar, &read("bpk")?)?;
    Ok((sidecar, network))
}
