//! One window: drafted step by step, tested against the model's predictions, committed up to its first rejection.
//!
//! Drafting and verifying are pure functions; what stands between them, a call of the model, is the business of
//! [`Run`](crate::Run). Nothing here reads a [`Round`] back.

use crate::chain::Step;
#[cfg(feature = "mutants")]
use crate::coupling::mutants::PeakMutant;
use crate::coupling::peak;
use crate::coupling::reflection::{Coupled, Gap, Verdict};
use crate::draft::secants::Multisecant;
use crate::draft::{Assumed, Evaluated, Learnt, Memory, Place, Recalled, difference};
use crate::noise::Purpose;
use crate::run::sampler::Sampler;
use crate::run::settings::Rule;
use crate::run::state::State;
use crate::run::trace::{Position, Round};
use crate::target::{Batch, Row, TargetError};

/// A drafted window, waiting for the model's word.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    first: usize,
    /// `S[0..=Lw]`: the state each position starts from, and the last draft.
    states: Vec<Vec<f64>>,
    /// `P[j]`: draft means.
    means: Vec<Vec<f64>>,
    /// `z` of each position; empty at a deterministic step.
    noises: Vec<Vec<f64>>,
    /// Whether the position's own level was assumed, not a neighbour's.
    carried: Vec<bool>,
    /// The prediction at `S[0]`, where a root call has made it already.
    root: Option<Vec<f64>>,
    /// Noises that an earlier window has drawn, from the window's first level on: they are not computed twice.
    drawn: Vec<Vec<f64>>,
    draft_calls: usize,
    /// The drafter's estimate at each position; empty without a drafter.
    said: Vec<Vec<f64>>,
    /// The memory's secants, made ready for the whole window.
    secants: Multisecant,
}

impl Window {
    /// A window without positions, to be drafted by a model of its own.
    pub(crate) fn open(state: &State, drawn: Vec<Vec<f64>>) -> Self {
        Self {
            first: state.level,
            states: vec![state.y.clone()],
            means: Vec::new(),
            noises: Vec::new(),
            carried: Vec::new(),
            root: None,
            drawn,
            draft_calls: 0,
            said: Vec::new(),
            secants: Multisecant::new(&state.memory.secants),
        }
    }

    /// Rolls out the whole window from what the state has in memory.
    pub(crate) fn recall(sampler: &Sampler, state: &State, drawn: Vec<Vec<f64>>) -> Self {
        let mut window = Self::open(state, drawn);
        window.roll_out(sampler, state, &state.memory);
        window
    }

    /// Rolls out the whole window from the prediction at its first state.
    pub(crate) fn from_root(sampler: &Sampler, state: &State, drawn: Vec<Vec<f64>>, root: Vec<f64>) -> Self {
        let mut window = Self::open(state, drawn);
        let step = &sampler.chain().steps()[state.level];
        let w = sampler.settings().draft.kind().freeze(step, &state.y, root.clone());
        window.root = Some(root);
        let assumed = vec![Assumed { w, level: state.level, at: state.y.clone() }];
        window.roll_out(sampler, state, &Memory { assumed, secants: Vec::new() });
        window
    }

    fn roll_out(&mut self, sampler: &Sampler, state: &State, memory: &Memory) {
        for position in 0..sampler.length(state) {
            let place = Place { position, level: self.first + position, y: &self.states[position] };
            let Some(recalled) = memory.recall(&self.secants, place) else { return };
            self.extend(sampler, state, recalled);
        }
    }

    /// The row whose estimate by a drafter the next position is made of.
    pub(crate) fn draft_batch(&self, sampler: &Sampler) -> Batch {
        let mut batch = Batch::default();
        self.push_row(sampler, self.len(), &mut batch);
        batch
    }

    /// Appends a position drafted from the drafter's estimate, and from what is remembered of its errors.
    pub(crate) fn draft(&mut self, sampler: &Sampler, state: &State, estimate: &[f64]) {
        let place = Place { position: self.len(), level: self.first + self.len(), y: &self.states[self.len()] };
        let mut said = estimate.to_vec();
        if said.iter().any(|x| !x.is_finite()) {
            said.fill(0.0);
        }
        let mut recalled = Recalled { w: said.clone(), own: false };
        if let Some(error) = state.memory.recall(&self.secants, place) {
            recalled.w.iter_mut().zip(&error.w).for_each(|(w, error)| *w += error);
            recalled.own = error.own;
        }
        self.said.push(said);
        self.draft_calls += 1;
        self.extend(sampler, state, recalled);
    }

