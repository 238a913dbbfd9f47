//! Single steps without a model, for figures.

use js_sys::{Float64Array, Object, Uint8Array};
use speculative_diffusion::coupling::Coupled;
use speculative_diffusion::{Noise, Purpose, Rule};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::columns::set;
use crate::error::WebError;
use crate::number::{MAX_SAFE, whole};
use crate::toy::numbers_of;
use crate::wrong::rule;

/// Many draws of one step: the draft is normal around `gap`, the target around 0, both of deviation 1. Returns
/// `{draft, lnU, lnRatio, committed, accepted, exact}`, one number a draw. `first` is the number of the first draw: others
/// are other samples.
///
/// # Errors
/// `field` is `gap`, `rule`, `seed`, `first` or `count`.
#[wasm_bindgen]
pub fn couple(gap: f64, name: &str, seed: f64, first: f64, count: f64) -> Result<JsValue, JsValue> {
    if !gap.is_finite() {
        return Err(WebError::of("gap", format!("is {gap}: choose a number")).into());
    }
    let (rule, exact) = rule(name)?;
    let seed = whole("seed", seed, MAX_SAFE)? as u64;
    let mut columns: [Vec<f64>; 4] = Default::default();
    let mut accepted = Vec::new();
    for draw in numbers_of(first, count)? {
        // levels have 32 bits here
        let (noise, level) = (Noise::new(seed, draw >> 32), draw as u32 as usize);
        let normals = noise.normals(Purpose::Step, level, 1);
        let coupled = Coupled {
            draft_mean: &[gap],
            target_mean: &[0.0],
            s: 1.0,
            normals: &normals,
            ln_u: noise.ln_uniform(level),
        };
        let draft = gap + normals[0];
        let mut state = [draft];
        let verdict = match rule {
            Rule::Mutant(mutant) => mutant.test(&coupled, &mut state, || noise.normals(Purpose::Redraw, level, 1)),
            Rule::Reflection => coupled.reflect(&mut state),
            _ => return Err(WebError::new("rule", "a single step is tested by reflection, or by a wrong rule").into()),
        };
        for (column, value) in columns.iter_mut().zip([
            draft,
            coupled.ln_u,
            verdict.test().map_or(f64::NAN, |test| test.ln_ratio),
            state[0],
        ]) {
            column.push(value);
        }
        accepted.push(u8::from(verdict.is_accepted()));
    }
    let object = Object::new();
    for (name, column) in ["draft", "lnU", "lnRatio", "committed"].into_iter().zip(&columns) {
        set(&object, name, Float64Array::from(column.as_slice()));
    }
    set(&object, "accepted", Uint8Array::from(accepted.as_slice()));
    set(&object, "exact", exact);
    Ok(object.into())
}
