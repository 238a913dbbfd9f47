//! Predicts how the model's output changes when its input state has moved. Where the vectors come from is not known here.
//!
//! A level that was evaluated in two rounds, at two states, shows how the estimate changes along the line between
//! them: a secant. A kept estimate whose state has moved since is corrected by the combination of secants that comes
//! nearest to its own move. That is one step of a multisecant quasi-Newton method, with no derivative and no call.
//!
//! Reference: Fang & Saad 2009, section 3 (multisecant methods, Anderson acceleration among them); Broyden 1965.

use core::array::from_fn;
use core::cmp::Reverse;

use crate::cores;
use crate::sums::{are_finite, dot};

/// Secants that one correction is made of. More change nothing that can be measured on the faces network.
const MEMORY: usize = 8;
/// Share of a secant's own square by which the least squares are damped (Tikhonov): secants of neighbouring levels are
/// nearly parallel, and what is seen of one direction must not be thrown far along another.
const RIDGE: f64 = 0.3;

/// Numbers summed at a time, which stay next to the processor.
const BLOCK: usize = 128;

/// How an estimate changed when its state moved, both at one level.
#[derive(Clone, Debug, PartialEq)]
pub struct Secant {
    /// The level.
    pub level: usize,
    /// Difference of the two states.
    pub moved: Vec<f64>,
    /// Difference of the two estimates.
    pub changed: Vec<f64>,
}

/// Secants made ready for the corrections of one window: in the order in which a level chooses them, with the products of
/// their moves.
#[derive(Clone, Debug)]
pub(crate) struct Multisecant {
    /// Their places among those known: latest level first, and of two at one level the one that was learnt later.
    order: Vec<usize>,
    /// Of each with itself and those after it that can be part of the same correction.
    products: Vec<[f64; MEMORY]>,
}

impl Multisecant {
    /// Of these secants: up to eight dot products for each. Once a window.
    pub(crate) fn new(known: &[Secant]) -> Self {
        #[cfg(test)]
        tests::MADE_READY.with(|count| count.set(count.get() + 1));
        let mut order: Vec<usize> = (0..known.len()).rev().collect();
        order.sort_by_key(|&i| Reverse(known[i].level));
        let dim = known.first().map_or(0, |secant| secant.moved.len());
        let products = cores::map(order.len(), MEMORY * dim, |i| {
            let mut row = [0.0; MEMORY];
            for (product, &other) in row.iter_mut().zip(&order[i..]) {
                *product = dot(&known[order[i]].moved, &known[other].moved);
            }
            row
        });
        Self { order, products }
    }

    /// The change to expect of an estimate at `level` whose state moved by `moved`: zero where no secant is known.
    ///
    /// Secants of later levels are left out: they depend on noise that the draft of this level must not know. Nearer levels come
    /// first, and of two at one level the one that was learnt later.
    ///
    /// # Shapes
    /// `known` are the secants that were made ready. `moved` and the result, which takes its place, are whole states.
    pub(super) fn expected_change(&self, known: &[Secant], level: usize, moved: Vec<f64>) -> Vec<f64> {
        let first = self.order.partition_point(|&i| known[i].level > level);
        let count = MEMORY.min(self.order.len() - first);
        let near = || self.order[first..first + count].iter().map(|&i| &known[i]);

        // minimise |moved - sum g_i moved_i|^2 + RIDGE sum g_i^2 |moved_i|^2
        let product = |i: usize, j: usize| match i.max(j) < count {
            true => self.products[first + i.min(j)][i.abs_diff(j)] * if i == j { 1.0 + RIDGE } else { 1.0 },
            false => 0.0,
        };
        let mut gram = from_fn(|i| from_fn(|j| product(i, j)));
        let mut weights = [0.0; MEMORY];
        let products = cores::map(count, moved.len(), |i| dot(&known[self.order[first + i]].moved, &moved));
        weights[..count].copy_from_slice(&products);
        solve(&mut gram, &mut weights[..count]);

        let mut change = moved;
        cores::in_parts(&mut change, BLOCK, MEMORY, |first, part| {
            for (at, sums) in part.chunks_mut(BLOCK).enumerate() {
                sums.fill(0.0);
                for (weight, secant) in weights.iter().zip(near()) {
                    for (sum, changed) in sums.iter_mut().zip(&secant.changed[first + BLOCK * at..]) {
                        *sum += weight * changed;
                    }
                }
            }
        });
        // vectors too large to square say nothing
        if !are_finite(&change) {
            change.fill(0.0);
        }
        change
    }
}

