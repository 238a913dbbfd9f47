//! The ways of sampling that are compared: the exact one, and what it is compared with.

use anyhow::Result;
use pollster::block_on;
use speculative_diffusion::mutants::Mutant;
use speculative_diffusion::schedule::{Grid, Schedule};
use speculative_diffusion::{Batch, Chain, Draft, Noise, Purpose, Rule, Sampler, Settings, Step, Target};

/// Steps and noise of the chain whose law is wanted.
pub const STEPS: usize = 100;
pub const ETA: f64 = 1.0;

/// A way to draw a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    /// The chain, one step after the other.
    Plain,
    /// The same law in fewer calls: this crate, with this draft.
    Speculative(Draft),
    /// With a rule that is not exact, to show that the judgement would notice.
    Wrong(Mutant),
    /// Without noise and with fewer steps: another law, on purpose (Song, Meng & Ermon 2021).
    Ddim(usize),
    /// All steps of a window at once, again and again until they hardly move: the plain path up to a tolerance, in
    /// units of each step's noise. In the manner of ParaDiGMS (Shih et al. 2023, algorithm 1), with clean estimates in
    /// the place of drifts, which takes it fewer calls.
    Picard { window: usize, tolerance: f64 },
}

/// What was drawn, and what it took.
pub struct Drawn {
    pub sample: Vec<f64>,
    pub calls: usize,
    pub rows: usize,
}

impl Way {
    /// What a table calls it.
    pub fn name(self) -> String {
        match self {
            Self::Plain => "plain, other seeds".into(),
            Self::Speculative(draft) => format!("speculative, {}", draft.name()),
            Self::Wrong(mutant) => format!("wrong rule {mutant:?}"),
            Self::Ddim(steps) => format!("DDIM, {steps} steps"),
            Self::Picard { window, tolerance } => format!("Picard, window {window}, tolerance {tolerance}"),
        }
    }

    /// Whether the samples have the law of the plain chain.
    pub fn is_exact(self) -> bool {
        matches!(self, Self::Plain | Self::Speculative(_))
    }

    /// One picture.
    pub fn draw(self, target: &impl Target, seed: u64) -> Result<Drawn> {
        let sampler = |settings| Ok::<_, anyhow::Error>(Sampler::new(chain()?, settings)?);
        let run = |settings| {
            let drawn = block_on(sampler(settings)?.sample(target, seed))?;
            Ok(Drawn { sample: drawn.sample, calls: drawn.costs.calls, rows: drawn.costs.rows })
        };
        match self {
            Self::Plain => {
                let sample = block_on(sampler(Settings::default())?.plain(target, seed))?;
                Ok(Drawn { sample, calls: STEPS, rows: STEPS })
            }
            Self::Speculative(draft) => run(Settings::default().draft(draft)),
            Self::Wrong(mutant) => run(Settings::default().rule(Rule::Mutant(mutant))),
            Self::Ddim(steps) => ddim(target, steps, seed),
            Self::Picard { window, tolerance } => picard(target, &chain()?, window, tolerance, seed),
        }
    }
}

fn chain() -> Result<Chain> {
    Ok(Chain::cosine(STEPS, ETA)?)
}

fn ask(target: &impl Target, batch: &Batch) -> Result<Vec<f64>> {
    Ok(block_on(target.estimate(batch))?)
}

/// Keeps the noise that the network sees in a state, and changes its level only.
fn ddim(target: &impl Target, steps: usize, seed: u64) -> Result<Drawn> {
    let levels = Grid::Uniform.levels(Schedule::Cosine, steps)?;
    let mut y = Noise::new(seed, 0).normals(Purpose::Start, 0, target.dim());
    for pair in levels.windows(2) {
        let mut batch = Batch::default();
        batch.push_level(pair[0], &y);
        let x0hat = ask(target, &batch)?;
        let kept = pair[1].sigma / pair[0].sigma;
        for (y, x) in y.iter_mut().zip(x0hat) {
            *y = kept * *y + (pair[1].alpha - kept * pair[0].alpha) * x;
        }
    }
    Ok(Drawn { sample: y, calls: steps, rows: steps })
}

fn picard(target: &impl Target, chain: &Chain, length: usize, tolerance: f64, seed: u64) -> Result<Drawn> {
    let (steps, dim) = (chain.steps(), target.dim());
    let noise = Noise::new(seed, 0);
    let step_noise: Vec<Vec<f64>> = (0..steps.len()).map(|level| noise.normals(Purpose::Step, level, dim)).collect();
    let mut first = 0;
    // states at levels `first ..`, all guessed to be the first
    let mut path = vec![noise.normals(Purpose::Start, 0, dim); length.min(steps.len()) + 1];
    let (mut calls, mut rows) = (0, 0);
    while first < steps.len() {
        let window = &steps[first..(first + length).min(steps.len())];
        path.resize(window.len() + 1, path[path.len() - 1].clone());
        let mut batch = Batch::default();
        for (step, y) in window.iter().zip(&path) {
            batch.push_level(step.level, y);
        }
        let x0hat = ask(target, &batch)?;
        (calls, rows) = (calls + 1, rows + window.len());

        let mut done = 0;
        let mut all_settled = true;
        for (i, step) in window.iter().enumerate() {
            let next = taken(step, &path[i], &x0hat[i * dim..][..dim], &step_noise[first + i]);
            let moved = next.iter().zip(&path[i + 1]).map(|(a, b)| (a - b) * (a - b)).sum::<f64>() / dim as f64;
            // the last step has no noise of its own
            let scale = tolerance * if step.s > 0.0 { step.s } else { steps[first + i - 1].s };
            // the first state was settled, so the second is now
            if i == 0 || (all_settled && moved <= scale * scale) {
                done = i + 1;
            } else {
                all_settled = false;
            }
            path[i + 1] = next;
        }
        path.drain(..done);
        first += done;
    }
    Ok(Drawn { sample: path.swap_remove(0), calls, rows })
}

/// The state that a step takes `y` to.
fn taken(step: &Step, y: &[f64], x0hat: &[f64], noise: &[f64]) -> Vec<f64> {
    let mean = step.mean(y, x0hat, &[]);
    mean.iter().zip(noise).map(|(mean, z)| mean + step.s * z).collect()
}

#[cfg(test)]
mod tests {
    use speculative_diffusion::targets::{Component, Mixture};

    use super::Way;

    #[test]
    fn picard_without_tolerance_is_the_plain_path_in_fewer_calls_and_ddim_is_another() {
        let component = |weight, mean: f64| Component { weight, mean: vec![mean; 4], variance: vec![0.1; 4] };
        let target = Mixture::new(vec![component(0.5, 1.0), component(0.5, -1.0)]).expect("a valid mixture");
        let plain = Way::Plain.draw(&target, 3).expect("a sample");
        let off = |way: Way| {
            let drawn = way.draw(&target, 3).expect("a sample");
            let off = drawn.sample.iter().zip(&plain.sample).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            (off, drawn.calls)
        };
        let picard = |tolerance| off(Way::Picard { window: 20, tolerance });
        // nothing but rounding
        let (exact, calls) = picard(1e-9);
        assert!(exact < 1e-6 && calls < plain.calls, "off by {exact} after {calls} calls");
        // less than the means of the two components are apart, by far
        let (near, fewer) = picard(0.3);
        assert!(near > exact && near < 0.5 && fewer < calls, "off by {near} after {fewer} calls");
        assert_eq!(off(Way::Ddim(14)).1, 14);
    }
}
