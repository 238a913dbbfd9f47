//! A teacher that plans one push at a time: where to touch the block, in which direction to push and how long, by trying
//! many of them in the world's own mechanics. All is in the block's frame at the time of planning, costs are in ticks.

use crate::block::{CENTRE, HAND, OUTLINE, clearance, nearest_of_both, outward};
use crate::contact::push;
use crate::dice::Dice;
use crate::pose::{Pose, Vector, ahead, direction, dot, norm, scale, sub};
use crate::world::{DAMPING, STIFFNESS, World};

/// Pixels a tick on the way, and while pushing.
const TRAVEL: f64 = 16.0;
const PUSH: f64 = 9.0;
/// Length of a planned substep of a push, and how many a push may have.
const STRIDE: f64 = 2.0;
const LONGEST: usize = 100;
/// The hand's distance from the block while it goes round, and where a push begins.
const AWAY: f64 = HAND + 9.0;
const TOUCH: f64 = HAND + 0.2;
/// How far the corners of the way round lie off the block, either way.
const CORNER: f64 = 21.0;
/// Ticks that a further push costs, and pixels by which a tick of pushing brings the block nearer.
const AGAIN: f64 = 16.0;
const RATE: f64 = 1.5;
/// Nearer than this nothing is left to do.
const NEAR: f64 = 2.0;
/// Coverage with which the teacher is content.
pub(crate) const DONE: f64 = 0.94;
/// Directions and bends in which each spot is pushed first: angles from the normal, and angles a pixel.
const DIRECTIONS: [f64; 5] = [-0.7, -0.35, 0.0, 0.35, 0.7];
const BENDS: [f64; 3] = [-0.008, 0.0, 0.008];
/// Pushes that are refined, of which so many of one spot, by so many random changes each.
const BEST: usize = 6;
const BEST_OF_SPOT: usize = 2;
const CHANGES: usize = 30;
/// Ticks after which a plan is made anew.
const PERIOD: usize = 6;

/// Ticks by which a teacher likes each side of the block less.
pub(crate) type Taste = [f64; OUTLINE.len()];

/// A place on the outline to push at.
#[derive(Clone, Copy, Debug)]
struct Spot {
    side: usize,
    /// Where the hand touches there, and where it comes from.
    touch: Vector,
    away: Vector,
    normal: Vector,
}

/// The teacher, with its map of the ways round the block.
#[derive(Debug)]
pub struct Expert {
    spots: Vec<Spot>,
    corners: Vec<Vector>,
    /// Shortest ways between corners, and the corner that comes next on them.
    between: Vec<Vec<(f64, usize)>>,
    /// From each corner to what lies before each spot.
    to_spot: Vec<Vec<f64>>,
}

#[derive(Clone, Copy, Debug)]
struct Push {
    spot: usize,
    /// From the inward normal.
    direction: f64,
    bend: f64,
    strides: usize,
    cost: f64,
}

/// A way without its start.
#[derive(Clone, Debug)]
struct Way {
    length: f64,
    points: Vec<Vector>,
}

impl Way {
    fn none() -> Self {
        Self { length: f64::INFINITY, points: Vec::new() }
    }
}

impl Default for Expert {
    fn default() -> Self {
        Self::new()
    }
}

/// The length of the straight way, if the hand can go it without touching, but near its ends.
fn straight(from: Vector, to: Vector) -> f64 {
    /// Between two looks.
    const EVERY: f64 = 4.0;
    let length = norm(sub(to, from));
    let looks = (length / EVERY).ceil();
    let free = (1..looks as usize).all(|i| {
        let share = i as f64 / looks;
        let from_end = length * share.min(1.0 - share);
        clearance(ahead(from, sub(to, from), share)) >= HAND + (0.4 * from_end).min(5.0) - 0.5
    });
    if free { length } else { f64::INFINITY }
}

