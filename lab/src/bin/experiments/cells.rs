//! What is measured: every cell by name, and how it is run.

use std::path::Path;

use anyhow::Result;
use lab::{ASSETS, Drafted, in_shared_calls, mean, mixture, share_out};
use pollster::block_on;
use serde::{Deserialize, Serialize};
use speculative_diffusion::targets::{double_well, phi4};
use speculative_diffusion::{
    Chain, Costs, Draft, Grid, Length, Noise, Price, Quantity, Round, Rule, Sampler, Schedule, Settings, Target,
};

/// Chains a cell on the faces network, and where a chain is long.
const CHAINS: (usize, usize) = (128, 64);
/// Chains of tables that compare what differs by more than their errors.
const FEW_CHAINS: usize = 48;
/// Chains that share calls: groups of up to 64.
const SHARED_CHAINS: usize = 64;
/// Chains a cell on mixtures and of Langevin dynamics.
const FORMULA_CHAINS: usize = 24;
/// Dimensions of the widest mixture.
const WIDEST: usize = 3072;
/// Chains a cell of a quick run.
const QUICK_CHAINS: usize = 16;
/// Longest chain of a quick run.
const QUICK_STEPS: usize = 100;
/// Seed of the first chain; a quick run starts elsewhere, so that it is a fresh sample.
const SEEDS: (u64, u64) = (20_000, 70_000);

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
    /// The draft and what it holds still.
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

/// What one chain took, and its gaps: sum and number in each tenth of the chain.
#[derive(Clone, Debug, Default)]
struct Measured {
    costs: Costs,
    gaps: [(f64, usize); 10],
}

impl Measured {
    /// Counts a round of a chain of so many steps.
    fn add(&mut self, round: &Round, steps: usize) {
        self.costs += round.costs();
        for position in &round.positions {
            let Some(test) = position.verdict.test().filter(|test| test.gap.is_finite()) else { continue };
            let (sum, count) = &mut self.gaps[position.level * 10 / steps];
            *sum += test.gap;
            *count += 1;
        }
    }
}

/// What a chain asks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Model {
    /// A network, the classes in turn.
    Faces,
    Fashion,
    /// A mixture of three Gaussians with falling variances, in so many dimensions.
    Mixture(usize),
    /// Two wells in the plane.
    Well,
    /// A lattice field of so many sites a side.
    Field(usize),
}

/// How its steps are made.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Steps {
    Ancestral(Schedule, Grid),
    Euler(Schedule, Grid),
    Langevin(f64),
}

/// One measurement.
#[derive(Clone, Debug)]
pub struct Cell {
    table: &'static str,
    case: String,
    model: Model,
    kind: Steps,
    steps: usize,
    eta: f64,
    settings: Settings,
}

/// The ancestral chain that the page runs.
const HOUSE: Steps = Steps::Ancestral(Schedule::Cosine, Grid::Uniform);

/// As the paper tests.
fn settings(draft: Draft, quantity: Quantity, window: Length) -> Settings {
    Settings { draft, quantity, window, rule: Rule::Reflection }
}

fn secant() -> Settings {
    Settings::default()
}

fn carry() -> Settings {
    Settings { draft: Draft::Carry, ..Settings::default() }
}

fn velocity(of: Settings) -> Settings {
    Settings { quantity: Quantity::Velocity, ..of }
}

fn windows(of: Settings, window: Length) -> Settings {
    Settings { window, ..of }
}

/// A row costs this share of a call.
fn price(row: f64) -> Result<Length> {
    Ok(Length::Adaptive(Price::new(row, 1)?))
}

/// The paper's draft at its best: the clean estimate held still, from a root call of its own.
fn frozen() -> Settings {
    settings(Draft::Frozen, Quantity::X0hat, Length::Fixed(20))
}

/// A smaller network's own estimates.
fn independent() -> Settings {
    settings(Draft::Independent, Quantity::X0hat, Length::Fixed(8))
}

/// A smaller network whose errors are estimated from earlier calls.
fn corrected() -> Settings {
    Settings { draft: Draft::Corrected, ..Settings::default() }
}

