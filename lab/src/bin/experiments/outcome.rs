//! What came of a cell: a line of `cells.csv`, and a row of a table.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use lab::mean;
use serde::{Deserialize, Serialize};
use speculative_diffusion::Costs;

use crate::cells::{Cell, Measured};

/// One line of the results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The table that the cell belongs to.
    pub table: String,
    /// What is special about it.
    pub case: String,
    /// `K`.
    pub steps: usize,
    /// `eta`; 0 for a Langevin chain, which has none.
    pub eta: f64,
    /// The draft.
    pub draft: String,
    /// `L`.
    pub window: String,
    /// How drafts are tested.
    pub test: String,
    /// Chains that were run.
    pub chains: usize,
    /// Sequential calls of a chain, those of a drafter not counted: mean, standard error and most.
    pub calls: f64,
    pub calls_error: f64,
    pub most: usize,
    /// Rows for each step of the chain: mean and standard error.
    pub rows: f64,
    pub rows_error: f64,
    /// Share of the tested drafts that were accepted.
    pub accepted: f64,
    /// Sequential calls of the drafter, if one drafts.
    pub draft_calls: f64,
    /// Mean gap `|D|` of the tested steps in each tenth of the chain, separated by blanks.
    pub gaps: String,
}

/// The head of a table of [rows](Outcome::row), with further columns.
pub fn head(columns: &[&str]) -> String {
    let known = ["", "K", "eta", "draft", "L", "test", "chains", "calls", "most", "fewer calls", "rows", "accepted"];
    let names: Vec<&str> = known.iter().chain(columns).copied().collect();
    format!("| {} |\n|{}", names.join(" | "), "---|".repeat(names.len())).replacen("|  |", "| |", 1)
}

impl Outcome {
    /// Of what each chain of a cell took.
    pub fn new(cell: &Cell, measured: &[Measured]) -> Self {
        let costs: Vec<Costs> = measured.iter().map(|measured| measured.costs).collect();
        let gaps = (0..10).map(|tenth| {
            let sum: f64 = measured.iter().map(|measured| measured.gaps[tenth].0).sum();
            let count: usize = measured.iter().map(|measured| measured.gaps[tenth].1).sum();
            format!("{:.3}", sum / count as f64)
        });
        let (calls, calls_error) = mean(costs.iter().map(|costs| costs.calls as f64));
        let (rows, rows_error) = mean(costs.iter().map(|costs| costs.rows as f64 / cell.steps as f64));
        let sum = |of: fn(&Costs) -> usize| costs.iter().map(of).sum::<usize>() as f64;
        Self {
            table: cell.table.to_owned(),
            case: cell.case.clone(),
            steps: cell.steps,
            eta: cell.eta,
            draft: cell.settings.draft.to_string(),
            window: cell.settings.window.to_string(),
            test: cell.settings.rule.name().to_owned(),
            chains: costs.len(),
            calls,
            calls_error,
            most: costs.iter().map(|costs| costs.calls).max().unwrap_or_default(),
            rows,
            rows_error,
            accepted: sum(|costs| costs.accepted) / sum(|costs| costs.tested).max(1.0),
            draft_calls: sum(|costs| costs.draft_calls) / costs.len() as f64,
            gaps: gaps.collect::<Vec<_>>().join(" "),
        }
    }

    /// As a row of a table.
    pub fn row(&self) -> String {
        let eta = if self.eta > 0.0 { self.eta.to_string() } else { String::new() };
        let drafter = if self.draft_calls > 0.0 { format!(" + {:.0}", self.draft_calls) } else { String::new() };
        format!(
            "| {} | {} | {eta} | {} | {} | {} | {} | {:.1}{drafter} ± {:.1} | {} | {:.1}x | {:.2} ± {:.2} | {:.0} % |",
            self.case,
            self.steps,
            self.draft,
            self.window,
            self.test,
            self.chains,
            self.calls,
            self.calls_error,
            self.most,
            self.steps as f64 / self.calls,
            self.rows,
            self.rows_error,
            100.0 * self.accepted
        )
    }
}

/// The lines of a file, none if there is no file.
pub fn read(path: &Path) -> Result<Vec<Outcome>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut reader = csv::Reader::from_path(path)?;
    reader.deserialize().collect::<Result<_, _>>().with_context(|| format!("reading {}", path.display()))
}

/// Writes the file.
pub fn write(path: &Path, lines: &[Outcome]) -> Result<()> {
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
