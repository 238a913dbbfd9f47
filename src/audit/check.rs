//! Does a model keep the contract of a [`Target`]?

use core::fmt;

use crate::noise::{Noise, Purpose};
use crate::run::sampler::Sampler;
use crate::target::{Batch, Row, Target, TargetError};

/// Rows that are asked about alone, and the least that are asked about together.
const ALONE: usize = 7;
/// Answers that differ by less, relative to their size, differ by the rounding of an `f32`: sums taken in another order.
const ROUNDING: f64 = 1e-5;
/// Nats that harmless differences may take a whole chain from its law. A mean that is off by `d` of its step's noise takes
/// it `d^2 / 2`, and the steps add up.
const HARMLESS: f64 = 1e-3;
/// A step without noise commits its mean: a relative difference below this is not seen in a sample.
const UNSEEN: f64 = 1e-3;

/// Asks a model about the same rows several times: together, together again, in another order, and some of them alone. A
/// model that keeps [the contract](Target#the-contract) gives the same answers. There are as many rows as in a sampler's
/// longest window, 7 at least.
///
/// Without a [`Target`]: evaluate each of [`Check::batches`] and hand the answers to [`Check::judge`].
///
/// ```
/// use speculative_diffusion::audit::Check;
/// use speculative_diffusion::{Chain, Sampler, Settings, targets::{Mixture, from_fn}};
///
/// let sampler = Sampler::new(Chain::cosine(100, 1.0)?, Settings::default())?;
/// let good = Mixture::example(16);
/// let checked = pollster::block_on(Check::run(&sampler, &good, 1))?;
/// assert!(checked.passed(), "{checked}");
/// // a model that normalises over its batch
/// let leans = from_fn(16, |batch| {
///     let mean = batch.states.iter().sum::<f64>() / batch.states.len() as f64;
///     Ok(batch.states.iter().map(|y| y - mean).collect())
/// });
/// let checked = pollster::block_on(Check::run(&sampler, &leans, 1))?;
/// assert!(!checked.alone.passed(), "{checked}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "batch invariance")]
#[doc(alias = "deterministic")]
#[derive(Clone, Debug)]
pub struct Check {
    dim: usize,
    batches: Vec<Batch>,
    /// For each row `|B| / s` of its step: how far a difference moves the mean, in units of the noise. `None` where there is
    /// no noise.
    weights: Vec<Option<f64>>,
    /// The rows of the third batch, in its order.
    shuffled: Vec<usize>,
    /// The rows of the batches after it.
    alone: Vec<usize>,
    /// A mean that is off by less, in units of its step's noise, is lost in that noise.
    harmless: f64,
}

impl Check {
    /// The questions, of states as noisy as the chain's at levels from its start to its end.
    pub fn new(sampler: &Sampler, dim: usize, seed: u64) -> Self {
        let (chain, noise) = (sampler.chain(), Noise::new(seed, 0));
        let steps = chain.steps();
        let count = sampler.longest_window().max(ALONE);
        let asked: Vec<usize> = (0..steps.len()).filter(|&step| chain.asks(step)).collect();
        let rows: Vec<(Row, Vec<f64>)> = (0..count)
            .map(|i| {
                let step = asked[i * (asked.len() - 1) / (count - 1)];
                let level = steps[step].level;
                // as far out as the start at the start, as data of variance 1 would be later on
                let size = chain.start().min(libm::hypot(level.alpha, level.sigma));
                let y = noise.normals(Purpose::Start, i, dim).iter().map(|z| size * z).collect();
                (Row::new(level, step), y)
            })
            .collect();
        let batch = |order: &[usize]| {
            let mut batch = Batch::default();
            order.iter().for_each(|&i| batch.push(rows[i].0, &rows[i].1));
            batch
        };
        let together: Vec<usize> = (0..count).collect();
        // every other row, then the rest: none keeps its place
        let shuffled: Vec<usize> = (1..count).step_by(2).chain((0..count).step_by(2)).collect();
        let alone: Vec<usize> = (0..ALONE).map(|i| i * (count - 1) / (ALONE - 1)).collect();
        let mut batches = vec![batch(&together), batch(&together), batch(&shuffled)];
        batches.extend(alone.iter().map(|&i| batch(&[i])));
        let weight = |(row, _): &(Row, Vec<f64>)| {
            let step = &steps[row.step];
            // the next step may have a share of it too
            let moves = |weight: f64, s: f64| if s > 0.0 { weight.abs() / s } else { 0.0 };
            let later = steps.get(row.step + 1).map_or(0.0, |next| moves(next.c, next.s));
            (step.s > 0.0).then(|| moves(step.b, step.s) + later)
        };
        let weights = rows.iter().map(weight).collect();
        let harmless = libm::sqrt(2.0 * HARMLESS / steps.len() as f64);
        Self { dim, batches, weights, shuffled, alone, harmless }
    }

