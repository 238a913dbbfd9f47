//! A chain, sampled for as many seeds as one likes.

use super::drive::{Interrupted, Sample};
use super::plain;
use super::plan::Plan;
use super::settings::Settings;
use super::state::{State, StateError};
use super::trace::{Round, Trace};
use super::window::WindowError;
use super::{Run, drive};
use crate::chain::Chain;
use crate::chain::schedule::Level;
use crate::noise::{Noise, Purpose};
use crate::target::{Target, TargetError};

/// A chain and how it is sampled: made once, used for many seeds. Clones share the chain's table.
///
/// A seed is a number, or [`Noise`] for one chain of several under a seed. The same seed gives the same sample on every
/// machine.
///
/// ```
/// use speculative_diffusion::{Chain, Sampler, Settings, targets::{Component, Mixture}};
///
/// let target = Mixture::new(vec![
///     Component { weight: 1.0, mean: vec![-1.0; 16], variance: vec![0.01; 16] },
///     Component { weight: 1.0, mean: vec![1.0; 16], variance: vec![0.01; 16] },
/// ])?;
/// let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default())?;
/// for seed in 0..4 {
///     let made = pollster::block_on(sampler.sample(&target, seed))?;
///     println!("{} calls: {:?}", made.costs.calls, &made.sample[..2]);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "pipeline")]
#[doc(alias = "speculative decoding")]
#[derive(Clone, Debug)]
pub struct Sampler {
    chain: Chain,
    settings: Settings,
}

impl Sampler {
    /// Of a chain, or of what has one: a [`Scheduler`](crate::diffusers::Scheduler) of diffusers.
    ///
    /// # Errors
    /// [`WindowError`] for a fixed window length outside 1 to [`MAX_WINDOW`](crate::MAX_WINDOW).
    pub fn new(chain: impl Into<Chain>, settings: Settings) -> Result<Self, WindowError> {
        settings.window.check()?;
        Ok(Self { chain: chain.into(), settings })
    }

    /// The target chain.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// How drafts are made and tested.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Most positions that a window can have, and so most rows that a run asks for in one call.
    pub fn longest_window(&self) -> usize {
        self.settings.window.longest(self.chain.len())
    }

    fn plan(&self, seed: impl Into<Noise>) -> Plan {
        Plan { chain: self.chain.clone(), settings: self.settings, noise: seed.into() }
    }

    /// A run from its start, of `dim` numbers a state, which asks and is answered.
    pub fn run(&self, seed: impl Into<Noise>, dim: usize) -> Run {
        Run::begin(self.plan(seed), dim)
    }

    /// A run from a first state of one's own: an image with noise ([`Sampler::noised`]) where the chain begins in mid-way
    /// ([`Chain::from_step`]).
    pub fn run_from(&self, seed: impl Into<Noise>, first: Vec<f64>) -> Run {
        Run::begin_at(self.plan(seed), first)
    }

    /// An image at the level of the chain's first step: `alpha x0 + sigma z`, with the noise that the seed's run would start with.
    ///
    /// # Shapes
    /// The result is as long as `x0`.
    #[doc(alias = "add_noise")]
    pub fn noised(&self, seed: impl Into<Noise>, x0: &[f64]) -> Vec<f64> {
        let Level { alpha, sigma, .. } = self.chain.steps()[0].level;
        let z = seed.into().normals(Purpose::Start, 0, x0.len());
        x0.iter().zip(z).map(|(x0, z)| alpha * x0 + sigma * z).collect()
    }

    /// A run that goes on from a state.
    ///
    /// # Errors
    /// [`StateError::OtherRun`] for a state of another chain, other settings or another seed.
    pub fn resume(&self, seed: impl Into<Noise>, state: State) -> Result<Run, StateError> {
        Run::resume(self.plan(seed), state)
    }

    /// A whole run, of which only the sample and its costs are kept.
    ///
    /// # Errors
    /// The target's, with the state to go on from.
    pub async fn sample<T: Target + ?Sized>(&self, target: &T, seed: impl Into<Noise>) -> Result<Sample, Interrupted> {
        drive::watch(self.run(seed, target.dim()), target, drop).await
    }

    /// A whole run; `watch` is given each round as it is committed.
    ///
    /// # Errors
    /// The target's, with the state to go on from.
    pub async fn watch<T: Target + ?Sized>(
        &self,
        target: &T,
        seed: impl Into<Noise>,
        watch: impl FnMut(Round),
    ) -> Result<Sample, Interrupted> {
        drive::watch(self.run(seed, target.dim()), target, watch).await
    }

    /// A whole run, with every round kept.
    ///
    /// # Errors
    /// The target's, with what had been committed before.
    pub async fn trace<T: Target + ?Sized>(&self, target: &T, seed: impl Into<Noise>) -> Result<Trace, Interrupted> {
        drive::trace(self.run(seed, target.dim()), target).await
    }

    /// The plain sampler from the same start with its own noise, one call a step: the chain whose law a run must have.
    ///
    /// # Errors
    /// The target's.
    #[doc(alias = "ancestral sampling")]
    pub async fn plain<T: Target + ?Sized>(&self, target: &T, seed: impl Into<Noise>) -> Result<Vec<f64>, TargetError> {
        plain::sample(&self.plan(seed), target).await
    }

    /// One step of the plain sampler from `y_k`: a call of one row, then `z`, the noise to add; returns `y_{k+1}` and the
    /// estimate. `previous` is the estimate of the step before, and may be empty where a step does not remember it. Where the model
    /// is not asked ([`Chain::asks`]) there is no call, and the estimate is empty.
    ///
    /// # Errors
    /// The target's.
    ///
    /// # Panics
    /// If the chain has no such level.
    pub async fn plain_step<T: Target + ?Sized>(
        &self,
        target: &T,
        level: usize,
        y: &[f64],
        z: &[f64],
        previous: &[f64],
    ) -> Result<(Vec<f64>, Vec<f64>), TargetError> {
        plain::step(&self.chain, target, level, y, z, previous).await
    }

    /// The noises that make the plain sampler draw the same sample: `r_k = (y_{k+1} - q_k) / s_k` of the committed
    /// steps. By exactness they are independent standard normals. Empty for a step without noise.
    pub fn residuals(&self, round: &Round) -> Vec<Vec<f64>> {
        plain::residuals(&self.chain, round)
    }
}
