//! Records the run that the page shows before its engine has arrived: `cargo xtask bless`.
//!
//! Scalars are kept as they are, images as bytes.

#[path = "native/mod.rs"]
mod native;

use std::fs;
use std::path::Path;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pollster::block_on;
use serde_json::{Value, json};
use speculative_diffusion::{Chain, Noise, Position, Round, Sampler, Settings, Target, Verdict};

use native::Model;

const MODEL: &str = "faces";
const SEED: u64 = 7;
const CLASS: &str = "long";
const STEPS: usize = 100;
const ETA: f64 = 1.0;

fn main() -> anyhow::Result<()> {
    let model = Model::load(Path::new(native::ASSETS), MODEL)?;
    let target = model.target(CLASS, 1.0)?;
    let settings = Settings::default();
    let sampler = Sampler::new(Chain::cosine(STEPS, ETA)?, settings, Noise::new(SEED, 0))?;
    // the first run pays for page faults and frequency changes
    block_on(sampler.run(&target))?;

    let mut state = sampler.start(target.dim());
    let start = state.y.clone();
    let (mut rounds, mut residuals) = (Vec::new(), Vec::new());
    while !sampler.is_done(&state) {
        let began = Instant::now();
        let (next, round) = block_on(sampler.round(&target, &state))?;
        let ms = began.elapsed().as_secs_f64() * 1000.0;
        state = next;
        residuals.extend(sampler.residuals(&round));
        rounds.push(columns(&round, sampler.chain(), ms));
    }
    let mut y = start.clone();
    let mut plain = Vec::new();
    for (level, residual) in residuals.iter().enumerate() {
        let began = Instant::now();
        let (next, prediction) = block_on(sampler.plain_step(&target, level, &y, residual))?;
        let ms = began.elapsed().as_secs_f64() * 1000.0;
        y = next;
        let rows = target.rows_per_state();
        plain.push(json!({
            "level": level, "calls": 1, "rows": rows, "ms": ms,
            "state": image([&y]), "prediction": image([&prediction]),
        }));
    }
    let trace = json!({
        "settings": {
            "seed": SEED, "model": MODEL, "class": CLASS, "guidance": 1, "steps": STEPS, "eta": ETA, "window": "auto",
            "draft": "secant", "quantity": "x0hat",
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
    fs::write("assets/recorded.json", trace.to_string() + "\n")?;
    println!("assets/recorded.json: {} rounds for {STEPS} steps", rounds.len());
    Ok(())
}

/// The page's columns of a round, see `src/web/columns.rs`.
fn columns(round: &Round, chain: &Chain, ms: f64) -> Value {
    let positions = &round.positions;
    let scalars = |f: &dyn Fn(&Position) -> f64| {
        let bytes: Vec<u8> = positions.iter().flat_map(|p| f(p).to_le_bytes()).collect();
        json!({"f64": STANDARD.encode(bytes)})
    };
    let bytes =
        |f: &dyn Fn(&Position) -> u8| json!({"u8": STANDARD.encode(positions.iter().map(f).collect::<Vec<u8>>())});
    let levels: Vec<u8> = positions.iter().flat_map(|p| (p.level as u32).to_le_bytes()).collect();
    json!({
        "first": round.first, "length": positions.len(), "committed": round.states.len(),
        "calls": round.calls, "draftCalls": round.draft_calls, "rows": round.rows, "ms": ms,
        "level": {"u32": STANDARD.encode(levels)},
        "verdict": bytes(&|p| match p.verdict {
            Verdict::Accepted => 0,
            Verdict::Rejected => 1,
            Verdict::Deterministic => 2,
            Verdict::Discarded => 3,
        }),
        "carried": bytes(&|p| u8::from(p.carried)),
        "s": scalars(&|p| chain.steps()[p.level].s),
        "time": scalars(&|p| chain.steps()[p.level].level.t),
        "gap": scalars(&|p| p.gap),
        "probability": scalars(&Position::probability),
        "lnU": scalars(&|p| p.ln_u),
        "lnRatio": scalars(&|p| p.ln_ratio),
        "residual": scalars(&|p| p.residual),
        "draftMean": image(positions.iter().map(|p| &p.draft_mean)),
        "draft": image(positions.iter().map(|p| &p.draft)),
        "targetMean": image(positions.iter().map(|p| &p.target_mean)),
        "prediction": image(positions.iter().map(|p| &p.prediction)),
        "state": image(&round.states),
    })
}

fn image<'a>(states: impl IntoIterator<Item = &'a Vec<f64>>) -> Value {
    let bytes: Vec<u8> =
        states.into_iter().flatten().map(|x| ((x + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8).collect();
    json!({"image": STANDARD.encode(bytes)})
}
