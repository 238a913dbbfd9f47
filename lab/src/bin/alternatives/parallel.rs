//! The plain path to a tolerance: all steps of a window at once, again and again.

use anyhow::Result;
use nalgebra::{DMatrix, DVector};
use speculative_diffusion::Target;

use lab::path::{Path, size};

/// What is guessed of states that were not looked at yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Guess {
    /// The last one again.
    Repeated,
    /// What follows if the last estimate is kept.
    Frozen,
}

impl Guess {
    /// Appends states up to number `end`.
    fn extend<T: Target>(self, path: &mut Path<T>, end: usize) {
        while path.states.len() <= end {
            let last = path.states.len() - 1;
            let next = match self {
                Self::Frozen if !path.last.is_empty() => path.taken(last, &path.states[last], &path.last),
                _ => path.states[last].clone(),
            };
            path.states.push(next);
        }
    }
}

/// Picard iteration in a sliding window. A state is settled once it moves by less than `tolerance` of its step's noise and all
/// before it are.
///
/// # Reference
/// Shih et al. 2023 (ParaDiGMS), algorithm 1; with [`Guess::Frozen`] Lu, Zhu & Hou 2025 (ParaSolver), with intervals of one step.
pub fn sweeps<T: Target>(path: &mut Path<T>, window: usize, tolerance: f64, guess: Guess) -> Result<()> {
    let count = path.steps.len();
    while path.settled < count {
        let (from, to) = (path.settled, (path.settled + window).min(count));
        guess.extend(path, to);
        let estimates = path.estimates(from, to)?;
        // each step moves its old state; the moves are added up from the settled one on
        let mut at = path.states[from].clone();
        let (mut moved, mut all_settled) = (Vec::new(), true);
        for (step, x0hat) in (from..to).zip(&estimates) {
            let next = path.taken(step, &path.states[step], x0hat);
            at.iter_mut().zip(next.iter().zip(&path.states[step])).for_each(|(at, (next, y))| *at += next - y);
            let settled = size(&at, &path.states[step + 1]) <= tolerance * path.scales[step];
            // the first is a step from a settled state
            if step == from || (all_settled && settled) {
                path.settled = step + 1;
            }
            all_settled &= settled;
            moved.push(at.clone());
        }
        path.states.truncate(from + 1);
        path.states.extend(moved);
    }
    Ok(())
}

/// Settings of [`anderson`].
#[derive(Clone, Copy, Debug)]
pub struct Anderson {
    /// Steps that an equation spans.
    pub order: usize,
    /// Earlier iterations that are looked at.
    pub memory: usize,
    /// What is added to the diagonal of its least squares.
    pub ridge: f64,
}

impl Anderson {
    /// Of the paper's experiments with 100 steps.
    pub const USUAL: Self = Self { order: 8, memory: 3, ridge: 1e-3 };
}

/// A state and its residual, where it was in the window.
type Evaluated = Option<(Vec<f64>, Vec<f64>)>;

