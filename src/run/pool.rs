//! Many runs that share the model's calls.
//!
//! Each run has its own noise, window and verdicts, exactly as if it were alone; only the rows that it asks for travel with
//! those of others. A run that ends leaves its rows to the next one, so that calls stay full until few runs are left.

use std::collections::{BTreeMap, VecDeque};

use super::ticket::Ticket;
use super::trace::{Costs, Round};
use super::{Ask, Run, meanwhile};
use crate::target::{Batch, Row, Target, TargetError};

/// Runs that share calls. Like a [`Run`] it asks and is answered; [`Pool::call`] does both with a [`Target`]. Runs may join and
/// leave at any time.
///
/// ```
/// use speculative_diffusion::{Ask, Chain, Pool, Sampler, Settings};
///
/// let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default())?;
/// let mut pool = Pool::new(16, 64);
/// for seed in 0..8 {
///     pool.push(sampler.run(seed, 16))?;
/// }
/// while let Ask::Estimate(ticket, batch) = pool.ask() {
///     // stands for a model of yours; row.run tells whose row it is
///     let estimates: Vec<f64> = batch.iter().flat_map(|(row, y)| y.iter().map(|y| row.level.alpha * y)).collect();
///     for (number, round) in pool.answer(ticket, &estimates)? {
///         println!("run {number} committed {} steps", round?.states.len());
///     }
/// }
/// println!("{} calls for 8 samples: {:?}", pool.costs().calls, pool.run(0).and_then(|run| run.sample()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "batching")]
#[derive(Clone, Debug)]
pub struct Pool {
    runs: BTreeMap<usize, Run>,
    next: usize,
    /// Numbers of a state.
    dim: usize,
    /// Runs that have not ended, the longest waiting first.
    waiting: VecDeque<usize>,
    /// Most rows of a call.
    rows: usize,
    pending: Option<Call>,
    costs: Costs,
}

/// What an answer did: each run that completed a round, with the round, and each that an estimate has stopped, with the
/// reason.
pub type Answered = Vec<(usize, Result<Round, TargetError>)>;

/// A call that was asked for.
#[derive(Clone, Debug)]
struct Call {
    ticket: Ticket,
    kind: Kind,
    batch: Batch,
    /// Whose rows they are.
    served: Vec<Served>,
}

#[derive(Clone, Copy, Debug)]
struct Served {
    run: usize,
    ticket: Ticket,
    rows: usize,
    /// With guidance more than one for each of those.
    evaluated: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Estimate,
    Draft,
}

/// What a run asks.
fn question(run: &Run) -> Option<(Kind, Ticket, &Batch)> {
    match run.ask() {
        Ask::Estimate(ticket, batch) => Some((Kind::Estimate, ticket, batch)),
        Ask::Draft(ticket, batch) => Some((Kind::Draft, ticket, batch)),
        Ask::Done => None,
    }
}

impl Pool {
    /// No run yet, states of `dim` numbers, and calls of up to `rows` states. A window longer than that has a call of
    /// its own.
    pub fn new(dim: usize, rows: usize) -> Self {
        let (runs, waiting) = (BTreeMap::new(), VecDeque::new());
        Self { runs, next: 0, dim, waiting, rows, pending: None, costs: Costs::default() }
    }

    /// Adds a run, after those that wait, and returns its number, which each of its [rows](Row) bears. Runs are numbered from
    /// 0 in the order in which they come.
    ///
    /// # Errors
    /// [`TargetError::Shape`] for a run whose states have another size.
    pub fn push(&mut self, run: Run) -> Result<usize, TargetError> {
        TargetError::check(self.dim, run.state().y.len())?;
        let number = self.next;
        self.next += 1;
        if !run.is_done() {
            self.waiting.push_back(number);
        }
        self.runs.insert(number, run);
        Ok(number)
    }

    /// Takes a run out, whether it has ended or not. A call that was asked for and that nobody else waits for is dropped.
    pub fn take(&mut self, number: usize) -> Option<Run> {
        self.waiting.retain(|&waiting| waiting != number);
        let taken = self.runs.remove(&number);
        let runs = &self.runs;
        self.pending =
            self.pending.take().filter(|call| call.served.iter().any(|served| runs.contains_key(&served.run)));
        taken
    }

    /// A run that has not been taken.
    pub fn run(&self, number: usize) -> Option<&Run> {
        self.runs.get(&number)
    }

    /// The runs that have not been taken, with their numbers.
    pub fn runs(&self) -> impl Iterator<Item = (usize, &Run)> {
        self.runs.iter().map(|(number, run)| (*number, run))
    }

