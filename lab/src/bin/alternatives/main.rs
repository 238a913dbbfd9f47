//! What people would pick instead: samplers that solve the same chain to a tolerance, and samplers that leave calls out. Calls, rows,
//! and how far they are from the exact chain: `cargo run --release -p lab --bin alternatives -- --help`.

mod parallel;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path as FilePath, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::Parser;
use lab::path::{Path, Solved, size};
use lab::{ASSETS, Model, energy, mean, share_out, skipping};
use pollster::block_on;
use speculative_diffusion::schedule::{Grid, Schedule};
use speculative_diffusion::{Chain, Level, Price, Sampler, Settings, Step, Target, Window};

use parallel::{Anderson, Guess};

#[derive(Parser)]
#[command(about = "Compare the exact sampler with samplers to a tolerance and samplers that leave calls out")]
struct Options {
    /// Weights: assets/<MODEL>.bpk
    #[arg(long, value_delimiter = ',', default_values_t = ["faces".to_owned(), "fashion".to_owned()])]
    models: Vec<String>,
    /// Folders with a model.onnx and its scheduler_config.json, for models of others that predict an ancestral chain's noise
    #[cfg(feature = "onnx")]
    #[arg(long)]
    foreign: Vec<PathBuf>,
    /// Chains of a cell with 100 steps, the classes in turn
    #[arg(long, default_value_t = 32)]
    chains: usize,
    /// The same with 1,000 steps, for the first model; 0 for none
    #[arg(long, default_value_t = 6)]
    long: usize,
    /// Where the tables go
    #[arg(long, default_value = "docs/results/alternatives.md")]
    write: PathBuf,
}

/// Steps of the chain that is short.
const FEWER: usize = 14;

/// A way to draw a sample.
#[derive(Clone, Copy, Debug)]
enum Way {
    Plain,
    Speculative(Price),
    /// Shih et al. 2023, algorithm 1: windows of steps, swept until they hardly move.
    Paradigms {
        window: usize,
        tolerance: f64,
    },
    /// Lu, Zhu & Hou 2025: as ParaDiGMS, from a guess that freezes the estimate after some steps taken one after the other.
    Parasolver {
        window: usize,
        tolerance: f64,
        first: usize,
    },
    /// Tang et al. 2024: equations of higher order, and triangular Anderson acceleration.
    Parataa {
        window: usize,
        tolerance: f64,
        order: usize,
    },
    /// After Liu et al. 2024 (TeaCache): an estimate is used again until it would have changed by this share.
    Cached(f64),
    /// After Liu et al. 2025 (TaylorSeer): every so many steps an estimate, and a forecast of second order between them.
    Forecast(usize),
    /// Fewer steps (Song, Meng & Ermon 2021).
    Fewer,
}

impl Way {
    fn name(self) -> String {
        match self {
            Self::Plain => "plain".into(),
            Self::Speculative(Price::FREE) => "**speculative**, rows free".into(),
            Self::Speculative(_) => "**speculative**".into(),
            Self::Paradigms { window, tolerance } => format!("ParaDiGMS, window {window}, tolerance {tolerance}"),
            Self::Parasolver { window, tolerance, first } => {
                format!("ParaSolver, window {window}, tolerance {tolerance}, {first} steps first")
            }
            Self::Parataa { window, tolerance, order } => {
                format!("ParaTAA, window {window}, tolerance {tolerance}, order {order}")
            }
            Self::Cached(share) => format!("cached until it changes by {share}"),
            Self::Forecast(every) => format!("forecast, an estimate every {every} steps"),
            Self::Fewer => format!("fewer steps, {FEWER}"),
        }
    }

    fn is_exact(self) -> bool {
        matches!(self, Self::Plain | Self::Speculative(_))
    }

