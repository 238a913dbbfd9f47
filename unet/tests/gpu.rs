//! The network on a GPU, natively. Where there is none, a software one does: `VK_DRIVER_FILES` names it.
#![cfg(all(not(target_arch = "wasm32"), feature = "gpu"))]

mod common;

use std::sync::OnceLock;

use common::{ALL, FASHION_DRAFTER, worst};
use pollster::block_on;
use speculative_diffusion::{Batch, Level, Noise, Purpose, Target};
use speculative_diffusion_unet::{Gpu, NetworkTarget};

/// The one of this process, for both tests.
fn gpu() -> &'static Gpu {
    static GPU: OnceLock<Gpu> = OnceLock::new();
    GPU.get_or_init(|| {
        block_on(Gpu::open()).expect("a GPU: let VK_DRIVER_FILES name a software driver's .json where there is none")
    })
}

/// Standard normal states at times all along the chain.
fn batch(rows: usize, dim: usize, seed: u64) -> Batch {
    let noise = Noise::new(seed, 0);
    let mut batch = Batch::default();
    for row in 0..rows {
        let t = 0.05 + 0.9 * (row as f64 + 0.5) / rows as f64;
        batch.push_level(Level::cosine(t), &noise.normals(Purpose::Step, row, dim));
    }
    batch
}

#[test]
fn a_gpu_computes_the_same_network_whatever_the_batch() {
    /// f32 sums of a thousand terms in another order, 30 layers deep, differ by about 1e-5.
    const TOLERANCE: f64 = 1e-4;
    println!("{:?}", gpu());
    for shipped in ALL {
        let own = shipped.load();
        let gpus = shipped.sidecar().load_on(shipped.weights, gpu()).expect("the committed weights");
        let class = &own.config().classes[1];
        for (guidance, rows) in [(1.0, 3), (2.0, 10), (1.0, 1), (1.0, 7)] {
            let target = |network| NetworkTarget::new(network, class, guidance).expect("a class");
            let (own, gpus) = (target(own.clone()), target(gpus.clone()));
            let batch = batch(rows, own.dim(), rows as u64);
            let began = std::time::Instant::now();
            let found = block_on(gpus.estimate(&batch)).expect("a prediction");
            let took = began.elapsed();
            let expected = block_on(own.estimate(&batch)).expect("a prediction");
            let off = worst(&found, &expected);
            println!("{} {rows} rows, guidance {guidance}: off by {off:.1e}, {took:?}", shipped.name);
            assert!(off < TOLERANCE, "{}: off by {off}", shipped.name);
        }
    }
}

#[test]
fn rows_beyond_a_dispatch_are_computed_in_parts() {
    /// As above.
    const TOLERANCE: f64 = 1e-4;
    /// A dispatch takes 668 of this network's rows: where patches are taken apart, a row has 28x28x8 threads.
    const ROWS: usize = 700;
    let gpus = FASHION_DRAFTER.sidecar().load_on(FASHION_DRAFTER.weights, gpu()).expect("the committed weights");
    let target = |network| NetworkTarget::new(network, "any", 1.0).expect("any class");
    let (own, gpus) = (FASHION_DRAFTER.target("any", 1.0), target(gpus));
    let batch = batch(ROWS, own.dim(), 3);
    let found = block_on(gpus.estimate(&batch)).expect("a prediction");
    let off = worst(&found, &block_on(own.estimate(&batch)).expect("a prediction"));
    assert!(off < TOLERANCE, "off by {off}");
}