/// Where a hand goes that leaves the block.
fn leave(hand: Vector) -> Vector {
    /// Pixels between two looks, and how many there are.
    const EVERY: f64 = 2.5;
    const LOOKS: usize = 12;
    let way = outward(hand, AWAY);
    let place = |look: usize| ahead(hand, way, EVERY * look as f64);
    (0..LOOKS).map(place).find(|place| clearance(*place) >= AWAY).unwrap_or(place(LOOKS))
}

impl Expert {
    /// A teacher.
    pub fn new() -> Self {
        let mut spots = Vec::new();
        for (side, &from) in OUTLINE.iter().enumerate() {
            /// Pixels of the outline that have one spot.
            const EVERY: f64 = 7.5;
            let along = sub(OUTLINE[(side + 1) % OUTLINE.len()], from);
            let length = norm(along);
            let normal = [along[1] / length, -along[0] / length];
            let count = (length / EVERY).round();
            for i in 0..count as usize {
                let p = ahead(from, along, (i as f64 + 0.5) / count);
                let (touch, away) = (ahead(p, normal, TOUCH), ahead(p, normal, AWAY));
                if clearance(touch) >= HAND && clearance(away) >= HAND + 1.0 {
                    spots.push(Spot { side, touch, away, normal });
                }
            }
        }
        let (low, middle, high) = (-CENTRE - CORNER, 30.0 - CENTRE + CORNER, 120.0 - CENTRE + CORNER);
        let (wide, narrow) = (60.0 + CORNER, 15.0 + CORNER);
        let corners = vec![[-wide, low], [wide, low], [wide, middle], [narrow, high], [-narrow, high], [-wide, middle]];
        let all = 0..corners.len();
        let mut between: Vec<Vec<(f64, usize)>> =
            corners.iter().map(|a| all.clone().map(|b| (straight(*a, corners[b]), b)).collect()).collect();
        // shortest ways (Floyd 1962)
        for over in all.clone() {
            for from in all.clone() {
                for to in all.clone() {
                    let length = between[from][over].0 + between[over][to].0;
                    if length < between[from][to].0 - 1e-9 {
                        between[from][to] = (length, between[from][over].1);
                    }
                }
            }
        }
        let to_spot =
            spots.iter().map(|spot| corners.iter().map(|corner| straight(*corner, spot.away)).collect()).collect();
        Self { spots, corners, between, to_spot }
    }

    /// The way from the hand to each spot.
    fn ways(&self, hand: Vector) -> Vec<Way> {
        let near = clearance(hand) < AWAY;
        let out = leave(hand);
        // each corner as the hand gets there, straight or after it has left the block
        let seen: Vec<Way> = self
            .corners
            .iter()
            .map(|&corner| {
                let (direct, after) = (straight(hand, corner), straight(out, corner));
                if direct.is_finite() {
                    Way { length: direct, points: vec![corner] }
                } else if near {
                    Way { length: after + norm(sub(out, hand)), points: vec![out, corner] }
                } else {
                    Way::none()
                }
            })
            .collect();
        let way = |(spot, &Spot { touch, away, .. }): (usize, &Spot)| {
            /// Pixels that a hand just moves over.
            const BESIDE: f64 = 6.0;
            let last = norm(sub(touch, away));
            if norm(sub(touch, hand)) < BESIDE || straight(hand, touch).is_finite() {
                return Way { length: norm(sub(touch, hand)), points: vec![touch] };
            }
            if straight(hand, away).is_finite() {
                return Way { length: norm(sub(away, hand)) + last, points: vec![away, touch] };
            }
            if near && straight(out, away).is_finite() {
                let length = norm(sub(out, hand)) + norm(sub(away, out)) + last;
                return Way { length, points: vec![out, away, touch] };
            }
            let pairs = (0..self.corners.len()).flat_map(|first| (0..self.corners.len()).map(move |end| (first, end)));
            let length = |&(first, end): &(usize, usize)| {
                seen[first].length + self.between[first][end].0 + self.to_spot[spot][end]
            };
            let best = pairs.min_by(|a, b| length(a).total_cmp(&length(b)));
            let Some((mut at, end)) = best.filter(|pair| length(pair).is_finite()) else { return Way::none() };
            let mut points = seen[at].points.clone();
            let length = length(&(at, end)) + last;
            while at != end {
                at = self.between[at][end].1;
                points.push(self.corners[at]);
            }
            points.extend([away, touch]);
            Way { length, points }
        };
        self.spots.iter().enumerate().map(way).collect()
    }

