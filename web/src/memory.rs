//! What runs take of a module's memory, so that what does not fit is refused before it traps.

use crate::error::WebError;

/// A module's memory ends at 4 GiB. The rest is for gaps between vectors.
const BYTES: f64 = 3.0 * (1 << 30) as f64;
/// Vectors of a state's numbers for each position of a run's longest window: what is drafted, tested and remembered.
/// Measured with an allocator that counts: 7 to 8 for each run that has begun, whatever the draft.
const A_POSITION: f64 = 8.0;
/// For each row of a call: batch, input and output, in f64 and f32. Measured: 9.
const A_ROW: f64 = 9.0;
/// Vectors that a check holds: its questions, their answers, and a batch as an input and an output.
pub(crate) const CHECK: f64 = 96.0;

/// Vectors of runs that are to draft so many positions together, in calls of so many rows.
pub(crate) fn vectors(positions: usize, rows: usize) -> f64 {
    A_POSITION * positions as f64 + A_ROW * rows as f64
}

/// # Errors
/// `field` where so many vectors of `dim` numbers do not fit; it is followed by `rest`.
pub(crate) fn check(field: &str, dim: usize, vectors: f64, rest: &str) -> Result<(), WebError> {
    let most = (BYTES / size_of::<f64>() as f64 / vectors).floor();
    if dim as f64 <= most {
        return Ok(());
    }
    Err(WebError::of(field, format!("{rest} {dim} numbers of a state do not fit into memory, {most} would")))
}
