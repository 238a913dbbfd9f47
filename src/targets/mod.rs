//! Targets whose clean estimate is known in closed form.

mod gradient;
mod mixture;

pub use gradient::{Gradient, double_well, phi4};
pub use mixture::{Component, Mixture, MixtureError};
