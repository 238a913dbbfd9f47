//! Convolutions of images whose channels lie together: `[rows, height, width, channels]`.

use core::array::from_fn;
use core::ops::Range;

use super::scratch::Scratch;
use crate::graph::{self, Image};
use crate::host::{Lanes, Matrix, vectorised};

/// The images of one value, `[rows, size, size, channels]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Images<'a>(pub(super) &'a [f32], pub(super) Image);

/// What happens to that which stands where a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Onto {
    /// It is overwritten.
    Nothing,
    /// The result is added to it.
    Sum,
}

impl Onto {
    /// Eight numbers, or as many as there is room for.
    #[inline(always)]
    fn write(self, sum: Lanes, y: &mut [f32]) {
        match y.first_chunk_mut() {
            Some(y) => *y = if self == Self::Sum { Lanes(*y) + sum } else { sum }.0,
            None => {
                for (y, sum) in y.iter_mut().zip(sum.0) {
                    *y = if self == Self::Sum { *y + sum } else { sum };
                }
            }
        }
    }
}

/// A convolution, its weights laid out for the way it is computed.
#[derive(Clone, Debug)]
pub(super) struct Conv {
    to: usize,
    /// Filled up with zeros to a multiple of eight.
    bias: Vec<f32>,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// One product with the pixels under the kernel.
    Direct { kernel: usize, stride: usize, weights: Matrix },
    /// 3x3 without stride on tiles of 4x4 pixels: a product for each point of a transformed tile, with a quarter of the
    /// multiplications (Winograd 1980; Lavin & Gray 2016, section 4).
    Wide(Vec<Matrix>),
    /// The same on tiles of 2x2 pixels.
    Narrow(Vec<Matrix>),
}

/// Images no larger than this are taken in tiles of 2x2: there are too few of 4x4 to pay for reading their weights.
const NARROW: usize = 4;
/// Tiles that are transformed together: about what the cache next to a core holds.
const TILES: usize = 16;
/// Pixels whose surroundings are gathered together.
const GATHERED: usize = 64;

impl Conv {
    /// For images of `size`, which are doubled already where the layer wants that.
    ///
    /// # Shapes
    /// `weights`: `[to, from, kernel, kernel]`, `bias`: `[to]`.
    pub(super) fn new(layer: &graph::Conv, size: usize, weights: &[f32], mut bias: Vec<f32>) -> Self {
        let graph::Conv { from, to, kernel, stride, .. } = *layer;
        let weight = |out: usize, channel: usize, tap: usize| weights[(out * from + channel) * kernel * kernel + tap];
        let kind = if kernel == 3 && stride == 1 && from.is_multiple_of(Lanes::COUNT) {
            let taps = |channel, out| from_fn(|i| from_fn(|j| f64::from(weight(out, channel, i * 3 + j))));
            if size > NARROW {
                Kind::Wide(points(&KERNEL6, from, to, taps))
            } else {
                Kind::Narrow(points(&KERNEL4, from, to, taps))
            }
        } else {
            let at = |row: usize, out| weight(out, row % from, row / from);
            Kind::Direct { kernel, stride, weights: Matrix::new(kernel * kernel * from, to, at) }
        };
        bias.resize(to.next_multiple_of(Lanes::COUNT), 0.0);
        Self { to, bias, kind }
    }

    /// The convolution of `x`, zeros around it.
    ///
    /// # Shapes
    /// `y`: `[rows, size / stride, size / stride, to]`.
    pub(super) fn run(&self, x: Images, onto: Onto, y: &mut [f32], scratch: &mut Scratch) {
        match &self.kind {
            Kind::Direct { kernel, stride, weights } => {
                self.direct((*kernel, *stride), weights, x, onto, y, scratch);
            }
            Kind::Wide(weights) => self.tiles(weights, (input6, output6), x, onto, y, scratch),
            Kind::Narrow(weights) => self.tiles(weights, (input4, output4), x, onto, y, scratch),
        }
    }

