//! Whether two sets of samples could be of one law: a distance, and what it is where they are.

use nalgebra::{DMatrix, DVector};
use rand::{SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// Times that the pooled samples are dealt out again.
const SHUFFLES: usize = 500;
const SEED: u64 = 11;

/// A distance of two samples beside what it is where both come from one law.
pub struct Compared {
    found: f64,
    /// The distances of the pooled samples dealt out at random, ascending.
    null: Vec<f64>,
}

impl Compared {
    /// `distance` takes the members of one sample, the others being the rest of the `2 count` pooled ones.
    fn new(count: usize, distance: impl Fn(&[usize], &[usize]) -> f64) -> Self {
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

/// Fréchet distance of the normals fitted to two samples' features.
///
/// # Reference
/// Heusel et al. 2017, eq. 6; here in the features of the classifier of this project.
pub fn frechet(one: &[Vec<f32>], other: &[Vec<f32>]) -> Compared {
    let pooled: Vec<DVector<f64>> = one
        .iter()
        .chain(other)
        .map(|features| DVector::from_iterator(features.len(), features.iter().map(|&x| f64::from(x))))
        .collect();
    let fit = |members: &[usize]| {
        let n = members.len() as f64;
        let centre = members.iter().map(|&i| &pooled[i]).sum::<DVector<f64>>() / n;
        let mut covariance = DMatrix::zeros(centre.len(), centre.len());
        for &i in members {
            let residual = &pooled[i] - &centre;
            covariance.ger(1.0 / (n - 1.0), &residual, &residual, 1.0);
        }
        (centre, covariance)
    };
    Compared::new(one.len(), |a, b| {
        let ((centre_a, a), (centre_b, b)) = (fit(a), fit(b));
        let half = root(&a);
        let cross = root(&(&half * &b * &half)).trace();
        (centre_a - centre_b).norm_squared() + a.trace() + b.trace() - 2.0 * cross
    })
}

/// The square root of a symmetric matrix that is positive but for rounding.
fn root(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let eigen = matrix.clone().symmetric_eigen();
    let roots = eigen.eigenvalues.map(|value| value.max(0.0).sqrt());
    &eigen.eigenvectors * DMatrix::from_diagonal(&roots) * eigen.eigenvectors.transpose()
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::{energy, frechet};

    /// 200 vectors of 5 numbers, normal with this spread.
    fn sample(seed: u64, spread: f64) -> Vec<Vec<f64>> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        (0..200).map(|_| (0..5).map(|_| spread * rng.sample::<f64, _>(StandardNormal)).collect()).collect()
    }

    fn floats(sample: &[Vec<f64>]) -> Vec<Vec<f32>> {
        sample.iter().map(|vector| vector.iter().map(|&x| x as f32).collect()).collect()
    }

    #[test]
    fn samples_of_one_law_lie_in_the_null_band_and_others_do_not() {
        let (one, same, wider) = (sample(1, 1.0), sample(2, 1.0), sample(3, 1.4));
        let beyond = |compared: super::Compared| compared.to_json()["share_of_null_beyond"].as_f64().expect("a number");
        assert!(beyond(energy(&one, &same)) > 0.01 && beyond(energy(&one, &wider)) < 0.01);
        assert!(beyond(frechet(&floats(&one), &floats(&same))) > 0.01);
        assert!(beyond(frechet(&floats(&one), &floats(&wider))) < 0.01);
    }
}