/// All cells, in the order of the report. The full product on the network would take days: drafts are compared at one
/// chain, then the best, ours without secants and the paper's along `K`, along `eta`, and on other chains.
pub fn all() -> Result<Vec<Cell>> {
    let on = |model, table, case: &str, kind, steps, eta, settings| Cell {
        table,
        case: case.to_owned(),
        model,
        kind,
        steps,
        eta,
        settings,
    };
    let faces =
        |table, case: &str, kind, steps, eta, settings| on(Model::Faces, table, case, kind, steps, eta, settings);
    let mut cells = Vec::new();
    for settings in [
        settings(Draft::Frozen, Quantity::Drift, Length::Fixed(8)),
        frozen(),
        independent(),
        settings(Draft::Prefetched, Quantity::X0hat, Length::Fixed(20)),
        velocity(carry()),
        carry(),
        velocity(secant()),
        secant(),
        windows(secant(), Length::Fixed(10)),
        windows(secant(), Length::Fixed(40)),
        windows(corrected(), Length::Fixed(40)),
    ] {
        cells.push(faces("drafts", "", HOUSE, 100, 1.0, settings));
    }
    for steps in [25, 50, 100, 200, 400, 1000] {
        for settings in [frozen(), carry(), secant()] {
            cells.push(faces("steps", "", HOUSE, steps, 1.0, settings));
        }
    }
    for (steps, eta) in [(100, 0.25), (100, 0.5), (200, 0.25), (200, 0.5)] {
        for settings in [frozen(), secant()] {
            cells.push(faces("eta", "", HOUSE, steps, eta, settings));
        }
    }
    let prices: [(usize, f64, &[f64]); 5] = [
        (50, 1.0, &[0.0, 0.005, 0.02, 0.1]),
        (100, 1.0, &[0.0, 0.005, 0.02, 0.1]),
        (200, 0.5, &[0.0, 0.005, 0.02, 0.1]),
        (1000, 1.0, &[0.0, 0.01]),
        (1000, 0.5, &[0.0, 0.02]),
    ];
    for (steps, eta, rows) in prices {
        for row in rows {
            cells.push(faces("price", "", HOUSE, steps, eta, windows(secant(), price(*row)?)));
        }
    }
    for (steps, eta) in [(100, 1.0), (200, 0.5), (1000, 1.0), (1000, 0.5)] {
        cells.push(faces("price", "", HOUSE, steps, eta, windows(corrected(), price(0.0)?)));
    }
    for (steps, eta, window) in [
        (100, 1.0, Length::Fixed(8)),
        (100, 1.0, Length::Fixed(12)),
        (100, 1.0, Length::Fixed(40)),
        (200, 0.5, Length::Fixed(8)),
        (200, 0.5, Length::Fixed(12)),
        (200, 0.5, Length::Fixed(40)),
    ] {
        for rule in [Rule::Reflection, Rule::Peak] {
            cells.push(faces("tests", "", HOUSE, steps, eta, Settings { window, rule, ..secant() }));
        }
    }
    for (case, kind, eta) in [
        ("cosine, log-SNR grid", Steps::Ancestral(Schedule::Cosine, Grid::LogSnr), 1.0),
        ("cosine, EDM grid, rho 7", Steps::Ancestral(Schedule::Cosine, Grid::Edm { rho: 7.0 }), 1.0),
        ("cosine, even grid", Steps::Ancestral(Schedule::Cosine, Grid::Even), 1.0),
        ("linear beta, uniform grid", Steps::Ancestral(Schedule::LinearBeta, Grid::Uniform), 1.0),
        ("rectified flow, uniform grid", Steps::Ancestral(Schedule::RectifiedFlow, Grid::Uniform), 1.0),
        ("Euler-Maruyama, cosine, log-SNR grid", Steps::Euler(Schedule::Cosine, Grid::LogSnr), 1.0),
        ("Euler-Maruyama, cosine, log-SNR grid", Steps::Euler(Schedule::Cosine, Grid::LogSnr), 0.5),
    ] {
        cells.push(faces("chains", case, kind, 100, eta, secant()));
    }
    for settings in [
        settings(Draft::Frozen, Quantity::Drift, Length::Fixed(8)),
        frozen(),
        independent(),
        settings(Draft::Prefetched, Quantity::X0hat, Length::Fixed(20)),
        carry(),
        secant(),
    ] {
        cells.push(on(Model::Fashion, "fashion", "", HOUSE, 100, 1.0, settings));
    }
    for (steps, eta) in [(50, 1.0), (200, 1.0), (200, 0.5)] {
        cells.push(on(Model::Fashion, "fashion", "", HOUSE, steps, eta, secant()));
    }
    // along the dimension, along K in the largest, along eta there
    let along = [2, 8, 32, 128, 512].map(|dim| (dim, 100, 1.0)).into_iter();
    let along = along.chain([25, 50, 100, 200, 400, 1000].map(|steps| (WIDEST, steps, 1.0)));
    for (dim, steps, eta) in along.chain([0.25, 0.5].map(|eta| (WIDEST, 100, eta))) {
        for settings in [frozen(), carry(), secant()] {
            let case = format!("{dim} dimensions");
            let (table, model) = ("mixtures", Model::Mixture(dim));
            cells.push(Cell { table, case, model, kind: HOUSE, steps, eta, settings });
        }
    }
    for (case, model, gamma) in [
        ("two wells in the plane, gamma 0.01", Model::Well, 0.01),
        ("lattice field, 256 sites, gamma 0.01", Model::Field(16), 0.01),
        ("lattice field, 256 sites, gamma 0.04", Model::Field(16), 0.04),
    ] {
        for settings in [frozen(), carry(), secant()] {
            let (table, kind) = ("langevin", Steps::Langevin(gamma));
            cells.push(Cell { table, case: case.to_owned(), model, kind, steps: 500, eta: 0.0, settings });
        }
    }
    for chains in [1, 4, 16, 64] {
        cells.push(faces("shared", &format!("{chains} chains"), HOUSE, 100, 1.0, secant()));
    }
    Ok(cells)
}