    /// Appends a position whose draft assumes what was recalled.
    fn extend(&mut self, sampler: &Sampler, state: &State, recalled: Recalled) {
        let Recalled { w: mut mean, own } = recalled;
        let level = self.first + self.len();
        let (step, y) = (&sampler.chain().steps()[level], &self.states[self.len()]);
        sampler.settings().draft.kind().replace_by_mean(step, y, &mut mean);
        if mean.iter().any(|p| !p.is_finite()) {
            // what was assumed grew beyond all bounds, as a steep density's gradient can, or a drafter gave no number: assume
            // no move
            mean.clone_from(y);
        }
        let (noise, draft) = if step.s == 0.0 {
            (Vec::new(), mean.clone())
        } else {
            let position = self.len();
            let drawn = self.drawn.get_mut(position).map(core::mem::take);
            let own = || sampler.noise().normals(Purpose::Step, level, mean.len());
            let z = state.renewed.get(position).cloned().or(drawn).unwrap_or_else(own);
            let draft = mean.iter().zip(&z).map(|(p, z)| p + step.s * z).collect();
            (z, draft)
        };
        self.carried.push(own && self.root.is_none());
        self.means.push(mean);
        self.noises.push(noise);
        self.states.push(draft);
    }

    /// Draws noises of levels behind the window that nobody has drawn yet, `ahead` holding those drawn so; no more than the
    /// next window can need.
    pub(crate) fn draw_ahead(&self, sampler: &Sampler, ahead: &mut Vec<Vec<f64>>) {
        let (steps, dim) = (sampler.chain().steps(), self.states[0].len());
        let known = self.first + self.len().max(self.drawn.len());
        let levels = steps.iter().enumerate().take(self.first + 2 * self.len()).skip(known + ahead.len());
        ahead.extend(levels.map(|(level, step)| match step.s > 0.0 {
            true => sampler.noise().normals(Purpose::Step, level, dim),
            false => Vec::new(),
        }));
    }

    /// Number of positions.
    pub(crate) fn len(&self) -> usize {
        self.means.len()
    }

    /// The rows to evaluate: the state each position starts from, but for a root that is known.
    pub(crate) fn batch(&self, sampler: &Sampler) -> Batch {
        let mut batch = Batch::default();
        batch.states.reserve(self.len() * self.states[0].len());
        for position in usize::from(self.root.is_some())..self.len() {
            self.push_row(sampler, position, &mut batch);
        }
        batch
    }

    fn push_row(&self, sampler: &Sampler, position: usize, batch: &mut Batch) {
        batch.push(row(sampler, self.first + position), &self.states[position]);
    }

    /// Tests the window against the model's predictions, position by position up to the first rejection, and commits: the
    /// state that it was drafted from moves on. Returns the round, and those noises of the state's levels that need not be
    /// drawn again.
    ///
    /// # Shapes
    /// `predictions` holds one estimate for each row of [`Window::batch`].
    ///
    /// # Errors
    /// [`TargetError::NotFinite`] where the window was verified up to a prediction that is not finite. Nothing is
    /// committed then.
    pub(crate) fn verify(
        self,
        sampler: &Sampler,
        state: &mut State,
        predictions: &[f64],
    ) -> Result<(Round, Vec<Vec<f64>>), TargetError> {
        let (length, dim) = (self.len(), self.states[0].len());
        let Self { first, states, means, mut noises, carried, root, drawn, draft_calls, said, .. } = self;
        // the root's call, and the one that checks whatever stands behind it
        let calls = if root.is_some() { 1 + usize::from(length > 1) } else { 1 };
        let predictions: Vec<Vec<f64>> = root.into_iter().chain(rows(predictions, dim, length)).take(length).collect();
        let steps = &sampler.chain().steps()[first..first + length];
        let target_means: Vec<Vec<f64>> =
            steps.iter().zip(states.iter().zip(&predictions)).map(|(step, (y, x0hat))| step.mean(y, x0hat)).collect();

        let drafted = Drafted { first, rounds: state.rounds, steps, states: &states, means: &means, noises: &noises };
        let Committed { verdicts, states: committed, renewed: behind } =
            drafted.judge(sampler, &predictions, &target_means)?;

        let advance = committed.len();
        let evaluated = evaluated(first, &states, &predictions, &said);
        let learnt = Learnt { memory: core::mem::take(&mut state.memory), evaluated, length, advance };
        state.memory = sampler.settings().draft.kind().learn(learnt);
        state.stops += usize::from(verdicts.iter().any(Verdict::is_rejected));
        let mut renewed = core::mem::take(&mut state.renewed);
        let renewed = match behind {
            // of noises renewed earlier, those behind the window are still to come
            Some(behind) => [behind, renewed.split_off(length.min(renewed.len()))].concat(),
            None => renewed.split_off(advance.min(renewed.len())),
        };
        #[cfg(feature = "mutants")]
        let (renewed, mut noises, drawn) = match sampler.settings().rule {
            rule @ Rule::PeakMutant(PeakMutant::Forgotten) if rule.of_window(length) == Rule::Reflection => {
                noises.truncate(advance);
                (Vec::new(), noises, Vec::new())
            }
            _ => (renewed, noises, drawn),
        };
        let verdicts = verdicts.into_iter().chain(core::iter::repeat(Verdict::Discarded));
        let drafts = states.into_iter().skip(1).zip(carried);
        let means = means.into_iter().zip(target_means).zip(predictions);
        let positions = verdicts.zip(drafts).zip(means).enumerate();
        let positions = positions.map(|(j, ((verdict, (draft, carried)), ((draft_mean, target_mean), prediction)))| {
            Position { level: first + j, verdict, carried, draft_mean, draft, prediction, target_mean }
        });
        let positions: Vec<Position> = positions.collect();
        state.level = first + advance;
        state.rounds += 1;
        state.y.clone_from(&committed[advance - 1]);
        state.renewed = renewed;
        let drawn = noises.split_off(advance).into_iter().chain(drawn.into_iter().skip(length)).collect();
        Ok((Round { first, calls, draft_calls, rows: length, positions, states: committed }, drawn))
    }
}

