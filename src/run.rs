//! One run, without input or output: it asks, and you answer.
//!
//! A [`Run`] asks for rows, and goes on when it has the estimates. Who computes them, on which thread and when, is not known
//! here: the asynchronous [`Sampler::sample`](crate::Sampler::sample), the [`Pool`](crate::Pool) and the browser binding are
//! all made of it.

mod commit;
mod drawn;
pub(crate) mod drive;
mod plain;
pub(crate) mod plan;
pub(crate) mod pool;
mod rollout;
pub(crate) mod sampler;
pub(crate) mod settings;
pub(crate) mod state;
pub(crate) mod ticket;
pub(crate) mod trace;
pub(crate) mod window;

use core::future::poll_fn;
use core::pin::pin;

use self::commit::commit;
use self::drawn::Drawn;
use self::plan::Plan;
use self::rollout::Rollout;
use self::settings::Settings;
use self::state::{State, StateError};
use self::ticket::Ticket;
use self::trace::{Costs, Round};
use crate::chain::Chain;
use crate::chain::schedule::Level;
use crate::sums::are_finite;
use crate::target::{Batch, Guidance, Target, TargetError};

/// The question that is open. Its ticket goes back with the answer.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Ask<'a> {
    /// The model's estimates `x0hat` of these rows: one sequential call.
    Estimate(Ticket, &'a Batch),
    /// A smaller model's estimates of these rows, for drafts that ask one.
    Draft(Ticket, &'a Batch),
    /// Nothing: the chain has ended.
    Done,
}

/// A run of one chain, asked and answered from outside. [`Sampler::run`](crate::Sampler::run) begins one.
///
/// ```
/// use speculative_diffusion::{Ask, Batch, Chain, Sampler, Settings};
///
/// // stands for a model of yours: the clean estimate of standard normal data
/// fn model(batch: &Batch) -> Vec<f64> {
///     batch.iter().flat_map(|(row, y)| y.iter().map(|y| row.level.alpha * y)).collect()
/// }
///
/// let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default())?;
/// let mut run = sampler.run(7, 768);
/// while let Ask::Estimate(ticket, batch) = run.ask() {
///     let x0hat = model(batch);
///     run.answer(ticket, &x0hat)?;
/// }
/// let sample = run.sample().ok_or("the chain has not ended")?;
/// println!("{:?}: {:?}", run.costs(), &sample[..4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Memory
/// For each position of its window a run holds 7 to 8 vectors of a state's numbers in `f64`: means, noise, drafts, the batch
/// that is asked, and the estimates, secants and their states that the draft remembers. With windows of `L` positions
/// ([`Sampler::longest_window`](crate::Sampler::longest_window)) that is `64 L` bytes for each number of a state: 36 MB for
/// 4 x 64 x 64 numbers and windows of 35. To save memory, shorten the window.
#[derive(Clone, Debug)]
pub struct Run {
    plan: Plan,
    state: State,
    ticket: Ticket,
    pending: Pending,
    drawn: Drawn,
    rows_per_state: usize,
    guidance: Option<Guidance>,
    costs: Costs,
}

/// What the open question is about.
#[derive(Clone, Debug)]
enum Pending {
    Root(Rollout, Batch),
    Draft(Rollout, Batch),
    Verify(Rollout, Batch),
    Nothing,
}

impl Run {
    pub(crate) fn begin(plan: Plan, dim: usize) -> Self {
        let state = State::start(&plan, dim);
        Self::at(plan, state)
    }

    pub(crate) fn begin_at(plan: Plan, first: Vec<f64>) -> Self {
        let state = State::at(&plan, first);
        Self::at(plan, state)
    }

    pub(crate) fn resume(plan: Plan, state: State) -> Result<Self, StateError> {
        state.check(&plan)?;
        Ok(Self::at(plan, state))
    }

    fn at(plan: Plan, state: State) -> Self {
        let mut drawn = Drawn::default();
        let pending = Pending::from(&plan, &state, &mut drawn);
        let (ticket, costs) = (Ticket::issue(), Costs::default());
        Self { plan, state, ticket, pending, drawn, rows_per_state: 1, guidance: None, costs }
    }

    /// The same run of a model that evaluates so many rows for each row asked: 2 under classifier-free guidance. It
    /// changes what is counted, nothing else.
    #[doc(alias = "guidance")]
    #[must_use]
    pub fn rows_per_state(self, rows_per_state: usize) -> Self {
        Self { rows_per_state, ..self }
    }

    /// The same run of a model whose answers are combined by [`Guidance`]: its rows are counted, nothing else changes.
    #[must_use]
    pub fn guided(self, guidance: Guidance) -> Self {
        Self { guidance: Some(guidance), ..self }
    }

    /// Rows that the model evaluates for one that is asked at a level.
    fn rows_of(&self, level: Level) -> usize {
        self.guidance.map_or(self.rows_per_state, |guidance| 1 + usize::from(guidance.applies(level)))
    }

    /// What to compute next. It stays the same until it is answered.
    pub fn ask(&self) -> Ask<'_> {
        match &self.pending {
            Pending::Root(_, batch) | Pending::Verify(_, batch) => Ask::Estimate(self.ticket, batch),
            Pending::Draft(_, batch) => Ask::Draft(self.ticket, batch),
            Pending::Nothing => Ask::Done,
        }
    }

    /// Draws noise that the next window will need. Nothing has to be called; but a model that computes elsewhere leaves the
    /// time for it between [`Run::ask`] and [`Run::answer`].
    pub fn draw_ahead(&mut self) {
        if let Pending::Verify(window, _) = &self.pending {
            window.draw_ahead(&self.plan, &mut self.drawn);
        }
    }

    /// One call of a target, with noise drawn ahead while it computes; nothing once the chain has ended.
    pub(crate) async fn call<T: Target + ?Sized>(
        &mut self,
        target: &T,
    ) -> Option<(Ticket, Result<Vec<f64>, TargetError>)> {
        let estimates = match &self.pending {
            Pending::Nothing => return None,
            Pending::Root(_, batch) => target.estimate(batch).await,
            Pending::Draft(_, batch) => target.draft(batch).await,
            Pending::Verify(window, batch) => {
                let (plan, drawn) = (&self.plan, &mut self.drawn);
                meanwhile(target.estimate(batch), || window.draw_ahead(plan, drawn)).await
            }
        };
        Some((self.ticket, estimates))
    }

    /// Goes on with the estimates that were asked for. Returns the round if they completed one; whoever keeps no rounds
    /// needs no memory for them.
    ///
    /// # Shapes
    /// `estimates` holds one whole state for each row of the batch, in its order.
    ///
    /// # Errors
    /// [`TargetError::OtherQuestion`] for the ticket of another question, [`TargetError::Shape`] for more or fewer numbers,
    /// and the question stays open; [`TargetError::NotFinite`] where a committed state's estimate is not finite, and the run
    /// asks for this round again from its beginning.
    pub fn answer(&mut self, ticket: Ticket, estimates: &[f64]) -> Result<Option<Round>, TargetError> {
        let rows = match &self.pending {
            Pending::Root(_, batch) | Pending::Draft(_, batch) | Pending::Verify(_, batch) => batch.len(),
            Pending::Nothing => return Err(TargetError::OtherQuestion),
        };
        if ticket != self.ticket {
            return Err(TargetError::OtherQuestion);
        }
        TargetError::check(rows * self.state.y.len(), estimates.len())?;
        self.ticket = Ticket::issue();
        match core::mem::replace(&mut self.pending, Pending::Nothing) {
            Pending::Nothing => Ok(None),
            Pending::Root(window, _) => {
                if !are_finite(estimates) {
                    self.pending = Pending::from(&self.plan, &self.state, &mut self.drawn);
                    return Err(TargetError::NotFinite { level: window.first + window.steps.len() });
                }
                let window = window.with_root(&self.plan, &self.state, estimates.to_vec(), &mut self.drawn);
                let batch = window.batch(&self.plan);
                if batch.is_empty() {
                    return self.commit(window, &[]);
                }
                self.pending = Pending::Verify(window, batch);
                Ok(None)
            }
            Pending::Draft(mut window, _) => {
                window.draft(&self.plan, &self.state, estimates, &mut self.drawn);
                self.pending = Pending::drafting(&self.plan, &self.state, window, &mut self.drawn);
                Ok(None)
            }
            Pending::Verify(window, _) => self.commit(window, estimates),
        }
    }

    fn commit(&mut self, window: Rollout, estimates: &[f64]) -> Result<Option<Round>, TargetError> {
        let committed = commit(&self.plan, &mut self.state, window, estimates, &mut self.drawn);
        let round = committed.map(|round| {
            let chain = &self.plan.chain;
            let asked = round.positions.iter().map(|position| position.level).filter(|&level| chain.asks(level));
            let round = Round { rows: asked.map(|level| self.rows_of(chain.steps()[level].level)).sum(), ..round };
            self.costs += round.costs();
            Some(round)
        });
        self.pending = Pending::from(&self.plan, &self.state, &mut self.drawn);
        round
    }

    /// Whether the chain has ended: then the state is the sample.
    pub fn is_done(&self) -> bool {
        self.state.is_done(&self.plan)
    }

    /// The sample, once the chain has ended.
    pub fn sample(&self) -> Option<&[f64]> {
        self.is_done().then_some(&self.state.y[..])
    }

    /// What is committed.
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

    /// The chain that it samples.
    pub fn chain(&self) -> &Chain {
        &self.plan.chain
    }

    /// How it drafts and tests.
    pub fn settings(&self) -> &Settings {
        &self.plan.settings
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
    fn from(plan: &Plan, state: &State, drawn: &mut Drawn) -> Self {
        if state.is_done(plan) {
            Self::Nothing
        } else if plan.settings.draft.kind().asks_a_drafter() {
            Self::drafting(plan, state, Rollout::open(state), drawn)
        } else if state.memory.assumed.is_empty() {
            let mut window = Rollout::open(state);
            window.skip(plan, state, drawn);
            let batch = window.next_row(plan);
            Self::Root(window, batch)
        } else {
            Self::verifying(plan, Rollout::recall(plan, state, drawn))
        }
    }

    fn drafting(plan: &Plan, state: &State, mut window: Rollout, drawn: &mut Drawn) -> Self {
        if window.is_open(plan, state) {
            window.skip(plan, state, drawn);
            let batch = window.next_row(plan);
            Self::Draft(window, batch)
        } else {
            Self::verifying(plan, window)
        }
    }

    fn verifying(plan: &Plan, window: Rollout) -> Self {
        let batch = window.batch(plan);
        Self::Verify(window, batch)
    }
}

#[cfg(test)]
mod tests {
    use core::future::poll_fn;
    use core::task::Poll;

    use pollster::block_on;

    use super::pool::Pool;
    use super::sampler::Sampler;
    use super::settings::Settings;
    use super::{Ask, Pending, Run};
    use crate::chain::Chain;
    use crate::coupling::rule::Rule;
    use crate::draft::Draft;
    use crate::draft::secants::tests::MADE_READY;
    use crate::noise::{Noise, Purpose};
    use crate::target::{Batch, Target, TargetError};

    const DIM: usize = 2;
    const WINDOW: usize = 5;

    /// A model that takes its time: its answer is not there when it is first asked for.
    struct Slow;

    impl Target for Slow {
        fn dim(&self) -> usize {
            DIM
        }

        async fn estimate(&self, batch: &Batch) -> Result<Vec<f64>, TargetError> {
            let mut asked = false;
            poll_fn(|context| {
                context.waker().wake_by_ref();
                if core::mem::replace(&mut asked, true) { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            // always the same, so that every draft of a kept estimate is accepted
            Ok(vec![0.5; batch.states.len()])
        }
    }

    /// A run that waits for the estimates of a whole window.
    fn waiting() -> Run {
        let chain = Chain::cosine(20, 1.0).expect("valid");
        let mut run = Sampler::new(chain, Settings::default().window(WINDOW)).expect("valid").run(1, DIM);
        let Ask::Estimate(ticket, _) = run.ask() else { panic!("it asks for its root") };
        run.answer(ticket, &[0.5; DIM]).expect("finite");
        run
    }

    /// The levels of the window after the one that is waited for whose noise is drawn.
    fn drawn(run: &Run) -> Vec<usize> {
        let other = Noise::new(2, 0);
        let is_drawn = |&level: &usize| {
            let noise = run.plan.noise.normals(Purpose::Step, level, DIM);
            run.drawn.clone().take(&other, level, DIM) == noise
        };
        (WINDOW..2 * WINDOW).filter(is_drawn).collect()
    }

    #[test]
    fn noise_is_drawn_while_a_model_computes_and_the_next_window_takes_it() {
        let all: Vec<usize> = (WINDOW..2 * WINDOW).collect();
        let mut run = waiting();
        assert!(drawn(&run).is_empty());
        let (ticket, estimates) = block_on(run.call(&Slow)).expect("a question is open");
        assert_eq!(drawn(&run), all);
        let mut by_hand = waiting();
        by_hand.draw_ahead();
        assert_eq!(drawn(&by_hand), all);
        let mut pool = Pool::new(DIM, 64);
        pool.push(waiting()).expect("the same size");
        pool.ask();
        pool.draw_ahead();
        assert_eq!(drawn(pool.run(0).expect("it is there")), all);
        // what is there is not drawn again
        all.iter().for_each(|&level| run.drawn.put(level, vec![level as f64; DIM]));
        run.answer(ticket, &estimates.expect("an answer")).expect("finite");
        let Pending::Verify(window, _) = &run.pending else { panic!("the next window is drafted") };
        assert_eq!(window.first, WINDOW);
        assert!(window.steps.iter().zip(&all).all(|(step, &level)| step.noise == [level as f64; DIM]));
    }

    #[test]
    fn noises_of_discarded_steps_are_kept_and_no_others() {
        const STEPS: usize = 40;
        let chain = Chain::cosine(STEPS, 1.0).expect("valid");
        for rule in [Rule::Reflection, Rule::Peak] {
            let sampler = Sampler::new(chain.clone(), Settings::default().draft(Draft::Frozen).window(6).rule(rule));
            let mut run = sampler.expect("valid").run(3, 4);
            let (other, mut kept) = (Noise::new(9, 0), 0);
            while let Ask::Estimate(ticket, batch) = run.ask() {
                let estimates: Vec<f64> = batch.states.iter().map(|y| 0.9 * y - 0.2 * y * y).collect();
                let Some(round) = run.answer(ticket, &estimates).expect("finite") else { continue };
                let end = round.first + round.positions.len();
                // the next window of this draft waits for its root, so nothing was taken yet
                let renewed = run.state.level + run.state.renewed.len();
                for level in 0..STEPS {
                    let due = (renewed..end).contains(&level) && chain.steps()[level].s > 0.0;
                    let of = if due { run.plan.noise } else { other };
                    let found = run.drawn.clone().take(&other, level, 4);
                    assert_eq!(
                        found,
                        of.normals(Purpose::Step, level, 4),
                        "level {level} of {renewed}..{end}, {rule:?}"
                    );
                    kept += usize::from(due);
                }
            }
            // a peak test renews whatever comes after its stop
            assert_eq!(kept > 10, rule == Rule::Reflection, "{kept}");
        }
    }

    #[test]
    fn secants_are_made_ready_once_a_window() {
        for draft in Draft::ALL {
            let settings = Settings::default().draft(draft).window(10).rule(Rule::Reflection);
            let sampler = Sampler::new(Chain::cosine(40, 1.0).expect("valid"), settings).expect("valid");
            let before = MADE_READY.get();
            let mut run = sampler.run(3, 4);
            // the drafter always errs by the same factor
            loop {
                let (ticket, batch, factor) = match run.ask() {
                    Ask::Estimate(ticket, batch) => (ticket, batch, 1.0),
                    Ask::Draft(ticket, batch) => (ticket, batch, 0.5),
                    Ask::Done => break,
                };
                let estimates: Vec<f64> = batch.states.iter().map(|y| factor * 0.3 * y).collect();
                run.answer(ticket, &estimates).expect("finite");
            }
            assert_eq!(MADE_READY.get() - before, run.state().rounds, "{draft}");
        }
    }
}
