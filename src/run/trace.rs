//! A record of a run, for tests, tables and figures; the sampler never reads it.

use crate::coupling::reflection::Verdict;

/// One position of a window.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Position {
    /// The step's index `k` in the chain.
    pub level: usize,
    /// What became of the draft, and what its test measured.
    pub verdict: Verdict,
    /// Whether the draft used an estimate kept from an earlier round for this very level, not a root's or a neighbour's.
    pub carried: bool,
    /// `p`: mean of the draft.
    pub draft_mean: Vec<f64>,
    /// `y~ = p + s z`: the draft.
    pub draft: Vec<f64>,
    /// `x0hat`: the model's estimate at the state the step starts from; empty where the model is not asked.
    #[doc(alias = "pred_original_sample")]
    #[doc(alias = "denoised")]
    pub estimate: Vec<f64>,
    /// `q`: mean of the target.
    pub target_mean: Vec<f64>,
}

/// One round: a window drafted, checked in one call, and committed up to its first rejection.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Round {
    /// Level of the window's first position.
    pub first: usize,
    /// Sequential calls: 1, or 2 with a call for the root of the window.
    pub calls: usize,
    /// Cheap calls of the model that drafts, one after the other; only [`Draft::Independent`](crate::Draft::Independent) and
    /// [`Draft::Corrected`](crate::Draft::Corrected) make any.
    pub draft_calls: usize,
    /// Rows the model evaluated.
    pub rows: usize,
    /// The window, in order.
    pub positions: Vec<Position>,
    /// The committed states `y_{first+1} ..`, as many as the chain advanced.
    pub states: Vec<Vec<f64>>,
}

impl Round {
    /// What the round cost.
    pub fn costs(&self) -> Costs {
        let tests = || self.positions.iter().filter(|position| position.verdict.test().is_some());
        Costs {
            calls: self.calls,
            draft_calls: self.draft_calls,
            rows: self.rows,
            tested: tests().count(),
            accepted: tests().filter(|position| position.verdict.is_accepted()).count(),
        }
    }
}

/// The costs of a run but for time, and what the drafts achieved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Costs {
    /// Sequential calls of the model, every one counted: roots and the last step too.
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

impl core::ops::AddAssign for Costs {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.draft_calls += other.draft_calls;
        self.rows += other.rows;
        self.tested += other.tested;
        self.accepted += other.accepted;
    }
}

/// A whole speculative run, with every state and mean: four vectors a position. Long runs in large dimensions fill
/// memory; [`Sampler::sample`](crate::Sampler::sample) and [`Sampler::watch`](crate::Sampler::watch) keep none of it.
///
/// ```
/// use speculative_diffusion::{Chain, Sampler, Settings, targets::double_well};
///
/// let sampler = Sampler::new(Chain::langevin(200, 0.01)?, Settings::default())?;
/// let trace = pollster::block_on(sampler.trace(&double_well(2.0), 7))?;
/// for round in &trace.rounds {
///     println!("{} steps drafted, {} committed", round.positions.len(), round.states.len());
/// }
/// assert_eq!(trace.committed().count(), 200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
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
        self.rounds.iter().for_each(|round| costs += round.costs());
        costs
    }
}
