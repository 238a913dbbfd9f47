//! The trained network as a [`Target`]: where the sampler's f64 become the network's f32.

use speculative_diffusion::{Batch, Level, Parametrisation, Target, TargetError};

use crate::network::Network;

/// Largest guidance that can be asked for.
pub const MAX_GUIDANCE: f64 = 8.0;

/// A denoiser that draws one class.
#[derive(Clone, Debug)]
pub struct NetworkTarget {
    network: Network,
    /// Index of the class; the one after the last is "any".
    label: usize,
    guidance: f64,
}

/// Why a target cannot be made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RequestError {
    /// A class the network does not know.
    Class {
        /// What was asked for.
        asked: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Guidance out of range.
    Guidance(f64),
}

impl RequestError {
    /// The setting at fault.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Class { .. } => "class",
            Self::Guidance(_) => "guidance",
        }
    }
}

impl core::fmt::Display for RequestError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Class { asked, known } => write!(f, "class is \"{asked}\": choose {} or any", known.join(", ")),
            Self::Guidance(guidance) => write!(f, "guidance is {guidance}: choose 1 (none) to {MAX_GUIDANCE}"),
        }
    }
}

impl core::error::Error for RequestError {}

impl NetworkTarget {
    /// Draws `class` (a name of the network's, or "any"), with classifier-free guidance: 1 is none, more exaggerates
    /// what is typical of the class at the price of a second row a state.
    ///
    /// # Errors
    /// [`RequestError`] naming the setting.
    ///
    /// # Reference
    /// Ho & Salimans 2022.
    #[doc(alias = "classifier-free guidance")]
    #[doc(alias = "guidance_scale")]
    pub fn new(network: Network, class: &str, guidance: f64) -> Result<Self, RequestError> {
        let known = &network.config().classes;
        let label = match class {
            "any" => known.len(),
            name => known
                .iter()
                .position(|known| known == name)
                .ok_or_else(|| RequestError::Class { asked: name.to_owned(), known: known.clone() })?,
        };
        if !(1.0..=MAX_GUIDANCE).contains(&guidance) {
            return Err(RequestError::Guidance(guidance));
        }
        Ok(Self { network, label, guidance })
    }

    fn is_guided(&self) -> bool {
        self.guidance != 1.0 && self.label != self.no_class()
    }

    fn no_class(&self) -> usize {
        self.network.config().classes.len()
    }
}

/// The level of the cosine schedule, on which the network was trained, that has the same `sigma / alpha`; and the
/// factor by which a state of `level` is larger than one of that level.
fn trained_level(level: Level) -> (Level, f64) {
    let scale = libm::hypot(level.alpha, level.sigma);
    let t = libm::atan2(level.sigma, level.alpha) / core::f64::consts::FRAC_PI_2;
    (Level { t, alpha: level.alpha / scale, sigma: level.sigma / scale }, scale)
}

impl Target for NetworkTarget {
    fn dim(&self) -> usize {
        self.network.config().dim()
    }

    fn rows_per_state(&self) -> usize {
        if self.is_guided() { 2 } else { 1 }
    }

    async fn estimate(&self, batch: &Batch) -> Result<Vec<f64>, TargetError> {
        let rows = self.rows(batch);
        let velocities = self.network.velocities(&rows.states, &rows.times, &rows.labels).await?;
        Ok(self.estimates(batch, &velocities))
    }
}

/// What the network is asked: the rows of a batch, under guidance twice.
#[derive(Clone, Debug)]
pub struct Rows {
    /// `[rows, dim]`.
    pub states: Vec<f32>,
    /// Times of the cosine schedule.
    pub times: Vec<f64>,
    /// Indices of classes, the one after the last for any.
    pub labels: Vec<usize>,
}

impl NetworkTarget {
    /// The rows that answer for a batch, in its order; under guidance those of the class and then those of none. For
    /// who computes the velocities elsewhere; [`Target::estimate`] does all of it.
    pub fn rows(&self, batch: &Batch) -> Rows {
        let dim = self.dim();
        let passes: &[usize] = if self.is_guided() { &[self.label, self.no_class()] } else { &[self.label] };
        let count = batch.len() * passes.len();
        let trained: Vec<(Level, f64)> = batch.rows.iter().map(|row| trained_level(row.level)).collect();
        let mut rows = Rows { states: Vec::with_capacity(count * dim), times: Vec::new(), labels: Vec::new() };
        for &label in passes {
            for (y, (level, scale)) in batch.states.chunks_exact(dim).zip(&trained) {
                rows.states.extend(y.iter().map(|y| (y / scale) as f32));
                rows.times.push(level.t);
                rows.labels.push(label);
            }
        }
        rows
    }

    /// The clean estimates of a batch, `[rows, dim]`, given the velocities of its [rows](Self::rows), one for each.
    ///
    /// # Panics
    /// If there are fewer velocities.
    pub fn estimates(&self, batch: &Batch, velocities: &[f32]) -> Vec<f64> {
        let dim = self.dim();
        let (conditional, free) = velocities.split_at(batch.len() * dim);
        let mut x0hat = Vec::with_capacity(batch.len() * dim);
        for (row, asked) in batch.rows.iter().enumerate() {
            let (level, scale) = trained_level(asked.level);
            for i in row * dim..(row + 1) * dim {
                let mut v = f64::from(conditional[i]);
                if self.is_guided() {
                    let other = f64::from(free[i]);
                    v = other + self.guidance * (v - other);
                }
                x0hat.push(Parametrisation::Velocity.x0hat(level, batch.states[i] / scale, v));
            }
        }
        x0hat
    }
}
