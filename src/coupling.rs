//! Tests of drafts: each keeps a draft, or replaces it, so that the outcome has the target's law. One of a single step can be
//! used without a chain: [`Coupled`].

#[cfg(feature = "mutants")]
pub(crate) mod mutants;
pub(crate) mod peak;
pub(crate) mod reflection;
pub(crate) mod rule;
pub(crate) mod window;

pub use self::reflection::{Coupled, acceptance_probability};