/// Triangular Anderson acceleration of equations of higher order, in a sliding window. A state is settled once its step's residual
/// is below `tolerance` of the step's noise and all before it are.
///
/// # Reference
/// Tang et al. 2024 (ParaTAA), equations of order k and algorithm 1.
pub fn anderson<T: Target>(path: &mut Path<T>, window: usize, tolerance: f64, settings: Anderson) -> Result<()> {
    let count = path.steps.len();
    // of earlier iterations, newest last, for each state
    let mut history: Vec<Vec<Evaluated>> = Vec::new();
    while path.settled < count {
        let (from, to) = (path.settled, (path.settled + window).min(count));
        Guess::Repeated.extend(path, to);
        let estimates = path.estimates(from, to)?;
        let mut now: Vec<Evaluated> = vec![None; count + 1];
        let (mut all_settled, mut front) = (true, from);
        for step in from..to {
            let first_order = path.taken(step, &path.states[step], &estimates[step - from]);
            all_settled &= size(&first_order, &path.states[step + 1]) <= tolerance * path.scales[step];
            if all_settled {
                front = step + 1;
            }
            // the same over several steps, from a state before
            let begin = (step + 1).saturating_sub(settings.order).max(from);
            let reached = (begin..=step)
                .fold(path.states[begin].clone(), |y, step| path.taken(step, &y, &estimates[step - from]));
            let residual = reached.iter().zip(&path.states[step + 1]).map(|(a, b)| a - b).collect();
            now[step + 1] = Some((path.states[step + 1].clone(), residual));
        }
        let mut next = Vec::new();
        // sums over the states so far: what makes the acceleration triangular
        let most = history.len().min(settings.memory);
        let (mut gram, mut right) = (DMatrix::<f64>::zeros(most, most), DVector::<f64>::zeros(most));
        for state in from + 1..=to {
            let Some((value, residual)) = &now[state] else { continue };
            // differences to the iteration before, newest first, as far as this state was there
            let mut changes: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
            let (mut newer, mut older) = ((value, residual), history.iter().rev());
            while let (true, Some(Some((x, r)))) = (changes.len() < most, older.next().map(|then| &then[state])) {
                let difference = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<f64>>();
                changes.push((difference(newer.0, x), difference(newer.1, r)));
                newer = (x, r);
            }
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            for (i, (_, a)) in changes.iter().enumerate() {
                right[i] += dot(a, residual);
                changes.iter().enumerate().for_each(|(j, (_, b))| gram[(i, j)] += dot(a, b));
            }
            let mut updated: Vec<f64> = value.iter().zip(residual).map(|(x, r)| x + r).collect();
            // the first that is not settled is a step from a settled state
            if state > from + 1 && !changes.is_empty() {
                let few = changes.len();
                let system = gram.view((0, 0), (few, few)) + DMatrix::identity(few, few) * settings.ridge;
                if let Some(weights) = system.lu().solve(&right.rows(0, few).into_owned()) {
                    for (weight, (x, r)) in weights.iter().zip(&changes) {
                        updated.iter_mut().zip(x.iter().zip(r)).for_each(|(u, (x, r))| *u -= weight * (x + r));
                    }
                }
            }
            next.push(updated);
        }
        path.states.truncate(from + 1);
        path.states.extend(next);
        history.push(now);
        if history.len() > settings.memory {
            history.remove(0);
        }
        path.settled = front.max(from + 1);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use speculative_diffusion::targets::{Component, Mixture};
    use speculative_diffusion::{Chain, Step};

    use lab::path::{Path, Solved, size};

    use super::{Anderson, Guess, anderson, sweeps};

    fn target() -> Mixture {
        let component = |weight, mean: f64| Component { weight, mean: vec![mean; 4], variance: vec![0.1; 4] };
        Mixture::new(vec![component(0.5, 1.0), component(0.5, -1.0)]).expect("a valid mixture")
    }

    fn drawn(by: impl Fn(&mut Path<Mixture>)) -> Solved {
        let (target, chain) = (target(), Chain::cosine(40, 1.0).expect("valid"));
        let steps: &[Step] = chain.steps();
        let scales: Vec<f64> = steps.iter().map(|step| step.s.max(steps[38].s)).collect();
        let mut path = Path::new(steps, &scales, &target, 3);
        by(&mut path);
        path.ended()
    }

    #[test]
    fn without_a_tolerance_all_come_to_the_plain_path_in_fewer_calls_and_with_one_near_it_in_fewer_still() {
        let plain = drawn(|path| path.one_by_one(40).expect("closed form"));
        assert_eq!((plain.calls, plain.rows), (40, 40));
        type Solver = fn(&mut Path<Mixture>, f64);
        let solvers: [Solver; 3] = [
            |path, tolerance| sweeps(path, 20, tolerance, Guess::Repeated).expect("closed form"),
            |path, tolerance| {
                path.one_by_one(3).expect("closed form");
                sweeps(path, 20, tolerance, Guess::Frozen).expect("closed form");
            },
            |path, tolerance| anderson(path, 20, tolerance, Anderson::USUAL).expect("closed form"),
        ];
        for (i, solver) in solvers.into_iter().enumerate() {
            let exact = drawn(|path| solver(path, 1e-9));
            assert!(size(&exact.sample, &plain.sample) < 1e-6 && exact.calls < 40, "{i}: {} calls", exact.calls);
            let near = drawn(|path| solver(path, 0.1));
            let off = size(&near.sample, &plain.sample);
            assert!(off < 0.5 && near.calls < exact.calls, "{i}: {off} off in {} calls", near.calls);
        }
    }
}
