//! The images to learn from: read from disk; the faces are drawn first if they are not there yet.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// What can be learned from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Pixel-art faces, 16x16 RGB, drawn by `faces/generate.mjs`.
    Faces,
    /// Fashion-MNIST: photographs of clothes, 28x28 grey (Xiao, Rasul & Vollgraf 2017).
    Fashion,
}

/// Faces to learn from; the generator's first ones.
pub const FACES_TRAINING: usize = 24_000;
/// Faces never learned from, to compare samples with.
pub const FACES_HELD_OUT: usize = 4_000;

impl Source {
    /// Names of the classes, in the order of the labels.
    pub fn classes(self) -> &'static [&'static str] {
        match self {
            Self::Faces => &["short", "long", "glasses", "hat"],
            Self::Fashion => {
                &["tshirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]
            }
        }
    }

    /// Colour channels.
    pub fn channels(self) -> usize {
        match self {
            Self::Faces => 3,
            Self::Fashion => 1,
        }
    }

    /// Pixels a side.
    pub fn size(self) -> usize {
        match self {
            Self::Faces => 16,
            Self::Fashion => 28,
        }
    }

    /// Numbers an image.
    pub fn dim(self) -> usize {
        self.channels() * self.size() * self.size()
    }

    /// The training and the held-out images.
    pub fn load(self, folder: &Path) -> Result<(Dataset, Dataset)> {
        match self {
            Self::Faces => faces(folder),
            Self::Fashion => fashion(folder),
        }
    }
}

/// Images as planes of values in `[-1, 1]`, and a class each.
pub struct Dataset {
    /// Where they come from.
    pub source: Source,
    images: Vec<f32>,
    labels: Vec<u8>,
}

impl Dataset {
    fn new(source: Source, images: Vec<f32>, labels: Vec<u8>) -> Result<Self> {
        let known = labels.iter().all(|&label| usize::from(label) < source.classes().len());
        ensure!(images.len() == labels.len() * source.dim() && known, "images and labels do not belong together");
        Ok(Self { source, images, labels })
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// The planes of image `i`.
    pub fn image(&self, i: usize) -> &[f32] {
        let dim = self.source.dim();
        &self.images[i * dim..(i + 1) * dim]
    }

    /// The class of image `i`.
    pub fn label(&self, i: usize) -> usize {
        usize::from(self.labels[i])
    }
}

/// A byte as a value.
fn value(byte: u8) -> f32 {
    f32::from(byte) / 127.5 - 1.0
}

fn faces(folder: &Path) -> Result<(Dataset, Dataset)> {
    let (source, count) = (Source::Faces, FACES_TRAINING + FACES_HELD_OUT);
    let (rgb, labels) = (folder.join("faces.rgb"), folder.join("faces.labels"));
    if !rgb.exists() || !labels.exists() {
        draw(count, folder)?;
    }
    let rgb = fs::read(&rgb).with_context(|| format!("reading {}", rgb.display()))?;
    let labels = fs::read(&labels).with_context(|| format!("reading {}", labels.display()))?;
    ensure!(
        rgb.len() == count * source.dim() && labels.len() == count,
        "{} does not hold {count} faces: delete it and they are drawn again",
        folder.display()
    );
    // interleaved colours become planes
    let (dim, pixels) = (source.dim(), source.size() * source.size());
    let planes = |image: &[u8]| -> Vec<f32> { (0..dim).map(|i| value(image[i % pixels * 3 + i / pixels])).collect() };
    let images: Vec<f32> = rgb.chunks_exact(dim).flat_map(planes).collect();
    let (first, rest) = images.split_at(FACES_TRAINING * dim);
    let (first_labels, rest_labels) = labels.split_at(FACES_TRAINING);
    Ok((
        Dataset::new(source, first.to_vec(), first_labels.to_vec())?,
        Dataset::new(source, rest.to_vec(), rest_labels.to_vec())?,
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

/// Where Debian's package `dataset-fashion-mnist` puts the files.
const DEBIAN: &str = "/usr/share/datasets/fashion-mnist";

fn fashion(folder: &Path) -> Result<(Dataset, Dataset)> {
    let place = [folder, Path::new(DEBIAN)].into_iter().find(|place| place.join("train-labels-idx1-ubyte.gz").exists());
    let place = place.with_context(|| {
        format!(
            "Fashion-MNIST is neither in {} nor in {DEBIAN}: install Debian's package dataset-fashion-mnist, or put its \
             four .gz files into the first",
            folder.display()
        )
    })?;
    let read = |name: &str| {
        let path = place.join(format!("{name}-ubyte.gz"));
        let mut bytes = Vec::new();
        let file = fs::File::open(&path).with_context(|| format!("reading {}", path.display()))?;
        flate2::read::GzDecoder::new(file)
            .read_to_end(&mut bytes)
            .with_context(|| format!("reading {}", path.display()))?;
        Ok::<_, anyhow::Error>(bytes)
    };
    let part = |name: &str| {
        // headers of the IDX format: 16 bytes before images, 8 before labels
        let (images, labels) = (read(&format!("{name}-images-idx3"))?, read(&format!("{name}-labels-idx1"))?);
        ensure!(images.len() > 16 && labels.len() > 8, "{name} is cut short");
        Dataset::new(Source::Fashion, images[16..].iter().copied().map(value).collect(), labels[8..].to_vec())
    };
    Ok((part("train")?, part("t10k")?))
}
