//! From the order in which the sampler keeps an image's numbers to the one in which layers read them, and back.

use crate::config::UNetConfig;

/// `x`, `[rows, channels, size, size]`, to `y`, `[rows, inner, inner, width]`: the pixels of a patch together, zeros
/// where there is no pixel and after the last channel.
pub(crate) fn patches(config: &UNetConfig, x: &[f32], width: usize, y: &mut [f32]) {
    let &UNetConfig { channels, size, patch, .. } = config;
    let (inner, area) = (config.inner_size(), patch * patch);
    y.fill(0.0);
    for (i, value) in x.iter().enumerate() {
        let (column, line, plane) = (i % size, i / size % size, i / (size * size));
        let (channel, row) = (plane % channels, plane / channels);
        let pixel = (row * inner + line / patch) * inner + column / patch;
        y[pixel * width + channel * area + line % patch * patch + column % patch] = *value;
    }
}

/// `[rows, size, size, width]` to `[rows, channels, size, size]`; what comes after the last channel is dropped.
pub(crate) fn planes(config: &UNetConfig, x: &[f32], width: usize) -> Vec<f32> {
    let &UNetConfig { channels, size, .. } = config;
    let pixels = size * size;
    let image = |x: &[f32]| (0..channels * pixels).map(|i| x[i % pixels * width + i / pixels]).collect::<Vec<_>>();
    x.chunks_exact(pixels * width).flat_map(image).collect()
}