    /// The places of a push, stride by stride, each with its step.
    fn strides(&self, push: Push) -> impl Iterator<Item = (Vector, Vector)> {
        let Spot { touch, normal, .. } = self.spots[push.spot];
        let inward = libm::atan2(-normal[1], -normal[0]);
        (0..LONGEST).scan(touch, move |at, stride| {
            let angle = inward + push.direction + push.bend * STRIDE * (stride as f64 + 0.5);
            let step = scale(direction(angle), STRIDE);
            *at = ahead(*at, step, 1.0);
            Some((*at, step))
        })
    }

    /// A push with its best length, and what it costs with its way.
    fn judged(&self, mut tried: Push, way: f64, goal: &Pose) -> Push {
        /// Strides that may miss the block, and ticks by which a push may be worse than before and still go on.
        const MISSES: usize = 3;
        const WORSE: f64 = 12.0;
        /// For a push that brings the block no nearer.
        const USELESS: f64 = 100.0;
        let mut block = Pose::new(0.0, 0.0, 0.0);
        let before = block.distance(goal);
        let mut missed = 0;
        tried.cost = f64::INFINITY;
        for (stride, (hand, step)) in self.strides(tried).enumerate() {
            missed += usize::from(!push(&mut block, hand, step));
            if missed > MISSES {
                break;
            }
            let d = block.distance(goal);
            let left = d / RATE + AGAIN * ((d - NEAR) / 6.0).clamp(0.0, 1.0);
            let useless = if d > before - 1.0 { USELESS } else { 0.0 };
            let cost = way / TRAVEL + (stride + 1) as f64 * STRIDE / PUSH + left + useless;
            if cost < tried.cost {
                (tried.cost, tried.strides) = (cost, stride + 1);
            }
            if cost > tried.cost + WORSE {
                break;
            }
        }
        tried
    }

    fn best(&self, hand: Vector, goal: &Pose, taste: &Taste, dice: &mut Dice) -> Option<(Push, Vec<Vector>)> {
        let mut ways = self.ways(hand);
        for (way, spot) in ways.iter_mut().zip(&self.spots) {
            way.length += TRAVEL * taste[spot.side];
        }
        let spots = (0..ways.len()).filter(|&spot| ways[spot].length.is_finite());
        let kinds = || DIRECTIONS.iter().flat_map(|&direction| BENDS.map(|bend| (direction, bend)));
        let mut pushes: Vec<Push> = spots
            .flat_map(|spot| {
                kinds().map(move |(direction, bend)| Push { spot, direction, bend, strides: 0, cost: 0.0 })
            })
            .map(|push| self.judged(push, ways[push.spot].length, goal))
            .collect();
        pushes.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        let mut best: Vec<Push> = Vec::new();
        for push in pushes {
            if best.len() < BEST && best.iter().filter(|other| other.spot == push.spot).count() < BEST_OF_SPOT {
                best.push(push);
            }
        }
        for push in &mut best {
            let mut width = 0.25;
            for _ in 0..CHANGES {
                let changed = Push {
                    direction: (push.direction + width * dice.normal()).clamp(-1.2, 1.2),
                    bend: (push.bend + 0.015 * width * dice.normal()).clamp(-0.015, 0.015),
                    ..*push
                };
                let changed = self.judged(changed, ways[push.spot].length, goal);
                if changed.cost < push.cost {
                    *push = changed;
                }
                width *= 0.96;
            }
        }
        let best = best.into_iter().min_by(|a, b| a.cost.total_cmp(&b.cost))?;
        Some((best, ways.swap_remove(best.spot).points))
    }

