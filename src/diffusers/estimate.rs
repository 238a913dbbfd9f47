//! From a model's output to the clean estimate that a chain's step asks for.

use super::config::Clip;
use crate::chain::parametrisation::Parametrisation;
use crate::chain::schedule::Level;

/// How the model is asked and understood at one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    /// The level that the model believes to see.
    pub(super) level: Level,
    /// Factor by which its input is smaller than the chain's state.
    pub(super) scale: f64,
    pub(super) kind: Parametrisation,
    /// Whether the model's output has the other sign.
    pub(super) negated: bool,
    pub(super) clip: Clip,
    pub(super) takes: Takes,
}

/// What a step's mean is made of, `x0` being the model's estimate and `c` the clipped one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Takes {
    /// `A y + B c`.
    Clipped,
    /// `alpha' c + c' (y - alpha x0) / sigma`: DDIM moves along the noise that the *unclipped* estimate implies. That is
    /// `A y + B (x0 + weight (c - x0))` with `weight = alpha' / B`.
    Both { weight: f64 },
    /// `y + alpha (c - x0)`, the same where the step's two levels are one and `B` would be 0: `alpha` times
    /// `y / alpha + c - x0`.
    Staying,
}

impl Estimate {
    /// Of a model that is given the states as they are.
    pub(super) fn direct(level: Level, kind: Parametrisation) -> Self {
        Self { level, scale: 1.0, kind, negated: false, clip: Clip::Nothing, takes: Takes::Clipped }
    }

    pub(super) fn input(&self, y: f64) -> f64 {
        y * self.scale
    }

    /// Appends the estimate of a whole state.
    pub(super) fn append<T: Copy + Into<f64>>(&self, y: &[f64], output: &[T], estimates: &mut Vec<f64>) {
        let first = estimates.len();
        let said = |output: T| if self.negated { -output.into() } else { output.into() };
        let x0 = |(&y, &output): (&f64, &T)| self.kind.x0hat(self.level, self.input(y), said(output));
        estimates.extend(y.iter().zip(output).map(x0));
        let x0 = &mut estimates[first..];
        // the bounds of a range, and what the result is divided by
        let (bound, unit) = match self.clip {
            Clip::Nothing => (f64::INFINITY, 1.0),
            Clip::Range(range) => (range, 1.0),
            Clip::Threshold { ratio, most } => {
                let bound = quantile(x0, ratio).max(1.0).min(most);
                (bound, bound)
            }
        };
        // what is no number must not be hidden by a bound
        let clipped = |x0: f64| if x0.is_finite() { x0.clamp(-bound, bound) } else { f64::NAN };
        match self.takes {
            Takes::Clipped if self.clip == Clip::Nothing => {}
            Takes::Clipped => x0.iter_mut().for_each(|x0| *x0 = clipped(*x0) / unit),
            Takes::Both { weight } => {
                x0.iter_mut().for_each(|x0| *x0 += weight * (clipped(*x0) / unit - *x0));
            }
            Takes::Staying => {
                let each = |(x0, y): (&mut f64, &f64)| *x0 = y / self.level.alpha + (clipped(*x0) / unit - *x0);
                x0.iter_mut().zip(y).for_each(each);
            }
        }
    }
}

/// The number below which this share of the sizes lie, interpolated linearly.
fn quantile(x: &[f64], share: f64) -> f64 {
    let mut sizes: Vec<f64> = x.iter().map(|x| x.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let place = share * sizes.len().saturating_sub(1) as f64;
    let below = place as usize;
    let (Some(low), high) = (sizes.get(below), sizes.get(below + 1)) else { return 0.0 };
    high.map_or(*low, |high| low + (place - below as f64) * (high - low))
}
