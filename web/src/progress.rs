//! A run's progress as bytes, so that another engine can go on where this one was lost.

use speculative_diffusion::{Run, Sampler, State};

use crate::error::WebError;
use crate::settings::Request;

/// What a run is to draw.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) class: String,
    pub(crate) guidance: f64,
}

impl Condition {
    /// Its names in a run's settings.
    pub(crate) const FIELDS: [&str; 2] = ["class", "guidance"];

    /// A number for it: the core's fingerprint of a run does not contain it.
    fn hash(&self) -> u64 {
        let hash = speculative_diffusion_unet::sha256(format!("{} {}", self.class, self.guidance).as_bytes());
        u64::from_str_radix(&hash[..16], 16).unwrap_or_default()
    }
}

/// A run in progress, and what the plain lane will need.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    pub(crate) sampler: Sampler,
    /// The noise `y_0` that both lanes start from.
    pub(crate) start: Vec<f64>,
    pub(crate) run: Run,
    pub(crate) condition: Condition,
    /// Residuals of the committed steps; empty for a deterministic one.
    pub(crate) residuals: Vec<Vec<f64>>,
    /// Steps the plain lane has taken, and its state.
    pub(crate) plain: (usize, Vec<f64>),
}

/// Bytes of a number.
const WORD: usize = 8;

impl Progress {
    pub(crate) fn new(request: Request, condition: Condition, dim: usize) -> Self {
        let run = request.sampler.run(request.noise(0), dim);
        let start = run.state().y().to_vec();
        Self { sampler: request.sampler, plain: (0, start.clone()), start, run, condition, residuals: Vec::new() }
    }

    /// Little-endian words: a hash of class and guidance, the length of the core's own [`State::to_bytes`], that, the
    /// plain lane's level and state, the residuals.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let state = self.run.state().to_bytes();
        let (level, y) = &self.plain;
        let head = [self.condition.hash(), state.len() as u64].map(u64::to_le_bytes);
        let numbers = y.iter().chain(self.residuals.iter().flatten()).flat_map(|x| x.to_le_bytes());
        [&head.concat()[..], &state, &(*level as u64).to_le_bytes(), &numbers.collect::<Vec<u8>>()].concat()
    }

    pub(crate) fn from_bytes(
        bytes: &[u8],
        request: Request,
        condition: Condition,
        dim: usize,
    ) -> Result<Self, WebError> {
        let bad = |what: &str| WebError::new("state", format!("the saved state cannot be used: {what}"));
        let damaged = || bad("it was cut short or damaged");
        let (words, rest) = bytes.as_chunks::<WORD>();
        let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
        let mut next = || words.next().ok_or_else(damaged);
        if !rest.is_empty() {
            return Err(damaged());
        }
        if next()? != condition.hash() {
            return Err(bad("it belongs to another class or guidance, or is not one of this version"));
        }
        let length = usize::try_from(next()?).map_err(|_| damaged())?;
        let end = length.checked_add(2 * WORD).filter(|_| length.is_multiple_of(WORD)).ok_or_else(damaged)?;
        let state = State::from_bytes(bytes.get(2 * WORD..end).ok_or_else(damaged)?)?;
        if state.y().len() != dim {
            return Err(bad("it is of another network"));
        }
        let mut words = words.skip(length / WORD);
        let plain_level =
            words.next().and_then(|word| usize::try_from(word).ok()).filter(|level| *level <= state.level());
        let plain_level = plain_level.ok_or_else(damaged)?;
        let mut numbers = words.map(f64::from_bits);
        let mut vector = |dim: usize| {
            let vector: Vec<f64> = numbers.by_ref().take(dim).filter(|x| x.is_finite()).collect();
            if vector.len() == dim { Ok(vector) } else { Err(damaged()) }
        };
        let plain = (plain_level, vector(dim)?);
        let committed = request.sampler.chain().steps().iter().take(state.level());
        let residuals = committed.map(|step| vector(if step.s == 0.0 { 0 } else { dim })).collect::<Result<_, _>>()?;
        if numbers.next().is_some() {
            return Err(bad("it is too long"));
        }
        let start = request.sampler.run(request.noise(0), dim).state().y().to_vec();
        let run = request.sampler.resume(request.noise(0), state)?;
        Ok(Self { sampler: request.sampler, start, run, condition, residuals, plain })
    }
}
