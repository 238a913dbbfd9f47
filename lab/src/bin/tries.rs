//! Three ideas to save calls at a rejection, judged by what they could give at most: going on from states that are evaluated
//! already, drafting the reflected state beside the window before the call, and drawing the component that the peak test has
//! looked at closer to what it was. DESIGN says what came of it.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use lab::{ASSETS, Model, mean, share_out};
use pollster::block_on;
use speculative_diffusion::mutants::PeakMutant;
use speculative_diffusion::{Chain, Length, Noise, Position, Round, Rule, Sampler, Settings};

#[derive(Parser)]
#[command(about = "What three ideas to save calls at a rejection could give at most")]
struct Options {
    /// Chains
    #[arg(long, default_value_t = 64)]
    chains: usize,
    /// Steps of a chain
    #[arg(long, default_value_t = 100)]
    steps: usize,
    /// Noise of a chain
    #[arg(long, default_value_t = 1.0)]
    eta: f64,
}

/// What was seen at the rejections of a chain.
#[derive(Default)]
struct Seen {
    /// Gap of the step behind a rejection: as it was drafted again, and to the state that was drafted there before.
    behind: Vec<(f64, f64)>,
    /// Cosine between the direction of a rejected step and the one that the last call saw at that level.
    cosines: Vec<f64>,
}

/// `(p - q)`, the direction in which a step is mirrored.
fn direction(position: &Position) -> Vec<f64> {
    position.draft_mean.iter().zip(&position.target_mean).map(|(p, q)| p - q).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl Seen {
    fn round(&mut self, before: Option<&Round>, round: &Round, chain: &Chain) {
        let Some(before) = before else { return };
        let first = &round.positions[0];
        let discarded = before.positions.iter().find(|position| position.level == first.level);
        if let (Some(old), Some(test)) = (discarded, first.verdict.test()) {
            let s = chain.steps()[first.level].s;
            let apart: Vec<f64> = old.draft_mean.iter().zip(&first.target_mean).map(|(p, q)| (p - q) / s).collect();
            self.behind.push((test.gap, dot(&apart, &apart).sqrt()));
        }
        let Some(rejected) = round.positions.iter().find(|position| position.verdict.is_rejected()) else { return };
        if let Some(old) = before.positions.iter().find(|position| position.level == rejected.level) {
            let (now, then) = (direction(rejected), direction(old));
            self.cosines.push(dot(&now, &then) / (dot(&now, &now) * dot(&then, &then)).sqrt());
        }
    }
}

/// How likely a step with this gap is accepted, `2 Phi(-gap / 2)`.
fn accepted(gap: f64) -> f64 {
    libm::erfc(gap / 2.0 / std::f64::consts::SQRT_2)
}

fn run(options: &Options) -> Result<()> {
    let chain = Chain::cosine(options.steps, options.eta)?;
    let targets = Model::load(Path::new(ASSETS), "faces")?.targets()?;
    let seen = share_out(options.chains, |index| {
        let settings = Settings { rule: Rule::Reflection, ..Settings::default() };
        let sampler = Sampler::new(chain.clone(), settings, Noise::new(1000 + index as u64, 0))?;
        let trace = block_on(sampler.run(&targets[index % targets.len()]))?;
        let mut seen = Seen::default();
        for (index, round) in trace.rounds.iter().enumerate() {
            seen.round(index.checked_sub(1).map(|before| &trace.rounds[before]), round, &chain);
        }
        Ok(seen)
    })?;
    let behind = || seen.iter().flat_map(|seen| &seen.behind);
    let cosines = || seen.iter().flat_map(|seen| &seen.cosines);
    println!("K = {}, eta = {}, {} chains", options.steps, options.eta, options.chains);
    for (words, gaps) in [
        ("drafted again", behind().map(|(again, _)| *again).collect::<Vec<f64>>()),
        ("onto the state evaluated before", behind().map(|(_, merge)| *merge).collect()),
    ] {
        let ((gap, gap_error), (passes, passes_error)) =
            (mean(gaps.iter().copied()), mean(gaps.iter().map(|gap| accepted(*gap))));
        println!(
            "step behind a rejection, {words}: |D| {gap:.2} ± {gap_error:.2}, accepted {:.0} ± {:.0} %",
            100.0 * passes,
            100.0 * passes_error
        );
    }
    let ((cosine, error), count) = (mean(cosines().copied()), cosines().count());
    println!(
        "direction of a rejected step against the last call's at its level: cosine {cosine:.2} ± {error:.2} ({count} steps)"
    );
    // no second look can move a noise less than one that is left as it was, which is not exact
    for (words, rule) in [
        ("drawn afresh", Rule::Peak),
        ("kept as it was (not exact: the limit of any second look)", Rule::PeakMutant(PeakMutant::ComponentKept)),
    ] {
        let calls = share_out(options.chains, |index| {
            let settings = Settings { rule, window: Length::Fixed(40), ..Settings::default() };
            let sampler = Sampler::new(chain.clone(), settings, Noise::new(1000 + index as u64, 0))?;
            Ok(block_on(sampler.sample(&targets[index % targets.len()]))?.costs.calls as f64)
        })?;
        let (calls, error) = mean(calls.into_iter());
        println!("peak test, windows of 40, component along D behind the peak {words}: {calls:.1} ± {error:.1} calls");
    }
    Ok(())
}

fn main() -> ExitCode {
    lab::exit(run(&Options::parse()))
}
