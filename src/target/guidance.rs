//! Classifier-free guidance of a model of one's own: what it is asked, and what becomes of its answers.

use super::batch::Batch;
use super::error::TargetError;
use crate::chain::schedule::Level;

/// Classifier-free guidance: the model is asked with its condition and without, and moved away from what it says without.
///
/// Both answers come from one call, so guidance costs rows and no further calls; under [`Guidance::within`] it costs them at some
/// levels alone.
///
/// ```
/// use speculative_diffusion::{Ask, Batch, Chain, Guidance, Parametrisation, Sampler, Settings};
///
/// // stands for a model of yours that predicts noise: a row after `conditional` rows has no condition
/// fn model(batch: &Batch, conditional: usize) -> Vec<f64> {
///     let shift = |row: usize| if row < conditional { 0.1 } else { 0.0 };
///     batch.iter().enumerate().flat_map(|(row, (_, y))| y.iter().map(move |y| 0.5 * y + shift(row))).collect()
/// }
///
/// let guidance = Guidance::new(7.5).within(0.2, 5.0).rescaled(0.7);
/// let sampler = Sampler::new(Chain::cosine(50, 1.0)?, Settings::default())?;
/// let mut run = sampler.run(7, 4).guided(guidance);
/// while let Ask::Estimate(ticket, batch) = run.ask() {
///     let outputs = model(&guidance.ask(batch), batch.len());
///     let guided = guidance.combine(batch, &outputs)?;
///     let x0hat = Parametrisation::Epsilon.estimates(batch, &guided)?;
///     run.answer(ticket, &x0hat)?;
/// }
/// println!("{} calls, {} rows", run.costs().calls, run.costs().rows);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Reference
/// Ho & Salimans 2022.
#[doc(alias = "cfg")]
#[doc(alias = "guidance_scale")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guidance {
    scale: f64,
    interval: (f64, f64),
    rescaled: f64,
}

impl Guidance {
    /// By this scale at every level: 1 is none, more exaggerates the condition.
    pub fn new(scale: f64) -> Self {
        Self { scale, interval: (0.0, f64::INFINITY), rescaled: 0.0 }
    }

    /// Only at levels whose `sigma / alpha` is from `least` to `most`.
    ///
    /// # Reference
    /// Kynkäänniemi et al. 2024.
    #[doc(alias = "guidance interval")]
    #[must_use]
    pub fn within(self, least: f64, most: f64) -> Self {
        Self { interval: (least, most), ..self }
    }

    /// With this share, 0 to 1, of a guided output scaled to the standard deviation of the output with the condition.
    ///
    /// # Reference
    /// Lin et al. 2024, section 3.4.
    #[doc(alias = "guidance_rescale")]
    #[must_use]
    pub fn rescaled(self, share: f64) -> Self {
        Self { rescaled: share, ..self }
    }

    /// Whether a level is guided.
    pub fn applies(&self, level: Level) -> bool {
        let (least, most) = self.interval;
        // without signal the noise is without bounds
        let ratio = if level.alpha > 0.0 { level.sigma / level.alpha } else { f64::INFINITY };
        self.scale != 1.0 && (least..=most).contains(&ratio)
    }

    /// What to ask the model: the batch's own rows, and after them those again that are guided, for answers without the
    /// condition.
    pub fn ask(&self, batch: &Batch) -> Batch {
        let mut asked = batch.clone();
        batch.iter().filter(|(row, _)| self.applies(row.level)).for_each(|(row, y)| asked.push(*row, y));
        asked
    }

    /// The guided outputs, one for each row of the batch.
    ///
    /// # Shapes
    /// `outputs` are those for [`Guidance::ask`], in its order, of whatever kind the model predicts; the result is as long as
    /// [`Batch::states`].
    ///
    /// # Errors
    /// [`TargetError::Shape`] for more or fewer numbers.
    pub fn combine<T: Copy + Into<f64>>(&self, batch: &Batch, outputs: &[T]) -> Result<Vec<f64>, TargetError> {
        let dim = batch.states.len() / batch.len().max(1);
        let guided = batch.rows.iter().filter(|row| self.applies(row.level)).count();
        TargetError::check(batch.states.len() + guided * dim, outputs.len())?;
        let (conditional, without) = outputs.split_at(batch.states.len());
        let mut combined: Vec<f64> = conditional.iter().map(|&x| x.into()).collect();
        let mut without = without.chunks(dim.max(1));
        for (row, output) in batch.rows.iter().zip(combined.chunks_mut(dim.max(1))) {
            if !self.applies(row.level) {
                continue;
            }
            let before = deviation(output);
            for (x, &without) in output.iter_mut().zip(without.next().unwrap_or_default()) {
                let without = without.into();
                *x = without + self.scale * (*x - without);
            }
            if self.rescaled != 0.0 {
                let factor = before / deviation(output);
                let factor = self.rescaled * factor + (1.0 - self.rescaled);
                output.iter_mut().for_each(|x| *x *= factor);
            }
        }
        Ok(combined)
    }
}

fn deviation(numbers: &[f64]) -> f64 {
    let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
    let squares: f64 = numbers.iter().map(|x| (x - mean) * (x - mean)).sum();
    libm::sqrt(squares / numbers.len() as f64)
}
