//! Many chains: shared out to the cores, or several in one call.

use anyhow::{Context as _, Result};
use pollster::block_on;
use rayon::prelude::*;
use speculative_diffusion::{Costs, Pool, Round, Run, Sampler, Target};

/// What `of` makes of the numbers below `count`, in their order; the cores share them out.
///
/// # Errors
/// One of those that `of` returns.
pub fn share_out<T: Send>(count: usize, of: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    (0..count).into_par_iter().map(&of).collect()
}

/// Runs a chain for each seed to its end, in shared calls of up to `rows` states; `watch` is given each round with the place of
/// its seed. Returns the ended runs in the seeds' order, and what they cost together.
///
/// # Errors
/// The target's, or what is wrong with an estimate, which ends all of them.
pub fn in_shared_calls<T: Target + ?Sized>(
    target: &T,
    sampler: &Sampler,
    seeds: &[u64],
    rows: usize,
    mut watch: impl FnMut(usize, Round),
) -> Result<(Vec<Run>, Costs)> {
    let mut pool = Pool::new(target.dim(), rows);
    let run = |seed: &u64| sampler.run(*seed, target.dim()).rows_per_state(target.rows_per_state());
    let numbers = seeds.iter().map(|seed| pool.push(run(seed))).collect::<Result<Vec<_>, _>>()?;
    while !pool.is_done() {
        for (number, round) in block_on(pool.call(target))? {
            watch(number, round.with_context(|| format!("chain {number}"))?);
        }
    }
    let costs = pool.costs();
    Ok((numbers.into_iter().filter_map(|number| pool.take(number)).collect(), costs))
}

/// Mean and its standard error, which is 0 for a single value.
pub fn mean(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0).max(1.0);
    (mean, (variance / n).sqrt())
}

#[cfg(test)]
mod tests {
    use pollster::block_on;
    use speculative_diffusion::targets::{Component, Mixture};
    use speculative_diffusion::{Chain, Costs, Sampler, Settings};

    use super::{in_shared_calls, mean};

    #[test]
    fn the_error_of_a_mean_is_the_deviation_over_the_root_of_the_count() {
        assert_eq!(mean([1.0, 2.0, 3.0, 4.0, 5.0].into_iter()), (3.0, (2.5_f64 / 5.0).sqrt()));
        assert_eq!(mean([7.0].into_iter()), (7.0, 0.0));
    }

    #[test]
    fn chains_in_shared_calls_end_where_they_would_alone() {
        let one = Component { weight: 1.0, mean: vec![0.5; 8], variance: vec![0.1; 8] };
        let target = Mixture::new(vec![one]).expect("a valid mixture");
        let chain = Chain::cosine(20, 1.0).expect("a valid chain");
        let sampler = Sampler::new(chain, Settings::default()).expect("a valid window");
        let seeds = [0, 1, 2, 3, 4];
        let mut costs = [Costs::default(); 5];
        let (runs, shared) = in_shared_calls(&target, &sampler, &seeds, 16, |chain, round| {
            costs[chain] += round.costs();
        })
        .expect("five runs");
        for ((seed, run), costs) in seeds.into_iter().zip(&runs).zip(&costs) {
            let alone = block_on(sampler.sample(&target, seed)).expect("a sample");
            assert_eq!((run.sample(), *costs), (Some(&alone.sample[..]), alone.costs));
        }
        assert_eq!(shared.rows, costs.iter().map(|costs| costs.rows).sum::<usize>());
        assert!(shared.calls < costs.iter().map(|costs| costs.calls).sum());
    }
}
