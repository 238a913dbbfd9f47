//! Is it exact? Tools for a model of one's own: [`Check`] asks whether it keeps the conditions that exactness rests on,
//! [`Audit`] judges a number of runs that were made with it, [`Evidence`] as many as one likes.

mod check;
mod evidence;
mod statistics;

pub use self::check::{Agreement, Check, Checked};
pub use self::evidence::Evidence;
pub use self::statistics::{CRITICAL_KS, CRITICAL_Z, SIGNIFICANCE, Statistics};

use crate::run::trace::Round;

/// Collects the committed residuals along the gap of runs, `<(y_{k+1} - q_k) / s_k, e>` of every tested step, accepted or
/// not. In an exact sampler they are independent standard normals, whatever the model and however bad its drafts.
///
/// It sees every fault that lies along the gap: a wrong test, a draft that knows its own noise, a model that leans on its
/// batch. It takes the means `q_k` from the runs themselves, so it does **not** see a model that predicts badly: that is
/// another model, sampled exactly. [`Check`] sees what it cannot: a model that answers differently each time.
///
/// ```
/// use speculative_diffusion::audit::Audit;
/// use speculative_diffusion::{Chain, Sampler, Settings, targets::Mixture};
///
/// let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default())?;
/// let (target, mut audit) = (Mixture::example(16), Audit::new());
/// for seed in 0..8 {
///     pollster::block_on(sampler.watch(&target, seed, |round| audit.add(&round)))?;
/// }
/// let judged = audit.statistics().ok_or("too few tested steps")?;
/// assert!(judged.passed(), "{judged}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Audit {
    accepted: Vec<f64>,
    reflected: Vec<f64>,
}

impl Audit {
    /// No residuals yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds those of a round.
    pub fn add(&mut self, round: &Round) {
        for position in &round.positions {
            if let Some(residual) = position.verdict.test().and_then(|test| test.residual) {
                let to = if position.verdict.is_accepted() { &mut self.accepted } else { &mut self.reflected };
                to.push(residual);
            }
        }
    }

    /// Residuals of accepted drafts: not normal by themselves.
    pub fn accepted(&self) -> &[f64] {
        &self.accepted
    }

    /// Residuals of reflected drafts: they fill exactly what the accepted lack.
    pub fn reflected(&self) -> &[f64] {
        &self.reflected
    }

    /// All of them together, judged; `None` where there are too few to say anything.
    pub fn statistics(&self) -> Option<Statistics> {
        Statistics::of(&[&self.accepted[..], &self.reflected].concat())
    }
}