/// Those secants that [`Multisecant`] can still choose at `level` or later, in the order of their levels.
pub(super) fn nearest(mut secants: Vec<Secant>, level: usize) -> Vec<Secant> {
    secants.sort_by_key(|secant| secant.level);
    // from the back: up to MEMORY of each later level, and of all earlier ones together
    let (mut group, mut members) = (usize::MAX, 0);
    secants.reverse();
    secants.retain(|secant| {
        let of = secant.level.max(level);
        members = if of == group { members + 1 } else { 1 };
        group = of;
        members <= MEMORY
    });
    secants.reverse();
    secants
}

/// Overwrites the right side with the solution of a symmetric positive definite system, by Gaussian elimination, which such
/// a system needs no pivoting for.
fn solve(matrix: &mut [[f64; MEMORY]; MEMORY], right: &mut [f64]) {
    let n = right.len();
    for i in 0..n {
        let (above, below) = matrix[..n].split_at_mut(i + 1);
        let (pivot, solved) = (&above[i], right[i]);
        for (row, value) in below.iter_mut().zip(&mut right[i + 1..]) {
            let factor = row[i] / pivot[i];
            row.iter_mut().zip(pivot).skip(i).for_each(|(x, p)| *x -= factor * p);
            *value -= factor * solved;
        }
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|j| matrix[i][j] * right[j]).sum();
        right[i] = (right[i] - known) / matrix[i][i];
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    use super::{MEMORY, Multisecant, RIDGE, Secant, nearest, solve};

    std::thread_local! {
        /// How often secants were made ready on this thread.
        pub(crate) static MADE_READY: Cell<usize> = const { Cell::new(0) };
    }

    fn expected_change(secants: &[Secant], level: usize, moved: &[f64]) -> Vec<f64> {
        Multisecant::new(secants).expected_change(secants, level, moved.to_vec())
    }

    #[test]
    fn solve_solves() {
        let rows = [[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.0]];
        let (mut matrix, mut x) = ([[0.0; MEMORY]; MEMORY], [1.0, 2.0, 3.0]);
        matrix.iter_mut().zip(&rows).for_each(|(row, given)| row[..3].copy_from_slice(given));
        solve(&mut matrix, &mut x);
        for (row, right) in [([4.0, 1.0, 0.5], 1.0), ([1.0, 3.0, -1.0], 2.0), ([0.5, -1.0, 2.0], 3.0)] {
            let left: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
            assert!((left - right).abs() < 1e-12, "{x:?}");
        }
    }

    #[test]
    fn a_move_along_a_secant_changes_the_estimate_as_the_secant_did() {
        let secant = Secant { level: 3, moved: vec![1.0, 2.0], changed: vec![5.0, -1.0] };
        let change = expected_change(&[secant], 3, &[2.0, 4.0]);
        // the ridge shortens it
        assert!((change[0] - 10.0 / (1.0 + RIDGE)).abs() < 1e-12 && (change[1] + 2.0 / (1.0 + RIDGE)).abs() < 1e-12);
    }

    #[test]
    fn forgetting_far_secants_changes_nothing() {
        let secant = |i: usize| Secant {
            level: i * 7 % 12,
            moved: vec![1.0 + i as f64, 2.0, i as f64],
            changed: vec![i as f64, 1.0, 0.0],
        };
        let all: Vec<Secant> = (0..200).map(secant).collect();
        let few = nearest(all.clone(), 5);
        assert!(few.len() <= 7 * super::MEMORY);
        for level in 5..14 {
            let moved = [0.3, -1.0, 2.0];
            assert_eq!(expected_change(&all, level, &moved), expected_change(&few, level, &moved));
        }
    }

    #[test]
    fn vectors_too_large_to_square_say_nothing() {
        let secant = Secant { level: 0, moved: vec![1e200], changed: vec![1.0] };
        assert_eq!(expected_change(&[secant], 0, &[1.0]), [0.0]);
    }

    #[test]
    fn secants_of_later_levels_and_across_the_move_say_nothing() {
        let later = Secant { level: 4, moved: vec![1.0, 0.0], changed: vec![1.0, 1.0] };
        let across = Secant { level: 3, moved: vec![0.0, 1.0], changed: vec![1.0, 1.0] };
        assert_eq!(expected_change(&[later, across], 3, &[1.0, 0.0]), [0.0, 0.0]);
        assert_eq!(expected_change(&[], 3, &[1.0, 0.0]), [0.0, 0.0]);
    }
}
