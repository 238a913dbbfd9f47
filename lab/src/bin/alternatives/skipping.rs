//! Calls that are left out: estimates that are used again, or forecast from earlier ones. Another law, on purpose.

use anyhow::Result;
use speculative_diffusion::Target;

use super::path::{Path, size};

/// An estimate is used again until it would have changed by this share of its size, if it goes on changing as it did between the
/// last two.
///
/// # Reference
/// After Liu et al. 2024 (TeaCache, arXiv 2411.19108), which adds up what a fit expects of the change.
pub fn cached<T: Target>(path: &mut Path<T>, share: f64) -> Result<()> {
    let (mut kept, mut at, mut rate, mut changed) = (Vec::new(), 0, f64::INFINITY, f64::INFINITY);
    for step in 0..path.steps.len() {
        changed += rate;
        // the first two show how fast it changes
        if step < 2 || changed >= share {
            let estimate = path.estimates(step, step + 1)?.swap_remove(0);
            if step > 0 {
                let zero = vec![0.0; estimate.len()];
                rate = size(&estimate, &kept) / size(&kept, &zero).max(1e-6) / (step - at) as f64;
            }
            (kept, at, changed) = (estimate, step, 0.0);
        }
        path.settle_by(&kept);
    }
    Ok(())
}

/// An estimate every so many steps, and between them what a parabola through the last three says.
///
/// # Reference
/// After Liu et al. 2025 (TaylorSeer, arXiv 2503.06923), here for the estimate and not for features of the network.
pub fn forecast<T: Target>(path: &mut Path<T>, every: usize) -> Result<()> {
    let mut made: Vec<Vec<f64>> = Vec::new();
    for step in 0..path.steps.len() {
        if step % every == 0 {
            made.push(path.estimates(step, step + 1)?.swap_remove(0));
        }
        // Newton's form in units of `every` steps, counted from the last estimate
        let t = (step % every) as f64 / every as f64;
        let last = made.len() - 1;
        let mut estimate = made[last].clone();
        for (i, x) in estimate.iter_mut().enumerate() {
            if last >= 1 {
                let first = made[last][i] - made[last - 1][i];
                *x += t * first;
                if last >= 2 {
                    let second = made[last][i] - 2.0 * made[last - 1][i] + made[last - 2][i];
                    *x += 0.5 * t * (t + 1.0) * second;
                }
            }
        }
        path.settle_by(&estimate);
    }
    Ok(())
}
