//! What happened in a run, for people: figures, tests and tables read it, the sampler never does.

use crate::coupling::{Verdict, acceptance_probability};

/// One position of a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// The step's index `k` in the chain.
    pub level: usize,
    /// What became of the draft.
    pub verdict: Verdict,
    /// Whether the draft used a prediction kept from an earlier round for this very level, not a root's or a neighbour's.
    pub carried: bool,
    /// `p`: mean of the draft.
    pub draft_mean: Vec<f64>,
    /// `y~ = p + s z`: the draft.
    pub draft: Vec<f64>,
    /// `x0hat`: the network's estimate at the state the step starts from.
    pub prediction: Vec<f64>,
    /// `q`: mean of the target.
    pub target_mean: Vec<f64>,
    /// `|D|`, NaN where nothing was tested.
    pub gap: f64,
    /// Logarithm of the uniform, NaN where nothing was tested.
    pub ln_u: f64,
    /// Logarithm of the density ratio; accepted if and only if `ln_u <= ln_ratio`. NaN where nothing was tested.
    pub ln_ratio: f64,
    /// The committed state's residual along the gap, NaN where nothing was tested.
    pub residual: f64,
}

impl Position {
    /// How likely the draft was to be accepted, given its gap; NaN where nothing was tested.
    pub fn probability(&self) -> f64 {
        acceptance_probability(self.gap)
    }
}

/// One round: a window drafted, checked in one call, and committed up to its first rejection.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// Level of the window's first position.
    pub first: usize,
    /// Sequential calls: 1, or 2 with a call for the root of the window.
    pub calls: usize,
    /// Cheap calls of the model that drafts, one behind the other; only [`Draft::Independent`](crate::Draft) makes any.
    pub draft_calls: usize,
    /// Rows the network evaluated.
    pub rows: usize,
    /// The window, in order.
    pub positions: Vec<Position>,
    /// The committed states `y_{first+1} ..`, as many as the chain advanced.
    pub states: Vec<Vec<f64>>,
}

/// The three costs of a run but for time, and what the drafts achieved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// Sequential calls of the network, every one counted: roots and the last step too.
    pub calls: usize,
    /// Calls of the model that drafts.
    pub draft_calls: usize,
    /// Rows evaluated; guidance counts its second row.
    pub rows: usize,
    /// Drafts that were tested.
    pub tested: usize,
    /// Drafts that were accepted.
    pub accepted: usize,
}

/// A whole speculative run.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// `y_0`.
    pub start: Vec<f64>,
    /// The rounds, in order.
    pub rounds: Vec<Round>,
}

impl Trace {
    /// The last committed state; after a whole run, the sample.
    pub fn sample(&self) -> &[f64] {
        self.states().last().unwrap_or(&self.start)
    }

    /// The committed states `y_1, y_2, ..`.
    pub fn states(&self) -> impl Iterator<Item = &[f64]> {
        self.rounds.iter().flat_map(|round| round.states.iter().map(Vec::as_slice))
    }

    /// The committed positions, in order of their levels, each with the state it led to.
    pub fn committed(&self) -> impl Iterator<Item = (&Position, &[f64])> {
        self.rounds.iter().flat_map(|round| round.positions.iter().zip(round.states.iter().map(Vec::as_slice)))
    }

    /// What the run cost.
    pub fn costs(&self) -> Costs {
        let mut costs = Costs::default();
        for round in &self.rounds {
            costs.calls += round.calls;
            costs.draft_calls += round.draft_calls;
            costs.rows += round.rows;
            for position in &round.positions {
                costs.tested += usize::from(matches!(position.verdict, Verdict::Accepted | Verdict::Rejected));
                costs.accepted += usize::from(position.verdict == Verdict::Accepted);
            }
        }
        costs
    }
}
