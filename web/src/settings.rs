//! What a run is to be, parsed field by field.

use speculative_diffusion::{Chain, Noise, Rule, Sampler};

use crate::error::WebError;
use crate::fields::Fields;
use crate::number::MAX_SAFE;

/// A sampler and a seed.
pub(crate) struct Request {
    pub(crate) sampler: Sampler,
    seed: u64,
}

impl Request {
    /// What [`Request::parse`] reads beside the settings of a sampler.
    pub(crate) const FIELDS: [&str; 3] = ["seed", "steps", "eta"];

    pub(crate) fn parse(fields: &Fields, rule: Rule, most_steps: f64) -> Result<Self, WebError> {
        let seed = fields.whole("seed", MAX_SAFE)? as u64;
        let steps = fields.whole("steps", most_steps)? as usize;
        let settings = fields.settings(rule)?;
        Ok(Self { sampler: Sampler::new(Chain::cosine(steps, fields.number("eta")?)?, settings)?, seed })
    }

    /// The noise of the run of this number.
    pub(crate) fn noise(&self, run: u64) -> Noise {
        Noise::new(self.seed, run)
    }
}
