//! The peak test: a whole window judged at once, by the path of its log likelihood ratio.
//!
//! Along a drafted window let `M_0 = 0` and `M_{j+1} = M_j - <z_j, D_j> - |D_j|^2 / 2`, the logarithm of the target's
//! density over the draft's for the path so far. On the clock `c = |D_0|^2 + .. + |D_{j-1}|^2` it is a Brownian motion,
//! with drift -1/2 if the path is the draft's and +1/2 if it is the target's. One with drift -1/2 rises to a highest value
//! in all its time, and up to that moment it *is* one with drift +1/2 (Williams 1974). So the draft is kept up to the peak
//! of `M`, and the path goes on from there with the target's own law: by the strong Markov property all of it has that law.
//!
//! - Within a step the path between `M_j` and `M_{j+1}` is a Brownian bridge, whose highest value is drawn; behind the
//!   window the highest value is `M` at its end plus an exponential of mean 1.
//! - If the path rises highest behind the window, all of it is kept. Else the step of the peak is the last: what of it
//!   lies behind the peak is drawn again, which changes its noise along `D` and nothing else.
//! - Of the noises behind the stop the test has seen the components along their `D`: these are drawn again. What is
//!   orthogonal to `D` is independent of all that was looked at, and stays; so predictions that were made with it stay
//!   nearly right, which is what a draft that keeps them lives on.
//!
//! Step by step a flat gap `d` stops the reflection after about `2.5 / d` steps; this test stops after about `2 / d^2`.
//!
//! Reference: Williams 1974 (path decomposition); Sun et al. 2024 (block verification, the same law of stops for tokens).

#[cfg(feature = "mutants")]
use crate::coupling::mutants::PeakMutant;
use crate::coupling::reflection::{Coupled, Decided, Gap, Test, Verdict};
use crate::noise::{Draws, Noise, Purpose};

/// A gap longer than this is judged by itself: its square would drown the path's other numbers, and nothing behind it
/// would be kept anyway.
const LONGEST: f64 = 1e6;

/// One noisy position of a window.
pub(crate) struct Step<'a> {
    pub(crate) coupled: Coupled<'a>,
    pub(crate) gap: Gap,
}

/// What a test makes of a window's noisy positions.
pub(crate) struct Judged {
    /// Of the positions that are committed.
    pub(crate) verdicts: Vec<Verdict>,
    /// The state of the last one, if that was rejected.
    pub(crate) replaced: Option<Vec<f64>>,
    /// The noises of the levels behind a rejection, up to the window's end.
    pub(crate) renewed: Vec<Vec<f64>>,
}

/// Where the numbers of a test are drawn.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) noise: Noise,
    /// Level of the window's first position.
    pub(crate) first: usize,
    pub(crate) round: usize,
    /// What is done wrongly on purpose.
    #[cfg(feature = "mutants")]
    pub(crate) mutant: Option<PeakMutant>,
}

impl Place {
    fn draws(&self, purpose: Purpose, position: usize) -> Draws {
        #[cfg(feature = "mutants")]
        if self.mutant == Some(PeakMutant::SameDraws) {
            return self.noise.draws(purpose, self.first + position, 0);
        }
        self.noise.draws(purpose, self.first + position, self.round)
    }

    #[cfg(feature = "mutants")]
    fn errs(&self, mutant: PeakMutant) -> bool {
        self.mutant == Some(mutant)
    }
}

/// How many of a window's positions the test can look at together: those before the first whose gap is too long, but one
/// at least. A gap is known before its own step's noise, so where a window ends may depend on it.
pub(crate) fn horizon(gaps: &[Gap]) -> usize {
    gaps.iter().skip(1).take_while(|gap| gap.size < LONGEST).count() + usize::from(!gaps.is_empty())
}

/// Judges the noisy positions of a window.
pub(crate) fn judge(steps: &[Step], place: Place) -> Judged {
    if let [only] = steps {
        if only.gap.size >= LONGEST {
            return alone(only, place);
        }
    }
    // (M before a step, M behind it)
    let mut path = Vec::with_capacity(steps.len());
    let mut at = 0.0;
    for step in steps {
        path.push((at, at + step.gap.ln_ratio));
        at += step.gap.ln_ratio;
    }
    let tops: Vec<f64> =
        steps.iter().zip(&path).enumerate().map(|(j, (step, ends))| top(step, *ends, j, place)).collect();
    let beyond = at + place.draws(Purpose::Beyond, steps.len()).exponential();
    #[cfg(feature = "mutants")]
    let beyond = if place.errs(PeakMutant::NothingBeyond) { at } else { beyond };
    // where a step has no clock there is no peak
    let rising = tops.iter().enumerate().filter(|(j, _)| steps[*j].gap.size > 0.0);
    let highest = rising.max_by(|a, b| a.1.total_cmp(b.1)).filter(|(_, top)| **top > beyond);
    let kept = |j: usize| Verdict::Accepted(steps[j].gap.kept(Decided::Peak { top: tops[j] }));
    let Some((stop, &peak)) = highest else {
        let verdicts = (0..steps.len()).map(kept).collect();
        return Judged { verdicts, replaced: None, renewed: Vec::new() };
    };
    let mut verdicts: Vec<Verdict> = (0..stop).map(kept).collect();
    let (state, test) = behind(&steps[stop], path[stop], peak, stop, place);
    verdicts.push(Verdict::Rejected(test));
    let later = steps.iter().enumerate().skip(stop + 1);
    Judged { verdicts, replaced: Some(state), renewed: later.map(|(j, step)| renewed(step, j, place)).collect() }
}

