//! The block's shape, and how much of its goal it covers. All points are in the block's frame.

use crate::pose::{Pose, Vector, add, ahead, cross, dot, norm, scale, sub};

/// Radius of the hand, in pixels.
pub const HAND: f64 = 15.0;
/// From the bar's outer side to the centre of mass.
pub const CENTRE: f64 = 285.0 / 7.0;
/// Bar and stem: left, low, right, high.
pub const RECTANGLES: [[f64; 4]; 2] =
    [[-60.0, -CENTRE, 60.0, 30.0 - CENTRE], [-15.0, 30.0 - CENTRE, 15.0, 120.0 - CENTRE]];
/// The block's area.
pub const AREA: f64 = 6300.0;
/// Mean square distance of the block's points from its centre of mass.
pub(crate) const MEAN_SQUARE_RADIUS: f64 = 94_650.0 / 49.0;
/// The outline, from corner to corner.
pub(crate) const OUTLINE: [Vector; 8] = [
    [-60.0, -CENTRE],
    [60.0, -CENTRE],
    [60.0, 30.0 - CENTRE],
    [15.0, 30.0 - CENTRE],
    [15.0, 120.0 - CENTRE],
    [-15.0, 120.0 - CENTRE],
    [-15.0, 30.0 - CENTRE],
    [-60.0, 30.0 - CENTRE],
];

/// What is nearest to a point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nearest {
    /// The nearest point of the outline.
    pub(crate) point: Vector,
    /// The direction away from the block there.
    pub(crate) normal: Vector,
    /// Negative inside.
    pub(crate) distance: f64,
}

/// A rectangle's nearest point to `p`.
pub(crate) fn nearest([left, low, right, high]: [f64; 4], p: Vector) -> Nearest {
    /// Closer than this a direction is all rounding.
    const TOUCHING: f64 = 1e-9;
    let point = [p[0].clamp(left, right), p[1].clamp(low, high)];
    let away = sub(p, point);
    let distance = norm(away);
    if distance > TOUCHING {
        return Nearest { point, normal: scale(away, 1.0 / distance), distance };
    }
    let sides = [
        (p[0] - left, [left, p[1]], [-1.0, 0.0]),
        (right - p[0], [right, p[1]], [1.0, 0.0]),
        (p[1] - low, [p[0], low], [0.0, -1.0]),
        (high - p[1], [p[0], high], [0.0, 1.0]),
    ];
    let deeper = |best: (f64, Vector, Vector), side: (f64, Vector, Vector)| if side.0 < best.0 { side } else { best };
    let (depth, point, normal) = sides.into_iter().fold((f64::INFINITY, p, [0.0, 1.0]), deeper);
    Nearest { point, normal, distance: -depth }
}

/// What of the block is nearest to a point.
pub(crate) fn nearest_of_both(p: Vector) -> Nearest {
    let [bar, stem] = RECTANGLES.map(|rectangle| nearest(rectangle, p));
    if bar.distance <= stem.distance { bar } else { stem }
}

/// Distance of a point from the block.
pub fn clearance(p: Vector) -> f64 {
    nearest_of_both(p).distance
}

/// The way out for a hand that is closer than `close` to one part of the block or to both.
pub(crate) fn outward(p: Vector, close: f64) -> Vector {
    let sum = RECTANGLES.map(|rectangle| nearest(rectangle, p)).iter().fold([0.0; 2], |sum, part| {
        let closer = (close - part.distance).max(0.0);
        ahead(sum, part.normal, closer)
    });
    let length = norm(sum);
    if length > 1e-9 { scale(sum, 1.0 / length) } else { nearest_of_both(p).normal }
}

/// A point near `p` that is `close` or more away from the block: `p` itself if it is.
pub(crate) fn clear(p: Vector, close: f64) -> Vector {
    let near = nearest_of_both(p);
    if near.distance >= close {
        return p;
    }
    // straight away, or along each side, moved out, the point nearest to `p`; beside an inner corner only some are free
    let beside = |i: usize| {
        let (from, to) = (OUTLINE[i], OUTLINE[(i + 1) % OUTLINE.len()]);
        let side = sub(to, from);
        let length = norm(side);
        let (along, out) = (scale(side, 1.0 / length), scale([side[1], -side[0]], 1.0 / length));
        let shares = [dot(sub(p, from), along), close, length - close];
        shares.map(|share| add(ahead(from, along, share.clamp(0.0, length)), scale(out, close)))
    };
    (0..OUTLINE.len())
        .flat_map(beside)
        .chain([ahead(p, near.normal, close - near.distance)])
        .filter(|q| clearance(*q) >= close - 1e-6)
        .fold((f64::INFINITY, p), |best, q| if norm(sub(q, p)) < best.0 { (norm(sub(q, p)), q) } else { best })
        .1
}

