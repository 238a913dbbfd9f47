//! The fields of a JSON object as Python writes it, each read by its name.

use core::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::error::ConfigError;

/// A configuration's fields.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn parse(text: &str) -> Result<Self, ConfigError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value = serde_json::from_str(&quoted(text));
        let value = value.map_err(|error| ConfigError::new("json", format!("not JSON: {error}")))?;
        let Value::Object(map) = value else { return Err(ConfigError::new("json", "not an object")) };
        Ok(Self(map))
    }

    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// Whether a number is there.
    pub(super) fn is_number(&self, field: &str) -> bool {
        self.get(field).is_some_and(|value| real(value).is_some())
    }

    /// A switch; null is off, as Python's `None` is.
    pub(super) fn flag(&self, field: &str, default: bool) -> Result<bool, ConfigError> {
        match self.get(field) {
            None => Ok(default),
            Some(Value::Null) => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| ConfigError::new(field, "must be true or false")),
        }
    }

    pub(super) fn number(&self, field: &str, default: f64) -> Result<f64, ConfigError> {
        match self.get(field) {
            None => Ok(default),
            Some(value) => real(value).ok_or_else(|| ConfigError::new(field, "must be a number")),
        }
    }

    pub(super) fn positive(&self, field: &str, default: f64) -> Result<f64, ConfigError> {
        let number = self.number(field, default)?;
        if number > 0.0 { Ok(number) } else { Err(ConfigError::new(field, format!("is {number}: it must be above 0"))) }
    }

    pub(super) fn whole(
        &self,
        field: &str,
        default: usize,
        range: RangeInclusive<usize>,
    ) -> Result<usize, ConfigError> {
        let Some(value) = self.get(field) else { return Ok(default) };
        let whole = value.as_u64().and_then(|whole| usize::try_from(whole).ok());
        whole.filter(|whole| range.contains(whole)).ok_or_else(|| {
            ConfigError::new(field, format!("must be a whole number from {} to {}", range.start(), range.end()))
        })
    }

    /// One of several names; without a default it must be there.
    pub(super) fn choice<T: Copy>(
        &self,
        field: &str,
        known: &[(&str, T)],
        default: Option<T>,
    ) -> Result<T, ConfigError> {
        let names = || known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        match (self.get(field), default) {
            (None, Some(default)) => Ok(default),
            (None, None) => Err(ConfigError::new(field, format!("is missing: one of {} is supported", names()))),
            (Some(value), _) => {
                let found = value.as_str().and_then(|text| known.iter().find(|(name, _)| *name == text));
                found.map(|(_, choice)| *choice).ok_or_else(|| {
                    ConfigError::new(field, format!("is {value}, and not supported: choose {}", names()))
                })
            }
        }
    }
}

/// What JSON has no number for, Python writes as a bare word; here it becomes the word in quotes.
fn quoted(text: &str) -> String {
    let (mut quoted, mut rest, mut inside) = (String::with_capacity(text.len()), text, false);
    while let Some(c) = rest.chars().next() {
        let word = ["NaN", "Infinity", "-Infinity"].into_iter().find(|word| !inside && rest.starts_with(word));
        let taken = match (word, c) {
            (Some(word), _) => word.len(),
            // what is escaped ends no text
            (None, '\\') => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            (None, c) => c.len_utf8(),
        };
        inside ^= c == '"';
        let (part, after) = rest.split_at(taken);
        match word {
            Some(word) => quoted.extend(["\"", word, "\""]),
            None => quoted.push_str(part),
        }
        rest = after;
    }
    quoted
}

fn real(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        _ => value.as_f64(),
    }
}
