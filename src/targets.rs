//! Targets whose clean estimate is known in closed form, and a function as a target.

mod densities;
mod from_fn;
mod mixture;

pub use self::densities::{double_well, phi4};
pub use self::from_fn::{FromFn, from_fn};
pub use self::mixture::{Component, Mixture, MixtureError};
