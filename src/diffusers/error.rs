//! What is said of a configuration that cannot be used.

use core::fmt;

use crate::chain::schedule::ChainError;

/// Why a configuration cannot be used.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigError {
    field: String,
    message: String,
}

impl ConfigError {
    pub(super) fn new(field: impl Into<String>, message: impl fmt::Display) -> Self {
        let field = field.into();
        Self { message: format!("{field}: {message}"), field }
    }

    /// The configuration's field at fault, `steps` or `eta`.
    pub fn field(&self) -> &str {
        &self.field
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for ConfigError {}

impl From<ChainError> for ConfigError {
    fn from(error: ChainError) -> Self {
        Self { field: error.field().to_owned(), message: error.to_string() }
    }
}
