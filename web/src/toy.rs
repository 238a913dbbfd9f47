//! The sampler on mixtures of Gaussians, whose estimates are known, for figures.

use core::ops::Range;

use js_sys::{Array, Float64Array, Object, Uint8Array};
use speculative_diffusion::targets::{Component, Mixture};
use speculative_diffusion::{Ask, Level, Round, Run, Target as _};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::columns::{self, code, image, set};
use crate::error::WebError;
use crate::fields::Fields;
use crate::number::{MAX_SAFE, whole};
use crate::settings::Request;
use crate::wrong::rule;

// a figure waits for all of it
const MOST_DIMENSIONS: f64 = 16.0;
const MOST_COMPONENTS: usize = 256;
const MOST_STEPS: f64 = 1000.0;
/// Chains, or draws of one step, at a time.
const MOST_DRAWS: f64 = 100_000.0;

/// A mixture of Gaussians, and what samples it.
#[wasm_bindgen]
pub struct Toy {
    target: Mixture,
}

/// The numbers of so many chains, or draws of a step.
pub(crate) fn numbers_of(first: f64, count: f64) -> Result<Range<u64>, WebError> {
    let first = whole("first", first, MAX_SAFE)? as u64;
    Ok(first..first + whole("count", count, MOST_DRAWS)? as u64)
}

fn parse(settings: &JsValue) -> Result<(Request, bool), WebError> {
    let fields = Fields::new(settings, &Request::FIELDS)?;
    let (rule, exact) = rule(&fields.text("rule")?)?;
    Ok((Request::parse(&fields, rule, MOST_STEPS)?, exact))
}

#[wasm_bindgen]
impl Toy {
    /// A mixture in `dim` dimensions. `numbers` holds for each component its weight, its mean and the variance of each
    /// coordinate.
    ///
    /// # Errors
    /// `field` is `dim` or `numbers`.
    #[wasm_bindgen(constructor)]
    pub fn new(dim: f64, numbers: &[f64]) -> Result<Toy, JsValue> {
        let dim = whole("dim", dim, MOST_DIMENSIONS)? as usize;
        let width = 1 + 2 * dim;
        if !numbers.len().is_multiple_of(width) || numbers.len() / width > MOST_COMPONENTS {
            let rest = format!("has {} numbers: give {width} a component", numbers.len());
            return Err(WebError::of("numbers", rest).into());
        }
        let component = |part: &[f64]| Component {
            weight: part[0],
            mean: part[1..=dim].to_vec(),
            variance: part[1 + dim..].to_vec(),
        };
        let target = Mixture::new(numbers.chunks(width).map(component).collect());
        Ok(Self { target: target.map_err(|error| WebError::new("numbers", error.to_string()))? })
    }

    /// The density of the states at time `t`, 0 for clean ones, at each of these points.
    ///
    /// # Errors
    /// `field` is `t` or `points`.
    pub fn density(&self, points: &[f64], t: f64) -> Result<Float64Array, JsValue> {
        if !(0.0..=1.0).contains(&t) {
            return Err(WebError::of("t", format!("is {t}: choose a time from 0 to 1")).into());
        }
        if !points.len().is_multiple_of(self.target.dim()) {
            return Err(WebError::of("points", "holds a part of a point").into());
        }
        let level = Level::cosine(t);
        let values: Vec<f64> = points.chunks(self.target.dim()).map(|y| self.target.density(level, y)).collect();
        Ok(Float64Array::from(values.as_slice()))
    }

    /// One chain with every state, from `{seed, steps, eta, window, draft, rule}`: `{start, rounds, exact}`, rounds as
    /// an engine's. `rule` may also be one of the wrong ones, and `exact` says which it was.
    ///
    /// # Errors
    /// `field` names the setting that cannot be used.
    pub fn run(&self, settings: &JsValue) -> Result<JsValue, JsValue> {
        let (request, exact) = parse(settings)?;
        let mut run = request.sampler.run(request.noise(0), self.target.dim());
        let start = image(run.state().y());
        let rounds = Array::new();
        self.pump(&mut run, |round| {
            rounds.push(&columns::round(round, request.sampler.chain()));
        })?;
        let object = Object::new();
        set(&object, "start", start);
        set(&object, "rounds", rounds);
        set(&object, "exact", exact);
        Ok(object.into())
    }

    /// Many chains, without their ways: `{ends, calls, rows, residuals, verdicts, exact}`. `ends` holds one state a chain;
    /// residuals are those along the gap of every step that was tested and committed, with its verdict. `first` is the number
    /// of the first chain: others are other samples.
    ///
    /// # Errors
    /// As [`Toy::run`]; also `first` and `count`.
    pub fn swarm(&self, settings: &JsValue, first: f64, count: f64) -> Result<JsValue, JsValue> {
        let (request, exact) = parse(settings)?;
        let (mut ends, mut residuals, mut verdicts) = (Vec::new(), Vec::new(), Vec::new());
        let (mut calls, mut rows) = (0, 0);
        for chain in numbers_of(first, count)? {
            let mut run = request.sampler.run(request.noise(chain), self.target.dim());
            self.pump(&mut run, |round| {
                for position in &round.positions {
                    if let Some(residual) = position.verdict.test().and_then(|test| test.residual) {
                        residuals.push(residual);
                        verdicts.push(code(position.verdict));
                    }
                }
            })?;
            ends.extend_from_slice(run.state().y());
            calls += run.costs().calls;
            rows += run.costs().rows;
        }
        let object = Object::new();
        set(&object, "ends", Float64Array::from(ends.as_slice()));
        set(&object, "calls", calls as f64);
        set(&object, "rows", rows as f64);
        set(&object, "residuals", Float64Array::from(residuals.as_slice()));
        set(&object, "verdicts", Uint8Array::from(verdicts.as_slice()));
        set(&object, "exact", exact);
        Ok(object.into())
    }

    fn pump(&self, run: &mut Run, mut each: impl FnMut(&Round)) -> Result<(), WebError> {
        loop {
            let (ticket, estimates) = match run.ask() {
                Ask::Estimate(ticket, batch) => (ticket, self.target.estimates(batch)),
                Ask::Draft(..) => return Err(WebError::of("draft", "asks a drafter, and a mixture has none")),
                _ => return Ok(()),
            };
            if let Some(round) = run.answer(ticket, &estimates)? {
                each(&round);
            }
        }
    }
}
