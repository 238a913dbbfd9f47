//! What the policy is worth, what waiting for it costs, and what speculation saves: docs/results/policy.md, which
//! docs/RESULTS.md takes over. `cargo run --release -p lab --bin policy -- --help`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use lab::{ASSETS, share_out};
use policy::{Dice, Meanwhile, Network, Observation, Policy, Pose, Robot, Sidecar, Vector, World};
use pollster::block_on;
use speculative_diffusion::audit::{Audit, Check};
use speculative_diffusion::{Chain, Costs, Noise, Price, Sampler, Settings, Window};

#[derive(Parser)]
#[command(about = "Measure the policy: successes, what waiting costs, calls; writes docs/results/policy.md")]
struct Options {
    /// Weights: <FOLDER>/policy.bpk and .json
    #[arg(long, default_value = ASSETS)]
    folder: PathBuf,
    /// Starts a cell
    #[arg(long, default_value_t = 200)]
    starts: u64,
    /// Only this many successes of the plain sampler and ours, printed
    #[arg(long)]
    quick: bool,
    /// Where the tables go
    #[arg(long, default_value = "docs/results/policy.md")]
    out: PathBuf,
}

/// Steps of the chain.
const STEPS: usize = 100;
/// Ticks until a start is given up.
const LONGEST: usize = 300;
/// Coverage that is a success.
const SUCCESS: f64 = 0.9;
/// Observations on which calls are counted.
const OBSERVATIONS: usize = 200;
/// Ticks of a plan that are carried out, unless said otherwise.
const CARRIED_OUT: usize = 8;

/// How plans are drawn.
struct Way {
    name: String,
    sampler: Sampler,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Plain,
    Ddim,
    Speculative,
}

impl Way {
    fn sequential(kind: Kind, steps: usize, name: &str) -> Result<Self> {
        let sampler = Sampler::new(Chain::cosine(steps, 1.0)?, Settings::default())?;
        Ok(Self { name: name.into(), sampler, kind })
    }

    fn speculative(name: &str, window: Window) -> Result<Self> {
        let sampler = Sampler::new(Chain::cosine(STEPS, 1.0)?, Settings::default().window(window))?;
        Ok(Self { name: name.into(), sampler, kind: Kind::Speculative })
    }

    fn priced(price: f64) -> Result<Self> {
        Self::speculative(&format!("speculative, price {price}"), Window::Auto(Price::new(price, 1)?))
    }

    /// A plan in the block's frame.
    fn plan(&self, policy: &mut Policy, seen: &Observation, seed: u64) -> Result<(Vec<Vector>, Costs)> {
        policy.see(&[*seen]);
        let (sample, costs) = match self.kind {
            Kind::Speculative => {
                let drawn = block_on(self.sampler.sample(policy, seed))?;
                (drawn.sample, drawn.costs)
            }
            sequential => {
                let sample = match sequential {
                    Kind::Ddim => policy.deterministic(Noise::new(seed, 0))?,
                    _ => block_on(self.sampler.plain(policy, seed))?,
                };
                let mut costs = Costs::default();
                (costs.calls, costs.rows) = (self.sampler.chain().steps().len(), self.sampler.chain().steps().len());
                (sample, costs)
            }
        };
        Ok((policy.commands(0, &sample), costs))
    }
}

/// What happens meanwhile.
#[derive(Clone, Copy, PartialEq)]
enum Event {
    Nothing,
    /// One kick of block or goal, early on.
    Kick,
    /// The goal goes round a circle, so many pixels a tick.
    Moving(f64),
}

/// How one start went.
#[derive(Clone, Copy, Default)]
struct Played {
    /// Ticks to the success, from the kick where there is one.
    ticks: Option<usize>,
    /// Means over all ticks but the first hundred.
    coverage: f64,
    distance: f64,
    plans: usize,
    calls: usize,
    rows: usize,
}

/// One setting of a closed loop.
struct Loop<'a> {
    network: &'a Network,
    way: &'a Way,
    delay: usize,
    carried_out: usize,
    meanwhile: Meanwhile,
    event: Event,
}

