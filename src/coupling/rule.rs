//! Which test judges a window.

#[cfg(feature = "mutants")]
use super::mutants::{Mutant, PeakMutant};
use super::peak::{self, PEAK_FROM};
use super::window::{Judged, Window, step_by_step};
use crate::name::named;

/// Which test decides over drafts.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// Step by step, by the reflection coupling ([`Coupled::reflect`](crate::coupling::Coupled::reflect)). Exact.
    Reflection,
    /// The whole window at once, by the peak of its path of log likelihood ratios. Exact, and on long chains with long
    /// windows fewer calls.
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

impl Rule {
    /// Judges a window of which `length` positions were drafted. The choice of the test depends on what that length depends
    /// on: the committed past.
    pub(crate) fn judge(self, length: usize, window: &Window) -> Judged {
        match self {
            Self::Reflection => step_by_step(window, |_, coupled, state| coupled.reflect(state)),
            Self::Auto if length < PEAK_FROM => Self::Reflection.judge(length, window),
            Self::Peak | Self::Auto => peak::judge(window),
            #[cfg(feature = "mutants")]
            Self::Mutant(mutant) => mutant.judge(window),
            #[cfg(feature = "mutants")]
            Self::PeakMutant(mutant) => mutant.judge(length, window),
        }
    }
}

named! {
    /// The exact ones.
    "rule", Rule:
    Reflection = "reflection",
    Peak = "peak",
    Auto = "auto";
    #[cfg(feature = "mutants")]
    Self::Mutant(_) => "mutant",
    #[cfg(feature = "mutants")]
    Self::PeakMutant(_) => "peak mutant"
}
