//! Rounds and plain steps as objects of typed arrays. f64 scalars stay f64, images become f32.

use js_sys::{Float32Array, Float64Array, Object, Reflect, Uint8Array, Uint32Array};
use speculative_diffusion::{Chain, Position, Round, Test, Verdict};
use wasm_bindgen::JsValue;

/// Sets a property of a fresh plain object, which takes any.
pub(crate) fn set(object: &Object, name: &str, value: impl Into<JsValue>) {
    let _ = Reflect::set(object, &name.into(), &value.into());
}

/// The page's number for a verdict.
pub(crate) fn code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Accepted(_) => 0,
        Verdict::Rejected(_) => 1,
        Verdict::Deterministic => 2,
        Verdict::Discarded => 3,
    }
}

fn images<'a>(states: impl Iterator<Item = &'a [f64]>) -> Float32Array {
    let values: Vec<f32> = states.flatten().map(|&x| x as f32).collect();
    Float32Array::from(values.as_slice())
}

/// One state as f32.
pub(crate) fn image(state: &[f64]) -> Float32Array {
    images(core::iter::once(state))
}

/// A round's scalars, one column each.
fn scalars(round: &Round, chain: &Chain) -> Object {
    let columns = Object::new();
    let positions = &round.positions;
    let numbers =
        |f: &dyn Fn(&Position) -> f64| Float64Array::from(positions.iter().map(f).collect::<Vec<f64>>().as_slice());
    // NaN where nothing was tested
    let tests = |f: &dyn Fn(&Test) -> f64| numbers(&|p| p.verdict.test().map_or(f64::NAN, f));
    let bytes = |f: &dyn Fn(&Position) -> u8| Uint8Array::from(positions.iter().map(f).collect::<Vec<u8>>().as_slice());
    let levels: Vec<u32> = positions.iter().map(|p| p.level as u32).collect();

    set(&columns, "first", round.first as u32);
    set(&columns, "length", positions.len() as u32);
    set(&columns, "committed", round.states.len() as u32);
    set(&columns, "calls", round.calls as u32);
    set(&columns, "draftCalls", round.draft_calls as u32);
    set(&columns, "rows", round.rows as u32);
    set(&columns, "level", Uint32Array::from(levels.as_slice()));
    set(&columns, "verdict", bytes(&|p| code(p.verdict)));
    set(&columns, "carried", bytes(&|p| u8::from(p.carried)));
    set(&columns, "s", numbers(&|p| chain.steps()[p.level].s));
    set(&columns, "time", numbers(&|p| chain.steps()[p.level].level.t));
    set(&columns, "gap", tests(&|test| test.gap));
    set(&columns, "probability", tests(&Test::probability));
    set(&columns, "lnU", tests(&|test| test.ln_u().unwrap_or(f64::NAN)));
    set(&columns, "lnRatio", tests(&|test| test.ln_ratio));
    set(&columns, "residual", tests(&|test| test.residual.unwrap_or(f64::NAN)));
    columns
}

/// A round without its pictures, but for the last committed state.
#[cfg(feature = "sampler")]
pub(crate) fn outline(round: &Round, chain: &Chain) -> Object {
    let columns = scalars(round, chain);
    set(&columns, "state", images(round.states.last().into_iter().map(Vec::as_slice)));
    columns
}

/// The model's clean estimate at the last committed step that asked for one.
#[cfg(feature = "sampler")]
pub(crate) fn preview(round: &Round) -> Option<Float32Array> {
    let asked = round.positions.iter().take(round.states.len()).rfind(|position| !position.estimate.is_empty());
    asked.map(|position| image(&position.estimate))
}

/// A round with every picture.
#[cfg(any(feature = "engine", feature = "toy", feature = "policy"))]
pub(crate) fn round(round: &Round, chain: &Chain) -> JsValue {
    let columns = scalars(round, chain);
    let pictures = |f: fn(&Position) -> &[f64]| images(round.positions.iter().map(f));
    set(&columns, "draftMean", pictures(|p| &p.draft_mean));
    set(&columns, "draft", pictures(|p| &p.draft));
    set(&columns, "targetMean", pictures(|p| &p.target_mean));
    set(&columns, "estimate", pictures(|p| &p.estimate));
    set(&columns, "state", images(round.states.iter().map(Vec::as_slice)));
    columns.into()
}

#[cfg(feature = "engine")]
pub(crate) fn plain_step(level: usize, state: &[f64], estimate: &[f64], rows: usize) -> JsValue {
    let columns = Object::new();
    set(&columns, "level", level as u32);
    set(&columns, "state", image(state));
    set(&columns, "estimate", image(estimate));
    set(&columns, "calls", 1);
    set(&columns, "rows", rows as u32);
    columns.into()
}
