//! States to evaluate in one call.

use crate::chain::schedule::Level;

/// What a row of a batch is a state of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// The noise level of the state.
    pub level: Level,
    /// The step that starts there: an index into [`Chain::steps`](crate::Chain::steps).
    pub step: usize,
    /// The chain that asks: the number that [`Ensemble::push`](crate::Ensemble::push) gave it, 0 for a chain alone. A model
    /// with a condition for each chain looks it up by this number.
    pub lane: usize,
}

/// States to evaluate together in one call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// What the rows are.
    pub rows: Vec<Row>,
    /// The rows' states, one behind the other.
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
        self.push(Row { level, step: 0, lane: 0 }, state);
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
