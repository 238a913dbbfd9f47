//! What a draft step assumes about the model instead of asking it: one file for each kind of draft.
//!
//! The rule for any draft: the mean of step `k` may depend on the committed past and on noise before `k`, never on the
//! noise of step `k` or a later one.

mod carry;
mod corrected;
mod frozen;
mod independent;
mod memory;
mod prefetched;
mod secant;
mod secants;

use core::str::FromStr;

use self::memory::Drafting;
pub use self::memory::{Assumed, Memory};
pub(crate) use self::memory::{Evaluated, Learnt, Place, Recalled};
pub use self::secants::Secant;
use crate::name::NameError;

/// Where a window's assumed predictions come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Draft {
    /// A smaller model of its own, asked at every step: a sequence of cheap calls ([`Target::draft`](crate::Target::draft)).
    Independent,
    /// As [`Draft::Independent`], and what the smaller model gets wrong is estimated from earlier calls, kept predictions and
    /// secants as [`Draft::Secant`] has them: the smaller model is a control variate. The fewest sequential calls of the
    /// model, at the price of the drafter's own.
    Corrected,
    /// One prediction for the whole window, evaluated at its first state: a call of its own each round (the paper's
    /// draft).
    Frozen,
    /// One prediction for the whole window, taken from the row of the last call right behind the last committed step:
    /// no call of its own.
    Prefetched,
    /// Each position keeps the prediction that the last call made for its own level, at the state drafted then. The
    /// states move a little after a rejection, the predictions less: a rolling fixed-point iteration.
    Carry,
    /// As [`Draft::Carry`], and each kept prediction moves along with its state: what the move changes is estimated from
    /// secants of earlier calls.
    Secant,
}

impl Draft {
    /// All of them. On long chains of an image model each saves more calls than the next; on coarse chains, where windows
    /// reach from end to end, [`Draft::Prefetched`] can need the fewest.
    pub const ALL: [Self; 6] =
        [Self::Secant, Self::Carry, Self::Prefetched, Self::Frozen, Self::Independent, Self::Corrected];

    /// Its name in settings, tables and addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Corrected => "corrected",
            Self::Frozen => "frozen",
            Self::Prefetched => "prefetched",
            Self::Carry => "carry",
            Self::Secant => "secant",
        }
    }

    /// Whether it needs [`Target::draft`](crate::Target::draft), a smaller model beside the model.
    pub fn asks_a_drafter(self) -> bool {
        self.kind().asks_a_drafter()
    }

    /// How it drafts.
    pub(crate) fn kind(self) -> &'static dyn Drafting {
        match self {
            Self::Independent => &independent::Independent,
            Self::Corrected => &corrected::Corrected,
            Self::Frozen => &frozen::Frozen,
            Self::Prefetched => &prefetched::Prefetched,
            Self::Carry => &carry::Carry,
            Self::Secant => &secant::Secant,
        }
    }
}

impl core::fmt::Display for Draft {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Draft {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let unknown = || NameError::new("draft", name, Self::ALL.map(Self::name));
        Self::ALL.into_iter().find(|draft| draft.name() == name).ok_or_else(unknown)
    }
}
