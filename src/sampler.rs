//! The window loop: propose, predict, verify, commit, and the plain sampler beside it.
//!
//! [`Sampler::propose`] and [`Sampler::verify`] are pure functions around one awaited call of the target. What the next
//! round needs is in [`State`]; what a person may ask is in the [`Round`] that `verify` returns.

use core::fmt;
use core::str::FromStr;

use crate::coupling::{self, Rule, Verdict};
use crate::draft::{Draft, NameError, Quantity, target_mean};
use crate::noise::{Noise, Purpose};
use crate::schedule::{Chain, Step};
use crate::secant::{Secant, expected_change, nearest};
use crate::target::{Batch, Target, TargetError};
use crate::trace::{Position, Round, Trace};

/// Longest window that can be asked for, and the longest that [`Length::Adaptive`] takes.
pub const MAX_WINDOW: usize = 256;

/// `L`: how many steps to draft a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// As many as this, 1 to [`MAX_WINDOW`].
    Fixed(usize),
    /// A fixed multiple of the steps that a round has committed so far, on average. Rows beyond the expected stop are
    /// not wasted on a draft that keeps predictions: they are what the next round starts from.
    Adaptive,
}

impl FromStr for Length {
    type Err = NameError;

    /// "auto" or a number of steps; [`Sampler::new`] checks its size.
    fn from_str(text: &str) -> Result<Self, NameError> {
        match text {
            "auto" => Ok(Self::Adaptive),
            _ => {
                text.parse().map(Self::Fixed).map_err(|_| NameError::new("window", text, ["auto or a number of steps"]))
            }
        }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(length) => length.fmt(f),
            Self::Adaptive => f.write_str("auto"),
        }
    }
}

/// The adaptive window: so many steps for each that a round commits on average, and so many more.
const AHEAD: (f64, f64) = (2.0, 2.0);
/// Rounds that a whole run is expected to take, before anything is known: on the faces network 12 to 22, whatever `K`.
const EXPECTED_ROUNDS: f64 = 14.0;
/// Steps a round that are expected at most: a run of a thousand steps takes more rounds, and its first windows would be too
/// long.
const MOST_EXPECTED: f64 = 30.0;
/// How many rounds that expectation counts for.
const PRIOR_ROUNDS: f64 = 3.0;
/// Shortest window that [`Length::Adaptive`] takes.
const MIN_ADAPTIVE: usize = 4;

/// How to draft and test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Where the window's assumed predictions come from.
    pub draft: Draft,
    /// Which quantity they are.
    pub quantity: Quantity,
    /// `L`: most steps drafted a round.
    pub window: Length,
    /// How drafts are tested.
    pub rule: Rule,
}

