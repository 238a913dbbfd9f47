//! Images whose channels lie together, `[rows, height, width, channels]`, and where results are written.

use crate::graph::Image;
use crate::host::Lanes;

/// The images of one value, `[rows, size, size, channels]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Images<'a>(pub(super) &'a [f32], pub(super) Image);

/// What becomes of the numbers that are there when a result is written.
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
    pub(super) fn write(self, sum: Lanes, y: &mut [f32]) {
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

/// The pixel at a place counted from `margin` pixels outside the image, if it is inside.
#[inline(always)]
pub(super) fn inside((line, column): (usize, usize), margin: usize, size: usize) -> Option<usize> {
    let within = |at: usize| at >= margin && at < size + margin;
    (within(line) && within(column)).then(|| (line - margin) * size + column - margin)
}
