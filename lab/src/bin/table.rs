//! The headline table: calls, rows and wall-clock of every draft on the trained network, each beside the plain sampler
//! of the same run. `cargo xtask bench -- --help` lists the options.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Result, anyhow, ensure};
use clap::Parser;
use lab::{Device, mean, share_out};
use pollster::block_on;
use speculative_diffusion::noise::Purpose;
use speculative_diffusion::{Batch, Chain, Costs, Level, NameError, Noise, Sampler, Settings, Target, TargetError};

#[derive(Parser)]
#[command(about = "Calls, rows and wall-clock on the trained network, beside the plain sampler")]
struct Options {
    /// Chains a cell
    #[arg(long, default_value_t = 64)]
    chains: usize,
    /// Cells as K:eta:L:draft:quantity or K:eta:L:draft:quantity:rule (L a number, auto, auto/PRICE or auto/PRICE/LANES),
    /// separated by commas; replaces the default set
    #[arg(long, value_delimiter = ',')]
    cells: Vec<String>,
    /// Weights: assets/<MODEL>.bpk and .json
    #[arg(long, default_value = "faces")]
    model: String,
    /// Seed of the first chain
    #[arg(long, default_value_t = 1000)]
    seed: u64,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
}

/// The cells that show what matters: the paper's draft, ours, and what K, eta and L do.
const CELLS: [&str; 11] = [
    "50:1:auto:secant:x0hat",
    "100:1:8:frozen:drift",
    "100:1:20:frozen:x0hat",
    "100:1:20:prefetched:x0hat",
    "100:1:20:carry:x0hat",
    "100:1:20:carry:velocity",
    "100:1:auto:carry:x0hat",
    "100:1:auto:secant:x0hat",
    "200:1:auto:secant:x0hat",
    "200:0.5:20:carry:x0hat",
    "200:0.5:auto:secant:x0hat",
];

struct Cell {
    name: String,
    steps: usize,
    eta: f64,
    settings: Settings,
}

impl Cell {
    fn parse(text: &str) -> Result<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let [steps, eta, window, draft, quantity, rule] = match parts[..] {
            [steps, eta, window, draft, quantity] => [steps, eta, window, draft, quantity, "auto"],
            [steps, eta, window, draft, quantity, rule] => [steps, eta, window, draft, quantity, rule],
            _ => {
                return Err(anyhow!(
                    "cell \"{text}\" is not of the form K:eta:L:draft:quantity, or that and :reflection, :peak or :auto"
                ));
            }
        };
        let in_cell = |error: NameError| anyhow!("{error} in cell \"{text}\"");
        Ok(Self {
            name: if rule == "auto" { format!("{draft} {quantity}") } else { format!("{draft} {quantity}, {rule}") },
            steps: steps.parse().map_err(|_| anyhow!("K is \"{steps}\" in cell \"{text}\": give a whole number"))?,
            eta: eta.parse().map_err(|_| anyhow!("eta is \"{eta}\" in cell \"{text}\": give a number"))?,
            settings: Settings {
                draft: draft.parse().map_err(in_cell)?,
                quantity: quantity.parse().map_err(in_cell)?,
                window: window.parse().map_err(in_cell)?,
                rule: rule.parse().map_err(in_cell)?,
            },
        })
    }
}

/// A target that notes how long its calls take; the rest of a run is the host's own arithmetic, but for what it does while
/// it waits.
struct Timed<'a, T> {
    target: &'a T,
    nanoseconds: AtomicU64,
}

impl<'a, T: Target + Sync> Timed<'a, T> {
    fn new(target: &'a T) -> Self {
        Self { target, nanoseconds: AtomicU64::new(0) }
    }

    async fn timed<R>(&self, of: impl Future<Output = R>) -> R {
        let began = Instant::now();
        let result = of.await;
        self.nanoseconds.fetch_add(began.elapsed().as_nanos() as u64, Ordering::Relaxed);
        result
    }
}

impl<T: Target + Sync> Target for Timed<'_, T> {
    fn dim(&self) -> usize {
        self.target.dim()
    }

    fn rows_per_state(&self) -> usize {
        self.target.rows_per_state()
    }

    fn predict(&self, batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> + Send {
        self.timed(self.target.predict(batch))
    }

    fn draft(&self, batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> + Send {
        self.timed(self.target.draft(batch))
    }
}

/// Rows of the calls whose time is taken.
const ROWS: [usize; 11] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48];
/// Calls of each, of which the fastest counts: other programs only ever make one slower.
const CALLS: usize = 12;

