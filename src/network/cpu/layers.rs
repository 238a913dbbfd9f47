//! What stands between the convolutions: normalisation, attention, dense layers.

use super::Scratch;
use super::conv::{Conv, Images, Onto, Shape};
use super::product::Matrix;
use super::simd::{Lanes, each, exp, silu, vectorised};
use crate::network::config::{GROUPS, HEADS};
use crate::network::tensors::Tensors;
use crate::network::weights::WeightsError;

/// A dense layer.
#[derive(Clone, Debug)]
pub(in crate::network) struct Linear {
    weights: Matrix,
    bias: Vec<f32>,
}

impl Linear {
    pub(in crate::network) fn take(
        tensors: &mut Tensors,
        name: &str,
        from: usize,
        to: usize,
    ) -> Result<Self, WeightsError> {
        let weights = tensors.take(&format!("{name}.weight"), &[from, to])?;
        let bias = tensors.take(&format!("{name}.bias"), &[to])?;
        Ok(Self { weights: Matrix::new(from, to, |row, column| weights[row * to + column]), bias })
    }

    /// # Shapes
    /// `x`: `[rows, from]`, result: `[rows, to]`.
    pub(in crate::network) fn run(&self, x: &[f32], rows: usize) -> Vec<f32> {
        let width = self.weights.width();
        let mut product = vec![0.0; rows * width];
        self.weights.multiply(x, &mut product);
        let biased = |row: &[f32]| row.iter().zip(&self.bias).map(|(x, bias)| x + bias).collect::<Vec<_>>();
        product.chunks_exact(width).flat_map(biased).collect()
    }
}

/// Group normalisation (Wu & He 2018), with what follows it.
#[derive(Clone, Debug)]
pub(super) struct Norm {
    pub(super) gamma: Vec<f32>,
    pub(super) beta: Vec<f32>,
}

/// Added to variances.
const EPSILON: f32 = 1e-5;

/// What follows a normalisation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Then<'a> {
    Nothing,
    Silu,
    /// Scaled by one more than the first half of a row, shifted by the second half, and then through SiLU.
    /// `[rows, 2 channels]`.
    Modulated(&'a [f32]),
}

impl Norm {
    /// # Shapes
    /// `x`, `y`: as `shape` says.
    pub(super) fn run(&self, x: &[f32], shape: Shape, then: Then, y: &mut [f32]) {
        let channels = shape.channels;
        let image = shape.pixels() * channels;
        for row in 0..shape.rows {
            let (x, y) = (&x[row * image..][..image], &mut y[row * image..][..image]);
            let (scale, shift) = self.affine(x, shape, then, row);
            vectorised(
                #[inline(always)]
                || {
                    let pixels = x.chunks_exact(channels).zip(y.chunks_exact_mut(channels));
                    for (x, y) in pixels {
                        let affine = Lanes::of(&scale).iter().zip(Lanes::of(&shift));
                        for ((x, y), (scale, shift)) in Lanes::of(x).iter().zip(Lanes::of_mut(y)).zip(affine) {
                            let normed = Lanes(*x) * Lanes(*scale) + Lanes(*shift);
                            *y = if matches!(then, Then::Nothing) { normed } else { silu(normed) }.0;
                        }
                    }
                },
            );
        }
    }

    /// Factor and shift of each channel that do it all, for one image.
    fn affine(&self, x: &[f32], shape: Shape, then: Then, row: usize) -> (Vec<f32>, Vec<f32>) {
        let channels = shape.channels;
        let group = channels / GROUPS;
        let count = (shape.pixels() * group) as f32;
        // means over groups of what is summed up for each channel
        let means = |sums: &[f32]| -> Vec<f32> {
            let group = sums.chunks_exact(group).flat_map(|sums| {
                let mean = sums.iter().sum::<f32>() / count;
                core::iter::repeat_n(mean, group)
            });
            group.collect()
        };
        let mean = means(&sums(x, channels, &vec![0.0; channels], |x, zero| x - zero));
        let variance = means(&sums(x, channels, &mean, |x, mean| (x - mean) * (x - mean)));

        let mut scale: Vec<f32> =
            self.gamma.iter().zip(&variance).map(|(gamma, variance)| gamma / (variance + EPSILON).sqrt()).collect();
        let mut shift: Vec<f32> =
            self.beta.iter().zip(&scale).zip(&mean).map(|((beta, scale), mean)| beta - mean * scale).collect();
        if let Then::Modulated(modulation) = then {
            let (more, moved) = modulation[row * 2 * channels..][..2 * channels].split_at(channels);
            for channel in 0..channels {
                let factor = 1.0 + more[channel];
                scale[channel] *= factor;
                shift[channel] = shift[channel] * factor + moved[channel];
            }
        }
        (scale, shift)
    }
}

/// For each channel, the sum over pixels of what `of` makes of a value and the channel's own number.
fn sums(x: &[f32], channels: usize, own: &[f32], of: impl Fn(Lanes, Lanes) -> Lanes) -> Vec<f32> {
    let mut sums = vec![0.0; channels];
    vectorised(
        #[inline(always)]
        || {
            for pixel in x.chunks_exact(channels) {
                let own = Lanes::of(own);
                for ((sum, value), own) in Lanes::of_mut(&mut sums).iter_mut().zip(Lanes::of(pixel)).zip(own) {
                    *sum = (Lanes(*sum) + of(Lanes(*value), Lanes(*own))).0;
                }
            }
        },
    );
    sums
}

/// Self-attention over the pixels of a small image, added to its input.
#[derive(Clone, Debug)]
pub(super) struct Attention {
    pub(super) norm: Norm,
    pub(super) query_key_value: Conv,
    pub(super) output: Conv,
}

impl Attention {
    /// # Shapes
    /// `x`: as `shape` says, overwritten.
    pub(super) fn run(&self, x: &mut [f32], shape: Shape, scratch: &mut Scratch) {
        let (channels, pixels) = (shape.channels, shape.pixels());
        let head = channels / HEADS;
        let mut h = scratch.take(shape.len());
        self.norm.run(x, shape, Then::Nothing, &mut h);
        let mut qkv = scratch.take(3 * shape.len());
        self.query_key_value.run(Images(&h, shape), Onto::Nothing, &mut qkv, scratch);
        let factor = 1.0 / (head as f32).sqrt();
        let mut weights = scratch.take(pixels);
        vectorised(
            #[inline(always)]
            || {
                for (qkv, h) in qkv.chunks_exact(pixels * 3 * channels).zip(h.chunks_exact_mut(pixels * channels)) {
                    let of = |pixel: usize, part: usize| &qkv[pixel * 3 * channels + part * head..][..head];
                    for pixel in 0..pixels {
                        for i in 0..HEADS {
                            let query = of(pixel, i);
                            for (other, weight) in weights.iter_mut().enumerate() {
                                let key = of(other, HEADS + i);
                                *weight = query.iter().zip(key).map(|(q, k)| q * k).sum::<f32>() * factor;
                            }
                            let most = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                            each(&mut weights, |weights| exp(weights.map(|weight| weight - most)));
                            let total: f32 = weights.iter().sum();
                            let y = &mut h[pixel * channels + i * head..][..head];
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
        self.output.run(Images(&h, shape), Onto::Sum, x, scratch);
        scratch.give([h, qkv, weights]);
    }
}
