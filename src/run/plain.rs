//! The plain sampler: one call a step. A speculative run must have its law.

use super::plan::Plan;
use super::rollout::row;
use super::state::State;
use super::trace::Round;
use crate::chain::Chain;
use crate::noise::Purpose;
use crate::sums::are_finite;
use crate::target::{Batch, Target, TargetError};

pub(super) async fn step<T: Target + ?Sized>(
    chain: &Chain,
    target: &T,
    level: usize,
    y: &[f64],
    z: &[f64],
    previous: &[f64],
) -> Result<(Vec<f64>, Vec<f64>), TargetError> {
    let step = &chain.steps()[level];
    TargetError::check(target.dim(), y.len())?;
    if step.s > 0.0 {
        TargetError::check(y.len(), z.len())?;
    }
    if step.c != 0.0 {
        TargetError::check(y.len(), previous.len())?;
    }
    let mut estimate = Vec::new();
    if chain.asks(level) {
        let mut batch = Batch::default();
        batch.push(row(chain, level), y);
        estimate = target.estimate(&batch).await?;
        TargetError::check(y.len(), estimate.len())?;
    }
    if !are_finite(&estimate) {
        return Err(TargetError::NotFinite { level });
    }
    let mut next = match chain.asks(level) {
        true => step.mean(y, &estimate, previous),
        false => step.mean(y, &vec![0.0; y.len()], previous),
    };
    if step.s > 0.0 {
        next.iter_mut().zip(z).for_each(|(m, z)| *m += step.s * z);
    }
    Ok((next, estimate))
}

pub(super) async fn sample<T: Target + ?Sized>(plan: &Plan, target: &T) -> Result<Vec<f64>, TargetError> {
    let (mut y, mut previous) = (State::start(plan, target.dim()).y, Vec::new());
    for level in 0..plan.chain.len() {
        let z = plan.noise.normals(Purpose::Step, level, y.len());
        (y, previous) = step(&plan.chain, target, level, &y, &z, &previous).await?;
    }
    Ok(y)
}

pub(super) fn residuals(chain: &Chain, round: &Round) -> Vec<Vec<f64>> {
    let committed = round.positions.iter().zip(&round.states);
    committed
        .map(|(position, state)| {
            let s = chain.steps()[position.level].s;
            if s == 0.0 {
                return Vec::new();
            }
            state.iter().zip(&position.target_mean).map(|(y, q)| (y - q) / s).collect()
        })
        .collect()
}
