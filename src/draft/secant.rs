//! As carry, and each kept prediction is corrected for its state's own move by the secants of earlier calls.
//!
//! A secant of a level was made from noise before that level, and serves that level and later ones.

use super::memory::{Drafting, Learnt, Memory, Place, Recall, Recalled, recall};
use super::secants::{self, Multisecant, nearest};

pub(super) struct Secant;

impl Drafting for Secant {
    fn recall<'a>(&self, memory: &'a Memory) -> Recall<'a> {
        let secants = Multisecant::new(&memory.secants);
        Box::new(move |place: Place| {
            let Recalled { mut w, own } = recall(memory, place);
            if own {
                let at = &memory.assumed[place.position].at;
                let change = secants.expected_change(place.level, difference(place.y, at));
                w.iter_mut().zip(change).for_each(|(w, change)| *w += change);
            }
            Recalled { w, own }
        })
    }

    /// Learns a secant from each level that was evaluated in this round and the last; forgets those that lie further
    /// behind than a window is long, which have nothing left to say.
    fn learn(&self, mut learnt: Learnt) -> Memory {
        let Memory { assumed: before, mut secants } = core::mem::take(&mut learnt.memory);
        let now = &learnt.evaluated;
        let next = now[0].level + learnt.advance;
        secants.retain(|secant| secant.level + learnt.length >= next);
        let again = before.iter().zip(now).filter(|(old, new)| old.level == new.level && old.at != *new.at);
        secants.extend(again.map(|(old, new)| secants::Secant {
            level: new.level,
            moved: difference(new.at, &old.at),
            changed: difference(&new.w, &old.w),
        }));
        Memory { secants: nearest(secants, next), assumed: learnt.behind_the_stop() }
    }
}

/// `a - b`.
fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}
