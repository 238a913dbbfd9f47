//! Errors as values that JavaScript can read: an `Error` with a sentence and the `field` it is about.

use wasm_bindgen::{JsCast as _, JsValue};

use crate::draft::NameError;
use crate::network::{RequestError, WeightsError};
use crate::sampler::WindowError;
use crate::schedule::ChainError;
use crate::target::TargetError;

/// A sentence about a field.
pub(super) struct WebError {
    field: &'static str,
    message: String,
}

impl WebError {
    pub(super) fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

impl From<WebError> for JsValue {
    fn from(error: WebError) -> Self {
        let object = js_sys::Error::new(&error.message);
        // setting a property of a fresh Error cannot fail
        let _ = js_sys::Reflect::set(object.unchecked_ref(), &"field".into(), &error.field.into());
        object.into()
    }
}

impl From<ChainError> for WebError {
    fn from(error: ChainError) -> Self {
        Self::new(error.field(), error.to_string())
    }
}

impl From<RequestError> for WebError {
    fn from(error: RequestError) -> Self {
        Self::new(error.field(), error.to_string())
    }
}

impl From<NameError> for WebError {
    fn from(error: NameError) -> Self {
        Self::new(error.field(), error.to_string())
    }
}

impl From<WindowError> for WebError {
    fn from(error: WindowError) -> Self {
        Self::new("window", error.to_string())
    }
}

impl From<WeightsError> for WebError {
    fn from(error: WeightsError) -> Self {
        Self::new("weights", error.to_string())
    }
}

impl From<TargetError> for WebError {
    fn from(error: TargetError) -> Self {
        let field = match error {
            TargetError::Device(_) => "device",
            TargetError::NoDrafter => "draft",
            TargetError::NotFinite { .. } => "network",
        };
        Self::new(field, error.to_string())
    }
}
