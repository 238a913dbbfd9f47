//! What the network learns from: what is seen at each tick, and what the teacher commands from there on.

use crate::dice::Dice;
use crate::expert::{DONE, Driver, Expert};
use crate::plan::TICKS_PLANNED;
use crate::pose::{Pose, Vector, sub};
use crate::robot::{Meanwhile, Robot};
use crate::world::{Observation, World};

/// Rows of [`Demonstrations::WIDTH`] numbers: an observation, and the commands from there on relative to the hand, in the
/// block's frame.
#[derive(Clone, Debug, Default)]
pub struct Demonstrations {
    /// The numbers of all rows.
    pub numbers: Vec<f32>,
    /// How many episodes, or places where the teacher was asked, they come from.
    pub sources: usize,
    /// Episodes that ended well.
    pub successes: usize,
}

/// One tick: the world as it was, and the command.
type Tick = (World, Vector);

impl Demonstrations {
    /// Numbers of a row.
    pub const WIDTH: usize = 8 + 2 * TICKS_PLANNED;

    /// The rows of ticks that follow each other.
    fn add(&mut self, ticks: &[Tick]) {
        for window in ticks.windows(TICKS_PLANNED) {
            let world = window[0].0;
            let hand = world.block.local(world.hand);
            self.numbers.extend(world.observe().map(|x| x as f32));
            let displacements = window.iter().map(|(_, command)| sub(world.block.local(*command), hand));
            self.numbers.extend(displacements.flatten().map(|x| x as f32));
        }
    }

    /// Those of others after these.
    pub fn append(&mut self, mut other: Self) {
        self.numbers.append(&mut other.numbers);
        self.sources += other.sources;
        self.successes += other.successes;
    }
}

/// The episode of this number, done by the teacher. Half of them have a kick, a quarter begin near the goal, and most
/// have a trembling hand.
pub fn demonstrate(expert: &Expert, seed: u64, episode: u64) -> Demonstrations {
    /// Ticks of an episode at most, and those for which the end is held.
    const LONGEST: usize = 300;
    const HELD: usize = 24;
    let dice = &mut Dice::new(seed, episode);
    let mut world = World::random(dice);
    if dice.uniform() < 0.25 {
        near_the_goal(&mut world, dice);
    }
    let mut driver = Driver::with_taste(2.5, dice);
    let kick = (dice.uniform() < 0.5).then(|| 5 + dice.below(70));
    let trembling = if dice.uniform() < 0.7 { dice.between(0.0, 4.0) } else { 0.0 };
    let mut found = Demonstrations { sources: 1, ..Demonstrations::default() };
    let (mut ticks, mut tremor, mut held) = (Vec::new(), [0.0; 2], 0);
    for tick in 0..LONGEST {
        if kick == Some(tick) {
            // no row goes over it
            found.add(&ticks);
            ticks.clear();
            world.kick(dice);
            driver.forget();
            held = 0;
        }
        let command = driver.command(expert, &world, dice);
        ticks.push((world, command));
        tremor = tremor.map(|x| 0.7 * x + trembling * dice.normal());
        world.tick([command[0] + tremor[0], command[1] + tremor[1]]);
        held = if world.coverage() >= DONE { held + 1 } else { held };
        if held > HELD && kick.is_none_or(|kick| kick <= tick) {
            found.successes = 1;
            break;
        }
    }
    found.add(&ticks);
    found
}

/// Puts the block where the last pushes are made.
fn near_the_goal(world: &mut World, dice: &mut Dice) {
    let goal = world.goal;
    loop {
        let [x, y] = goal.at.map(|x| x + 25.0 * dice.normal());
        world.block = Pose::new(x, y, goal.angle + 0.4 * dice.normal());
        if world.clearance() > crate::block::HAND + 1.0 {
            return;
        }
        world.hand = [dice.between(80.0, 432.0), dice.between(80.0, 432.0)];
    }
}

/// What the teacher would do where the policy gets to, in the episode of this number (DAgger: Ross, Gordon & Bagnell
/// 2011). `plan` is the policy: commands in the block's frame.
pub fn relabel(
    expert: &Expert,
    seed: u64,
    episode: u64,
    mut plan: impl FnMut(&Observation, &mut Dice) -> Vec<Vector>,
) -> Demonstrations {
    /// Ticks of an episode, and between two places where the teacher is asked.
    const LONGEST: usize = 160;
    const EVERY: usize = 8;
    /// Ticks of its answer: rows enough for the next few.
    const ANSWER: usize = TICKS_PLANNED + 6;
    let dice = &mut Dice::new(seed, episode);
    let mut world = World::random(dice);
    let mut robot = Robot::new(&world, Meanwhile::GoOn, EVERY);
    let kick = (dice.uniform() < 0.6).then(|| 10 + dice.below(60));
    let delay = if dice.uniform() < 0.3 { 1 + dice.below(8) } else { 0 };
    let offset = dice.below(EVERY);
    let mut found = Demonstrations::default();
    for tick in 0..LONGEST {
        if kick == Some(tick) {
            world.kick(dice);
        }
        if tick % EVERY == offset {
            let (mut other, mut driver) = (world, Driver::with_taste(0.7, dice));
            let answer = core::iter::from_fn(|| {
                let command = driver.command(expert, &other, dice);
                let now = (other, command);
                other.tick(command);
                Some(now)
            });
            let ticks: Vec<Tick> = answer.take(ANSWER).collect();
            found.add(&ticks);
            found.sources += 1;
        }
        if robot.is_due(delay) {
            robot.observe();
            let commands = plan(&world.observe(), dice);
            robot.take(commands.into_iter().map(|p| world.block.world(p)).collect(), delay);
        }
        world.tick(robot.command());
        if kick.is_none_or(|kick| tick > kick) && world.coverage() > 0.95 && dice.uniform() < 0.1 {
            break;
        }
    }
    found
}
