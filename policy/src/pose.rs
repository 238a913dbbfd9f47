//! Points and frames in the plane.

use crate::block::MEAN_SQUARE_RADIUS;

/// A point or a displacement, in pixels.
pub type Vector = [f64; 2];

pub(crate) fn add(a: Vector, b: Vector) -> Vector {
    [a[0] + b[0], a[1] + b[1]]
}

pub(crate) fn sub(a: Vector, b: Vector) -> Vector {
    [a[0] - b[0], a[1] - b[1]]
}

pub(crate) fn scale(a: Vector, factor: f64) -> Vector {
    [a[0] * factor, a[1] * factor]
}

pub(crate) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

pub(crate) fn cross(a: Vector, b: Vector) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

pub(crate) fn norm(a: Vector) -> f64 {
    dot(a, a).sqrt()
}

/// `a` and then `length` in the direction of `along`.
pub(crate) fn ahead(a: Vector, along: Vector, length: f64) -> Vector {
    add(a, scale(along, length))
}

/// The unit vector of this angle.
pub(crate) fn direction(angle: f64) -> Vector {
    let (sin, cos) = libm::sincos(angle);
    [cos, sin]
}

/// Where something is in the plane and how it is turned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Place of its origin, in pixels.
    pub at: Vector,
    /// Its angle, in radians.
    pub angle: f64,
}

impl Pose {
    /// A place and an angle.
    pub fn new(x: f64, y: f64, angle: f64) -> Self {
        Self { at: [x, y], angle }
    }

    /// A displacement, seen from this frame.
    pub fn turn_back(&self, v: Vector) -> Vector {
        let [cos, sin] = direction(self.angle);
        [cos * v[0] + sin * v[1], cos * v[1] - sin * v[0]]
    }

    /// A displacement of this frame, seen from the plane.
    pub fn turn(&self, v: Vector) -> Vector {
        let [cos, sin] = direction(self.angle);
        [cos * v[0] - sin * v[1], cos * v[1] + sin * v[0]]
    }

    /// A point, seen from this frame.
    pub fn local(&self, p: Vector) -> Vector {
        self.turn_back(sub(p, self.at))
    }

    /// A point of this frame, seen from the plane.
    pub fn world(&self, p: Vector) -> Vector {
        add(self.turn(p), self.at)
    }

    /// Root mean square distance of the block's points from where they are at `goal`.
    pub fn distance(&self, goal: &Self) -> f64 {
        let [cos, _] = direction(self.angle - goal.angle);
        let apart = sub(self.at, goal.at);
        (dot(apart, apart) + 2.0 * MEAN_SQUARE_RADIUS * (1.0 - cos)).sqrt()
    }
}