    /// Whether no run waits for a call: each has ended, or was stopped by an estimate that is not finite.
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The next call, for as many runs as fit into it, those that waited longest first. It stays the same until it is
    /// answered.
    pub fn ask(&mut self) -> Ask<'_> {
        if self.pending.is_none() {
            self.pending = self.gather();
        }
        match &self.pending {
            None => Ask::Done,
            Some(Call { kind: Kind::Estimate, ticket, batch, .. }) => Ask::Estimate(*ticket, batch),
            Some(Call { kind: Kind::Draft, ticket, batch, .. }) => Ask::Draft(*ticket, batch),
        }
    }

    fn gather(&self) -> Option<Call> {
        let (kind, ..) = question(&self.runs[self.waiting.front()?])?;
        let mut call = Call { ticket: Ticket::issue(), kind, batch: Batch::default(), served: Vec::new() };
        for &number in &self.waiting {
            let asked = question(&self.runs[&number]).filter(|(other, ..)| *other == kind);
            let Some((_, ticket, batch)) = asked else { continue };
            if !call.served.is_empty() && call.batch.len() + batch.len() > self.rows {
                break;
            }
            call.batch.states.reserve(batch.states.len());
            for (row, state) in batch.iter() {
                call.batch.push(Row { run: number, ..*row }, state);
            }
            let evaluated = batch.rows.iter().map(|row| self.runs[&number].rows_of(row.level)).sum();
            call.served.push(Served { run: number, ticket, rows: batch.len(), evaluated });
        }
        Some(call)
    }

    /// Goes on with the estimates that were asked for.
    ///
    /// # Shapes
    /// As [`Run::answer`].
    ///
    /// # Errors
    /// [`TargetError::OtherQuestion`] for the ticket of another question, [`TargetError::Shape`] for more or fewer numbers;
    /// the question stays open.
    pub fn answer(&mut self, ticket: Ticket, estimates: &[f64]) -> Result<Answered, TargetError> {
        let open = self.pending.take_if(|call| call.ticket == ticket && call.batch.states.len() == estimates.len());
        let Some(Call { kind, served, .. }) = open else {
            let asked = self.pending.as_ref().filter(|call| call.ticket == ticket);
            TargetError::check(asked.ok_or(TargetError::OtherQuestion)?.batch.states.len(), estimates.len())?;
            return Err(TargetError::OtherQuestion);
        };
        match kind {
            Kind::Estimate => self.costs.calls += 1,
            Kind::Draft => self.costs.draft_calls += 1,
        }
        let mut answered = Vec::new();
        let mut rest = estimates;
        for Served { run: number, ticket, rows, evaluated } in served {
            let (own, others) = rest.split_at(rows * self.dim);
            rest = others;
            if kind == Kind::Estimate {
                self.costs.rows += evaluated;
            }
            // a run that was taken meanwhile wants no answer
            let Some(run) = self.runs.get_mut(&number) else { continue };
            self.waiting.retain(|&waiting| waiting != number);
            let round = run.answer(ticket, own);
            if round.is_ok() && !run.is_done() {
                self.waiting.push_back(number);
            }
            if let Some(round) = round.transpose() {
                let tests = round.as_ref().map_or_else(|_| Costs::default(), Round::costs);
                self.costs.tested += tests.tested;
                self.costs.accepted += tests.accepted;
                answered.push((number, round));
            }
        }
        Ok(answered)
    }

    /// One call of a target: [`Pool::ask`], its estimates, [`Pool::answer`]. Does nothing once no run waits.
    ///
    /// # Errors
    /// The target's, after which the same call is asked for again.
    pub async fn call<T: Target + ?Sized>(&mut self, target: &T) -> Result<Answered, TargetError> {
        self.ask();
        let (ticket, estimates) = match &self.pending {
            None => return Ok(Vec::new()),
            Some(Call { kind: Kind::Draft, ticket, batch, .. }) => (*ticket, target.draft(batch).await?),
            Some(Call { kind: Kind::Estimate, ticket, batch, served }) => {
                let runs = &mut self.runs;
                (*ticket, meanwhile(target.estimate(batch), || draw_ahead(runs, served)).await?)
            }
        };
        self.answer(ticket, &estimates)
    }

    /// Draws noise that the runs of the call will need next, see [`Run::draw_ahead`].
    pub fn draw_ahead(&mut self) {
        if let Some(call) = &self.pending {
            draw_ahead(&mut self.runs, &call.served);
        }
    }

    /// What the runs have cost together so far: a call counts once, however many runs share it.
    pub fn costs(&self) -> Costs {
        self.costs
    }
}

fn draw_ahead(runs: &mut BTreeMap<usize, Run>, served: &[Served]) {
    for served in served {
        runs.get_mut(&served.run).into_iter().for_each(Run::draw_ahead);
    }
}
