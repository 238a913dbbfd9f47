//! One test: keep the draft, or reflect it, so that the outcome has the target's law.
//!
//! Draft `y~ = p + s z` and target `N(q, s^2 I)` share the variance. With `D = (p - q) / s` the density ratio of target
//! to draft at `y~` is `exp(-<z, D> - |D|^2 / 2)`; a rejected draft is mirrored in the plane halfway between the means,
//! `y = q + s (z - 2 <e, z> e)` with `e = D / |D|`. The result is `N(q, s^2 I)` exactly and equals the draft with
//! probability `2 Phi(-|D| / 2)`, the most any coupling can reach.
//!
//! Reference: Bou-Rabee, Eberle & Zimmer 2020, section 2.3 (reflection maximal coupling); De Bortoli et al. 2025,
//! algorithm "reflection maximal coupling".

use core::f64::consts::SQRT_2;

/// Outcome of one window position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The draft passed and is committed bit for bit.
    Accepted,
    /// The draft failed; its reflection is committed and the window ends.
    Rejected,
    /// The last step of the chain: no noise, no test, the target mean itself.
    Deterministic,
    /// Behind a rejection: not looked at.
    Discarded,
}

/// How a draft is tested. [`Rule::Reflection`] is the method; the others are **not exact**. They exist to show what
/// breaks, and to prove that the tests would see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// The reflection coupling, exact.
    Reflection,
    /// On rejection draw afresh from the target, as if the rejection carried no information.
    Redraw,
    /// On rejection add the draft's noise to the target mean, unreflected.
    KeepNoise,
    /// On rejection remove the noise along the gap instead of reversing it.
    HalfReflection,
    /// Forget `|D|^2 / 2` in the ratio.
    WrongRatio,
    /// Accept more willingly, by `exp(c)`.
    Lenient(f64),
    /// Accept everything.
    AcceptAll,
}

/// What a test measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test {
    /// `|D|`, the distance of the means in units of `s`.
    pub gap: f64,
    /// Logarithm of the target's density over the draft's, at the draft.
    pub ln_ratio: f64,
    /// Accepted or rejected.
    pub verdict: Verdict,
    /// The committed state's residual along the gap, `<(y - q) / s, e>`: standard normal in a correct sampler. NaN
    /// where the means agree and there is no direction.
    pub residual: f64,
}

/// Tests the draft `draft = p + s z` against the target mean `q`; on rejection overwrites `draft` with the reflected
/// state. `redraw` supplies fresh normals to [`Rule::Redraw`] alone.
///
/// # Shapes
/// `p`, `q`, `z` and `draft` are whole states of the same length; the sums run over all dimensions. `s > 0`.
pub fn test(
    rule: Rule,
    (p, q): (&[f64], &[f64]),
    s: f64,
    z: &[f64],
    ln_u: f64,
    draft: &mut [f64],
    redraw: impl FnOnce() -> Vec<f64>,
) -> Test {
    let gaps = || p.iter().zip(q).map(|(p, q)| (p - q) / s);
    let squared: f64 = gaps().map(|d| d * d).sum();
    // a draft far out may have a gap whose square is too large for a number
    let unit = if squared.is_finite() { 1.0 } else { gaps().fold(0.0, |most: f64, d| most.max(d.abs())) };
    let norm = libm::sqrt(gaps().map(|d| (d / unit) * (d / unit)).sum());
    let towards: f64 = gaps().zip(z).map(|(d, z)| (d / unit) * z).sum();
    let (gap, along) = (norm * unit, towards * unit);
    let ln_ratio = -along - 0.5 * squared;

    let accepted = match rule {
        Rule::Reflection | Rule::Redraw | Rule::KeepNoise | Rule::HalfReflection => ln_u <= ln_ratio,
        Rule::WrongRatio => ln_u <= -along,
        Rule::Lenient(c) => ln_u <= ln_ratio + c,
        Rule::AcceptAll => true,
    };
    // <e, z>, the draft's noise along the gap
    let noise = towards / norm;
    if accepted {
        // (p + s z - q) / s = D + z
        return Test { gap, ln_ratio, verdict: Verdict::Accepted, residual: gap + noise };
    }

    let removed = match rule {
        Rule::HalfReflection => noise,
        Rule::KeepNoise | Rule::Redraw => 0.0,
        _ => 2.0 * noise,
    };
    let fresh = if rule == Rule::Redraw { redraw() } else { Vec::new() };
    let z = if rule == Rule::Redraw { &fresh } else { z };
    let mut residual = 0.0;
    for (i, d) in gaps().enumerate() {
        let e = d / unit / norm;
        let r = z[i] - removed * e;
        residual += r * e;
        draft[i] = q[i] + s * r;
    }
    Test { gap, ln_ratio, verdict: Verdict::Rejected, residual }
}

/// `2 Phi(-gap / 2)`: how likely a draft at this distance is to be accepted.
pub fn acceptance_probability(gap: f64) -> f64 {
    libm::erfc(gap / (2.0 * SQRT_2))
}
