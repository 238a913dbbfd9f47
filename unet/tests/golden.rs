//! The network's numbers on the CPU, to the bit, the same on native and in the browser. After a change that is meant to
//! change values: `cargo xtask bless`, and a line in the CHANGELOG.

mod common;

use std::fmt::Write as _;

use common::FACES;
use pollster::block_on;
use speculative_diffusion::{
    Batch, Chain, Level, Noise, Position, Purpose, Sampler, Settings, Target as _, Trace, Verdict,
};

const NETWORK: &str = include_str!("golden/network.txt");

fn bits(values: &[f64]) -> String {
    values.iter().map(|value| format!(" {:016x}", value.to_bits())).collect()
}

/// Of the numbers' bits (FNV-1a), where there are many.
fn hash(values: &[f64]) -> u64 {
    values.iter().fold(0xcbf2_9ce4_8422_2325, |hash, value| (hash ^ value.to_bits()).wrapping_mul(0x0100_0000_01b3))
}

/// A letter for each verdict of a run.
fn verdicts(trace: &Trace) -> String {
    let letter = |position: &Position| match position.verdict {
        Verdict::Accepted(_) => 'a',
        Verdict::Rejected(_) => 'r',
        Verdict::Deterministic => 'd',
        Verdict::Discarded => '.',
    };
    trace.rounds.iter().flat_map(|round| &round.positions).map(letter).collect()
}

fn network() -> String {
    let target = FACES.target("hat", 2.0);
    let mut text = String::new();
    let noise = Noise::new(42, 3);
    let mut batch = Batch::default();
    for (level, t) in [0.9, 0.5, 0.1].into_iter().enumerate() {
        batch.push_level(Level::cosine(t), &noise.normals(Purpose::Step, level, target.dim()));
    }
    let predictions = block_on(target.estimate(&batch)).expect("a prediction");
    for (row, prediction) in predictions.chunks_exact(target.dim()).enumerate() {
        writeln!(text, "row {row}: {:016x}{}", hash(prediction), bits(&prediction[..4]))
            .expect("a string takes any text");
    }
    let sampler = Sampler::new(Chain::cosine(16, 1.0).expect("valid"), Settings::default()).expect("valid");
    let trace = block_on(sampler.trace(&target, noise)).expect("a run");
    writeln!(text, "run: {} {:016x}", verdicts(&trace), hash(trace.sample())).expect("a string takes any text");
    text
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn the_network_s_estimates_and_a_run_on_it_are_the_golden_ones_to_the_bit() {
    let found = network();
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/network.txt");
        std::fs::write(path, found).expect("the golden file can be written");
        return;
    }
    for (now, golden) in found.lines().zip(NETWORK.lines()) {
        assert_eq!(now, golden);
    }
    assert_eq!(found.lines().count(), NETWORK.lines().count());
}

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
