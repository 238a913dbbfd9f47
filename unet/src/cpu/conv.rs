//! Convolutions.

use core::array::from_fn;

use super::images::{Images, Onto, inside};
use super::scratch::Scratch;
use super::winograd::{Narrow, Tiled, Wide};
use crate::graph::{self, Image};
use crate::host::{Lanes, Matrix};

/// A convolution, its weights laid out for the way it is computed.
#[derive(Clone, Debug)]
pub(super) enum Conv {
    /// One product with the pixels under the kernel.
    Direct(Direct),
    /// On tiles of 4x4 pixels.
    Wide(Tiled<Wide, 6, 4>),
    /// On tiles of 2x2 pixels.
    Narrow(Tiled<Narrow, 4, 2>),
}

/// Images no larger than this are taken in tiles of 2x2: there are too few of 4x4 to pay for reading their weights.
const NARROW: usize = 4;

impl Conv {
    /// For images of `size`, which are doubled already where the layer wants that.
    ///
    /// # Shapes
    /// `weights`: `[to, from, kernel, kernel]`, `bias`: `[to]`.
    pub(super) fn new(layer: &graph::Conv, size: usize, weights: &[f32], bias: Vec<f32>) -> Self {
        let graph::Conv { from, to, kernel, stride, .. } = *layer;
        let weight = |out: usize, channel: usize, tap: usize| weights[(out * from + channel) * kernel * kernel + tap];
        if kernel == 3 && stride == 1 && from.is_multiple_of(Lanes::COUNT) {
            let taps = |channel, out| from_fn(|i| from_fn(|j| f64::from(weight(out, channel, i * 3 + j))));
            if size > NARROW {
                Self::Wide(Tiled::new(from, bias, taps))
            } else {
                Self::Narrow(Tiled::new(from, bias, taps))
            }
        } else {
            let at = |row: usize, out| weight(out, row % from, row / from);
            let weights = Matrix::new(kernel * kernel * from, to, at);
            Self::Direct(Direct { kernel, stride, bias, weights })
        }
    }

    /// The convolution of `x`, zeros around it.
    ///
    /// # Shapes
    /// `y`: `[rows, size / stride, size / stride, to]`.
    pub(super) fn run(&self, x: Images, onto: Onto, y: &mut [f32], scratch: &mut Scratch) {
        match self {
            Self::Direct(conv) => conv.run(x, onto, y, scratch),
            Self::Wide(conv) => conv.run(x, onto, y, scratch),
            Self::Narrow(conv) => conv.run(x, onto, y, scratch),
        }
    }
}

/// Pixels whose surroundings are gathered together.
const GATHERED: usize = 64;

/// A convolution of any kernel and stride.
#[derive(Clone, Debug)]
pub(super) struct Direct {
    kernel: usize,
    stride: usize,
    bias: Vec<f32>,
    weights: Matrix,
}

impl Direct {
    fn run(&self, Images(x, image): Images, onto: Onto, y: &mut [f32], scratch: &mut Scratch) {
        let Self { kernel, stride, bias, weights } = self;
        let (inner, to, width) = (kernel * kernel * image.channels, bias.len(), weights.width());
        let (gathered, product) = scratch.of(GATHERED * inner, GATHERED * width);
        for (chunk, y) in y.chunks_mut(GATHERED * to).enumerate() {
            let (first, pixels) = (chunk * GATHERED, y.len() / to);
            let left = if *kernel == 1 && *stride == 1 {
                &x[first * inner..][..pixels * inner]
            } else {
                let gathered = &mut gathered[..pixels * inner];
                self.gather(Images(x, image), first, gathered);
                gathered
            };
            let product = &mut product[..pixels * width];
            weights.multiply(left, product);
            for (y, product) in y.chunks_exact_mut(to).zip(product.chunks_exact(width)) {
                for ((y, product), bias) in y.iter_mut().zip(product).zip(bias) {
                    *y = product + bias + if onto == Onto::Sum { *y } else { 0.0 };
                }
            }
        }
    }

