//! What a draft step assumes about the network instead of asking it.
//!
//! The rule for any draft: the mean of step `k` may depend on the committed past and on noise before `k`, never on the
//! noise of step `k` or a later one.

use core::fmt;
use core::str::FromStr;

use crate::schedule::Step;

/// A name that is none of those known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    field: &'static str,
    asked: String,
    known: String,
}

impl NameError {
    /// The setting at fault.
    pub fn field(&self) -> &'static str {
        self.field
    }

    pub(crate) fn new<'a>(field: &'static str, asked: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self { field, asked: asked.to_owned(), known: known.into_iter().collect::<Vec<_>>().join(", ") }
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is \"{}\": choose {}", self.field, self.asked, self.known)
    }
}

impl core::error::Error for NameError {}

/// Where a window's assumed predictions come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draft {
    /// A smaller model of its own, asked at every step: a sequence of cheap calls ([`Target::draft`](crate::Target::draft)).
    Independent,
    /// One prediction for the whole window, evaluated at its first state: a call of its own each round (the paper's
    /// draft).
    Frozen,
    /// One prediction for the whole window, taken from the row of the last call right behind the last committed step:
    /// no call of its own.
    Prefetched,
    /// Each position keeps the prediction that the last call made for its own level, at the state drafted then. The
    /// states move a little after a rejection, the predictions less: a rolling fixed-point iteration.
    Carry,
    /// As [`Draft::Carry`], and each kept prediction moves along with its state: what the move changes is told by
    /// [secants](crate::secant) of earlier calls.
    Secant,
}

/// Which quantity stands still while the state moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// The estimate of the clean image.
    X0hat,
    /// The velocity `v = (alpha y - x0hat) / sigma`.
    Velocity,
    /// The whole increment `m_k(y) - y`, the paper read literally.
    Drift,
}

impl Draft {
    /// All of them, those that save most first.
    pub const ALL: [Self; 5] = [Self::Secant, Self::Carry, Self::Prefetched, Self::Frozen, Self::Independent];

    /// Its name in settings, tables and addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Frozen => "frozen",
            Self::Prefetched => "prefetched",
            Self::Carry => "carry",
            Self::Secant => "secant",
        }
    }
}

impl FromStr for Draft {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let unknown = || NameError::new("draft", name, Self::ALL.map(Self::name));
        Self::ALL.into_iter().find(|draft| draft.name() == name).ok_or_else(unknown)
    }
}

impl FromStr for Quantity {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let unknown = || NameError::new("quantity", name, Self::ALL.map(Self::name));
        Self::ALL.into_iter().find(|quantity| quantity.name() == name).ok_or_else(unknown)
    }
}

impl Quantity {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::X0hat, Self::Velocity, Self::Drift];

    /// Its name in settings, tables and addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::X0hat => "x0hat",
            Self::Velocity => "velocity",
            Self::Drift => "drift",
        }
    }

    /// The quantity, given the prediction `x0hat` at state `y` of `step`.
    pub fn freeze(self, step: &Step, y: &[f64], x0hat: &[f64]) -> Vec<f64> {
        let Step { a, b, .. } = *step;
        let (alpha, sigma) = (step.level.alpha, step.level.sigma);
        let each = |f: &dyn Fn(f64, f64) -> f64| y.iter().zip(x0hat).map(|(&y, &x)| f(y, x)).collect();
        match self {
            Self::X0hat => x0hat.to_vec(),
            Self::Velocity => each(&|y, x| (alpha * y - x) / sigma),
            Self::Drift => each(&|y, x| (a - 1.0) * y + b * x),
        }
    }

    /// The draft mean of `step` at state `y`, the quantity being `w`.
    pub fn mean(self, step: &Step, y: &[f64], w: &[f64]) -> Vec<f64> {
        let Step { a, b, .. } = *step;
        let (alpha, sigma) = (step.level.alpha, step.level.sigma);
        let each = |f: &dyn Fn(f64, f64) -> f64| y.iter().zip(w).map(|(&y, &w)| f(y, w)).collect();
        match self {
            Self::X0hat => each(&|y, w| a * y + b * w),
            Self::Velocity => each(&|y, w| a * y + b * (alpha * y - sigma * w)),
            Self::Drift => each(&|y, w| y + w),
        }
    }
}

/// The target mean `m_k(y) = A_k y + B_k x0hat`.
pub fn target_mean(step: &Step, y: &[f64], x0hat: &[f64]) -> Vec<f64> {
    Quantity::X0hat.mean(step, y, x0hat)
}