/// A window as it was drafted.
struct Drafted<'a> {
    first: usize,
    rounds: usize,
    steps: &'a [Step],
    states: &'a [Vec<f64>],
    means: &'a [Vec<f64>],
    noises: &'a [Vec<f64>],
}

/// What becomes of it: of each position up to the stop the verdict and the state, and where a test has looked at the noises
/// behind, those of the rest of the window to go on with.
#[derive(Default)]
struct Committed {
    verdicts: Vec<Verdict>,
    states: Vec<Vec<f64>>,
    renewed: Option<Vec<Vec<f64>>>,
}

impl Drafted<'_> {
    fn judge(
        &self,
        sampler: &Sampler,
        predictions: &[Vec<f64>],
        target_means: &[Vec<f64>],
    ) -> Result<Committed, TargetError> {
        match sampler.settings().rule.of_window(self.steps.len()) {
            Rule::Peak => self.by_peak(self.place(sampler), predictions, target_means),
            #[cfg(feature = "mutants")]
            Rule::PeakMutant(mutant) => {
                let place = peak::Place { mutant: Some(mutant), ..self.place(sampler) };
                self.by_peak(place, predictions, target_means)
            }
            _ => self.step_by_step(sampler, predictions, target_means),
        }
    }

    fn coupled<'a>(&'a self, position: usize, target_mean: &'a [f64], ln_u: f64) -> Coupled<'a> {
        let (draft_mean, normals) = (&self.means[position], &self.noises[position]);
        Coupled { draft_mean, target_mean, s: self.steps[position].s, normals, ln_u }
    }

    /// Tests each position by itself, up to the first rejection.
    fn step_by_step(
        &self,
        sampler: &Sampler,
        predictions: &[Vec<f64>],
        target_means: &[Vec<f64>],
    ) -> Result<Committed, TargetError> {
        let mut committed = Committed::default();
        for (position, (prediction, target_mean)) in predictions.iter().zip(target_means).enumerate() {
            let level = self.first + position;
            finite(level, prediction)?;
            finite(level, target_mean)?;
            let (verdict, state) = if self.steps[position].s == 0.0 {
                (Verdict::Deterministic, target_mean.clone())
            } else {
                let coupled = self.coupled(position, target_mean, sampler.noise().ln_uniform(level));
                let mut state = self.states[position + 1].clone();
                (test(sampler, level, &coupled, &mut state), state)
            };
            committed.verdicts.push(verdict);
            committed.states.push(state);
            if !verdict.is_accepted() {
                break;
            }
        }
        Ok(committed)
    }

    fn place(&self, sampler: &Sampler) -> peak::Place {
        peak::Place {
            noise: *sampler.noise(),
            first: self.first,
            round: self.rounds,
            #[cfg(feature = "mutants")]
            mutant: None,
        }
    }

    /// Tests the noisy positions together; a deterministic step is committed if nothing stopped before it.
    fn by_peak(
        &self,
        place: peak::Place,
        predictions: &[Vec<f64>],
        target_means: &[Vec<f64>],
    ) -> Result<Committed, TargetError> {
        finite(self.first, &predictions[0])?;
        finite(self.first, &target_means[0])?;
        // a row that was drafted too far out ends what can be judged; whether the chain gets there is not decided
        let usable = |position: &usize| {
            finite(0, &predictions[*position]).is_ok() && finite(0, &target_means[*position]).is_ok()
        };
        let reached = (0..self.steps.len()).take_while(usable).count();
        let noisy = self.steps[..reached].iter().take_while(|step| step.s > 0.0).count();
        let coupled: Vec<Coupled> = (0..noisy).map(|j| self.coupled(j, &target_means[j], 0.0)).collect();
        let gaps: Vec<Gap> = coupled.iter().map(Coupled::gap).collect();
        let together = peak::horizon(&gaps);
        let steps: Vec<peak::Step> =
            coupled.into_iter().zip(gaps).map(|(coupled, gap)| peak::Step { coupled, gap }).collect();
        let peak::Judged { mut verdicts, replaced, mut renewed } = peak::judge(&steps[..together], place);
        let stopped = replaced.is_some();
        let kept = verdicts.len() - usize::from(stopped);
        let mut states: Vec<Vec<f64>> = self.states[1..=kept].to_vec();
        states.extend(replaced);
        if stopped {
            // what was not judged was not looked at
            renewed.extend(self.noises[together..].iter().take_while(|noise| !noise.is_empty()).cloned());
        }
        let renewed = stopped.then_some(renewed);
        let ends = together == noisy && self.steps.get(noisy).is_some_and(|step| step.s == 0.0) && noisy < reached;
        #[cfg(feature = "mutants")]
        let stopped = stopped && !(place.mutant == Some(PeakMutant::DeterministicBehind) && kept + 1 == noisy);
        if ends && !stopped {
            verdicts.push(Verdict::Deterministic);
            states.push(target_means[noisy].clone());
        }
        Ok(Committed { verdicts, states, renewed })
    }
}