    /// What the kernel covers at some pixels of the result, from `first` on.
    ///
    /// # Shapes
    /// `gathered`: `[pixels, kernel, kernel, channels]`.
    fn gather(&self, Images(x, image): Images, first: usize, gathered: &mut [f32]) {
        let (Image { size, channels }, &Self { kernel, stride, .. }) = (image, self);
        let out_size = size / stride;
        for (i, around) in gathered.chunks_exact_mut(kernel * kernel * channels).enumerate() {
            let pixel = first + i;
            let (row, pixel) = (pixel / (out_size * out_size), pixel % (out_size * out_size));
            let corner = (pixel / out_size * stride, pixel % out_size * stride);
            for (tap, to) in around.chunks_exact_mut(channels).enumerate() {
                let at = (corner.0 + tap / kernel, corner.1 + tap % kernel);
                match inside(at, kernel / 2, size) {
                    Some(pixel) => to.copy_from_slice(&x[(row * size * size + pixel) * channels..][..channels]),
                    None => to.fill(0.0),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use speculative_diffusion::{Noise, Purpose};

    use super::Conv;
    use crate::cpu::images::{Images, Onto};
    use crate::cpu::scratch::Scratch;
    use crate::graph::{self, Image};

    fn numbers(level: usize, len: usize) -> Vec<f32> {
        Noise::new(1, 0).normals(Purpose::Step, level, len).iter().map(|&x| x as f32).collect()
    }

    /// Term by term, in f64.
    fn plain(Images(x, image): Images, layer: &graph::Conv, weights: &[f32], bias: &[f32]) -> Vec<f64> {
        let (rows, Image { size, channels }) = (x.len() / image.numbers(), image);
        let (kernel, stride) = (layer.kernel, layer.stride);
        let out = size / stride;
        let mut y = Vec::new();
        for at in 0..rows * out * out {
            let (row, line, column) = (at / (out * out), at / out % out * stride, at % out * stride);
            for (to, bias) in bias.iter().enumerate() {
                let mut sum = f64::from(*bias);
                for tap in 0..kernel * kernel {
                    let (i, j) = (line + tap / kernel, column + tap % kernel);
                    let margin = kernel / 2;
                    if i < margin || j < margin || i >= size + margin || j >= size + margin {
                        continue;
                    }
                    for channel in 0..channels {
                        let x = x[((row * size + i - margin) * size + j - margin) * channels + channel];
                        sum += f64::from(x) * f64::from(weights[(to * channels + channel) * kernel * kernel + tap]);
                    }
                }
                y.push(sum);
            }
        }
        y
    }

    #[test]
    fn every_way_to_convolve_sums_up_the_same() {
        /// In units of what a sum of terms of size 1 comes to; transformed tiles lose a digit.
        const TOLERANCE: f64 = 5e-5;
        for (rows, size, channels, to, kernel, stride) in [
            (1, 8, 8, 8, 3, 1),
            (3, 16, 32, 24, 3, 1),
            (2, 28, 8, 1, 3, 1),
            (5, 6, 16, 3, 3, 1),
            (3, 4, 40, 16, 3, 1),
            (7, 2, 8, 8, 3, 1),
            (3, 8, 8, 20, 3, 2),
            (2, 16, 3, 8, 3, 1),
            (3, 4, 24, 72, 1, 1),
        ] {
            let image = Image { size, channels };
            let x = numbers(0, rows * image.numbers());
            let scale = libm::sqrt((channels * kernel * kernel) as f64);
            let (weights, bias) = (numbers(1, to * channels * kernel * kernel), numbers(2, to));
            let layer = graph::Conv { name: String::new(), from: channels, to, kernel, stride, doubled: false };
            let conv = Conv::new(&layer, size, &weights, bias.clone());
            let expected = plain(Images(&x, image), &layer, &weights, &bias);
            let mut scratch = Scratch::default();
            let mut y = vec![1.0; expected.len()];
            for onto in [Onto::Nothing, Onto::Sum] {
                let before = y.clone();
                conv.run(Images(&x, image), onto, &mut y, &mut scratch);
                for (i, (y, expected)) in y.iter().zip(&expected).enumerate() {
                    let expected = expected + if onto == Onto::Sum { f64::from(before[i]) } else { 0.0 };
                    let off = (f64::from(*y) - expected).abs();
                    assert!(
                        off < TOLERANCE * scale,
                        "{rows} rows of {image:?} to {to}, kernel {kernel}, stride {stride}: off by {off} at {i}"
                    );
                }
            }
        }
    }
}
