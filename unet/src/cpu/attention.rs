//! Self-attention among the pixels of a small image.

use super::images::Images;
use super::scratch::Scratch;
use crate::config::HEADS;
use crate::host::{each, exp, vectorised};

/// What each pixel gathers from all pixels, `y`, given queries, keys and values of all heads, `x`.
///
/// # Shapes
/// `x`: `[rows, size, size, 3 channels]`, `y`: `[rows, size, size, channels]`.
pub(super) fn attend(Images(x, image): Images, y: &mut [f32], scratch: &mut Scratch) {
    let (channels, pixels) = (image.channels / 3, image.pixels());
    let head = channels / HEADS;
    let factor = 1.0 / (head as f32).sqrt();
    let (weights, _) = scratch.of(pixels, 0);
    vectorised(
        #[inline(always)]
        || {
            for (x, y) in x.chunks_exact(image.numbers()).zip(y.chunks_exact_mut(pixels * channels)) {
                let of = |pixel: usize, part: usize| &x[pixel * 3 * channels + part * head..][..head];
                for pixel in 0..pixels {
                    for i in 0..HEADS {
                        let query = of(pixel, i);
                        for (other, weight) in weights.iter_mut().enumerate() {
                            let key = of(other, HEADS + i);
                            *weight = query.iter().zip(key).map(|(q, k)| q * k).sum::<f32>() * factor;
                        }
                        let most = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                        each(weights, |weights| exp(weights.map(|weight| weight - most)));
                        let total: f32 = weights.iter().sum();
                        let y = &mut y[pixel * channels + i * head..][..head];
                        y.fill(0.0);
                        for (other, weight) in weights.iter().enumerate() {
                            let share = weight / total;
                            for (y, value) in y.iter_mut().zip(of(other, 2 * HEADS + i)) {
                                *y += share * value;
                            }
                        }
                    }
                }
            }
        },
    );
}
