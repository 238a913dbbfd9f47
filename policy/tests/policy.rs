//! The shipped policy: an independent implementation, the law, its calls, and success.
#![cfg(not(target_arch = "wasm32"))]

use policy::{DIM, Dice, Meanwhile, Network, Observation, Policy, Robot, Sidecar, Vector, World};
use pollster::block_on;
use speculative_diffusion::audit::{Audit, Check};
use speculative_diffusion::mutants::Mutant;
use speculative_diffusion::{Batch, Chain, Level, Price, Row, Rule, Sampler, Settings, Window};

fn sidecar() -> Sidecar {
    Sidecar::parse(include_str!("../../assets/policy.json")).expect("a sidecar")
}

fn network() -> Network {
    sidecar().load(include_bytes!("../../assets/policy.bpk")).expect("its weights")
}

fn chain() -> Chain {
    Chain::cosine(100, 1.0).expect("valid")
}

fn sampler(settings: Settings) -> Sampler {
    Sampler::new(chain(), settings).expect("a valid window")
}

/// Observations as a closed loop meets them.
fn observations(network: &Network, count: usize) -> Vec<Observation> {
    let sampler = sampler(Settings::default());
    let mut policy = Policy::new(network, sampler.chain());
    let mut seen = Vec::new();
    for start in 0.. {
        let mut world = World::random(&mut Dice::new(11, start));
        let mut robot = Robot::new(&world, Meanwhile::Wait, 8);
        for tick in 0..80 {
            if robot.is_due(0) {
                robot.observe();
                seen.push(world.observe());
                policy.see(&[world.observe()]);
                let sample = block_on(sampler.sample(&policy, start << 16 | tick)).expect("finite");
                robot.take(policy.commands(0, &sample.sample).iter().map(|p| world.block.world(*p)).collect(), 0);
            }
            world.tick(robot.command());
        }
        if seen.len() >= count {
            break;
        }
    }
    seen.truncate(count);
    seen
}

#[test]
fn estimates_are_those_of_an_independent_implementation() {
    /// Of f32 against f64, where numbers are about 1.
    const TOLERANCE: f64 = 2e-4;
    let golden: serde_json::Value = serde_json::from_str(include_str!("golden/reference.json")).expect("JSON");
    let numbers = |value: &serde_json::Value| -> Vec<f64> {
        value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
    };
    assert_eq!(golden["sha256"], sidecar().sha256, "the reference is of other weights: run policy/tests/reference.py");
    let (network, chain) = (network(), chain());
    let cases = golden["cases"].as_array().expect("a list");
    assert!(cases.len() >= 6);
    for case in cases {
        let step = case["step"].as_u64().expect("a step") as usize;
        let seen: Observation = numbers(&case["seen"]).try_into().expect("eight numbers");
        let mut policy = Policy::new(&network, &chain);
        policy.see(&[seen]);
        let mut batch = Batch::default();
        batch.push(Row::new(chain.steps()[step].level, step), &numbers(&case["state"]));
        let found = policy.estimates(&batch).expect("an estimate");
        for (found, expected) in found.iter().zip(numbers(&case["estimate"])) {
            assert!((found - expected).abs() < TOLERANCE, "step {step}: {found} {expected}");
        }
    }
}

#[test]
fn its_samples_have_the_law_in_a_tenth_of_the_calls_and_a_wrong_rule_is_seen() {
    let network = network();
    let seen = observations(&network, 200);
    let run = |settings: Settings| {
        let sampler = sampler(settings);
        let mut policy = Policy::new(&network, sampler.chain());
        let (mut audit, mut calls) = (Audit::new(), 0);
        for (seed, seen) in seen.iter().enumerate() {
            policy.see(&[*seen]);
            let sample = block_on(sampler.watch(&policy, seed as u64, |round| audit.add(&round))).expect("finite");
            calls += sample.costs.calls;
        }
        (audit.statistics().expect("many residuals"), calls as f64 / seen.len() as f64)
    };
    let (statistics, calls) = run(Settings::default());
    println!("{calls} calls, {statistics}");
    assert!(statistics.count >= 10_000 && statistics.passed(), "{statistics}");
    assert!(calls <= 8.6, "{calls} calls");
    let (statistics, calls) = run(Settings::default().window(Window::Auto(Price::new(0.0, 1).expect("valid"))));
    assert!(statistics.passed() && calls <= 7.0, "{calls} calls, {statistics}");
    for mutant in [Mutant::AcceptAll, Mutant::KeepNoise] {
        let (statistics, _) = run(Settings::default().rule(Rule::Mutant(mutant)));
        assert!(!statistics.passed(), "{mutant:?} passes: {statistics}");
    }
}