impl Sampler {
    /// Positions of the next window. It depends on the committed past alone.
    pub fn length(&self, state: &State) -> usize {
        self.settings().window.positions(self.chain().len(), state.level, state.stops)
    }
}

/// Numbers in rows of `dim`, which may be none.
fn rows(numbers: &[f64], dim: usize, count: usize) -> impl Iterator<Item = Vec<f64>> + '_ {
    (0..count).map_while(move |row| numbers.get(row * dim..(row + 1) * dim).map(<[f64]>::to_vec))
}

/// What a row that starts at a level is.
pub(crate) fn row(sampler: &Sampler, level: usize) -> Row {
    Row { level: sampler.chain().steps()[level].level, step: level, lane: 0 }
}

fn test(sampler: &Sampler, _level: usize, coupled: &Coupled, state: &mut [f64]) -> Verdict {
    match sampler.settings().rule {
        Rule::Reflection | Rule::Peak | Rule::Auto => coupled.reflect(state),
        #[cfg(feature = "mutants")]
        Rule::PeakMutant(_) => coupled.reflect(state),
        #[cfg(feature = "mutants")]
        Rule::Mutant(mutant) => {
            mutant.test(coupled, state, || sampler.noise().normals(Purpose::Redraw, _level, coupled.normals.len()))
        }
    }
}

/// The estimates of a window's rows, less the drafter's, up to the first row that was drafted so far out that its estimate is
/// not finite. The first row was reached, so its estimate is finite.
fn evaluated<'a>(
    first: usize,
    states: &'a [Vec<f64>],
    estimates: &[Vec<f64>],
    said: &[Vec<f64>],
) -> Vec<Evaluated<'a>> {
    let rows = states.iter().zip(estimates).enumerate().map(|(j, (y, x0hat))| {
        let w = said.get(j).map_or_else(|| x0hat.clone(), |said| difference(x0hat, said));
        Evaluated { w, level: first + j, at: y }
    });
    let mut evaluated: Vec<Evaluated> = rows.collect();
    let count = evaluated.iter().take_while(|row| row.w.iter().all(|w| w.is_finite())).count();
    evaluated.truncate(count.max(1));
    evaluated
}

/// Refuses a prediction at a committed state that is not finite.
pub(crate) fn finite(level: usize, prediction: &[f64]) -> Result<(), TargetError> {
    if prediction.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(TargetError::NotFinite { level }) }
}
