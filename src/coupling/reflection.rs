//! One test: keep the draft, or reflect it, so that the outcome has the target's law.
//!
//! Draft `y~ = p + s z` and target `N(q, s^2 I)` share the variance. With `D = (p - q) / s` the density ratio of target
//! to draft at `y~` is `exp(-<z, D> - |D|^2 / 2)`; a rejected draft is mirrored in the plane halfway between the means,
//! `y = q + s (z - 2 <e, z> e)` with `e = D / |D|`. The result is `N(q, s^2 I)` exactly and equals the draft with
//! probability `2 Phi(-|D| / 2)`, the most any coupling can reach.
//!
//! It knows no levels, windows or chains.
//!
//! Reference: Bou-Rabee, Eberle & Zimmer 2020, section 2.3 (reflection maximal coupling); De Bortoli et al. 2025,
//! algorithm "reflection maximal coupling".

use core::f64::consts::SQRT_2;

use crate::sums::dot;

/// What a test measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test {
    /// `|D|`, the distance of the means in units of `s`; infinite where it is too large for a number.
    pub gap: f64,
    /// Logarithm of the target's density over the draft's, at the draft.
    pub ln_ratio: f64,
    /// What decided.
    pub by: Decided,
    /// The committed state's residual along the gap, `<(y - q) / s, e>`: standard normal in a correct sampler. `None`
    /// where the means agree and there is no direction.
    pub residual: Option<f64>,
}

/// Which test decided.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Decided {
    /// A uniform of its own: accepted if and only if `ln_u <= ln_ratio`.
    Uniform {
        /// Its logarithm.
        ln_u: f64,
    },
    /// The window's path of summed `ln_ratio`: accepted if and only if the path rises higher after this step than within
    /// it or before.
    Peak {
        /// How high it rises within this step.
        top: f64,
    },
}

impl Test {
    /// The logarithm of the uniform that decided, if one did.
    pub fn ln_u(&self) -> Option<f64> {
        match self.by {
            Decided::Uniform { ln_u } => Some(ln_u),
            Decided::Peak { .. } => None,
        }
    }

    /// How likely the draft was to be accepted by a test of its own, given its gap.
    pub fn probability(&self) -> f64 {
        acceptance_probability(self.gap)
    }
}

/// What became of one position of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// The draft passed and is committed bit for bit.
    Accepted(Test),
    /// The draft failed; its reflection is committed and the window ends.
    Rejected(Test),
    /// A step without noise: no test, the target mean itself is committed.
    Deterministic,
    /// After the stop: not looked at.
    Discarded,
}

impl Verdict {
    /// What was measured, where something was tested.
    pub fn test(&self) -> Option<&Test> {
        match self {
            Self::Accepted(test) | Self::Rejected(test) => Some(test),
            Self::Deterministic | Self::Discarded => None,
        }
    }

    /// Whether the draft was tested and kept.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }

    /// Whether the draft was tested and reflected.
    pub fn is_rejected(&self) -> bool {
        matches!(self, Self::Rejected(_))
    }
}

/// A drafted step and what it is tested against.
///
/// ```
/// use speculative_diffusion::coupling::{Coupled, acceptance_probability};
/// use speculative_diffusion::{Noise, Purpose};
///
/// let (p, q, s) = ([0.3, 0.0], [0.0, 0.1], 0.5);
/// let kept = (0..1000).filter(|&level| {
///     let (normals, ln_u) = (Noise::from(7).normals(Purpose::Step, level, 2), Noise::from(7).ln_uniform(level));
///     let mut state: Vec<f64> = p.iter().zip(&normals).map(|(p, z)| p + s * z).collect();
///     // now it is a draw from N(p, s^2), and after this one from N(q, s^2)
///     Coupled { draft_mean: &p, target_mean: &q, s, normals: &normals, ln_u }.reflect(&mut state).is_accepted()
/// });
/// let gap = (0.3_f64.powi(2) + 0.1_f64.powi(2)).sqrt() / s;
/// assert!((kept.count() as f64 / 1000.0 - acceptance_probability(gap)).abs() < 0.05);
/// ```
#[doc(alias = "maximal coupling")]
#[doc(alias = "rejection sampling")]
#[derive(Clone, Copy, Debug)]
pub struct Coupled<'a> {
    /// `p`: mean of the draft.
    pub draft_mean: &'a [f64],
    /// `q`: mean of the target.
    pub target_mean: &'a [f64],
    /// Standard deviation of both, above 0.
    pub s: f64,
    /// `z`: the draft is `p + s z`.
    pub normals: &'a [f64],
    /// Logarithm of a uniform in `(0, 1]`.
    pub ln_u: f64,
}

