//! The network on a GPU, natively. Where there is none, a software one does: `VK_DRIVER_FILES` names it.
#![cfg(all(not(target_arch = "wasm32"), feature = "gpu"))]

use pollster::block_on;
use speculative_diffusion::noise::Purpose;
use speculative_diffusion::{Batch, Level, Noise, Target};
use speculative_diffusion_unet::{Gpu, NetworkTarget, Sidecar};

macro_rules! shipped {
    ($name:literal) => {
        (
            include_bytes!(concat!("../../assets/", $name, ".bpk")).as_slice(),
            include_str!(concat!("../../assets/", $name, ".json")),
        )
    };
}

const ALL: [(&[u8], &str); 4] =
    [shipped!("faces"), shipped!("faces-drafter"), shipped!("fashion"), shipped!("fashion-drafter")];

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
    let gpu =
        block_on(Gpu::open()).expect("a GPU: let VK_DRIVER_FILES name a software driver's .json where there is none");
    println!("{gpu:?}");
    for (weights, sidecar) in ALL {
        let sidecar = Sidecar::parse(sidecar).expect("the committed sidecar");
        let own = sidecar.load(weights).expect("the committed weights");
        let gpus = sidecar.load_on(weights, &gpu).expect("the committed weights");
        let class = sidecar.network.classes[1].clone();
        for (guidance, rows) in [(1.0, 3), (2.0, 10), (1.0, 1), (1.0, 7)] {
            let target = |network| NetworkTarget::new(network, sidecar.network.clone(), &class, guidance);
            let (own, gpus) = (target(own.clone()).expect("a class"), target(gpus.clone()).expect("a class"));
            let batch = batch(rows, own.dim(), rows as u64);
            let began = std::time::Instant::now();
            let found = block_on(gpus.predict(&batch)).expect("a prediction");
            let took = began.elapsed();
            let expected = block_on(own.predict(&batch)).expect("a prediction");
            let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            println!("{} {rows} rows, guidance {guidance}: off by {worst:.1e}, {took:?}", sidecar.name);
            assert!(worst < TOLERANCE && found.len() == expected.len(), "{}: off by {worst}", sidecar.name);
        }
    }
}
