//! 3x3 convolutions without stride on transformed tiles: a product for each point of a tile, with a quarter of the
//! multiplications for tiles of 4x4 pixels (Winograd 1980; Lavin & Gray 2016).

use core::marker::PhantomData;
use core::ops::Range;

use super::images::{Images, Onto, inside};
use super::scratch::Scratch;
use crate::graph::Image;
use crate::host::{Lanes, Matrix, vectorised};

/// Tiles that are transformed together: about what the cache next to a core holds.
const TILES: usize = 16;

/// How tiles of `IN` pixels a side make `OUT` pixels a side of the result: `A^T [(G g G^T) (B^T d B)] A`.
pub(super) trait Form<const IN: usize, const OUT: usize> {
    /// `G`.
    const KERNEL: [[f64; 3]; IN];

    /// `B^T d`.
    fn input(pixels: [Lanes; IN]) -> [Lanes; IN];

    /// `A^T m`.
    fn output(points: [Lanes; IN]) -> [Lanes; OUT];
}

/// Results of 4x4 pixels, points 0, +-1, +-2 and infinity: Lavin & Gray 2016, section 4.3.
#[derive(Clone, Debug)]
pub(super) struct Wide;

impl Form<6, 4> for Wide {
    const KERNEL: [[f64; 3]; 6] = [
        [1.0 / 4.0, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];

    #[inline(always)]
    fn input([a, b, c, d, e, f]: [Lanes; 6]) -> [Lanes; 6] {
        let (even, odd) = (e - c * 4.0, d - b * 4.0);
        let (even2, odd2) = (e - c, (d - b) * 2.0);
        [a * 4.0 - c * 5.0 + e, even + odd, even - odd, even2 + odd2, even2 - odd2, b * 4.0 - d * 5.0 + f]
    }

    #[inline(always)]
    fn output([a, b, c, d, e, f]: [Lanes; 6]) -> [Lanes; 4] {
        let (sum, difference) = (b + c, b - c);
        let (sum2, difference2) = (d + e, d - e);
        [a + sum + sum2, difference + difference2 * 2.0, sum + sum2 * 4.0, difference + difference2 * 8.0 + f]
    }
}

/// Results of 2x2 pixels, points 0, +-1 and infinity: section 4.1.
#[derive(Clone, Debug)]
pub(super) struct Narrow;

impl Form<4, 2> for Narrow {
    const KERNEL: [[f64; 3]; 4] = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.0, 0.0, 1.0]];

    #[inline(always)]
    fn input([a, b, c, d]: [Lanes; 4]) -> [Lanes; 4] {
        [a - c, b + c, c - b, b - d]
    }

    #[inline(always)]
    fn output([a, b, c, d]: [Lanes; 4]) -> [Lanes; 2] {
        [a + b + c, b - c - d]
    }
}

/// A convolution with transformed weights.
#[derive(Clone, Debug)]
pub(super) struct Tiled<F, const IN: usize, const OUT: usize> {
    to: usize,
    /// Filled up with zeros to a multiple of eight.
    bias: Vec<f32>,
    /// A matrix for each point of a transformed tile.
    points: Vec<Matrix>,
    form: PhantomData<F>,
}

impl<F: Form<IN, OUT>, const IN: usize, const OUT: usize> Tiled<F, IN, OUT> {
    /// From so many channels; `kernel` says what leads from a channel to one of the result's.
    pub(super) fn new(from: usize, mut bias: Vec<f32>, kernel: impl Fn(usize, usize) -> [[f64; 3]; 3]) -> Self {
        let to = bias.len();
        // `[point][channel][out]`
        let mut transformed = vec![0.0; IN * IN * from * to];
        for channel in 0..from {
            for out in 0..to {
                let kernel = kernel(channel, out);
                for (i, a) in F::KERNEL.iter().enumerate() {
                    for (j, b) in F::KERNEL.iter().enumerate() {
                        let terms = (0..9).map(|tap| a[tap / 3] * kernel[tap / 3][tap % 3] * b[tap % 3]);
                        transformed[((i * IN + j) * from + channel) * to + out] = terms.sum::<f64>() as f32;
                    }
                }
            }
        }
        let matrix = |point: &[f32]| Matrix::new(from, to, |channel, out| point[channel * to + out]);
        let points = transformed.chunks_exact(from * to).map(matrix).collect();
        bias.resize(to.next_multiple_of(Lanes::COUNT), 0.0);
        Self { to, bias, points, form: PhantomData }
    }

