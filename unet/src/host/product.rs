//! Matrix products, the right-hand side laid out once.

use core::array::from_fn;

use wide::f32x8;

use super::simd::vectorised;

/// Columns that are computed together: as many as keep the accumulators in registers.
const BLOCK: usize = if cfg!(target_arch = "wasm32") { 8 } else { 16 };
/// Rows that are computed together.
const ROWS: usize = 4;

/// The right-hand side of a product.
#[derive(Clone, Debug)]
pub(crate) struct Matrix {
    inner: usize,
    /// Blocks of columns, each with all rows of the matrix one behind the other; the last is filled up with zeros.
    blocks: Vec<Vec<[f32; BLOCK]>>,
}

impl Matrix {
    /// The matrix of `inner` rows whose entries are `at(row, column)`.
    pub(crate) fn new(inner: usize, columns: usize, at: impl Fn(usize, usize) -> f32) -> Self {
        let entry = |row, column| if column < columns { at(row, column) } else { 0.0 };
        let block = |block| (0..inner).map(|row| from_fn(|i| entry(row, block * BLOCK + i))).collect();
        Self { inner, blocks: (0..columns.div_ceil(BLOCK)).map(block).collect() }
    }

    /// Columns of a product: those of the matrix, filled up.
    pub(crate) fn width(&self) -> usize {
        self.blocks.len() * BLOCK
    }

    /// `left` times this matrix. Each number is summed up in the order of the inner index, whatever else there is to
    /// compute.
    ///
    /// # Shapes
    /// `left`: `[rows, inner]`, `product`: `[rows, width]`.
    pub(crate) fn multiply(&self, left: &[f32], product: &mut [f32]) {
        let (inner, width) = (self.inner, self.width());
        vectorised(
            #[inline(always)]
            || {
                for (index, block) in self.blocks.iter().enumerate() {
                    let bands = left.chunks(ROWS * inner).zip(product.chunks_mut(ROWS * width));
                    for (left, product) in bands {
                        let start = index * BLOCK;
                        match left.len() / inner {
                            1 => band::<1>(left, block, product, start),
                            2 => band::<2>(left, block, product, start),
                            3 => band::<3>(left, block, product, start),
                            _ => band::<ROWS>(left, block, product, start),
                        }
                    }
                }
            },
        );
    }
}

/// `R` rows of a product, a block of columns wide.
#[inline(always)]
fn band<const R: usize>(left: &[f32], block: &[[f32; BLOCK]], product: &mut [f32], start: usize) {
    let inner = block.len();
    let mut rows: [&[f32]; R] = [&[]; R];
    for (row, values) in rows.iter_mut().zip(left.chunks_exact(inner)) {
        *row = values;
    }
    // named as vectors: left to itself, the compiler at times finds worse ones
    let mut sums = [[f32x8::ZERO; BLOCK / 8]; R];
    for (i, right) in block.iter().enumerate() {
        let mut eights = [f32x8::ZERO; BLOCK / 8];
        for (eight, right) in eights.iter_mut().zip(right.as_chunks().0) {
            *eight = f32x8::new(*right);
        }
        for (sums, row) in sums.iter_mut().zip(rows) {
            let x = f32x8::splat(row[i]);
            for (sum, right) in sums.iter_mut().zip(eights) {
                *sum += x * right;
            }
        }
    }
    let width = product.len() / R;
    for (row, sums) in sums.into_iter().enumerate() {
        let (eights, _) = product[row * width + start..][..BLOCK].as_chunks_mut();
        for (eight, sum) in eights.iter_mut().zip(sums) {
            *eight = sum.to_array();
        }
    }
}
