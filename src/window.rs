//! One window: drafted step by step, tested against the model's predictions, committed up to its first rejection.
//!
//! Drafting and verifying are pure functions; what stands between them, a call of the model, is the business of
//! [`Run`](crate::Run). Nothing here reads a [`Round`] back.

use crate::chain::Step;
use crate::coupling::{Coupled, Verdict};
use crate::draft::{Assumed, Learnt, Memory, Place, Recalled};
use crate::noise::Purpose;
use crate::quantity::target_mean;
use crate::sampler::Sampler;
use crate::settings::Rule;
use crate::state::State;
use crate::target::{Batch, Row, TargetError};
use crate::trace::{Position, Round};

/// A drafted window, waiting for the model's word.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    first: usize,
    /// `S[0..=Lw]`: the state each position starts from, and the last draft.
    states: Vec<Vec<f64>>,
    /// `P[j]`: draft means.
    means: Vec<Vec<f64>>,
    /// `z` of each position; empty at a deterministic step.
    noises: Vec<Vec<f64>>,
    /// Whether the position's own level was assumed, not a neighbour's.
    carried: Vec<bool>,
    /// The prediction at `S[0]`, where a root call has made it already.
    root: Option<Vec<f64>>,
    memory: Memory,
    draft_calls: usize,
    /// Rounds before this one.
    rounds: usize,
}

impl Window {
    /// A window without positions, to be drafted by a model of its own.
    pub(crate) fn open(state: &State) -> Self {
        Self {
            first: state.level,
            states: vec![state.y.clone()],
            means: Vec::new(),
            noises: Vec::new(),
            carried: Vec::new(),
            root: None,
            memory: state.memory.clone(),
            draft_calls: 0,
            rounds: state.rounds,
        }
    }

    /// Rolls out the whole window from what the state has in memory.
    ///
    /// # Panics
    /// If that is nothing.
    pub(crate) fn recall(sampler: &Sampler, state: &State) -> Self {
        let mut window = Self::open(state);
        window.roll_out(sampler, sampler.length(state));
        window
    }

    /// Rolls out the whole window from the prediction at its first state.
    pub(crate) fn from_root(sampler: &Sampler, state: &State, root: Vec<f64>) -> Self {
        let mut window = Self::open(state);
        let step = &sampler.chain().steps()[state.level];
        let w = sampler.settings().quantity.freeze(step, &state.y, &root);
        window.memory.assumed = vec![Assumed { w, level: state.level, at: state.y.clone() }];
        window.root = Some(root);
        window.roll_out(sampler, sampler.length(state));
        window
    }

    fn roll_out(&mut self, sampler: &Sampler, length: usize) {
        for position in 0..length {
            let place = Place { position, level: self.first + position, y: &self.states[position] };
            let recalled = sampler.settings().draft.kind().recall(&self.memory, place);
            self.extend(sampler, &recalled);
        }
    }

    /// The row whose estimate by a drafter the next position is made of.
    pub(crate) fn draft_batch(&self, sampler: &Sampler) -> Batch {
        let mut batch = Batch::default();
        self.push_row(sampler, self.len(), &mut batch);
        batch
    }

    /// Appends a position drafted from the drafter's estimate.
    pub(crate) fn draft(&mut self, sampler: &Sampler, x0hat: &[f64]) {
        let (step, y) = (&sampler.chain().steps()[self.first + self.len()], &self.states[self.len()]);
        let w = sampler.settings().quantity.freeze(step, y, x0hat);
        self.draft_calls += 1;
        self.extend(sampler, &Recalled { w, own: false });
    }

    /// Appends a position whose draft assumes what was recalled.
    fn extend(&mut self, sampler: &Sampler, recalled: &Recalled) {
        let level = self.first + self.len();
        let (step, y) = (&sampler.chain().steps()[level], &self.states[self.len()]);
        let mut mean = sampler.settings().quantity.mean(step, y, &recalled.w);
        if mean.iter().any(|p| !p.is_finite()) {
            // what was assumed grew beyond all bounds, as a steep density's gradient can: assume no move
            mean.clone_from(y);
        }
        let (noise, draft) = if step.s == 0.0 {
            (Vec::new(), mean.clone())
        } else {
            let z = sampler.noise().normals(Purpose::Step, level, mean.len());
            let draft = mean.iter().zip(&z).map(|(p, z)| p + step.s * z).collect();
            (z, draft)
        };
        self.carried.push(recalled.own && self.root.is_none());
        self.means.push(mean);
        self.noises.push(noise);
        self.states.push(draft);
    }

    /// Number of positions.
    pub(crate) fn len(&self) -> usize {
        self.means.len()
    }

    /// The rows to evaluate: the state each position starts from, but for a root that is known.
    pub(crate) fn batch(&self, sampler: &Sampler) -> Batch {
        let mut batch = Batch::default();
        for position in usize::from(self.root.is_some())..self.len() {
            self.push_row(sampler, position, &mut batch);
        }
        batch
    }

