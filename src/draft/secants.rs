//! What a model's answer is likely to be after its question has moved. Where the vectors come from is not known here.
//!
//! A level that was evaluated in two rounds, at two states, shows how the prediction changes along the line between
//! them: a secant. A kept prediction whose state has moved since is corrected by the combination of secants that comes
//! nearest to its own move. That is one step of a multisecant quasi-Newton method, with no derivative and no call.
//!
//! Reference: Fang & Saad 2009, section 3 (multisecant methods, Anderson acceleration among them); Broyden 1965.

use core::cmp::Reverse;

/// Secants that one correction is made of. More change nothing that can be measured on the faces network.
const MEMORY: usize = 8;
/// Share of a secant's own square by which the least squares are damped (Tikhonov): secants of neighbouring levels are
/// nearly parallel, and what is seen of one direction must not be thrown far along another.
const RIDGE: f64 = 0.3;

/// How a prediction changed when its state moved, both at one level.
#[derive(Clone, Debug, PartialEq)]
pub struct Secant {
    /// The level.
    pub level: usize,
    /// Difference of the two states.
    pub moved: Vec<f64>,
    /// Difference of the two predictions, as the quantity that is frozen.
    pub changed: Vec<f64>,
}

/// The change to expect of a prediction at `level` whose state moved by `moved`: zero where no secant is known.
///
/// Secants of later levels are left out: they saw noise that the draft of this level must not know. Nearer levels come
/// first, and of two at one level the one that stands later in `secants`.
///
/// # Shapes
/// `moved` and the result are whole states.
pub(super) fn expected_change(secants: &[Secant], level: usize, moved: &[f64]) -> Vec<f64> {
    let mut near: Vec<&Secant> = secants.iter().filter(|secant| secant.level <= level).rev().collect();
    near.sort_by_key(|secant| Reverse(secant.level));
    near.truncate(MEMORY);

    // minimise |moved - sum g_i moved_i|^2 + RIDGE sum g_i^2 |moved_i|^2
    let mut gram: Vec<Vec<f64>> = near.iter().map(|a| near.iter().map(|b| dot(&a.moved, &b.moved)).collect()).collect();
    for (i, row) in gram.iter_mut().enumerate() {
        row[i] *= 1.0 + RIDGE;
    }
    let weights = solve(gram, near.iter().map(|secant| dot(&secant.moved, moved)).collect());

    let mut change = vec![0.0; moved.len()];
    for (weight, secant) in weights.iter().zip(near) {
        for (sum, changed) in change.iter_mut().zip(&secant.changed) {
            *sum += weight * changed;
        }
    }
    // vectors too large to square say nothing
    if change.iter().all(|x| x.is_finite()) { change } else { vec![0.0; moved.len()] }
}

/// Those secants that [`expected_change`] can still choose at `level` or later, in the order of their levels.
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

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Solves a symmetric positive definite system by Gaussian elimination, which such a system needs no pivoting for.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for i in 0..n {
        let (above, below) = matrix.split_at_mut(i + 1);
        let (pivot, solved) = (&above[i], right[i]);
        for (row, value) in below.iter_mut().zip(&mut right[i + 1..]) {
            let factor = row[i] / pivot[i];
            row.iter_mut().zip(pivot).for_each(|(x, p)| *x -= factor * p);
            *value -= factor * solved;
        }
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|j| matrix[i][j] * right[j]).sum();
        right[i] = (right[i] - known) / matrix[i][i];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::{RIDGE, Secant, expected_change, nearest, solve};

    #[test]
    fn solve_solves() {
        let x = solve(vec![vec![4.0, 1.0, 0.5], vec![1.0, 3.0, -1.0], vec![0.5, -1.0, 2.0]], vec![1.0, 2.0, 3.0]);
        for (row, right) in [([4.0, 1.0, 0.5], 1.0), ([1.0, 3.0, -1.0], 2.0), ([0.5, -1.0, 2.0], 3.0)] {
            let left: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
            assert!((left - right).abs() < 1e-12, "{x:?}");
        }
    }

    #[test]
    fn a_move_along_a_secant_changes_the_prediction_as_the_secant_did() {
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