/// How high the path rises within a step.
fn top(step: &Step, (from, to): (f64, f64), position: usize, place: Place) -> f64 {
    let clock = step.gap.size * step.gap.size;
    let ln_u = -place.draws(Purpose::Bridge, position).exponential();
    #[cfg(feature = "mutants")]
    let ln_u = if place.errs(PeakMutant::NoBridge) { 0.0 } else { ln_u };
    0.5 * (from + to + libm::sqrt((to - from) * (to - from) - 2.0 * clock * ln_u))
}

/// The state of the step that holds the peak: up to the peak as drafted, from there on by the target's law.
fn behind(step: &Step, (from, to): (f64, f64), peak: f64, position: usize, place: Place) -> (Vec<f64>, Test) {
    let (gap, clock) = (&step.gap, step.gap.size * step.gap.size);
    let mut draws = place.draws(Purpose::Peak, position);
    // when the peak is reached: the ratio of the clock left to the clock run is an inverse Gaussian or the inverse of one
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
    let drift = 0.5;
    #[cfg(feature = "mutants")]
    let drift = if place.errs(PeakMutant::DraftBehindPeak) { -drift } else { drift };
    let end = peak + drift * left + libm::sqrt(left) * draws.normal();
    // M falls by <z, D> + |D|^2 / 2 in the step
    let component = (from - end) / gap.size - 0.5 * gap.size;
    let coupled = &step.coupled;
    let noise = coupled.with_component(gap, component);
    let mean = coupled.draft_mean;
    #[cfg(feature = "mutants")]
    let (mean, noise, component) = if place.errs(PeakMutant::OwnNoise) {
        (coupled.target_mean, coupled.normals.to_vec(), gap.noise - gap.size)
    } else {
        (mean, noise, component)
    };
    let state = mean.iter().zip(&noise).map(|(p, z)| p + coupled.s * z).collect();
    // (p + s z - q) / s = D + z
    (state, gap.replaced(Decided::Peak { top: peak }, gap.size + component))
}

/// A noise behind the stop, for its level to be drafted with again.
fn renewed(step: &Step, position: usize, place: Place) -> Vec<f64> {
    #[cfg(feature = "mutants")]
    if place.errs(PeakMutant::ComponentKept) {
        return step.coupled.normals.to_vec();
    }
    if step.gap.size == 0.0 {
        return step.coupled.normals.to_vec();
    }
    step.coupled.with_component(&step.gap, place.draws(Purpose::Renew, position).normal())
}

/// A single step whose gap is too long for the path, by the reflection. Its gap was known before its noise, so the choice
/// of the test tells nothing of that.
fn alone(step: &Step, place: Place) -> Judged {
    let coupled = Coupled { ln_u: place.noise.ln_uniform(place.first), ..step.coupled };
    let mut state: Vec<f64> = coupled.draft_mean.iter().zip(coupled.normals).map(|(p, z)| p + coupled.s * z).collect();
    let verdict = coupled.reflect(&mut state);
    Judged { verdicts: vec![verdict], replaced: verdict.is_rejected().then_some(state), renewed: Vec::new() }
}

#[cfg(all(test, feature = "mutants"))]
mod tests {
    use super::{Place, Step, judge};
    use crate::coupling::mutants::PeakMutant;
    use crate::coupling::reflection::{Coupled, Decided};
    use crate::noise::Noise;

    /// The tops of a window of four short gaps, judged in a round.
    fn tops(round: usize, mutant: Option<PeakMutant>) -> Vec<f64> {
        let (draft_mean, target_mean, normals) = ([0.0, 0.0], [0.01, 0.0], [0.3, -0.4]);
        let step = || {
            let coupled =
                Coupled { draft_mean: &draft_mean, target_mean: &target_mean, s: 1.0, normals: &normals, ln_u: 0.0 };
            Step { gap: coupled.gap(), coupled }
        };
        let steps = [step(), step(), step(), step()];
        let judged = judge(&steps, Place { noise: Noise::new(1, 0), first: 5, round, mutant });
        let top = |by| match by {
            Decided::Peak { top } => top,
            Decided::Uniform { .. } => f64::NAN,
        };
        judged.verdicts.iter().filter_map(|verdict| Some(top(verdict.test()?.by))).collect()
    }

    #[test]
    fn a_level_that_is_drafted_again_is_judged_with_other_numbers_and_this_test_sees_if_it_is_not() {
        let differ = |mutant| {
            let (one, two) = (tops(3, mutant), tops(4, mutant));
            one.iter().zip(&two).all(|(a, b)| a != b)
        };
        assert_eq!(tops(3, None), tops(3, None));
        assert!(differ(None));
        assert!(!differ(Some(PeakMutant::SameDraws)));
    }
}
