//! A settings object, parsed field by field.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

use super::error::WebError;
use crate::coupling::Rule;
use crate::noise::Noise;
use crate::sampler::{Length, Sampler, Settings};
use crate::schedule::Chain;

const FIELDS: [&str; 8] = ["seed", "class", "guidance", "steps", "eta", "window", "draft", "quantity"];
/// Largest integer a JavaScript number holds exactly.
const MAX_SEED: f64 = 9_007_199_254_740_991.0;

/// What a run is to be.
pub(super) struct Request {
    pub(super) sampler: Sampler,
    pub(super) class: String,
    pub(super) guidance: f64,
}

impl Request {
    /// A number that another request has only by a chance of one in 2^48: which chain, class and noise a state is of.
    pub(super) fn fingerprint(&self) -> f64 {
        let text = format!("{:?} {} {}", self.sampler, self.class, self.guidance);
        let hash = crate::network::sha256(text.as_bytes());
        u64::from_str_radix(&hash[..12], 16).unwrap_or_default() as f64
    }

    pub(super) fn parse(object: &JsValue) -> Result<Self, WebError> {
        let object: &Object =
            object.dyn_ref().ok_or_else(|| WebError::new("settings", "settings must be an object"))?;
        for key in Object::keys(object).iter().filter_map(|key| key.as_string()) {
            if !FIELDS.contains(&key.as_str()) {
                return Err(WebError::new("settings", format!("settings has an unknown field \"{key}\"")));
            }
        }
        let seed = whole(object, "seed", MAX_SEED)?;
        let steps = whole(object, "steps", f64::from(u32::MAX))?;
        let settings = Settings {
            draft: text(object, "draft")?.parse()?,
            quantity: text(object, "quantity")?.parse()?,
            window: length(object)?,
            rule: Rule::Reflection,
        };
        let chain = Chain::cosine(steps as usize, number(object, "eta")?)?;
        Ok(Self {
            sampler: Sampler::new(chain, settings, Noise::new(seed as u64, 0))?,
            class: text(object, "class")?,
            guidance: number(object, "guidance")?,
        })
    }
}

/// `window`: a number of steps or "auto".
fn length(object: &Object) -> Result<Length, WebError> {
    match get(object, "window")?.as_string() {
        Some(text) => Ok(text.parse()?),
        None => Ok(Length::Fixed(whole(object, "window", f64::from(u32::MAX))? as usize)),
    }
}

fn get(object: &Object, field: &'static str) -> Result<JsValue, WebError> {
    Reflect::get(object, &field.into()).map_err(|_| WebError::new(field, format!("{field} cannot be read")))
}

fn number(object: &Object, field: &'static str) -> Result<f64, WebError> {
    get(object, field)?.as_f64().ok_or_else(|| WebError::new(field, format!("{field} must be a number")))
}

fn whole(object: &Object, field: &'static str, most: f64) -> Result<f64, WebError> {
    let value = number(object, field)?;
    if value.fract() != 0.0 || !(0.0..=most).contains(&value) {
        return Err(WebError::new(field, format!("{field} is {value}: choose a whole number from 0 to {most}")));
    }
    Ok(value)
}

fn text(object: &Object, field: &'static str) -> Result<String, WebError> {
    get(object, field)?.as_string().ok_or_else(|| WebError::new(field, format!("{field} must be a text")))
}
