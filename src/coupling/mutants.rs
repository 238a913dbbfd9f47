//! Tests that are **not exact**. They exist to show what breaks, and to prove that the law tests would see it.

use crate::coupling::reflection::{Coupled, Decided, Verdict};

/// A wrong rule.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Mutant {
    /// On rejection draw from the target again, as if the rejection carried no information.
    Redraw,
    /// On rejection add the draft's noise to the target mean, unreflected.
    KeepNoise,
    /// On rejection remove the noise along the gap instead of reversing it.
    HalfReflection,
    /// Forget `|D|^2 / 2` in the ratio.
    WrongRatio,
    /// Accept more willingly, by `exp(c)`.
    Lenient(f64),
    /// Accept everything.
    AcceptAll,
}

impl Mutant {
    /// As [`Coupled::reflect`], wrongly. `redraw` supplies fresh normals to [`Mutant::Redraw`] alone.
    pub fn test(self, coupled: &Coupled, state: &mut [f64], redraw: impl FnOnce() -> Vec<f64>) -> Verdict {
        let (gap, ln_u) = (coupled.gap(), coupled.ln_u);
        let accepted = match self {
            Self::Redraw | Self::KeepNoise | Self::HalfReflection => ln_u <= gap.ln_ratio,
            // there is no noise along a gap that is none
            Self::WrongRatio => gap.size == 0.0 || ln_u <= -gap.size * gap.noise,
            Self::Lenient(c) => ln_u <= gap.ln_ratio + c,
            Self::AcceptAll => true,
        };
        if accepted {
            return Verdict::Accepted(gap.kept(Decided::Uniform { ln_u }));
        }
        let residual = match self {
            Self::Redraw => coupled.replace(&gap, &redraw(), 0.0, state),
            Self::KeepNoise => coupled.replace(&gap, coupled.normals, 0.0, state),
            Self::HalfReflection => coupled.replace(&gap, coupled.normals, gap.noise, state),
            Self::WrongRatio | Self::Lenient(_) | Self::AcceptAll => {
                coupled.replace(&gap, coupled.normals, 2.0 * gap.noise, state)
            }
        };
        Verdict::Rejected(gap.replaced(Decided::Uniform { ln_u }, residual))
    }
}

/// A wrong peak test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeakMutant {
    /// Behind the stop the noises stay as they are, although the test has looked at them.
    ComponentKept,
    /// The path is looked at between its steps only, not within them.
    NoBridge,
    /// Behind its peak the path falls as it would under the draft.
    DraftBehindPeak,
    /// The step of the peak is redrawn from the target's mean with the draft's own noise.
    OwnNoise,
    /// Nothing is expected behind the window.
    NothingBeyond,
    /// The same draws in every round.
    SameDraws,
    /// A deterministic step is committed behind a rejected one too.
    DeterministicBehind,
    /// As [`Rule::Auto`](crate::Rule::Auto), but a window tested by the reflection forgets the noises renewed before it.
    Forgotten,
}

impl PeakMutant {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::ComponentKept,
        Self::NoBridge,
        Self::DraftBehindPeak,
        Self::OwnNoise,
        Self::NothingBeyond,
        Self::SameDraws,
        Self::DeterministicBehind,
        Self::Forgotten,
    ];
}
