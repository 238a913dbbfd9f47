//! A smaller model as a control variate: what it gets wrong is kept, moved along by secants, and added to what it says next.
//!
//! In memory every prediction is the model's less the drafter's at the same state. Both states and both predictions are made
//! of noise before their level, so the rule is obeyed as it is by the secant draft.

use super::memory::{Drafting, Learnt, Memory, Recall};
use super::secant::Secant;

pub(super) struct Corrected;

impl Drafting for Corrected {
    fn asks_a_drafter(&self) -> bool {
        true
    }

    fn corrects_the_drafter(&self) -> bool {
        true
    }

    fn recall<'a>(&self, memory: &'a Memory) -> Recall<'a> {
        Secant.recall(memory)
    }

    fn learn(&self, learnt: Learnt) -> Memory {
        Secant.learn(learnt)
    }
}
