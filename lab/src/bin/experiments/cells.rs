//! What is measured: every cell by name, and how it is run.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Instant;

use anyhow::{Result, anyhow};
use lab::{Device, in_shared_calls, levels, mean, share_out};
use pollster::block_on;
use speculative_diffusion::diffusers::{Scheduler, SchedulerConfig};
use speculative_diffusion::schedule::{Grid, Schedule, karras};
use speculative_diffusion::targets::{Mixture, double_well, phi4};
use speculative_diffusion::{BoxTarget, Chain, Churn, Costs, NameError, Round, Sampler, Settings, Window};

use crate::outcome::Outcome;
use crate::timing::Timed;

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

/// What one chain took, and its gaps: sum and number in each tenth of the chain.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    pub costs: Costs,
    pub gaps: [(f64, usize); 10],
    /// Seconds of the whole run, and of its calls.
    pub seconds: (f64, f64),
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
#[derive(Clone, Debug, PartialEq)]
enum Model {
    /// A network, the classes in turn.
    Network(String),
    /// The faces network with guidance of this scale, the classes in turn.
    Guided(f64),
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
    Even,
    Euler(Schedule, Grid),
    Langevin(f64),
    /// As a `scheduler_config.json` says: the class's own chain, or the ancestral one where it has none.
    Config(&'static str),
    /// Karras's levels from 80 to 0.01, with noise raised.
    Churn,
    /// The numbers of AlphaFold 3, in units of its data.
    AlphaFold,
}

/// The stochastic sampler that is asked for most.
const DPM: &str = r#"{"_class_name": "DPMSolverMultistepScheduler", "algorithm_type": "sde-dpmsolver++", "use_karras_sigmas": true,
    "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}"#;
/// Stable Diffusion's levels with a solver that adds no noise by itself.
const STABLE: &str = r#"{"_class_name": "EulerDiscreteScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085,
    "beta_end": 0.012, "timestep_spacing": "leading"}"#;

/// The ancestral chain that the page runs.
const HOUSE: Steps = Steps::Ancestral(Schedule::Cosine, Grid::Uniform);

/// One measurement.
#[derive(Clone, Debug)]
pub struct Cell {
    pub table: &'static str,
    pub case: String,
    model: Model,
    kind: Steps,
    pub steps: usize,
    pub eta: f64,
    pub settings: Settings,
}

/// The paper's draft at its best: the clean estimate held still, from a root call of its own, tested as the paper tests.
const FROZEN: &str = "20:frozen:reflection";
const CARRY: &str = "auto:carry";
const SECANT: &str = "auto:secant";

