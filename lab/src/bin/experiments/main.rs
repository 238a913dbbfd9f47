//! The numbers of docs/RESULTS.md but for Quality, which the sidecars report: `cargo xtask experiments --help`.

mod cells;
mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::Parser;

use cells::{Networks, Outcome};

#[derive(Parser)]
#[command(about = "Measure calls and rows of every draft, and write docs/RESULTS.md with its tables and plots")]
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
}

/// The committed measurements.
const RESULTS: &str = "docs/results";

fn run(options: &Options) -> Result<()> {
    let folder = if options.quick { PathBuf::from("target/experiments") } else { PathBuf::from(RESULTS) };
    fs::create_dir_all(&folder)?;
    let path = folder.join("cells.csv");
    // a quick run is there to be fresh
    let mut lines = if options.fresh || options.quick { Vec::new() } else { read(&path)? };

    let cells: Vec<_> = cells::all()?.into_iter().filter(|cell| !options.quick || cell.is_quick()).collect();
    // lines of cells that are no more
    lines.retain(|line| cells.iter().any(|cell| cell.matches(line)));
    if !options.report {
        let networks = Networks::load()?;
        let began = Instant::now();
        for (i, cell) in cells.iter().enumerate() {
            if lines.iter().any(|line| cell.matches(line)) {
                continue;
            }
            let line = cell.run(&networks, options.quick)?;
            println!(
                "{:>3} of {}  {:>5.0} s  {} {} K = {} eta = {} {} L = {}: {:.1} calls ({:.1}x), {:.2} rows a step",
                i + 1,
                cells.len(),
                began.elapsed().as_secs_f64(),
                line.table,
                line.case,
                line.steps,
                line.eta,
                line.draft,
                line.window,
                line.calls,
                line.steps as f64 / line.calls,
                line.rows
            );
            lines.push(line);
            // in the cells' order, so that two runs write the same file
            lines.sort_by_key(|line| cells.iter().position(|cell| cell.matches(line)));
            write(&path, &lines)?;
        }
    }
    if options.quick {
        return report::compare(&lines, &read(&Path::new(RESULTS).join("cells.csv"))?);
    }
    report::write(&lines, Path::new(RESULTS), Path::new("docs/RESULTS.md"))
}

fn read(path: &Path) -> Result<Vec<Outcome>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut reader = csv::Reader::from_path(path)?;
    reader.deserialize().collect::<Result<_, _>>().with_context(|| format!("reading {}", path.display()))
}

fn write(path: &Path, lines: &[Outcome]) -> Result<()> {
    // beside it first: an interruption leaves the old lines
    let aside = path.with_extension("new");
    let mut writer = csv::Writer::from_path(&aside)?;
    for line in lines {
        writer.serialize(line)?;
    }
    writer.flush()?;
    drop(writer);
    Ok(fs::rename(&aside, path)?)
}

fn main() -> ExitCode {
    lab::exit(run(&Options::parse()))
}
