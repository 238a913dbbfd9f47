//! The chain of the AlphaFold 3 family on a closed-form target: Karras's stochastic sampler with one call a step, 200 steps, noise
//! raised by 0.8 where it is above 1, noise scale 1.003, step scale 1.5, data of deviation 16 (Abramson et al. 2024, algorithm 18).
//!
//! `cargo run --release --example alphafold_3` prints sequential calls, rows and the audit. Steps that end below the range of the
//! churn have no noise: nothing can be drafted past them, and each takes a call. Their number is printed too.

use pollster::block_on;
use speculative_diffusion::audit::Audit;
use speculative_diffusion::schedule::karras;
use speculative_diffusion::targets::{Component, Mixture};
use speculative_diffusion::{Chain, Churn, Costs, Noise, Price, Purpose, Sampler, Settings, Window};

const STEPS: usize = 200;
/// Deviation of the data, `sigma_data`, in whose units the noise is counted.
const DATA: f64 = 16.0;
/// Atoms of the structure, with three coordinates each.
const ATOMS: usize = 100;
const CHAINS: u64 = 16;

/// Four structures, and how the atoms of each tremble.
fn structures() -> Mixture {
    let structure = |i: usize| {
        let place = Noise::new(3, 0).normals(Purpose::Start, i, 3 * ATOMS);
        Component {
            weight: 1.0,
            mean: place.iter().map(|z| DATA * z).collect(),
            variance: (0..3 * ATOMS).map(|atom| 0.3 + (atom % 7) as f64 * 0.2).collect(),
        }
    };
    Mixture::new((0..4).map(structure).collect()).expect("a valid mixture")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let target = structures();
    let sigmas: Vec<f64> = karras(STEPS, 160.0, 4e-4, 7.0)?.iter().map(|level| DATA * level.sigma).collect();
    let churn = Churn::new(0.8).within(1.0, f64::INFINITY).noise_scale(1.003).step_scale(1.5);
    let chain = Chain::edm(&sigmas, churn)?;
    let quiet = chain.steps().iter().filter(|step| step.s == 0.0).count();
    println!("{STEPS} steps, {quiet} of them without noise, {ATOMS} atoms, {CHAINS} chains\n");
    println!("| window | calls | rows | audit |\n|---|---|---|---|");
    for window in [Window::Auto(Price::USUAL), Window::Auto(Price::FREE)] {
        let sampler = Sampler::new(&chain, Settings::default().window(window))?;
        let (mut costs, mut audit) = (Costs::default(), Audit::new());
        for seed in 0..CHAINS {
            costs += block_on(sampler.watch(&target, seed, |round| audit.add(&round)))?.costs;
        }
        let mean = |count: usize| count as f64 / CHAINS as f64;
        let judged = audit.statistics().ok_or("too few tested steps")?;
        println!("| {window} | {:.1} | {:.0} | {judged} |", mean(costs.calls), mean(costs.rows));
    }
    Ok(())
}