impl Loop<'_> {
    fn play(&self, start: u64) -> Result<Played> {
        /// Radius of the goal's circle.
        const RADIUS: f64 = 90.0;
        const SETTLED: usize = 100;
        // apart from every episode of the training
        let dice = &mut Dice::new(1 << 40, start);
        let mut world = World::random(dice);
        let mut robot = Robot::new(&world, self.meanwhile, self.carried_out);
        let mut policy = Policy::new(self.network, self.way.sampler.chain());
        let kick = if self.event == Event::Kick { 10 + dice.below(50) } else { 0 };
        let phase = dice.between(0.0, core::f64::consts::TAU);
        let mut played = Played::default();
        for tick in 0..LONGEST {
            if self.event == Event::Kick && tick == kick {
                world.kick(dice);
            }
            if let Event::Moving(speed) = self.event {
                let angle = phase + speed / RADIUS * tick as f64;
                let (sin, cos) = libm::sincos(angle);
                world.put_goal(Pose::new(256.0 + RADIUS * cos, 256.0 + RADIUS * sin, angle));
            }
            if robot.is_due(self.delay) {
                robot.observe();
                let seed = start << 16 | tick as u64;
                let (commands, costs) = self.way.plan(&mut policy, &world.observe(), seed)?;
                robot.take(commands.into_iter().map(|p| world.block.world(p)).collect(), self.delay);
                played.plans += 1;
                played.calls += costs.calls;
                played.rows += costs.rows;
            }
            world.tick(robot.command());
            if tick >= SETTLED {
                played.coverage += world.coverage() / (LONGEST - SETTLED) as f64;
                played.distance += world.block.distance(&world.goal) / (LONGEST - SETTLED) as f64;
            }
            if !matches!(self.event, Event::Moving(_)) && tick >= kick && world.coverage() > SUCCESS {
                played.ticks = Some(tick + 1 - kick);
                break;
            }
        }
        Ok(played)
    }

    fn all(&self, starts: u64) -> Result<Vec<Played>> {
        share_out(starts as usize, |start| self.play(start as u64))
    }
}

fn successes(played: &[Played]) -> usize {
    played.iter().filter(|one| one.ticks.is_some()).count()
}

/// Of the successes, the median and the ninth decile.
fn ticks(played: &[Played]) -> (usize, usize) {
    let mut ticks: Vec<usize> = played.iter().filter_map(|one| one.ticks).collect();
    ticks.sort_unstable();
    let at = |share: usize| ticks.get(ticks.len() * share / 10).copied().unwrap_or(0);
    (at(5), at(9))
}

fn per_plan(played: &[Played], of: impl Fn(&Played) -> usize) -> f64 {
    played.iter().map(of).sum::<usize>() as f64 / played.iter().map(|one| one.plans).sum::<usize>().max(1) as f64
}

fn mean(played: &[Played], of: impl Fn(&Played) -> f64) -> f64 {
    played.iter().map(of).sum::<f64>() / played.len() as f64
}

/// Successes of each way, when nobody waits.
fn quality(network: &Network, ways: &[&Way], starts: u64) -> Result<String> {
    let mut text = String::from(
        "| sampler | successes | ticks: median, 90 % | calls a plan | rows a plan |\n|---|---|---|---|---|\n",
    );
    for way in ways {
        let event = Event::Nothing;
        let played = Loop { network, way, delay: 0, carried_out: CARRIED_OUT, meanwhile: Meanwhile::GoOn, event };
        let played = played.all(starts)?;
        let (median, late) = ticks(&played);
        writeln!(
            text,
            "| {} | {} of {starts} | {median}, {late} | {:.1} | {:.1} |",
            way.name,
            successes(&played),
            per_plan(&played, |one| one.calls),
            per_plan(&played, |one| one.rows)
        )?;
    }
    Ok(text)
}

/// What waiting costs: the plain sampler's plans, however long they take.
fn waiting(network: &Network, way: &Way, starts: u64) -> Result<String> {
    let mut text = String::from(
        "| delay, ticks | wait, still | wait, kick | go on, still | go on, kick | go on, every 2 ticks, still | kick | goal moving 1 px a tick: coverage, px off | 2 px a tick |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for delay in [0, 1, 2, 5, 10] {
        write!(text, "| {delay} |")?;
        for (meanwhile, carried_out) in
            [(Meanwhile::Wait, CARRIED_OUT), (Meanwhile::GoOn, CARRIED_OUT), (Meanwhile::GoOn, 2)]
        {
            for event in [Event::Nothing, Event::Kick] {
                let played = Loop { network, way, delay, carried_out, meanwhile, event }.all(starts)?;
                write!(text, " {}, {} |", successes(&played), ticks(&played).0)?;
            }
        }
        for speed in [1.0, 2.0] {
            let event = Event::Moving(speed);
            let played = Loop { network, way, delay, carried_out: 2, meanwhile: Meanwhile::GoOn, event };
            let played = played.all(starts.div_ceil(5))?;
            write!(text, " {:.2}, {:.1} |", mean(&played, |one| one.coverage), mean(&played, |one| one.distance))?;
        }
        text.push('\n');
        eprintln!("waiting: {delay} ticks done");
    }
    Ok(text)
}

