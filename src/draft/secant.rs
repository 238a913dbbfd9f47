//! As carry, and each kept estimate is corrected for its state's own move by the secants of earlier calls.
//!
//! A secant of a level was made from noise before that level, and serves that level and later ones.

use super::memory::{Drafting, Learnt, Memory, difference};
use super::secants::{self, nearest};

pub(super) struct Secant;

impl Drafting for Secant {
    /// Learns a secant from each level that was evaluated in this round and the last; forgets those of levels that are more
    /// than a window's length before the next one.
    fn learn(&self, mut learnt: Learnt) -> Memory {
        let Memory { assumed: before, mut secants } = core::mem::take(&mut learnt.memory);
        let now = &learnt.evaluated;
        let next = learnt.next;
        secants.retain(|secant| secant.level + learnt.length >= next);
        let again = before.iter().zip(now).filter(|(old, new)| old.level == new.level && old.at != *new.at);
        secants.extend(again.map(|(old, new)| secants::Secant {
            level: new.level,
            moved: difference(new.at, &old.at),
            changed: difference(&new.w, &old.w),
        }));
        Memory { secants: nearest(secants, next), assumed: learnt.after_the_stop() }
    }
}