/// All cells, in the order of the report. The full product on the network would take days: drafts are compared at one
/// chain, then the best, ours without secants and the paper's along `K`, along `eta`, and on other chains.
pub fn all() -> Result<Vec<Cell>> {
    let faces = || Model::Network("faces".to_owned());
    let fashion = || Model::Network("fashion".to_owned());
    let mut cells = Vec::new();
    let mut add = |table, case: &str, model, kind, text: &str| {
        let cell = Cell::parse(text, "")?;
        cells.push(Cell { table, case: case.to_owned(), model, kind, ..cell });
        anyhow::Ok(())
    };
    for settings in [
        "8:frozen-drift:reflection",
        FROZEN,
        "8:independent:reflection",
        "20:prefetched:reflection",
        CARRY,
        SECANT,
        "10:secant",
        "40:secant",
        "40:corrected",
    ] {
        add("drafts", "", faces(), HOUSE, &format!("100:1:{settings}"))?;
    }
    for steps in [25, 50, 100, 200, 400, 1000] {
        for settings in [FROZEN, CARRY, SECANT] {
            add("steps", "", faces(), HOUSE, &format!("{steps}:1:{settings}"))?;
        }
    }
    for chain in ["100:0.25", "100:0.5", "200:0.25", "200:0.5"] {
        for settings in [FROZEN, SECANT] {
            add("eta", "", faces(), HOUSE, &format!("{chain}:{settings}"))?;
        }
    }
    let prices: [(&str, &[&str]); 5] = [
        ("50:1", &["0", "0.005", "0.02", "0.1"]),
        ("100:1", &["0", "0.005", "0.02", "0.1"]),
        ("200:0.5", &["0", "0.005", "0.02", "0.1"]),
        ("1000:1", &["0", "0.01"]),
        ("1000:0.5", &["0", "0.02"]),
    ];
    for (chain, rows) in prices {
        for row in rows {
            add("price", "", faces(), HOUSE, &format!("{chain}:auto/{row}:secant"))?;
        }
    }
    for chain in ["100:1", "200:0.5", "1000:1", "1000:0.5"] {
        add("price", "", faces(), HOUSE, &format!("{chain}:auto/0:corrected"))?;
    }
    for chain in ["100:1", "200:0.5"] {
        for window in [8, 12, 40] {
            for rule in ["reflection", "peak"] {
                add("tests", "", faces(), HOUSE, &format!("{chain}:{window}:secant:{rule}"))?;
            }
        }
    }
    for (case, kind, chain) in [
        ("cosine, log-SNR grid", Steps::Ancestral(Schedule::Cosine, Grid::LogSnr), "100:1"),
        ("cosine, EDM grid, rho 7", Steps::Ancestral(Schedule::Cosine, Grid::Edm { rho: 7.0 }), "100:1"),
        ("cosine, even grid", Steps::Even, "100:1"),
        ("linear beta, uniform grid", Steps::Ancestral(Schedule::LinearBeta, Grid::Uniform), "100:1"),
        ("rectified flow, uniform grid", Steps::Ancestral(Schedule::RectifiedFlow, Grid::Uniform), "100:1"),
        ("Euler-Maruyama, cosine, log-SNR grid", Steps::Euler(Schedule::Cosine, Grid::LogSnr), "100:1"),
        ("Euler-Maruyama, cosine, log-SNR grid", Steps::Euler(Schedule::Cosine, Grid::LogSnr), "100:0.5"),
    ] {
        add("chains", case, faces(), kind, &format!("{chain}:{SECANT}"))?;
    }
    for (case, kind, steps) in [
        ("DPM++ 2M SDE, Karras sigmas", Steps::Config(DPM), &[20, 30, 50][..]),
        ("Stable Diffusion's levels, ancestral", Steps::Config(STABLE), &[50, 1000]),
        ("EDM, churn 0.2", Steps::Churn, &[50, 100]),
        ("AlphaFold 3's churn and step", Steps::AlphaFold, &[200]),
    ] {
        for steps in steps {
            add("others", case, faces(), kind, &format!("{steps}:1:{SECANT}"))?;
        }
    }
    for scale in [3.0, 7.5] {
        add("others", &format!("cosine, guidance {scale}"), Model::Guided(scale), HOUSE, &format!("100:1:{SECANT}"))?;
    }
    for settings in
        ["8:frozen-drift:reflection", FROZEN, "8:independent:reflection", "20:prefetched:reflection", CARRY, SECANT]
    {
        add("fashion", "", fashion(), HOUSE, &format!("100:1:{settings}"))?;
    }
    for chain in ["50:1", "200:1", "200:0.5"] {
        add("fashion", "", fashion(), HOUSE, &format!("{chain}:{SECANT}"))?;
    }
    // along the dimension, along K in the largest, along eta there
    let along = [2, 8, 32, 128, 512].map(|dim| (dim, "100:1")).into_iter();
    let along = along.chain(["25:1", "50:1", "100:1", "200:1", "400:1", "1000:1"].map(|chain| (WIDEST, chain)));
    for (dim, chain) in along.chain(["100:0.25", "100:0.5"].map(|chain| (WIDEST, chain))) {
        for settings in [FROZEN, CARRY, SECANT] {
            let case = format!("{dim} dimensions");
            add("mixtures", &case, Model::Mixture(dim), HOUSE, &format!("{chain}:{settings}"))?;
        }
    }
    for (case, model, gamma) in [
        ("two wells in the plane, gamma 0.01", Model::Well, 0.01),
        ("lattice field, 256 sites, gamma 0.01", Model::Field(16), 0.01),
        ("lattice field, 256 sites, gamma 0.04", Model::Field(16), 0.04),
    ] {
        for settings in [FROZEN, CARRY, SECANT] {
            add("langevin", case, model.clone(), Steps::Langevin(gamma), &format!("500:0:{settings}"))?;
        }
    }
    for chains in [1, 4, 16, 64] {
        add("shared", &format!("{chains} chains"), faces(), HOUSE, &format!("100:1:{SECANT}"))?;
    }
    Ok(cells)
}

