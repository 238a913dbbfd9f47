//! The binding for browsers: thin. It turns objects into settings, rounds into typed arrays, and errors into `Error`
//! objects whose `field` names what was wrong. It draws nothing and decides nothing.
#![cfg(target_arch = "wasm32")]

#[cfg(any(feature = "gpu", feature = "burn"))]
mod adapter;
mod columns;
#[cfg(feature = "engine")]
mod device;
#[cfg(feature = "engine")]
mod engine;
mod error;
mod fields;
#[cfg(not(any(feature = "engine", feature = "toy")))]
mod lanes;
#[cfg(feature = "cpu")]
mod pool;
#[cfg(feature = "engine")]
mod progress;
#[cfg(feature = "engine")]
mod run;
#[cfg(not(any(feature = "engine", feature = "toy")))]
mod scheduler;
#[cfg(feature = "engine")]
mod settings;
mod start;
#[cfg(not(any(feature = "engine", feature = "toy")))]
mod tools;
#[cfg(feature = "toy")]
mod toy;

#[cfg(feature = "engine")]
pub use engine::Engine;
#[cfg(not(any(feature = "engine", feature = "toy")))]
pub use lanes::Lanes;
#[cfg(feature = "engine")]
pub use run::Run;
#[cfg(not(any(feature = "engine", feature = "toy")))]
pub use scheduler::Scheduler;
pub use start::init_once;
#[cfg(not(any(feature = "engine", feature = "toy")))]
pub use tools::Check;
#[cfg(feature = "toy")]
pub use toy::{Toy, couple};