impl Default for Settings {
    /// The secant draft on clean estimates, as many steps a window as pay, the exact rule.
    fn default() -> Self {
        Self { draft: Draft::Secant, quantity: Quantity::X0hat, window: Length::Adaptive, rule: Rule::Reflection }
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
    /// Rounds they took.
    pub rounds: usize,
    /// `y_n`.
    pub y: Vec<f64>,
    /// What is assumed of the network at levels `n, n+1, ..`; the last entry serves all later levels. Empty when the
    /// window needs a call for its root first.
    pub assumed: Vec<Assumed>,
    /// How predictions changed with their states, oldest round first; empty but for [`Draft::Secant`].
    pub secants: Vec<Secant>,
}

/// An assumed prediction, as the [`Quantity`] that is frozen.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumed {
    /// The quantity's value.
    pub w: Vec<f64>,
    /// Level it was evaluated at.
    pub level: usize,
    /// State it was evaluated at.
    pub at: Vec<f64>,
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
    /// Whether the position's own level was assumed, not a neighbour's.
    carried: Vec<bool>,
    /// The prediction at `S[0]`, where a root call has made it already.
    root: Option<Vec<f64>>,
    /// What was assumed, where the next secants come from.
    assumed: Vec<Assumed>,
    secants: Vec<Secant>,
    /// Rounds before this one.
    rounds: usize,
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
    /// [`WindowError`] for a fixed window length outside 1 to [`MAX_WINDOW`].
    pub fn new(chain: Chain, settings: Settings, noise: Noise) -> Result<Self, WindowError> {
        if let Length::Fixed(length) = settings.window
            && !(1..=MAX_WINDOW).contains(&length)
        {
            return Err(WindowError(length));
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
        let y = self.noise.normals(Purpose::Start, 0, dim);
        State { level: 0, rounds: 0, y, assumed: Vec::new(), secants: Vec::new() }
    }

    /// Positions of the next window. It depends on the committed past alone.
    pub fn length(&self, state: &State) -> usize {
        let steps = self.chain.steps().len();
        let length = match self.settings.window {
            Length::Fixed(length) => length,
            Length::Adaptive => {
                let expected = MOST_EXPECTED.min(steps as f64 / EXPECTED_ROUNDS);
                let advance = (state.level as f64 + PRIOR_ROUNDS * expected) / (state.rounds as f64 + PRIOR_ROUNDS);
                (libm::ceil(AHEAD.0 * advance + AHEAD.1) as usize).clamp(MIN_ADAPTIVE, MAX_WINDOW)
            }
        };
        length.min(steps - state.level)
    }

    /// Whether the chain has ended.
    pub fn is_done(&self, state: &State) -> bool {
        state.level == self.chain.steps().len()
    }

    /// The one row whose prediction [`Sampler::propose`] needs as its root where the state assumes nothing yet.
    ///
    /// # Panics
    /// If the chain has ended.
    pub fn root_batch(&self, state: &State) -> Batch {
        let mut batch = Batch::default();
        batch.push(self.chain.steps()[state.level].level, &state.y);
        batch
    }

    /// Rolls out the next window: up to `L` draft steps, no network. `root` is the prediction at `state.y` where the
    /// state assumes nothing yet. For every draft but [`Draft::Independent`].
    ///
    /// # Panics
    /// If the chain has ended, or nothing is assumed and `root` is missing.
    pub fn propose(&self, state: &State, root: Option<Vec<f64>>) -> Window {
        let mut window = self.open(state, root);
        for j in 0..self.length(state) {
            let (assumed, y) = (&window.assumed[j.min(window.assumed.len() - 1)], &window.states[j]);
            let own = assumed.level == state.level + j;
            let w = if own && self.settings.draft == Draft::Secant {
                let moved = difference(y, &assumed.at);
                sum(&assumed.w, &expected_change(&window.secants, assumed.level, &moved))
            } else {
                assumed.w.clone()
            };
            self.extend(&mut window, &w, own);
        }
        window
    }

    /// Rolls out the next window of [`Draft::Independent`]: each step asks the target's drafter.
    ///
    /// # Errors
    /// The drafter's; [`TargetError::NoDrafter`] where there is none.
    ///
    /// # Panics
    /// If the chain has ended.
    pub async fn propose_by_drafter(&self, target: &impl Target, state: &State) -> Result<Window, TargetError> {
        let mut window = self.open(state, None);
        for step in &self.chain.steps()[state.level..][..self.length(state)] {
            let y = &window.states[window.means.len()];
            let mut batch = Batch::default();
            batch.push(step.level, y);
            let w = self.settings.quantity.freeze(step, y, &target.draft(&batch).await?);
            self.extend(&mut window, &w, false);
        }
        Ok(window)
    }

    /// A window without positions.
    fn open(&self, state: &State, root: Option<Vec<f64>>) -> Window {
        assert!(!self.is_done(state), "the chain has ended");
        let assumed = match &root {
            Some(x0hat) => {
                let w = self.settings.quantity.freeze(&self.chain.steps()[state.level], &state.y, x0hat);
                vec![Assumed { w, level: state.level, at: state.y.clone() }]
            }
            None => state.assumed.clone(),
        };
        Window {
            first: state.level,
            states: vec![state.y.clone()],
            means: Vec::new(),
            noises: Vec::new(),
            carried: Vec::new(),
            root,
            assumed,
            secants: state.secants.clone(),
            rounds: state.rounds,
        }
    }

    /// Appends a position whose draft takes `w` for granted; `own` where that was evaluated at the position's own level.
    fn extend(&self, window: &mut Window, w: &[f64], own: bool) {
        let level = window.first + window.means.len();
        let (step, y) = (&self.chain.steps()[level], &window.states[window.means.len()]);
        let mut mean = self.settings.quantity.mean(step, y, w);
        if mean.iter().any(|p| !p.is_finite()) {
            // what was assumed grew beyond all bounds, as a steep density's gradient can: assume no move
            mean.clone_from(y);
        }
        let (noise, draft) = if step.s == 0.0 {
            (Vec::new(), mean.clone())
        } else {
            let z = self.noise.normals(Purpose::Step, level, mean.len());
            let draft = mean.iter().zip(&z).map(|(p, z)| p + step.s * z).collect();
            (z, draft)
        };
        window.carried.push(own && window.root.is_none());
        window.means.push(mean);
        window.noises.push(noise);
        window.states.push(draft);
    }

    /// Tests a window against the target's predictions, position by position up to the first rejection, and commits.
    ///
    /// The round counts the calls and rows that a model without guidance needs for it.
    ///
    /// # Shapes
    /// `predictions` holds one estimate for each row of [`Window::batch`].
    ///
    /// # Errors
    /// [`TargetError::NotFinite`] where the window was verified up to a prediction that is not finite. Nothing is
    /// committed then.
    ///
    /// # Panics
    /// If there are fewer or more predictions.
    pub fn verify(&self, window: Window, predictions: &[f64]) -> Result<(State, Round), TargetError> {
        let Window { first, states, means, noises, carried, root, assumed: before, secants, rounds } = window;
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
            let target_mean = target_mean(step, &states[j], &prediction);
            if !ended {
                finite(level, &prediction)?;
                finite(level, &target_mean)?;
            }
            let mut position = Position {
                level,
                verdict: Verdict::Discarded,
                carried: carried[j],
                target_mean,
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
        let assumed = finite_part(assumed);
        let next = State {
            level: first + advance,
            rounds: rounds + 1,
            y: committed[advance - 1].clone(),
            secants: self.learn(secants, &before, &assumed, (length, advance)),
            assumed: self.keep(assumed, advance),
        };
        let draft_calls = if self.settings.draft == Draft::Independent { length } else { 0 };
        Ok((next, Round { first, calls, draft_calls, rows: length, positions, states: committed }))
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
                at: y.clone(),
            })
            .collect()
    }

