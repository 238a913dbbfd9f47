//! How good the samples are, each figure next to the same figure for real images.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use burn::tensor::Device;
use rayon::prelude::*;
use serde_json::{Value, json};
use speculative_diffusion::network::{NetworkTarget, Sidecar};
use speculative_diffusion::{Chain, Noise, Sampler, Settings};

use crate::classifier::Classifier;
use crate::compare;
use crate::data::{Dataset, Source};
use crate::native;

const STEPS: usize = 100;
const ETA: f64 = 1.0;
/// None: the samples judged are the chain's own.
const GUIDANCE: f64 = 1.0;
/// Samples of the committed grids, seeds 0 to 63, the classes in turn.
const GRID: usize = 64;
const COLUMNS: usize = 16;
const SOURCE: Source = Source::Faces;

#[derive(Clone, Copy)]
enum Lane {
    Speculative,
    Plain,
}

/// Draws the grids into `docs/`, judges `per_class` speculative samples of each class, and writes the figures into the
/// sidecar in `assets`.
pub fn judge(assets: &Path, folder: &Path, training: &Dataset, held_out: &Dataset, per_class: usize) -> Result<()> {
    let most = held_out.len() / SOURCE.classes().len();
    anyhow::ensure!(
        per_class <= most,
        "--samples is {per_class}: there are {most} held-out images a class to compare with"
    );
    let path = assets.join("faces.json");
    let mut sidecar =
        Sidecar::parse(&fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?)?;
    let weights = fs::read(assets.join("faces.bpk"))?;
    let network = sidecar.load(&weights, &Device::flex())?;
    let target = |label: usize| {
        NetworkTarget::new(network.clone(), sidecar.network.clone(), Device::flex(), SOURCE.classes()[label], GUIDANCE)
    };
    let targets = (0..SOURCE.classes().len()).map(target).collect::<Result<Vec<_>, _>>()?;

    let count = (per_class * SOURCE.classes().len()).max(GRID);
    let samples = draw(&targets, count, Lane::Speculative)?;
    native::write_grid(Path::new("docs/samples-speculative.png"), &samples[..GRID], 3, COLUMNS)?;
    // the plain chain on seeds of its own: the same ones would share the start
    let plain = draw(&targets, count, Lane::Plain)?;
    native::write_grid(Path::new("docs/samples-plain.png"), &plain[..GRID], 3, COLUMNS)?;
    let real: Vec<Vec<f64>> = (0..GRID).map(|i| held_out.image(i).iter().map(|&x| f64::from(x)).collect()).collect();
    native::write_grid(Path::new("docs/samples-real.png"), &real, 3, COLUMNS)?;

    let classifier = Classifier::fit(training);
    let floats: Vec<Vec<f32>> =
        samples.iter().map(|s| s.iter().map(|&x| x.clamp(-1.0, 1.0) as f32).collect()).collect();
    let plain_floats: Vec<Vec<f32>> =
        plain.iter().map(|s| s.iter().map(|&x| x.clamp(-1.0, 1.0) as f32).collect()).collect();
    let (seen, plain_seen) = (classifier.features(SOURCE, &floats)?, classifier.features(SOURCE, &plain_floats)?);
    let labels: Vec<usize> = (0..count).map(|i| i % SOURCE.classes().len()).collect();
    let agreement = agreement(&classifier.classify(SOURCE, floats.iter().map(Vec::as_slice))?, &labels);
    let held: Vec<&[f32]> = (0..held_out.len()).map(|i| held_out.image(i)).collect();
    let held_labels: Vec<usize> = (0..held_out.len()).map(|i| held_out.label(i)).collect();
    let held_agreement = self::agreement(&classifier.classify(SOURCE, held.iter().copied())?, &held_labels);

    let near = nearest(&floats.iter().map(Vec::as_slice).collect::<Vec<_>>(), training);
    let held_near = nearest(&held[..count], training);
    let figures = json!({
        "command": "cargo run --release -p train -- quality",
        "chain": {"steps": STEPS, "eta": ETA, "guidance": GUIDANCE, "draft": "secant", "window": "auto"},
        "samples": count,
        "classifier_agreement": {"samples": by_class(&agreement), "held_out": by_class(&held_agreement)},
        "speculative_against_plain": {
            "energy_distance": compare::energy(&samples, &plain).to_json(),
            "frechet_distance_of_classifier_features": compare::frechet(&seen, &plain_seen).to_json(),
        },
        "nearest_training_image_rmse_of_255": {"samples": near.to_json(), "held_out": held_near.to_json()},
    });
    println!("{figures:#}");
    fs::write(folder.join("quality.json"), format!("{figures:#}\n"))?;
    sidecar.about.insert("quality".into(), figures);
    fs::write(&path, serde_json::to_string_pretty(&sidecar)? + "\n")?;
    Ok(())
}

/// Sample `i` has seed `i` and class `i mod 4`; the cores share them out.
fn draw(targets: &[NetworkTarget], count: usize, lane: Lane) -> Result<Vec<Vec<f64>>> {
    let done = AtomicUsize::new(0);
    let samples = (0..count).into_par_iter().map(|i| {
        let target = &targets[i % targets.len()];
        let chain = Chain::cosine(STEPS, ETA)?;
        let sampler = |seed| Sampler::new(chain, Settings::default(), Noise::new(seed, 0));
        let sample = match lane {
            Lane::Speculative => pollster::block_on(sampler(i as u64)?.run(target))?.sample().to_vec(),
            Lane::Plain => pollster::block_on(sampler((count + i) as u64)?.plain(target))?,
        };
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(16) {
            println!("{done} of {count} samples");
        }
        Ok(sample)
    });
    samples.collect()
}

/// For each class, the share of its images that the classifier says it of.
fn agreement(said: &[usize], labels: &[usize]) -> Vec<f64> {
    (0..SOURCE.classes().len())
        .map(|class| {
            let of_class: Vec<bool> =
                said.iter().zip(labels).filter(|(_, label)| **label == class).map(|(said, _)| *said == class).collect();
            of_class.iter().filter(|right| **right).count() as f64 / of_class.len() as f64
        })
        .collect()
}

fn by_class(values: &[f64]) -> Value {
    SOURCE
        .classes()
        .iter()
        .zip(values)
        .map(|(name, &value)| ((*name).to_owned(), json!(round(value))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

struct Nearest(Vec<f64>);

impl Nearest {
    fn to_json(&self) -> Value {
        let at = |share: f64| round(self.0[((self.0.len() - 1) as f64 * share) as usize]);
        json!({"least": at(0.0), "first_percentile": at(0.01), "median": at(0.5)})
    }
}

/// Root mean squared distance to the nearest training image, in steps of 255, ascending.
fn nearest(images: &[&[f32]], training: &Dataset) -> Nearest {
    let mut distances: Vec<f64> = images
        .iter()
        .map(|image| {
            let mut least = f32::INFINITY;
            for i in 0..training.len() {
                let mut sum = 0.0;
                // most candidates are far off after a few rows
                for (a, b) in image.chunks(64).zip(training.image(i).chunks(64)) {
                    sum += a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
                    if sum >= least {
                        break;
                    }
                }
                least = least.min(sum);
            }
            127.5 * (f64::from(least) / SOURCE.dim() as f64).sqrt()
        })
        .collect();
    distances.sort_by(f64::total_cmp);
    Nearest(distances)
}
