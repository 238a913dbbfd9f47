//! The training images: read from disk, drawn first if they are not there yet.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// Names of the classes, in the order of the labels.
pub const CLASSES: [&str; 4] = ["short", "long", "glasses", "hat"];
/// Pixels a side.
pub const SIZE: usize = 16;
/// Numbers an image: red, green and blue planes.
pub const DIM: usize = 3 * SIZE * SIZE;
/// Images to learn from; the generator's first ones.
pub const TRAINING: usize = 24_000;
/// Images never learned from, to compare samples with.
pub const HELD_OUT: usize = 4_000;

/// Images as planes of values in `[-1, 1]`, and a class each.
pub struct Dataset {
    images: Vec<f32>,
    labels: Vec<u8>,
}

impl Dataset {
    /// Number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// The planes of image `i`.
    pub fn image(&self, i: usize) -> &[f32] {
        &self.images[i * DIM..(i + 1) * DIM]
    }

    /// The class of image `i`.
    pub fn label(&self, i: usize) -> usize {
        usize::from(self.labels[i])
    }
}

/// The training and the held-out images.
pub fn load(folder: &Path) -> Result<(Dataset, Dataset)> {
    let count = TRAINING + HELD_OUT;
    let (rgb, labels) = (folder.join("faces.rgb"), folder.join("faces.labels"));
    if !rgb.exists() || !labels.exists() {
        draw(count, folder)?;
    }
    let rgb = std::fs::read(&rgb).with_context(|| format!("reading {}", rgb.display()))?;
    let labels = std::fs::read(&labels).with_context(|| format!("reading {}", labels.display()))?;
    ensure!(
        rgb.len() == count * DIM && labels.len() == count && labels.iter().all(|&l| usize::from(l) < CLASSES.len()),
        "{} does not hold {count} faces: delete it and they are drawn anew",
        folder.display()
    );

    let pixels = SIZE * SIZE;
    let images: Vec<f32> = rgb
        .chunks_exact(DIM)
        .flat_map(|image| (0..DIM).map(move |i| f32::from(image[i % pixels * 3 + i / pixels]) / 127.5 - 1.0))
        .collect();
    let (first, rest) = images.split_at(TRAINING * DIM);
    let (first_labels, rest_labels) = labels.split_at(TRAINING);
    Ok((
        Dataset { images: first.to_vec(), labels: first_labels.to_vec() },
        Dataset { images: rest.to_vec(), labels: rest_labels.to_vec() },
    ))
}

fn draw(count: usize, folder: &Path) -> Result<()> {
    let generator = Path::new(env!("CARGO_MANIFEST_DIR")).join("faces");
    let folder = std::path::absolute(folder)?;
    println!("drawing {count} faces (a few seconds; needs Node.js and npm)");
    for (program, arguments) in [
        ("npm", vec!["ci".into(), "--no-audit".into(), "--no-fund".into(), "--loglevel=error".into()]),
        ("node", vec!["generate.mjs".into(), count.to_string().into(), folder.into_os_string()]),
    ] {
        let status = Command::new(program)
            .args(&arguments)
            .current_dir(&generator)
            .status()
            .with_context(|| format!("could not start {program}: install Node.js 20 or later"))?;
        if !status.success() {
            bail!("{program} failed in {}", generator.display());
        }
    }
    Ok(())
}
