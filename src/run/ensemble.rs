//! Many chains that share the model's calls.
//!
//! Each chain has its own noise, window and verdicts, exactly as if it ran alone; only the rows that it asks for travel
//! with those of others. A chain that ends leaves its rows to the next one, so that calls stay full to the last chains.
//! Chains may join and leave at any time.

use std::collections::{BTreeMap, VecDeque};

use crate::run::trace::Round;
use crate::run::{Ask, Run, meanwhile};
use crate::target::{Batch, Row, Target, TargetError};

/// Chains on their way. Like a [`Run`] it asks and is answered; [`Ensemble::call`] does both with a [`Target`].
#[derive(Clone, Debug)]
pub struct Ensemble {
    lanes: BTreeMap<usize, Lane>,
    next_lane: usize,
    /// Numbers of a state.
    dim: usize,
    /// Chains that have not ended, the longest waiting first.
    waiting: VecDeque<usize>,
    /// Most rows of a call.
    rows: usize,
    pending: Option<Call>,
    costs: Shared,
}

/// A chain of an ensemble.
#[derive(Clone, Debug)]
pub struct Lane {
    /// The chain's run.
    pub run: Run,
    /// How it stands.
    pub outcome: Outcome,
}

/// How a chain of an ensemble stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// It waits for calls.
    Running,
    /// It has ended: its state is the sample.
    Done,
    /// It failed on an estimate that is not finite: its state is **not** a sample.
    Failed(TargetError),
}

/// What an answer did: each chain that completed a round, with the round, and each that an estimate has ended, with the
/// reason.
pub type Answered = Vec<(usize, Result<Round, TargetError>)>;

/// What the chains cost together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// Sequential calls, each for several chains.
    pub calls: usize,
    /// Sequential calls of the model that drafts.
    pub draft_calls: usize,
    /// Rows evaluated; guidance counts its second row.
    pub rows: usize,
}

/// A call that was asked for.
#[derive(Clone, Debug)]
struct Call {
    kind: Kind,
    batch: Batch,
    /// Whose rows they are.
    served: Vec<Served>,
}

#[derive(Clone, Copy, Debug)]
struct Served {
    lane: usize,
    rows: usize,
    rows_per_state: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Predict,
    Draft,
}

impl Ensemble {
    /// No chain yet, states of `dim` numbers, and calls of up to `rows` states. A window longer than that has a call of
    /// its own.
    pub fn new(dim: usize, rows: usize) -> Self {
        Self {
            dim,
            lanes: BTreeMap::new(),
            next_lane: 0,
            waiting: VecDeque::new(),
            rows,
            pending: None,
            costs: Shared::default(),
        }
    }

    /// Adds a chain, behind those that wait, and returns its number, which stands in each of its [rows](Row). Chains are
    /// numbered from 0 in the order in which they come.
    ///
    /// # Errors
    /// [`TargetError::Shape`] for a run whose states have another size.
    pub fn push(&mut self, run: Run) -> Result<usize, TargetError> {
        TargetError::check(self.dim, run.state().y.len())?;
        let lane = self.next_lane;
        self.next_lane += 1;
        let outcome = if run.is_done() { Outcome::Done } else { Outcome::Running };
        if matches!(outcome, Outcome::Running) {
            self.waiting.push_back(lane);
        }
        self.lanes.insert(lane, Lane { run, outcome });
        Ok(lane)
    }

    /// Takes a chain out, wherever it stands. A call that was asked for and that nobody else waits for is dropped.
    pub fn take(&mut self, lane: usize) -> Option<Lane> {
        self.waiting.retain(|&waiting| waiting != lane);
        let taken = self.lanes.remove(&lane);
        let lanes = &self.lanes;
        self.pending =
            self.pending.take().filter(|call| call.served.iter().any(|served| lanes.contains_key(&served.lane)));
        taken
    }

    /// A chain that has not been taken.
    pub fn lane(&self, lane: usize) -> Option<&Lane> {
        self.lanes.get(&lane)
    }

    /// The chains that have not been taken, with their numbers.
    pub fn lanes(&self) -> impl Iterator<Item = (usize, &Lane)> {
        self.lanes.iter().map(|(number, lane)| (*number, lane))
    }

