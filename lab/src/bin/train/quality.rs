//! How good the samples are, each figure next to the same figure for real images.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use lab::{Drafted, Model, energy, mean, share_out, write_grid};
use serde_json::{Value, json};
use speculative_diffusion::Draft;
use speculative_diffusion::mutants::Mutant;

use crate::classifier::Classifier;
use crate::compare;
use crate::data::{Dataset, Source};
use crate::samplers::{self, Drawn, Way};

/// Samples of the committed grids, the classes in turn; the speculative ones have seeds 0 to 63.
const GRID: usize = 64;
const COLUMNS: usize = 16;

/// What is shown.
const SHOWN: Way = Way::Speculative(Draft::Secant);

/// What is compared with the plain chain besides: DDIM with as many steps as the speculative run makes calls, and with
/// half as many as the chain has.
fn others(calls: f64) -> [Way; 6] {
    [
        Way::Plain,
        Way::Ddim(calls.round() as usize),
        Way::Ddim(samplers::STEPS / 2),
        Way::Picard { window: 20, tolerance: 0.1 },
        Way::Wrong(Mutant::Lenient(0.1)),
        Way::Wrong(Mutant::AcceptAll),
    ]
}

/// What is judged.
pub struct Judged<'a> {
    /// Name of the weights.
    pub model: &'a str,
    pub source: Source,
    pub training: &'a Dataset,
    pub held_out: &'a Dataset,
    /// Samples of each way, the classes in turn.
    pub count: usize,
}

/// Draws the grids into `docs/`, judges samples of every way, and writes the figures into the sidecar in `assets`.
pub fn judge(judged: &Judged, assets: &Path, folder: &Path) -> Result<()> {
    let Judged { model, source, training, held_out, count } = *judged;
    ensure!(
        (GRID..=held_out.len()).contains(&count),
        "--samples is {count}: give {GRID} to {}, the number of held-out images to compare with",
        held_out.len()
    );
    let network = Model::load(assets, model)?;
    let targets = network.targets()?;
    let draw = |way: Way, set: u64| {
        println!("{count} samples: {}", way.name());
        draw(&targets, way, set * count as u64, count)
    };

    // each way has seeds of its own: the same ones would share the start
    let shown = draw(SHOWN, 0)?;
    let plain = samples(draw(Way::Plain, 1)?);
    let classifier = Classifier::fit(training);
    let seen = classifier.features(source, &floats(&plain))?;
    let compare = |way: Way, drawn: &[Drawn]| {
        let samples: Vec<Vec<f64>> = drawn.iter().map(|drawn| drawn.sample.clone()).collect();
        let line = json!({
            "sampler": way.name(),
            "exact": way.is_exact(),
            "calls": round(calls(drawn)),
            "rows": round(mean(drawn.iter().map(|drawn| drawn.rows as f64)).0),
            "energy_distance": energy(&samples, &plain).to_json(),
            "frechet_distance": compare::frechet(&classifier.features(source, &floats(&samples))?, &seen).to_json(),
        });
        println!("{line:#}");
        anyhow::Ok(line)
    };
    let mut against_plain = vec![compare(SHOWN, &shown)?];
    for (set, way) in (2..).zip(others(calls(&shown))) {
        against_plain.push(compare(way, &draw(way, set)?)?);
    }
    let shown = samples(shown);
    let held: Vec<Vec<f64>> =
        (0..held_out.len()).map(|i| held_out.image(i).iter().map(|&x| f64::from(x)).collect()).collect();
    for (name, images) in [("speculative", &shown), ("plain", &plain), ("real", &held)] {
        let path = Path::new("docs").join(format!("{model}-{name}.png"));
        write_grid(&path, &images[..GRID], source.channels(), COLUMNS)?;
    }

    let classes = source.classes();
    let labels: Vec<usize> = (0..count).map(|i| i % classes.len()).collect();
    let held_labels: Vec<usize> = (0..held.len()).map(|i| held_out.label(i)).collect();
    let agreement = |images: &[Vec<f32>], labels: &[usize]| {
        let said = classifier.classify(source, images.iter().map(Vec::as_slice))?;
        anyhow::Ok(agreement(classes, &said, labels))
    };
    let (shown, held) = (floats(&shown), floats(&held));
    let figures = json!({
        "command": format!("cargo train --model {model} quality"),
        "chain": {"steps": samplers::STEPS, "eta": samplers::ETA, "guidance": 1.0, "draft": "secant", "window": "auto"},
        "samples": count,
        "classifier_agreement": {"samples": agreement(&shown, &labels)?, "held_out": agreement(&held, &held_labels)?},
        "nearest_training_image_rmse_of_255": {
            "samples": nearest(&shown, training).to_json(),
            "held_out": nearest(&held[..count], training).to_json(),
        },
        "against_plain": against_plain,
    });
    println!("{figures:#}");
    fs::write(folder.join("quality.json"), format!("{figures:#}\n"))?;
    let path = assets.join(format!("{model}.json"));
    let mut sidecar = network.sidecar;
    sidecar.about.insert("quality".into(), figures);
    fs::write(&path, serde_json::to_string_pretty(&sidecar)? + "\n")
        .with_context(|| format!("writing {}", path.display()))?;
    Ok(())
}

/// Sequential calls of a sample, on average.
fn calls(drawn: &[Drawn]) -> f64 {
    mean(drawn.iter().map(|drawn| drawn.calls as f64)).0
}

/// Sample `i` has seed `first + i`, the classes in turn.
fn draw(targets: &[Drafted], way: Way, first: u64, count: usize) -> Result<Vec<Drawn>> {
    let done = AtomicUsize::new(0);
    share_out(count, |i| {
        let drawn = way.draw(&targets[i % targets.len()], first + i as u64)?;
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(64) {
            println!("{done} of {count}");
        }
        Ok(drawn)
    })
}

fn samples(drawn: Vec<Drawn>) -> Vec<Vec<f64>> {
    drawn.into_iter().map(|drawn| drawn.sample).collect()
}

/// As the classifier is used to see images.
fn floats(images: &[Vec<f64>]) -> Vec<Vec<f32>> {
    images.iter().map(|image| image.iter().map(|&x| x.clamp(-1.0, 1.0) as f32).collect()).collect()
}

/// For each class, the share of its images that the classifier says it of.
fn agreement(classes: &[&str], said: &[usize], labels: &[usize]) -> Value {
    let share = |class: usize| {
        let of_class: Vec<bool> =
            said.iter().zip(labels).filter(|(_, label)| **label == class).map(|(said, _)| *said == class).collect();
        of_class.iter().filter(|right| **right).count() as f64 / of_class.len() as f64
    };
    let shares = classes.iter().enumerate().map(|(class, name)| ((*name).to_owned(), json!(round(share(class)))));
    shares.collect::<serde_json::Map<_, _>>().into()
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
fn nearest(images: &[Vec<f32>], training: &Dataset) -> Nearest {
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
            127.5 * (f64::from(least) / image.len() as f64).sqrt()
        })
        .collect();
    distances.sort_by(f64::total_cmp);
    Nearest(distances)
}
