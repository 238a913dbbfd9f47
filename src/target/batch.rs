//! States to evaluate in one call.

use crate::chain::schedule::Level;

/// What a row of a batch is a state of.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// The noise level of the state.
    pub level: Level,
    /// The step that starts there: an index into [`Chain::steps`](crate::Chain::steps).
    pub step: usize,
    /// The run that asks: the number that [`Pool::push`](crate::Pool::push) gave it, 0 for a run alone. A model with a
    /// condition for each run, such as the embedding of a text, looks it up by this number.
    pub run: usize,
}

impl Row {
    /// A state of this noise level, at which step number `step` of a chain starts; of run 0.
    pub fn new(level: Level, step: usize) -> Self {
        Self { level, step, run: 0 }
    }
}

/// States to evaluate together in one call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// What the rows are.
    pub rows: Vec<Row>,
    /// The rows' states, one after the other.
    pub states: Vec<f64>,
}

impl Batch {
    /// Appends a row.
    pub fn push(&mut self, row: Row, state: &[f64]) {
        self.rows.push(row);
        self.states.extend_from_slice(state);
    }

    /// Appends the state of a level that belongs to no chain.
    pub fn push_level(&mut self, level: Level, state: &[f64]) {
        self.push(Row::new(level, 0), state);
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Each row with its state.
    pub fn iter(&self) -> impl Iterator<Item = (&Row, &[f64])> {
        let dim = self.states.len() / self.len().max(1);
        self.rows.iter().enumerate().map(move |(i, row)| (row, &self.states[i * dim..(i + 1) * dim]))
    }
}
