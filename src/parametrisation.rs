//! What a network was trained to predict, and the clean estimate that follows from it.

use crate::schedule::Level;

/// The kinds of output in use. At a state `y = alpha x0 + sigma eps` each determines the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Parametrisation {
    /// The clean state, `x0`.
    X0hat,
    /// The noise, `eps` (Ho et al. 2020).
    Epsilon,
    /// The velocity, `v = alpha eps - sigma x0` (Salimans & Ho 2022), of a level with `alpha^2 + sigma^2 = 1`.
    Velocity,
    /// The velocity of a rectified flow, `u = eps - x0` (Liu, Gong & Liu 2023; Lipman et al. 2023).
    Flow,
    /// The score, `grad log p(y) = -eps / sigma` (Song et al. 2021).
    Score,
}

impl Parametrisation {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::X0hat, Self::Epsilon, Self::Velocity, Self::Flow, Self::Score];

    /// The clean estimate from one number of the state `y` and of the network's `output`. Not for
    /// [`Parametrisation::Epsilon`] or [`Parametrisation::Score`] at `alpha = 0`, where the state holds no signal.
    pub fn x0hat(self, level: Level, y: f64, output: f64) -> f64 {
        let Level { alpha, sigma, .. } = level;
        match self {
            Self::X0hat => output,
            Self::Epsilon => (y - sigma * output) / alpha,
            Self::Velocity => alpha * y - sigma * output,
            // y = alpha x0 + sigma (u + x0)
            Self::Flow => (y - sigma * output) / (alpha + sigma),
            Self::Score => (y + sigma * sigma * output) / alpha,
        }
    }
}