    fn direct(
        &self,
        (kernel, stride): (usize, usize),
        weights: &Matrix,
        Images(x, image): Images,
        onto: Onto,
        y: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let inner = kernel * kernel * image.channels;
        let (gathered, product) = scratch.of(GATHERED * inner, GATHERED * weights.width());
        for (chunk, y) in y.chunks_mut(GATHERED * self.to).enumerate() {
            let (first, pixels) = (chunk * GATHERED, y.len() / self.to);
            let left = if kernel == 1 && stride == 1 {
                &x[first * inner..][..pixels * inner]
            } else {
                let gathered = &mut gathered[..pixels * inner];
                gather((kernel, stride), Images(x, image), first, gathered);
                gathered
            };
            let product = &mut product[..pixels * weights.width()];
            weights.multiply(left, product);
            for (y, product) in y.chunks_exact_mut(self.to).zip(product.chunks_exact(weights.width())) {
                for ((y, product), bias) in y.iter_mut().zip(product).zip(&self.bias) {
                    *y = product + bias + if onto == Onto::Sum { *y } else { 0.0 };
                }
            }
        }
    }

    fn tiles<const IN: usize, const OUT: usize>(
        &self,
        weights: &[Matrix],
        (input, output): (impl Fn([Lanes; IN]) -> [Lanes; IN] + Copy, impl Fn([Lanes; IN]) -> [Lanes; OUT] + Copy),
        Images(x, image): Images,
        onto: Onto,
        y: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let (channels, width) = (image.channels, weights[0].width());
        let tiling = Tiling { image, side: image.size.div_ceil(OUT), step: OUT };
        let tiles = x.len() / image.numbers() * tiling.side * tiling.side;
        let (transformed, products) = scratch.of(IN * IN * TILES * channels, IN * IN * TILES * width);
        for first in (0..tiles).step_by(TILES) {
            let some = first..tiles.min(first + TILES);
            let (left, product) = (some.len() * channels, some.len() * width);
            vectorised(
                #[inline(always)]
                || tiling.transform(some.clone(), x, input, transformed),
            );
            for (point, weights) in weights.iter().enumerate() {
                weights.multiply(&transformed[point * left..][..left], &mut products[point * product..][..product]);
            }
            vectorised(
                #[inline(always)]
                || tiling.collect(some.clone(), &products[..IN * IN * product], output, self, onto, y),
            );
        }
    }
}

