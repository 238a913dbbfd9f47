//! What a draft keeps from one round to the next, and what a kind of draft has to say.

use std::borrow::Cow;

use super::secants::Secant;

/// An assumed prediction, as the [`Quantity`](crate::Quantity) that is frozen.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumed {
    /// The quantity's value.
    pub w: Vec<f64>,
    /// Level it was evaluated at.
    pub level: usize,
    /// State it was evaluated at.
    pub at: Vec<f64>,
}

/// What a draft knows of the model from earlier rounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// What is assumed of the model at levels `n, n+1, ..`; the last entry serves all later levels. Empty when the
    /// window needs a call for its root first, or has a drafter. For [`Draft::Corrected`](crate::Draft::Corrected) all is less
    /// what the drafter says of the same states.
    pub assumed: Vec<Assumed>,
    /// How predictions changed with their states, oldest round first; empty for drafts without.
    pub secants: Vec<Secant>,
}

/// Where a window stands whose draft recalls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// Position in the window.
    pub(crate) position: usize,
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

/// A row of a round that was verified: what it says of its own level.
#[derive(Debug)]
pub(crate) struct Evaluated<'a> {
    pub(crate) w: Cow<'a, [f64]>,
    pub(crate) level: usize,
    pub(crate) at: &'a [f64],
}

/// One round that was verified.
#[derive(Debug)]
pub(crate) struct Learnt<'a> {
    /// What the window was drafted from.
    pub(crate) memory: Memory,
    /// Its rows, up to the first that is not finite.
    pub(crate) evaluated: Vec<Evaluated<'a>>,
    /// Positions of the window.
    pub(crate) length: usize,
    /// Those that were committed.
    pub(crate) advance: usize,
}

impl Learnt<'_> {
    /// The rows behind the stop. Row `advance` was evaluated at a state drafted from noise before its own level only, so
    /// keeping it obeys the rule; the last row serves when all was committed.
    pub(super) fn behind_the_stop(self) -> Vec<Assumed> {
        let stop = self.advance.min(self.evaluated.len() - 1);
        let behind = self.evaluated.into_iter().skip(stop);
        behind.map(|Evaluated { w, level, at }| Assumed { w: w.into_owned(), level, at: at.to_vec() }).collect()
    }
}

/// What a draft assumes, place by place.
pub(crate) type Recall<'a> = Box<dyn Fn(Place) -> Recalled + 'a>;

/// What is assumed of the position's own level, or of the last level of which anything is.
pub(super) fn recall(memory: &Memory, place: Place) -> Recalled {
    let assumed = &memory.assumed[place.position.min(memory.assumed.len() - 1)];
    Recalled { w: assumed.w.clone(), own: assumed.level == place.level }
}

/// A kind of draft.
pub(crate) trait Drafting {
    /// Whether each step asks a model that drafts.
    fn asks_a_drafter(&self) -> bool {
        false
    }

    /// Whether what is remembered is the model's prediction less the drafter's.
    fn corrects_the_drafter(&self) -> bool {
        false
    }

    /// What to assume of each position of a window, or what to add to the drafter's word; there is something in the memory.
    fn recall<'a>(&self, memory: &'a Memory) -> Recall<'a> {
        Box::new(|place| recall(memory, place))
    }

    /// What to take along to the next round. If nothing is assumed there, the next window asks for its root, or goes by its
    /// drafter alone.
    fn learn(&self, learnt: Learnt) -> Memory;
}
