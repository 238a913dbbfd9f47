//! Sinusoidal features of time, the network's time input.

/// Sines and cosines of `1000 t` at geometric frequencies from 1 to 1/10000.
///
/// # Shapes
/// `width / 2` sines, then as many cosines. `t` is in `[0, 1]`.
///
/// # Reference
/// Ho et al. 2020 (DDPM), appendix B.
pub fn time_features(t: f64, width: usize) -> impl Iterator<Item = f32> {
    let half = width / 2;
    let angle = move |i: usize| TIMES * t * frequency(i, half);
    (0..half).map(move |i| libm::sin(angle(i)) as f32).chain((0..half).map(move |i| libm::cos(angle(i)) as f32))
}

/// What a time is multiplied by.
pub(crate) const TIMES: f64 = 1000.0;

/// The `i`th of so many frequencies.
pub(crate) fn frequency(i: usize, count: usize) -> f64 {
    libm::exp(-libm::log(10_000.0) * i as f64 / count as f64)
}
