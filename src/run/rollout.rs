//! A window is drafted, step by step.

use super::drawn::Drawn;
use super::plan::Plan;
use super::state::State;
use crate::chain::Chain;
use crate::draft::secants::Multisecant;
use crate::draft::{Assumed, Memory, Place, Recalled};
use crate::sums::are_finite;
use crate::target::{Batch, Row};

/// One drafted step.
#[derive(Clone, Debug)]
pub(crate) struct Drafted {
    /// `p`: mean of the draft.
    pub(crate) mean: Vec<f64>,
    /// `z`; empty where the step has no noise.
    pub(crate) noise: Vec<f64>,
    /// Whether that is what a peak test has put in the place of the addressed one.
    pub(crate) renewed: bool,
    /// `p + s z`: the draft, from which the next step starts.
    pub(crate) draft: Vec<f64>,
    /// Whether the estimate assumed was kept for the step's own level, not for a neighbour's.
    pub(crate) carried: bool,
    /// The drafter's estimate; empty without a drafter.
    pub(crate) said: Vec<f64>,
}

/// A drafted window, whose estimates have not arrived yet.
#[derive(Clone, Debug)]
pub(crate) struct Rollout {
    /// Level of the first step.
    pub(crate) first: usize,
    /// The state that it starts from.
    start: Vec<f64>,
    /// The estimate of the step before the next position, known or assumed; empty where no step remembers it.
    previous: Vec<f64>,
    pub(crate) steps: Vec<Drafted>,
    /// The estimate there, where a root call has made it already.
    pub(crate) root: Option<Vec<f64>>,
    /// The memory's secants, made ready for the whole window.
    secants: Multisecant,
}

impl Rollout {
    /// A window without steps, to be drafted by a model of its own.
    pub(crate) fn open(state: &State) -> Self {
        let secants = Multisecant::new(&state.memory.secants);
        let (start, previous) = (state.y.clone(), state.previous.clone());
        Self { first: state.level, start, previous, steps: Vec::new(), root: None, secants }
    }

    /// The whole window, drafted from what the state has in memory, which is not empty.
    pub(crate) fn recall(plan: &Plan, state: &State, drawn: &mut Drawn) -> Self {
        let mut window = Self::open(state);
        window.roll_out(plan, state, &state.memory, drawn);
        window
    }

    /// The whole window, drafted from the estimate at the first state where the model is asked.
    pub(crate) fn with_root(mut self, plan: &Plan, state: &State, root: Vec<f64>, drawn: &mut Drawn) -> Self {
        let Place { level, y } = self.place();
        let w = plan.settings.draft.kind().freeze(&plan.chain.steps()[level], y, root.clone(), &self.previous);
        let assumed = vec![Assumed { w, level, at: y.to_vec() }];
        self.root = Some(root);
        self.roll_out(plan, state, &Memory { assumed, secants: Vec::new() }, drawn);
        self
    }

    fn roll_out(&mut self, plan: &Plan, state: &State, memory: &Memory, drawn: &mut Drawn) {
        while self.is_open(plan, state) {
            self.skip(plan, state, drawn);
            let Some(recalled) = memory.recall(&self.secants, self.place()) else { return };
            self.extend(plan, state, recalled, Vec::new(), drawn);
        }
    }

    /// Whether a position is missing: a window is as long as the rows it asks for.
    pub(crate) fn is_open(&self, plan: &Plan, state: &State) -> bool {
        let end = self.first + self.steps.len();
        self.asked(plan).count() < state.length(plan) && end < plan.chain.len()
    }

    /// Appends the steps at which the model is not asked: their means are known.
    pub(crate) fn skip(&mut self, plan: &Plan, state: &State, drawn: &mut Drawn) {
        while !plan.chain.asks(self.place().level) {
            let mean = vec![0.0; self.start.len()];
            self.extend(plan, state, Recalled { w: mean, own: false }, Vec::new(), drawn);
        }
    }

    /// The positions whose estimates are asked for.
    pub(crate) fn asked(&self, plan: &Plan) -> impl Iterator<Item = usize> {
        (0..self.steps.len()).filter(|position| plan.chain.asks(self.first + position))
    }

