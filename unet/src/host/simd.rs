//! Numbers eight at a time.
//!
//! Written with arrays and loops of fixed length, which compile to vector instructions: on wasm those of SIMD128,
//! natively the best that the processor has ([`vectorised`]), if all they call is inlined: not so `from_fn` and `map`
//! of arrays. No fused multiply-add, no sum in another order: every machine computes the same bits.

use core::ops::{Add, Mul, Sub};

/// Eight numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lanes(pub(crate) [f32; Lanes::COUNT]);

impl Lanes {
    pub(crate) const COUNT: usize = 8;

    /// `values` in eights; there is no rest.
    #[inline(always)]
    pub(crate) fn of(values: &[f32]) -> &[[f32; Self::COUNT]] {
        let (eights, rest) = values.as_chunks();
        debug_assert!(rest.is_empty());
        eights
    }

    /// As [`Lanes::of`], to be written to.
    #[inline(always)]
    pub(crate) fn of_mut(values: &mut [f32]) -> &mut [[f32; Self::COUNT]] {
        let (eights, rest) = values.as_chunks_mut();
        debug_assert!(rest.is_empty());
        eights
    }

    #[inline(always)]
    pub(crate) fn map(mut self, f: impl Fn(f32) -> f32) -> Self {
        for x in &mut self.0 {
            *x = f(*x);
        }
        self
    }

    #[inline(always)]
    fn zip(mut self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        for (x, y) in self.0.iter_mut().zip(other.0) {
            *x = f(*x, y);
        }
        self
    }
}

impl Add for Lanes {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |x, y| x + y)
    }
}

impl Sub for Lanes {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |x, y| x - y)
    }
}

impl Mul for Lanes {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |x, y| x * y)
    }
}

impl Mul<f32> for Lanes {
    type Output = Self;

    #[inline(always)]
    fn mul(self, factor: f32) -> Self {
        self.map(|x| x * factor)
    }
}

/// Each number through `f`.
#[inline(always)]
pub(crate) fn each(values: &mut [f32], f: impl Fn(Lanes) -> Lanes) {
    let (eights, rest) = values.as_chunks_mut();
    for values in eights {
        *values = f(Lanes(*values)).0;
    }
    let mut last = Lanes::default();
    last.0[..rest.len()].copy_from_slice(rest);
    rest.copy_from_slice(&f(last).0[..rest.len()]);
}

/// Runs `work`, compiled for the processor at hand. What `work` calls must be inlined into it.
#[inline(always)]
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// `x / (1 + exp(-x))`.
///
/// # Reference
/// Hendrycks & Gimpel 2016; Elfwing, Uchibe & Doya 2018.
#[inline(always)]
pub(crate) fn silu(x: Lanes) -> Lanes {
    x.zip(exp(x.map(|x| -x)), |x, power| x / (1.0 + power))
}

/// `exp(x)` to within three units in the last place, `x` being no further from 0 than 87: `2^n exp(r)` with `n` the
/// integer nearest to `x / ln 2` and a polynomial for the rest, `|r| <= ln 2 / 2`.
#[inline(always)]
pub(crate) fn exp(x: Lanes) -> Lanes {
    /// Adding it leaves the nearest integer in the low bits: 1.5 * 2^23.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2, its leading bits and what they leave out (Cody & Waite 1980).
    const LN_2: (f32, f32) = (355.0 / 512.0, -2.121_944_4e-4);
    // the limit is set to the bits without their sign, as integers: two numbers of which one is fixed are compared one
    // lane at a time on wasm
    let x = x.map(|x| {
        let size = x.to_bits() & i32::MAX.cast_unsigned();
        f32::from_bits(size.min(87.0_f32.to_bits()) | (x.to_bits() ^ size))
    });
    let shifted = x.map(|x| x * core::f32::consts::LOG2_E + ROUND);
    let n = shifted.map(|shifted| shifted - ROUND);
    let r = x.zip(n, |x, n| x - n * LN_2.0 - n * LN_2.1);
    // Taylor's to degree 6: the next term is below 2e-7 of the sum
    let tail = r.map(|r| 1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0))));
    let series = r.zip(tail, |r, tail| 1.0 + r * (1.0 + r * (0.5 + r * tail)));
    // n into the exponent's bits
    let power = shifted.map(|shifted| f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23)));
    series * power
}

#[cfg(test)]
mod tests {
    use super::Lanes;

    fn exp(x: f32) -> f32 {
        super::exp(Lanes([x; Lanes::COUNT])).0[0]
    }

    #[test]
    fn exp_is_right_to_a_few_units_in_the_last_place() {
        /// Four units in the last place of an f32.
        const TOLERANCE: f64 = 4.8e-7;
        for i in -8700..8700 {
            let x = i as f32 / 100.0;
            let exact = libm::exp(f64::from(x));
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < TOLERANCE, "exp({x}) is {}, not {exact}", exp(x));
        }
        assert!(exp(-1e9) < 1e-37 && exp(1e9) > 1e37);
    }
}
