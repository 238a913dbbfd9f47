//! Numbers from JavaScript.

use crate::error::WebError;

/// Largest integer a JavaScript number holds exactly.
pub(crate) const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// A whole number that is not negative.
pub(crate) fn whole(field: &str, value: f64, most: f64) -> Result<f64, WebError> {
    if value.fract() != 0.0 || !(0.0..=most).contains(&value) {
        return Err(WebError::of(field, format!("is {value}: choose a whole number from 0 to {most}")));
    }
    Ok(value)
}