    /// All for a chain; without noise nothing can be speculated.
    fn all(steps: usize, noisy: bool) -> Vec<Self> {
        let speculative = [Self::Speculative(Price::USUAL), Self::Speculative(Price::FREE)];
        let mut ways: Vec<Self> = if noisy { speculative.to_vec() } else { Vec::new() };
        let windows = if steps > 100 { [20, 100] } else { [20, steps] };
        for window in windows {
            // each paper's own
            ways.extend([0.1, 0.5].map(|tolerance| Self::Paradigms { window, tolerance }));
            ways.extend([0.1, 0.55].map(|tolerance| Self::Parasolver { window, tolerance, first: 5 }));
            // its order for 100 steps, and as many steps as there are
            let settings = [(0.01, 8), (0.05, 8), (0.05, window)];
            ways.extend(settings.map(|(tolerance, order)| Self::Parataa { window, tolerance, order }));
        }
        ways.extend([0.05, 0.2].map(Self::Cached));
        ways.extend([3, 6].map(Self::Forecast));
        ways.push(Self::Fewer);
        ways
    }
}

/// A chain that is a table, the noises' units, and what is asked along it.
struct Problem<T> {
    steps: Vec<Step>,
    chain: Option<Chain>,
    /// For each step the deviation that the step of DDPM has there, in whose units tolerances are; the last has its neighbour's.
    scales: Vec<f64>,
    /// Of which the chains take their turns.
    targets: Vec<T>,
}

impl<T: Target + Sync> Problem<T> {
    /// Through these levels, with the noise of DDPM or none.
    fn through(levels: &[Level], noisy: bool, targets: Vec<T>) -> Result<Self> {
        let chain = Chain::ancestral(levels, 1.0)?;
        let mut scales: Vec<f64> = chain.steps().iter().map(|step| step.s).collect();
        let last = scales.len() - 1;
        scales[last] = scales[last - 1];
        if noisy {
            return Ok(Self { steps: chain.steps().to_vec(), chain: Some(chain), scales, targets });
        }
        // the table of DDIM, which no chain of this crate may be
        let step = |pair: &[Level]| {
            let kept = pair[1].sigma / pair[0].sigma;
            Step::new(pair[0], kept, pair[1].alpha - kept * pair[0].alpha, 0.0)
        };
        Ok(Self { steps: levels.windows(2).map(step).collect(), chain: None, scales, targets })
    }

    /// `fewer` makes the same with fewer steps.
    fn draw(&self, way: Way, number: usize, seed: u64, fewer: &Self) -> Result<Solved> {
        let target = &self.targets[number % self.targets.len()];
        let mut path = Path::new(&self.steps, &self.scales, target, seed);
        match way {
            Way::Plain => path.one_by_one(self.steps.len())?,
            Way::Speculative(price) => {
                let chain = self.chain.as_ref().context("a chain without noise")?;
                let sampler = Sampler::new(chain, Settings::default().window(Window::Auto(price)))?;
                let made = block_on(sampler.sample(target, seed))?;
                return Ok(Solved { sample: made.sample, calls: made.costs.calls, rows: made.costs.rows });
            }
            Way::Paradigms { window, tolerance } => parallel::sweeps(&mut path, window, tolerance, Guess::Repeated)?,
            Way::Parasolver { window, tolerance, first } => {
                path.one_by_one(first)?;
                parallel::sweeps(&mut path, window, tolerance, Guess::Frozen)?;
            }
            Way::Parataa { window, tolerance, order } => {
                parallel::anderson(&mut path, window, tolerance, Anderson { order, ..Anderson::USUAL })?;
            }
            Way::Cached(share) => skipping::cached(&mut path, share)?,
            Way::Forecast(every) => skipping::forecast(&mut path, every)?,
            Way::Fewer => return fewer.draw(Way::Plain, number, seed, fewer),
        }
        Ok(path.ended())
    }
}

