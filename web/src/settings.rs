//! What a run of the network is to be, parsed field by field.

use speculative_diffusion::{Chain, Noise, Sampler};
use wasm_bindgen::JsValue;

use crate::error::WebError;
use crate::fields::{Fields, MAX_SAFE};

const FIELDS: [&str; 9] = ["seed", "class", "guidance", "steps", "eta", "window", "draft", "quantity", "rule"];

/// What a run is to be.
pub(crate) struct Request {
    pub(crate) sampler: Sampler,
    pub(crate) class: String,
    pub(crate) guidance: f64,
}

impl Request {
    pub(crate) fn parse(object: &JsValue) -> Result<Self, WebError> {
        let fields = Fields::new(object, &FIELDS)?;
        let seed = fields.whole("seed", MAX_SAFE)?;
        let steps = fields.whole("steps", f64::from(u32::MAX))?;
        let settings = fields.settings()?;
        let chain = Chain::cosine(steps as usize, fields.number("eta")?)?;
        Ok(Self {
            sampler: Sampler::new(chain, settings, Noise::new(seed as u64, 0))?,
            class: fields.text("class")?,
            guidance: fields.number("guidance")?,
        })
    }
}
