//! One chain with its noises given: states from the noisy end on, and what they have cost.

use anyhow::Result;
use pollster::block_on;
use speculative_diffusion::{Batch, Noise, Purpose, Row, Step, Target};

/// What was drawn, and what it took.
#[derive(Clone)]
pub struct Solved {
    /// The last state.
    pub sample: Vec<f64>,
    /// Sequential calls of the model.
    pub calls: usize,
    /// States that were evaluated.
    pub rows: usize,
}

/// States `y_0 ..`, of which the first `settled + 1` are not changed any more.
pub struct Path<'a, T> {
    /// Of the chain.
    pub steps: &'a [Step],
    /// Units of tolerances, one for each step.
    pub scales: &'a [f64],
    target: &'a T,
    noises: Vec<Vec<f64>>,
    /// As far as they are known.
    pub states: Vec<Vec<f64>>,
    /// Steps that are taken for good.
    pub settled: usize,
    /// The estimate that was made last.
    pub last: Vec<f64>,
    calls: usize,
    rows: usize,
}

impl<'a, T: Target> Path<'a, T> {
    /// At its first state. `scales` may be empty for those who solve to no tolerance.
    pub fn new(steps: &'a [Step], scales: &'a [f64], target: &'a T, seed: u64) -> Self {
        let (noise, dim) = (Noise::new(seed, 0), target.dim());
        let noises = (0..steps.len()).map(|level| noise.normals(Purpose::Step, level, dim)).collect();
        let states = vec![noise.normals(Purpose::Start, 0, dim)];
        Self { steps, scales, target, noises, states, settled: 0, last: Vec::new(), calls: 0, rows: 0 }
    }

    /// The estimates at the states that steps `from` to `to` start from, in one call.
    ///
    /// # Errors
    /// The target's.
    pub fn estimates(&mut self, from: usize, to: usize) -> Result<Vec<Vec<f64>>> {
        let mut batch = Batch::default();
        for step in from..to {
            batch.push(Row::new(self.steps[step].level, step), &self.states[step]);
        }
        let estimates = block_on(self.target.estimate(&batch))?;
        self.calls += 1;
        self.rows += batch.len();
        let rows: Vec<Vec<f64>> = estimates.chunks(self.target.dim()).map(<[f64]>::to_vec).collect();
        self.last.clone_from(&rows[rows.len() - 1]);
        Ok(rows)
    }

    /// Where a step leads from a state, by an estimate.
    pub fn taken(&self, step: usize, y: &[f64], x0hat: &[f64]) -> Vec<f64> {
        let mut next = self.steps[step].mean(y, x0hat, &[]);
        next.iter_mut().zip(&self.noises[step]).for_each(|(m, z)| *m += self.steps[step].s * z);
        next
    }

    /// Takes the next step by an estimate, and takes its state for settled.
    pub fn settle_by(&mut self, x0hat: &[f64]) {
        let next = self.taken(self.settled, &self.states[self.settled], x0hat);
        self.states.truncate(self.settled + 1);
        self.states.push(next);
        self.settled += 1;
    }

    /// So many steps of the plain sampler.
    ///
    /// # Errors
    /// The target's.
    pub fn one_by_one(&mut self, steps: usize) -> Result<()> {
        for _ in 0..steps {
            let estimates = self.estimates(self.settled, self.settled + 1)?;
            self.settle_by(&estimates[0]);
        }
        Ok(())
    }

    /// The sample, once every step is settled.
    pub fn ended(mut self) -> Solved {
        Solved { sample: self.states.swap_remove(self.steps.len()), calls: self.calls, rows: self.rows }
    }
}

/// Root mean square of a difference.
pub fn size(a: &[f64], b: &[f64]) -> f64 {
    (a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>() / a.len() as f64).sqrt()
}
