//! Ten pushes of the policy's block by rapier2d, the block stopped in every step as the policy's world has it: `cargo run --release`
//! writes ../golden/rapier.json.

use std::f64::consts::FRAC_PI_2;

use rapier2d_f64::prelude::*;
use serde_json::json;

/// Seconds of a step, the hand's pixels in one, and steps of a push.
const STEP: f64 = 0.01;
const STRIDE: f64 = 0.5;
const STEPS: usize = 160;
const CENTRE: f64 = 285.0 / 7.0;
const HAND: f64 = 15.0;
const FRICTION: f64 = 0.8;
/// Where the hand's centre begins, and the angle of its way: bar, ends and stem, straight and oblique, along the outline too.
const PUSHES: [([f64; 2], f64); 10] = [
    ([0.0, -CENTRE - HAND - 1.0], FRAC_PI_2),
    ([30.0, -CENTRE - HAND - 1.0], FRAC_PI_2),
    ([-45.0, -CENTRE - HAND - 1.0], 1.2),
    ([55.0, -CENTRE - HAND - 1.0], 1.9),
    ([76.0, 15.0 - CENTRE], 3.1),
    ([-76.0, 20.0 - CENTRE], 0.3),
    ([31.0, 60.0], 3.2),
    ([-31.0, 40.0], -0.2),
    ([5.0, 95.5], -1.7),
    ([40.0, 46.0 - CENTRE], -2.0),
];

fn main() {
    let pushes: Vec<_> = PUSHES.iter().map(|&(from, angle)| pushed(from, angle)).collect();
    let text = serde_json::to_string_pretty(&json!({ "stride": STRIDE, "steps": STEPS, "pushes": pushes })).expect("JSON");
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../golden/rapier.json"), text + "\n").expect("written");
}

/// The block's pose after a push, `[x, y, angle]`, with what led to it.
fn pushed(from: [f64; 2], angle: f64) -> serde_json::Value {
    let mut world = PhysicsWorld { gravity: Vector::ZERO, ..PhysicsWorld::default() };
    world.integration_parameters.dt = STEP;
    world.integration_parameters.length_unit = 100.0;
    let part = |low: f64, width: f64, height: f64| {
        let middle = Vector::new(0.0, low + height / 2.0);
        (Pose::from_translation(middle), SharedShape::cuboid(width / 2.0, height / 2.0))
    };
    let block = ColliderBuilder::compound(vec![part(-CENTRE, 120.0, 30.0), part(30.0 - CENTRE, 30.0, 90.0)]);
    let block = block.friction(FRICTION).density(1.0);
    let (block, _) = world.insert(RigidBodyBuilder::dynamic().can_sleep(false), block);
    let hand = RigidBodyBuilder::kinematic_position_based().translation(Vector::new(from[0], from[1]));
    let (hand, _) = world.insert(hand, ColliderBuilder::ball(HAND).friction(FRICTION));
    for step in 1..=STEPS {
        let way = STRIDE * step as f64;
        let place = Vector::new(from[0] + way * angle.cos(), from[1] + way * angle.sin());
        world.bodies[hand].set_next_kinematic_translation(place);
        world.step();
        world.bodies[block].set_linvel(Vector::ZERO, true);
        world.bodies[block].set_angvel(0.0, true);
    }
    let body = &world.bodies[block];
    json!({ "from": from, "angle": angle, "pose": [body.translation().x, body.translation().y, body.rotation().angle()] })
}
