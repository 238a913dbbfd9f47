//! A round as columns.

use numpy::{PyArray1, ToPyArray as _};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use speculative_diffusion::{Chain, Position, Round, Test, Verdict};

/// 0 accepted, 1 rejected, 2 deterministic, 3 discarded.
fn code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Accepted(_) => 0,
        Verdict::Rejected(_) => 1,
        Verdict::Deterministic => 2,
        Verdict::Discarded => 3,
    }
}

/// The model's clean estimate at the last committed step that asked for one.
pub(crate) fn preview<'py>(py: Python<'py>, round: &Round) -> Option<Bound<'py, PyArray1<f64>>> {
    let asked = round.positions.iter().take(round.states.len()).rfind(|position| !position.estimate.is_empty());
    asked.map(|position| position.estimate.to_pyarray(py))
}

pub(crate) fn columns<'py>(py: Python<'py>, round: &Round, chain: &Chain) -> PyResult<Bound<'py, PyDict>> {
    let positions = &round.positions;
    let numbers = |f: &dyn Fn(&Position) -> f64| -> Bound<'py, PyArray1<f64>> {
        positions.iter().map(f).collect::<Vec<f64>>().to_pyarray(py)
    };
    // NaN where nothing was tested
    let tests = |f: &dyn Fn(&Test) -> f64| numbers(&|p| p.verdict.test().map_or(f64::NAN, f));
    let levels: Vec<i64> = positions.iter().map(|p| p.level as i64).collect();
    let verdicts: Vec<u8> = positions.iter().map(|p| code(p.verdict)).collect();
    let carried: Vec<bool> = positions.iter().map(|p| p.carried).collect();
    let columns = PyDict::new(py);
    columns.set_item("first", round.first)?;
    columns.set_item("committed", round.states.len())?;
    columns.set_item("calls", round.calls)?;
    columns.set_item("draft_calls", round.draft_calls)?;
    columns.set_item("rows", round.rows)?;
    columns.set_item("level", levels.to_pyarray(py))?;
    columns.set_item("verdict", verdicts.to_pyarray(py))?;
    columns.set_item("carried", carried.to_pyarray(py))?;
    columns.set_item("s", numbers(&|p| chain.steps()[p.level].s))?;
    columns.set_item("gap", tests(&|test| test.gap))?;
    columns.set_item("probability", tests(&Test::probability))?;
    columns.set_item("ln_u", tests(&|test| test.ln_u().unwrap_or(f64::NAN)))?;
    columns.set_item("ln_ratio", tests(&|test| test.ln_ratio))?;
    columns.set_item("residual", tests(&|test| test.residual.unwrap_or(f64::NAN)))?;
    Ok(columns)
}
