//! A run's state as bytes, so that another engine can go on where this one was lost.

use super::error::WebError;
use super::settings::Request;
use crate::sampler::{Assumed, State};
use crate::schedule::Step;
use crate::secant::Secant;

/// First number of every saved state; changes with the layout.
const LAYOUT: f64 = 20_260_002.0;

/// Where a run stands, and what the plain lane will need.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Progress {
    pub(super) state: State,
    /// Residuals of the committed steps; empty for a deterministic one.
    pub(super) residuals: Vec<Vec<f64>>,
    /// Steps the plain lane has taken, and its state.
    pub(super) plain: (usize, Vec<f64>),
}

impl Progress {
    /// Little-endian f64 numbers: layout, fingerprint of the run, level, rounds, plain level, counts of what is assumed
    /// and of secants, the levels of both, then the vectors.
    pub(super) fn to_bytes(&self, fingerprint: f64) -> Vec<u8> {
        let State { level, rounds, y, assumed, secants } = &self.state;
        let counts = [*level, *rounds, self.plain.0, assumed.len(), secants.len()];
        let mut numbers = vec![LAYOUT, fingerprint];
        numbers.extend(counts.map(|count| count as f64));
        let levels = assumed.iter().map(|assumed| assumed.level).chain(secants.iter().map(|secant| secant.level));
        numbers.extend(levels.map(|level| level as f64));
        let pairs = assumed.iter().map(|assumed| [&assumed.w, &assumed.at]);
        let pairs = pairs.chain(secants.iter().map(|secant| [&secant.moved, &secant.changed]));
        [y, &self.plain.1].into_iter().chain(pairs.flatten()).for_each(|vector| numbers.extend(vector));
        self.residuals.iter().for_each(|residual| numbers.extend(residual));
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    pub(super) fn from_bytes(bytes: &[u8], dim: usize, request: &Request) -> Result<Self, WebError> {
        let bad = |what: &str| WebError::new("state", format!("the saved state cannot be used: {what}"));
        let (words, rest) = bytes.as_chunks::<8>();
        let mut numbers = words.iter().map(|word| f64::from_le_bytes(*word));
        let mut next = || numbers.next().filter(|n| n.is_finite()).ok_or_else(|| bad("it was cut short or damaged"));
        if !rest.is_empty() || next()? != LAYOUT {
            return Err(bad("it is not one of this version"));
        }
        if next()? != request.fingerprint() {
            return Err(bad("it belongs to a run with other settings"));
        }
        let steps = request.sampler.chain().steps();
        let mut count = || Ok::<_, WebError>(next()? as usize);
        let (level, rounds, plain, assumed, secants) = (count()?, count()?, count()?, count()?, count()?);
        if level > steps.len() || rounds > level || plain > level || assumed > steps.len() || secants > bytes.len() {
            return Err(bad("its counts are damaged"));
        }
        let mut levels = (0..assumed + secants).map(|_| count()).collect::<Result<Vec<_>, WebError>>()?;
        let secant_levels = levels.split_off(assumed);
        let mut vector = || (0..dim).map(|_| next()).collect::<Result<Vec<f64>, WebError>>();
        let (y, plain_y) = (vector()?, vector()?);
        let assumed = levels.into_iter().map(|level| Ok(Assumed { level, w: vector()?, at: vector()? }));
        let assumed = assumed.collect::<Result<_, WebError>>()?;
        let secants = secant_levels.into_iter().map(|level| Ok(Secant { level, moved: vector()?, changed: vector()? }));
        let secants = secants.collect::<Result<_, WebError>>()?;
        let residual = |step: &Step| if step.s == 0.0 { Ok(Vec::new()) } else { vector() };
        let residuals = steps[..level].iter().map(residual).collect::<Result<_, _>>()?;
        if numbers.next().is_some() {
            return Err(bad("it is too long"));
        }
        Ok(Self { state: State { level, rounds, y, assumed, secants }, residuals, plain: (plain, plain_y) })
    }
}
