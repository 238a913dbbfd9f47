//! The world: what a push may do and what it may not.
#![cfg(not(target_arch = "wasm32"))]

use policy::{Dice, Driver, Expert, HAND, Pose, Vector, World, clearance, coverage};

/// What a hand has: of its motion and of the pull of its command.
fn energy(world: &World, command: Vector) -> f64 {
    let square = |v: Vector| v[0] * v[0] + v[1] * v[1];
    0.5 * square(world.velocity) + 50.0 * square([command[0] - world.hand[0], command[1] - world.hand[1]])
}

#[test]
fn a_hand_s_energy_never_grows_and_the_block_rests_where_nothing_touches_it() {
    let mut dice = Dice::new(1, 1);
    for _ in 0..200 {
        let mut world = World::random(&mut dice);
        let command = [dice.between(60.0, 450.0), dice.between(60.0, 450.0)];
        for _ in 0..40 {
            let before = world;
            world.tick(command);
            assert!(energy(&world, command) <= energy(&before, command) + 1e-9);
            let reach = |world: &World| world.clearance() > HAND + 15.0;
            if reach(&before) && reach(&world) {
                let apart = |a: &World, b: &World| (a.block.at, a.block.angle) == (b.block.at, b.block.angle);
                // within a tick a hand this near may have come and gone
                assert!(apart(&before, &world) || before.clearance() < HAND + 60.0, "{before:?} {world:?}");
            }
        }
        // it has come to rest
        let before = world;
        world.tick(command);
        assert!((world.block.at[0] - before.block.at[0]).abs() < 1e-3 && world.velocity[0].abs() < 1.0);
    }
}

#[test]
fn hand_and_block_overlap_by_less_than_a_substep_s_way_and_not_for_longer_than_a_tick() {
    let mut dice = Dice::new(2, 1);
    let mut deepest: f64 = 0.0;
    for _ in 0..200 {
        let mut world = World::random(&mut dice);
        for _ in 0..60 {
            let command = [dice.between(0.0, 512.0), dice.between(0.0, 512.0)];
            for _ in 0..3 {
                world.tick(command);
                deepest = deepest.max(HAND - world.clearance());
                assert!(world.block.at.iter().chain(&world.hand).all(|x| x.is_finite()));
                let mut resting = World { velocity: [0.0; 2], ..world };
                resting.tick(world.hand);
                assert!(resting.clearance() > HAND - 0.05, "{} {resting:?}", resting.clearance());
            }
        }
    }
    assert!(deepest < 6.0, "{deepest} px");
}

#[test]
fn a_block_put_onto_the_hand_is_free_of_it_at_once() {
    let mut dice = Dice::new(3, 1);
    for _ in 0..2000 {
        let mut world = World::random(&mut dice);
        let onto = [world.hand[0] + dice.between(-70.0, 70.0), world.hand[1] + dice.between(-70.0, 70.0)];
        world.put_block(Pose::new(onto[0], onto[1], dice.between(-3.0, 3.0)));
        assert!(world.clearance() >= HAND - 1e-6, "{} {world:?}", world.clearance());
        let before = world.block;
        world.tick(world.hand);
        assert!(before.distance(&world.block) < 1e-3, "{before:?} {world:?}");
    }
}

#[test]
fn what_is_no_place_changes_nothing_and_what_is_out_of_the_plane_stays_at_its_edge() {
    let mut world = World::random(&mut Dice::new(4, 1));
    let before = world;
    for pose in [Pose::new(f64::NAN, 1.0, 0.0), Pose::new(1.0, f64::INFINITY, 0.0), Pose::new(1.0, 1.0, f64::NAN)] {
        world.put_block(pose);
        world.put_goal(pose);
    }
    world.tick([f64::NAN, 0.0]);
    assert_eq!(world, before);
    world.put_goal(Pose::new(-1e9, 1e9, 0.0));
    world.put_block(Pose::new(1e9, -1e9, 0.0));
    assert!(world.goal.at == [60.0, 452.0] && world.block.at == [452.0, 60.0], "{world:?}");
    // a block at the edge leaves no room, and a kick says so
    assert!(!world.kick(&mut Dice::new(5, 1)) || world.block.at[0] < 432.0);
}

#[test]
fn a_mirrored_world_goes_the_mirrored_way() {
    let mirror = |world: &World| {
        let pose = |pose: Pose| Pose::new(-pose.at[0], pose.at[1], -pose.angle);
        let vector = |v: Vector| [-v[0], v[1]];
        World {
            block: pose(world.block),
            goal: pose(world.goal),
            hand: vector(world.hand),
            velocity: vector(world.velocity),
        }
    };
    let mut dice = Dice::new(6, 1);
    for _ in 0..100 {
        let mut world = World::random(&mut dice);
        let mut mirrored = mirror(&world);
        for _ in 0..60 {
            let command =
                [world.block.at[0] + dice.between(-90.0, 90.0), world.block.at[1] + dice.between(-90.0, 90.0)];
            world.tick(command);
            mirrored.tick([-command[0], command[1]]);
        }
        let expected = mirror(&world);
        assert!(expected.block.distance(&mirrored.block) < 1e-6, "{expected:?} {mirrored:?}");
        assert!((coverage(&world.block, &world.goal) - coverage(&mirrored.block, &mirrored.goal)).abs() < 1e-6);
        let (seen, other) = (world.observe(), mirrored.observe());
        let signs = [-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0];
        assert!((0..8).all(|i| (signs[i] * seen[i] - other[i]).abs() < 1e-6), "{seen:?} {other:?}");
    }
}

#[test]
fn the_teacher_brings_the_block_home() {
    let expert = Expert::new();
    let mut ticks = Vec::new();
    for start in 0..12 {
        let dice = &mut Dice::new(7, start);
        let (mut world, mut driver) = (World::random(dice), Driver::default());
        let home = (1..=200).find(|_| {
            world.tick(driver.command(&expert, &world, dice));
            world.coverage() > 0.9
        });
        ticks.push(home.expect("home within 200 ticks"));
        assert!(clearance(world.block.local(world.hand)) > HAND - 1.0);
    }
    ticks.sort_unstable();
    assert!(ticks[6] < 90, "{ticks:?}");
}