impl Coupled<'_> {
    /// The reflection coupling. `state` holds the draft `p + s z`; on rejection it is overwritten with the reflected
    /// state.
    ///
    /// # Shapes
    /// The means, the normals and `state` are whole states of the same length; the sums run over all dimensions.
    pub fn reflect(&self, state: &mut [f64]) -> Verdict {
        let gap = self.gap();
        if self.ln_u <= gap.ln_ratio {
            return Verdict::Accepted(gap.kept(Decided::Uniform { ln_u: self.ln_u }));
        }
        let residual = self.replace(&gap, self.normals, 2.0 * gap.noise, state);
        Verdict::Rejected(gap.replaced(Decided::Uniform { ln_u: self.ln_u }, residual))
    }

    pub(crate) fn gap(&self) -> Gap {
        let means = || self.draft_mean.iter().zip(self.target_mean);
        let mut direction: Vec<f64> = means().map(|(p, q)| (p - q) / self.s).collect();
        let mut squared = dot(&direction, &direction);
        if squared < f64::MIN_POSITIVE {
            // a gap whose square is no number of full precision is none
            direction.fill(0.0);
            squared = 0.0;
        }
        if squared.is_finite() {
            let (norm, along) = (libm::sqrt(squared), dot(&direction, self.normals));
            return Gap { size: norm, ln_ratio: -along - 0.5 * squared, noise: along / norm, norm, direction };
        }
        // a draft far out may have a gap whose square, or which itself, is too large for a number; halves first: means far
        // out on opposite sides are further apart than any number
        direction = means().map(|(p, q)| 0.5 * p - 0.5 * q).collect();
        let unit = direction.iter().fold(f64::MIN_POSITIVE, |most: f64, d| most.max(d.abs()));
        direction.iter_mut().for_each(|d| *d /= unit);
        let norm = libm::sqrt(dot(&direction, &direction));
        let (size, noise) = (2.0 * norm * (unit / self.s), dot(&direction, self.normals) / norm);
        Gap { size, ln_ratio: f64::NEG_INFINITY, noise, norm, direction }
    }

    /// The draft's noise with another component along the gap.
    pub(crate) fn with_component(&self, gap: &Gap, component: f64) -> Vec<f64> {
        let change = (component - gap.noise) / gap.norm;
        gap.direction.iter().zip(self.normals).map(|(d, z)| z + change * d).collect()
    }

    /// Overwrites `state` with `q + s (z - removed e)` and returns its residual along the gap.
    pub(crate) fn replace(&self, gap: &Gap, z: &[f64], removed: f64, state: &mut [f64]) -> f64 {
        let mut residual = 0.0;
        for (i, d) in gap.direction.iter().enumerate() {
            let e = d / gap.norm;
            let r = z[i] - removed * e;
            residual += r * e;
            state[i] = self.target_mean[i] + self.s * r;
        }
        residual
    }
}

/// The difference of the means, measured.
pub(crate) struct Gap {
    /// `|D|`.
    pub(crate) size: f64,
    pub(crate) ln_ratio: f64,
    /// `<e, z>`, the draft's noise along the gap; NaN where there is none.
    pub(crate) noise: f64,
    /// `D`, in another unit where it is too large for a number, and its length.
    direction: Vec<f64>,
    norm: f64,
}

impl Gap {
    /// The test of a draft that is committed.
    pub(crate) fn kept(&self, by: Decided) -> Test {
        // (p + s z - q) / s = D + z
        let residual = (self.size > 0.0).then_some(self.size + self.noise);
        Test { gap: self.size, ln_ratio: self.ln_ratio, by, residual }
    }

    /// The test of a draft in whose place something else is committed.
    pub(crate) fn replaced(&self, by: Decided, residual: f64) -> Test {
        Test { gap: self.size, ln_ratio: self.ln_ratio, by, residual: Some(residual) }
    }
}

/// `2 Phi(-gap / 2)`: how likely a draft at this distance is to be accepted.
pub fn acceptance_probability(gap: f64) -> f64 {
    libm::erfc(gap / (2.0 * SQRT_2))
}
