//! Objects from JavaScript, read field by field.

use js_sys::{Object, Reflect};
use speculative_diffusion::{Rule, Settings, Window};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::error::WebError;
use crate::number::whole;

/// What [`Fields::settings`] reads: every object may have it.
const SETTINGS: [&str; 3] = ["draft", "window", "rule"];

/// An object whose fields are all known.
pub(crate) struct Fields<'a> {
    object: &'a Object,
}

impl<'a> Fields<'a> {
    /// `more` are the fields that are known beside the settings of a sampler.
    ///
    /// # Errors
    /// `field` is `settings` for what is no object or has a field that is not known.
    pub(crate) fn new(object: &'a JsValue, more: &[&str]) -> Result<Self, WebError> {
        let object: &Object = object.dyn_ref().ok_or_else(|| WebError::of("settings", "must be an object"))?;
        for key in Object::keys(object).iter().filter_map(|key| key.as_string()) {
            if !SETTINGS.iter().chain(more).any(|known| *known == key) {
                return Err(WebError::of("settings", format!("has an unknown field \"{key}\"")));
            }
        }
        Ok(Self { object })
    }

    fn get(&self, field: &str) -> Result<JsValue, WebError> {
        Reflect::get(self.object, &field.into()).map_err(|_| WebError::of(field, "cannot be read"))
    }

    pub(crate) fn number(&self, field: &str) -> Result<f64, WebError> {
        self.get(field)?.as_f64().ok_or_else(|| WebError::of(field, "must be a number"))
    }

    pub(crate) fn whole(&self, field: &str, most: f64) -> Result<f64, WebError> {
        whole(field, self.number(field)?, most)
    }

    pub(crate) fn text(&self, field: &str) -> Result<String, WebError> {
        self.get(field)?.as_string().ok_or_else(|| WebError::of(field, "must be a text"))
    }

    /// `rule`: "auto", "reflection" or "peak". No other can be named, so every run of a network is exact.
    #[cfg(not(feature = "toy"))]
    pub(crate) fn rule(&self) -> Result<Rule, WebError> {
        Ok(self.text("rule")?.parse()?)
    }

    /// `draft` and `window`, a number of steps or a text such as "auto"; the rule was read already.
    pub(crate) fn settings(&self, rule: Rule) -> Result<Settings, WebError> {
        let window = match self.get("window")?.as_string() {
            Some(text) => text.parse::<Window>()?,
            None => Window::Fixed(self.whole("window", f64::from(u32::MAX))? as usize),
        };
        Ok(Settings::default().draft(self.text("draft")?.parse()?).window(window).rule(rule))
    }
}
