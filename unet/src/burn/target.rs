//! Any network of burn's as a [`Target`].

use core::fmt;

use burn::tensor::{Device, Tensor};
use speculative_diffusion::{Batch, MaybeSend, Parametrisation, Row, Target, TargetError};

use super::transfer::{read, upload};

/// A network of burn's whose samples are wanted, as a function from states to outputs: a module's forward pass, with
/// whatever it needs to know of each row's level.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use speculative_diffusion::{Chain, Parametrisation, Row, Sampler, Settings};
/// use speculative_diffusion_unet::BurnTarget;
///
/// // in place of a module of yours: the noise in standard normal data
/// fn forward(states: Tensor<2>, rows: &[Row]) -> Tensor<2> {
///     let sigmas: Vec<f32> = rows.iter().map(|row| row.level.sigma as f32).collect();
///     states.clone() * Tensor::<1>::from_data(sigmas.as_slice(), &states.device()).unsqueeze_dim(1)
/// }
///
/// let target = BurnTarget::new(forward, 768, Parametrisation::Epsilon, &Device::flex());
/// let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default())?;
/// let sample = pollster::block_on(sampler.sample(&target, 7))?;
/// assert!(sample.costs.calls < 40);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Shapes
/// The function takes states `[rows, dim]` in single precision, rounded from the sampler's, and what each of them is a
/// state of; it returns as many outputs `[rows, dim]`.
///
/// # What to mind
/// - The [contract](Target#the-contract) of every target: no batch normalisation in training mode, no dropout.
///   [`Module::valid`](burn::module::Module::valid) sees to both.
/// - The level is the chain's. A network that was trained on other levels than the chain's, or on states of another
///   scale, is yours to translate: [`NetworkTarget`](crate::NetworkTarget) does so for this crate's own.
/// - A device without automatic differentiation: nothing here is ever differentiated.
#[derive(Clone)]
pub struct BurnTarget<F> {
    network: F,
    dim: usize,
    parametrisation: Parametrisation,
    device: Device,
}

impl<F: Fn(Tensor<2>, &[Row]) -> Tensor<2>> BurnTarget<F> {
    /// A network of states of `dim` numbers, on this device; `parametrisation` says what its outputs are.
    pub fn new(network: F, dim: usize, parametrisation: Parametrisation, device: &Device) -> Self {
        Self { network, dim, parametrisation, device: device.clone() }
    }
}

impl<F> fmt::Debug for BurnTarget<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BurnTarget({} dimensions, {:?}, {:?})", self.dim, self.parametrisation, self.device)
    }
}

impl<F: Fn(Tensor<2>, &[Row]) -> Tensor<2>> Target for BurnTarget<F> {
    fn dim(&self) -> usize {
        self.dim
    }

    fn estimate(&self, batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> + MaybeSend {
        let states = batch.states.iter().map(|&y| y as f32).collect();
        let outputs = (self.network)(upload(states, [batch.len(), self.dim], &self.device), &batch.rows);
        // the device is at work: what is left to wait for needs neither the network nor its lock
        let (outputs, parametrisation) = (read(outputs), self.parametrisation);
        async move {
            let outputs = outputs.await?;
            let outputs: Vec<f64> = outputs.into_iter().map(f64::from).collect();
            parametrisation.estimates(batch, &outputs)
        }
    }
}
