//! The sampler on models without weights, for figures: mixtures of Gaussians, whose estimates are known, and single steps. Only
//! here a rule may be a wrong one, to show what breaks; whatever it made says that it is not exact.

use core::str::FromStr as _;

use js_sys::{Array, Float64Array, Object, Uint8Array};
use speculative_diffusion::noise::Purpose;
use speculative_diffusion::targets::{Component, Mixture};
use speculative_diffusion::{
    Ask, Chain, Coupled, Level, Mutant, Noise, Round, Rule, Run, Sampler, Settings, Target as _,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::columns::{self, code, image, set};
use crate::error::WebError;
use crate::fields::{Fields, MAX_SAFE, whole};

const FIELDS: [&str; 7] = ["seed", "steps", "eta", "window", "draft", "quantity", "rule"];
// a figure waits for all of it
const MOST_DIMENSIONS: f64 = 16.0;
const MOST_COMPONENTS: usize = 256;
const MOST_STEPS: f64 = 1000.0;
/// Chains, or draws of one step, at a time.
const MOST_DRAWS: f64 = 100_000.0;

/// The wrong rules by their names on the page.
const WRONG: [(&str, Mutant); 6] = [
    ("redraw", Mutant::Redraw),
    ("keep-noise", Mutant::KeepNoise),
    ("half-reflection", Mutant::HalfReflection),
    ("wrong-ratio", Mutant::WrongRatio),
    ("lenient", Mutant::Lenient(1.0)),
    ("accept-all", Mutant::AcceptAll),
];

/// The rule of a name, and whether it is exact.
fn rule(name: &str) -> Result<(Rule, bool), WebError> {
    match WRONG.into_iter().find(|(wrong, _)| *wrong == name) {
        Some((_, mutant)) => Ok((Rule::Mutant(mutant), false)),
        None => Ok((Rule::from_str(name)?, true)),
    }
}

/// A mixture of Gaussians, and what samples it.
#[wasm_bindgen]
pub struct Toy {
    target: Mixture,
}

/// What a run is to be.
struct Request {
    chain: Chain,
    settings: Settings,
    seed: u64,
    exact: bool,
}

impl Request {
    fn parse(object: &JsValue) -> Result<Self, WebError> {
        let fields = Fields::new(object, &FIELDS)?;
        let (rule, exact) = rule(&fields.text("rule")?)?;
        let steps = fields.whole("steps", MOST_STEPS)?;
        Ok(Self {
            chain: Chain::cosine(steps as usize, fields.number("eta")?)?,
            settings: fields.tested_by(rule)?,
            seed: fields.whole("seed", MAX_SAFE)? as u64,
            exact,
        })
    }

    fn sampler(&self, chain: usize) -> Result<Sampler, WebError> {
        Ok(Sampler::new(self.chain.clone(), self.settings, Noise::new(self.seed, chain as u64))?)
    }
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
            return Err(WebError::new(
                "numbers",
                format!("numbers has {} numbers: give {width} a component", numbers.len()),
            )
            .into());
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
            return Err(WebError::new("t", format!("t is {t}: choose a time from 0 to 1")).into());
        }
        if !points.len().is_multiple_of(self.target.dim()) {
            return Err(WebError::new("points", "points holds a part of a point").into());
        }
        let level = Level::cosine(t);
        let values: Vec<f64> = points.chunks(self.target.dim()).map(|y| self.target.density(level, y)).collect();
        Ok(Float64Array::from(values.as_slice()))
    }

    /// One chain with every state, from `{seed, steps, eta, window, draft, quantity, rule}`: `{start, rounds, exact}`, rounds as
    /// an engine's. `rule` may also be one of the wrong ones, and `exact` says which it was.
    ///
    /// # Errors
    /// `field` names the setting that cannot be used.
    pub fn run(&self, settings: &JsValue) -> Result<JsValue, JsValue> {
        let request = Request::parse(settings)?;
        let mut run = Run::new(request.sampler(0)?, self.target.dim());
        let start = image(&run.state().y);
        let rounds = Array::new();
        self.pump(&mut run, |round| {
            rounds.push(&columns::round(round, &request.chain));
        })?;
        let object = Object::new();
        set(&object, "start", start);
        set(&object, "rounds", rounds);
        set(&object, "exact", request.exact);
        Ok(object.into())
    }

    /// Many chains, without their ways: `{ends, calls, rows, residuals, verdicts, exact}`. `ends` holds one state a chain;
    /// residuals are those along the gap of every step that was tested and committed, with its verdict. `first` is the number
    /// of the first chain: others are other samples.
    ///
    /// # Errors
    /// As [`Toy::run`]; also `first` and `count`.
    pub fn swarm(&self, settings: &JsValue, first: f64, count: f64) -> Result<JsValue, JsValue> {
        let request = Request::parse(settings)?;
        let (first, count) = (whole("first", first, MAX_SAFE)? as usize, whole("count", count, MOST_DRAWS)? as usize);
        let (mut ends, mut residuals, mut verdicts) = (Vec::new(), Vec::new(), Vec::new());
        let (mut calls, mut rows) = (0, 0);
        for chain in first..first + count {
            let mut run = Run::new(request.sampler(chain)?, self.target.dim());
            self.pump(&mut run, |round| {
                for position in &round.positions {
                    if let Some(residual) = position.verdict.test().and_then(|test| test.residual) {
                        residuals.push(residual);
                        verdicts.push(code(position.verdict));
                    }
                }
            })?;
            ends.extend_from_slice(&run.state().y);
            calls += run.costs().calls;
            rows += run.costs().rows;
        }
        let object = Object::new();
        set(&object, "ends", Float64Array::from(ends.as_slice()));
        set(&object, "calls", calls as f64);
        set(&object, "rows", rows as f64);
        set(&object, "residuals", Float64Array::from(residuals.as_slice()));
        set(&object, "verdicts", Uint8Array::from(verdicts.as_slice()));
        set(&object, "exact", request.exact);
        Ok(object.into())
    }

    fn pump(&self, run: &mut Run, mut each: impl FnMut(&Round)) -> Result<(), WebError> {
        loop {
            let estimates = match run.ask() {
                Ask::Predict(batch) => self.target.estimates(batch),
                Ask::Draft(_) => return Err(WebError::new("draft", "draft asks a drafter, and a mixture has none")),
                Ask::Done => return Ok(()),
            };
            if let Some(round) = run.answer(&estimates)? {
                each(&round);
            }
        }
    }
}

