//! Targets in closed form.

use speculative_diffusion::targets::{Component, Mixture, MixtureError};

/// Three Gaussians whose coordinates have variances falling like a power, as those of images do.
///
/// # Errors
/// None that depends on the dimension, if there is one.
pub fn mixture(dim: usize) -> Result<Mixture, MixtureError> {
    let component = |weight: f64, sign: fn(usize) -> f64| Component {
        weight,
        mean: (0..dim).map(|i| sign(i) / (1.0 + i as f64).sqrt()).collect(),
        variance: (0..dim).map(|i| 0.1 / (1.0 + i as f64)).collect(),
    };
    Mixture::new(vec![
        component(0.5, |_| 1.0),
        component(0.3, |i| if i.is_multiple_of(2) { -1.0 } else { 1.0 }),
        component(0.2, |i| if i.is_multiple_of(3) { 1.5 } else { -0.5 }),
    ])
}
