//! Whole runs on a [`Target`]: a [`Run`], asked and answered until its chain has ended.

use core::fmt;

use crate::run::Run;
use crate::run::sampler::Sampler;
use crate::run::state::State;
use crate::run::trace::{Costs, Round, Trace};
use crate::target::{Target, TargetError};

impl Run {
    /// Asks a target and answers until the chain has ended; `watch` is given each round as it is committed. A run that was
    /// interrupted goes on from where it stood, so this can be called again after an error.
    ///
    /// # Errors
    /// The target's.
    pub async fn drive<T: Target + ?Sized>(
        &mut self,
        target: &T,
        mut watch: impl FnMut(Round),
    ) -> Result<(), TargetError> {
        while let Some(estimates) = self.call(target).await {
            self.answer(&estimates?)?.into_iter().for_each(&mut watch);
        }
        Ok(())
    }
}

impl Sampler {
    /// A whole run, with every round kept.
    ///
    /// # Errors
    /// The target's, with what had been committed before.
    pub async fn run<T: Target + ?Sized>(&self, target: &T) -> Result<Trace, Box<Interrupted>> {
        let mut trace = Trace { start: self.start(target.dim()).y, rounds: Vec::new() };
        match self.watch(target, |round| trace.rounds.push(round)).await {
            Ok(_) => Ok(trace),
            Err(interrupted) => Err(Box::new(Interrupted { trace: Some(trace), ..*interrupted })),
        }
    }

    /// A whole run, of which only the sample and its costs are kept.
    ///
    /// # Errors
    /// The target's, with the state to go on from.
    pub async fn sample<T: Target + ?Sized>(&self, target: &T) -> Result<Sample, Box<Interrupted>> {
        self.watch(target, drop).await
    }

    /// A whole run; `watch` is given each round as it is committed.
    ///
    /// # Errors
    /// The target's, with the state to go on from.
    pub async fn watch<T: Target + ?Sized>(
        &self,
        target: &T,
        watch: impl FnMut(Round),
    ) -> Result<Sample, Box<Interrupted>> {
        let mut run = Run::new(self.clone(), target.dim()).counting(target.rows_per_state());
        match run.drive(target, watch).await {
            Ok(()) => Ok(Sample { costs: run.costs(), state: run.into_state().y }),
            Err(error) => Err(Box::new(Interrupted { error, state: run.into_state(), trace: None })),
        }
    }
}

/// What a run made.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The chain's last state.
    pub state: Vec<f64>,
    /// What it cost.
    pub costs: Costs,
}

/// A run that a target's error has ended.
#[derive(Clone, Debug)]
pub struct Interrupted {
    /// Why.
    pub error: TargetError,
    /// Where it stood: [`Run::resume`] and [`Run::drive`] go on from there.
    pub state: State,
    /// What had been committed, where rounds were kept.
    pub trace: Option<Trace>,
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after {} steps: {}", self.state.level, self.error)
    }
}

impl core::error::Error for Interrupted {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        // what is said already includes the error itself
        core::error::Error::source(&self.error)
    }
}
