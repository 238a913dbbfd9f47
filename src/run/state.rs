//! What the next round needs, and nothing else; and its form as bytes, the same natively and in a browser.

use core::fmt;

use crate::draft::{Assumed, Memory, Secant};
use crate::noise::Purpose;
use crate::run::sampler::Sampler;

/// Everything the next round needs. With the sampler's own settings and seed it resumes a run anywhere.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// `n`: steps committed so far.
    pub level: usize,
    /// Rounds they took.
    pub rounds: usize,
    /// Rounds among them that ended in a rejection.
    pub stops: usize,
    /// `y_n`.
    pub y: Vec<f64>,
    /// What the draft knows of the model.
    pub memory: Memory,
    /// The noises of levels `n, n+1, ..` that a peak test has renewed; those of later levels are as addressed. Empty under
    /// the reflection.
    pub renewed: Vec<Vec<f64>>,
}

impl State {
    /// Whether the sampler's chain can be in it.
    pub(crate) fn check(&self, sampler: &Sampler) -> Result<(), StateError> {
        let (dim, steps) = (self.y.len(), sampler.chain().len());
        // what is assumed runs on without a gap, from the level itself or from one that lies behind it
        let levels: Vec<usize> = self.memory.assumed.iter().map(|assumed| assumed.level).collect();
        let known = levels.iter().chain(self.memory.secants.iter().map(|secant| &secant.level)).all(|&at| at < steps);
        let runs_on = levels.windows(2).all(|pair| pair[1] == pair[0] + 1) && levels.first() <= Some(&self.level);
        let assumed = self.memory.assumed.iter().flat_map(|assumed| [&assumed.w, &assumed.at]);
        let secants = self.memory.secants.iter().flat_map(|secant| [&secant.moved, &secant.changed]);
        let counted = self.stops <= self.rounds && self.rounds <= self.level && self.level <= steps;
        let fits = counted && known && runs_on && self.renewed.len() <= steps - self.level;
        let mut vectors = assumed.chain(secants).chain(&self.renewed);
        if fits && vectors.all(|vector| vector.len() == dim) { Ok(()) } else { Err(StateError::Damaged) }
    }
}

impl Sampler {
    /// The state before the first round: `y_0` is normal around zero with the chain's deviation, in `dim` dimensions;
    /// nothing is assumed.
    pub fn start(&self, dim: usize) -> State {
        let mut y = self.noise().normals(Purpose::Start, 0, dim);
        y.iter_mut().for_each(|y| *y *= self.chain().start());
        State { level: 0, rounds: 0, stops: 0, y, memory: Memory::default(), renewed: Vec::new() }
    }

    /// Positions of the next window. It depends on the committed past alone.
    pub fn length(&self, state: &State) -> usize {
        self.settings().window.positions(self.chain().len(), state.level, state.stops)
    }

    /// Whether the chain has ended.
    pub fn is_done(&self, state: &State) -> bool {
        state.level == self.chain().len()
    }
}

/// First word of every saved state; changes with the layout.
const LAYOUT: u64 = u64::from_le_bytes(*b"spdiff05");
/// Bytes of a word.
const WORD: usize = 8;

impl State {
    /// The state as bytes, for [`State::from_bytes`].
    ///
    /// Little-endian words of 64 bits: the layout, the sampler's fingerprint, level, rounds, stops, numbers of dimensions, of
    /// assumed predictions and of secants, the levels of both, then as `f64` the state, each assumed prediction with the
    /// state it was made at, each secant's move and change, each renewed noise.
    pub fn to_bytes(&self, sampler: &Sampler) -> Vec<u8> {
        let Self { level, rounds, stops, y, memory: Memory { assumed, secants }, renewed } = self;
        let counts = [*level, *rounds, *stops, y.len(), assumed.len(), secants.len(), renewed.len()];
        let levels = assumed.iter().map(|a| a.level).chain(secants.iter().map(|s| s.level));
        let pairs = assumed.iter().map(|a| [&a.w, &a.at]).chain(secants.iter().map(|s| [&s.moved, &s.changed]));
        let vectors = [y].into_iter().chain(pairs.flatten()).chain(renewed);
        let numbers = vectors.flatten().map(|x| x.to_bits());
        let head = [LAYOUT, sampler.fingerprint()].into_iter();
        let words = head.chain(counts.into_iter().chain(levels).map(|count| count as u64)).chain(numbers);
        words.flat_map(u64::to_le_bytes).collect()
    }

    /// The state that was saved, to go on with under the same sampler.
    ///
    /// # Errors
    /// [`StateError`] for bytes of another version, of a run with another chain, settings or seed, or damaged ones. No
    /// more memory is taken than the bytes themselves hold.
    pub fn from_bytes(bytes: &[u8], sampler: &Sampler) -> Result<Self, StateError> {
        let mut words = Words::new(bytes)?;
        if words.next()? != LAYOUT {
            return Err(StateError::Version);
        }
        if words.next()? != sampler.fingerprint() {
            return Err(StateError::OtherRun);
        }
        let (level, rounds, stops) = (words.count()?, words.count()?, words.count()?);
        let (dim, assumed, secants) = (words.count()?, words.count()?, words.count()?);
        let renewed = words.count()?;
        let vectors =
            assumed.checked_add(secants).and_then(|n| n.checked_mul(2)).and_then(|n| n.checked_add(1 + renewed));
        let due = vectors.and_then(|n| n.checked_mul(dim)).and_then(|n| n.checked_add(assumed + secants));
        if due != Some(words.left()) {
            return Err(StateError::Damaged);
        }
        let mut levels = (0..assumed + secants).map(|_| words.count()).collect::<Result<Vec<_>, _>>()?;
        let secant_levels = levels.split_off(assumed);
        let y = words.vector(dim)?;
        let assumed = levels
            .into_iter()
            .map(|level| Ok(Assumed { level, w: words.vector(dim)?, at: words.vector(dim)? }))
            .collect::<Result<_, _>>()?;
        let secants = secant_levels
            .into_iter()
            .map(|level| Ok(Secant { level, moved: words.vector(dim)?, changed: words.vector(dim)? }))
            .collect::<Result<_, _>>()?;
        let renewed = (0..renewed).map(|_| words.vector(dim)).collect::<Result<_, _>>()?;
        let state = Self { level, rounds, stops, y, memory: Memory { assumed, secants }, renewed };
        state.check(sampler)?;
        Ok(state)
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
    /// It belongs to a run with another chain, other settings or another seed.
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
