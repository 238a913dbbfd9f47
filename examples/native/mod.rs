//! What the native programs share: weights from disk, and grids of pictures.
#![allow(dead_code, reason = "each program uses a part")]

use std::fs;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context as _, Result};
use speculative_diffusion::WithDrafter;
use speculative_diffusion::network::{self, NetworkTarget, Sidecar, WeightsError};

/// A network, and its drafter where there is one.
pub type Drafted = WithDrafter<NetworkTarget, NetworkTarget>;

/// A network with its sidecar, and where there is one its drafter's.
pub struct Model {
    pub sidecar: Sidecar,
    network: network::Network,
    drafter: Option<(Sidecar, network::Network)>,
}

impl Model {
    /// The weights `<folder>/<name>.bpk` with the sidecar beside them, and `<name>-drafter` if it is there, on the CPU.
    pub fn load(folder: &Path, name: &str) -> Result<Self> {
        Self::load_by(folder, name, Sidecar::load)
    }

    /// As [`Model::load`], with another way to put weights on a device.
    pub fn load_by(
        folder: &Path,
        name: &str,
        by: impl Fn(&Sidecar, &[u8]) -> Result<network::Network, WeightsError>,
    ) -> Result<Self> {
        let (sidecar, network) = read(folder, name, &by)?;
        let drafter = format!("{name}-drafter");
        let drafter = folder.join(format!("{drafter}.json")).exists().then(|| read(folder, &drafter, &by));
        Ok(Self { sidecar, network, drafter: drafter.transpose()? })
    }

    /// The classes it can draw.
    pub fn classes(&self) -> &[String] {
        &self.sidecar.network.classes
    }

    /// What draws a class. The drafter is not guided: it may be wrong.
    pub fn target(&self, class: &str, guidance: f64) -> Result<Drafted> {
        let target = |sidecar: &Sidecar, network: &network::Network, guidance| {
            NetworkTarget::new(network.clone(), sidecar.network.clone(), class, guidance)
        };
        Ok(Drafted {
            target: target(&self.sidecar, &self.network, guidance)?,
            drafter: self.drafter.as_ref().map(|(sidecar, network)| target(sidecar, network, 1.0)).transpose()?,
        })
    }

    /// What draws each class, without guidance.
    pub fn targets(&self) -> Result<Vec<Drafted>> {
        self.classes().iter().map(|class| self.target(class, 1.0)).collect()
    }
}

fn read(
    folder: &Path,
    name: &str,
    by: impl Fn(&Sidecar, &[u8]) -> Result<network::Network, WeightsError>,
) -> Result<(Sidecar, network::Network)> {
    let path = |ending: &str| folder.join(format!("{name}.{ending}"));
    let read = |ending: &str| fs::read(path(ending)).with_context(|| format!("reading {}", path(ending).display()));
    let sidecar = Sidecar::parse(&String::from_utf8(read("json")?)?)?;
    let network = by(&sidecar, &read("bpk")?)?;
    Ok((sidecar, network))
}

/// Where the shipped weights are.
pub const ASSETS: &str = "assets";

/// Screen pixels a pixel.
const SCALE: usize = 4;
/// Pixels between two images.
const GAP: usize = 1;

/// Writes square images (planes in `[-1, 1]`, one or three) side by side, `columns` in a row, on white.
pub fn write_grid(path: &Path, images: &[Vec<f64>], channels: usize, columns: usize) -> Result<()> {
    let size = images.first().map_or(0, |image| (image.len() / channels).isqrt());
    let cell = size + GAP;
    let rows = images.len().div_ceil(columns);
    let (width, height) = ((columns * cell + GAP) * SCALE, (rows * cell + GAP) * SCALE);
    let mut rgb = vec![255_u8; width * height * 3];
    for (i, image) in images.iter().enumerate() {
        let (left, top) = ((i % columns * cell + GAP) * SCALE, (i / columns * cell + GAP) * SCALE);
        for y in 0..size * SCALE {
            for x in 0..size * SCALE {
                let at = ((top + y) * width + left + x) * 3;
                for channel in 0..3 {
                    let plane = channel.min(channels - 1) * size * size;
                    let value = image[plane + y / SCALE * size + x / SCALE];
                    rgb[at + channel] = ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8;
                }
            }
        }
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = fs::File::create(path).with_context(|| format!("writing {}", path.display()))?;
    let mut encoder = png::Encoder::new(BufWriter::new(file), width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&rgb)?;
    Ok(())
}
