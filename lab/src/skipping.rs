//! Calls that are left out: estimates that are used again, or forecast from earlier ones. Another law, on purpose.

use anyhow::Result;
use speculative_diffusion::Target;

use crate::path::{Path, size};

/// An estimate is used again until it would have changed by this share of its size, if it goes on changing as it did between the
/// last two.
///
/// # Reference
/// After Liu et al. 2024 (TeaCache, arXiv 2411.19108), which adds up what a fit expects of the change.
///
/// # Errors
/// The target's.
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
///
/// # Errors
/// The target's.
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

#[cfg(test)]
mod tests {
    use pollster::block_on;
    use speculative_diffusion::targets::{Component, Mixture};
    use speculative_diffusion::{Chain, Sampler, Settings};

    use super::{cached, forecast};
    use crate::path::{Path, Solved, size};

    #[test]
    fn nothing_left_out_is_the_plain_sample_and_leaving_calls_out_is_another() {
        let component = |weight, mean: f64| Component { weight, mean: vec![mean; 4], variance: vec![0.1; 4] };
        let target = Mixture::new(vec![component(0.5, 1.0), component(0.5, -1.0)]).expect("a valid mixture");
        let chain = Chain::cosine(40, 1.0).expect("a valid chain");
        let sampler = Sampler::new(&chain, Settings::default()).expect("valid settings");
        let plain = block_on(sampler.plain(&target, 3)).expect("a sample");
        let drawn = |way: &dyn Fn(&mut Path<Mixture>)| -> Solved {
            let mut path = Path::new(chain.steps(), &[], &target, 3);
            way(&mut path);
            path.ended()
        };
        let off = |solved: &Solved| size(&solved.sample, &plain);
        for solved in
            [drawn(&|path| cached(path, 0.0).expect("a path")), drawn(&|path| forecast(path, 1).expect("a path"))]
        {
            assert_eq!(solved.calls, 40);
            assert!(off(&solved) < 1e-12, "off by {}", off(&solved));
        }
        for solved in
            [drawn(&|path| cached(path, 0.5).expect("a path")), drawn(&|path| forecast(path, 6).expect("a path"))]
        {
            assert!(solved.calls < 30 && off(&solved) > 1e-4, "off by {} after {}", off(&solved), solved.calls);
        }
    }
}
