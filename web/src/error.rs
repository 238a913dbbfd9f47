//! Errors as values that JavaScript can read: an `Error` with a sentence and the `field` it is about.

use core::fmt;

use speculative_diffusion::ChainError;
use speculative_diffusion::StateError;
#[cfg(feature = "sampler")]
use speculative_diffusion::diffusers::ConfigError;
use speculative_diffusion::{NameError, TargetError, WindowError};
#[cfg(feature = "engine")]
use speculative_diffusion_unet::{RequestError, WeightsError};
use wasm_bindgen::{JsCast as _, JsValue};

/// A sentence about a field.
pub(crate) struct WebError {
    field: String,
    message: String,
}

impl WebError {
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }

    /// A sentence that begins with the field.
    pub(crate) fn of(field: &str, rest: impl fmt::Display) -> Self {
        Self::new(field, format!("{field} {rest}"))
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

/// Errors that name their field.
macro_rules! named {
    ($error:ty) => {
        impl From<$error> for WebError {
            fn from(error: $error) -> Self {
                Self::new(error.field(), error.to_string())
            }
        }
    };
}

named!(ChainError);
named!(NameError);
#[cfg(feature = "sampler")]
named!(ConfigError);
#[cfg(feature = "engine")]
named!(RequestError);

impl From<WindowError> for WebError {
    fn from(error: WindowError) -> Self {
        Self::new("window", error.to_string())
    }
}

#[cfg(feature = "engine")]
impl From<WeightsError> for WebError {
    fn from(error: WeightsError) -> Self {
        Self::new("weights", error.to_string())
    }
}

impl From<TargetError> for WebError {
    fn from(error: TargetError) -> Self {
        let field = match error {
            TargetError::NoDrafter => "draft",
            TargetError::NotFinite { .. } => "network",
            TargetError::Shape { .. } => "denoise",
            _ => "device",
        };
        let advice = match error {
            TargetError::NotFinite { .. } => ": try another seed or less guidance, or load the weights again",
            _ => "",
        };
        Self::new(field, format!("{error}{advice}"))
    }
}

impl From<StateError> for WebError {
    fn from(error: StateError) -> Self {
        Self::new("state", error.to_string())
    }
}
