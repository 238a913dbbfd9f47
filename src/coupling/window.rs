//! What a test is given of a window, and what it makes of it; and the test that looks at one position after the other.

use super::reflection::{Coupled, Verdict};
use crate::noise::Noise;

/// A window as it was drafted, up to the first position whose target mean is not finite.
#[derive(Clone, Copy)]
pub(crate) struct Window<'a> {
    /// Where the test draws its numbers.
    pub(crate) noise: Noise,
    /// Level of the first position.
    pub(crate) first: usize,
    /// Rounds before this one. A level is drafted in several, and some tests need other numbers each time.
    pub(crate) round: usize,
    /// One at least.
    pub(crate) positions: &'a [Position<'a>],
}

/// A drafted step. Where it has no noise, `coupled.s` is 0.
#[derive(Clone, Copy)]
pub(crate) struct Position<'a> {
    pub(crate) draft: &'a [f64],
    pub(crate) coupled: Coupled<'a>,
}

/// What a test makes of a window.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// Of the positions that are committed, one at least.
    pub(crate) verdicts: Vec<Verdict>,
    /// The states that are committed: the drafts, but for the last one if it was not accepted.
    pub(crate) states: Vec<Vec<f64>>,
    /// Noises to draft the next levels with, in the place of those that the test has looked at.
    pub(crate) renewed: Vec<Vec<f64>>,
    /// Position from which on noises that were renewed earlier are still to come, after those above.
    pub(crate) still_renewed: usize,
}

impl Judged {
    /// Commits the next position.
    pub(super) fn push(&mut self, verdict: Verdict, state: Vec<f64>) {
        self.verdicts.push(verdict);
        self.states.push(state);
        self.still_renewed = self.states.len();
    }

    /// Commits a step without noise: its target mean is the only right value.
    pub(super) fn push_deterministic(&mut self, position: &Position) {
        self.push(Verdict::Deterministic, position.coupled.target_mean.to_vec());
    }
}

/// Tests each position by itself, up to the first that is not accepted. `test` is given the position's level, and the draft to
/// overwrite.
pub(crate) fn step_by_step(window: &Window, test: impl Fn(usize, &Coupled, &mut [f64]) -> Verdict) -> Judged {
    let mut judged = Judged::default();
    for (level, position) in (window.first..).zip(window.positions) {
        if position.coupled.s == 0.0 {
            judged.push_deterministic(position);
            break;
        }
        let coupled = Coupled { ln_u: window.noise.ln_uniform(level), ..position.coupled };
        let mut state = position.draft.to_vec();
        let verdict = test(level, &coupled, &mut state);
        judged.push(verdict, state);
        if !verdict.is_accepted() {
            break;
        }
    }
    judged
}