impl Cell {
    /// Whether a line is of this cell; its first seven columns are what cells differ in.
    pub fn matches(&self, line: &Outcome) -> bool {
        let Settings { draft, quantity, window, rule } = self.settings;
        self.table == line.table
            && self.case == line.case
            && self.steps == line.steps
            && self.eta == line.eta
            && line.draft == format!("{} {}", draft.name(), quantity.name())
            && line.window == window.to_string()
            && line.test == rule.name()
    }

    /// Whether a quick run takes it.
    pub fn is_quick(&self) -> bool {
        let small = self.steps <= QUICK_STEPS || self.table == "langevin";
        // groups of many chains would be too few
        small && self.table != "shared" && (self.table != "mixtures" || self.eta == 1.0)
    }

    fn chain(&self) -> Result<Chain> {
        Ok(match self.kind {
            Steps::Ancestral(schedule, grid) => Chain::ancestral(&grid.levels(schedule, self.steps)?, self.eta)?,
            Steps::Euler(schedule, grid) => Chain::euler_maruyama(schedule, grid, self.steps, self.eta)?,
            Steps::Langevin(gamma) => Chain::langevin(self.steps, gamma)?,
        })
    }

    /// Runs its chains, shared out to the cores.
    pub fn run(&self, networks: &Networks, quick: bool) -> Result<Outcome> {
        let chains = match self.table {
            _ if quick => QUICK_CHAINS,
            "mixtures" | "langevin" => FORMULA_CHAINS,
            "shared" => SHARED_CHAINS,
            "tests" | "chains" | "fashion" => FEW_CHAINS,
            _ if self.steps > 400 => CHAINS.1,
            _ => CHAINS.0,
        };
        let seed = if quick { SEEDS.1 } else { SEEDS.0 };
        let chain = self.chain()?;
        let sampler = |i: usize| Ok(Sampler::new(chain.clone(), self.settings, Noise::new(seed + i as u64, 0))?);
        if self.table == "shared" {
            return self.run_shared(networks, sampler, chains);
        }
        let measured = match self.model {
            Model::Faces => run_all(chains, sampler, |i| in_turn(&networks.faces, i)),
            Model::Fashion => run_all(chains, sampler, |i| in_turn(&networks.fashion, i)),
            Model::Mixture(dim) => {
                let target = mixture(dim)?;
                run_all(chains, sampler, |_| &target)
            }
            Model::Well => {
                let target = double_well(2.0);
                run_all(chains, sampler, |_| &target)
            }
            Model::Field(side) => {
                let target = phi4(side, 0.2, 0.5);
                run_all(chains, sampler, |_| &target)
            }
        }?;
        Ok(self.outcome(&measured))
    }