    /// Whether no chain waits for a call.
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The next call, for as many chains as fit into it, those that waited longest first. It stays the same until it is
    /// answered.
    pub fn ask(&mut self) -> Ask<'_> {
        if self.pending.is_none() {
            self.pending = self.gather();
        }
        match &self.pending {
            None => Ask::Done,
            Some(Call { kind: Kind::Predict, batch, .. }) => Ask::Predict(batch),
            Some(Call { kind: Kind::Draft, batch, .. }) => Ask::Draft(batch),
        }
    }

    fn gather(&self) -> Option<Call> {
        let asked = |lane: &usize| match self.lanes[lane].run.ask() {
            Ask::Predict(batch) => Some((Kind::Predict, batch)),
            Ask::Draft(batch) => Some((Kind::Draft, batch)),
            Ask::Done => None,
        };
        let (kind, _) = asked(self.waiting.front()?)?;
        let mut call = Call { kind, batch: Batch::default(), served: Vec::new() };
        for lane in &self.waiting {
            let Some((_, batch)) = asked(lane).filter(|(other, _)| *other == kind) else { continue };
            if !call.served.is_empty() && call.batch.len() + batch.len() > self.rows {
                break;
            }
            for (row, state) in batch.iter() {
                call.batch.push(Row { lane: *lane, ..*row }, state);
            }
            let rows_per_state = self.lanes[lane].run.rows_per_state();
            call.served.push(Served { lane: *lane, rows: batch.len(), rows_per_state });
        }
        Some(call)
    }

    /// Goes on with the estimates that were asked for.
    ///
    /// # Shapes
    /// As [`Run::answer`].
    ///
    /// # Errors
    /// [`TargetError::Shape`], and the call waits for a right answer.
    pub fn answer(&mut self, estimates: &[f64]) -> Result<Answered, TargetError> {
        let Some(call) = &self.pending else { return Ok(Vec::new()) };
        TargetError::check(call.batch.states.len(), estimates.len())?;
        let Some(Call { kind, served, .. }) = self.pending.take() else { return Ok(Vec::new()) };
        match kind {
            Kind::Predict => self.costs.calls += 1,
            Kind::Draft => self.costs.draft_calls += 1,
        }
        let mut answered = Vec::new();
        let mut rest = estimates;
        for Served { lane: number, rows, rows_per_state } in served {
            let (own, others) = rest.split_at(rows * self.dim);
            rest = others;
            if kind == Kind::Predict {
                self.costs.rows += rows * rows_per_state;
            }
            // a chain that was taken meanwhile wants no answer
            let Some(lane) = self.lanes.get_mut(&number) else { continue };
            self.waiting.retain(|&waiting| waiting != number);
            match lane.run.answer(own) {
                Ok(round) => answered.extend(round.map(|round| (number, Ok(round)))),
                Err(error) => {
                    lane.outcome = Outcome::Failed(error.clone());
                    answered.push((number, Err(error)));
                    continue;
                }
            }
            if lane.run.is_done() {
                lane.outcome = Outcome::Done;
            } else {
                self.waiting.push_back(number);
            }
        }
        Ok(answered)
    }

    /// One call of a target: [`Ensemble::ask`], its estimates, [`Ensemble::answer`]. Does nothing once no chain waits.
    ///
    /// # Errors
    /// The target's, after which the chains stand where they stood.
    pub async fn call<T: Target + ?Sized>(&mut self, target: &T) -> Result<Answered, TargetError> {
        self.ask();
        let estimates = match &self.pending {
            None => return Ok(Vec::new()),
            Some(Call { kind: Kind::Draft, batch, .. }) => target.draft(batch).await?,
            Some(Call { kind: Kind::Predict, batch, served }) => {
                let lanes = &mut self.lanes;
                meanwhile(target.predict(batch), || draw_ahead(lanes, served)).await?
            }
        };
        self.answer(&estimates)
    }

    /// Draws noise that the chains of the call will need next, see [`Run::draw_ahead`].
    pub fn draw_ahead(&mut self) {
        if let Some(call) = &self.pending {
            draw_ahead(&mut self.lanes, &call.served);
        }
    }

    /// What the chains have cost together so far.
    pub fn costs(&self) -> Shared {
        self.costs
    }
}

fn draw_ahead(lanes: &mut BTreeMap<usize, Lane>, served: &[Served]) {
    for served in served {
        lanes.get_mut(&served.lane).into_iter().for_each(|lane| lane.run.draw_ahead());
    }
}
