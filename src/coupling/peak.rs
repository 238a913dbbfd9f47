//! The peak test: a whole window judged at once, by the path of its log likelihood ratio.
//!
//! Along a drafted window let `M_0 = 0` and `M_{j+1} = M_j - <z_j, D_j> - |D_j|^2 / 2`, the logarithm of the target's
//! density over the draft's for the path so far. On the clock `c = |D_0|^2 + .. + |D_{j-1}|^2` it is a Brownian motion,
//! with drift -1/2 if the path is the draft's and +1/2 if it is the target's. One with drift -1/2 rises to a highest value
//! in all its time, and up to that moment it *is* one with drift +1/2 (Williams 1974). So the draft is kept up to the peak
//! of `M`, and the path goes on from there with the target's own law: by the strong Markov property all of it has that law.
//!
//! - Within a step the path between `M_j` and `M_{j+1}` is a Brownian bridge, whose highest value is drawn; after the
//!   window the highest value is `M` at its end plus an exponential of mean 1.
//! - If the path rises highest after the window, all of it is kept. Else the step of the peak is the last: what of it
//!   lies after the peak is drawn again, which changes its noise along `D` and nothing else.
//! - Of the noises after the stop the test has seen the components along their `D`: these are drawn again. What is
//!   orthogonal to `D` is independent of all that was looked at, and stays; so estimates that were made with it stay
//!   nearly right, which is what a draft that keeps them lives on.
//!
//! Step by step a flat gap `d` stops the reflection after about `2.5 / d` steps; this test stops after about `2 / d^2`.
//!
//! Reference: Williams 1974 (path decomposition); Sun et al. 2024 (block verification, the same law of stops for tokens).

use super::reflection::{Coupled, Decided, Gap, Verdict};
use super::window::{Judged, Position, Window};
use crate::noise::{Draws, Purpose};

/// Shortest window that [`Rule::Auto`](crate::Rule::Auto) tests by its peak: the peak test loses more at the end of a window
/// and less at a rejection. On the faces network both need as many calls with windows of 8; from 12 on the peak test needs
/// fewer.
pub(super) const PEAK_FROM: usize = 12;

/// A gap longer than this is judged by itself: its square would drown the path's other numbers, and nothing after it
/// would be kept anyway.
const LONGEST: f64 = 1e6;

/// Judges a window. A step without noise is committed if nothing stopped before it.
pub(crate) fn judge(window: &Window) -> Judged {
    Path::of(window).judge()
}

/// One noisy position of a window.
pub(super) struct Step<'a> {
    pub(super) position: &'a Position<'a>,
    gap: Gap,
    /// `M` before the step and after it.
    pub(super) ends: (f64, f64),
}

/// The path along those noisy positions of a window that are looked at together.
pub(super) struct Path<'a> {
    window: &'a Window<'a>,
    pub(super) steps: Vec<Step<'a>>,
    /// How high it rises within each step.
    pub(super) tops: Vec<f64>,
    /// How high it rises after them.
    pub(super) beyond: f64,
}

/// How many positions with these gaps are looked at together: those before the first that is too long, or that one alone if it
/// is the first. A gap is known before its own step's noise, so where the path ends may depend on it.
fn horizon(gaps: &[Gap]) -> usize {
    gaps.iter().take_while(|gap| gap.size < LONGEST).count().max(1).min(gaps.len())
}

impl<'a> Path<'a> {
    /// The path, and the heights that are drawn for it.
    pub(super) fn of(window: &'a Window<'a>) -> Self {
        let noisy = || window.positions.iter().take_while(|position| position.coupled.s > 0.0);
        let mut gaps: Vec<Gap> = noisy().map(|position| position.coupled.gap()).collect();
        gaps.truncate(horizon(&gaps));
        let mut at = 0.0;
        let steps = noisy().zip(gaps).map(|(position, gap)| {
            let from = at;
            at += gap.ln_ratio;
            Step { position, gap, ends: (from, at) }
        });
        let mut path = Self { window, steps: steps.collect(), tops: Vec::new(), beyond: 0.0 };
        path.tops =
            path.steps.iter().enumerate().map(|(j, step)| step.top(&mut path.draws(Purpose::Bridge, j))).collect();
        path.beyond = at + path.draws(Purpose::Beyond, path.steps.len()).exponential();
        path
    }

