//! Weights and their sidecar, as the network's crate loads them.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::{Map, Value};
use speculative_diffusion_unet::{Sidecar, UNet, UNetConfig, sha256, to_bytes};

/// Writes `<name>.bpk` and `<name>.json` into `folder`.
pub fn export(network: &UNet, config: &UNetConfig, name: &str, about: Map<String, Value>, folder: &Path) -> Result<()> {
    let bytes = to_bytes(network)?;
    let sidecar = Sidecar {
        name: name.into(),
        network: config.clone(),
        prediction: "velocity".into(),
        schedule: "cosine".into(),
        bytes: bytes.len(),
        sha256: sha256(&bytes),
        about,
    };
    fs::create_dir_all(folder)?;
    fs::write(folder.join(format!("{name}.bpk")), &bytes)?;
    fs::write(folder.join(format!("{name}.json")), serde_json::to_string_pretty(&sidecar)? + "\n")?;
    println!("{name}.bpk: {} bytes, {name}.json beside it in {}", bytes.len(), folder.display());
    Ok(())
}
