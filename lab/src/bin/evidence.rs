//! Evidence that adds up: chains on seeds that nobody has seen, each residual weighed by `audit::Evidence`, and the counts of all
//! runs kept together. Because the weights are e-values, it may be run and read as often as one likes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use lab::{ASSETS, Drafted, Model, levels, share_out};
use pollster::block_on;
use serde::{Deserialize, Serialize};
use speculative_diffusion::audit::{Evidence, SIGNIFICANCE};
use speculative_diffusion::schedule::Schedule;
use speculative_diffusion::targets::{Component, Mixture, double_well, phi4};
use speculative_diffusion::{Chain, Draft, Noise, Sampler, Settings, Target, WithDrafter};

#[derive(Parser)]
#[command(about = "Weigh evidence against exactness on fresh seeds, and add it to what was found before")]
struct Options {
    /// Ends after the first round of all cells that takes it so far
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Seed of the chains; drawn by the system if it is not given
    #[arg(long)]
    seed: Option<u64>,
    /// Where the counts are kept
    #[arg(long, default_value = "docs/results/evidence.json")]
    file: PathBuf,
}

/// Of a closed form, in one round of all cells.
const CHAINS: usize = 200;
/// Of a network, whose calls take longer.
const NETWORK_CHAINS: usize = 4;

/// What was counted so far.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    runs: Vec<Ran>,
    /// By target, rule and draft: residuals by the size of their gap and by their own.
    cells: BTreeMap<String, [[u64; 8]; 4]>,
}

#[derive(Serialize, Deserialize)]
struct Ran {
    seed: u64,
    residuals: u64,
}

/// Runs a chain with this noise, given which one it is.
type Weighing<'a> = &'a (dyn Fn(&Sampler, Noise, usize) -> Result<Evidence> + Sync);

/// One way to sample one target, and what it has shown.
struct Cell<'a> {
    name: String,
    chain: &'a Chain,
    weigh: Weighing<'a>,
    settings: Settings,
    chains: usize,
    evidence: Evidence,
}

impl Cell<'_> {
    /// Adds so many chains, from this one on.
    fn run(&mut self, seed: u64, from: u64) -> Result<()> {
        let sampler = Sampler::new(self.chain, self.settings)?;
        let found =
            share_out(self.chains, |chain| (self.weigh)(&sampler, Noise::new(seed, from + chain as u64), chain))
                .with_context(|| self.name.clone())?;
        found.iter().for_each(|evidence| self.evidence.merge(evidence));
        Ok(())
    }
}

fn weigh(sampler: &Sampler, noise: Noise, target: &impl Target) -> Result<Evidence> {
    let mut evidence = Evidence::new();
    for round in block_on(sampler.trace(target, noise))?.rounds {
        evidence.add(&round);
    }
    Ok(evidence)
}