    fn draws(&self, purpose: Purpose, position: usize) -> Draws {
        self.window.noise.draws(purpose, self.window.first + position, self.window.round)
    }

    /// Keeps what lies before the peak.
    pub(super) fn judge(&self) -> Judged {
        match &self.steps[..] {
            [only] if only.gap.size >= LONGEST => return self.alone(only),
            _ => {}
        }
        let mut judged = Judged::default();
        let kept = self.peak().unwrap_or(self.steps.len());
        for (step, &top) in self.steps.iter().zip(&self.tops).take(kept) {
            judged.push(Verdict::Accepted(step.gap.kept(Decided::Peak { top })), step.position.draft.to_vec());
        }
        if kept < self.steps.len() {
            let (left, normal) = self.rest(kept);
            let (verdict, state) = self.ending(kept, self.tops[kept] + 0.5 * left + libm::sqrt(left) * normal);
            judged.push(verdict, state);
            judged.renewed = (kept + 1..self.steps.len()).map(|j| self.renewed(j)).collect();
            judged.still_renewed = self.steps.len();
        } else if let Some(next) = self.window.positions.get(kept).filter(|next| next.coupled.s == 0.0) {
            judged.push_deterministic(next);
        }
        judged
    }

    /// The step that holds the peak, unless that lies after the path. Where a step has no clock there is none.
    fn peak(&self) -> Option<usize> {
        let rising = self.tops.iter().enumerate().filter(|(j, _)| self.steps[*j].gap.size > 0.0);
        let highest = rising.max_by(|a, b| a.1.total_cmp(b.1)).filter(|(_, top)| **top > self.beyond);
        highest.map(|(stop, _)| stop)
    }

    /// How much of the clock of the peak's step is left at the peak, and the normal that decides how the path goes on.
    pub(super) fn rest(&self, stop: usize) -> (f64, f64) {
        let (peak, step) = (self.tops[stop], &self.steps[stop]);
        let ((from, to), clock) = (step.ends, step.clock());
        let mut draws = self.draws(Purpose::Peak, stop);
        // the ratio of the clock left to the clock run is an inverse Gaussian or the inverse of one
        let least = f64::MIN_POSITIVE;
        let rise = (0.5 * (peak - from) * (peak - from) / clock).max(least);
        let fall = (0.5 * (peak - to) * (peak - to) / clock).max(least);
        let (rise_root, fall_root) = (libm::sqrt(rise), libm::sqrt(fall));
        let ratio = if draws.uniform() * (rise_root + fall_root) <= rise_root {
            draws.inverse_gaussian(fall_root / rise_root, 2.0 * fall)
        } else {
            1.0 / draws.inverse_gaussian(rise_root / fall_root, 2.0 * rise)
        };
        let left = if ratio.is_finite() { clock * (ratio / (1.0 + ratio)) } else { clock };
        (left, draws.normal())
    }

    /// The state of the peak's step if the path is at `end` after it.
    pub(super) fn ending(&self, stop: usize, end: f64) -> (Verdict, Vec<f64>) {
        let Step { position: Position { coupled, .. }, gap, ends: (from, _) } = &self.steps[stop];
        // M falls by <z, D> + |D|^2 / 2 in the step
        let component = (from - end) / gap.size - 0.5 * gap.size;
        let noise = coupled.with_component(gap, component);
        let state = coupled.draft_mean.iter().zip(&noise).map(|(p, z)| p + coupled.s * z).collect();
        // (p + s z - q) / s = D + z
        let test = gap.replaced(Decided::Peak { top: self.tops[stop] }, gap.size + component);
        (Verdict::Rejected(test), state)
    }

    /// A noise after the stop, for its level to be drafted with again.
    fn renewed(&self, position: usize) -> Vec<f64> {
        let Step { position: Position { coupled, .. }, gap, .. } = &self.steps[position];
        if gap.size == 0.0 {
            return coupled.normals.to_vec();
        }
        coupled.with_component(gap, self.draws(Purpose::Renew, position).normal())
    }

