//! Tests that are **not exact**. They exist to show what breaks, and to prove that the law tests would see it.

use super::peak::{self, PEAK_FROM, Path};
use super::reflection::{Coupled, Decided, Verdict};
use super::window::{Judged, Window, step_by_step};
use crate::noise::Purpose;

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
    /// All of them, of which one is lenient by `c`.
    pub const fn all(c: f64) -> [Self; 6] {
        [Self::Redraw, Self::KeepNoise, Self::HalfReflection, Self::WrongRatio, Self::Lenient(c), Self::AcceptAll]
    }

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

    pub(super) fn judge(self, window: &Window) -> Judged {
        step_by_step(window, |level, coupled, state| {
            self.test(coupled, state, || window.noise.normals(Purpose::Redraw, level, coupled.normals.len()))
        })
    }
}

/// A wrong peak test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeakMutant {
    /// After the stop the noises stay as they are, although the test has looked at them.
    ComponentKept,
    /// The path is looked at between its steps only, not within them.
    NoBridge,
    /// After its peak the path falls as it would under the draft.
    DraftAfterPeak,
    /// The step of the peak is redrawn from the target's mean with the draft's own noise.
    OwnNoise,
    /// Nothing is expected after the window.
    NothingBeyond,
    /// The same draws in every round.
    SameDraws,
    /// A deterministic step is committed after a rejected one too.
    DeterministicAfter,
    /// As [`Rule::Auto`](crate::Rule::Auto), but a window tested by the reflection forgets the noises renewed before it.
    Forgotten,
}

impl PeakMutant {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::ComponentKept,
        Self::NoBridge,
        Self::DraftAfterPeak,
        Self::OwnNoise,
        Self::NothingBeyond,
        Self::SameDraws,
        Self::DeterministicAfter,
        Self::Forgotten,
    ];

    pub(super) fn judge(self, length: usize, window: &Window) -> Judged {
        let right = peak::judge(window);
        let stop = right.verdicts.len() - 1;
        let stopped = right.verdicts[stop].is_rejected();
        match self {
            Self::SameDraws => peak::judge(&Window { round: 0, ..*window }),
            Self::NoBridge => {
                let mut path = Path::of(window);
                path.tops = path.steps.iter().map(|step| step.ends.0.max(step.ends.1)).collect();
                path.judge()
            }
            Self::NothingBeyond => {
                let mut path = Path::of(window);
                path.beyond = path.steps.last().map_or(0.0, |step| step.ends.1);
                path.judge()
            }
            Self::Forgotten if length < PEAK_FROM => {
                let judged = step_by_step(window, |_, coupled, state| coupled.reflect(state));
                Judged { still_renewed: usize::MAX, ..judged }
            }
            Self::ComponentKept if stopped => {
                let after = window.positions[stop + 1..].iter().take(right.renewed.len());
                let renewed = after.map(|position| position.coupled.normals.to_vec()).collect();
                Judged { renewed, ..right }
            }
            Self::DraftAfterPeak if stopped => {
                let path = Path::of(window);
                let (left, normal) = path.rest(stop);
                right.ending(path.ending(stop, path.tops[stop] - 0.5 * left + libm::sqrt(left) * normal))
            }
            Self::OwnNoise if stopped => {
                let coupled = &window.positions[stop].coupled;
                let (gap, by) = (coupled.gap(), Decided::Peak { top: Path::of(window).tops[stop] });
                let noise = coupled.normals.iter();
                let state = coupled.target_mean.iter().zip(noise).map(|(q, z)| q + coupled.s * z).collect();
                right.ending((Verdict::Rejected(gap.replaced(by, gap.noise)), state))
            }
            Self::DeterministicAfter if stopped => {
                let mut judged = right;
                if let Some(next) = window.positions.get(stop + 1).filter(|next| next.coupled.s == 0.0) {
                    judged.push_deterministic(next);
                }
                judged
            }
            _ => right,
        }
    }
}

impl Judged {
    /// The same, but for what is committed of its last position.
    fn ending(mut self, (verdict, state): (Verdict, Vec<f64>)) -> Self {
        self.verdicts.pop();
        self.states.pop();
        let still_renewed = self.still_renewed;
        self.push(verdict, state);
        Self { still_renewed, ..self }
    }
}
