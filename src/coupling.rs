//! Tests of drafts: each keeps a draft, or replaces it, so that the outcome has the target's law.

#[cfg(feature = "mutants")]
pub mod mutants;
pub(crate) mod peak;
pub(crate) mod reflection;
pub(crate) mod rule;
pub(crate) mod window;

pub use self::reflection::{Coupled, Decided, Test, Verdict, acceptance_probability};