impl Cell {
    /// A cell of a network on the page's chain.
    pub fn parse(text: &str, network: &str) -> Result<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let [steps, eta, window, draft, rule] = match parts[..] {
            [steps, eta, window, draft] => [steps, eta, window, draft, "auto"],
            [steps, eta, window, draft, rule] => [steps, eta, window, draft, rule],
            _ => {
                return Err(anyhow!(
                    "cell \"{text}\" is not of the form K:eta:L:draft, or that and :reflection, :peak or :auto"
                ));
            }
        };
        let in_cell = |error: NameError| anyhow!("{error} in cell \"{text}\"");
        let settings = Settings::default()
            .draft(draft.parse().map_err(in_cell)?)
            .window(window.parse::<Window>().map_err(in_cell)?)
            .rule(rule.parse().map_err(in_cell)?);
        Ok(Self {
            table: "",
            case: String::new(),
            model: Model::Network(network.to_owned()),
            kind: HOUSE,
            steps: steps.parse().map_err(|_| anyhow!("K is \"{steps}\" in cell \"{text}\": give a whole number"))?,
            eta: eta.parse().map_err(|_| anyhow!("eta is \"{eta}\" in cell \"{text}\": give a number"))?,
            settings,
        })
    }

    /// Whether a line is of this cell; its first seven columns are what cells differ in.
    pub fn matches(&self, line: &Outcome) -> bool {
        self.table == line.table
            && self.case == line.case
            && self.steps == line.steps
            && self.eta == line.eta
            && line.draft == self.settings.draft.name()
            && line.window == self.settings.window.to_string()
            && line.test == self.settings.rule.name()
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
            Steps::Even => Chain::ancestral(&levels::even(Schedule::Cosine, self.steps)?, self.eta)?,
            Steps::Euler(schedule, grid) => levels::euler_maruyama(schedule, grid, self.steps, self.eta)?,
            Steps::Langevin(gamma) => Chain::langevin(self.steps, gamma)?,
            Steps::Config(json) => {
                let config = SchedulerConfig::from_json(json)?;
                let own = Scheduler::new(&config, self.steps, self.eta);
                Chain::from(&own.or_else(|_| Scheduler::ancestral(&config, self.steps, self.eta))?)
            }
            Steps::Churn => Chain::edm(&sigmas(self.steps, 80.0, 0.01)?, Churn::new(0.2).within(0.05, 50.0))?,
            Steps::AlphaFold => {
                let churn = Churn::new(0.8).within(1.0 / 16.0, f64::INFINITY).noise_scale(1.003).step_scale(1.5);
                Chain::edm(&sigmas(self.steps, 160.0, 4e-4)?, churn)?
            }
        })
    }

    /// Runs its chains, as many as its table has, or few.
    pub fn run(&self, models: &mut Models, quick: bool) -> Result<Outcome> {
        let chains = match self.table {
            _ if quick => QUICK_CHAINS,
            "mixtures" | "langevin" => FORMULA_CHAINS,
            "shared" => SHARED_CHAINS,
            "tests" | "chains" | "others" | "fashion" => FEW_CHAINS,
            _ if self.steps > 400 => CHAINS.1,
            _ => CHAINS.0,
        };
        let runs = Runs::new(self, models, chains, if quick { SEEDS.1 } else { SEEDS.0 })?;
        if self.table == "shared" { self.run_shared(&runs) } else { Ok(Outcome::new(self, &runs.speculative()?)) }
    }

    /// Groups of chains in shared calls: `calls` are those shared, for each picture; the most, those of the group's
    /// slowest chain.
    fn run_shared(&self, runs: &Runs) -> Result<Outcome> {
        /// Rows that fit into a shared call: four windows.
        const ROWS: usize = 64;
        let size: usize = self.case.split(' ').next().unwrap_or_default().parse()?;
        let size = size.min(runs.chains);
        let groups = share_out(runs.chains / size, |group| {
            let seeds: Vec<u64> = (0..size).map(|i| runs.seed(group * size + i)).collect();
            let mut measured = vec![Measured::default(); size];
            let (_, shared) = in_shared_calls(&runs.targets[0], &runs.sampler, &seeds, ROWS, |chain, round| {
                measured[chain].add(&round, self.steps);
            })?;
            let each = size as f64;
            Ok((shared.calls as f64 / each, shared.rows as f64 / (each * self.steps as f64), measured))
        })?;
        let (calls, calls_error) = mean(groups.iter().map(|(calls, _, _)| *calls));
        let (rows, rows_error) = mean(groups.iter().map(|(_, rows, _)| *rows));
        let measured: Vec<Measured> = groups.into_iter().flat_map(|(_, _, measured)| measured).collect();
        Ok(Outcome { calls, calls_error, rows, rows_error, ..Outcome::new(self, &measured) })
    }
}

