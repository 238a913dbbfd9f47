//! Pictures without a browser: `cargo sample --help`.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use lab::{Device, in_shared_calls, mean, share_out, write_grid};
use pollster::block_on;
use serde_json::{Value, json};
use speculative_diffusion::{Chain, Costs, Draft, Round, Rule, Sampler, Settings, Verdict, Window};

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
    /// secant, carry, prefetched, frozen or frozen-drift
    #[arg(long, default_value = "secant")]
    draft: Draft,
    /// Steps drafted a round: 1 to 256, or auto, or auto/PRICE/LANES: a further row of each of so many computed side by
    /// side adds this share of a call
    #[arg(long, default_value = "auto")]
    window: Window,
    /// How drafts are tested: reflection, peak, or auto for whichever saves more calls
    #[arg(long, default_value = "auto")]
    rule: Rule,
    /// Steps of the chain, 2 to 10000
    #[arg(long, default_value_t = 100)]
    steps: usize,
    /// Noise of the chain, 0.001 to 1
    #[arg(long, default_value_t = 1.0)]
    eta: f64,
    /// Pictures
    #[arg(short, long, default_value_t = 64)]
    n: usize,
    /// Seed of the first picture; the next ones count on, and the page draws the same for the same seed
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The plain sampler instead
    #[arg(long, conflicts_with_all = ["draft", "window", "rule", "trace"])]
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

/// What a chain of shared calls has drawn.
struct Drawn {
    picture: Vec<f64>,
    costs: Costs,
    /// Its rounds for `--trace`.
    rounds: Vec<Value>,
}

fn run(options: &Options) -> Result<()> {
    ensure!(options.n > 0, "n is 0: ask for at least one picture");
    let model = options.device.load(&options.model)?;
    let channels = model.sidecar.network.channels;
    let target = model.target(&options.class, options.guidance)?;
    let settings = Settings::default().draft(options.draft).window(options.window).rule(options.rule);
    let sampler = Sampler::new(Chain::cosine(options.steps, options.eta)?, settings)?;
    let seeds: Vec<u64> = (0..options.n).map(|picture| options.seed.wrapping_add(picture as u64)).collect();

    let progress = Progress { done: AtomicUsize::new(0), of: options.n };
    let began = Instant::now();
    if options.plain {
        let pictures = share_out(options.n, |i| {
            let picture = block_on(sampler.plain(&target, seeds[i]))?;
            progress.advance();
            Ok(picture)
        })?;
        println!("{} pictures, {} calls each, {:.1} s", options.n, options.steps, began.elapsed().as_secs_f64());
        return save(options, &pictures, channels);
    }

    let groups: Vec<&[u64]> = seeds.chunks(options.n.div_ceil(options.device.threads())).collect();
    let groups = share_out(groups.len(), |group| {
        let seeds = groups[group];
        let mut rounds: Vec<Vec<Value>> = vec![Vec::new(); seeds.len()];
        let (runs, shared) = in_shared_calls(&target, &sampler, seeds, options.rows, |i, round| {
            if options.trace.is_some() {
                rounds[i].push(outline(&round));
            }
            if round.first + round.states.len() == options.steps {
                progress.advance();
            }
        })?;
        let drawn = runs.into_iter().zip(rounds).map(|(run, rounds)| {
            let costs = run.costs();
            Drawn { picture: run.into_state().y().to_vec(), costs, rounds }
        });
        Ok((shared.calls, drawn.collect::<Vec<_>>()))
    })?;
    let seconds = began.elapsed().as_secs_f64();

    let (shared, count) = (groups.iter().map(|(calls, _)| calls).sum::<usize>(), groups.len());
    let drawn: Vec<Drawn> = groups.into_iter().flat_map(|(_, drawn)| drawn).collect();
    let costs = || drawn.iter().map(|drawn| drawn.costs);
    println!(
        "{} pictures in {seconds:.1} s: {:.1} sequential calls each (most {}) instead of {}, {:.2} rows a step, \
         {shared} shared calls in {count} group(s)",
        options.n,
        mean(costs().map(|costs| costs.calls as f64)).0,
        costs().map(|costs| costs.calls).max().unwrap_or_default(),
        options.steps,
        mean(costs().map(|costs| costs.rows as f64)).0 / options.steps as f64,
    );
    if let Some(path) = &options.trace {
        let chain = |(i, drawn): (usize, &Drawn)| json!({"seed": seeds[i], "rounds": drawn.rounds});
        let settings = json!({
            "model": options.model, "class": options.class, "guidance": options.guidance, "steps": options.steps,
            "eta": options.eta, "draft": options.draft.name(), "window": options.window.to_string(),
        });
        let chains: Vec<Value> = drawn.iter().enumerate().map(chain).collect();
        std::fs::write(path, json!({"settings": settings, "chains": chains}).to_string() + "\n")
            .with_context(|| format!("writing {}", path.display()))?;
        println!("{}", path.display());
    }
    let pictures: Vec<Vec<f64>> = drawn.into_iter().map(|drawn| drawn.picture).collect();
    save(options, &pictures, channels)
}

/// A round without its pictures. What was not tested is null.
fn outline(round: &Round) -> Value {
    let word = |verdict: &Verdict| match verdict {
        Verdict::Accepted(_) => "accepted",
        Verdict::Rejected(_) => "rejected",
        Verdict::Deterministic => "deterministic",
        Verdict::Discarded => "discarded",
    };
    let positions = round.positions.iter().map(|p| {
        let test = p.verdict.test();
        json!({
            "level": p.level, "verdict": word(&p.verdict), "carried": p.carried, "gap": test.map(|test| test.gap),
            "lnU": test.and_then(|test| test.ln_u()), "lnRatio": test.map(|test| test.ln_ratio),
            "residual": test.and_then(|test| test.residual),
        })
    });
    json!({
        "first": round.first, "calls": round.calls, "rows": round.rows, "committed": round.states.len(),
        "positions": positions.collect::<Vec<_>>(),
    })
}

fn save(options: &Options, pictures: &[Vec<f64>], channels: usize) -> Result<()> {
    /// As wide as a page.
    const COLUMNS: usize = 16;
    write_grid(&options.out, pictures, channels, pictures.len().min(COLUMNS))?;
    println!("{}", options.out.display());
    Ok(())
}

fn main() -> ExitCode {
    let options = Options::parse();
    lab::exit(options.device.install(|| run(&options)))
}
