//! The numbers of the core, to the bit, the same on native and in the browser. After a
//! change that is meant to change values: `cargo xtask bless`, and a line in the CHANGELOG.

use std::fmt::Write as _;

use pollster::block_on;
use speculative_diffusion::diffusers::{Scheduler, SchedulerConfig};
use speculative_diffusion::schedule::{Grid, Schedule, flow, karras};
use speculative_diffusion::targets::{Component, Mixture, double_well};
use speculative_diffusion::{
    Ask, Chain, ChainError, Churn, Draft, Level, Noise, Position, Price, Purpose, Round, Rule, Sampler, SecondOrder,
    Settings, Step, Target, Variance, Verdict, Window, WithDrafter,
};

const CORE: &str = include_str!("golden/core.txt");
/// Samples that a model in JavaScript and one in Python have to draw too.
const HALF: &str = include_str!("golden/half.json");

fn bits(values: &[f64]) -> String {
    values.iter().map(|value| format!(" {:016x}", value.to_bits())).collect()
}

/// Of words of 64 bits (FNV-1a), where there are many.
fn hash(words: impl Iterator<Item = u64>) -> u64 {
    words.fold(0xcbf2_9ce4_8422_2325, |hash, word| (hash ^ word).wrapping_mul(0x0100_0000_01b3))
}

fn hash_of(values: impl Iterator<Item = f64>) -> u64 {
    hash(values.map(f64::to_bits))
}

/// A letter for each verdict of a run.
fn verdicts(rounds: &[Round]) -> String {
    let letter = |position: &Position| match position.verdict {
        Verdict::Accepted(_) => 'a',
        Verdict::Rejected(_) => 'r',
        Verdict::Deterministic => 'd',
        Verdict::Discarded => '.',
    };
    rounds.iter().flat_map(|round| &round.positions).map(letter).collect()
}

