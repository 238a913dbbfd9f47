//! Unnormalised densities for Langevin chains, given by the gradient of their logarithm.

use core::future::ready;

use crate::target::{Batch, MaybeSend, Target, TargetError};

/// A density on `dim` numbers, as `grad log pi`. A [`Target`] for [`Chain::langevin`](crate::Chain::langevin).
#[derive(Clone, Copy, Debug)]
pub struct Gradient<F> {
    dim: usize,
    gradient: F,
}

impl<F: Fn(&[f64]) -> Vec<f64>> Gradient<F> {
    /// `gradient` takes a state of `dim` numbers and returns as many.
    pub fn new(dim: usize, gradient: F) -> Self {
        Self { dim, gradient }
    }
}

impl<F: Fn(&[f64]) -> Vec<f64>> Target for Gradient<F> {
    fn dim(&self) -> usize {
        self.dim
    }

    fn predict(&self, batch: &Batch) -> impl Future<Output = Result<Vec<f64>, TargetError>> + MaybeSend {
        ready(Ok(batch.iter().flat_map(|(_, y)| (self.gradient)(y)).collect()))
    }
}

/// Two wells in the plane: `pi(x, y) ~ exp(-depth ((x^2 - 1)^2 + y^2))`.
pub fn double_well(depth: f64) -> Gradient<impl Fn(&[f64]) -> Vec<f64>> {
    Gradient::new(2, move |state| vec![-4.0 * depth * state[0] * (state[0] * state[0] - 1.0), -2.0 * depth * state[1]])
}

/// A scalar field on a square lattice with periodic edges,
/// `pi(phi) ~ exp(sum_x 2 kappa phi_x (phi_right + phi_below) - phi_x^2 - lambda (phi_x^2 - 1)^2)`.
///
/// # Reference
/// Montvay & Münster 1994, section 1.3 (lattice phi^4).
pub fn phi4(side: usize, kappa: f64, lambda: f64) -> Gradient<impl Fn(&[f64]) -> Vec<f64>> {
    Gradient::new(side * side, move |phi| {
        let at = |x: usize, y: usize| phi[y % side * side + x % side];
        (0..side * side)
            .map(|i| {
                let (x, y) = (i % side, i / side);
                let around = at(x + 1, y) + at(x + side - 1, y) + at(x, y + 1) + at(x, y + side - 1);
                2.0 * kappa * around - 2.0 * phi[i] - 4.0 * lambda * (phi[i] * phi[i] - 1.0) * phi[i]
            })
            .collect()
    })
}
