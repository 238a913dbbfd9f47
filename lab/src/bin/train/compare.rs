//! Whether two sets of samples look alike to a classifier.

use lab::Compared;
use nalgebra::{DMatrix, DVector};

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

    use lab::{Compared, energy};

    use super::frechet;

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
        let beyond = |compared: Compared| compared.to_json()["share_of_null_beyond"].as_f64().expect("a number");
        assert!(beyond(energy(&one, &same)) > 0.01 && beyond(energy(&one, &wider)) < 0.01);
        assert!(beyond(frechet(&floats(&one), &floats(&same))) > 0.01);
        assert!(beyond(frechet(&floats(&one), &floats(&wider))) < 0.01);
    }
}
