//! What a draft keeps from one round to the next, what follows from it for a window, and what a kind of draft decides.

use super::secants::{Multisecant, Secant};
use crate::chain::Step;

/// An estimate that is assumed, of the model or of the drafter's error.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumed {
    /// The estimate.
    pub w: Vec<f64>,
    /// Level it was evaluated at.
    pub level: usize,
    /// State it was evaluated at.
    pub at: Vec<f64>,
}

/// What a draft knows of the model from earlier rounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// What is assumed of the model at levels `n, n+1, ..`, but for those where it is not asked; the last entry serves all later
    /// levels. Empty when the
    /// window needs a call for its root first, or has nothing but its drafter. With a drafter all is less the drafter's
    /// estimates at the same states.
    pub assumed: Vec<Assumed>,
    /// How estimates changed with their states, oldest round first; empty for drafts without.
    pub secants: Vec<Secant>,
}

/// A position of a window that is drafted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// The position's level.
    pub(crate) level: usize,
    /// The state drafted there.
    pub(crate) y: &'a [f64],
}

/// What a draft assumes of one position.
#[derive(Clone, Debug)]
pub(crate) struct Recalled {
    pub(crate) w: Vec<f64>,
    /// Whether it was evaluated at the position's own level, not at a neighbour's.
    pub(crate) own: bool,
}

impl Memory {
    /// What is assumed of the position's own level, moved along with its state by the secants; or of the last level of which
    /// anything is. Nothing where the memory is empty.
    ///
    /// `secants` are those of this memory, made ready once for the whole window.
    pub(crate) fn recall(&self, secants: &Multisecant, place: Place) -> Option<Recalled> {
        let known = self.assumed.partition_point(|assumed| assumed.level <= place.level);
        let assumed = self.assumed[..known].last().or(self.assumed.first())?;
        let own = assumed.level == place.level;
        let w = if own && !self.secants.is_empty() {
            let moved = difference(place.y, &assumed.at);
            let mut w = secants.expected_change(&self.secants, place.level, moved);
            w.iter_mut().zip(&assumed.w).for_each(|(change, w)| *change += w);
            w
        } else {
            assumed.w.clone()
        };
        Some(Recalled { w, own })
    }
}

/// `a - b`.
pub(crate) fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// A row of a round that was verified: the model's estimate, less the drafter's if there is one.
#[derive(Debug)]
pub(crate) struct Evaluated<'a> {
    pub(crate) w: Vec<f64>,
    pub(crate) level: usize,
    pub(crate) at: &'a [f64],
}

/// One round that was verified.
#[derive(Debug)]
pub(crate) struct Learnt<'a> {
    /// What the window was drafted from.
    pub(crate) memory: Memory,
    /// Its rows, up to the first that is not finite; one at least.
    pub(crate) evaluated: Vec<Evaluated<'a>>,
    /// Positions of the window.
    pub(crate) length: usize,
    /// Level of the next window's first position.
    pub(crate) next: usize,
}

impl Learnt<'_> {
    /// The rows after the stop. The row of level `next` was evaluated at a state drafted from noise before its own level only, so
    /// keeping it obeys the rule; the last row serves when all was committed.
    pub(super) fn after_the_stop(self) -> Vec<Assumed> {
        let committed = self.evaluated.partition_point(|row| row.level < self.next);
        let stop = committed.min(self.evaluated.len() - 1);
        let kept = self.evaluated.into_iter().skip(stop);
        kept.map(|Evaluated { w, level, at }| Assumed { w, level, at: at.to_vec() }).collect()
    }
}

/// A kind of draft.
pub(crate) trait Drafting {
    /// Whether each step asks a model that drafts.
    fn asks_a_drafter(&self) -> bool {
        false
    }

    /// What a window assumes throughout, from the estimate at its first state.
    fn freeze(&self, _step: &Step, _y: &[f64], estimate: Vec<f64>, _previous: &[f64]) -> Vec<f64> {
        estimate
    }

    /// The mean of a draft, in the place of what is assumed there; `previous` is what was assumed or is known of the step before.
    fn replace_by_mean(&self, step: &Step, y: &[f64], assumed: &mut [f64], previous: &[f64]) {
        step.replace_by_mean(y, assumed, previous);
    }

    /// What to take along to the next round. If nothing is assumed there, the next window asks for its root, or goes by its
    /// drafter alone.
    fn learn(&self, learnt: Learnt) -> Memory;
}
