//! Speculative sampling of diffusion models: the pictures of the plain sampler, exactly in law, for a fraction of its
//! sequential network calls.
//!
//! A diffusion sampler is a chain of Gaussian steps, and each waits for a call of the network. Here several steps are
//! **drafted** without the network, then the network looks at all of them in **one batched call**, and each draft is
//! **accepted or reflected** by a coupling that leaves the chain's law untouched (De Bortoli, Galashov, Gretton &
//! Doucet, ICML 2025, [arXiv 2501.05370](https://arxiv.org/abs/2501.05370)).
//!
//! ```
//! use speculative_diffusion::{Chain, Noise, Sampler, Settings, targets::{Component, Mixture}};
//!
//! let target = Mixture::new(vec![
//!     Component { weight: 1.0, mean: vec![-1.0; 16], variance: vec![0.01; 16] },
//!     Component { weight: 1.0, mean: vec![1.0; 16], variance: vec![0.01; 16] },
//! ])?;
//! let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default(), Noise::new(7, 0))?;
//! let trace = pollster::block_on(sampler.run(&target))?;
//! assert!(trace.costs().calls < 40, "a plain run makes 100 calls");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The way of one seed
//! [`Noise`] → [`State`] → [`Run`] drafts a window and asks → the model answers → [`Run`] tests and commits → [`State`] and
//! [`Round`] → [`Trace`].
//!
//! # Notation
//! | symbol | in code | meaning |
//! |---|---|---|
//! | `K` | `chain.steps().len()` | steps of the chain |
//! | `k`, `n` | `level` | index of a step, 0 at the noisy end |
//! | `y_k` | `y`, `state` | state before step `k`; `y_K` is the sample |
//! | `t, alpha, sigma` | [`Level`] | time, signal and noise of a level |
//! | `A_k, B_k, s_k` | [`Step`] | `y_{k+1} ~ N(A_k y + B_k x0hat, s_k^2 I)` |
//! | `x0hat` | `prediction` | the network's estimate of the clean state |
//! | `w` | [`Assumed`] | what a draft takes for granted instead of a prediction |
//! | `L` | [`Length`] | most steps drafted a round |
//! | `p, q` | `draft_mean`, `target_mean` | means of draft and target of a step |
//! | `z, u` | `normals`, `ln_uniform` | noise of a step, uniform of its test |
//! | `D`, `e` | `gap` is `\|D\|` | `(p - q) / s` and its direction |

pub mod audit;
pub mod chain;
pub mod coupling;
#[cfg(feature = "json")]
pub mod diffusers;
pub mod draft;
mod name;
pub mod noise;
pub mod run;
mod sums;
pub mod target;
pub mod targets;

pub use chain::parametrisation::{self, Parametrisation};
pub use chain::schedule::{self, ChainError, Grid, Level, Schedule};
pub use chain::{Chain, Step, Variance};
#[cfg(feature = "mutants")]
pub use coupling::mutants::{self, Mutant, PeakMutant};
pub use coupling::rule::Rule;
pub use coupling::{Coupled, Decided, Test, Verdict};
pub use draft::{Assumed, Draft, Memory, Secant};
pub use name::NameError;
pub use noise::Noise;
pub use run::drive::{self, Interrupted, Sample};
pub use run::ensemble::{self, Ensemble, Lane, Outcome};
pub use run::length::{self, Length, Price, WindowError};
pub use run::sampler::{self, Sampler};
pub use run::settings::{self, Settings};
pub use run::state::{self, State, StateError};
pub use run::trace::{self, Costs, Position, Round, Trace};
pub use run::{Ask, Run};
pub use target::{Batch, BoxTarget, Row, Target, TargetError, WithDrafter};

/// The README's program is compiled and run with the tests.
#[cfg(all(doctest, feature = "json"))]
#[doc = include_str!("../README.md")]
struct Readme;