/// Many draws of one step: the draft is normal around `gap`, the target around 0, both of deviation 1. Returns
/// `{draft, lnU, lnRatio, committed, accepted, exact}`, one number a draw.
///
/// # Errors
/// `field` is `gap`, `rule`, `seed`, `first` or `count`.
#[wasm_bindgen]
pub fn couple(gap: f64, name: &str, seed: f64, first: f64, count: f64) -> Result<JsValue, JsValue> {
    if !gap.is_finite() {
        return Err(WebError::new("gap", format!("gap is {gap}: choose a number")).into());
    }
    let (rule, exact) = rule(name)?;
    let noise = Noise::new(whole("seed", seed, MAX_SAFE)? as u64, 0);
    let (first, count) = (whole("first", first, MAX_SAFE)? as usize, whole("count", count, MOST_DRAWS)? as usize);
    let mut columns: [Vec<f64>; 4] = Default::default();
    let mut accepted = Vec::new();
    for draw in first..first + count {
        let normals = noise.normals(Purpose::Step, draw, 1);
        let coupled = Coupled {
            draft_mean: &[gap],
            target_mean: &[0.0],
            s: 1.0,
            normals: &normals,
            ln_u: noise.ln_uniform(draw),
        };
        let draft = gap + normals[0];
        let mut state = [draft];
        let verdict = match rule {
            Rule::Mutant(mutant) => mutant.test(&coupled, &mut state, || noise.normals(Purpose::Redraw, draw, 1)),
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
