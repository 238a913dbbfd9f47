//! How to draft and how to test.

use core::str::FromStr;

#[cfg(feature = "mutants")]
use crate::coupling::mutants::{Mutant, PeakMutant};
use crate::draft::Draft;
use crate::name::NameError;
use crate::run::length::Length;

/// How drafts are tested.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// Step by step, by the reflection coupling ([`Coupled::reflect`](crate::coupling::reflection::Coupled::reflect)). Exact.
    Reflection,
    /// The whole window at once, by the peak of its path of log likelihood ratios (see [`peak`](crate::coupling::peak)). Exact, and
    /// on long chains with long windows fewer calls.
    Peak,
    /// The peak test for long windows, the reflection for short ones: whichever saves more calls. Exact, as each is.
    Auto,
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
        let exact = [Self::Reflection, Self::Peak, Self::Auto];
        let unknown = || NameError::new("rule", name, exact.map(Self::name));
        exact.into_iter().find(|rule| rule.name() == name).ok_or_else(unknown)
    }
}

/// How to draft and test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Where the window's assumed estimates come from.
    pub draft: Draft,
    /// `L`: steps drafted a round.
    pub window: Length,
    /// How drafts are tested.
    pub rule: Rule,
}

impl Default for Settings {
    /// The secant draft, as many steps a window as pay where a row is cheap, and the test that saves
    /// more calls.
    fn default() -> Self {
        Self { draft: Draft::Secant, window: Length::default(), rule: Rule::Auto }
    }
}

impl Settings {
    /// The plain sampler as a special case: windows of one step whose root is asked for, so that every draft is the
    /// target's own and is accepted. One call a step.
    pub fn plain() -> Self {
        Self { draft: Draft::Frozen, window: Length::Fixed(1), ..Self::default() }
    }
}

/// Shortest window that [`Rule::Auto`] tests by its peak: a window's end costs that test more, a stop within it less. On the
/// faces network both need as many calls with windows of 8; from 12 on the peak test needs fewer.
const PEAK_FROM: usize = 12;

impl Rule {
    /// The test of a window of so many positions. It depends on what the length depends on: the committed past.
    pub(crate) fn of_window(self, positions: usize) -> Self {
        match self {
            Self::Auto if positions < PEAK_FROM => Self::Reflection,
            Self::Auto => Self::Peak,
            #[cfg(feature = "mutants")]
            Self::PeakMutant(PeakMutant::Forgotten) if positions < PEAK_FROM => Self::Reflection,
            rule => rule,
        }
    }

    /// Its name in settings and addresses; a mutant's is the same whatever its numbers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reflection => "reflection",
            Self::Peak => "peak",
            Self::Auto => "auto",
            #[cfg(feature = "mutants")]
            Self::Mutant(_) => "mutant",
            #[cfg(feature = "mutants")]
            Self::PeakMutant(_) => "peak mutant",
        }
    }
}
