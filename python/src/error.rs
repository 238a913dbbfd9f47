//! Errors as Python's own: `SamplerError` with a `field`.

use core::fmt::Display;

use pyo3::prelude::*;
use speculative_diffusion::diffusers::ConfigError;
use speculative_diffusion::{ChainError, NameError, StateError, WindowError};

/// An error that names the argument at fault.
pub(crate) struct Named {
    field: String,
    message: String,
}

impl Named {
    pub(crate) fn new(field: impl Into<String>, message: impl Display) -> Self {
        Self { field: field.into(), message: message.to_string() }
    }
}

impl From<ConfigError> for Named {
    fn from(error: ConfigError) -> Self {
        Self::new(in_python(error.field()), &error)
    }
}

impl From<ChainError> for Named {
    fn from(error: ChainError) -> Self {
        Self::new(in_python(error.field()), &error)
    }
}

impl From<NameError> for Named {
    fn from(error: NameError) -> Self {
        Self::new(error.field(), &error)
    }
}

impl From<WindowError> for Named {
    fn from(error: WindowError) -> Self {
        Self::new("window", error)
    }
}

impl From<StateError> for Named {
    fn from(error: StateError) -> Self {
        Self::new("state", error)
    }
}

impl From<Named> for PyErr {
    fn from(Named { field, message }: Named) -> Self {
        Python::attach(|py| {
            let raised =
                || py.import("speculative_diffusion._errors")?.getattr("SamplerError")?.call1((message, field));
            raised().map_or_else(|error| error, PyErr::from_value)
        })
    }
}

/// Python has another word for the number of steps.
fn in_python(field: &str) -> &str {
    if field == "steps" { "num_inference_steps" } else { field }
}
