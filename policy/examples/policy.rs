//! A hand that pushes a block home, led by a diffusion policy: `cargo run --release -p policy --example policy`. Each plan is drawn
//! exactly, in a few sequential calls of the network; the hand goes on by the plan before while the next is made.

use policy::{Dice, Meanwhile, Policy, Robot, Sidecar, Vector, World};
use pollster::block_on;
use speculative_diffusion::{Chain, Sampler, Settings};

/// Seconds that a call takes: what a larger network takes on a GPU.
const CALL: f64 = 0.01;
const TICK: f64 = policy::TICK_SECONDS;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sidecar = Sidecar::parse(include_str!("../../assets/policy.json"))?;
    let network = sidecar.load(include_bytes!("../../assets/policy.bpk"))?;
    let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default())?;
    let mut policy = Policy::new(&network, sampler.chain());
    for plain in [false, true] {
        let mut world = World::random(&mut Dice::new(7, 0));
        let mut robot = Robot::new(&world, Meanwhile::GoOn, 2);
        let (mut delay, mut plans, mut calls) = (0, 0, 0);
        let ticks = (1..=300_u64).find(|tick| {
            if robot.is_due(delay) {
                robot.observe();
                policy.see(&[world.observe()]);
                let (sample, cost) = if plain {
                    (block_on(sampler.plain(&policy, *tick)).expect("finite"), 100)
                } else {
                    let drawn = block_on(sampler.sample(&policy, *tick)).expect("finite");
                    (drawn.sample, drawn.costs.calls)
                };
                let plan: Vec<Vector> = policy.commands(0, &sample).iter().map(|p| world.block.world(*p)).collect();
                delay = (cost as f64 * CALL / TICK).ceil() as usize;
                robot.take(plan, delay);
                (plans, calls) = (plans + 1, calls + cost);
            }
            world.tick(robot.command());
            world.coverage() > 0.9
        });
        let name = if plain { "standard" } else { "speculative" };
        let home =
            ticks.map_or("not home after 30 s".into(), |ticks| format!("home after {:.1} s", ticks as f64 * TICK));
        println!("{name}: {home}, {plans} plans of {:.1} sequential calls", f64::from(calls as u32) / f64::from(plans));
    }
    Ok(())
}
