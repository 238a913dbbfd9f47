//! What the next round needs, and nothing else; and its form as bytes, the same natively and in a browser.

use core::fmt;

use crate::draft::{Assumed, Memory, Secant};
use crate::noise::Purpose;
use crate::run::plan::Plan;

/// Everything the next round needs, and which run it is of: it resumes that run anywhere.
///
/// ```
/// use speculative_diffusion::{Ask, Chain, Sampler, Settings, State};
///
/// let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default())?;
/// let mut run = sampler.run(7, 16);
/// while let Ask::Estimate(ticket, batch) = run.ask() {
///     // stands for a model of yours
///     let estimates: Vec<f64> = batch.iter().flat_map(|(row, y)| y.iter().map(|y| row.level.alpha * y)).collect();
///     if let Some(round) = run.answer(ticket, &estimates)? {
///         // on a disk, in another process, in a browser: the run goes on from its bytes
///         let bytes = run.state().to_bytes();
///         run = sampler.resume(7, State::from_bytes(&bytes)?)?;
///     }
/// }
/// assert!(run.is_done());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "checkpoint")]
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Fingerprint of the plan that it belongs to.
    plan: u64,
    /// `n`: steps committed so far.
    pub(crate) level: usize,
    /// Rounds they took.
    pub(crate) rounds: usize,
    /// Rounds among them that ended in a rejection.
    pub(crate) stops: usize,
    /// `y_n`.
    pub(crate) y: Vec<f64>,
    /// The estimate that the last committed step was made with; empty before the first, and where no step remembers it.
    pub(crate) previous: Vec<f64>,
    /// What the draft knows of the model.
    pub(crate) memory: Memory,
    /// The noises of levels `n, n+1, ..` that a peak test has renewed; those of later levels are as addressed. Empty under
    /// the reflection.
    pub(crate) renewed: Vec<Vec<f64>>,
}

impl State {
    /// The state before the first round: `y_0` is normal around zero with the chain's deviation, in `dim` dimensions;
    /// nothing is assumed.
    pub(crate) fn start(plan: &Plan, dim: usize) -> Self {
        let mut y = plan.noise.normals(Purpose::Start, 0, dim);
        y.iter_mut().for_each(|y| *y *= plan.chain.start());
        Self::at(plan, y)
    }

    /// The state before the first round, from a first state that is given.
    pub(crate) fn at(plan: &Plan, y: Vec<f64>) -> Self {
        let (previous, memory, renewed) = (Vec::new(), Memory::default(), Vec::new());
        Self { plan: plan.fingerprint(), level: 0, rounds: 0, stops: 0, y, previous, memory, renewed }
    }

    /// Steps committed so far: the next one is number `level` of the chain.
    pub fn level(&self) -> usize {
        self.level
    }

    /// The last committed state; before the first round the chain's start, after the last the sample.
    pub fn y(&self) -> &[f64] {
        &self.y
    }

    /// Positions of the next window. It depends on the committed past alone.
    pub(crate) fn length(&self, plan: &Plan) -> usize {
        plan.settings.window.positions(plan.chain.len(), self.level, self.stops)
    }

    pub(crate) fn is_done(&self, plan: &Plan) -> bool {
        self.level == plan.chain.len()
    }

    /// Whether the plan's chain can be in it.
    pub(crate) fn check(&self, plan: &Plan) -> Result<(), StateError> {
        if self.plan != plan.fingerprint() {
            return Err(StateError::OtherRun);
        }
        let (dim, steps) = (self.y.len(), plan.chain.len());
        // what is assumed runs on without a gap but where the model is not asked, from the level itself or from an earlier one
        let levels: Vec<usize> = self.memory.assumed.iter().map(|assumed| assumed.level).collect();
        let known = levels.iter().chain(self.memory.secants.iter().map(|secant| &secant.level)).all(|&at| at < steps);
        let unasked = |from: usize, to: usize| (from..to.min(steps)).all(|level| !plan.chain.asks(level));
        let runs_on = levels.windows(2).all(|pair| pair[0] < pair[1] && unasked(pair[0] + 1, pair[1]));
        let runs_on = runs_on && levels.first().is_none_or(|&first| unasked(self.level, first));
        let assumed = self.memory.assumed.iter().flat_map(|assumed| [&assumed.w, &assumed.at]);
        let secants = self.memory.secants.iter().flat_map(|secant| [&secant.moved, &secant.changed]);
        let counted = self.stops <= self.rounds && self.rounds <= self.level && self.level <= steps;
        let fits = counted && known && runs_on && self.renewed.len() <= steps - self.level;
        let mut vectors = assumed.chain(secants).chain(&self.renewed);
        let known = self.level.checked_sub(1).filter(|&last| plan.chain.remembers() && plan.chain.asks(last));
        let known = known.map_or(0, |_| dim);
        let fits = fits && self.previous.len() == known;
        if fits && vectors.all(|vector| vector.len() == dim) { Ok(()) } else { Err(StateError::Damaged) }
    }
}

/// First word of every saved state; changes with the layout.
const LAYOUT: u64 = u64::from_le_bytes(*b"spdiff05");
/// That of a state that holds an earlier estimate.
const REMEMBERING: u64 = u64::from_le_bytes(*b"spdiff06");
/// Bytes of a word.
const WORD: usize = 8;

