//! Time of the host's share of a run: one step's noise, one test, one drafted window, one run on a closed-form target.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use pollster::block_on;
use speculative_diffusion::coupling::Coupled;
use speculative_diffusion::diffusers::{Scheduler, SchedulerConfig};
use speculative_diffusion::targets::{Component, Mixture};
use speculative_diffusion::{Ask, Batch, Chain, Noise, Purpose, Row, Sampler, Settings, Target as _};

/// Numbers in one picture of the page.
const DIM: usize = 768;
/// Positions of the window.
const WINDOW: usize = 20;
/// Rounds before it, from which it has secants.
const ROUNDS: usize = 4;

fn core(criterion: &mut Criterion) {
    let noise = Noise::new(1, 0);
    criterion.bench_function("noise of one step", |b| b.iter(|| noise.normals(Purpose::Step, 3, DIM)));

    let z = noise.normals(Purpose::Step, 3, DIM);
    let (p, q) = (vec![0.1; DIM], vec![0.11; DIM]);
    let coupled = Coupled { draft_mean: &p, target_mean: &q, s: 0.1, normals: &z, ln_u: -0.5 };
    let mut state = z.clone();
    criterion.bench_function("one test", |b| b.iter(|| coupled.reflect(&mut state)));

    let one = Component { weight: 1.0, mean: vec![0.0; DIM], variance: vec![0.1; DIM] };
    let target = Mixture::new(vec![one]).expect("a valid mixture");
    let chain = Chain::cosine(100, 1.0).expect("a valid chain");

    let sampler = Sampler::new(&chain, Settings::default().window(WINDOW)).expect("a valid window");
    let mut run = sampler.run(noise, DIM);
    let mut rounds = 0;
    while rounds < ROUNDS {
        let Ask::Estimate(ticket, batch) = run.ask() else { break };
        let estimates = block_on(target.estimate(batch)).expect("estimates");
        rounds += usize::from(run.answer(ticket, &estimates).expect("finite estimates").is_some());
    }
    let state = run.into_state();
    assert!(state.level() + WINDOW <= chain.len(), "too many rounds: the chain is at level {}", state.level());
    criterion.bench_function("a window of 20 secant positions", |b| {
        b.iter_batched(|| state.clone(), |state| sampler.resume(noise, state), BatchSize::SmallInput);
    });

    let sampler = Sampler::new(chain, Settings::default()).expect("a valid window");
    criterion
        .bench_function("a run of 100 steps", |b| b.iter(|| block_on(sampler.trace(&target, noise)).expect("a run")));
}

/// Rows of a window of the default settings.
const ROWS: usize = 17;

/// What a call costs the host beside the model: states out as `f32`, outputs in.
fn batches(criterion: &mut Criterion) {
    let json = r#"{"_class_name": "DDPMScheduler", "prediction_type": "epsilon", "clip_sample": false}"#;
    let config = SchedulerConfig::from_json(json).expect("a configuration");
    let scheduler = Scheduler::new(&config, 100, 1.0).expect("a scheduler");
    for side in [64, 256] {
        let dim = 3 * side * side;
        let mut batch = Batch::default();
        for (step, of) in scheduler.chain().steps().iter().enumerate().take(ROWS) {
            batch.push(Row::new(of.level, step), &vec![0.1; dim]);
        }
        let outputs = vec![0.1_f32; ROWS * dim];
        criterion.bench_function(&format!("a batch of {ROWS} x 3x{side}x{side} out, by way of f64"), |b| {
            b.iter(|| scheduler.input(&batch).iter().map(|&x| x as f32).collect::<Vec<f32>>());
        });
        criterion.bench_function(&format!("a batch of {ROWS} x 3x{side}x{side} out"), |b| {
            b.iter(|| scheduler.inputs(&batch));
        });
        criterion.bench_function(&format!("its outputs of {ROWS} x 3x{side}x{side} in, by way of f64"), |b| {
            b.iter(|| {
                let wide: Vec<f64> = outputs.iter().map(|&x| f64::from(x)).collect();
                scheduler.estimates(&batch, &wide).expect("the right shape")
            });
        });
        criterion.bench_function(&format!("its outputs of {ROWS} x 3x{side}x{side} in"), |b| {
            b.iter(|| scheduler.estimates(&batch, &outputs).expect("the right shape"));
        });
    }
}

criterion_group!(benches, core, batches);
criterion_main!(benches);
