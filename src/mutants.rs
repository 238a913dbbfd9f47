//! Tests that are **not exact**. They exist to show what breaks, and to prove that the law tests would see it.

use crate::coupling::{Coupled, Verdict};

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
            return Verdict::Accepted(gap.kept(ln_u));
        }
        let residual = match self {
            Self::Redraw => coupled.replace(&gap, &redraw(), 0.0, state),
            Self::KeepNoise => coupled.replace(&gap, coupled.normals, 0.0, state),
            Self::HalfReflection => coupled.replace(&gap, coupled.normals, gap.noise, state),
            Self::WrongRatio | Self::Lenient(_) | Self::AcceptAll => {
                coupled.replace(&gap, coupled.normals, 2.0 * gap.noise, state)
            }
        };
        Verdict::Rejected(gap.replaced(ln_u, residual))
    }
}
