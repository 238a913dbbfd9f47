//! Objects from JavaScript, read field by field.

use js_sys::{Object, Reflect};
use speculative_diffusion::{Length, Rule, Settings};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::error::WebError;

/// Largest integer a JavaScript number holds exactly.
pub(crate) const MAX_SAFE: f64 = 9_007_199_254_740_991.0;
/// Most numbers of one state: a run holds some dozen vectors of it, and a browser's memory ends at 4 GiB.
#[cfg(not(any(feature = "engine", feature = "toy")))]
pub(crate) const MOST_NUMBERS: f64 = 1e7;

/// An object whose fields are all known.
pub(crate) struct Fields<'a> {
    object: &'a Object,
}

impl<'a> Fields<'a> {
    /// # Errors
    /// `field` is `settings` for what is no object or has a field that is not known.
    pub(crate) fn new(object: &'a JsValue, known: &[&str]) -> Result<Self, WebError> {
        let object: &Object =
            object.dyn_ref().ok_or_else(|| WebError::new("settings", "settings must be an object"))?;
        for key in Object::keys(object).iter().filter_map(|key| key.as_string()) {
            if !known.contains(&key.as_str()) {
                return Err(WebError::new("settings", format!("settings has an unknown field \"{key}\"")));
            }
        }
        Ok(Self { object })
    }

    fn get(&self, field: &'static str) -> Result<JsValue, WebError> {
        Reflect::get(self.object, &field.into()).map_err(|_| WebError::new(field, format!("{field} cannot be read")))
    }

    pub(crate) fn number(&self, field: &'static str) -> Result<f64, WebError> {
        self.get(field)?.as_f64().ok_or_else(|| WebError::new(field, format!("{field} must be a number")))
    }

    pub(crate) fn whole(&self, field: &'static str, most: f64) -> Result<f64, WebError> {
        whole(field, self.number(field)?, most)
    }

    pub(crate) fn text(&self, field: &'static str) -> Result<String, WebError> {
        self.get(field)?.as_string().ok_or_else(|| WebError::new(field, format!("{field} must be a text")))
    }

    /// `draft`, `quantity`, `window`, which is a number of steps or a text such as "auto", and `rule`, which is "auto",
    /// "reflection" or "peak": there is no other, so no run of the network is anything but exact.
    #[cfg(not(feature = "toy"))]
    pub(crate) fn settings(&self) -> Result<Settings, WebError> {
        self.tested_by(self.text("rule")?.parse()?)
    }

    /// As `Fields::settings`, by a rule that was read already.
    pub(crate) fn tested_by(&self, rule: Rule) -> Result<Settings, WebError> {
        let window = match self.get("window")?.as_string() {
            Some(text) => text.parse()?,
            None => Length::Fixed(self.whole("window", f64::from(u32::MAX))? as usize),
        };
        Ok(Settings { draft: self.text("draft")?.parse()?, quantity: self.text("quantity")?.parse()?, window, rule })
    }
}

/// A whole number that is not negative.
pub(crate) fn whole(field: &'static str, value: f64, most: f64) -> Result<f64, WebError> {
    if value.fract() != 0.0 || !(0.0..=most).contains(&value) {
        return Err(WebError::new(field, format!("{field} is {value}: choose a whole number from 0 to {most}")));
    }
    Ok(value)
}