/// Observations as a closed loop meets them.
fn observations(network: &Network, way: &Way) -> Result<Vec<Observation>> {
    let mut seen = Vec::new();
    let mut policy = Policy::new(network, way.sampler.chain());
    for start in 10_000.. {
        let dice = &mut Dice::new(1 << 40, start);
        let mut world = World::random(dice);
        let mut robot = Robot::new(&world, Meanwhile::Wait, CARRIED_OUT);
        for tick in 0..120_u64 {
            if robot.is_due(0) {
                robot.observe();
                seen.push(world.observe());
                let (commands, _) = way.plan(&mut policy, &world.observe(), start << 16 | tick)?;
                robot.take(commands.into_iter().map(|p| world.block.world(p)).collect(), 0);
            }
            world.tick(robot.command());
            if world.coverage() > SUCCESS {
                break;
            }
        }
        if seen.len() >= OBSERVATIONS {
            break;
        }
    }
    seen.truncate(OBSERVATIONS);
    Ok(seen)
}

/// Calls, rows and law of each way on these observations.
fn calls(network: &Network, ways: &[&Way], seen: &[Observation]) -> Result<String> {
    let mut text = String::from(
        "| sampler | calls: mean (10, 50, 90, 100 %) | rows | widest call | accepted | residuals, greatest z of the audit |\n|---|---|---|---|---|---|\n",
    );
    for way in ways {
        let each = share_out(seen.len(), |i| {
            let mut policy = Policy::new(network, way.sampler.chain());
            policy.see(&[seen[i]]);
            let mut rounds = Vec::new();
            let sample = block_on(way.sampler.watch(&policy, 1000 + i as u64, |round| rounds.push(round)))?;
            Ok((sample.costs, rounds))
        })?;
        let mut counts: Vec<usize> = each.iter().map(|(costs, ..)| costs.calls).collect();
        counts.sort_unstable();
        let at = |percent: usize| counts[(counts.len() * percent / 100).min(counts.len() - 1)];
        let (mut costs, mut audit, mut widest) = (Costs::default(), Audit::new(), 0);
        for (one, rounds) in &each {
            costs += *one;
            for round in rounds {
                widest = widest.max(round.rows);
                audit.add(round);
            }
        }
        let statistics = audit.statistics().context("no step was tested")?;
        let n = seen.len() as f64;
        writeln!(
            text,
            "| {} | {:.2} ({}, {}, {}, {}) | {:.1} | {widest} | {:.3} | {statistics} |",
            way.name,
            costs.calls as f64 / n,
            at(10),
            at(50),
            at(90),
            at(100),
            costs.rows as f64 / n,
            costs.accepted as f64 / costs.tested.max(1) as f64,
        )?;
    }
    Ok(text)
}

fn load(folder: &Path) -> Result<Network> {
    let read =
        |name: &str| fs::read(folder.join(name)).with_context(|| format!("reading {name} in {}", folder.display()));
    Ok(Sidecar::parse(&String::from_utf8(read("policy.json")?)?)?.load(&read("policy.bpk")?)?)
}

fn run(options: &Options) -> Result<()> {
    let Options { folder, starts, quick, out } = options;
    ensure!(*starts > 0, "starts is 0: ask for at least one");
    let network = &load(folder)?;
    let (plain, default) =
        (Way::sequential(Kind::Plain, STEPS, "plain, 100 steps")?, Way::speculative("speculative", Window::default())?);
    let ddim = Way::sequential(Kind::Ddim, 10, "DDIM, 10 steps")?;
    let (free, dear) = (Way::priced(0.0)?, Way::priced(0.25)?);
    if *quick {
        print!("{}", quality(network, &[&plain, &default, &ddim], *starts)?);
        return Ok(());
    }
    let quality = quality(network, &[&plain, &default, &ddim], *starts)?;
    print!("{quality}");
    let seen = observations(network, &default)?;
    let calls = calls(network, &[&default, &free, &dear], &seen)?;
    print!("{calls}");
    let mut policy = Policy::new(network, plain.sampler.chain());
    policy.see(&seen[..1]);
    let check = block_on(Check::run(&default.sampler, &policy, 5))?;
    ensure!(check.passed(), "the policy does not keep the sampler's contract: {check}");
    let waiting = waiting(network, &plain, starts.div_ceil(2))?;
    print!("{waiting}");
    let text = format!("{quality}\n{calls}\n{waiting}");
    fs::write(out, text).with_context(|| format!("writing {}", out.display()))
}

fn main() -> ExitCode {
    lab::exit(run(&Options::parse()))
}
