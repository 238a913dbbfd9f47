//! The network's one nonlinearity.

use burn::tensor::{Tensor, activation};

/// `x / (1 + exp(-x))`.
///
/// Where the tensor lies on the CPU and no gradient is wanted it is computed here, in a loop that compiles to vector
/// instructions: burn's CPU device takes the exponential of one number at a time, a sixth of a forward in a browser.
///
/// # Reference
/// Hendrycks & Gimpel 2016; Elfwing, Uchibe & Doya 2018.
pub(super) fn silu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    #[cfg(feature = "flex")]
    if !x.is_autodiff() && x.device() == burn::tensor::Device::flex() {
        return on_host(x);
    }
    activation::silu(x)
}

#[cfg(feature = "flex")]
fn on_host<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let device = x.device();
    let mut data = x.into_data();
    match data.as_mut_slice::<f32>() {
        Ok(values) => values.iter_mut().for_each(|x| *x /= 1.0 + exp(-*x)),
        Err(_) => return activation::silu(Tensor::from_data(data, &device)),
    }
    Tensor::from_data(data, &device)
}

/// `exp(x)` to about one unit in the last place: `2^n exp(r)` with `n` the integer nearest to `x / ln 2` and a
/// polynomial for the rest, `|r| <= ln 2 / 2`. No branch, so that a loop over it is vectorised.
#[cfg(any(feature = "flex", test))]
fn exp(x: f32) -> f32 {
    /// Adding it leaves the nearest integer in the low bits: 1.5 * 2^23.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2, its leading bits and what they leave out (Cody & Waite 1980).
    const LN_2: (f32, f32) = (355.0 / 512.0, -2.121_944_4e-4);
    // beyond, the result is zero or infinite for all that silu can tell
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2.0 - n * LN_2.1;
    // Taylor's to degree 6: the next term is below 2e-7 of the sum
    let tail = 1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0)));
    let series = 1.0 + r * (1.0 + r * (0.5 + r * tail));
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()));
    series * power
}

#[cfg(test)]
mod tests {
    use super::exp;

    #[test]
    fn exp_is_right_to_a_few_units_in_the_last_place() {
        /// Four units in the last place of an f32.
        const TOLERANCE: f64 = 4.8e-7;
        for i in -8600..8700 {
            let x = i as f32 / 100.0;
            let exact = libm::exp(f64::from(x));
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < TOLERANCE, "exp({x}) is {}, not {exact}", exp(x));
        }
        assert!(exp(-1e9) < 1e-37 && exp(1e9) > 1e38);
    }
}