/// The share of the goal's area that a block covers.
pub fn coverage(block: &Pose, goal: &Pose) -> f64 {
    let pairs = RECTANGLES.iter().flat_map(|part| RECTANGLES.iter().map(move |of_goal| (part, of_goal)));
    let common = |([left, low, right, high], of_goal): (&[f64; 4], &[f64; 4])| {
        let corners = [[*left, *low], [*right, *low], [*right, *high], [*left, *high]];
        area(&clip(corners.iter().map(|p| goal.local(block.world(*p))).collect(), of_goal))
    };
    pairs.map(common).sum::<f64>() / AREA
}

/// What of a convex polygon lies in a rectangle (Sutherland & Hodgman 1974).
fn clip(mut polygon: Vec<Vector>, [left, low, right, high]: &[f64; 4]) -> Vec<Vector> {
    for (axis, bound, sign) in [(0, left, 1.0), (1, low, 1.0), (0, right, -1.0), (1, high, -1.0)] {
        let inside = |p: Vector| sign * (p[axis] - bound);
        let edges = (0..polygon.len()).map(|i| (polygon[i], polygon[(i + 1) % polygon.len()]));
        polygon = edges
            .flat_map(|(p, q)| {
                let (at_p, at_q) = (inside(p), inside(q));
                let crossing = ((at_p >= 0.0) != (at_q >= 0.0)).then(|| ahead(p, sub(q, p), at_p / (at_p - at_q)));
                (at_p >= 0.0).then_some(p).into_iter().chain(crossing)
            })
            .collect();
    }
    polygon
}

fn area(polygon: &[Vector]) -> f64 {
    let twice: f64 = (0..polygon.len()).map(|i| cross(polygon[i], polygon[(i + 1) % polygon.len()])).sum();
    twice.abs() / 2.0
}

#[cfg(test)]
mod tests {
    use super::{AREA, HAND, MEAN_SQUARE_RADIUS, OUTLINE, RECTANGLES, area, clear, clearance, coverage};
    use crate::dice::Dice;
    use crate::pose::{Pose, direction, norm, sub};

    #[test]
    fn area_centre_and_radius_are_those_of_the_rectangles() {
        assert!((area(&OUTLINE) - AREA).abs() < 1e-9);
        let (mut first, mut second) = ([0.0; 2], 0.0);
        for [left, low, right, high] in RECTANGLES {
            let (width, height) = (right - left, high - low);
            let (x, y) = ((left + right) / 2.0, (low + high) / 2.0);
            first = [first[0] + width * height * x, first[1] + width * height * y];
            second += width * height * (x * x + y * y + (width * width + height * height) / 12.0);
        }
        assert!(norm(first) < 1e-6, "{first:?}");
        assert!((second / AREA - MEAN_SQUARE_RADIUS).abs() < 1e-6, "{}", second / AREA);
    }

    #[test]
    fn coverage_is_the_share_of_random_points() {
        let mut dice = Dice::new(1, 1);
        for _ in 0..20 {
            let block = Pose::new(dice.between(-30.0, 30.0), dice.between(-30.0, 30.0), dice.between(-3.0, 3.0));
            let goal = Pose::new(0.0, 0.0, 0.3);
            let points = 20_000;
            let mut hits = 0;
            for _ in 0..points {
                // points of the goal's own rectangles, by their area
                let [left, low, right, high] = RECTANGLES[usize::from(dice.uniform() > 3600.0 / AREA)];
                let p = goal.world([dice.between(left, right), dice.between(low, high)]);
                hits += usize::from(clearance(block.local(p)) <= 0.0);
            }
            let share = f64::from(hits as u32) / f64::from(points);
            assert!((coverage(&block, &goal) - share).abs() < 0.02, "{share} {}", coverage(&block, &goal));
        }
        let here = Pose::new(3.0, 4.0, 1.0);
        assert!((coverage(&here, &here) - 1.0).abs() < 1e-12);
        assert_eq!(coverage(&here, &Pose::new(300.0, 4.0, 1.0)), 0.0);
    }

    #[test]
    fn a_point_in_the_block_is_led_out_by_a_short_way() {
        let mut dice = Dice::new(2, 1);
        for _ in 0..5000 {
            let p = [dice.between(-80.0, 80.0), dice.between(-60.0, 100.0)];
            let q = clear(p, HAND + 1.0);
            assert!(clearance(q) >= HAND + 1.0 - 1e-6, "{p:?} {q:?}");
            let moved = norm(sub(p, q));
            // nothing on a circle half as far would do
            for i in 0..32 {
                let step = direction(f64::from(i) * core::f64::consts::TAU / 32.0);
                let other = [p[0] + 0.5 * moved * step[0], p[1] + 0.5 * moved * step[1]];
                assert!(moved < 1e-9 || clearance(other) < HAND + 1.0, "{p:?} {q:?} {other:?}");
            }
        }
    }
}