fn core() -> String {
    let mut text = String::new();
    for (steps, eta) in [(6, 1.0), (6, 0.5), (100, 0.25)] {
        let chain = Chain::cosine(steps, eta).expect("valid");
        let rows = chain.steps().iter().map(|s| [s.level.t, s.level.alpha, s.level.sigma, s.a, s.b, s.s]);
        if steps > 10 {
            writeln!(text, "chain {steps} {eta} hash: {:016x}", hash_of(rows.flatten()))
                .expect("a string takes any text");
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
    let many = noise.normals(Purpose::Step, 5, 100);
    writeln!(text, "noise of 100 numbers hash: {:016x}", hash_of(many.into_iter())).expect("a string takes any text");
    writeln!(text, "noise test:{}", bits(&[noise.ln_uniform(5)])).expect("a string takes any text");

    let target = target();
    for draft in [Draft::Frozen, Draft::FrozenDrift, Draft::Prefetched, Draft::Carry, Draft::Secant] {
        let settings = Settings::default().draft(draft).window(8).rule(Rule::Reflection);
        let sampler = Sampler::new(Chain::cosine(30, 1.0).expect("valid"), settings).expect("valid");
        let trace = block_on(sampler.trace(&target, noise)).expect("closed form");
        writeln!(text, "trace {draft}: {}{}", verdicts(&trace.rounds), bits(trace.sample()))
            .expect("a string takes any text");
    }
    runs(&mut text);
    text
}

/// The mixture, and a cruder one that drafts for it.
fn target() -> WithDrafter<Mixture, Mixture> {
    let component = |weight, mean: [f64; 3], variance: [f64; 3]| Component {
        weight,
        mean: mean.to_vec(),
        variance: variance.to_vec(),
    };
    let fine =
        vec![component(0.4, [1.0, -1.0, 0.5], [0.5, 0.1, 0.02]), component(0.6, [-1.0, 0.3, 0.0], [0.5, 0.1, 0.02])];
    let crude = vec![component(1.0, [-0.3, -0.2, 0.2], [1.4, 0.5, 0.1])];
    WithDrafter { target: Mixture::new(fine).expect("valid"), drafter: Some(Mixture::new(crude).expect("valid")) }
}

/// A run in one line: the letters of its windows, a hash of all its states, the sample.
fn run(text: &mut String, name: &str, chain: &Chain, settings: Settings, target: &impl Target) {
    let sampler = Sampler::new(chain.clone(), settings).expect("valid");
    let trace = block_on(sampler.trace(target, Noise::new(42, 3))).expect("closed form");
    let windows = trace.rounds.iter().map(|round| verdicts(core::slice::from_ref(round)));
    let (windows, states) = (windows.collect::<Vec<_>>().join("|"), hash_of(trace.states().flatten().copied()));
    writeln!(text, "run {name}: {windows} {states:016x}{}", bits(trace.sample())).expect("a string takes any text");
}

/// Every kind of chain, by name.
fn chains() -> Vec<(String, Chain)> {
    let levels = |schedule, grid: Grid| grid.levels(schedule, 40);
    let mut chains: Vec<(String, Result<Chain, ChainError>)> = Vec::new();
    for schedule in [Schedule::Cosine, Schedule::LinearBeta, Schedule::RectifiedFlow] {
        for grid in [Grid::Uniform, Grid::LogSnr, Grid::Edm { rho: 7.0 }] {
            let chain = levels(schedule, grid).and_then(|levels| Chain::ancestral(&levels, 0.5));
            chains.push((format!("{schedule:?} {grid:?}"), chain));
        }
    }
    let cosine: Vec<Level> = (0..=20).map(|k| Level::cosine(0.95 * f64::from(20 - k) / 20.0)).collect();
    chains.push(("DDPM, fixed large".into(), Chain::ddpm(&cosine, Variance::Large)));
    let exploding = karras(40, 80.0, 0.002, 7.0).and_then(|levels| Chain::ancestral(&levels, 1.0));
    chains.push(("Karras".into(), exploding));
    chains.push(("flow".into(), flow(40, 3.0).and_then(|levels| Chain::ancestral(&levels, 0.7))));
    for order in [SecondOrder::Midpoint, SecondOrder::Heun] {
        let chain = karras(20, 80.0, 0.002, 7.0).and_then(|levels| Chain::dpmpp_2m_sde(&levels, 1.0, order));
        chains.push((format!("DPM++ 2M SDE {order:?}"), chain));
    }
    let sigmas: Vec<f64> = (0..30).map(|k| 40.0 / f64::from(1 + k * k)).collect();
    let churn = Churn::new(0.4).within(0.05, 30.0).noise_scale(1.003).step_scale(1.2);
    chains.push(("churn".into(), Chain::edm(&sigmas, churn)));
    let step = |k: i32| {
        let t = 1.0 - 0.02 * f64::from(k);
        let s = if k == 17 { 0.0 } else { 0.25 * t };
        Step::new(Level::flow(t), if k % 2 == 0 { -0.75 } else { 0.5 }, if k % 3 == 0 { -0.125 } else { 0.5 }, s)
    };
    chains.push(("negative weights".into(), Chain::from_steps((0..40).map(step).collect(), 1.5)));
    chains.into_iter().map(|(name, chain)| (name, chain.expect("valid"))).collect()
}

/// A chain of each class that is read.
const CONFIGS: [&str; 11] = [
    r#"{"_class_name": "DDPMScheduler", "prediction_type": "epsilon", "variance_type": "fixed_small"}"#,
    r#"{"_class_name": "DDPMScheduler", "variance_type": "fixed_large", "beta_schedule": "squaredcos_cap_v2"}"#,
    r#"{"_class_name": "DDIMScheduler", "prediction_type": "v_prediction", "thresholding": true}"#,
    r#"{"_class_name": "DDIMScheduler", "beta_schedule": "scaled_linear", "timestep_spacing": "trailing"}"#,
    r#"{"_class_name": "EulerAncestralDiscreteScheduler", "prediction_type": "epsilon"}"#,
    r#"{"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0}"#,
    r#"{"_class_name": "FlowMatchEulerDiscreteScheduler", "stochastic_sampling": true}"#,
    r#"{"_class_name": "DPMSolverMultistepScheduler", "algorithm_type": "sde-dpmsolver++", "use_karras_sigmas": true}"#,
    r#"{"_class_name": "EulerDiscreteScheduler", "beta_schedule": "scaled_linear", "timestep_spacing": "leading"}"#,
    r#"{"_class_name": "UniPCMultistepScheduler", "use_beta_sigmas": true}"#,
    r#"{"_class_name": "HeunDiscreteScheduler", "use_exponential_sigmas": true, "clip_sample": true}"#,
];

fn runs(text: &mut String) {
    let (cosine, target) = (Chain::cosine(60, 1.0).expect("valid"), target());
    run(text, "of the default settings", &cosine, Settings::default(), &target);
    run(text, "of 300 steps", &Chain::cosine(300, 1.0).expect("valid"), Settings::default(), &target);
    for rule in [Rule::Reflection, Rule::Peak, Rule::Auto] {
        for price in
            [Price::FREE, Price::USUAL, Price::new(0.25, 1).expect("valid"), Price::new(0.9, 2).expect("valid")]
        {
            let window = Window::Auto(price);
            let settings = Settings::default().window(window).rule(rule);
            run(text, &format!("{} {window}", rule.name()), &cosine, settings, &target);
        }
    }
    for draft in Draft::ALL.into_iter().filter(|draft| *draft != Draft::FrozenDrift) {
        for rule in [Rule::Reflection, Rule::Peak] {
            let settings = Settings::default().draft(draft).window(12).rule(rule);
            run(text, &format!("{draft} {} 12", rule.name()), &cosine, settings, &target);
        }
    }
    for (name, chain) in chains() {
        let rows = chain.steps().iter().flat_map(|s| [s.level.t, s.level.alpha, s.level.sigma, s.a, s.b, s.s]);
        let table = hash_of(rows.chain([chain.start()]));
        writeln!(text, "chain {name} hash: {table:016x}").expect("a string takes any text");
        run(text, &name, &chain, Settings::default(), &target);
    }
    run(text, "Langevin", &Chain::langevin(60, 0.02).expect("valid"), Settings::default(), &double_well(2.0));
    for config in CONFIGS {
        let read = SchedulerConfig::from_json(config).expect("valid");
        let scheduler = Scheduler::new(&read, 30, 1.0).or_else(|_| Scheduler::ancestral(&read, 30, 1.0));
        let scheduler = scheduler.expect("valid");
        let sampler = Sampler::new(&scheduler, Settings::default()).expect("valid");
        let (mut run, mut asked) = (sampler.run(Noise::new(42, 3), 3), Vec::new());
        while let Ask::Estimate(ticket, batch) = run.ask() {
            let (input, timesteps) = (scheduler.input(batch), scheduler.timesteps(batch));
            let output: Vec<f64> = input.iter().map(|x| 0.9 * x / (1.0 + 0.1 * x * x)).collect();
            let estimates = scheduler.estimates(batch, &output).expect("the right shape");
            asked.extend(input.into_iter().chain(timesteps).chain(estimates.iter().copied()));
            run.answer(ticket, &estimates).expect("finite");
        }
        let costs = run.costs();
        writeln!(
            text,
            "scheduler {config}: {} calls {} rows {:016x}{}",
            costs.calls,
            costs.rows,
            hash_of(asked.into_iter()),
            bits(run.state().y())
        )
        .expect("a string takes any text");
    }
    for draft in [Draft::Secant, Draft::Corrected] {
        let settings = Settings::default().draft(draft);
        let sampler = Sampler::new(cosine.clone(), settings).expect("valid");
        let mut run = sampler.run(Noise::new(42, 3), 3);
        let mut rounds = 0;
        while rounds < 3 {
            let (ticket, estimates) = match run.ask() {
                Ask::Estimate(ticket, batch) => (ticket, block_on(target.estimate(batch))),
                Ask::Draft(ticket, batch) => (ticket, block_on(target.draft(batch))),
                _ => panic!("the chain has ended"),
            };
            let round = run.answer(ticket, &estimates.expect("closed form")).expect("finite");
            rounds += usize::from(round.is_some());
        }
        // layout, fingerprint, level, rounds, stops, dimensions, assumed, secants, renewed
        let bytes = run.state().to_bytes();
        let words: Vec<u64> =
            bytes.chunks(8).map(|word| u64::from_le_bytes(word.try_into().expect("whole words"))).collect();
        let head: String = words[..9].iter().map(|word| format!(" {word:x}")).collect();
        let all = hash(words.iter().copied());
        writeln!(text, "state {draft}: {} bytes {all:016x} head{head}", bytes.len()).expect("a string takes any text");
    }
}

/// Whole runs of a model that is exact in `f32`: three quarters of the state, which is kept between -1 and 1.
fn half() -> String {
    let cases = [
        (60, "x0", "auto", 16, 7),
        (40, "epsilon", "8", 5, (1 << 53) - 1),
        (100, "v_prediction", "auto/0", 33, 0),
        (30, "flow", "auto/0.9/2", 3, 12345),
    ];
    let line = |(steps, prediction, window, dim, seed): (usize, &str, &str, usize, u64)| {
        let chain = Chain::cosine(steps, 1.0).expect("valid");
        let scheduler = Scheduler::from_chain(chain, prediction.parse().expect("a kind"));
        let settings = Settings::default().window(window.parse::<Window>().expect("a window"));
        let mut run = Sampler::new(&scheduler, settings).expect("valid").run(seed, dim);
        while let Ask::Estimate(ticket, batch) = run.ask() {
            let (input, _) = scheduler.inputs(batch);
            let output: Vec<f32> = input.iter().map(|x| 0.75 * x.clamp(-1.0, 1.0)).collect();
            run.answer(ticket, &scheduler.estimates(batch, &output).expect("as many")).expect("finite");
        }
        let sample = run.sample().expect("the chain has ended").iter();
        let bits: Vec<String> = sample.map(|x| (*x as f32).to_bits().to_string()).collect();
        let (bits, costs) = (bits.join(","), run.costs());
        format!(
            r#"{{"steps":{steps},"prediction":"{prediction}","window":"{window}","dim":{dim},"seed":{seed},"calls":{},"rows":{},"bits":[{bits}]}}"#,
            costs.calls, costs.rows
        )
    };
    format!("{{\"cases\":[\n{}\n]}}\n", cases.map(line).join(",\n"))
}

fn compare(current: &str, golden: &str, _name: &str) {
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("BLESS").is_some() {
        let path = format!("{}/tests/golden/{_name}", env!("CARGO_MANIFEST_DIR"));
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
    compare(&core(), CORE, "core.txt");
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn whole_runs_draw_the_samples_that_every_language_has_to_draw() {
    compare(&half(), HALF, "half.json");
}

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
