//! Rounds and plain steps as objects of typed arrays. f64 scalars stay f64, images become f32.

use js_sys::{Float32Array, Float64Array, Object, Reflect, Uint8Array, Uint32Array};
use wasm_bindgen::JsValue;

use crate::coupling::Verdict;
use crate::schedule::Chain;
use crate::trace::{Position, Round};

struct Columns(Object);

impl Columns {
    fn set(&self, name: &str, value: impl Into<JsValue>) {
        // a fresh plain object takes any property
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
    }
}

/// The page's number for a verdict.
fn code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Accepted => 0,
        Verdict::Rejected => 1,
        Verdict::Deterministic => 2,
        Verdict::Discarded => 3,
    }
}

fn images<'a>(states: impl Iterator<Item = &'a [f64]>) -> Float32Array {
    let values: Vec<f32> = states.flatten().map(|&x| x as f32).collect();
    Float32Array::from(values.as_slice())
}

/// One state as f32.
pub(super) fn image(state: &[f64]) -> Float32Array {
    images(core::iter::once(state))
}

pub(super) fn round(round: &Round, chain: &Chain) -> JsValue {
    let columns = Columns(Object::new());
    let positions = &round.positions;
    let scalars =
        |f: &dyn Fn(&Position) -> f64| Float64Array::from(positions.iter().map(f).collect::<Vec<f64>>().as_slice());
    let bytes = |f: &dyn Fn(&Position) -> u8| Uint8Array::from(positions.iter().map(f).collect::<Vec<u8>>().as_slice());
    let pictures = |f: fn(&Position) -> &[f64]| images(positions.iter().map(f));
    let levels: Vec<u32> = positions.iter().map(|p| p.level as u32).collect();

    columns.set("first", round.first as u32);
    columns.set("length", positions.len() as u32);
    columns.set("committed", round.states.len() as u32);
    columns.set("calls", round.calls as u32);
    columns.set("draftCalls", round.draft_calls as u32);
    columns.set("rows", round.rows as u32);
    columns.set("level", Uint32Array::from(levels.as_slice()));
    columns.set("verdict", bytes(&|p| code(p.verdict)));
    columns.set("carried", bytes(&|p| u8::from(p.carried)));
    columns.set("s", scalars(&|p| chain.steps()[p.level].s));
    columns.set("time", scalars(&|p| chain.steps()[p.level].level.t));
    columns.set("gap", scalars(&|p| p.gap));
    columns.set("probability", scalars(&Position::probability));
    columns.set("lnU", scalars(&|p| p.ln_u));
    columns.set("lnRatio", scalars(&|p| p.ln_ratio));
    columns.set("residual", scalars(&|p| p.residual));
    columns.set("draftMean", pictures(|p| &p.draft_mean));
    columns.set("draft", pictures(|p| &p.draft));
    columns.set("targetMean", pictures(|p| &p.target_mean));
    columns.set("prediction", pictures(|p| &p.prediction));
    columns.set("state", images(round.states.iter().map(Vec::as_slice)));
    columns.0.into()
}

pub(super) fn plain_step(level: usize, state: &[f64], prediction: &[f64], rows: usize) -> JsValue {
    let columns = Columns(Object::new());
    columns.set("level", level as u32);
    columns.set("state", image(state));
    columns.set("prediction", image(prediction));
    columns.set("calls", 1);
    columns.set("rows", rows as u32);
    columns.0.into()
}
