//! A smaller model drafts, as in speculative decoding; and what it gets wrong may be remembered, moved along by secants, and
//! added to its next estimates: the smaller model is then a control variate.
//!
//! The drafter sees the drafted state alone. In memory every estimate is the model's less the drafter's at the same state.
//! Both states and both estimates are made of noise before their level, so the rule is obeyed as it is by the secant draft.

use super::memory::{Drafting, Learnt, Memory};
use super::secant::Secant;

/// What is remembered of the drafter's errors.
pub(super) enum Drafter {
    /// Nothing.
    Independent,
    /// As much as the secant draft remembers.
    Corrected,
}

impl Drafting for Drafter {
    fn asks_a_drafter(&self) -> bool {
        true
    }

    fn learn(&self, learnt: Learnt) -> Memory {
        match self {
            Self::Independent => Memory::default(),
            Self::Corrected => Secant.learn(learnt),
        }
    }
}
