//! A hand that is led by plans which take time.

use crate::plan::TICKS_PLANNED;
use crate::pose::Vector;
use crate::world::World;

/// What a hand does while its next plan is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meanwhile {
    /// It stands still, and then carries out the plan from its beginning.
    Wait,
    /// It goes on with the plan before, and then with the part of the new one that lies ahead.
    GoOn,
}

/// A hand with its plans: told when to observe ([`Robot::is_due`], [`Robot::observe`]), given what comes of it
/// ([`Robot::take`]), asked for each tick's command.
#[derive(Clone, Debug)]
pub struct Robot {
    /// What it does while its next plan is made.
    pub meanwhile: Meanwhile,
    /// Ticks of a plan that are carried out before there is another observation.
    pub carried_out: usize,
    plan: Vec<Vector>,
    next: usize,
    thinking: bool,
    /// A plan, and the ticks after which it is there.
    coming: Option<(Vec<Vector>, usize)>,
    /// Ticks since the last observation.
    since: Option<usize>,
    command: Vector,
}

impl Robot {
    /// A hand that stands still until its first plan is made.
    pub fn new(world: &World, meanwhile: Meanwhile, carried_out: usize) -> Self {
        let (plan, command) = (Vec::new(), world.hand);
        Self { meanwhile, carried_out, plan, next: 0, thinking: false, coming: None, since: None, command }
    }

    /// Whether it has to observe the world at this tick, if plans take about `delay` ticks.
    pub fn is_due(&self, delay: usize) -> bool {
        !self.thinking
            && match self.meanwhile {
                Meanwhile::Wait => self.next >= self.carried_out.min(self.plan.len()),
                Meanwhile::GoOn => self.since.is_none_or(|ticks| ticks >= self.carried_out.max(delay)),
            }
    }

    /// Its next plan begins to be made, from what is seen at this tick.
    pub fn observe(&mut self) {
        (self.thinking, self.since) = (true, Some(0));
    }

    /// The plan of the last observation, in the plane, is there `delay` ticks from now.
    pub fn take(&mut self, plan: Vec<Vector>, delay: usize) {
        self.coming = Some((plan, delay));
    }

    /// Ticks since the observation of which a plan is being made.
    pub fn thinking(&self) -> Option<usize> {
        self.since.filter(|_| self.thinking)
    }

    /// The command of this tick.
    pub fn command(&mut self) -> Vector {
        match self.coming.take() {
            Some((plan, 0)) => {
                // going on, it takes up the plan at the tick that it has come to
                let late = self.since.unwrap_or(0).min(TICKS_PLANNED - 1);
                self.next = if self.meanwhile == Meanwhile::GoOn { late } else { 0 };
                (self.plan, self.thinking) = (plan, false);
            }
            coming => self.coming = coming.map(|(plan, left)| (plan, left - 1)),
        }
        self.since = self.since.map(|ticks| ticks + 1);
        let still = self.meanwhile == Meanwhile::Wait && self.thinking;
        if let Some(command) = self.plan.get(self.next).filter(|_| !still) {
            self.command = *command;
            self.next += 1;
        }
        self.command
    }

    /// Commands that are still to come, in the plane.
    pub fn ahead(&self) -> &[Vector] {
        self.plan.get(self.next..).unwrap_or_default()
    }
}