/// What the kernel covers at some pixels of the result, from `first` on.
///
/// # Shapes
/// `gathered`: `[pixels, kernel, kernel, channels]`.
fn gather((kernel, stride): (usize, usize), Images(x, image): Images, first: usize, gathered: &mut [f32]) {
    let Image { size, channels } = image;
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

    /// `B^T d B` of some tiles.
    ///
    /// # Shapes
    /// `x`: `[rows, size, size, channels]`, `transformed`: `[IN, IN, tiles, channels]`.
    #[inline(always)]
    fn transform<const IN: usize>(
        self,
        tiles: Range<usize>,
        x: &[f32],
        input: impl Fn([Lanes; IN]) -> [Lanes; IN],
        transformed: &mut [f32],
    ) {
        let (Image { size, channels }, numbers) = (self.image, self.image.numbers());
        let (count, eights) = (tiles.len(), channels / Lanes::COUNT);
        let transformed = Lanes::of_mut(transformed);
        for (tile, (row, top, start)) in tiles.map(|tile| self.place(tile)).enumerate() {
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
                    for (line, value) in half.iter_mut().zip(input(column)) {
                        line[j] = value;
                    }
                }
                for (i, line) in half.into_iter().enumerate() {
                    for (j, point) in input(line).into_iter().enumerate() {
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
    fn collect<const IN: usize, const OUT: usize>(
        self,
        tiles: Range<usize>,
        products: &[f32],
        output: impl Fn([Lanes; IN]) -> [Lanes; OUT],
        conv: &Conv,
        onto: Onto,
        y: &mut [f32],
    ) {
        let (size, pixels, count) = (self.image.size, self.image.pixels(), tiles.len());
        let products = Lanes::of(products);
        let eights = products.len() / (IN * IN * count);
        for (tile, (row, top, start)) in tiles.map(|tile| self.place(tile)).enumerate() {
            for (eight, bias) in Lanes::of(&conv.bias).iter().enumerate() {
                let mut half = [[Lanes::default(); IN]; OUT];
                for j in 0..IN {
                    let mut column = [Lanes::default(); IN];
                    for (i, value) in column.iter_mut().enumerate() {
                        *value = Lanes(products[((i * IN + j) * count + tile) * eights + eight]);
                    }
                    for (line, value) in half.iter_mut().zip(output(column)) {
                        line[j] = value;
                    }
                }
                for (i, line) in half.into_iter().enumerate().take(size - top) {
                    for (j, value) in output(line).into_iter().enumerate().take(size - start) {
                        let pixel = row * pixels + (top + i) * size + start + j;
                        let y = &mut y[pixel * conv.to..][..conv.to][eight * Lanes::COUNT..];
                        onto.write(value + Lanes(*bias), y);
                    }
                }
            }
        }
    }
}

/// The pixel at a place counted from `margin` pixels outside the image, if it is inside.
#[inline(always)]
fn inside((line, column): (usize, usize), margin: usize, size: usize) -> Option<usize> {
    let within = |at: usize| at >= margin && at < size + margin;
    (within(line) && within(column)).then(|| (line - margin) * size + column - margin)
}

/// `G` for tiles of 4x4, points 0, +-1, +-2 and infinity: Lavin & Gray 2016, section 4.3.
const KERNEL6: [[f64; 3]; 6] = [
    [1.0 / 4.0, 0.0, 0.0],
    [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
    [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
    [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
    [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
    [0.0, 0.0, 1.0],
];
/// `G` for tiles of 2x2, points 0, +-1 and infinity: section 4.1.
const KERNEL4: [[f64; 3]; 4] = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.0, 0.0, 1.0]];

/// A matrix for each point of the transformed kernels `G g G^T`.
fn points<const IN: usize>(
    g: &[[f64; 3]; IN],
    from: usize,
    to: usize,
    kernel: impl Fn(usize, usize) -> [[f64; 3]; 3],
) -> Vec<Matrix> {
    // `[point][channel][out]`
    let mut transformed = vec![0.0; IN * IN * from * to];
    for channel in 0..from {
        for out in 0..to {
            let kernel = kernel(channel, out);
            for (i, a) in g.iter().enumerate() {
                for (j, b) in g.iter().enumerate() {
                    let terms = (0..9).map(|tap| a[tap / 3] * kernel[tap / 3][tap % 3] * b[tap % 3]);
                    transformed[((i * IN + j) * from + channel) * to + out] = terms.sum::<f64>() as f32;
                }
            }
        }
    }
    transformed
        .chunks_exact(from * to)
        .map(|point| Matrix::new(from, to, |channel, out| point[channel * to + out]))
        .collect()
}

/// `B^T d` for tiles of 4x4.
#[inline(always)]
fn input6([a, b, c, d, e, f]: [Lanes; 6]) -> [Lanes; 6] {
    let (even, odd) = (e - c * 4.0, d - b * 4.0);
    let (even2, odd2) = (e - c, (d - b) * 2.0);
    [a * 4.0 - c * 5.0 + e, even + odd, even - odd, even2 + odd2, even2 - odd2, b * 4.0 - d * 5.0 + f]
}

/// `A^T m` for tiles of 4x4.
#[inline(always)]
fn output6([a, b, c, d, e, f]: [Lanes; 6]) -> [Lanes; 4] {
    let (sum, difference) = (b + c, b - c);
    let (sum2, difference2) = (d + e, d - e);
    [a + sum + sum2, difference + difference2 * 2.0, sum + sum2 * 4.0, difference + difference2 * 8.0 + f]
}

/// `B^T d` for tiles of 2x2.
#[inline(always)]
fn input4([a, b, c, d]: [Lanes; 4]) -> [Lanes; 4] {
    [a - c, b + c, c - b, b - d]
}

/// `A^T m` for tiles of 2x2.
#[inline(always)]
fn output4([a, b, c, d]: [Lanes; 4]) -> [Lanes; 2] {
    [a + b + c, b - c - d]
}

#[cfg(test)]
mod tests {
    use speculative_diffusion::noise::{Noise, Purpose};

    use super::{Conv, Images, Onto};
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
