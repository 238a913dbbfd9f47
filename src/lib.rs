//! Exact speculative sampling of diffusion models: the same distribution as the ordinary sampler, in far fewer sequential
//! model calls.
//!
//! A diffusion sampler is a chain of Gaussian steps, and each waits for a call of the network. Here several steps are
//! **drafted** without the network, then the network evaluates all of them in **one batched call**, and each draft is
//! **accepted or reflected** by a coupling that leaves the chain's law untouched (De Bortoli, Galashov, Gretton &
//! Doucet, ICML 2025, [arXiv 2501.05370](https://arxiv.org/abs/2501.05370)).
//!
//! ```
//! use speculative_diffusion::{Chain, Sampler, Settings, targets::{Component, Mixture}};
//!
//! let target = Mixture::new(vec![
//!     Component { weight: 1.0, mean: vec![-1.0; 16], variance: vec![0.01; 16] },
//!     Component { weight: 1.0, mean: vec![1.0; 16], variance: vec![0.01; 16] },
//! ])?;
//! let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default())?;
//! let made = pollster::block_on(sampler.sample(&target, 7))?;
//! assert!(made.costs.calls < 40, "a plain run makes 100 calls");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A model of yours is a [`Target`], or a function that answers what a [`Run`] asks. [`Pool`] shares calls among many runs,
//! `diffusers` reads the chain from a `scheduler_config.json`, and [`audit`] tells whether a model keeps what exactness asks.
//!
//! # The way of one seed
//! [`Noise`] → [`State`] → [`Run`] drafts a window and asks → the model answers → [`Run`] tests and commits → [`State`] and
//! [`Round`] → [`Trace`].
//!
//! # Notation
//! | symbol | in code | meaning |
//! |---|---|---|
//! | `K` | `chain.len()` | steps of the chain |
//! | `k`, `n` | `level` | index of a step, 0 at the noisy end |
//! | `y_k` | `y`, `state` | state before step `k`; `y_K` is the sample |
//! | `t, alpha, sigma` | [`Level`] | time, signal and noise of a level |
//! | `A_k, B_k, s_k` | [`Step`] | `y_{k+1} ~ N(A_k y + B_k x0hat, s_k^2 I)` |
//! | `x0hat` | `estimate` | the network's estimate of the clean state |
//! | `w` | `Assumed` | what a draft takes for granted instead of an estimate |
//! | `L` | [`Window`] | most steps drafted a round |
//! | `p, q` | `draft_mean`, `target_mean` | means of draft and target of a step |
//! | `z, u` | `normals`, `ln_u` | noise of a step, uniform of its test |
//! | `D`, `e` | `gap` is `\|D\|` | `(p - q) / s` and its direction |

pub mod audit;
mod chain;
mod cores;
pub mod coupling;
#[cfg(feature = "diffusers")]
pub mod diffusers;
mod draft;
mod name;
mod noise;
mod run;
mod sums;
mod target;
pub mod targets;

/// Noise levels, and the grids of them that chains run along.
pub mod schedule {
    pub use crate::chain::schedule::{Grid, MAX_STEPS, MIN_ETA, Schedule, T_MAX, T_MIN, flow, karras};
}

/// Tests and states that are **not exact**, for tests that must see them.
#[cfg(feature = "mutants")]
#[doc(hidden)]
pub mod mutants {
    pub use crate::coupling::mutants::{Mutant, PeakMutant};
    pub use crate::draft::{Assumed, Memory, Secant};
    pub use crate::run::state::Parts;
}

pub use chain::edm::Churn;
pub use chain::multistep::SecondOrder;
pub use chain::parametrisation::Parametrisation;
pub use chain::schedule::{ChainError, Level};
pub use chain::{Chain, Step, Variance};
pub use coupling::reflection::{Decided, Test, Verdict};
pub use coupling::rule::Rule;
pub use draft::Draft;
pub use name::NameError;
pub use noise::{Noise, Purpose};
pub use run::drive::{Interrupted, Sample};
#[doc(hidden)]
pub use run::meanwhile;
pub use run::pool::{Answered, Pool};
pub use run::sampler::Sampler;
pub use run::settings::Settings;
pub use run::state::{State, StateError};
pub use run::ticket::Ticket;
pub use run::trace::{Costs, Position, Round, Trace};
pub use run::window::{MAX_WINDOW, Price, Window, WindowError};
pub use run::{Ask, Run};
pub use target::{Batch, BoxTarget, Guidance, Mask, MaybeSend, Row, Target, TargetError, WithDrafter};

/// The README's program is compiled and run with the tests.
#[cfg(all(doctest, feature = "diffusers"))]
#[doc = include_str!("../README.md")]
struct Readme;
