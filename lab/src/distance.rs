//! Whether two sets of samples could have one distribution: a distance, and what it is where they have.

use rand::{SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// Times that the pooled samples are dealt out again.
const SHUFFLES: usize = 500;
const SEED: u64 = 11;

/// A distance of two samples beside what it is where both come from one law.
#[derive(Clone, Debug)]
pub struct Compared {
    found: f64,
    /// The distances of the pooled samples dealt out at random, ascending.
    null: Vec<f64>,
}

impl Compared {
    /// `distance` takes the members of one sample, the others being the rest of the `2 count` pooled ones.
    pub fn new(count: usize, distance: impl Fn(&[usize], &[usize]) -> f64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        let mut order: Vec<usize> = (0..2 * count).collect();
        let found = distance(&order[..count], &order[count..]);
        let mut null: Vec<f64> = (0..SHUFFLES)
            .map(|_| {
                order.shuffle(&mut rng);
                distance(&order[..count], &order[count..])
            })
            .collect();
        null.sort_by(f64::total_cmp);
        Self { found, null }
    }

    /// `{found, null_median, null_95, share_of_null_beyond}`.
    pub fn to_json(&self) -> Value {
        let at = |share: f64| self.null[((self.null.len() - 1) as f64 * share) as usize];
        let beyond = self.null.iter().filter(|&&distance| distance >= self.found).count();
        let digits = |value: f64| (value * 1e4).round() / 1e4;
        json!({
            "found": digits(self.found),
            "null_median": digits(at(0.5)),
            "null_95": digits(at(0.95)),
            "share_of_null_beyond": digits(beyond as f64 / self.null.len() as f64),
        })
    }
}

/// Energy distance `2 E|X - Y| - E|X - X'| - E|Y - Y'|` of two samples of equal size.
///
/// # Reference
/// Székely & Rizzo 2013.
pub fn energy(one: &[Vec<f64>], other: &[Vec<f64>]) -> Compared {
    let pooled: Vec<&Vec<f64>> = one.iter().chain(other).collect();
    let n = pooled.len();
    let mut apart = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..i {
            let squared: f64 = pooled[i].iter().zip(pooled[j]).map(|(a, b)| (a - b) * (a - b)).sum();
            apart[i * n + j] = squared.sqrt();
            apart[j * n + i] = squared.sqrt();
        }
    }
    Compared::new(one.len(), |a, b| {
        let mean = |from: &[usize], to: &[usize]| {
            let sum: f64 =
                from.iter().flat_map(|i| to.iter().map(move |j| (i, j))).map(|(i, j)| apart[i * n + j]).sum();
            sum / (from.len() * to.len()) as f64
        };
        2.0 * mean(a, b) - mean(a, a) - mean(b, b)
    })
}
