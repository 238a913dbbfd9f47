//! The plain sampler: one call a step. A speculative run must have its law.

use crate::noise::Purpose;
use crate::run::rollout::row;
use crate::run::sampler::Sampler;
use crate::run::trace::Round;
use crate::target::{Batch, Target, TargetError};

impl Sampler {
    /// One step of the plain sampler from `y_k`: a call of one row, then `z`, the noise to add; returns `y_{k+1}` and the
    /// prediction.
    ///
    /// # Errors
    /// The target's.
    ///
    /// # Panics
    /// If the chain has no such level.
    pub async fn plain_step<T: Target + ?Sized>(
        &self,
        target: &T,
        level: usize,
        y: &[f64],
        z: &[f64],
    ) -> Result<(Vec<f64>, Vec<f64>), TargetError> {
        let step = &self.chain().steps()[level];
        TargetError::check(target.dim(), y.len())?;
        if step.s > 0.0 {
            TargetError::check(y.len(), z.len())?;
        }
        let mut batch = Batch::default();
        batch.push(row(self, level), y);
        let prediction = target.predict(&batch).await?;
        TargetError::check(y.len(), prediction.len())?;
        if prediction.iter().any(|x| !x.is_finite()) {
            return Err(TargetError::NotFinite { level });
        }
        let mean = step.mean(y, &prediction);
        let next = if step.s == 0.0 { mean } else { mean.iter().zip(z).map(|(m, z)| m + step.s * z).collect() };
        Ok((next, prediction))
    }

    /// The plain sampler from the same start with its own noise: the chain whose law the speculative run must have.
    ///
    /// # Errors
    /// The target's.
    pub async fn plain<T: Target + ?Sized>(&self, target: &T) -> Result<Vec<f64>, TargetError> {
        let mut y = self.start(target.dim()).y;
        for level in 0..self.chain().len() {
            let z = self.noise().normals(Purpose::Step, level, y.len());
            (y, _) = self.plain_step(target, level, &y, &z).await?;
        }
        Ok(y)
    }

    /// The noises that make the plain sampler draw the same picture: `r_k = (y_{k+1} - q_k) / s_k` of the committed
    /// steps. By exactness they are independent standard normals. Empty for a deterministic step.
    pub fn residuals(&self, round: &Round) -> Vec<Vec<f64>> {
        let committed = round.positions.iter().zip(&round.states);
        committed
            .map(|(position, state)| {
                let s = self.chain().steps()[position.level].s;
                if s == 0.0 {
                    return Vec::new();
                }
                state.iter().zip(&position.target_mean).map(|(y, q)| (y - q) / s).collect()
            })
            .collect()
    }
}
