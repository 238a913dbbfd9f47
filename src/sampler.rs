//! The window loop: propose, predict, verify, commit, and the plain sampler beside it.
//!
//! [`Sampler::propose`] and [`Sampler::verify`] are pure functions around one awaited call of the target. What the next
//! round needs is in [`State`]; what a person may ask is in the [`Round`] that `verify` returns.

use core::fmt;

use crate::coupling::{self, Rule, Verdict};
use crate::draft::{Draft, Quantity, target_mean};
use crate::noise::{Noise, Purpose};
use crate::schedule::{Chain, Step};
use crate::target::{Batch, Target, TargetError};
use crate::trace::{Position, Round, Trace};

/// Longest window that can be asked for.
pub const MAX_WINDOW: usize = 64;

/// How to draft and test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Where the window's assumed predictions come from.
    pub draft: Draft,
    /// Which quantity they are.
    pub quantity: Quantity,
    /// `L`: most steps drafted a round.
    pub window: usize,
    /// How drafts are tested.
    pub rule: Rule,
}

impl Default for Settings {
    /// The carry draft on clean estimates, 20 steps a window, the exact rule.
    fn default() -> Self {
        Self { draft: Draft::Carry, quantity: Quantity::X0hat, window: 20, rule: Rule::Reflection }
    }
}

/// A window length that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowError(usize);

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "window is {}: choose 1 to {MAX_WINDOW} steps", self.0)
    }
}

impl core::error::Error for WindowError {}

/// Everything the next round needs. With the sampler's own settings and seed it resumes a run anywhere.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// `n`: steps committed so far.
    pub level: usize,
    /// `y_n`.
    pub y: Vec<f64>,
    /// What is assumed of the network at levels `n, n+1, ..`; the last entry serves all later levels. Empty when the
    /// window needs a call for its root first.
    pub assumed: Vec<Assumed>,
}

/// An assumed prediction, as the [`Quantity`] that is frozen.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumed {
    /// The quantity's value.
    pub w: Vec<f64>,
    /// Level it was evaluated at.
    pub level: usize,
}

/// A drafted window, waiting for the target's word.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    first: usize,
    /// `S[0..=Lw]`: the state each position starts from, and the last draft.
    states: Vec<Vec<f64>>,
    /// `P[j]`: draft means.
    means: Vec<Vec<f64>>,
    /// `z` of each position; empty at the deterministic last step.
    noises: Vec<Vec<f64>>,
    carried: Vec<bool>,
    /// The prediction at `S[0]`, where a root call has made it already.
    root: Option<Vec<f64>>,
}

impl Window {
    /// Number of positions.
    pub fn len(&self) -> usize {
        self.means.len()
    }

    /// Whether there is no position; never so for a window that was proposed.
    pub fn is_empty(&self) -> bool {
        self.means.is_empty()
    }

    /// The draft means `P[0..Lw)`.
    pub fn means(&self) -> &[Vec<f64>] {
        &self.means
    }

    /// The rows to evaluate: the state each position starts from, but for a root that is known.
    pub fn batch(&self, chain: &Chain) -> Batch {
        let mut batch = Batch::default();
        for j in usize::from(self.root.is_some())..self.len() {
            batch.push(chain.steps()[self.first + j].level, &self.states[j]);
        }
        batch
    }
}

/// A speculative sampler of one chain.
#[derive(Clone, Debug)]
pub struct Sampler {
    chain: Chain,
    settings: Settings,
    noise: Noise,
}

impl Sampler {
    /// # Errors
    /// [`WindowError`] for a window length outside `1..=64`.
    pub fn new(chain: Chain, settings: Settings, noise: Noise) -> Result<Self, WindowError> {
        if !(1..=MAX_WINDOW).contains(&settings.window) {
            return Err(WindowError(settings.window));
        }
        Ok(Self { chain, settings, noise })
    }

    /// The target chain.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// How drafts are made and tested.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The state before the first round: `y_0 ~ N(0, I)` in `dim` dimensions, nothing assumed.
    pub fn start(&self, dim: usize) -> State {
        State { level: 0, y: self.noise.normals(Purpose::Start, 0, dim), assumed: Vec::new() }
    }

    /// Whether the chain has ended.
    pub fn is_done(&self, state: &State) -> bool {
        state.level == self.chain.steps().len()
    }

