//! Pictures without a browser: `cargo sample --help`.

#[path = "native/device.rs"]
mod device;
#[path = "native/mod.rs"]
mod native;

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Parser;
use pollster::block_on;
use rayon::prelude::*;
use serde_json::{Value, json};
use speculative_diffusion::sampler::Length;
use speculative_diffusion::{
    Chain, Costs, Draft, Ensemble, Noise, Quantity, Rule, Sampler, Settings, Target, Trace, Verdict,
};

use device::Device;

#[derive(Parser)]
#[command(about = "Draw pictures with the speculative sampler, or with the plain one")]
struct Options {
    /// Weights: assets/<MODEL>.bpk and .json
    #[arg(long, default_value = "faces")]
    model: String,
    /// What to draw: one of the model's classes, or any
    #[arg(long, default_value = "any")]
    class: String,
    /// How strongly the class is followed, 1 to 8
    #[arg(long, default_value_t = 1.0)]
    guidance: f64,
    /// secant, carry, prefetched, frozen, or independent where the model has a drafter
    #[arg(long, default_value = "secant")]
    draft: Draft,
    /// What stands still in a draft: x0hat, velocity or drift
    #[arg(long, default_value = "x0hat")]
    quantity: Quantity,
    /// Steps drafted a round: a number, or auto
    #[arg(long, default_value = "auto")]
    window: Length,
    /// Steps of the chain, 2 to 1000
    #[arg(long, default_value_t = 100)]
    steps: usize,
    /// Noise of the chain, above 0 up to 1
    #[arg(long, default_value_t = 1.0)]
    eta: f64,
    /// Pictures
    #[arg(short, long, default_value_t = 64)]
    n: usize,
    /// Seed of the first picture; the next ones count on, and the page draws the same for the same seed
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The plain sampler instead
    #[arg(long, conflicts_with_all = ["draft", "quantity", "window", "trace"])]
    plain: bool,
    /// Rows that chains share in a call
    #[arg(long, default_value_t = 64)]
    rows: usize,
    /// Where to put the pictures
    #[arg(long, default_value = "grid.png")]
    out: PathBuf,
    /// Where to put every round's levels, verdicts and tests, as JSON
    #[arg(long)]
    trace: Option<PathBuf>,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
}

/// How far the pictures are, on a terminal.
struct Progress {
    done: AtomicUsize,
    of: usize,
}

impl Progress {
    fn advance(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if std::io::stderr().is_terminal() {
            eprint!("\r{done} of {} pictures", self.of);
            let _ = std::io::stderr().flush();
            if done == self.of {
                eprintln!();
            }
        }
    }
}

fn run(options: &Options) -> Result<()> {
    ensure!(options.n > 0, "n is 0: ask for at least one picture");
    let model = options.device.load(&options.model)?;
    let channels = model.sidecar.network.channels;
    let target = model.target(&options.class, options.guidance)?;
    let settings =
        Settings { draft: options.draft, quantity: options.quantity, window: options.window, rule: Rule::Reflection };
    let chain = Chain::cosine(options.steps, options.eta)?;
    let samplers: Vec<Sampler> = (0..options.n as u64)
        .map(|i| Sampler::new(chain.clone(), settings, Noise::new(options.seed + i, 0)))
        .collect::<Result<_, _>>()?;

    let progress = Progress { done: AtomicUsize::new(0), of: options.n };
    let began = Instant::now();
    if options.plain {
        let draw = |sampler: &Sampler| {
            let picture = block_on(sampler.plain(&target));
            progress.advance();
            picture
        };
        let pictures: Vec<Vec<f64>> = samplers.par_iter().map(draw).collect::<Result<_, _>>()?;
        println!("{} pictures, {} calls each, {:.1} s", options.n, options.steps, began.elapsed().as_secs_f64());
        return save(options, &pictures, channels);
    }

    let group = options.n.div_ceil(options.device.threads());
    let ensembles: Vec<Ensemble> = samplers
        .par_chunks(group)
        .map(|samplers| {
            let mut ensemble = Ensemble::new(samplers.to_vec(), target.dim(), options.rows);
            while !ensemble.is_done() {
                for _ in 0..block_on(ensemble.call(&target))?.ended {
                    progress.advance();
                }
            }
            Ok(ensemble)
        })
        .collect::<Result<_>>()?;
    let seconds = began.elapsed().as_secs_f64();

    let traces: Vec<&Trace> = ensembles.iter().flat_map(Ensemble::traces).collect();
    let costs: Vec<Costs> = traces.iter().map(|trace| trace.costs()).collect();
    let mean = |of: fn(&Costs) -> usize| costs.iter().map(of).sum::<usize>() as f64 / costs.len() as f64;
    println!(
        "{} pictures in {seconds:.1} s: {:.1} sequential calls each (most {}) instead of {}, {:.2} rows a step, {} shared calls in {} group(s)",
        options.n,
        mean(|costs| costs.calls),
        costs.iter().map(|costs| costs.calls).max().unwrap_or_default(),
        options.steps,
        mean(|costs| costs.rows) / options.steps as f64,
        ensembles.iter().map(|ensemble| ensemble.costs().calls).sum::<usize>(),
        ensembles.len(),
    );
    if let Some(path) = &options.trace {
        let chains: Vec<Value> = (options.seed..).zip(&traces).map(|(seed, trace)| told(seed, trace)).collect();
        let settings = json!({
            "model": options.model, "class": options.class, "guidance": options.guidance, "steps": options.steps,
            "eta": options.eta, "draft": options.draft.name(), "quantity": options.quantity.name(),
            "window": options.window.to_string(),
        });
        std::fs::write(path, json!({"settings": settings, "chains": chains}).to_string() + "\n")?;
        println!("{}", path.display());
    }
    let pictures: Vec<Vec<f64>> = traces.iter().map(|trace| trace.sample().to_vec()).collect();
    save(options, &pictures, channels)
}

/// A run's rounds without its pictures. What was not tested is null.
fn told(seed: u64, trace: &Trace) -> Value {
    let word = |verdict| match verdict {
        Verdict::Accepted => "accepted",
        Verdict::Rejected => "rejected",
        Verdict::Deterministic => "deterministic",
        Verdict::Discarded => "discarded",
    };
    let rounds = trace.rounds.iter().map(|round| {
        let positions = round.positions.iter().map(|p| {
            json!({
                "level": p.level, "verdict": word(p.verdict), "carried": p.carried, "gap": p.gap, "lnU": p.ln_u,
                "lnRatio": p.ln_ratio, "residual": p.residual,
            })
        });
        json!({
            "first": round.first, "calls": round.calls, "rows": round.rows, "committed": round.states.len(),
            "positions": positions.collect::<Vec<_>>(),
        })
    });
    json!({"seed": seed, "rounds": rounds.collect::<Vec<_>>()})
}

fn save(options: &Options, pictures: &[Vec<f64>], channels: usize) -> Result<()> {
    /// As wide as a page.
    const COLUMNS: usize = 16;
    native::write_grid(&options.out, pictures, channels, pictures.len().min(COLUMNS))?;
    println!("{}", options.out.display());
    Ok(())
}

fn main() -> ExitCode {
    let options = Options::parse();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.device.threads()).build();
    match pool.map_err(anyhow::Error::from).and_then(|pool| pool.install(|| run(&options))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
