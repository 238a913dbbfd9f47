//! The numbers of docs/RESULTS.md but for Quality, which the sidecars report: `cargo xtask experiments --help`. And any
//! other cells, with wall-clock beside the plain sampler: `cargo xtask bench --help`.

mod cells;
mod outcome;
mod report;
mod timing;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::{ArgGroup, Parser};
use lab::Device;

use cells::{Cell, Models, Runs};
use outcome::{Outcome, head};

#[derive(Parser)]
#[command(about = "Measure calls and rows of every draft, and write docs/RESULTS.md with its tables and plots")]
#[command(group = ArgGroup::new("printed").args(["time", "cells"]).multiple(true))]
#[command(group = ArgGroup::new("kept").args(["quick", "fresh", "report"]).multiple(true).conflicts_with("printed"))]
struct Options {
    /// Few chains and short ones, beside docs/RESULTS.md: says how far the two agree
    #[arg(long)]
    quick: bool,
    /// Measure everything again, instead of going on where an earlier run stopped
    #[arg(long)]
    fresh: bool,
    /// Only the report, from what has been measured
    #[arg(long)]
    report: bool,
    /// Instead, print a table with wall-clock beside the plain sampler's
    #[arg(long)]
    time: bool,
    /// Instead, print a table of these cells: K:eta:L:draft or K:eta:L:draft:rule (L a number, auto, auto/PRICE or
    /// auto/PRICE/LANES), separated by commas
    #[arg(long, value_delimiter = ',')]
    cells: Vec<String>,
    /// Chains a cell of that table
    #[arg(long, default_value_t = 64, requires = "printed")]
    chains: usize,
    /// Its weights: assets/<MODEL>.bpk and .json
    #[arg(long, default_value = "faces", requires = "printed")]
    model: String,
    /// Seed of its first chain
    #[arg(long, default_value_t = 1000, requires = "printed")]
    seed: u64,
    /// Where it is computed
    #[arg(long, value_enum, default_value_t = Device::Cpu, requires = "printed")]
    device: Device,
}

/// The committed measurements.
const RESULTS: &str = "docs/results";

/// What a table without `--cells` shows: the paper's draft, ours, and what K, eta and L do.
const CELLS: [&str; 10] = [
    "50:1:auto:secant",
    "100:1:8:frozen-drift",
    "100:1:20:frozen",
    "100:1:20:prefetched",
    "100:1:20:carry",
    "100:1:auto:carry",
    "100:1:auto:secant",
    "200:1:auto:secant",
    "200:0.5:20:carry",
    "200:0.5:auto:secant",
];

/// Prints cells of one network.
fn print(options: &Options) -> Result<()> {
    let Options { chains, model, seed, device, .. } = options;
    ensure!(*chains > 0, "chains is 0: ask for at least one");
    let texts: Vec<&str> =
        if options.cells.is_empty() { CELLS.to_vec() } else { options.cells.iter().map(String::as_str).collect() };
    let cells = texts.into_iter().map(|cell| Cell::parse(cell, model)).collect::<Result<Vec<_>>>()?;
    let mut models = Models::on(*device);
    if options.time {
        timing::calls(&models.network(model)?.targets()?[0])?;
    }
    println!(
        "classes in turn, {} chains at a time; calls and rows are exact counts, +- is one standard error\n\n{}",
        device.threads(),
        head(if options.time { &timing::COLUMNS } else { &[] })
    );
    let mut plain: Option<((usize, f64), Vec<_>)> = None;
    for cell in &cells {
        let runs = Runs::new(cell, &mut models, *chains, *seed)?;
        // the plain sampler is measured once for each chain table, right before the drafts it is compared with
        let key = (cell.steps, cell.eta);
        if options.time && plain.as_ref().is_none_or(|(other, _)| *other != key) {
            plain = Some((key, runs.plain()?));
        }
        let measured = runs.speculative()?;
        let times = plain.as_ref().map(|(_, plain)| timing::columns(&measured, plain));
        println!("{}{}", Outcome::new(cell, &measured).row(), times.unwrap_or_default());
    }
    Ok(())
}

/// Measures the cells of the report, and writes it.
fn keep(options: &Options) -> Result<()> {
    let folder = if options.quick { PathBuf::from("target/experiments") } else { PathBuf::from(RESULTS) };
    fs::create_dir_all(&folder)?;
    let path = folder.join("cells.csv");
    // a quick run is there to be fresh
    let mut lines = if options.fresh || options.quick { Vec::new() } else { outcome::read(&path)? };

    let cells: Vec<_> = cells::all()?.into_iter().filter(|cell| !options.quick || cell.is_quick()).collect();
    // lines of cells that are no more
    lines.retain(|line| cells.iter().any(|cell| cell.matches(line)));
    if !options.report {
        let mut models = Models::on(options.device);
        let began = Instant::now();
        for (i, cell) in cells.iter().enumerate() {
            if lines.iter().any(|line| cell.matches(line)) {
                continue;
            }
            let line = cell.run(&mut models, options.quick)?;
            let (seconds, table) = (began.elapsed().as_secs_f64(), cell.table);
            println!("{:>3} of {} {seconds:>5.0} s {table} {}", i + 1, cells.len(), line.row());
            lines.push(line);
            // in the cells' order, so that two runs write the same file
            lines.sort_by_key(|line| cells.iter().position(|cell| cell.matches(line)));
            outcome::write(&path, &lines)?;
        }
    }
    if options.quick {
        return report::compare(&lines, &outcome::read(&Path::new(RESULTS).join("cells.csv"))?);
    }
    report::write(&lines, Path::new(RESULTS), Path::new("docs/RESULTS.md"))
}

fn main() -> ExitCode {
    let options = Options::parse();
    let run = if options.time || !options.cells.is_empty() { print } else { keep };
    lab::exit(options.device.install(|| run(&options)))
}
