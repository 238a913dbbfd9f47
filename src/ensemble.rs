//! Many chains that share the network's calls.
//!
//! Each chain has its own noise, window and verdicts, exactly as if it ran alone; only the rows that it asks for travel
//! with those of others. A chain that ends leaves its rows to the next one, so that calls stay full to the last chains.

use std::collections::VecDeque;

use crate::draft::Draft;
use crate::sampler::{Sampler, State, Window};
use crate::target::{Batch, Target, TargetError};
use crate::trace::Trace;

/// Chains on their way. Pump it with [`Ensemble::call`].
#[derive(Clone, Debug)]
pub struct Ensemble {
    lanes: Vec<Lane>,
    /// Chains that have not ended, the longest waiting first.
    waiting: VecDeque<usize>,
    rows: usize,
    costs: Shared,
}

/// What one call did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// Chains that it served.
    pub served: usize,
    /// Chains that have ended with it.
    pub ended: usize,
}

/// What the chains cost together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// Sequential calls, each for several chains.
    pub calls: usize,
    /// Rows evaluated; guidance counts its second row.
    pub rows: usize,
}

#[derive(Clone, Debug)]
struct Lane {
    sampler: Sampler,
    state: State,
    trace: Trace,
    /// What it needs to know next; nothing before it has been asked.
    ask: Option<Ask>,
}

#[derive(Clone, Debug)]
enum Ask {
    Root,
    Window(Window),
}

impl Lane {
    /// The rows that it asks for.
    async fn batch(&mut self, target: &impl Target) -> Result<Batch, TargetError> {
        let ask = match self.ask.take() {
            Some(ask) => ask,
            None if self.sampler.settings().draft == Draft::Independent => {
                Ask::Window(self.sampler.propose_by_drafter(target, &self.state).await?)
            }
            None if self.state.assumed.is_empty() => Ask::Root,
            None => Ask::Window(self.sampler.propose(&self.state, None)),
        };
        let batch = match &ask {
            Ask::Root => self.sampler.root_batch(&self.state),
            Ask::Window(window) => window.batch(self.sampler.chain()),
        };
        self.ask = Some(ask);
        Ok(batch)
    }

    /// Goes on as far as the predictions reach; false where the chain has ended.
    fn answer(&mut self, predictions: &[f64], rows_per_state: usize) -> Result<bool, TargetError> {
        let (window, predictions) = match self.ask.take() {
            None => return Ok(true),
            Some(Ask::Window(window)) => (window, predictions),
            Some(Ask::Root) => {
                let window = self.sampler.propose(&self.state, Some(predictions.to_vec()));
                if !window.batch(self.sampler.chain()).is_empty() {
                    self.ask = Some(Ask::Window(window));
                    return Ok(true);
                }
                (window, &[][..])
            }
        };
        let (state, mut round) = self.sampler.verify(window, predictions)?;
        round.rows *= rows_per_state;
        self.state = state;
        self.trace.rounds.push(round);
        Ok(!self.sampler.is_done(&self.state))
    }
}

impl Ensemble {
    /// Chains of `dim` numbers that share calls of up to `rows` states. A window longer than that has a call of its own.
    pub fn new(samplers: Vec<Sampler>, dim: usize, rows: usize) -> Self {
        let lanes: Vec<Lane> = samplers
            .into_iter()
            .map(|sampler| {
                let state = sampler.start(dim);
                let trace = Trace { start: state.y.clone(), rounds: Vec::new() };
                Lane { sampler, state, trace, ask: None }
            })
            .collect();
        let waiting = (0..lanes.len()).collect();
        Self { lanes, waiting, rows, costs: Shared::default() }
    }

    /// Whether every chain has ended.
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    /// One call of the network for as many chains as fit into it, those that waited longest first. Does nothing once all
    /// have ended.
    ///
    /// # Errors
    /// The target's, after which the chains stand where they stood; [`TargetError::NotFinite`], which ends the chain
    /// that met it.
    pub async fn call(&mut self, target: &impl Target) -> Result<Call, TargetError> {
        let mut batch = Batch::default();
        let mut served = Vec::new();
        for &i in &self.waiting {
            let asked = self.lanes[i].batch(target).await?;
            if !served.is_empty() && batch.len() + asked.len() > self.rows {
                break;
            }
            served.push((i, asked.len()));
            batch.levels.extend(asked.levels);
            batch.states.extend(asked.states);
        }
        if batch.is_empty() {
            return Ok(Call::default());
        }
        let predictions = target.predict(&batch).await?;
        self.costs.calls += 1;
        self.costs.rows += batch.len() * target.rows_per_state();

        let mut call = Call::default();
        let mut rest = &predictions[..];
        for &(i, rows) in &served {
            let (own, others) = rest.split_at(rows * target.dim());
            rest = others;
            self.waiting.pop_front();
            if self.lanes[i].answer(own, target.rows_per_state())? {
                self.waiting.push_back(i);
            } else {
                call.ended += 1;
            }
            call.served += 1;
        }
        Ok(call)
    }

    /// What the chains have cost together so far.
    pub fn costs(&self) -> Shared {
        self.costs
    }

    /// What each chain has done so far. The calls in a trace are those that the chain would have waited for alone.
    pub fn traces(&self) -> impl Iterator<Item = &Trace> {
        self.lanes.iter().map(|lane| &lane.trace)
    }
}