/// What a call of so many rows costs, on one thread.
fn calls(target: &impl Target) -> Result<()> {
    println!("| rows of a call | ms at best | against one row |");
    println!("|---|---|---|");
    let mut one = None;
    for rows in ROWS {
        let mut batch = Batch::default();
        for row in 0..rows {
            let level = Level::cosine(0.05 + 0.9 * (row as f64 + 0.5) / rows as f64);
            batch.push_level(level, &Noise::new(1, 0).normals(Purpose::Step, row, target.dim()));
        }
        let mut least = f64::INFINITY;
        for _ in 0..CALLS {
            let began = Instant::now();
            block_on(target.predict(&batch))?;
            least = least.min(began.elapsed().as_secs_f64());
        }
        println!("| {rows} | {:.2} | {:.2}x |", 1e3 * least, least / *one.get_or_insert(least));
    }
    println!();
    Ok(())
}

/// Runs `chains` chains, shared out to the cores, and returns what each made and the seconds it took.
fn measure<T: Send>(chains: usize, run: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<(T, f64)>> {
    share_out(chains, |chain| {
        let began = Instant::now();
        let made = run(chain)?;
        Ok((made, began.elapsed().as_secs_f64()))
    })
}

fn run(options: &Options) -> Result<()> {
    ensure!(options.chains > 0, "chains is 0: ask for at least one");
    let cells: Vec<Cell> = if options.cells.is_empty() {
        CELLS.iter().map(|cell| Cell::parse(cell)).collect::<Result<_>>()?
    } else {
        options.cells.iter().map(|cell| Cell::parse(cell)).collect::<Result<_>>()?
    };
    let targets = options.device.load(&options.model)?.targets()?;
    let target = |chain: usize| &targets[chain % targets.len()];

    calls(&targets[0])?;
    println!(
        "{} chains a cell, classes in turn, {} at a time; calls and rows are exact counts, +- is one standard error",
        options.chains,
        options.device.threads()
    );
    println!(
        "| K | eta | L | draft | calls (mean) | max | fewer calls | rows per plain row | accepted | seconds \
         | plain seconds | time against plain | host ms a call |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    let mut plain: Option<((usize, f64), (f64, f64))> = None;
    for cell in &cells {
        let table = Chain::cosine(cell.steps, cell.eta)?;
        let sampler = |chain: usize| {
            let noise = Noise::new(options.seed.wrapping_add(chain as u64), 0);
            Sampler::new(table.clone(), cell.settings, noise)
        };
        // the plain sampler is measured once for each chain table, right before the drafts it is compared with
        let plain_seconds = match plain {
            Some((key, seconds)) if key == (cell.steps, cell.eta) => seconds,
            _ => {
                let runs = measure(options.chains, |chain| Ok(block_on(sampler(chain)?.plain(target(chain)))?))?;
                mean(runs.iter().map(|(_, seconds)| *seconds))
            }
        };
        plain = Some(((cell.steps, cell.eta), plain_seconds));
        let runs = measure(options.chains, |chain| {
            let target = Timed::new(target(chain));
            let costs: Costs = block_on(sampler(chain)?.sample(&target))?.costs;
            Ok((costs, target.nanoseconds.into_inner() as f64 / 1e9))
        })?;
        let (host, _) = mean(runs.iter().map(|((costs, calls), all)| 1e3 * (all - calls) / costs.calls as f64));
        let runs: Vec<(Costs, f64)> = runs.into_iter().map(|((costs, _), seconds)| (costs, seconds)).collect();

        let (calls, calls_error) = mean(runs.iter().map(|(costs, _)| costs.calls as f64));
        let most = runs.iter().map(|(costs, _)| costs.calls).max().unwrap_or_default();
        let (rows, rows_error) = mean(runs.iter().map(|(costs, _)| costs.rows as f64 / cell.steps as f64));
        let (accepted, _) = mean(runs.iter().map(|(costs, _)| costs.accepted as f64 / costs.tested as f64));
        let (seconds, seconds_error) = mean(runs.iter().map(|(_, seconds)| *seconds));
        println!(
            "| {} | {} | {} | {} | {calls:.1} ± {calls_error:.1} | {most} | {:.1}x | {rows:.2} ± {rows_error:.2} \
             | {:.0} % | {seconds:.3} ± {seconds_error:.3} | {:.3} ± {:.3} | {:.2}x | {host:.2} |",
            cell.steps,
            cell.eta,
            cell.settings.window,
            cell.name,
            cell.steps as f64 / calls,
            100.0 * accepted,
            plain_seconds.0,
            plain_seconds.1,
            seconds / plain_seconds.0,
        );
    }
    Ok(())
}

fn main() -> ExitCode {
    let options = Options::parse();
    lab::exit(options.device.install(|| run(&options)))
}
