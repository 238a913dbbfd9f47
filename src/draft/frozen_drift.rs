//! The paper's draft, read literally: the whole drift `m(y) - y` at the root serves every step of the window, not the estimate
//! in it alone.

use super::memory::{Drafting, Learnt, Memory};
use crate::chain::Step;

pub(super) struct FrozenDrift;

impl Drafting for FrozenDrift {
    fn freeze(&self, step: &Step, y: &[f64], mut estimate: Vec<f64>, previous: &[f64]) -> Vec<f64> {
        let step = Step { a: step.a - 1.0, ..*step };
        step.replace_by_mean(y, &mut estimate, previous);
        estimate
    }

    fn replace_by_mean(&self, _: &Step, y: &[f64], drift: &mut [f64], _: &[f64]) {
        drift.iter_mut().zip(y).for_each(|(drift, y)| *drift += y);
    }

    fn learn(&self, _: Learnt) -> Memory {
        Memory::default()
    }
}