    /// Rolls out the next window: up to `L` draft steps, no network. `root` is the prediction at `state.y` where the
    /// state assumes nothing yet.
    ///
    /// # Panics
    /// If the chain has ended, or nothing is assumed and `root` is missing.
    pub fn propose(&self, state: &State, root: Option<Vec<f64>>) -> Window {
        assert!(!self.is_done(state), "the chain has ended");
        let quantity = self.settings.quantity;
        let steps = &self.chain.steps()[state.level..];
        let rooted = root
            .as_ref()
            .map(|x0hat| vec![Assumed { w: quantity.freeze(&steps[0], &state.y, x0hat), level: state.level }]);
        let assumed = rooted.as_ref().unwrap_or(&state.assumed);

        let length = self.settings.window.min(steps.len());
        let mut window = Window {
            first: state.level,
            states: vec![state.y.clone()],
            means: Vec::with_capacity(length),
            noises: Vec::with_capacity(length),
            carried: Vec::with_capacity(length),
            root,
        };
        for (j, step) in steps[..length].iter().enumerate() {
            let level = state.level + j;
            let Assumed { w, level: made_for } = &assumed[j.min(assumed.len() - 1)];
            let mean = quantity.mean(step, &window.states[j], w);
            let (noise, draft) = if step.s == 0.0 {
                (Vec::new(), mean.clone())
            } else {
                let z = self.noise.normals(Purpose::Step, level, mean.len());
                let draft = mean.iter().zip(&z).map(|(p, z)| p + step.s * z).collect();
                (z, draft)
            };
            window.carried.push(rooted.is_none() && *made_for == level);
            window.means.push(mean);
            window.noises.push(noise);
            window.states.push(draft);
        }
        window
    }

    /// Tests a window against the target's predictions, position by position up to the first rejection, and commits.
    ///
    /// The round counts the calls and rows that a model without guidance needs for it.
    ///
    /// # Shapes
    /// `predictions` holds one estimate for each row of [`Window::batch`].
    ///
    /// # Panics
    /// If there are fewer or more predictions.
    pub fn verify(&self, window: Window, predictions: &[f64]) -> (State, Round) {
        let Window { first, states, means, noises, carried, root } = window;
        let (length, dim) = (means.len(), states[0].len());
        // the root's call, and the one that checks whatever stands behind it
        let calls = if root.is_some() { 1 + usize::from(length > 1) } else { 1 };
        let predictions: Vec<Vec<f64>> =
            root.into_iter().chain(predictions.chunks_exact(dim).map(<[f64]>::to_vec)).collect();
        assert_eq!(predictions.len(), length, "one prediction a position");
        let steps = &self.chain.steps()[first..first + length];

        let assumed = self.assume(first, steps, &states, &predictions);
        let mut positions = Vec::with_capacity(length);
        let mut committed: Vec<Vec<f64>> = Vec::new();
        let mut ended = false;
        for (j, (step, (prediction, mean))) in steps.iter().zip(predictions.into_iter().zip(means)).enumerate() {
            let level = first + j;
            let mut position = Position {
                level,
                verdict: Verdict::Discarded,
                carried: carried[j],
                target_mean: target_mean(step, &states[j], &prediction),
                draft_mean: mean,
                draft: states[j + 1].clone(),
                prediction,
                gap: f64::NAN,
                ln_u: f64::NAN,
                ln_ratio: f64::NAN,
                residual: f64::NAN,
            };
            if !ended && step.s == 0.0 {
                position.verdict = Verdict::Deterministic;
                committed.push(position.target_mean.clone());
                ended = true;
            } else if !ended {
                let mut state = position.draft.clone();
                position.ln_u = self.noise.ln_uniform(level);
                let test = coupling::test(
                    self.settings.rule,
                    (&position.draft_mean, &position.target_mean),
                    step.s,
                    &noises[j],
                    position.ln_u,
                    &mut state,
                    || self.noise.normals(Purpose::Redraw, level, dim),
                );
                (position.gap, position.ln_ratio) = (test.gap, test.ln_ratio);
                (position.verdict, position.residual) = (test.verdict, test.residual);
                committed.push(state);
                ended = test.verdict == Verdict::Rejected;
            }
            positions.push(position);
        }

        let advance = committed.len();
        let next =
            State { level: first + advance, y: committed[advance - 1].clone(), assumed: self.keep(assumed, advance) };
        (next, Round { first, calls, rows: length, positions, states: committed })
    }

