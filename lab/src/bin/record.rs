//! Records the run that the page shows before its engine has arrived: `cargo xtask bless`.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result};
use lab::recorded::{columns, image};
use lab::{ASSETS, Model};
use pollster::block_on;
use serde_json::json;
use speculative_diffusion::{Chain, Noise, Sampler, Settings, Target as _};

const MODEL: &str = "faces";
const SEED: u64 = 7;
const CLASS: &str = "long";
const STEPS: usize = 100;
const ETA: f64 = 1.0;

fn run() -> Result<()> {
    let model = Model::load(Path::new(ASSETS), MODEL)?;
    let target = model.target(CLASS, 1.0)?;
    let settings = Settings::default();
    let sampler = Sampler::new(Chain::cosine(STEPS, ETA)?, settings, Noise::new(SEED, 0))?;
    // the first run pays for page faults and frequency changes
    block_on(sampler.sample(&target))?;

    let start = sampler.start(target.dim()).y;
    let (mut rounds, mut residuals) = (Vec::new(), Vec::new());
    let mut began = Instant::now();
    block_on(sampler.watch(&target, |round| {
        let ms = milliseconds(began);
        residuals.extend(sampler.residuals(&round));
        rounds.push(columns(&round, sampler.chain(), ms));
        began = Instant::now();
    }))?;
    let mut y = start.clone();
    let mut plain = Vec::new();
    for (level, residual) in residuals.iter().enumerate() {
        let began = Instant::now();
        let (next, prediction) = block_on(sampler.plain_step(&target, level, &y, residual))?;
        let ms = milliseconds(began);
        y = next;
        plain.push(json!({
            "level": level, "calls": 1, "rows": target.rows_per_state(), "ms": ms,
            "state": image([&y]), "prediction": image([&prediction]),
        }));
    }
    let trace = json!({
        "settings": {
            "seed": SEED, "model": MODEL, "class": CLASS, "guidance": 1, "steps": STEPS, "eta": ETA,
            "window": settings.window.to_string(), "draft": settings.draft.name(), "quantity": settings.quantity.name(),
        },
        "dim": target.dim(),
        "classes": model.classes(),
        "start": image([&start]),
        "rounds": rounds,
        "plain": plain,
        "source": {
            "kind": "recorded",
            "device": {"backend": "cpu", "adapter": "native, one thread", "software": true},
        },
    });
    let path = Path::new(ASSETS).join("recorded.json");
    fs::write(&path, trace.to_string() + "\n").with_context(|| format!("writing {}", path.display()))?;
    println!("{}: {} rounds for {STEPS} steps", path.display(), rounds.len());
    Ok(())
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn main() -> ExitCode {
    lab::exit(run())
}
