//! Pushing without inertia: in each substep the block moves just as far as the hand makes it.
//!
//! Its displacement is `W J^T lambda` with `W = diag(1, 1, 1 / r^2)`, an ellipsoidal limit surface (Goyal, Ruina &
//! Papadopoulos 1991; Lynch & Mason 1996): contacts do not penetrate, and friction holds the touched point to the hand
//! within Coulomb's cone. This is what a physics engine computes whose damping takes all speed in every step.

use crate::block::{HAND, MEAN_SQUARE_RADIUS, RECTANGLES, nearest};
use crate::pose::{Pose, Vector, cross, dot, norm, scale, sub};

/// Of hand and block.
const FRICTION: f64 = 0.8;
/// Overlap that one substep undoes: more waits for the next, so that nothing is thrown about.
const DEEPEST: f64 = 8.0;
/// Further from the block's centre the hand touches nothing.
const REACH: f64 = 110.0;
/// Gauss-Seidel sweeps over two contacts.
const SWEEPS: usize = 12;

#[derive(Clone, Copy)]
struct Contact {
    at: Vector,
    /// The direction in which the hand presses.
    inward: Vector,
    /// Negative where the two overlap.
    gap: f64,
    /// Along `inward` and across it.
    impulse: Vector,
}

/// Moves the block out of the way of a hand that has just moved by `moved` and is now at `hand`. Whether they touch.
pub(crate) fn push(block: &mut Pose, hand: Vector, moved: Vector) -> bool {
    if norm(sub(hand, block.at)) > REACH {
        return false;
    }
    let (local, moved) = (block.local(hand), block.turn_back(moved));
    let touched = RECTANGLES.map(|rectangle| {
        let near = nearest(rectangle, local);
        let gap = (near.distance - HAND).max(-DEEPEST);
        (gap < 0.0).then_some(Contact { at: near.point, inward: scale(near.normal, -1.0), gap, impulse: [0.0; 2] })
    });
    let sweeps = match touched.iter().flatten().count() {
        0 => return false,
        1 => 1,
        _ => SWEEPS,
    };
    let mut contacts: Vec<Contact> = touched.into_iter().flatten().collect();
    let mut step = Displacement::default();
    for _ in 0..sweeps {
        for contact in &mut contacts {
            contact.settle(&mut step, moved);
        }
    }
    let linear = block.turn(step.linear);
    *block = Pose::new(block.at[0] + linear[0], block.at[1] + linear[1], block.angle + step.angle);
    true
}

/// Of the block, in its own frame.
#[derive(Default)]
struct Displacement {
    linear: Vector,
    angle: f64,
}

impl Displacement {
    fn apply(&mut self, contact: &Contact, [pressed, rubbed]: Vector) {
        let across = contact.across();
        self.linear[0] += contact.inward[0] * pressed + across[0] * rubbed;
        self.linear[1] += contact.inward[1] * pressed + across[1] * rubbed;
        let torque = cross(contact.at, contact.inward) * pressed + cross(contact.at, across) * rubbed;
        self.angle += torque / MEAN_SQUARE_RADIUS;
    }

    fn of(&self, point: Vector) -> Vector {
        [self.linear[0] - self.angle * point[1], self.linear[1] + self.angle * point[0]]
    }
}

impl Contact {
    fn across(&self) -> Vector {
        [-self.inward[1], self.inward[0]]
    }

    /// The impulse with which this contact neither penetrates nor slips, or slips within the cone, given the others'.
    fn settle(&mut self, step: &mut Displacement, moved: Vector) {
        let Self { at, inward, gap, impulse } = *self;
        step.apply(self, scale(impulse, -1.0));
        let across = self.across();
        let without = step.of(at);
        let press = -gap - dot(inward, without);
        let rub = dot(across, sub(moved, without));
        let (arm, lever) = (cross(at, inward), cross(at, across));
        let (pressing, rubbing) = (1.0 + arm * arm / MEAN_SQUARE_RADIUS, 1.0 + lever * lever / MEAN_SQUARE_RADIUS);
        let both = arm * lever / MEAN_SQUARE_RADIUS;
        let determinant = pressing * rubbing - both * both;
        let mut pressed = (rubbing * press - both * rub) / determinant;
        let mut rubbed = (pressing * rub - both * press) / determinant;
        if pressed <= 0.0 || rubbed.abs() > FRICTION * pressed {
            let slope = if rubbed < 0.0 { -FRICTION } else { FRICTION };
            pressed = (press / (pressing + slope * both)).max(0.0);
            rubbed = slope * pressed;
        }
        self.impulse = [pressed, rubbed];
        step.apply(self, self.impulse);
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use serde_json::Value;

    use super::push;
    use crate::pose::{Pose, Vector, ahead, direction, norm, scale, sub};

    #[test]
    fn ten_pushes_end_where_a_physics_engine_has_them() {
        /// Pixels and radians after 80 pixels of pushing.
        const TOLERANCE: (f64, f64) = (3.0, 0.05);
        let golden: Value = serde_json::from_str(include_str!("../tests/golden/rapier.json")).expect("JSON");
        let number = |value: &Value| value.as_f64().expect("a number");
        let (stride, steps) = (number(&golden["stride"]), number(&golden["steps"]) as usize);
        let pushes = golden["pushes"].as_array().expect("a list");
        assert_eq!(pushes.len(), 10);
        for case in pushes {
            let mut hand: Vector = [number(&case["from"][0]), number(&case["from"][1])];
            let moved = scale(direction(number(&case["angle"])), stride);
            let mut block = Pose::new(0.0, 0.0, 0.0);
            for _ in 0..steps {
                hand = ahead(hand, moved, 1.0);
                push(&mut block, hand, moved);
            }
            let expected = &case["pose"];
            let apart = norm(sub(block.at, [number(&expected[0]), number(&expected[1])]));
            let turned = (block.angle - number(&expected[2])).abs();
            println!("{apart:.2} px, {turned:.4} rad");
            assert!(apart < TOLERANCE.0 && turned < TOLERANCE.1, "{case}: {block:?}");
        }
    }
}
