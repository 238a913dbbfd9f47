//! One run, without input or output: it asks, and you answer.
//!
//! A [`Run`] stands at a state, asks for rows, and goes on when it has the estimates. Who computes them, on which thread
//! and when, is not known here: the asynchronous [`Sampler::run`], the [`Ensemble`](crate::Ensemble) and the browser
//! binding all stand on it.

mod commit;
mod drawn;
pub mod drive;
pub mod ensemble;
pub mod length;
mod plain;
mod rollout;
pub mod sampler;
pub mod settings;
pub mod state;
pub mod trace;

use core::future::poll_fn;
use core::pin::pin;

use self::commit::commit;
use self::drawn::Drawn;
use self::rollout::{Rollout, row};
use crate::run::sampler::Sampler;
use crate::run::state::{State, StateError};
use crate::run::trace::{Costs, Round};
use crate::target::{Batch, Target, TargetError};

/// What a run wants to know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ask<'a> {
    /// The model's estimates `x0hat` of these rows: one sequential call.
    Predict(&'a Batch),
    /// A smaller model's estimates of these rows, for drafts that ask one.
    Draft(&'a Batch),
    /// Nothing: the chain has ended.
    Done,
}

/// A run of one chain, pumped from outside.
///
/// ```
/// use speculative_diffusion::{Ask, Batch, Chain, Noise, Run, Sampler, Settings, TargetError};
///
/// // stands for a model of yours: the clean estimate of standard normal data
/// fn model(batch: &Batch) -> Vec<f64> {
///     batch.iter().flat_map(|(row, y)| y.iter().map(|y| row.level.alpha * y)).collect()
/// }
///
/// let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default(), Noise::new(7, 0))?;
/// let mut run = Run::new(sampler, 768);
/// while let Ask::Predict(batch) = run.ask() {
///     let x0hat = model(batch);
///     run.answer(&x0hat)?;
/// }
/// let sample = run.sample().ok_or("the chain has not ended")?;
/// println!("{:?}: {:?}", run.costs(), &sample[..4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Run {
    sampler: Sampler,
    state: State,
    pending: Pending,
    drawn: Drawn,
    rows_per_state: usize,
    costs: Costs,
}

/// The question that is open.
#[derive(Clone, Debug)]
enum Pending {
    Root(Batch),
    Draft(Rollout, Batch),
    Verify(Rollout, Batch),
    Nothing,
}

impl Run {
    /// A run from its start, of `dim` numbers a state.
    pub fn new(sampler: Sampler, dim: usize) -> Self {
        let state = sampler.start(dim);
        Self::at(sampler, state)
    }

    /// A run that goes on from a state.
    ///
    /// # Errors
    /// [`StateError::Damaged`] for a state that the sampler's chain cannot be in, or whose vectors differ in length.
    pub fn resume(sampler: Sampler, state: State) -> Result<Self, StateError> {
        state.check(&sampler)?;
        Ok(Self::at(sampler, state))
    }

    fn at(sampler: Sampler, state: State) -> Self {
        let mut drawn = Drawn::default();
        let pending = Pending::from(&sampler, &state, &mut drawn);
        Self { sampler, state, pending, drawn, rows_per_state: 1, costs: Costs::default() }
    }

    /// The same run of a model that evaluates so many rows for each row asked: 2 under classifier-free guidance. It
    /// changes what is counted, nothing else.
    #[must_use]
    pub fn counting(self, rows_per_state: usize) -> Self {
        Self { rows_per_state, ..self }
    }

