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
#[cfg(not(feature = "policy"))]
mod fields;
#[cfg(feature = "cpu")]
mod helpers;
#[cfg(feature = "sampler")]
mod memory;
mod number;
#[cfg(feature = "policy")]
mod policy;
#[cfg(feature = "sampler")]
mod pool;
#[cfg(feature = "engine")]
mod progress;
#[cfg(feature = "engine")]
mod run;
#[cfg(feature = "sampler")]
mod scheduler;
#[cfg(any(feature = "engine", feature = "toy"))]
mod settings;
#[cfg(feature = "toy")]
mod single;
mod start;
#[cfg(feature = "sampler")]
mod tools;
#[cfg(feature = "toy")]
mod toy;
#[cfg(feature = "toy")]
mod wrong;

#[cfg(feature = "engine")]
pub use engine::Engine;
#[cfg(feature = "policy")]
pub use policy::{Hands, Scene};
#[cfg(feature = "sampler")]
pub use pool::Pool;
#[cfg(feature = "engine")]
pub use run::Run;
#[cfg(feature = "sampler")]
pub use scheduler::Scheduler;
#[cfg(feature = "toy")]
pub use single::couple;
pub use start::init_once;
#[cfg(feature = "sampler")]
pub use tools::Check;
#[cfg(feature = "toy")]
pub use toy::Toy;

/// How many builds the features ask for.
const BUILDS: usize = cfg!(feature = "sampler") as usize
    + cfg!(feature = "toy") as usize
    + cfg!(feature = "policy") as usize
    + cfg!(feature = "cpu") as usize
    + cfg!(feature = "gpu") as usize
    + cfg!(feature = "burn") as usize;
const _: () = assert!(BUILDS == 1, "choose one of sampler, toy, policy, cpu, gpu and burn, with --no-default-features");
