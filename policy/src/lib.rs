//! A diffusion policy in the plane: a round hand pushes a T-shaped block to a goal (PushT of Chi et al. 2023, *Diffusion
//! Policy*), with a world, a teacher and a network of its own.
//!
//! The world is the same to the bit on every machine. `README.md` beside it says how the network is trained.

mod block;
mod contact;
mod demonstrations;
mod dice;
mod expert;
mod network;
mod plan;
mod pose;
mod robot;
mod world;

pub use block::{AREA, CENTRE, HAND, RECTANGLES, clearance, coverage};
pub use demonstrations::{Demonstrations, demonstrate, relabel};
pub use dice::Dice;
pub use expert::{Driver, Expert};
pub use network::{CONDITION, DIM, FEATURES, HIDDEN, LAYERS, Network, Sidecar, TIME_FEATURES, WIDTH, time_features};
pub use plan::{Policy, TICKS_PLANNED};
pub use pose::{Pose, Vector};
pub use robot::{Meanwhile, Robot};
pub use world::{Observation, TICK_SECONDS, World};