    /// Commands from here on, one a tick, to the end of a push.
    fn plan(&self, world: &World, taste: &Taste, dice: &mut Dice) -> Vec<Vector> {
        let block = world.block;
        let hand = block.local(world.hand);
        let at = block.local(world.goal.at);
        let goal = Pose::new(at[0], at[1], world.goal.angle - block.angle);
        if world.coverage() >= DONE {
            // a step back, and there it stays
            let near = nearest_of_both(hand);
            return vec![block.world(ahead(hand, near.normal, (AWAY - near.distance).max(0.0))); 8];
        }
        let Some((push, way)) = self.best(hand, &goal, taste, dice) else {
            let near = nearest_of_both(hand);
            return vec![block.world(ahead(hand, near.normal, (40.0 - near.distance).max(4.0))); 4];
        };
        let mut path = vec![hand];
        path.extend(&way);
        let length = |path: &[Vector]| path.windows(2).map(|pair| norm(sub(pair[1], pair[0]))).sum::<f64>();
        let touch = length(&path);
        path.extend(self.strides(push).take(push.strides).map(|(at, _)| at));
        let total = length(&path);
        let commands = paced(&path, touch, total, block.turn_back(world.velocity));
        commands.into_iter().map(|p| block.world(p)).collect()
    }
}

/// A point of a path, so far from its start.
fn along(path: &[Vector], far: f64) -> Vector {
    let mut rest = far;
    for pair in path.windows(2) {
        let length = norm(sub(pair[1], pair[0]));
        if rest <= length && length > 0.0 {
            return ahead(pair[0], sub(pair[1], pair[0]), rest / length);
        }
        rest -= length;
    }
    path.last().copied().unwrap_or_default()
}

/// Commands along a path for a hand with this velocity: slow where it touches the block, and ahead of the hand, which
/// follows its command at some distance.
fn paced(path: &[Vector], touch: f64, total: f64, velocity: Vector) -> Vec<Vector> {
    /// Pixels before the touch at which it slows down, and a tick's change of speed either way.
    const BRAKING: f64 = 26.0;
    const FASTER: f64 = 3.0;
    const SLOWER: f64 = 3.5;
    /// More than any plan needs, since another is made before.
    const MOST: usize = 200;
    let d = sub(along(path, 8.0_f64.min(total)), path[0]);
    let lead = if norm(d) > 0.0 { (dot(velocity, d) / norm(d) * DAMPING / STIFFNESS).max(0.0) } else { 0.0 };
    let mut far = lead.min(total);
    let mut speed = (lead / 2.0).max(4.0);
    let mut commands = Vec::new();
    while far < total && commands.len() < MOST {
        let limit = if far > touch - BRAKING { PUSH } else { TRAVEL };
        speed = if speed < limit { (speed + FASTER).min(limit) } else { (speed - SLOWER).max(limit) };
        far = (far + speed).min(total);
        commands.push(along(path, far));
    }
    commands.extend([along(path, total); 3]);
    commands
}

/// A teacher at work: it plans anew every few ticks.
#[derive(Debug, Default)]
pub struct Driver {
    commands: Vec<Vector>,
    next: usize,
    taste: Taste,
}

impl Driver {
    /// A teacher who likes some sides of the block less than others, by so many ticks.
    pub fn with_taste(strength: f64, dice: &mut Dice) -> Self {
        Self { taste: core::array::from_fn(|_| strength * dice.normal()), ..Self::default() }
    }

    /// Plans anew at the next tick.
    pub fn forget(&mut self) {
        self.commands.clear();
    }

    /// The command of this tick.
    pub fn command(&mut self, expert: &Expert, world: &World, dice: &mut Dice) -> Vector {
        if self.next >= self.commands.len().min(PERIOD) {
            (self.commands, self.next) = (expert.plan(world, &self.taste, dice), 0);
        }
        self.next += 1;
        self.commands[self.next - 1]
    }
}