    /// # Shapes
    /// `y`: `[rows, size, size, to]`.
    pub(super) fn run(&self, Images(x, image): Images, onto: Onto, y: &mut [f32], scratch: &mut Scratch) {
        let (channels, width) = (image.channels, self.points[0].width());
        let tiling = Tiling { image, side: image.size.div_ceil(OUT), step: OUT };
        let tiles = x.len() / image.numbers() * tiling.side * tiling.side;
        let (transformed, products) = scratch.of(IN * IN * TILES * channels, IN * IN * TILES * width);
        for first in (0..tiles).step_by(TILES) {
            let some = first..tiles.min(first + TILES);
            let (left, product) = (some.len() * channels, some.len() * width);
            vectorised(
                #[inline(always)]
                || Self::transform(tiling, some.clone(), x, transformed),
            );
            for (point, weights) in self.points.iter().enumerate() {
                weights.multiply(&transformed[point * left..][..left], &mut products[point * product..][..product]);
            }
            vectorised(
                #[inline(always)]
                || self.collect(tiling, some.clone(), &products[..IN * IN * product], onto, y),
            );
        }
    }

    /// `B^T d B` of some tiles.
    ///
    /// # Shapes
    /// `x`: `[rows, size, size, channels]`, `transformed`: `[IN, IN, tiles, channels]`.
    #[inline(always)]
    fn transform(tiling: Tiling, tiles: Range<usize>, x: &[f32], transformed: &mut [f32]) {
        let (Image { size, channels }, numbers) = (tiling.image, tiling.image.numbers());
        let (count, eights) = (tiles.len(), channels / Lanes::COUNT);
        let transformed = Lanes::of_mut(transformed);
        for (tile, (row, top, start)) in tiles.map(|tile| tiling.place(tile)).enumerate() {
            let image = Lanes::of(&x[row * numbers..][..numbers]);
            let mut pixels = [[None; IN]; IN];
            for (i, line) in pixels.iter_mut().enumerate() {
                for (j, pixel) in line.iter_mut().enumerate() {
                    *pixel = inside((top + i, start + j), 1, size);
                }
            }
            for eight in 0..eights {
                // half transformed: `[line][column]`
                let mut half = [[Lanes::default(); IN]; IN];
                for j in 0..IN {
                    let mut column = [Lanes::default(); IN];
                    for (value, line) in column.iter_mut().zip(&pixels) {
                        if let Some(pixel) = line[j] {
                            *value = Lanes(image[pixel * eights + eight]);
                        }
                    }
                    for (line, value) in half.iter_mut().zip(F::input(column)) {
                        line[j] = value;
                    }
                }
                for (i, line) in half.into_iter().enumerate() {
                    for (j, point) in F::input(line).into_iter().enumerate() {
                        transformed[((i * IN + j) * count + tile) * eights + eight] = point.0;
                    }
                }
            }
        }
    }

    /// `A^T m A` of some tiles, and the bias.
    ///
    /// # Shapes
    /// `products`: `[IN, IN, tiles, width]`, `y`: `[rows, size, size, to]`.
    #[inline(always)]
    fn collect(&self, tiling: Tiling, tiles: Range<usize>, products: &[f32], onto: Onto, y: &mut [f32]) {
        let (size, pixels, count) = (tiling.image.size, tiling.image.pixels(), tiles.len());
        let products = Lanes::of(products);
        let eights = products.len() / (IN * IN * count);
        for (tile, (row, top, start)) in tiles.map(|tile| tiling.place(tile)).enumerate() {
            for (eight, bias) in Lanes::of(&self.bias).iter().enumerate() {
                let mut half = [[Lanes::default(); IN]; OUT];
                for j in 0..IN {
                    let mut column = [Lanes::default(); IN];
                    for (i, value) in column.iter_mut().enumerate() {
                        *value = Lanes(products[((i * IN + j) * count + tile) * eights + eight]);
                    }
                    for (line, value) in half.iter_mut().zip(F::output(column)) {
                        line[j] = value;
                    }
                }
                for (i, line) in half.into_iter().enumerate().take(size - top) {
                    for (j, value) in F::output(line).into_iter().enumerate().take(size - start) {
                        let pixel = row * pixels + (top + i) * size + start + j;
                        let y = &mut y[pixel * self.to..][..self.to][eight * Lanes::COUNT..];
                        onto.write(value + Lanes(*bias), y);
                    }
                }
            }
        }
    }
}

/// Images cut into tiles.
#[derive(Clone, Copy)]
struct Tiling {
    image: Image,
    /// Tiles a side of an image.
    side: usize,
    /// Pixels a side of a tile's result.
    step: usize,
}

impl Tiling {
    /// A tile's image, and its first line and column there.
    #[inline(always)]
    fn place(self, tile: usize) -> (usize, usize, usize) {
        let Self { side, step, .. } = self;
        (tile / (side * side), tile / side % side * step, tile % side * step)
    }
}
