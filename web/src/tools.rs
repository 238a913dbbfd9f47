//! Tools for a model of the caller's own: does it keep the contract that exactness rests on?

use js_sys::Object;
use speculative_diffusion::audit::{self, Agreement, CRITICAL_KS, CRITICAL_Z, Statistics};
use speculative_diffusion::{Guidance, Sampler};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::columns::set;
use crate::error::WebError;
use crate::fields::Fields;
use crate::memory;
use crate::number::{MAX_SAFE, whole};
use crate::scheduler::{Scheduler, guided};

/// Rows that a check asks about, however short the windows are.
const LEAST_ROWS: usize = 7;

/// Asks the same rows together, again, in another order, and alone.
#[wasm_bindgen]
pub struct Check {
    scheduler: Scheduler,
    guidance: Option<Guidance>,
    check: audit::Check,
    answers: Vec<Vec<f64>>,
}

#[wasm_bindgen]
impl Check {
    /// `settings` as of [`Pool`](crate::Pool): the longest window is asked about.
    ///
    /// # Errors
    /// `field` is `shape`, `seed` or the setting.
    #[wasm_bindgen(constructor)]
    pub fn new(scheduler: &Scheduler, settings: &JsValue, dim: f64, seed: f64) -> Result<Check, JsValue> {
        let fields = Fields::new(settings, &[])?;
        let settings = fields.settings(fields.rule()?)?;
        let dim = whole("shape", dim, f64::from(u32::MAX))? as usize;
        let seed = whole("seed", seed, MAX_SAFE)? as u64;
        let sampler = Sampler::new(scheduler.chain(), settings).map_err(WebError::from)?;
        // three batches of a window's rows, guided or not, and their answers are less than a run of it holds
        let rows = sampler.longest_window().max(LEAST_ROWS);
        memory::check("shape", dim, memory::vectors(rows, rows), "is too large for a check:")?;
        let check = audit::Check::new(&sampler, dim, seed);
        Ok(Self { scheduler: scheduler.clone(), guidance: None, check, answers: Vec::new() })
    }

    /// Asks rows without their condition too, as of [`Pool::guide`](crate::Pool::guide): what agrees must be the guided outputs.
    ///
    /// # Errors
    /// `field` is `guidance`.
    pub fn guide(&mut self, scale: f64, least: f64, most: f64, rescale: f64) -> Result<(), JsValue> {
        self.guidance = Some(guided(scale, least, most, rescale)?);
        Ok(())
    }

    /// The next question, as of [`Pool::ask`](crate::Pool::ask); `undefined` when all are answered.
    pub fn ask(&self) -> JsValue {
        let Some(batch) = self.check.batches().get(self.answers.len()) else { return JsValue::UNDEFINED };
        let question = match &self.guidance {
            Some(guidance) => self.scheduler.question(&guidance.ask(batch)),
            None => self.scheduler.question(batch),
        };
        set(&question, "conditional", batch.len() as u32);
        question.into()
    }

    /// The model's output.
    ///
    /// # Errors
    /// `field` is `denoise` for an output of another length.
    pub fn answer(&mut self, output: &[f32]) -> Result<(), JsValue> {
        let Some(batch) = self.check.batches().get(self.answers.len()) else {
            return Err(WebError::new("denoise", "nothing was asked").into());
        };
        let estimates = match &self.guidance {
            Some(guidance) => {
                guidance.combine(batch, output).and_then(|guided| self.scheduler.estimates(batch, &guided))
            }
            None => self.scheduler.estimates(batch, output),
        };
        self.answers.push(estimates.map_err(|error| WebError::new("denoise", error.to_string()))?);
        Ok(())
    }

    /// `{passed, repeated, shuffled, alone, text}`, each of the three `{worst, exact, passed}`.
    ///
    /// # Errors
    /// `field` is `denoise` where a question is open.
    pub fn judge(&self) -> Result<JsValue, JsValue> {
        let checked = self.check.judge(&self.answers).map_err(WebError::from)?;
        let object = Object::new();
        set(&object, "passed", checked.passed());
        for (name, agreement) in
            [("repeated", checked.repeated), ("shuffled", checked.shuffled), ("alone", checked.alone)]
        {
            set(&object, name, agreed(agreement));
        }
        set(&object, "text", checked.to_string());
        Ok(object.into())
    }
}

fn agreed(agreement: Agreement) -> Object {
    let object = Object::new();
    set(&object, "worst", agreement.worst);
    set(&object, "exact", agreement.is_exact());
    set(&object, "passed", agreement.passed());
    object
}

/// Statistics as an object, `undefined` where there are none.
pub(crate) fn statistics(statistics: Option<Statistics>) -> JsValue {
    let Some(statistics) = statistics else { return JsValue::UNDEFINED };
    let object = Object::new();
    set(&object, "passed", statistics.passed());
    for (name, number) in [
        ("count", statistics.count as f64),
        ("meanZ", statistics.mean_z),
        ("varianceZ", statistics.variance_z),
        ("kolmogorov", statistics.ks),
        ("criticalZ", CRITICAL_Z),
        ("criticalKolmogorov", CRITICAL_KS),
        ("departure", statistics.departure()),
        ("leastShiftSeen", statistics.least_shift_seen()),
        ("leastSpreadSeen", statistics.least_spread_seen()),
    ] {
        set(&object, name, number);
    }
    set(&object, "text", statistics.to_string());
    object.into()
}
