//! Time of the host's share of a run: one step's noise, one test, one run on a closed-form target.

use criterion::{Criterion, criterion_group, criterion_main};
use pollster::block_on;
use speculative_diffusion::coupling::test;
use speculative_diffusion::noise::Purpose;
use speculative_diffusion::targets::{Component, Mixture};
use speculative_diffusion::{Chain, Noise, Rule, Sampler, Settings};

/// Numbers in one picture of the page.
const DIM: usize = 768;

fn core(criterion: &mut Criterion) {
    let noise = Noise::new(1, 0);
    criterion.bench_function("noise of one step", |b| b.iter(|| noise.normals(Purpose::Step, 3, DIM)));

    let z = noise.normals(Purpose::Step, 3, DIM);
    let (p, q) = (vec![0.1; DIM], vec![0.11; DIM]);
    criterion.bench_function("one test", |b| {
        b.iter(|| test(Rule::Reflection, (&p, &q), 0.1, &z, -0.5, &mut z.clone(), Vec::new));
    });

    let one = Component { weight: 1.0, mean: vec![0.0; DIM], variance: vec![0.1; DIM] };
    let target = Mixture::new(vec![one]).expect("a valid mixture");
    let chain = Chain::cosine(100, 1.0).expect("a valid chain");
    let sampler = Sampler::new(chain, Settings::default(), noise).expect("a valid window");
    criterion.bench_function("a run of 100 steps", |b| b.iter(|| block_on(sampler.run(&target))));
}

criterion_group!(benches, core);
criterion_main!(benches);
