//! What the network is told of time.

/// Sines and cosines of `1000 t` at geometric frequencies from 1 to 1/10000.
///
/// # Shapes
/// `width / 2` sines, then as many cosines. `t` is in `[0, 1]`.
///
/// # Reference
/// Ho et al. 2020 (DDPM), appendix B.
pub fn time_features(t: f64, width: usize) -> impl Iterator<Item = f32> {
    let half = width / 2;
    let angle = move |i: usize| 1000.0 * t * libm::exp(-libm::log(10_000.0) * i as f64 / half as f64);
    (0..half).map(move |i| libm::sin(angle(i)) as f32).chain((0..half).map(move |i| libm::cos(angle(i)) as f32))
}
