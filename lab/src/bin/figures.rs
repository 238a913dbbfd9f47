//! What the page's figures show of runs that a visitor would have to wait for: `assets/stairs.json` and `assets/gallery.json`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use clap::Parser;
use lab::path::Path as Walk;
use lab::{ASSETS, Drafted, Model, energy, mean, share_out, skipping};
use pollster::block_on;
use serde_json::{Value, json};
use speculative_diffusion::{Chain, Costs, Round, Sampler, Settings, Window};

#[derive(Parser)]
#[command(about = "Write what the page's figures show of long runs and of many pictures")]
struct Options {
    /// Where to put the files
    #[arg(long, default_value = ASSETS)]
    folder: PathBuf,
    /// Samples that are compared, a sampler
    #[arg(long, default_value_t = 480)]
    samples: usize,
}

/// The page's own first seed.
const SEED: u64 = 7;
/// Lengths of the chains whose rounds are written.
const STEPS: [usize; 12] = [20, 30, 50, 70, 100, 150, 200, 300, 400, 600, 800, 1000];
/// Windows whose mean costs are written, at the page's own length.
const WINDOWS: [usize; 11] = [1, 2, 3, 4, 6, 8, 12, 16, 20, 28, 40];
const K: usize = 100;
/// Chains a mean, and their first seed.
const CHAINS: (usize, u64) = (48, 1000);
/// Pictures that are shown of each sampler.
const SHOWN: usize = 24;

fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

fn stairs() -> Result<Value> {
    let model = Model::load(Path::new(ASSETS), "faces")?;
    let shown = model.target("any", 1.0)?;
    let chains = share_out(STEPS.len(), |index| {
        let steps = STEPS[index];
        let sampler = Sampler::new(Chain::cosine(steps, 1.0)?, Settings::default())?;
        let trace = block_on(sampler.trace(&shown, SEED))?;
        let round = |round: &Round| {
            let Costs { calls, rows, accepted, tested, .. } = round.costs();
            json!({"calls": calls, "rows": rows, "accepted": accepted, "rejected": tested - accepted, "committed": round.states.len()})
        };
        Ok(json!({"steps": steps, "rounds": trace.rounds.iter().map(round).collect::<Vec<Value>>()}))
    })?;
    let targets = model.targets()?;
    let windows = WINDOWS.map(Window::Fixed).into_iter().map(|window| {
        let sampler = Sampler::new(Chain::cosine(K, 1.0)?, Settings::default().window(window))?;
        let costs = share_out(CHAINS.0, |index| {
            Ok(block_on(sampler.sample(&targets[index % targets.len()], CHAINS.1 + index as u64))?.costs)
        })?;
        let of = |count: fn(&Costs) -> usize| rounded(mean(costs.iter().map(|costs| count(costs) as f64)).0);
        Ok(json!({"window": window.to_string(), "calls": of(|costs| costs.calls), "rows": of(|costs| costs.rows), "chains": CHAINS.0}))
    });
    Ok(json!({
        "command": "cargo run --release -p lab --bin figures",
        "model": "faces", "class": "any", "seed": SEED, "eta": 1.0, "steps": K,
        "chains": chains,
        "windows": windows.collect::<Result<Vec<Value>>>()?,
    }))
}

/// An estimate is used again until it would have changed by this share: with it the faces take as many calls as the speculative sampler.
const CACHED: f64 = 0.2;

/// How a picture is drawn: by which sampler, and in how many steps.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    steps: usize,
}

/// Samples `first, first + 1, ..`, the classes in turn, and their mean calls.
fn draw(targets: &[Drafted], way: Way, first: u64, count: usize) -> Result<(Vec<Vec<f64>>, f64)> {
    let sampler = Sampler::new(Chain::cosine(way.steps, 1.0)?, Settings::default())?;
    let drawn = share_out(count, |index| {
        let (target, seed) = (&targets[index % targets.len()], first + index as u64);
        match way.name {
            "speculative" => {
                let made = block_on(sampler.sample(target, seed))?;
                Ok((made.sample, made.costs.calls as f64))
            }
            "cached" => {
                let mut walk = Walk::new(sampler.chain().steps(), &[], target, seed);
                skipping::cached(&mut walk, CACHED)?;
                let made = walk.ended();
                Ok((made.sample, made.calls as f64))
            }
            _ => Ok((block_on(sampler.plain(target, seed))?, way.steps as f64)),
        }
    })?;
    let calls = mean(drawn.iter().map(|(_, calls)| *calls)).0;
    Ok((drawn.into_iter().map(|(sample, _)| sample).collect(), calls))
}

fn bytes(images: &[Vec<f64>]) -> String {
    let bytes: Vec<u8> =
        images.iter().flatten().map(|value| ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8).collect();
    BASE64_STANDARD.encode(bytes)
}

fn gallery(name: &str, samples: usize) -> Result<Value> {
    let model = Model::load(Path::new(ASSETS), name)?;
    let targets = model.targets()?;
    let network = &model.sidecar.network;
    // each sampler has seeds of its own: the same ones would share the start
    let draw = |way: Way, set: u64| {
        println!("{name}: {samples} samples, {} in {} steps", way.name, way.steps);
        draw(&targets, way, 100_000 + set * samples as u64, samples)
    };
    let [plain, speculative, cached] = ["plain", "speculative", "cached"].map(|name| Way { name, steps: K });
    let (reference, _) = draw(plain, 0)?;
    let (exact, calls) = draw(speculative, 1)?;
    // as many waits as the speculative sampler has
    let few = Way { name: "few", steps: calls.round() as usize };
    let (coarse, few_calls) = draw(few, 2)?;
    let (stale, cached_calls) = draw(cached, 3)?;
    let set = |way: Way, calls: f64, images: &[Vec<f64>]| json!({"sampler": way.name, "steps": way.steps, "calls": rounded(calls), "images": bytes(&images[..SHOWN])});
    let compared = |way: Way, images: &[Vec<f64>]| {
        let Value::Object(mut line) = energy(images, &reference).to_json() else { return Value::Null };
        line.extend(
            [("sampler", json!(way.name)), ("steps", json!(way.steps)), ("samples", json!(samples))]
                .map(|(key, value)| (key.to_owned(), value)),
        );
        if let Some(distance) = line.remove("found") {
            line.insert("distance".into(), distance);
        }
        Value::Object(line)
    };
    Ok(json!({
        "size": network.size,
        "channels": network.channels,
        "cached_until": CACHED,
        "sets": [
            set(few, few_calls, &coarse),
            set(cached, cached_calls, &stale),
            set(speculative, calls, &exact),
            set(plain, K as f64, &reference),
        ],
        "compared": [compared(few, &coarse), compared(cached, &stale), compared(speculative, &exact)],
    }))
}

fn write(folder: &Path, name: &str, value: &Value) -> Result<()> {
    let path = folder.join(name);
    fs::write(&path, format!("{value}\n")).with_context(|| format!("writing {}", path.display()))
}

fn run(options: &Options) -> Result<()> {
    write(&options.folder, "stairs.json", &stairs()?)?;
    let gallery = json!({
        "command": "cargo run --release -p lab --bin figures",
        "models": {"faces": gallery("faces", options.samples)?, "fashion": gallery("fashion", options.samples)?},
    });
    write(&options.folder, "gallery.json", &gallery)
}

fn main() -> ExitCode {
    lab::exit(run(&Options::parse()))
}