    /// What to compute next. It stays the same until it is answered.
    pub fn ask(&self) -> Ask<'_> {
        match &self.pending {
            Pending::Root(batch) | Pending::Verify(_, batch) => Ask::Predict(batch),
            Pending::Draft(_, batch) => Ask::Draft(batch),
            Pending::Nothing => Ask::Done,
        }
    }

    /// Draws noise that the next window will need. Nothing has to be called; but a model that computes elsewhere leaves the
    /// time for it between [`Run::ask`] and [`Run::answer`].
    pub fn draw_ahead(&mut self) {
        if let Pending::Verify(window, _) = &self.pending {
            window.draw_ahead(&self.sampler, &mut self.drawn);
        }
    }

    /// One call of a target, with noise drawn ahead while it computes; nothing once the chain has ended.
    pub(crate) async fn call<T: Target + ?Sized>(&mut self, target: &T) -> Option<Result<Vec<f64>, TargetError>> {
        Some(match &self.pending {
            Pending::Nothing => return None,
            Pending::Root(batch) => target.predict(batch).await,
            Pending::Draft(_, batch) => target.draft(batch).await,
            Pending::Verify(window, batch) => {
                let (sampler, drawn) = (&self.sampler, &mut self.drawn);
                meanwhile(target.predict(batch), || window.draw_ahead(sampler, drawn)).await
            }
        })
    }

    /// Goes on with the estimates that were asked for. Returns the round if they completed one; whoever keeps no rounds
    /// needs no memory for them.
    ///
    /// # Shapes
    /// `estimates` holds one whole state for each row of the batch, in its order.
    ///
    /// # Errors
    /// [`TargetError::Shape`] for more or fewer numbers, and the run waits for a right answer;
    /// [`TargetError::NotFinite`] where a committed state's estimate is not finite, and the run asks for this round
    /// again from its beginning.
    pub fn answer(&mut self, estimates: &[f64]) -> Result<Option<Round>, TargetError> {
        let rows = match self.ask() {
            Ask::Predict(batch) | Ask::Draft(batch) => batch.len(),
            Ask::Done => 0,
        };
        TargetError::check(rows * self.state.y.len(), estimates.len())?;
        match core::mem::replace(&mut self.pending, Pending::Nothing) {
            Pending::Nothing => Ok(None),
            Pending::Root(_) => {
                if estimates.iter().any(|x| !x.is_finite()) {
                    self.pending = Pending::from(&self.sampler, &self.state, &mut self.drawn);
                    return Err(TargetError::NotFinite { level: self.state.level });
                }
                let window = Rollout::from_root(&self.sampler, &self.state, estimates.to_vec(), &mut self.drawn);
                let batch = window.batch(&self.sampler);
                if batch.is_empty() {
                    return self.commit(window, &[]);
                }
                self.pending = Pending::Verify(window, batch);
                Ok(None)
            }
            Pending::Draft(mut window, _) => {
                window.draft(&self.sampler, &self.state, estimates, &mut self.drawn);
                self.pending = Pending::drafting(&self.sampler, &self.state, window);
                Ok(None)
            }
            Pending::Verify(window, _) => self.commit(window, estimates),
        }
    }

    fn commit(&mut self, window: Rollout, estimates: &[f64]) -> Result<Option<Round>, TargetError> {
        let committed = commit(&self.sampler, &mut self.state, window, estimates, &mut self.drawn);
        let round = committed.map(|round| {
            let round = Round { rows: round.rows * self.rows_per_state, ..round };
            self.costs += round.costs();
            Some(round)
        });
        self.pending = Pending::from(&self.sampler, &self.state, &mut self.drawn);
        round
    }

    /// Whether the chain has ended: then the state is the sample.
    pub fn is_done(&self) -> bool {
        self.sampler.is_done(&self.state)
    }

    /// The sample, once the chain has ended.
    pub fn sample(&self) -> Option<&[f64]> {
        self.is_done().then_some(&self.state.y[..])
    }

    /// The last committed state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// As [`Run::state`], when nothing else is wanted of the run.
    pub fn into_state(self) -> State {
        self.state
    }

    /// What the rounds have cost that were committed since the run was made.
    pub fn costs(&self) -> Costs {
        self.costs
    }

    pub(crate) fn rows_per_state(&self) -> usize {
        self.rows_per_state
    }

    /// Its sampler.
    pub fn sampler(&self) -> &Sampler {
        &self.sampler
    }
}

/// Awaits a future, and does some work once while it is not ready yet.
pub async fn meanwhile<F: Future>(future: F, work: impl FnOnce()) -> F::Output {
    let mut future = pin!(future);
    let mut work = Some(work);
    poll_fn(|context| {
        let polled = future.as_mut().poll(context);
        if polled.is_pending() {
            work.take().into_iter().for_each(|work| work());
        }
        polled
    })
    .await
}

impl Pending {
    fn from(sampler: &Sampler, state: &State, drawn: &mut Drawn) -> Self {
        if sampler.is_done(state) {
            Self::Nothing
        } else if sampler.settings().draft.kind().asks_a_drafter() {
            Self::drafting(sampler, state, Rollout::open(state))
        } else if state.memory.assumed.is_empty() {
            let mut batch = Batch::default();
            batch.push(row(sampler, state.level), &state.y);
            Self::Root(batch)
        } else {
            Self::verifying(sampler, Rollout::recall(sampler, state, drawn))
        }
    }

    fn drafting(sampler: &Sampler, state: &State, window: Rollout) -> Self {
        if window.steps.len() < sampler.length(state) {
            let batch = window.draft_batch(sampler);
            Self::Draft(window, batch)
        } else {
            Self::verifying(sampler, window)
        }
    }

    fn verifying(sampler: &Sampler, window: Rollout) -> Self {
        let batch = window.batch(sampler);
        Self::Verify(window, batch)
    }
}

#[cfg(test)]
mod tests {
    use super::{Ask, Run};
    use crate::chain::Chain;
    use crate::coupling::rule::Rule;
    use crate::draft::Draft;
    use crate::draft::secants::tests::MADE_READY;
    use crate::noise::Noise;
    use crate::run::length::Length;
    use crate::run::sampler::Sampler;
    use crate::run::settings::Settings;

    #[test]
    fn secants_are_made_ready_once_a_window() {
        for draft in Draft::ALL {
            let settings = Settings { draft, window: Length::Fixed(10), rule: Rule::Reflection };
            let sampler = Sampler::new(Chain::cosine(40, 1.0).expect("valid"), settings, Noise::new(3, 0));
            let before = MADE_READY.get();
            let mut run = Run::new(sampler.expect("valid"), 4);
            // the drafter always errs by the same factor
            loop {
                let (batch, factor) = match run.ask() {
                    Ask::Predict(batch) => (batch, 1.0),
                    Ask::Draft(batch) => (batch, 0.5),
                    Ask::Done => break,
                };
                let estimate = |y: &f64| factor * 0.3 * y;
                let estimates: Vec<f64> = batch.states.iter().map(estimate).collect();
                run.answer(&estimates).expect("finite");
            }
            assert_eq!(MADE_READY.get() - before, run.state().rounds, "{draft}");
        }
    }
}
