//! Classifier guidance on a closed-form target: two kinds of data, a classifier that knows noisy states, and samples led to one
//! kind (Dhariwal & Nichol 2021, section 4).
//!
//! `cargo run --release --example classifier_guidance` prints the share of samples of the wanted kind, sequential calls, rows and
//! the audit for three scales. The classifier's gradient is added to the clean estimate, so a guided model is a model like any
//! other: its estimate depends on its own state alone, and the samples have the law of the guided chain exactly.

use pollster::block_on;
use speculative_diffusion::audit::Audit;
use speculative_diffusion::targets::{Component, Mixture, from_fn};
use speculative_diffusion::{Chain, Costs, Level, Sampler, Settings};

const DIM: usize = 64;
const CHAINS: u64 = 64;

/// One kind of data around a mean, alone or as half of both.
fn kind(mean: f64) -> Component {
    Component { weight: 1.0, mean: vec![mean; DIM], variance: (0..DIM).map(|i| 0.2 / (1.0 + i as f64)).collect() }
}

/// Gradient in `y` of `log p(wanted | y)`, of the two kinds with equal weights.
fn classifier(level: Level, y: &[f64]) -> Vec<f64> {
    let (wanted, other) = (kind(0.4), kind(-0.4));
    let variance = |i: usize| level.alpha * level.alpha * wanted.variance[i] + level.sigma * level.sigma;
    let apart = |i: usize| level.alpha * (wanted.mean[i] - other.mean[i]) / variance(i);
    let middle = |i: usize| level.alpha * 0.5 * (wanted.mean[i] + other.mean[i]);
    let logit: f64 = (0..y.len()).map(|i| apart(i) * (y[i] - middle(i))).sum();
    let other = 1.0 / (1.0 + libm::exp(logit));
    (0..y.len()).map(|i| other * apart(i)).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let both = Mixture::new(vec![kind(0.4), kind(-0.4)])?;
    let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default())?;
    println!("{DIM} dimensions, {CHAINS} chains of 100 steps\n");
    println!("| scale | wanted | calls | rows | audit |\n|---|---|---|---|---|");
    for scale in [0.0, 1.0, 3.0] {
        let guided = from_fn(DIM, |batch| {
            let mut x0hat = both.estimates(batch);
            for ((row, y), x0hat) in batch.iter().zip(x0hat.chunks_mut(DIM)) {
                // the score of the level gains the gradient, and x0hat = (y + sigma^2 score) / alpha
                let weight = scale * row.level.sigma * row.level.sigma / row.level.alpha;
                let gradient = classifier(row.level, y);
                x0hat.iter_mut().zip(gradient).for_each(|(x, gradient)| *x += weight * gradient);
            }
            Ok(x0hat)
        });
        let (mut costs, mut audit, mut wanted) = (Costs::default(), Audit::new(), 0);
        for seed in 0..CHAINS {
            let made = block_on(sampler.watch(&guided, seed, |round| audit.add(&round)))?;
            wanted += u64::from(made.sample.iter().sum::<f64>() > 0.0);
            costs += made.costs;
        }
        let mean = |count: usize| count as f64 / CHAINS as f64;
        let (share, judged) = (wanted as f64 / CHAINS as f64, audit.statistics().ok_or("too few tested steps")?);
        println!("| {scale} | {share:.2} | {:.1} | {:.0} | {judged} |", mean(costs.calls), mean(costs.rows));
    }
    Ok(())
}