/// The e-value of all together, as a logarithm: the mean over all cells and their sum, each of which is an e-value. So is
/// their mean, however they depend on one another; the sum sees what is a little wrong everywhere.
fn ln_e(cells: &[Cell<'_>]) -> f64 {
    let mut sum = Evidence::new();
    cells.iter().for_each(|cell| sum.merge(&cell.evidence));
    let all: Vec<f64> = cells.iter().map(|cell| &cell.evidence).chain([&sum]).map(Evidence::ln_e).collect();
    let most = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + libm::log(all.iter().map(|ln_e| libm::exp(ln_e - most)).sum::<f64>() / all.len() as f64)
}

fn run(options: &Options) -> Result<()> {
    let limit = Duration::try_from_secs_f64(options.minutes * 60.0).context("--minutes")?;
    let mut kept = read(&options.file)?;
    let seed = options.seed.unwrap_or_else(rand::random);
    if kept.runs.iter().any(|run| run.seed == seed) {
        bail!("--seed: {seed} was counted before; evidence adds up over seeds that differ");
    }

    let cosine = Chain::cosine(60, 1.0)?;
    let flow = Chain::ancestral(&levels::even(Schedule::RectifiedFlow, 60)?, 0.5)?;
    let langevin = Chain::langevin(100, 0.02)?;
    let blurred = |dim| -> Result<Mixture> {
        Ok(Mixture::new(vec![Component { weight: 1.0, mean: vec![0.1; dim], variance: vec![0.6; dim] }])?)
    };
    let normals = WithDrafter { target: Mixture::example(16), drafter: Some(blurred(16)?) };
    let line = WithDrafter { target: Mixture::example(1), drafter: Some(blurred(1)?) };
    let well = WithDrafter { target: double_well(2.0), drafter: Some(double_well(1.5)) };
    let field = WithDrafter { target: phi4(8, 0.2, 0.5), drafter: Some(phi4(8, 0.1, 0.5)) };
    let network = |name| -> Result<Vec<Drafted>> { Model::load(Path::new(ASSETS), name)?.targets() };
    let (faces, fashion) = (network("faces")?, network("fashion")?);

    let on_normals = |sampler: &Sampler, noise, _| weigh(sampler, noise, &normals);
    let on_line = |sampler: &Sampler, noise, _| weigh(sampler, noise, &line);
    let on_well = |sampler: &Sampler, noise, _| weigh(sampler, noise, &well);
    let on_field = |sampler: &Sampler, noise, _| weigh(sampler, noise, &field);
    let on_faces = |sampler: &Sampler, noise, chain: usize| weigh(sampler, noise, &faces[chain % faces.len()]);
    let on_fashion = |sampler: &Sampler, noise, chain: usize| weigh(sampler, noise, &fashion[chain % fashion.len()]);
    let targets: [(&str, &Chain, Weighing<'_>, usize); 7] = [
        ("mixture of 16 dimensions", &cosine, &on_normals, CHAINS),
        ("mixture of 1 dimension", &cosine, &on_line, CHAINS),
        ("mixture of 16 dimensions, rectified flow", &flow, &on_normals, CHAINS),
        ("two wells, Langevin", &langevin, &on_well, CHAINS),
        ("lattice field, Langevin", &langevin, &on_field, CHAINS),
        ("faces", &cosine, &on_faces, NETWORK_CHAINS),
        ("fashion", &cosine, &on_fashion, NETWORK_CHAINS),
    ];
    let mut cells = Vec::new();
    for (target, chain, weigh, chains) in targets {
        for rule in ["reflection", "peak", "auto"] {
            for draft in Draft::ALL {
                let name = format!("{target}, {rule}, {draft}");
                let evidence =
                    kept.cells.get(&name).map_or_else(Evidence::new, |counts| Evidence::from_counts(*counts));
                let settings = Settings::default().rule(rule.parse()?).draft(draft);
                cells.push(Cell { name, chain, weigh, settings, chains, evidence });
            }
        }
    }

    let began = Instant::now();
    let before = count(&cells);
    kept.runs.push(Ran { seed, residuals: 0 });
    let mut from = 0;
    while began.elapsed() < limit {
        for cell in &mut cells {
            cell.run(seed, from)?;
        }
        from += CHAINS as u64;
        if let Some(last) = kept.runs.last_mut() {
            last.residuals = count(&cells) - before;
        }
        // what was found in cells that are no more stays
        kept.cells.extend(cells.iter().map(|cell| (cell.name.clone(), *cell.evidence.counts())));
        write(&options.file, &kept)?;
        println!(
            "{:>5.0} s  seed {seed}: {} residuals of {} in {} runs, ln e = {:.1}",
            began.elapsed().as_secs_f64(),
            count(&cells) - before,
            count(&cells),
            kept.runs.len(),
            ln_e(&cells)
        );
    }
    let all = ln_e(&cells);
    cells.sort_by(|one, other| other.evidence.ln_e().total_cmp(&one.evidence.ln_e()));
    println!("\nThe five cells with most evidence against them, of {}:", cells.len());
    for cell in &cells[..5] {
        println!("  ln e = {:>7.1} after {:>11} residuals: {}", cell.evidence.ln_e(), cell.evidence.count(), cell.name);
    }
    let enough = -libm::log(SIGNIFICANCE);
    println!("All together: ln e = {all:.1}; {enough:.1} would be evidence against exactness.");
    if all >= enough {
        bail!("the sampler is not exact, but for a chance of one in {:.0}", libm::exp(all));
    }
    Ok(())
}

fn count(cells: &[Cell<'_>]) -> u64 {
    cells.iter().map(|cell| cell.evidence.count()).sum()
}

fn read(file: &Path) -> Result<Kept> {
    if !file.exists() {
        return Ok(Kept::default());
    }
    let name = || file.display().to_string();
    serde_json::from_str(&fs::read_to_string(file).with_context(name)?).with_context(name)
}

/// Beside the file first: a run that is ended while it writes loses nothing.
fn write(file: &Path, kept: &Kept) -> Result<()> {
    let fresh = file.with_extension("json.new");
    fs::write(&fresh, lines(&serde_json::to_value(kept)?)?)?;
    fs::rename(&fresh, file).with_context(|| file.display().to_string())
}

/// A line for each run and each cell.
fn lines(kept: &serde_json::Value) -> Result<String> {
    let runs: Vec<String> = kept["runs"].as_array().into_iter().flatten().map(|run| format!("    {run}")).collect();
    let cells: Vec<String> = kept["cells"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, counts)| Ok(format!("    {}: {counts}", serde_json::to_string(name)?)))
        .collect::<Result<_>>()?;
    Ok(format!("{{\n  \"runs\": [\n{}\n  ],\n  \"cells\": {{\n{}\n  }}\n}}\n", runs.join(",\n"), cells.join(",\n")))
}

fn main() -> ExitCode {
    lab::exit(run(&Options::parse()))
}