    fn push_row(&self, sampler: &Sampler, position: usize, batch: &mut Batch) {
        batch.push(row(sampler, self.first + position), &self.states[position]);
    }

    /// Tests the window against the model's predictions, position by position up to the first rejection, and commits.
    ///
    /// # Shapes
    /// `predictions` holds one estimate for each row of [`Window::batch`].
    ///
    /// # Errors
    /// [`TargetError::NotFinite`] where the window was verified up to a prediction that is not finite. Nothing is
    /// committed then.
    pub(crate) fn verify(self, sampler: &Sampler, predictions: &[f64]) -> Result<(State, Round), TargetError> {
        let (length, dim) = (self.len(), self.states[0].len());
        let Self { first, states, means, noises, carried, root, memory, draft_calls, rounds } = self;
        // the root's call, and the one that checks whatever stands behind it
        let calls = if root.is_some() { 1 + usize::from(length > 1) } else { 1 };
        let predictions: Vec<Vec<f64>> =
            root.into_iter().chain(predictions.chunks_exact(dim).map(<[f64]>::to_vec)).collect();
        let steps = &sampler.chain().steps()[first..first + length];
        let evaluated = evaluated(sampler, first, steps, &states, &predictions);

        let mut positions = Vec::with_capacity(length);
        let mut committed: Vec<Vec<f64>> = Vec::new();
        let mut ended = false;
        for (j, (step, (prediction, draft_mean))) in steps.iter().zip(predictions.into_iter().zip(means)).enumerate() {
            let level = first + j;
            let target_mean = target_mean(step, &states[j], &prediction);
            let draft = states[j + 1].clone();
            let verdict = if ended {
                Verdict::Discarded
            } else {
                finite(level, &prediction)?;
                finite(level, &target_mean)?;
                let (verdict, state) = if step.s == 0.0 {
                    (Verdict::Deterministic, target_mean.clone())
                } else {
                    let (s, ln_u) = (step.s, sampler.noise().ln_uniform(level));
                    let means = (&*draft_mean, &*target_mean);
                    let coupled = Coupled { draft_mean: means.0, target_mean: means.1, s, normals: &noises[j], ln_u };
                    let mut state = draft.clone();
                    (test(sampler, level, &coupled, &mut state), state)
                };
                ended = !verdict.is_accepted();
                committed.push(state);
                verdict
            };
            positions.push(Position {
                level,
                verdict,
                carried: carried[j],
                draft_mean,
                draft,
                prediction,
                target_mean,
            });
        }

        let advance = committed.len();
        let learnt = Learnt { memory, evaluated, length, advance };
        let next = State {
            level: first + advance,
            rounds: rounds + 1,
            y: committed[advance - 1].clone(),
            memory: sampler.settings().draft.kind().learn(learnt),
        };
        Ok((next, Round { first, calls, draft_calls, rows: length, positions, states: committed }))
    }
}

impl Sampler {
    /// Positions of the next window. It depends on the committed past alone.
    pub fn length(&self, state: &State) -> usize {
        self.settings().window.positions(self.chain().len(), state.level, state.rounds)
    }
}

/// What a row that starts at a level is.
pub(crate) fn row(sampler: &Sampler, level: usize) -> Row {
    Row { level: sampler.chain().steps()[level].level, step: level, lane: 0 }
}

fn test(sampler: &Sampler, _level: usize, coupled: &Coupled, state: &mut [f64]) -> Verdict {
    match sampler.settings().rule {
        Rule::Reflection => coupled.reflect(state),
        #[cfg(feature = "mutants")]
        Rule::Mutant(mutant) => {
            mutant.test(coupled, state, || sampler.noise().normals(Purpose::Redraw, _level, coupled.normals.len()))
        }
    }
}

/// What each row of the window says of its own level, up to the first row that was drafted so far out that its
/// prediction is not finite. The first row was reached, so its prediction is finite; what is frozen of it may still have
/// overflowed.
fn evaluated(
    sampler: &Sampler,
    first: usize,
    steps: &[Step],
    states: &[Vec<f64>],
    predictions: &[Vec<f64>],
) -> Vec<Assumed> {
    let rows = steps.iter().zip(states.iter().zip(predictions)).enumerate();
    let mut evaluated: Vec<Assumed> = rows
        .map(|(j, (step, (y, x0hat)))| Assumed {
            w: sampler.settings().quantity.freeze(step, y, x0hat),
            level: first + j,
            at: y.clone(),
        })
        .collect();
    let count = evaluated.iter().take_while(|assumed| assumed.w.iter().all(|w| w.is_finite())).count();
    evaluated.truncate(count.max(1));
    evaluated
}

/// Refuses a prediction at a committed state that is not finite.
pub(crate) fn finite(level: usize, prediction: &[f64]) -> Result<(), TargetError> {
    if prediction.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(TargetError::NotFinite { level }) }
}
