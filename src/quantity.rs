//! Which quantity a draft freezes, and the mean of a step that follows from it.

use core::str::FromStr;

use crate::chain::Step;
use crate::name::NameError;

/// Which quantity stands still while the state moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quantity {
    /// The estimate of the clean state.
    X0hat,
    /// The velocity `v = (alpha y - x0hat) / sigma` of a variance-preserving model.
    Velocity,
    /// The velocity `u = eps - x0hat` of a rectified flow.
    Flow,
    /// The whole increment `m_k(y) - y`, the paper read literally.
    Drift,
}

impl Quantity {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::X0hat, Self::Velocity, Self::Flow, Self::Drift];

    /// Its name in settings, tables and addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::X0hat => "x0hat",
            Self::Velocity => "velocity",
            Self::Flow => "flow",
            Self::Drift => "drift",
        }
    }

    /// The quantity, given the prediction `x0hat` at state `y` of `step`.
    pub fn freeze(self, step: &Step, y: &[f64], x0hat: &[f64]) -> Vec<f64> {
        let Step { a, b, .. } = *step;
        let (alpha, sigma) = (step.level.alpha, step.level.sigma);
        match self {
            Self::X0hat => x0hat.to_vec(),
            Self::Velocity => each(y, x0hat, |y, x| (alpha * y - x) / sigma),
            Self::Flow => each(y, x0hat, |y, x| (y - alpha * x) / sigma - x),
            Self::Drift => each(y, x0hat, |y, x| (a - 1.0) * y + b * x),
        }
    }

    /// The draft mean of `step` at state `y`, the quantity being `w`.
    pub fn mean(self, step: &Step, y: &[f64], w: &[f64]) -> Vec<f64> {
        let mut mean = w.to_vec();
        self.replace_by_mean(step, y, &mut mean);
        mean
    }

    /// As [`Quantity::mean`], in the place of `w`.
    pub(crate) fn replace_by_mean(self, step: &Step, y: &[f64], w: &mut [f64]) {
        let Step { a, b, .. } = *step;
        let (alpha, sigma) = (step.level.alpha, step.level.sigma);
        match self {
            Self::X0hat => replace(w, y, |w, y| a * y + b * w),
            Self::Velocity => replace(w, y, |w, y| a * y + b * (alpha * y - sigma * w)),
            // y = alpha x0 + sigma (u + x0)
            Self::Flow => replace(w, y, |w, y| a * y + b * ((y - sigma * w) / (alpha + sigma))),
            Self::Drift => replace(w, y, |w, y| y + w),
        }
    }
}

fn each(a: &[f64], b: &[f64], f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    a.iter().zip(b).map(|(&a, &b)| f(a, b)).collect()
}

fn replace(a: &mut [f64], b: &[f64], f: impl Fn(f64, f64) -> f64) {
    a.iter_mut().zip(b).for_each(|(a, &b)| *a = f(*a, b));
}

impl core::fmt::Display for Quantity {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Quantity {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let unknown = || NameError::new("quantity", name, Self::ALL.map(Self::name));
        Self::ALL.into_iter().find(|quantity| quantity.name() == name).ok_or_else(unknown)
    }
}

/// The target mean `m_k(y) = A_k y + B_k x0hat`.
pub fn target_mean(step: &Step, y: &[f64], x0hat: &[f64]) -> Vec<f64> {
    Quantity::X0hat.mean(step, y, x0hat)
}
