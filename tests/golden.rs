//! The core's numbers, to the bit, the same on native and in the browser. After a change that is meant to change values:
//! `cargo xtask bless`, and a line in the CHANGELOG.

use std::fmt::Write as _;

use pollster::block_on;
use speculative_diffusion::noise::Purpose;
use speculative_diffusion::targets::{Component, Mixture};
use speculative_diffusion::{Chain, Draft, Length, Noise, Quantity, Rule, Sampler, Settings, Verdict};

const GOLDEN: &str = include_str!("golden/core.txt");

fn bits(values: &[f64]) -> String {
    values.iter().map(|value| format!(" {:016x}", value.to_bits())).collect()
}

fn current() -> String {
    let mut text = String::new();
    for (steps, eta) in [(6, 1.0), (6, 0.5), (100, 0.25)] {
        let chain = Chain::cosine(steps, eta).expect("valid");
        // a long chain is told by a hash of its bits (FNV-1a)
        let rows = chain.steps().iter().map(|s| [s.level.t, s.level.alpha, s.level.sigma, s.a, s.b, s.s]);
        if steps > 10 {
            let hash = rows
                .flatten()
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, value| (hash ^ value.to_bits()).wrapping_mul(0x0100_0000_01b3));
            writeln!(text, "chain {steps} {eta} hash: {hash:016x}").expect("a string takes any text");
        } else {
            for (k, row) in rows.enumerate() {
                writeln!(text, "chain {steps} {eta} step {k}:{}", bits(&row)).expect("a string takes any text");
            }
        }
    }
    let noise = Noise::new(42, 3);
    for purpose in [Purpose::Start, Purpose::Step, Purpose::Redraw] {
        writeln!(text, "noise {purpose:?}:{}", bits(&noise.normals(purpose, 5, 5))).expect("a string takes any text");
    }
    writeln!(text, "noise test:{}", bits(&[noise.ln_uniform(5)])).expect("a string takes any text");

    let component = |weight, mean: [f64; 3]| Component { weight, mean: mean.to_vec(), variance: vec![0.5, 0.1, 0.02] };
    let target = Mixture::new(vec![component(0.4, [1.0, -1.0, 0.5]), component(0.6, [-1.0, 0.3, 0.0])]).expect("valid");
    for draft in [Draft::Frozen, Draft::Prefetched, Draft::Carry, Draft::Secant] {
        for quantity in [Quantity::X0hat, Quantity::Velocity, Quantity::Drift] {
            let settings = Settings { draft, quantity, window: Length::Fixed(8), rule: Rule::Reflection };
            let sampler = Sampler::new(Chain::cosine(30, 1.0).expect("valid"), settings, noise).expect("valid");
            let trace = block_on(sampler.run(&target)).expect("closed form");
            let verdicts: String = trace
                .rounds
                .iter()
                .flat_map(|round| &round.positions)
                .map(|position| match position.verdict {
                    Verdict::Accepted => 'a',
                    Verdict::Rejected => 'r',
                    Verdict::Deterministic => 'd',
                    Verdict::Discarded => '.',
                })
                .collect();
            writeln!(text, "trace {draft:?} {quantity:?}: {verdicts}{}", bits(trace.sample()))
                .expect("a string takes any text");
        }
    }
    text
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn schedules_noise_and_traces_are_the_golden_ones_to_the_bit() {
    let current = current();
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/core.txt");
        std::fs::write(path, &current).expect("the golden file can be written");
        return;
    }
    for (now, golden) in current.lines().zip(GOLDEN.lines()) {
        assert_eq!(now, golden);
    }
    assert_eq!(current.lines().count(), GOLDEN.lines().count());
}

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