#[test]
fn it_keeps_the_sampler_s_contract_with_an_observation_for_each_run() {
    let network = network();
    let sampler = sampler(Settings::default());
    let mut policy = Policy::new(&network, sampler.chain());
    assert!(block_on(Check::run(&sampler, &policy, 1)).is_err(), "nothing was seen");
    let seen = observations(&network, 2);
    policy.see(&seen);
    assert!(block_on(Check::run(&sampler, &policy, 1)).expect("finite").passed());
    // each row has its own run's observation
    let level = sampler.chain().steps()[50].level;
    let state = [0.3; DIM];
    let mut row = Row::new(level, 50);
    let mut batch = Batch::default();
    batch.push(row, &state);
    row.run = 1;
    batch.push(row, &state);
    let both = policy.estimates(&batch).expect("two rows");
    for (run, seen) in seen.iter().enumerate() {
        let mut alone = Policy::new(&network, sampler.chain());
        alone.see(&[*seen]);
        let mut batch = Batch::default();
        batch.push(Row::new(level, 50), &state);
        assert_eq!(alone.estimates(&batch).expect("a row"), both[run * DIM..(run + 1) * DIM]);
    }
    let mut foreign = Batch::default();
    foreign.push(Row::new(Level::cosine(0.5), 1000), &state);
    assert!(policy.estimates(&foreign).expect_err("no such step").to_string().contains("no step"));
}

#[test]
fn ten_starts_succeed() {
    let network = network();
    let sampler = sampler(Settings::default());
    let mut policy = Policy::new(&network, sampler.chain());
    let successes = (0..10_u64).filter(|&start| {
        let mut world = World::random(&mut Dice::new(12, start));
        let mut robot = Robot::new(&world, Meanwhile::GoOn, 8);
        (0..300_u64).any(|tick| {
            if robot.is_due(1) {
                robot.observe();
                policy.see(&[world.observe()]);
                let sample = block_on(sampler.sample(&policy, start << 16 | tick)).expect("finite");
                let plan: Vec<Vector> =
                    policy.commands(0, &sample.sample).iter().map(|p| world.block.world(*p)).collect();
                robot.take(plan, 1);
            }
            world.tick(robot.command());
            world.coverage() > 0.9
        })
    });
    let successes = successes.count();
    assert!(successes >= 9, "{successes} of 10");
}

#[test]
fn damaged_weights_and_sidecars_are_refused_with_what_differs() {
    let (sidecar, weights) = (sidecar(), include_bytes!("../../assets/policy.bpk"));
    let refused = |sidecar: &Sidecar, weights: &[u8]| sidecar.load(weights).expect_err("refused").to_string();
    assert!(refused(&sidecar, &weights[..1000]).contains("1000 bytes"));
    let mut other = weights.to_vec();
    other[90_000] ^= 1;
    assert!(refused(&sidecar, &other).contains("SHA-256"));
    for (text, word) in [
        ("{}", "name"),
        ("nonsense", "expected"),
        (r#"{"name":"policy","mean":[],"deviation":[],"bytes":1,"sha256":""}"#, "mean has 0"),
    ] {
        let error = Sidecar::parse(text).expect_err("refused").to_string();
        assert!(error.contains(word), "{error}");
    }
}
