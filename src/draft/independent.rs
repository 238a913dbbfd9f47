//! A smaller model drafts, as in speculative decoding. It sees the drafted state only, so it obeys the rule trivially.

use super::memory::{Drafting, Learnt, Memory};

pub(super) struct Independent;

impl Drafting for Independent {
    fn asks_a_drafter(&self) -> bool {
        true
    }

    fn learn(&self, _: Learnt) -> Memory {
        Memory::default()
    }
}
