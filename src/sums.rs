//! Sums and questions over a state, in an order that is the same everywhere and that processors can take several numbers of at a time.

/// Partial sums.
const LANES: usize = 8;

/// `<a, b>`, by eight partial sums: a compiler may not reorder additions, and one after the other they wait for each other.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + b) + (c + d)) + ((e + f) + (g + h)) + rest
}

/// Whether all are numbers: so many looked at together that processors need not stop at each.
pub(crate) fn are_finite(numbers: &[f64]) -> bool {
    numbers.chunks(8 * LANES).all(|some| some.iter().fold(true, |all, x| all & x.is_finite()))
}

#[cfg(test)]
mod tests {
    use super::{are_finite, dot};

    #[test]
    fn one_number_that_is_not_finite_is_found_wherever_it_stands() {
        for length in [0, 1, 63, 64, 65, 200] {
            let mut numbers = vec![f64::MAX; length];
            assert!(are_finite(&numbers), "{length} numbers");
            for place in 0..length {
                for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                    numbers[place] = wrong;
                    assert!(!are_finite(&numbers), "{wrong} at {place} of {length}");
                }
                numbers[place] = -0.0;
            }
        }
    }

    #[test]
    fn a_dot_product_of_any_length_is_the_sum_of_all_products() {
        for length in 0..40 {
            let a: Vec<f64> = (0..length).map(f64::from).collect();
            let b: Vec<f64> = a.iter().map(|a| 2.0 * a + 1.0).collect();
            assert_eq!(dot(&a, &b), a.iter().zip(&b).map(|(a, b)| a * b).sum::<f64>(), "{length} numbers");
        }
    }
}
