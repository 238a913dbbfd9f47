//! How to draft and how to test.

use super::window::Window;
use crate::coupling::rule::Rule;
use crate::draft::Draft;

/// How a chain is sampled. None of it changes the law of the samples.
///
/// ```
/// use speculative_diffusion::{Draft, Price, Settings, Window};
///
/// // windows for a model that takes half as long again for each further row, and the draft of the paper
/// let settings = Settings::default().draft(Draft::Frozen).window(Window::Auto(Price::new(0.5, 1)?));
/// // eight steps a window, always
/// let settings = settings.window(8);
/// assert_eq!(settings.window, Window::Fixed(8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    /// Where the assumed estimates of a window come from.
    pub draft: Draft,
    /// `L`: how many steps a window drafts.
    pub window: Window,
    /// Which test decides over drafts.
    pub rule: Rule,
}

impl Default for Settings {
    /// The secant draft, as many steps a window as pay where a row is cheap, and the test that saves more calls.
    fn default() -> Self {
        Self { draft: Draft::Secant, window: Window::default(), rule: Rule::Auto }
    }
}

impl Settings {
    /// The plain sampler as a special case: windows of one step whose root is asked for, so that every draft is the
    /// target's own and is accepted. One call a step.
    pub fn plain() -> Self {
        Self { draft: Draft::Frozen, window: Window::Fixed(1), ..Self::default() }
    }

    /// The same with another draft.
    #[must_use]
    pub fn draft(self, draft: Draft) -> Self {
        Self { draft, ..self }
    }

    /// The same with other windows.
    #[must_use]
    pub fn window(self, window: impl Into<Window>) -> Self {
        Self { window: window.into(), ..self }
    }

    /// The same with another test.
    #[must_use]
    pub fn rule(self, rule: Rule) -> Self {
        Self { rule, ..self }
    }
}
