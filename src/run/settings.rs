//! How to draft and how to test.

use crate::coupling::rule::Rule;
use crate::draft::Draft;
use crate::run::length::Length;

/// How to draft and test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Where the window's assumed estimates come from.
    pub draft: Draft,
    /// `L`: steps drafted a round.
    pub window: Length,
    /// How drafts are tested.
    pub rule: Rule,
}

impl Default for Settings {
    /// The secant draft, as many steps a window as pay where a row is cheap, and the test that saves
    /// more calls.
    fn default() -> Self {
        Self { draft: Draft::Secant, window: Length::default(), rule: Rule::Auto }
    }
}

impl Settings {
    /// The plain sampler as a special case: windows of one step whose root is asked for, so that every draft is the
    /// target's own and is accepted. One call a step.
    pub fn plain() -> Self {
        Self { draft: Draft::Frozen, window: Length::Fixed(1), ..Self::default() }
    }
}
