//! Chains of a model of the caller's own: they ask, JavaScript answers.

use js_sys::{Array, Float32Array, Object};
use speculative_diffusion::audit::Audit;
use speculative_diffusion::{Ask, Batch, Ensemble, Noise, Run, Sampler, Settings, State, TargetError};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::columns::{self, set};
use crate::error::WebError;
use crate::fields::{Fields, MAX_SAFE, whole};
use crate::memory;
use crate::scheduler::Scheduler;
use crate::tools::statistics;

/// Chains that share calls.
#[wasm_bindgen]
pub struct Lanes {
    scheduler: Scheduler,
    settings: Settings,
    dim: usize,
    rows: usize,
    /// Positions of the longest windows of all chains.
    positions: usize,
    ensemble: Ensemble,
    /// What the last [`Lanes::ask`] asked.
    asked: Option<Asked>,
    audit: Audit,
}

struct Asked {
    batch: Batch,
    /// Of the model that drafts.
    drafts: bool,
}

impl Asked {
    /// An error of the model's, by the name that JavaScript has for the model.
    fn named(&self, error: &TargetError) -> WebError {
        WebError::new(if self.drafts { "drafter" } else { "denoise" }, error.to_string())
    }
}

#[wasm_bindgen]
impl Lanes {
    /// No chain yet. `settings` is `{draft, quantity, window, rule}`, `dim` the numbers of one state, `rows` the most of a call.
    ///
    /// # Errors
    /// `field` names the setting.
    #[wasm_bindgen(constructor)]
    pub fn new(scheduler: &Scheduler, settings: &JsValue, dim: f64, rows: f64) -> Result<Lanes, JsValue> {
        let fields = Fields::new(settings, &[])?;
        let settings = fields.settings(fields.rule()?)?;
        let dim = whole("shape", dim, f64::from(u32::MAX))? as usize;
        if dim == 0 {
            return Err(WebError::of("shape", "has no number: give the dimensions of one state").into());
        }
        let rows = whole("batch", rows, f64::from(u32::MAX))? as usize;
        // a window that cannot be used is refused here, before any chain
        Sampler::new(scheduler.chain().clone(), settings, Noise::new(0, 0)).map_err(WebError::from)?;
        let (ensemble, audit) = (Ensemble::new(dim, rows), Audit::new());
        Ok(Self { scheduler: scheduler.clone(), settings, dim, rows, positions: 0, ensemble, asked: None, audit })
    }

    /// Adds a chain and returns its number. `plain` makes it one of the plain sampler, one call a step; with what
    /// [`Lanes::state`] returned it goes on from there.
    ///
    /// # Errors
    /// `field` is `seed` or `state`; it is `shape` where a chain does not fit into memory, `seeds` where so many do not.
    pub fn push(&mut self, seed: f64, plain: bool, state: Option<Vec<u8>>) -> Result<u32, JsValue> {
        let noise = Noise::new(whole("seed", seed, MAX_SAFE)? as u64, 0);
        let settings = if plain { Settings::plain() } else { self.settings };
        let sampler = Sampler::new(self.scheduler.chain().clone(), settings, noise).map_err(WebError::from)?;
        let longest = memory::longest_window(&sampler);
        let positions = self.positions + longest;
        let (field, rest) = if self.positions == 0 {
            ("shape", format!("is too large for windows of {longest} steps:"))
        } else {
            ("seeds", "are too many at a time:".to_owned())
        };
        let rows = positions.min(self.rows.max(longest));
        memory::check(field, self.dim, memory::vectors(positions, rows), &rest)?;
        let run = match state {
            None => Run::new(sampler, self.dim),
            Some(bytes) => {
                let state = State::from_bytes(&bytes, &sampler).map_err(WebError::from)?;
                if state.y.len() != self.dim {
                    return Err(WebError::new("state", "the saved state has other dimensions than shape").into());
                }
                Run::resume(sampler, state).map_err(WebError::from)?
            }
        };
        let lane = self.ensemble.push(run).map_err(WebError::from)?;
        self.positions = positions;
        Ok(lane as u32)
    }

