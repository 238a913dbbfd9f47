//! Names that stand for choices, and the error for an unknown one.

use core::fmt;

/// A name that is none of those known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    field: &'static str,
    asked: String,
    known: String,
}

impl NameError {
    /// The setting at fault.
    pub fn field(&self) -> &'static str {
        self.field
    }

    pub(crate) fn new<'a>(field: &'static str, asked: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self { field, asked: asked.to_owned(), known: known.into_iter().collect::<Vec<_>>().join(", ") }
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is \"{}\": choose {}", self.field, self.asked, self.known)
    }
}

impl core::error::Error for NameError {}
