//! Each row after the stop serves its own level in the next window.

use super::memory::{Drafting, Learnt, Memory};

pub(super) struct Carry;

impl Drafting for Carry {
    fn learn(&self, learnt: Learnt) -> Memory {
        Memory { assumed: learnt.after_the_stop(), secants: Vec::new() }
    }
}