    /// What the draft takes along after `advance` steps were committed. Row `advance` was evaluated at a state drafted
    /// from noise before its own level only, so keeping it obeys the causality rule; the last row serves when all was
    /// committed.
    fn keep(&self, mut assumed: Vec<Assumed>, advance: usize) -> Vec<Assumed> {
        let from = advance.min(assumed.len() - 1);
        match self.settings.draft {
            Draft::Independent | Draft::Frozen => Vec::new(),
            Draft::Prefetched => vec![assumed.swap_remove(from)],
            Draft::Carry | Draft::Secant => assumed.split_off(from),
        }
    }

    /// The secants to go on with: those known, and one for each level that was evaluated in this round and the last.
    /// Those that lie further behind than a window is long have nothing left to say.
    fn learn(
        &self,
        mut secants: Vec<Secant>,
        before: &[Assumed],
        now: &[Assumed],
        (length, advance): (usize, usize),
    ) -> Vec<Secant> {
        if self.settings.draft != Draft::Secant {
            return Vec::new();
        }
        let next = now[0].level + advance;
        secants.retain(|secant| secant.level + length >= next);
        secants.extend(before.iter().zip(now).filter(|(old, new)| old.level == new.level && old.at != new.at).map(
            |(old, new)| Secant {
                level: new.level,
                moved: difference(&new.at, &old.at),
                changed: difference(&new.w, &old.w),
            },
        ));
        nearest(secants, next)
    }

    /// One round: a call for the root where the draft needs it, the draft, the call that checks it, the tests.
    ///
    /// # Errors
    /// The target's.
    ///
    /// # Panics
    /// If the chain has ended, see [`Sampler::is_done`].
    pub async fn round(&self, target: &impl Target, state: &State) -> Result<(State, Round), TargetError> {
        let window = if self.settings.draft == Draft::Independent {
            self.propose_by_drafter(target, state).await?
        } else if state.assumed.is_empty() {
            let root = target.predict(&self.root_batch(state)).await?;
            self.propose(state, Some(root))
        } else {
            self.propose(state, None)
        };
        let batch = window.batch(&self.chain);
        let predictions = if batch.is_empty() { Vec::new() } else { target.predict(&batch).await? };
        let (next, mut round) = self.verify(window, &predictions)?;
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
        finite(level, &prediction)?;
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

/// What is assumed, up to the first row that was drafted so far out that its prediction is not finite.
fn finite_part(mut assumed: Vec<Assumed>) -> Vec<Assumed> {
    let count = assumed.iter().take_while(|assumed| assumed.w.iter().all(|w| w.is_finite())).count();
    // the first row was reached, so its prediction is finite; what is frozen of it may still have overflowed
    assumed.truncate(count.max(1));
    assumed
}

/// Refuses a prediction at a committed state that is not finite.
fn finite(level: usize, prediction: &[f64]) -> Result<(), TargetError> {
    if prediction.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(TargetError::NotFinite { level }) }
}

/// `a - b`.
fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// `a + b`.
fn sum(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}