/// Values of `sigma` that fall as Karras et al. have them.
fn sigmas(steps: usize, most: f64, least: f64) -> Result<Vec<f64>> {
    Ok(karras(steps, most, least, 7.0)?.iter().map(|level| level.sigma).collect())
}

/// The chains of a cell and what they ask, in turn.
pub struct Runs {
    sampler: Sampler,
    targets: Vec<BoxTarget>,
    chains: usize,
    seed: u64,
}

impl Runs {
    /// So many chains, the first with this seed.
    pub fn new(cell: &Cell, models: &mut Models, chains: usize, seed: u64) -> Result<Self> {
        let targets = models.targets(cell)?;
        Ok(Self { sampler: Sampler::new(cell.chain()?, cell.settings)?, targets, chains, seed })
    }

    fn seed(&self, i: usize) -> u64 {
        self.seed.wrapping_add(i as u64)
    }

    /// Each chain alone, shared out to the cores.
    pub fn speculative(&self) -> Result<Vec<Measured>> {
        self.alone(|seed, target, measured| {
            let steps = self.sampler.chain().len();
            block_on(self.sampler.watch(target, seed, |round| measured.add(&round, steps)))?;
            Ok(())
        })
    }

    /// As [`Runs::speculative`], the standard way.
    pub fn plain(&self) -> Result<Vec<Measured>> {
        self.alone(|seed, target, _| {
            block_on(self.sampler.plain(target, seed))?;
            Ok(())
        })
    }

    fn alone(&self, run: impl Fn(u64, &Timed<BoxTarget>, &mut Measured) -> Result<()> + Sync) -> Result<Vec<Measured>> {
        share_out(self.chains, |i| {
            let mut measured = Measured::default();
            let target = Timed::new(&self.targets[i % self.targets.len()]);
            let began = Instant::now();
            run(self.seed(i), &target, &mut measured)?;
            measured.seconds = (began.elapsed().as_secs_f64(), target.seconds());
            Ok(measured)
        })
    }
}

/// The networks that cells name, each loaded once.
pub struct Models {
    device: Device,
    loaded: BTreeMap<String, lab::Model>,
}

impl Models {
    pub fn on(device: Device) -> Self {
        Self { device, loaded: BTreeMap::new() }
    }

    pub fn network(&mut self, name: &str) -> Result<&lab::Model> {
        Ok(match self.loaded.entry(name.to_owned()) {
            Entry::Occupied(loaded) => loaded.into_mut(),
            Entry::Vacant(place) => place.insert(self.device.load(name)?),
        })
    }

    fn targets(&mut self, cell: &Cell) -> Result<Vec<BoxTarget>> {
        Ok(match &cell.model {
            // chains in one call have one class
            Model::Network(name) if cell.table == "shared" => {
                vec![BoxTarget::new(self.network(name)?.target("any", 1.0)?)]
            }
            Model::Network(name) => self.network(name)?.targets()?.into_iter().map(BoxTarget::new).collect(),
            Model::Guided(scale) => {
                let faces = self.network("faces")?;
                let guided = |class: &String| Ok(BoxTarget::new(faces.target(class, *scale)?));
                faces.classes().iter().map(guided).collect::<Result<_>>()?
            }
            Model::Mixture(dim) => vec![BoxTarget::new(Mixture::example(*dim))],
            Model::Well => vec![BoxTarget::new(double_well(2.0))],
            Model::Field(side) => vec![BoxTarget::new(phi4(*side, 0.2, 0.5))],
        })
    }
}
