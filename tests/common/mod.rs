//! What the law tests share: statistics with their critical values, and targets.
#![allow(dead_code, reason = "each test file uses a part")]

use pollster::block_on;
use speculative_diffusion::audit::{Audit, Statistics};
use speculative_diffusion::mutants::Mutant;
use speculative_diffusion::targets::{Component, Mixture};
use speculative_diffusion::{
    Ask, Chain, Draft, Noise, Round, Rule, Run, Sampler, Settings, State, Target, Ticket, Trace, WithDrafter,
};

pub const WRONG: [Mutant; 6] = Mutant::all(0.1);

pub const DRAFTS: [Draft; 7] = Draft::ALL;
/// Those that need no other model.
pub const OWN_DRAFTS: [Draft; 5] = [Draft::Secant, Draft::Carry, Draft::Prefetched, Draft::Frozen, Draft::FrozenDrift];

pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// How far, in critical values, the sample is from one of standard normals. Seeds are fixed, so a failure is never chance
/// on a rerun; with some hundred statistics in the suite, each of which exceeds its critical value with probability
/// [`SIGNIFICANCE`](speculative_diffusion::audit::SIGNIFICANCE), a change of seeds raises a false alarm about once in ten
/// thousand times.
pub fn departure(sample: &[f64]) -> f64 {
    Statistics::of(sample).expect("enough numbers, all finite").departure()
}

/// Gap-direction residuals of every tested step of a run, but where the means agree to the bit and there is no gap.
pub fn gap_residuals(trace: &Trace) -> Vec<f64> {
    let mut audit = Audit::new();
    trace.rounds.iter().for_each(|round| audit.add(round));
    [audit.accepted(), audit.reflected()].concat()
}

/// The same of a run that is not kept; `None` where it ran away to infinity, as a wrong sampler's may.
pub fn gap_residuals_of(sampler: &Sampler, target: &impl Target, noise: Noise) -> Option<Vec<f64>> {
    let mut audit = Audit::new();
    block_on(sampler.watch(target, noise, |round| audit.add(&round))).ok()?;
    Some([audit.accepted(), audit.reflected()].concat())
}

/// What a run asks, answered by a target: the estimates with their ticket; `None` once the chain has ended.
pub fn estimates(run: &Run, target: &impl Target) -> Option<(Ticket, Vec<f64>)> {
    let (ticket, estimates) = match run.ask() {
        Ask::Estimate(ticket, batch) => (ticket, block_on(target.estimate(batch))),
        Ask::Draft(ticket, batch) => (ticket, block_on(target.draft(batch))),
        _ => return None,
    };
    Some((ticket, estimates.expect("closed form")))
}

/// One round from a state, and the state after it.
pub fn round(sampler: &Sampler, seed: impl Into<Noise>, target: &impl Target, state: &State) -> (State, Round) {
    let mut run = sampler.resume(seed, state.clone()).expect("a state of this chain");
    loop {
        let (ticket, estimates) = estimates(&run, target).expect("the chain has not ended");
        if let Some(round) = run.answer(ticket, &estimates).expect("finite") {
            return (run.into_state(), round);
        }
    }
}

/// A mixture, and a cruder one that drafts for it.
pub fn mixture(dim: usize) -> WithDrafter<Mixture, Mixture> {
    let component = |weight, mean: f64| Component {
        weight,
        mean: (0..dim).map(|i| mean / (1.0 + i as f64).sqrt()).collect(),
        variance: (0..dim).map(|i| 0.1 / (1.0 + i as f64)).collect(),
    };
    let drafter = Mixture::new(vec![component(0.6, 1.1), component(0.4, -0.2)]);
    WithDrafter { target: Mixture::example(dim), drafter: Some(drafter.expect("a valid mixture")) }
}

pub fn sampler(steps: usize, eta: f64, settings: Settings) -> Sampler {
    Sampler::new(Chain::cosine(steps, eta).expect("a valid chain"), settings).expect("a valid window")
}

pub fn with(draft: Draft, window: usize, rule: Rule) -> Settings {
    Settings::default().draft(draft).window(window).rule(rule)
}