impl State {
    /// The state as bytes, for [`State::from_bytes`].
    ///
    /// Little-endian words of 64 bits: the layout, a fingerprint of chain, settings and noise, level, rounds, stops, numbers of dimensions, of
    /// assumed estimates and of secants, the levels of both, then as `f64` the state, in a chain of second order the estimate of
    /// the last step, each assumed estimate with the state it was made at, each secant's move and change, each renewed noise.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { plan, level, rounds, stops, y, previous, memory: Memory { assumed, secants }, renewed } = self;
        let counts = [*level, *rounds, *stops, y.len(), assumed.len(), secants.len(), renewed.len()];
        let levels = assumed.iter().map(|a| a.level).chain(secants.iter().map(|s| s.level));
        let pairs = assumed.iter().map(|a| [&a.w, &a.at]).chain(secants.iter().map(|s| [&s.moved, &s.changed]));
        let vectors = [y, previous].into_iter().chain(pairs.flatten()).chain(renewed);
        let numbers = vectors.flatten().map(|x| x.to_bits());
        let head = [if previous.is_empty() { LAYOUT } else { REMEMBERING }, *plan].into_iter();
        let words = head.chain(counts.into_iter().chain(levels).map(|count| count as u64)).chain(numbers);
        words.flat_map(u64::to_le_bytes).collect()
    }

    /// The state that was saved, for [`Sampler::resume`](crate::Sampler::resume), which checks whose it is.
    ///
    /// # Errors
    /// [`StateError::Version`] for bytes of another version, [`StateError::Damaged`] for damaged ones. No more memory is
    /// taken than the bytes themselves hold.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StateError> {
        let mut words = Words::new(bytes)?;
        let remembering = match words.next()? {
            LAYOUT => false,
            REMEMBERING => true,
            _ => return Err(StateError::Version),
        };
        let plan = words.next()?;
        let (level, rounds, stops) = (words.count()?, words.count()?, words.count()?);
        let (dim, assumed, secants) = (words.count()?, words.count()?, words.count()?);
        let renewed = words.count()?;
        let states = 1 + usize::from(remembering);
        let vectors =
            assumed.checked_add(secants).and_then(|n| n.checked_mul(2)).and_then(|n| n.checked_add(states + renewed));
        let due = vectors.and_then(|n| n.checked_mul(dim)).and_then(|n| n.checked_add(assumed + secants));
        if due != Some(words.left()) || (dim == 0 && renewed > 0) {
            return Err(StateError::Damaged);
        }
        let mut levels = (0..assumed + secants).map(|_| words.count()).collect::<Result<Vec<_>, _>>()?;
        let secant_levels = levels.split_off(assumed);
        let y = words.vector(dim)?;
        let previous = if remembering { words.vector(dim)? } else { Vec::new() };
        let assumed = levels
            .into_iter()
            .map(|level| Ok(Assumed { level, w: words.vector(dim)?, at: words.vector(dim)? }))
            .collect::<Result<_, _>>()?;
        let secants = secant_levels
            .into_iter()
            .map(|level| Ok(Secant { level, moved: words.vector(dim)?, changed: words.vector(dim)? }))
            .collect::<Result<_, _>>()?;
        let renewed = (0..renewed).map(|_| words.vector(dim)).collect::<Result<_, _>>()?;
        Ok(Self { plan, level, rounds, stops, y, previous, memory: Memory { assumed, secants }, renewed })
    }
}

/// The parts of a state, for tests that make wrong ones.
#[cfg(feature = "mutants")]
#[derive(Debug)]
pub struct Parts<'a> {
    /// See [`State`].
    pub level: &'a mut usize,
    /// See [`State`].
    pub rounds: &'a mut usize,
    /// See [`State`].
    pub stops: &'a mut usize,
    /// See [`State`].
    pub previous: &'a mut Vec<f64>,
    /// See [`State`].
    pub memory: &'a mut Memory,
    /// See [`State`].
    pub renewed: &'a mut Vec<Vec<f64>>,
}

#[cfg(feature = "mutants")]
impl State {
    /// What can be tampered with.
    #[doc(hidden)]
    pub fn parts(&mut self) -> Parts<'_> {
        let Self { level, rounds, stops, previous, memory, renewed, .. } = self;
        Parts { level, rounds, stops, previous, memory, renewed }
    }
}

/// Bytes, word by word.
struct Words<'a>(core::slice::ChunksExact<'a, u8>);

impl<'a> Words<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, StateError> {
        let words = bytes.chunks_exact(WORD);
        if words.remainder().is_empty() { Ok(Self(words)) } else { Err(StateError::Damaged) }
    }

    fn left(&self) -> usize {
        self.0.len()
    }

    fn next(&mut self) -> Result<u64, StateError> {
        let word = self.0.next().ok_or(StateError::Damaged)?;
        Ok(word.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn count(&mut self) -> Result<usize, StateError> {
        usize::try_from(self.next()?).ok().filter(|&count| count < usize::MAX / 16).ok_or(StateError::Damaged)
    }

    fn vector(&mut self, dim: usize) -> Result<Vec<f64>, StateError> {
        (0..dim).map(|_| self.next().map(f64::from_bits)).collect()
    }
}

/// Why a saved state cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateError {
    /// It is not one of this version.
    Version,
    /// It belongs to a run of another chain, other settings or another seed.
    OtherRun,
    /// It was cut short or altered.
    Damaged,
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the saved state cannot be used: ")?;
        f.write_str(match self {
            Self::Version => "it is not one of this version",
            Self::OtherRun => "it belongs to a run with another chain, other settings or another seed",
            Self::Damaged => "it was cut short or damaged",
        })
    }
}

impl core::error::Error for StateError {}
