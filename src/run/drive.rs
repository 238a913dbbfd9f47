//! Whole runs on a [`Target`]: a [`Run`], asked and answered until its chain has ended.

use core::fmt;

use super::Run;
use super::state::State;
use super::trace::{Costs, Round, Trace};
use crate::target::{Target, TargetError};

impl Run {
    /// Asks a target and answers until the chain has ended; `watch` is given each round as it is committed. An error leaves the
    /// run where it was, so this can be called again.
    ///
    /// # Errors
    /// The target's.
    pub async fn drive<T: Target + ?Sized>(
        &mut self,
        target: &T,
        mut watch: impl FnMut(Round),
    ) -> Result<(), TargetError> {
        while let Some((ticket, estimates)) = self.call(target).await {
            self.answer(ticket, &estimates?)?.into_iter().for_each(&mut watch);
        }
        Ok(())
    }
}

pub(super) async fn watch<T: Target + ?Sized>(
    run: Run,
    target: &T,
    watch: impl FnMut(Round),
) -> Result<Sample, Interrupted> {
    let mut run = run.rows_per_state(target.rows_per_state());
    match run.drive(target, watch).await {
        Ok(()) => Ok(Sample { costs: run.costs(), sample: run.into_state().y }),
        Err(error) => Err(Interrupted { error, state: Box::new(run.into_state()), trace: None }),
    }
}

pub(super) async fn trace<T: Target + ?Sized>(run: Run, target: &T) -> Result<Trace, Interrupted> {
    let mut trace = Trace { start: run.state().y.clone(), rounds: Vec::new() };
    match watch(run, target, |round| trace.rounds.push(round)).await {
        Ok(_) => Ok(trace),
        Err(interrupted) => Err(Interrupted { trace: Some(trace), ..interrupted }),
    }
}

/// What a run made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sample {
    /// The chain's last state.
    pub sample: Vec<f64>,
    /// What it cost.
    pub costs: Costs,
}

/// A run that a target's error has ended. Nothing that was paid for is lost.
///
/// ```
/// use speculative_diffusion::targets::from_fn;
/// use speculative_diffusion::{Chain, Sampler, Settings, TargetError};
///
/// let sampler = Sampler::new(Chain::cosine(20, 1.0)?, Settings::default())?;
/// let broken = from_fn(4, |_| Err(TargetError::model("the device was lost")));
/// let mended = from_fn(4, |batch| Ok(batch.states.iter().map(|y| 0.5 * y).collect()));
/// if let Err(interrupted) = pollster::block_on(sampler.sample(&broken, 7)) {
///     let mut run = sampler.resume(7, *interrupted.state)?;
///     pollster::block_on(run.drive(&mended, drop))?;
///     assert!(run.is_done());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Interrupted {
    /// Why.
    pub error: TargetError,
    /// What had been committed: [`Sampler::resume`](crate::Sampler::resume) and [`Run::drive`] go on from there.
    pub state: Box<State>,
    /// The rounds that led there, where they were kept.
    pub trace: Option<Trace>,
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after {} steps: {}", self.state.level, self.error)
    }
}

impl core::error::Error for Interrupted {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        // the text above includes the error itself
        core::error::Error::source(&self.error)
    }
}