fn table<T: Target + Sync>(title: &str, problem: &Problem<T>, fewer: &Problem<T>, chains: usize) -> Result<String> {
    let draw = |way: Way, first: usize| share_out(chains, |i| problem.draw(way, i, (first + i) as u64, fewer));
    let samples = |drawn: &[Solved]| -> Vec<Vec<f64>> { drawn.iter().map(|drawn| drawn.sample.clone()).collect() };
    // of the same noise, for the error at the end, and of another, for the law
    let (same, others) = (draw(Way::Plain, 0)?, samples(&draw(Way::Plain, chains)?));
    let mut text = format!(
        "\n{title}, {chains} chains:\n\n| sampler | exact | calls | rows a step | off at the end | energy distance | 95 % | p |\n\
         |---|---|---|---|---|---|---|---|\n"
    );
    for way in [Way::Plain].into_iter().chain(Way::all(problem.steps.len(), problem.chain.is_some())) {
        let began = Instant::now();
        let drawn = if matches!(way, Way::Plain) { same.clone() } else { draw(way, 0)? };
        let calls = mean(drawn.iter().map(|drawn| drawn.calls as f64));
        let rows = mean(drawn.iter().map(|drawn| drawn.rows as f64)).0 / problem.steps.len() as f64;
        let off = mean(drawn.iter().zip(&same).map(|(a, b)| size(&a.sample, &b.sample))).0;
        let off = match way {
            Way::Plain => "0".into(),
            // its own noise leads there
            Way::Speculative(_) => "0, by its own noise".into(),
            Way::Fewer => "other noise".into(),
            _ => format!("{off:.4}"),
        };
        let compared = energy(&samples(&drawn), &others).to_json();
        let number = |name: &str| compared[name].as_f64().context(name.to_owned());
        let _ = writeln!(
            text,
            "| {} | {} | {:.1} ± {:.1} | {rows:.2} | {off} | {:.3} | {:.3} | {:.3} |",
            way.name(),
            if way.is_exact() { "yes" } else { "**no**" },
            calls.0,
            calls.1,
            number("found")?,
            number("null_95")?,
            number("share_of_null_beyond")?,
        );
        println!("{title}, {}: {:.1} calls, {:.0} s", way.name(), calls.0, began.elapsed().as_secs_f64());
    }
    Ok(text)
}

/// The tables, each written as soon as it is made.
struct Report<'a> {
    options: &'a Options,
    text: String,
}

impl Report<'_> {
    /// The tables of one model; `of` makes what is asked along a chain of so many steps, and its levels.
    fn add<T: Target + Sync>(&mut self, name: &str, of: impl Fn(usize) -> Result<(Vec<Level>, Vec<T>)>) -> Result<()> {
        let long = if self.text.contains("K = 1000") { 0 } else { self.options.long };
        for (steps, noisy, chains) in
            [(100, true, self.options.chains), (100, false, self.options.chains), (1000, true, long)]
        {
            // energy distances of few samples say nothing
            if chains < 2 {
                continue;
            }
            let problem = |steps: usize| {
                let (levels, targets) = of(steps)?;
                Problem::through(&levels, noisy, targets)
            };
            let title = format!("{name}, K = {steps}, {}", if noisy { "eta = 1" } else { "DDIM" });
            self.text += &table(&title, &problem(steps)?, &problem(FEWER)?, chains)?;
            fs::write(&self.options.write, self.text.trim_start())?;
        }
        Ok(())
    }
}

fn run(options: &Options) -> Result<()> {
    let mut report = Report { options, text: String::new() };
    for name in &options.models {
        let targets = Model::load(FilePath::new(ASSETS), name)?.targets()?;
        report.add(name, |steps| Ok((Grid::Uniform.levels(Schedule::Cosine, steps)?, targets.iter().collect())))?;
    }
    #[cfg(feature = "onnx")]
    for folder in &options.foreign {
        use lab::{Foreign, Scheduled};
        use speculative_diffusion::diffusers::Scheduler;

        let (model, config) = Foreign::load(folder, 0)?;
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
        report.add(&name, |steps| {
            let scheduler = Scheduler::new(&config, steps, 1.0)?;
            let mut levels: Vec<Level> = scheduler.chain().steps().iter().map(|step| step.level).collect();
            // its last step takes the estimate
            levels.push(Level { t: 0.0, alpha: 1.0, sigma: 0.0 });
            Ok((levels, vec![Scheduled { model: &model, scheduler }]))
        })?;
    }
    println!("{}", options.write.display());
    Ok(())
}

fn main() -> ExitCode {
    lab::exit(run(&Options::parse()))
}