    /// What each row of the window says of its own level.
    fn assume(&self, first: usize, steps: &[Step], states: &[Vec<f64>], predictions: &[Vec<f64>]) -> Vec<Assumed> {
        steps
            .iter()
            .zip(states.iter().zip(predictions))
            .enumerate()
            .map(|(j, (step, (y, x0hat)))| Assumed {
                w: self.settings.quantity.freeze(step, y, x0hat),
                level: first + j,
            })
            .collect()
    }

    /// What the draft takes along after `advance` steps were committed. Row `advance` was evaluated at a state drafted
    /// from noise before its own level only, so keeping it obeys the causality rule; the last row serves when all was
    /// committed.
    fn keep(&self, mut assumed: Vec<Assumed>, advance: usize) -> Vec<Assumed> {
        let from = advance.min(assumed.len() - 1);
        match self.settings.draft {
            Draft::Frozen => Vec::new(),
            Draft::Prefetched => vec![assumed.swap_remove(from)],
            Draft::Carry => assumed.split_off(from),
        }
    }

    /// One round: a call for the root where the draft needs it, the draft, the call that checks it, the tests.
    ///
    /// # Errors
    /// The target's.
    ///
    /// # Panics
    /// If the chain has ended, see [`Sampler::is_done`].
    pub async fn round(&self, target: &impl Target, state: &State) -> Result<(State, Round), TargetError> {
        let root = if state.assumed.is_empty() {
            let mut batch = Batch::default();
            batch.push(self.chain.steps()[state.level].level, &state.y);
            Some(target.predict(&batch).await?)
        } else {
            None
        };
        let window = self.propose(state, root);
        let batch = window.batch(&self.chain);
        let predictions = if batch.is_empty() { Vec::new() } else { target.predict(&batch).await? };
        let (next, mut round) = self.verify(window, &predictions);
        round.rows *= target.rows_per_state();
        Ok((next, round))
    }

    /// A whole run.
    ///
    /// # Errors
    /// The target's.
    pub async fn run(&self, target: &impl Target) -> Result<Trace, TargetError> {
        let mut state = self.start(target.dim());
        let mut trace = Trace { start: state.y.clone(), rounds: Vec::new() };
        while !self.is_done(&state) {
            let (next, round) = self.round(target, &state).await?;
            state = next;
            trace.rounds.push(round);
        }
        Ok(trace)
    }

    /// One step of the plain sampler from `y_k`: a call of one row, then `z`, the noise to add; returns `y_{k+1}` and the
    /// prediction.
    ///
    /// # Errors
    /// The target's.
    ///
    /// # Panics
    /// If the chain has no such level.
    pub async fn plain_step(
        &self,
        target: &impl Target,
        level: usize,
        y: &[f64],
        z: &[f64],
    ) -> Result<(Vec<f64>, Vec<f64>), TargetError> {
        let step = &self.chain.steps()[level];
        let mut batch = Batch::default();
        batch.push(step.level, y);
        let prediction = target.predict(&batch).await?;
        let mean = target_mean(step, y, &prediction);
        let next = if step.s == 0.0 { mean } else { mean.iter().zip(z).map(|(m, z)| m + step.s * z).collect() };
        Ok((next, prediction))
    }

    /// The plain sampler from the same start with its own noise: the chain whose law the speculative run must have.
    ///
    /// # Errors
    /// The target's.
    pub async fn plain(&self, target: &impl Target) -> Result<Vec<f64>, TargetError> {
        let mut y = self.start(target.dim()).y;
        for level in 0..self.chain.steps().len() {
            let z = self.noise.normals(Purpose::Step, level, y.len());
            (y, _) = self.plain_step(target, level, &y, &z).await?;
        }
        Ok(y)
    }

    /// The noises that make the plain sampler draw the same picture: `r_k = (y_{k+1} - q_k) / s_k` of the committed
    /// steps. By exactness they are independent standard normals. Empty for a deterministic step.
    pub fn residuals(&self, round: &Round) -> Vec<Vec<f64>> {
        round
            .positions
            .iter()
            .zip(&round.states)
            .map(|(position, state)| {
                let s = self.chain.steps()[position.level].s;
                if s == 0.0 {
                    return Vec::new();
                }
                state.iter().zip(&position.target_mean).map(|(y, q)| (y - q) / s).collect()
            })
            .collect()
    }
}
