//! Unnormalised densities for Langevin chains ([`Chain::langevin`](crate::Chain::langevin)), given by the gradient of
//! their logarithm.

use super::from_fn::from_fn;
use crate::target::Target;

/// A density on `dim` numbers: `gradient` is that of its logarithm at a state.
pub(super) fn density(dim: usize, gradient: impl Fn(&[f64]) -> Vec<f64>) -> impl Target {
    from_fn(dim, move |batch| Ok(batch.iter().flat_map(|(_, y)| gradient(y)).collect()))
}

/// Two wells in the plane: `pi(x, y) ~ exp(-depth ((x^2 - 1)^2 + y^2))`.
pub fn double_well(depth: f64) -> impl Target {
    density(2, move |state| vec![-4.0 * depth * state[0] * (state[0] * state[0] - 1.0), -2.0 * depth * state[1]])
}

/// A scalar field on a square lattice with periodic edges,
/// `pi(phi) ~ exp(sum_x 2 kappa phi_x (phi_right + phi_below) - phi_x^2 - lambda (phi_x^2 - 1)^2)`.
///
/// # Reference
/// Montvay & Münster 1994, section 1.3 (lattice phi^4).
pub fn phi4(side: usize, kappa: f64, lambda: f64) -> impl Target {
    density(side * side, move |phi| {
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
