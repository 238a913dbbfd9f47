//! What a draft step assumes about the model instead of asking it: a file for each kind of draft.
//!
//! The rule for any draft: the mean of step `k` may depend on the committed past and on noise before `k`, never on the
//! noise of step `k` or a later one.

mod carry;
mod drafter;
mod frozen;
mod frozen_drift;
mod memory;
mod prefetched;
mod secant;
pub(crate) mod secants;

use self::drafter::Drafter;
use self::memory::Drafting;
pub use self::memory::{Assumed, Memory};
pub(crate) use self::memory::{Evaluated, Learnt, Place, Recalled, difference};
pub use self::secants::Secant;
use crate::name::named;

/// Where a window's assumed estimates come from.
///
/// ```
/// use speculative_diffusion::{Draft, Settings};
///
/// let draft: Draft = "carry".parse()?;
/// assert_eq!(Settings::default().draft(draft).draft.to_string(), "carry");
/// assert!("magic".parse::<Draft>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Draft {
    /// As [`Draft::Carry`], and each kept estimate moves along with its state: the change is predicted from secants of
    /// earlier calls.
    Secant,
    /// Each position keeps the estimate that the last call made for its own level, at the state drafted then. The
    /// states move a little after a rejection, the estimates less: a rolling fixed-point iteration.
    Carry,
    /// One estimate for the whole window, taken from the row of the last call right after the last committed step:
    /// no call of its own.
    Prefetched,
    /// One estimate for the whole window, evaluated at its first state: a call of its own each round.
    Frozen,
    /// The drift of the first step for the whole window, evaluated at its first state: the paper's draft, read literally. A
    /// call of its own each round.
    FrozenDrift,
    /// A smaller model of its own, asked at every step: a sequence of cheap calls ([`Target::draft`](crate::Target::draft)).
    Independent,
    /// As [`Draft::Independent`], and the smaller model's errors are predicted from earlier calls as [`Draft::Secant`] predicts
    /// estimates. The fewest sequential calls of the model, at the price of the drafter's own.
    Corrected,
}

impl Draft {
    /// Whether it needs [`Target::draft`](crate::Target::draft), a smaller model beside the model.
    pub fn asks_a_drafter(self) -> bool {
        self.kind().asks_a_drafter()
    }

    /// How it drafts.
    pub(crate) fn kind(self) -> &'static dyn Drafting {
        match self {
            Self::Secant => &secant::Secant,
            Self::Carry => &carry::Carry,
            Self::Prefetched => &prefetched::Prefetched,
            Self::Frozen => &frozen::Frozen,
            Self::FrozenDrift => &frozen_drift::FrozenDrift,
            Self::Independent => &Drafter::Independent,
            Self::Corrected => &Drafter::Corrected,
        }
    }
}

named! {
    /// All of them. On long chains of an image model each of the first four saves more calls than the next; on coarse chains,
    /// where windows reach from end to end, [`Draft::Prefetched`] can need the fewest.
    "draft", Draft:
    Secant = "secant",
    Carry = "carry",
    Prefetched = "prefetched",
    Frozen = "frozen",
    FrozenDrift = "frozen-drift",
    Independent = "independent",
    Corrected = "corrected"
}
