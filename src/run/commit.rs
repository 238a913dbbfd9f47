//! A drafted window is judged by the model's estimates, and committed up to its stop.
//!
//! Nothing here reads a [`Round`] back.

use super::drawn::Drawn;
use super::plan::Plan;
use super::rollout::Rollout;
use super::state::State;
use super::trace::{Position, Round};
use crate::cores;
use crate::coupling::reflection::{Coupled, Verdict};
use crate::coupling::window::{self, Judged, Window};
use crate::draft::{Evaluated, Learnt, difference};
use crate::sums::are_finite;
use crate::target::TargetError;

/// Judges the window and moves the state on that it was drafted from. Noises of later levels go back into `drawn`.
///
/// # Shapes
/// `estimates` holds one estimate for each row of [`Rollout::batch`].
///
/// # Errors
/// [`TargetError::NotFinite`] where the chain comes to a state whose estimate is not finite. Nothing is committed then, so a run
/// that asks again and gets numbers goes on as if it had got them at once.
pub(crate) fn commit(
    plan: &Plan,
    state: &mut State,
    window: Rollout,
    estimates: &[f64],
    drawn: &mut Drawn,
) -> Result<Round, TargetError> {
    let (first, length, dim) = (window.first, window.steps.len(), state.y.len());
    // the root's call, and the one for all other rows
    let asked: Vec<usize> = window.asked(plan).collect();
    let calls = if window.root.is_some() { 1 + usize::from(asked.len() > 1) } else { 1 };
    let answers = window.root.iter().cloned().chain(rows(estimates, dim, asked.len()));
    // empty where the model was not asked
    let mut estimates = vec![Vec::new(); length];
    asked.iter().zip(answers).for_each(|(&position, estimate)| estimates[position] = estimate);
    let steps = &plan.chain.steps()[first..first + length];
    // a position's state is only reached where the one before it was, at whose state the estimate before was made
    let previous = |j: usize| if j == 0 { &state.previous } else { &estimates[j - 1] };
    let target_means: Vec<Vec<f64>> = cores::map(length, dim, |j| match plan.chain.asks(first + j) {
        true => steps[j].mean(window.start_of(j), &estimates[j], previous(j)),
        false => window.steps[j].mean.clone(),
    });

    let Judged { verdicts, states, renewed, still_renewed } = judge(plan, state, &window, &estimates, &target_means)?;

    let advance = states.len();
    let memory = core::mem::take(&mut state.memory);
    let learnt = Learnt { memory, evaluated: evaluated(&window, &asked, &estimates), length, next: first + advance };
    state.memory = plan.settings.draft.kind().learn(learnt);
    state.level += advance;
    state.rounds += 1;
    state.stops += usize::from(verdicts.iter().any(Verdict::is_rejected));
    state.y.clone_from(&states[advance - 1]);
    if plan.chain.remembers() {
        state.previous.clone_from(&estimates[advance - 1]);
    }
    let earlier = state.renewed.drain(..).skip(still_renewed);
    state.renewed = renewed.into_iter().chain(earlier).collect();

    drawn.forget_before(state.level);
    let draft_calls = window.steps.iter().filter(|step| !step.said.is_empty()).count();
    let verdicts = verdicts.into_iter().chain(core::iter::repeat(Verdict::Discarded));
    let answers = verdicts.zip(estimates).zip(target_means);
    let positions =
        window.steps.into_iter().zip(answers).enumerate().map(|(j, (step, ((verdict, estimate), target_mean)))| {
            let level = first + j;
            if level >= state.level + state.renewed.len() && !step.renewed && !step.noise.is_empty() {
                drawn.put(level, step.noise);
            }
            let (carried, draft_mean, draft) = (step.carried, step.mean, step.draft);
            Position { level, verdict, carried, draft_mean, draft, estimate, target_mean }
        });
    Ok(Round { first, calls, draft_calls, rows: asked.len(), positions: positions.collect(), states })
}

/// Judges the window up to the first position that was drafted so far out that its estimate is not finite. An estimate depends
/// on noise before its level alone, so where the window ends may depend on it.
fn judge(
    plan: &Plan,
    state: &State,
    window: &Rollout,
    estimates: &[Vec<f64>],
    target_means: &[Vec<f64>],
) -> Result<Judged, TargetError> {
    let steps = &plan.chain.steps()[window.first..];
    let rows = window.steps.iter().zip(steps).zip(estimates.iter().zip(target_means));
    let usable = rows.take_while(|(_, (estimate, mean))| are_finite(estimate) && are_finite(mean));
    let positions: Vec<window::Position> = usable
        .map(|((drafted, step), (_, target_mean))| {
            let (draft_mean, normals) = (&drafted.mean[..], &drafted.noise[..]);
            let coupled = Coupled { draft_mean, target_mean, s: step.s, normals, ln_u: 0.0 };
            window::Position { draft: &drafted.draft, coupled }
        })
        .collect();
    let (noise, first, round) = (plan.noise, window.first, state.rounds);
    let not_finite = TargetError::NotFinite { level: first + positions.len() };
    if positions.is_empty() {
        return Err(not_finite);
    }
    let judged = plan.settings.rule.judge(window.steps.len(), &Window { noise, first, round, positions: &positions });
    let passed = judged.verdicts.len() == positions.len() && judged.verdicts.iter().all(Verdict::is_accepted);
    if passed && positions.len() < window.steps.len() { Err(not_finite) } else { Ok(judged) }
}

/// The estimates of a window's rows, less the drafter's, up to the first that is not finite. The first row was reached, so its
/// estimate is finite.
fn evaluated<'a>(window: &'a Rollout, asked: &[usize], estimates: &[Vec<f64>]) -> Vec<Evaluated<'a>> {
    let rows = asked.iter().map(|&j| {
        let (step, x0hat) = (&window.steps[j], &estimates[j]);
        let w = if step.said.is_empty() { x0hat.clone() } else { difference(x0hat, &step.said) };
        Evaluated { w, level: window.first + j, at: window.start_of(j) }
    });
    let mut evaluated: Vec<Evaluated> = rows.collect();
    let count = evaluated.iter().take_while(|row| are_finite(&row.w)).count();
    evaluated.truncate(count.max(1));
    evaluated
}

/// Numbers in rows of `dim`, which may be none.
fn rows(numbers: &[f64], dim: usize, count: usize) -> impl Iterator<Item = Vec<f64>> + '_ {
    (0..count).map_while(move |row| numbers.get(row * dim..(row + 1) * dim).map(<[f64]>::to_vec))
}
