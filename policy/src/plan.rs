//! The network as a [`Target`]: what the sampler draws is a plan of the next ticks' commands.

use std::sync::Arc;

use speculative_diffusion::{Batch, Chain, Level, Noise, Parametrisation, Purpose, Row, Target, TargetError};

use crate::network::{DIM, Film, Network};
use crate::pose::{Vector, add};
use crate::world::Observation;

/// Ticks that a plan has commands for.
pub const TICKS_PLANNED: usize = DIM / 2;

/// The policy on one chain, for one observation or for a run each.
///
/// A sample is a plan: the places of [`TICKS_PLANNED`] commands, x and y of each, relative to the hand in the block's
/// frame and standardised ([`Policy::commands`] turns them back).
/// Clones share what is large.
#[derive(Clone, Debug)]
pub struct Policy {
    network: Network,
    /// Each step's level, and what the blocks are told of it.
    levels: Arc<[(Level, Film)]>,
    observations: Vec<(Observation, Film)>,
}

impl Policy {
    /// The policy on the steps of this chain, on the cosine schedule.
    pub fn new(network: &Network, chain: &Chain) -> Self {
        let levels = chain.steps().iter().map(|step| (step.level, network.time(step.level.t))).collect();
        Self { network: network.clone(), levels, observations: Vec::new() }
    }

    /// Sees these from now on: the first is run 0's ([`speculative_diffusion::Row::run`]), and so on. A run without one
    /// has the last.
    pub fn see(&mut self, observations: &[Observation]) {
        self.observations = observations.iter().map(|seen| (*seen, self.network.condition(seen))).collect();
    }

    fn of(&self, run: usize) -> Option<&(Observation, Film)> {
        self.observations.get(run).or(self.observations.last())
    }

    /// The estimates of a batch.
    ///
    /// # Errors
    /// [`TargetError::Model`] if nothing was seen, or a row belongs to no step of the chain.
    pub fn estimates(&self, batch: &Batch) -> Result<Vec<f64>, TargetError> {
        let films = batch.rows.iter().map(|row| {
            let (_, time) = self.levels.get(row.step).ok_or("a row belongs to no step of the policy's chain")?;
            let (_, seen) = self.of(row.run).ok_or("the policy has seen nothing: give it an observation")?;
            Ok((time, seen))
        });
        let films = films.collect::<Result<Vec<_>, &str>>().map_err(TargetError::model)?;
        let states: Vec<f32> = batch.states.iter().map(|y| *y as f32).collect();
        let velocities = self.network.velocities(&states, &films);
        let level = |i: usize| batch.rows[i / DIM].level;
        let x0hat = |(i, (y, v)): (usize, (&f64, f32))| Parametrisation::Velocity.x0hat(level(i), *y, f64::from(v));
        Ok(batch.states.iter().zip(velocities).enumerate().map(x0hat).collect())
    }

    /// A sample for run 0 without noise but its start: DDIM on the chain's levels (Song et al. 2021, eq. 12 with sigma = 0).
    ///
    /// # Errors
    /// As [`Policy::estimates`].
    pub fn deterministic(&self, noise: Noise) -> Result<Vec<f64>, TargetError> {
        let mut y = noise.normals(Purpose::Start, 0, DIM);
        for (step, (now, _)) in self.levels.iter().enumerate() {
            let mut batch = Batch::default();
            batch.push(Row::new(*now, step), &y);
            let x0hat = self.estimates(&batch)?;
            let next = self.levels.get(step + 1).map_or(Level::cosine(0.0), |(next, _)| *next);
            for (y, x0hat) in y.iter_mut().zip(x0hat) {
                *y = next.alpha * x0hat + next.sigma * (*y - now.alpha * x0hat) / now.sigma;
            }
        }
        Ok(y)
    }

    /// A run's sample, or estimate, as commands in the block's frame at the time of the observation.
    pub fn commands(&self, run: usize, sample: &[f64]) -> Vec<Vector> {
        let hand = self.of(run).map_or([0.0; 2], |(seen, _)| [seen[0], seen[1]]);
        self.network.displacements(sample).into_iter().map(|p| add(p, hand)).collect()
    }
}

impl Target for Policy {
    fn dim(&self) -> usize {
        DIM
    }

    async fn estimate(&self, batch: &Batch) -> Result<Vec<f64>, TargetError> {
        self.estimates(batch)
    }
}
