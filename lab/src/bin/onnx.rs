//! Models of others: ONNX denoisers with a `scheduler_config.json` each, sampled through tract. `cargo run --release -p
//! lab --features onnx --bin onnx -- --help`; without options it takes what `--bin export` writes.
//! [`lab/foreign`](../../foreign) has programs that make such models of published weights.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use lab::Foreign;
use speculative_diffusion::audit::{Audit, Check};
use speculative_diffusion::diffusers::{Scheduler, SchedulerConfig};
use speculative_diffusion::{Ask, Costs, Sampler, Settings};

#[derive(Parser)]
#[command(about = "Check ONNX denoisers, sample them with and without speculation, and audit the runs")]
struct Options {
    /// Folders with a model.onnx, whose inputs are `sample` [rows, ..], `timestep` [rows], perhaps `class_labels` [rows], and
    /// diffusers' scheduler_config.json
    #[arg(default_value = "target/onnx")]
    folders: Vec<PathBuf>,
    /// Lengths of the chain
    #[arg(long, value_delimiter = ',', default_values_t = [100, 1000])]
    steps: Vec<usize>,
    /// Make the ancestral chain through the scheduler's levels, where the scheduler's own adds no noise
    #[arg(long)]
    ancestral: bool,
    /// Noise of a DDIM, flow or ancestral chain, above 0 up to 1
    #[arg(long, default_value_t = 1.0)]
    eta: f64,
    /// Runs of each chain; the plain sampler makes one
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// Seed of the first run; the next ones count on
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Index of the class, for a model that has classes
    #[arg(long, default_value_t = 0)]
    class: i64,
    /// Write the table into a file too
    #[arg(long)]
    write: Option<PathBuf>,
}

/// One run, and its residuals.
fn sample(model: &Foreign, scheduler: &Scheduler, sampler: &Sampler, seed: u64, audit: &mut Audit) -> Result<Costs> {
    let mut run = sampler.run(seed, model.dim());
    while let Ask::Estimate(ticket, batch) = run.ask() {
        let estimates = model.estimates(scheduler, batch)?;
        if let Some(round) = run.answer(ticket, &estimates)? {
            audit.add(&round);
        }
    }
    ensure!(run.is_done(), "the run asks for a drafter, and there is none");
    Ok(run.costs())
}

const HEAD: &str = "\
| model | numbers | K | calls | most | fewer calls | rows a step | seconds a run, and plain | answers rows alone | residuals |
|---|---|---|---|---|---|---|---|---|---|
";

/// A line of the table, and whether what must hold does.
fn line(
    options: &Options,
    folder: &Path,
    model: &Foreign,
    config: &SchedulerConfig,
    steps: usize,
) -> Result<(String, bool)> {
    let scheduler = match options.ancestral {
        true => Scheduler::ancestral(config, steps, options.eta),
        false => Scheduler::new(config, steps, options.eta),
    }?;
    let sampler = Sampler::new(&scheduler, Settings::default())?;
    let check = Check::new(&sampler, model.dim(), options.seed);
    let answers = check.batches().iter().map(|batch| model.estimates(&scheduler, batch));
    let checked = check.judge(&answers.collect::<Result<Vec<_>>>()?)?;

    let (mut audit, mut all, began) = (Audit::new(), Vec::new(), Instant::now());
    for run in 0..options.runs {
        all.push(sample(model, &scheduler, &sampler, options.seed.wrapping_add(run), &mut audit)?);
    }
    let each = |count: fn(&Costs) -> usize| all.iter().map(count).sum::<usize>() as f64 / options.runs as f64;
    let (calls, rows) = (each(|costs| costs.calls), each(|costs| costs.rows));
    let seconds = began.elapsed().as_secs_f64() / options.runs as f64;
    let began = Instant::now();
    let plain = Sampler::new(&scheduler, Settings::plain())?;
    let plain = sample(model, &scheduler, &plain, options.seed, &mut Audit::new())?;
    let plain_seconds = began.elapsed().as_secs_f64();

    let most = all.iter().map(|costs| costs.calls).max().unwrap_or_default();
    let judged = audit.statistics().context("too few tested steps to say anything: ask for more --runs")?;
    let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
    let mut line = format!("| {name} | {} | {steps} | {calls:.1} | {most} |", model.dim());
    let _ = write!(line, " {:.1}x | {:.2} |", plain.calls as f64 / calls, rows / steps as f64);
    let _ = write!(line, " {seconds:.2}, {plain_seconds:.2} | {} |", if checked.passed() { "yes" } else { "**no**" });
    let _ = writeln!(line, " {}: {:.2} critical values |", judged.count, judged.departure());
    Ok((line, checked.passed() && judged.passed()))
}

fn run(options: &Options) -> Result<()> {
    let (mut table, mut failed) = (HEAD.to_owned(), Vec::new());
    print!("{HEAD}");
    for folder in &options.folders {
        let (model, config) = Foreign::load(folder, options.class)?;
        for &steps in &options.steps {
            let made = line(options, folder, &model, &config, steps);
            let (line, passed) = made.with_context(|| format!("{}, {steps} steps", folder.display()))?;
            print!("{line}");
            table += &line;
            if !passed {
                failed.push(format!("{}, {steps} steps", folder.display()));
            }
        }
    }
    if let Some(path) = &options.write {
        fs::write(path, table).with_context(|| format!("writing {}", path.display()))?;
    }
    ensure!(
        failed.is_empty(),
        "not exact, or not seen to be, because a model answers rows by their neighbours or residuals are not normal: {}",
        failed.join("; ")
    );
    Ok(())
}

fn main() -> ExitCode {
    lab::exit(run(&Options::parse()))
}
