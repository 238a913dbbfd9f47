//! The world's and the network's numbers, to the bit, the same on native and in the browser. After a change that is meant
//! to change values: `cargo xtask bless`, and a line in the CHANGELOG.

use std::fmt::Write as _;

use policy::{Dice, Driver, Expert, Meanwhile, Network, Policy, Robot, Sidecar, Vector, World};
use pollster::block_on;
use speculative_diffusion::{Chain, Sampler, Settings};

const POLICY: &str = include_str!("golden/policy.txt");

fn network() -> Network {
    let sidecar = Sidecar::parse(include_str!("../../assets/policy.json")).expect("a sidecar");
    sidecar.load(include_bytes!("../../assets/policy.bpk")).expect("its weights")
}

fn bits(name: &str, values: &[f64]) -> String {
    let bits: String = values.iter().map(|value| format!(" {:016x}", value.to_bits())).collect();
    format!("{name}:{bits}\n")
}

fn state(world: &World) -> Vec<f64> {
    let World { block, hand, velocity, .. } = *world;
    [&block.at[..], &[block.angle], &hand, &velocity, &[world.coverage()]].concat()
}

/// The teacher for some ticks, and the policy for some more.
fn found() -> String {
    let dice = &mut Dice::new(3, 5);
    let mut world = World::random(dice);
    let mut text = bits("start", &state(&world));
    let (expert, mut driver) = (Expert::new(), Driver::with_taste(2.5, dice));
    for _ in 0..30 {
        world.tick(driver.command(&expert, &world, dice));
    }
    text += &bits("teacher", &state(&world));
    world.kick(dice);
    let (network, chain) = (network(), Chain::cosine(100, 1.0).expect("valid"));
    let sampler = Sampler::new(&chain, Settings::default()).expect("valid");
    let mut policy = Policy::new(&network, &chain);
    let mut robot = Robot::new(&world, Meanwhile::GoOn, 8);
    for tick in 0..24_u64 {
        if robot.is_due(1) {
            robot.observe();
            policy.see(&[world.observe()]);
            let sample = block_on(sampler.sample(&policy, tick)).expect("finite");
            let plan: Vec<Vector> = policy.commands(0, &sample.sample).iter().map(|p| world.block.world(*p)).collect();
            writeln!(text, "plan: {} calls, {} rows", sample.costs.calls, sample.costs.rows).expect("text");
            text += &bits("end", &plan[plan.len() - 1]);
            robot.take(plan, 1);
        }
        world.tick(robot.command());
    }
    text + &bits("policy", &state(&world))
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn world_teacher_and_policy_are_the_golden_ones_to_the_bit() {
    let found = found();
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/policy.txt"), &found).expect("written");
        return;
    }
    assert_eq!(found, POLICY);
}

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
