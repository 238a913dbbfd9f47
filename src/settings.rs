//! How to draft and how to test.

use core::fmt;
use core::str::FromStr;

use crate::draft::Draft;
#[cfg(feature = "mutants")]
use crate::mutants::{Mutant, PeakMutant};
use crate::name::NameError;
use crate::quantity::Quantity;

/// Longest window that can be asked for, and the longest that [`Length::Adaptive`] takes.
pub const MAX_WINDOW: usize = 256;

/// `L`: how many steps to draft a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Length {
    /// As many as this, 1 to [`MAX_WINDOW`].
    Fixed(usize),
    /// A fixed multiple of the steps that a round has committed so far, on average. Rows beyond the expected stop are
    /// not wasted on a draft that keeps predictions: they are what the next round starts from.
    Adaptive,
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

impl Length {
    /// Positions of the next window of a chain of `steps` steps, `level` of which were committed in `rounds` rounds.
    pub(crate) fn positions(self, steps: usize, level: usize, rounds: usize) -> usize {
        let length = match self {
            Self::Fixed(length) => length,
            Self::Adaptive => {
                let expected = MOST_EXPECTED.min(steps as f64 / EXPECTED_ROUNDS);
                let advance = (level as f64 + PRIOR_ROUNDS * expected) / (rounds as f64 + PRIOR_ROUNDS);
                (libm::ceil(AHEAD.0 * advance + AHEAD.1) as usize).clamp(MIN_ADAPTIVE, MAX_WINDOW)
            }
        };
        length.min(steps - level)
    }
}

impl FromStr for Length {
    type Err = NameError;

    /// "auto" or a number of steps; [`Sampler::new`](crate::Sampler::new) checks its size.
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

/// How drafts are tested.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// Step by step, by the reflection coupling ([`Coupled::reflect`](crate::coupling::Coupled::reflect)). Exact.
    Reflection,
    /// The whole window at once, by the peak of its path of log likelihood ratios (see [`peak`](crate::peak)). Exact, and
    /// on long chains with long windows fewer calls.
    Peak,
    /// **Not exact**: for tests, and to show what breaks.
    #[cfg(feature = "mutants")]
    Mutant(Mutant),
    /// **Not exact**: the peak test, wrongly.
    #[cfg(feature = "mutants")]
    PeakMutant(PeakMutant),
}

impl FromStr for Rule {
    type Err = NameError;

    /// The exact ones alone.
    fn from_str(name: &str) -> Result<Self, NameError> {
        let exact = [Self::Reflection, Self::Peak];
        let unknown = || NameError::new("rule", name, exact.map(Self::name));
        exact.into_iter().find(|rule| rule.name() == name).ok_or_else(unknown)
    }
}

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

impl Settings {
    /// The plain sampler as a special case: windows of one step whose root is asked for, so that every draft is the
    /// target's own and is accepted. One call a step.
    pub fn plain() -> Self {
        Self { draft: Draft::Frozen, window: Length::Fixed(1), ..Self::default() }
    }
}

impl Rule {
    /// Its name in settings and addresses; a mutant's is the same whatever its numbers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reflection => "reflection",
            Self::Peak => "peak",
            #[cfg(feature = "mutants")]
            Self::Mutant(_) => "mutant",
            #[cfg(feature = "mutants")]
            Self::PeakMutant(_) => "peak mutant",
        }
    }
}

/// A window length that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowError(pub(crate) usize);

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "window is {}: choose 1 to {MAX_WINDOW} steps", self.0)
    }
}

impl core::error::Error for WindowError {}