    /// Groups of chains in shared calls: `calls` are those shared, for each picture; the most, those of the group's
    /// slowest chain.
    fn run_shared(
        &self,
        networks: &Networks,
        sampler: impl Fn(usize) -> Result<Sampler> + Sync,
        chains: usize,
    ) -> Result<Outcome> {
        /// Rows that fit into a shared call: four windows.
        const ROWS: usize = 64;
        let size: usize = self.case.split(' ').next().unwrap_or_default().parse()?;
        let size = size.min(chains);
        let groups = share_out(chains / size, |group| {
            let samplers = (0..size).map(|i| sampler(group * size + i)).collect::<Result<_>>()?;
            let mut measured = vec![Measured::default(); size];
            let (_, shared) = in_shared_calls(&networks.any_face, samplers, ROWS, |chain, round| {
                measured[chain].add(&round, self.steps);
            })?;
            let each = size as f64;
            Ok((shared.calls as f64 / each, shared.rows as f64 / (each * self.steps as f64), measured))
        })?;
        let (calls, calls_error) = mean(groups.iter().map(|(calls, _, _)| *calls));
        let (rows, rows_error) = mean(groups.iter().map(|(_, rows, _)| *rows));
        let measured: Vec<Measured> = groups.into_iter().flat_map(|(_, _, measured)| measured).collect();
        Ok(Outcome { calls, calls_error, rows, rows_error, ..self.outcome(&measured) })
    }

    fn outcome(&self, measured: &[Measured]) -> Outcome {
        let costs: Vec<Costs> = measured.iter().map(|measured| measured.costs).collect();
        let gaps = (0..10).map(|tenth| {
            let sum: f64 = measured.iter().map(|measured| measured.gaps[tenth].0).sum();
            let count: usize = measured.iter().map(|measured| measured.gaps[tenth].1).sum();
            format!("{:.3}", sum / count as f64)
        });
        let Settings { draft, quantity, window, rule } = self.settings;
        let (calls, calls_error) = mean(costs.iter().map(|costs| costs.calls as f64));
        let (rows, rows_error) = mean(costs.iter().map(|costs| costs.rows as f64 / self.steps as f64));
        let sum = |of: fn(&Costs) -> usize| costs.iter().map(of).sum::<usize>() as f64;
        Outcome {
            table: self.table.to_owned(),
            case: self.case.clone(),
            steps: self.steps,
            eta: self.eta,
            draft: format!("{} {}", draft.name(), quantity.name()),
            window: window.to_string(),
            test: rule.name().to_owned(),
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
}

/// Runs each chain alone.
fn run_all<'a, T: Target + 'a>(
    chains: usize,
    sampler: impl Fn(usize) -> Result<Sampler> + Sync,
    target: impl Fn(usize) -> &'a T + Sync,
) -> Result<Vec<Measured>> {
    share_out(chains, |i| {
        let sampler = sampler(i)?;
        let mut measured = Measured::default();
        block_on(sampler.watch(target(i), |round| measured.add(&round, sampler.chain().len())))?;
        Ok(measured)
    })
}

/// The networks, once for each class.
pub struct Networks {
    faces: Vec<Drafted>,
    fashion: Vec<Drafted>,
    /// Chains in one call have one class.
    any_face: Drafted,
}

impl Networks {
    pub fn load() -> Result<Self> {
        let load = |name| lab::Model::load(Path::new(ASSETS), name);
        let (faces, fashion) = (load("faces")?, load("fashion")?);
        Ok(Self { faces: faces.targets()?, fashion: fashion.targets()?, any_face: faces.target("any", 1.0)? })
    }
}

fn in_turn(targets: &[Drafted], i: usize) -> &Drafted {
    &targets[i % targets.len()]
}
