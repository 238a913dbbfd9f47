//! The numbers of the core, to the bit, the same on native and in the browser. After a
//! change that is meant to change values: `cargo xtask bless`, and a line in the CHANGELOG.

use std::fmt::Write as _;

use pollster::block_on;
use speculative_diffusion::noise::Purpose;
use speculative_diffusion::targets::{Component, Mixture};
use speculative_diffusion::{Chain, Draft, Length, Noise, Position, Quantity, Rule, Sampler, Settings, Trace, Verdict};

const CORE: &str = include_str!("golden/core.txt");

fn bits(values: &[f64]) -> String {
    values.iter().map(|value| format!(" {:016x}", value.to_bits())).collect()
}

/// Of the numbers' bits (FNV-1a), where there are many.
fn hash(values: impl Iterator<Item = f64>) -> u64 {
    values.fold(0xcbf2_9ce4_8422_2325, |hash, value| (hash ^ value.to_bits()).wrapping_mul(0x0100_0000_01b3))
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

fn core() -> String {
    let mut text = String::new();
    for (steps, eta) in [(6, 1.0), (6, 0.5), (100, 0.25)] {
        let chain = Chain::cosine(steps, eta).expect("valid");
        let rows = chain.steps().iter().map(|s| [s.level.t, s.level.alpha, s.level.sigma, s.a, s.b, s.s]);
        if steps > 10 {
            writeln!(text, "chain {steps} {eta} hash: {:016x}", hash(rows.flatten())).expect("a string takes any text");
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
            writeln!(text, "trace {draft:?} {quantity:?}: {}{}", verdicts(&trace), bits(trace.sample()))
                .expect("a string takes any text");
        }
    }
    text
}

fn compare(current: &str, golden: &str, _name: &str) {
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("BLESS").is_some() {
        let path = format!("{}/tests/golden/{_name}.txt", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, current).expect("the golden file can be written");
        return;
    }
    for (now, golden) in current.lines().zip(golden.lines()) {
        assert_eq!(now, golden);
    }
    assert_eq!(current.lines().count(), golden.lines().count());
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn schedules_noise_and_traces_are_the_golden_ones_to_the_bit() {
    compare(&core(), CORE, "core");
}

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