    /// What to evaluate, in this order, each in one call.
    pub fn batches(&self) -> &[Batch] {
        &self.batches
    }

    /// Compares the answers to all batches.
    ///
    /// # Errors
    /// [`TargetError::Shape`] where an answer has more or fewer numbers than its batch.
    pub fn judge(&self, answers: &[Vec<f64>]) -> Result<Checked, TargetError> {
        TargetError::check(self.batches.len(), answers.len())?;
        for (batch, answer) in self.batches.iter().zip(answers) {
            TargetError::check(batch.states.len(), answer.len())?;
        }
        let row = |answer: usize, i: usize| &answers[answer][i * self.dim..][..self.dim];
        let finite = answers.iter().flatten().all(|x| x.is_finite());
        let squares: f64 = answers[0].iter().map(|x| x * x).sum();
        let size = libm::sqrt(squares / answers[0].len() as f64).max(f64::MIN_POSITIVE);
        // rows of the first answer, each with another answer and its place there
        let apart = |others: &mut dyn Iterator<Item = (usize, (usize, usize))>| {
            let mut agreement = Agreement { worst: 0.0, shift: 0.0, passed: finite };
            for (i, (answer, at)) in others {
                let differences = || row(0, i).iter().zip(row(answer, at)).map(|(a, b)| a - b);
                let worst =
                    if finite { differences().fold(0.0, |w: f64, d| w.max(d.abs())) / size } else { f64::INFINITY };
                let length = libm::sqrt(differences().map(|d| d * d).sum());
                let shift = self.weights[i].map(|weight| length * weight);
                let harmless = shift.map_or(worst <= UNSEEN, |shift| shift <= self.harmless);
                agreement.passed &= worst <= ROUNDING || harmless;
                agreement.worst = agreement.worst.max(worst);
                agreement.shift = agreement.shift.max(shift.unwrap_or(0.0));
            }
            agreement
        };
        Ok(Checked {
            repeated: apart(&mut (0..self.weights.len()).map(|i| (i, (1, i)))),
            shuffled: apart(&mut self.shuffled.iter().enumerate().map(|(at, &i)| (i, (2, at)))),
            alone: apart(&mut self.alone.iter().enumerate().map(|(at, &i)| (i, (3 + at, 0)))),
        })
    }

    /// Asks a target all of it.
    ///
    /// # Errors
    /// The target's.
    pub async fn run<T: Target + ?Sized>(sampler: &Sampler, target: &T, seed: u64) -> Result<Checked, TargetError> {
        let check = Self::new(sampler, target.dim(), seed);
        let mut answers = Vec::new();
        for batch in check.batches() {
            answers.push(target.estimate(batch).await?);
        }
        check.judge(&answers)
    }
}

/// How far two answers to the same questions are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// The largest difference of two numbers, relative to the root mean square of all; infinite where an answer was not
    /// finite.
    pub worst: f64,
    /// How far the differences move the mean of a step at most, in units of its noise.
    pub shift: f64,
    passed: bool,
}

impl Agreement {
    /// Whether the answers are the same to the bit.
    pub fn is_exact(self) -> bool {
        self.worst == 0.0
    }

    /// Whether they are the same up to what is harmless: each row's differences are rounding, or move the mean of its step
    /// by little of the step's noise.
    pub fn passed(self) -> bool {
        self.passed
    }
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checked {
    /// The same batch asked again. A difference: the model has noise or a state of its own.
    pub repeated: Agreement,
    /// The same rows in another order. A difference: rows see their neighbours, or where they stand.
    pub shuffled: Agreement,
    /// Some rows, each in a call of its own. A difference: rows see their neighbours, or how many there are.
    pub alone: Agreement,
}

impl Checked {
    /// Whether the model keeps the contract.
    pub fn passed(&self) -> bool {
        [self.repeated, self.shuffled, self.alone].iter().all(|agreement| agreement.passed())
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, agreement)) in
            [("asked again", self.repeated), ("in another order", self.shuffled), ("each alone", self.alone)]
                .into_iter()
                .enumerate()
        {
            let separator = if i == 0 { "" } else { "; " };
            let word = match (agreement.is_exact(), agreement.passed()) {
                (true, _) => "the same to the bit".to_owned(),
                (_, true) => format!("the same but for what is harmless ({:.0e})", agreement.worst),
                _ => format!("DIFFERENT (by {:.0e}, or {:.1e} of a step's noise)", agreement.worst, agreement.shift),
            };
            write!(f, "{separator}{name}: {word}")?;
        }
        Ok(())
    }
}