    /// What to compute next, `{sample, timesteps, steps, lanes, drafts}`; `undefined` once all chains have ended.
    pub fn ask(&mut self) -> JsValue {
        let (batch, drafts) = match self.ensemble.ask() {
            Ask::Predict(batch) => (batch.clone(), false),
            Ask::Draft(batch) => (batch.clone(), true),
            Ask::Done => return JsValue::UNDEFINED,
        };
        let question = self.scheduler.question(&batch);
        set(&question, "drafts", drafts);
        self.asked = Some(Asked { batch, drafts });
        question.into()
    }

    /// Draws noise that will be needed next. Nothing has to be called; but a model that computes elsewhere leaves the time for
    /// it.
    #[wasm_bindgen(js_name = drawAhead)]
    pub fn draw_ahead(&mut self) {
        self.ensemble.draw_ahead();
    }

    /// Goes on with the model's output. Returns `{lane, round}` for each chain that completed one, and `{lane, error}` for
    /// each that an output has ended.
    ///
    /// # Errors
    /// `field` is `denoise` for an output of another length; the question stays.
    pub fn answer(&mut self, output: &[f32]) -> Result<Array, JsValue> {
        let Some(asked) = &self.asked else {
            return Err(WebError::new("denoise", "nothing was asked").into());
        };
        let estimates = self.scheduler.estimates(&asked.batch, output).map_err(|error| asked.named(&error))?;
        let answered = self.ensemble.answer(&estimates).map_err(|error| asked.named(&error))?;
        self.asked = None;
        let told = answered.into_iter().map(|(lane, round)| {
            let object = Object::new();
            set(&object, "lane", lane as u32);
            match round {
                Ok(round) => {
                    self.audit.add(&round);
                    set(&object, "round", columns::outline(&round, self.scheduler.chain()));
                }
                Err(error) => set(&object, "error", JsValue::from(WebError::new("denoise", error.to_string()))),
            }
            JsValue::from(object)
        });
        Ok(told.collect())
    }

    /// The last committed state of a chain: its sample, if it has ended.
    ///
    /// # Errors
    /// `field` is `lane`.
    pub fn sample(&self, lane: u32) -> Result<Float32Array, JsValue> {
        Ok(columns::image(&self.lane(lane)?.run.state().y))
    }

    /// A chain's costs, `{calls, draftCalls, rows, tested, accepted}`.
    ///
    /// # Errors
    /// `field` is `lane`.
    pub fn costs(&self, lane: u32) -> Result<JsValue, JsValue> {
        let costs = self.lane(lane)?.run.costs();
        let object = Object::new();
        for (name, count) in [
            ("calls", costs.calls),
            ("draftCalls", costs.draft_calls),
            ("rows", costs.rows),
            ("tested", costs.tested),
            ("accepted", costs.accepted),
        ] {
            set(&object, name, count as f64);
        }
        Ok(object.into())
    }

    /// Sequential calls so far, each for several chains.
    pub fn calls(&self) -> f64 {
        self.ensemble.costs().calls as f64
    }

    /// A chain's state as bytes, for [`Lanes::push`].
    ///
    /// # Errors
    /// `field` is `lane`.
    pub fn state(&self, lane: u32) -> Result<Vec<u8>, JsValue> {
        let run = &self.lane(lane)?.run;
        Ok(run.state().to_bytes(run.sampler()))
    }

    /// The committed residuals of all rounds so far, judged; `undefined` where there are too few.
    pub fn audit(&self) -> JsValue {
        statistics(self.audit.statistics())
    }

    fn lane(&self, lane: u32) -> Result<&speculative_diffusion::ensemble::Lane, WebError> {
        let found = self.ensemble.lane(lane as usize);
        found.ok_or_else(|| WebError::new("lane", format!("there is no chain number {lane}")))
    }
}
