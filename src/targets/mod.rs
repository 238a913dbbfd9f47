//! Targets whose clean estimate is known in closed form.

mod mixture;

pub use mixture::{Component, Mixture, MixtureError};