    /// Appends a step drafted from the drafter's estimate, and from what is remembered of its errors.
    pub(crate) fn draft(&mut self, plan: &Plan, state: &State, estimate: &[f64], drawn: &mut Drawn) {
        let mut said = estimate.to_vec();
        if !are_finite(&said) {
            said.fill(0.0);
        }
        let mut recalled = Recalled { w: said.clone(), own: false };
        if let Some(error) = state.memory.recall(&self.secants, self.place()) {
            recalled.w.iter_mut().zip(&error.w).for_each(|(w, error)| *w += error);
            recalled.own = error.own;
        }
        self.extend(plan, state, recalled, said, drawn);
    }

    /// The next position.
    fn place(&self) -> Place<'_> {
        let position = self.steps.len();
        Place { level: self.first + position, y: self.start_of(position) }
    }

    /// Appends a step whose draft assumes what was recalled.
    fn extend(&mut self, plan: &Plan, state: &State, recalled: Recalled, said: Vec<f64>, drawn: &mut Drawn) {
        let Recalled { w: mut mean, own } = recalled;
        let remembered = if plan.chain.remembers() { mean.clone() } else { Vec::new() };
        let (position, Place { level, y }) = (self.steps.len(), self.place());
        let step = &plan.chain.steps()[level];
        match plan.chain.asks(level) {
            true => plan.settings.draft.kind().replace_by_mean(step, y, &mut mean, &self.previous),
            false => step.replace_by_mean(y, &mut mean, &self.previous),
        }
        if !are_finite(&mean) {
            // what was assumed grew beyond all bounds, as a steep density's gradient can: assume no move
            mean.copy_from_slice(y);
        }
        let renewed = state.renewed.get(position).filter(|_| step.s > 0.0);
        let noise = match renewed {
            Some(noise) => noise.clone(),
            None if step.s > 0.0 => drawn.take(&plan.noise, level, mean.len()),
            None => Vec::new(),
        };
        let draft = match noise.is_empty() {
            true => mean.clone(),
            false => mean.iter().zip(&noise).map(|(p, z)| p + step.s * z).collect(),
        };
        let (renewed, carried) = (renewed.is_some(), own && self.root.is_none());
        self.previous = remembered;
        self.steps.push(Drafted { mean, noise, renewed, draft, carried, said });
    }

    /// The state that a position starts from.
    pub(crate) fn start_of(&self, position: usize) -> &[f64] {
        position.checked_sub(1).map_or(&self.start, |before| &self.steps[before].draft)
    }

    /// The row of the next step, whose estimate is asked for before the window can be drafted.
    pub(crate) fn next_row(&self, plan: &Plan) -> Batch {
        let mut batch = Batch::default();
        self.push_row(plan, self.steps.len(), &mut batch);
        batch
    }

    /// The rows to evaluate: the state each step starts from, but for a root that is known.
    pub(crate) fn batch(&self, plan: &Plan) -> Batch {
        let mut batch = Batch::default();
        batch.states.reserve(self.steps.len() * self.start.len());
        for position in self.asked(plan).skip(usize::from(self.root.is_some())) {
            self.push_row(plan, position, &mut batch);
        }
        batch
    }

    fn push_row(&self, plan: &Plan, position: usize, batch: &mut Batch) {
        batch.push(row(&plan.chain, self.first + position), self.start_of(position));
    }

    /// Draws the noise of levels after this window, no more than the next one can need.
    pub(crate) fn draw_ahead(&self, plan: &Plan, drawn: &mut Drawn) {
        let (length, steps) = (self.steps.len(), plan.chain.steps());
        let after = steps.iter().enumerate().skip(self.first + length).take(length);
        for (level, _) in after.filter(|(_, step)| step.s > 0.0) {
            drawn.draw(&plan.noise, level, self.start.len());
        }
    }
}

/// What a row that starts at a level is.
pub(crate) fn row(chain: &Chain, level: usize) -> Row {
    Row::new(chain.steps()[level].level, level)
}
