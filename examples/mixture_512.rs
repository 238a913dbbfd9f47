//! Somebody else's chain, from its own table: the mixture of Gaussians in 512 dimensions that draft trees are measured on
//! (arXiv 2609.17691, section 5.1), a flow with 30 steps and churn 0.06. Its first and last step have no noise, and the
//! state's weight in the mean falls to nothing at the end.
//!
//! `cargo run --release --example mixture_512` prints sequential calls, rows and the audit of each draft.

use pollster::block_on;
use speculative_diffusion::audit::Audit;
use speculative_diffusion::targets::{Component, Mixture};
use speculative_diffusion::{Chain, Costs, Draft, Level, Noise, Price, Purpose, Sampler, Settings, Step, Window};

const STEPS: usize = 30;
const CHURN: f64 = 0.06;
const CHAINS: u64 = 64;

/// `sigma` falls evenly from 1 to 1/1000, then to 0. With `c = churn^2 / (1 - sigma)` the step's mean is
/// `(1 + c dt) y + dt (1 + c (1 - sigma)) v`, and the velocity `v` is `(y - x0hat) / sigma`.
fn steps() -> Vec<Step> {
    let sigma = |k: usize| if k == STEPS { 0.0 } else { 1.0 - 0.999 * k as f64 / (STEPS - 1) as f64 };
    let step = |k: usize| {
        let (sigma, dt) = (sigma(k), sigma(k + 1) - sigma(k));
        let churn = if k == 0 || k + 1 == STEPS { 0.0 } else { CHURN };
        let c = if churn == 0.0 { 0.0 } else { churn * churn / (1.0 - sigma) };
        let velocity = dt * (1.0 + c * (1.0 - sigma)) / sigma;
        let s = if churn == 0.0 { 0.0 } else { churn * (2.0 * sigma / (1.0 - sigma) * -dt).sqrt() };
        Step::new(Level::flow(sigma), 1.0 + c * dt + velocity, -velocity, s)
    };
    (0..STEPS).map(step).collect()
}

/// Five components with means in (-2, 2) and deviations from 0.1 to 0.25.
fn mixture() -> Mixture {
    let uniform = |z: f64| 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
    let component = |i: usize| {
        let z = Noise::new(20_260_714, 0).normals(Purpose::Start, i, 513);
        let deviation = 0.1 + 0.15 * uniform(z[512]);
        let mean = z[..512].iter().map(|z| 4.0 * uniform(*z) - 2.0).collect();
        Component { weight: 1.0, mean, variance: vec![deviation * deviation; 512] }
    };
    Mixture::new((0..5).map(component).collect()).expect("a valid mixture")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (chain, target) = (Chain::from_steps(steps(), 1.0)?, mixture());
    let least = chain.steps().iter().map(|step| step.a).fold(f64::INFINITY, f64::min);
    println!("{STEPS} steps, {CHAINS} chains; the least weight of the state is {least:.3}\n");
    println!("| draft | L | calls | rows per step | audit |\n|---|---|---|---|---|");
    for draft in [Draft::Secant, Draft::Carry, Draft::Prefetched, Draft::Frozen] {
        for window in [Window::Fixed(7), Window::Fixed(28), Window::default(), Window::Auto(Price::FREE)] {
            let (mut costs, mut audit) = (Costs::default(), Audit::new());
            let sampler = Sampler::new(&chain, Settings::default().draft(draft).window(window))?;
            for seed in 0..CHAINS {
                costs += block_on(sampler.watch(&target, seed, |round| audit.add(&round)))?.costs;
            }
            let judged = audit.statistics().ok_or("too few residuals")?;
            let each = |count: usize| count as f64 / CHAINS as f64;
            let verdict = if judged.passed() { "passed" } else { "FAILED" };
            let rows = each(costs.rows) / STEPS as f64;
            println!("| {draft} | {window} | {:.1} | {rows:.2} | {verdict} |", each(costs.calls));
        }
    }
    Ok(())
}