    /// A single step whose gap is too long for the path, by the reflection. Its gap was known before its noise, so the choice
    /// of the test does not depend on that.
    fn alone(&self, step: &Step) -> Judged {
        let coupled = Coupled { ln_u: self.window.noise.ln_uniform(self.window.first), ..step.position.coupled };
        let mut state = step.position.draft.to_vec();
        let verdict = coupled.reflect(&mut state);
        let mut judged = Judged::default();
        judged.push(verdict, state);
        judged
    }
}

impl Step<'_> {
    fn clock(&self) -> f64 {
        self.gap.size * self.gap.size
    }

    /// How high the path rises within the step.
    fn top(&self, draws: &mut Draws) -> f64 {
        let (from, to) = self.ends;
        let ln_u = -draws.exponential();
        0.5 * (from + to + libm::sqrt((to - from) * (to - from) - 2.0 * self.clock() * ln_u))
    }
}

#[cfg(test)]
mod tests {
    use super::{horizon, judge};
    use crate::coupling::reflection::{Coupled, Decided, Gap, Verdict};
    use crate::coupling::window::{Judged, Position, Window};
    use crate::noise::Noise;

    #[test]
    fn a_first_gap_too_long_for_the_path_is_judged_alone_and_rejected() {
        let normals = [0.3, -0.4];
        for long in [1e6, 1e100, 1e160] {
            let means = [[long, 0.0], [0.1, 0.0]];
            let drafts = means.map(|[x, y]| [x + normals[0], y + normals[1]]);
            let positions = [0, 1].map(|j| Position {
                draft: &drafts[j],
                coupled: Coupled {
                    draft_mean: &means[j],
                    target_mean: &[0.0, 0.0],
                    s: 1.0,
                    normals: &normals,
                    ln_u: 0.0,
                },
            });
            let noise = Noise::new(1, 0);
            let judged = judge(&Window { noise, first: 5, round: 2, positions: &positions });
            let test = judged.verdicts[0].test().expect("tested");
            assert_eq!(test.ln_u(), Some(noise.ln_uniform(5)));
            assert!(matches!(judged.verdicts[..], [verdict] if verdict.is_rejected()), "{long}: {judged:?}");
            // the noise, mirrored along the first axis
            let state = &judged.states[0];
            assert!((state[0] + 0.3).abs() < 1e-9 && (state[1] + 0.4).abs() < 1e-9, "{long}: {state:?}");
        }
    }

    #[test]
    fn what_comes_after_a_gap_too_long_is_not_looked_at() {
        let gap = |size: f64| {
            let coupled = Coupled { draft_mean: &[size], target_mean: &[0.0], s: 1.0, normals: &[0.1], ln_u: 0.0 };
            coupled.gap()
        };
        let horizons = |sizes: &[f64]| horizon(&sizes.iter().map(|&size| gap(size)).collect::<Vec<Gap>>());
        assert_eq!(horizons(&[]), 0);
        assert_eq!(horizons(&[0.1, 2.0, 1e7, 0.1]), 2);
        assert_eq!(horizons(&[1e7, 0.1]), 1);
    }

    #[test]
    fn a_level_that_is_drafted_again_is_judged_with_other_numbers_and_this_test_sees_if_it_is_not() {
        let (means, normals) = (([0.0, 0.0], [0.01, 0.0]), [0.3, -0.4]);
        let coupled = Coupled { draft_mean: &means.0, target_mean: &means.1, s: 1.0, normals: &normals, ln_u: 0.0 };
        let positions = [Position { draft: &normals, coupled }; 4];
        let tops = |judge: fn(&Window) -> Judged, round| -> Vec<f64> {
            let judged = judge(&Window { noise: Noise::new(1, 0), first: 5, round, positions: &positions });
            let top = |verdict: &Verdict| match verdict.test()?.by {
                Decided::Peak { top } => Some(top),
                Decided::Uniform { .. } => None,
            };
            judged.verdicts.iter().filter_map(top).collect()
        };
        let differ = |judge| tops(judge, 3).iter().zip(&tops(judge, 4)).all(|(a, b)| a != b);
        assert!(!tops(judge, 3).is_empty());
        assert_eq!(tops(judge, 3), tops(judge, 3));
        assert!(differ(judge));
        #[cfg(feature = "mutants")]
        assert!(!differ(|window| crate::coupling::mutants::PeakMutant::SameDraws.judge(4, window)));
    }
}
