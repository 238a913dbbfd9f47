//! The plane with its block, its goal and a hand.

use crate::block::{HAND, clear, clearance, coverage};
use crate::contact::push;
use crate::dice::Dice;
use crate::pose::{Pose, Vector, add, direction, norm, scale, sub};

/// Duration of a control tick.
pub const TICK_SECONDS: f64 = 0.1;
const SUBSTEPS: usize = 10;
const SUBSTEP: f64 = TICK_SECONDS / SUBSTEPS as f64;
/// What pulls the hand to its command, and what brakes it.
pub(crate) const STIFFNESS: f64 = 100.0;
pub(crate) const DAMPING: f64 = 20.0;
/// A command further away pulls no more: the hand must not jump through the block.
const FURTHEST: f64 = 120.0;
/// What block and goal are kept in: low, high.
const PLACES: [f64; 2] = [60.0, 452.0];
/// What a kick leaves them in.
const KICKED: [f64; 2] = [80.0, 432.0];

/// A state of the world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct World {
    /// Where the block is.
    pub block: Pose,
    /// Where it should be.
    pub goal: Pose,
    /// The hand's centre.
    pub hand: Vector,
    /// The hand's velocity, in pixels a second.
    pub velocity: Vector,
}

/// What a policy sees, all in the block's frame: the hand, its velocity, the goal, cosine and sine of the goal's angle.
pub type Observation = [f64; 8];

impl World {
    /// Block and hand anywhere, the goal in the middle.
    pub fn random(dice: &mut Dice) -> Self {
        use core::f64::consts::{FRAC_PI_4, PI};
        loop {
            let mut place = |low, high| [dice.between(low, high), dice.between(low, high)];
            let ([x, y], hand) = (place(100.0, 412.0), place(50.0, 462.0));
            let block = Pose::new(x, y, dice.between(-PI, PI));
            let world = Self { block, goal: Pose::new(256.0, 256.0, FRAC_PI_4), hand, velocity: [0.0; 2] };
            if world.clearance() > HAND + 2.0 && block.distance(&world.goal) > 30.0 {
                return world;
            }
        }
    }

    /// Distance of the hand's centre from the block.
    pub fn clearance(&self) -> f64 {
        clearance(self.block.local(self.hand))
    }

    /// The share of the goal that the block covers.
    pub fn coverage(&self) -> f64 {
        coverage(&self.block, &self.goal)
    }

    /// What a policy sees of it.
    pub fn observe(&self) -> Observation {
        let (hand, velocity) = (self.block.local(self.hand), self.block.turn_back(self.velocity));
        let goal = self.block.local(self.goal.at);
        let [cos, sin] = direction(self.goal.angle - self.block.angle);
        [hand[0], hand[1], velocity[0], velocity[1], goal[0], goal[1], cos, sin]
    }

    /// A tick, in which the hand follows a commanded place. One that is not finite is not followed.
    pub fn tick(&mut self, command: Vector) {
        for _ in 0..SUBSTEPS {
            let mut away = sub(command, self.hand);
            let far = norm(away);
            if !far.is_finite() {
                away = [0.0; 2];
            } else if far > FURTHEST {
                away = scale(away, FURTHEST / far);
            }
            let pull = sub(scale(away, STIFFNESS), scale(self.velocity, DAMPING));
            self.velocity = add(self.velocity, scale(pull, SUBSTEP));
            let moved = scale(self.velocity, SUBSTEP);
            self.hand = add(self.hand, moved);
            push(&mut self.block, self.hand, moved);
        }
    }

    /// Puts the block elsewhere, in the plane. A hand that is in the way gives way, and stands still.
    pub fn put_block(&mut self, pose: Pose) {
        if let Some(pose) = within(pose) {
            self.block = pose;
            let hand = self.block.local(self.hand);
            let free = clear(hand, HAND);
            if free != hand {
                (self.hand, self.velocity) = (self.block.world(free), [0.0; 2]);
            }
        }
    }

    /// Puts the goal elsewhere, in the plane.
    pub fn put_goal(&mut self, pose: Pose) {
        if let Some(pose) = within(pose) {
            self.goal = pose;
        }
    }

    /// Block or goal gets a kick. Whether there was room for one.
    pub fn kick(&mut self, dice: &mut Dice) -> bool {
        // a block that was pushed away leaves no room
        const TRIES: usize = 1000;
        for _ in 0..TRIES {
            let mut kicked = *self;
            let way = scale(direction(dice.between(0.0, core::f64::consts::TAU)), dice.between(20.0, 110.0));
            let turn = dice.between(-1.2, 1.2);
            let pose = if dice.uniform() < 0.5 { &mut kicked.block } else { &mut kicked.goal };
            *pose = Pose { at: add(pose.at, way), angle: pose.angle + turn };
            let inside = |pose: Pose| pose.at.iter().all(|x| (KICKED[0]..KICKED[1]).contains(x));
            if inside(kicked.block) && inside(kicked.goal) && kicked.clearance() > HAND + 0.5 {
                *self = kicked;
                return true;
            }
        }
        false
    }
}

/// The nearest pose in the plane, if these are numbers.
fn within(pose: Pose) -> Option<Pose> {
    let [x, y] = pose.at;
    let [low, high] = PLACES;
    (x.is_finite() && y.is_finite() && pose.angle.is_finite())
        .then(|| Pose::new(x.clamp(low, high), y.clamp(low, high), pose.angle))
}
