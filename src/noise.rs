//! Every random number of a run, by address and never by call order.
//!
//! A number depends on (seed, chain, purpose, level) alone, so the window length, the draft and the device can change
//! what is computed but never what is drawn. That makes runs replayable, and it is what exactness rests on: a level's
//! noise is the same however often the step is drafted, and untouched by the tests of earlier levels. Each level is
//! committed once, so one draw a level is all that is ever used.

mod box_muller;

use core::array::from_fn;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use self::box_muller::{LANES, normal, normals, unit};
use crate::cores;

/// Of drawing a number, in numbers that are only added.
const WORK: usize = 8;

/// What a number is for; part of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// The first state `y_0`.
    Start,
    /// The noise `z_k` of step `k`.
    Step,
    /// The uniform `u_k` of the test at step `k`.
    Test,
    /// A second normal for one of the wrong rules; no exact sampler draws it.
    Redraw,
    /// How high the path of a peak test rises within a step.
    Bridge,
    /// How high it rises after its window.
    Beyond,
    /// Where in its step the peak lies, and how the path goes on from there.
    Peak,
    /// The component of a noise that a peak test has looked at and replaces.
    Renew,
}

/// The noise of one chain. A seed alone is chain number 0 under it.
///
/// ```
/// use speculative_diffusion::{Noise, Purpose};
///
/// let noise = Noise::new(7, 3);
/// // the noise of step 12, wherever and whenever it is asked for
/// assert_eq!(noise.normals(Purpose::Step, 12, 4), noise.normals(Purpose::Step, 12, 4));
/// assert_eq!(Noise::from(7), Noise::new(7, 0));
/// ```
#[doc(alias = "seed")]
#[doc(alias = "generator")]
#[doc(alias = "rng")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noise {
    seed: u64,
    chain: u64,
    /// From this level on, steps and tests draw from this chain number instead.
    branch: Option<(usize, u64)>,
}

impl From<u64> for Noise {
    /// The noise of chain number 0.
    fn from(seed: u64) -> Self {
        Self::new(seed, 0)
    }
}

impl Noise {
    /// Noise of chain number `chain` under `seed`.
    pub fn new(seed: u64, chain: u64) -> Self {
        Self { seed, chain, branch: None }
    }

    /// The same noise below `level`, that of another chain from there on: a run with another future, for asking what
    /// may and what may not change.
    pub fn branch(self, level: usize, chain: u64) -> Self {
        Self { branch: Some((level, chain)), ..self }
    }

    /// What tells this noise from another: seed, chain and branch.
    pub(crate) fn words(&self) -> [u64; 4] {
        let (level, chain) = self.branch.map_or((u64::MAX, 0), |(level, chain)| (level as u64, chain));
        [self.seed, self.chain, level, chain]
    }

    /// A few numbers for one purpose at a level in a round. The tests that draw them look at a level again in every round
    /// in which it is drafted, and each time need others.
    pub(crate) fn draws(&self, purpose: Purpose, level: usize, round: usize) -> Draws {
        Draws(self.stream(purpose, level, round as u64 + 1))
    }

    fn stream(&self, purpose: Purpose, level: usize, round: u64) -> ChaCha8Rng {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.seed.to_le_bytes());
        let chain = match self.branch {
            Some((from, chain)) if level >= from && purpose != Purpose::Start => chain,
            _ => self.chain,
        };
        key[8..16].copy_from_slice(&chain.to_le_bytes());
        key[16] = match purpose {
            Purpose::Start => 1,
            Purpose::Step => 2,
            Purpose::Test => 3,
            Purpose::Redraw => 4,
            Purpose::Bridge => 5,
            Purpose::Beyond => 6,
            Purpose::Peak => 7,
            Purpose::Renew => 8,
        };
        // 0 for what is drawn once a level, whatever the round
        key[24..].copy_from_slice(&round.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(level as u64);
        rng
    }

    /// `dim` independent standard normals.
    pub fn normals(&self, purpose: Purpose, level: usize, dim: usize) -> Vec<f64> {
        let stream = self.stream(purpose, level, 0);
        let mut drawn = vec![0.0; dim];
        cores::in_parts(&mut drawn, 2 * LANES, WORK, |first, part| {
            let (mut rng, mut bytes) = (stream.clone(), [0; 16 * LANES]);
            // two words of 32 bits a number
            rng.set_word_pos(2 * first as u128);
            for chunk in part.chunks_mut(2 * LANES) {
                rng.fill_bytes(&mut bytes);
                let word = |i: usize| u64::from_le_bytes(from_fn(|byte| bytes[8 * i + byte]));
                let pairs = normals(&from_fn(|i| word(2 * i)), &from_fn(|i| word(2 * i + 1)));
                chunk.iter_mut().zip(pairs.as_flattened()).for_each(|(drawn, normal)| *drawn = *normal);
            }
        });
        drawn
    }

    /// `ln u` for a uniform `u` in `(0, 1]`.
    pub fn ln_uniform(&self, level: usize) -> f64 {
        libm::log(unit(self.stream(Purpose::Test, level, 0).next_u64()))
    }
}

/// Numbers of one address, one after the other.
pub(crate) struct Draws(ChaCha8Rng);

impl Draws {
    /// In `(0, 1]`.
    pub(crate) fn uniform(&mut self) -> f64 {
        unit(self.0.next_u64())
    }

    /// Standard normal.
    pub(crate) fn normal(&mut self) -> f64 {
        normal(self.0.next_u64(), self.0.next_u64())
    }

    /// Exponential of mean 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform())
    }

    /// Inverse Gaussian of mean `mu` and shape `lambda`, both above 0: when a Brownian motion with drift first reaches a
    /// level.
    ///
    /// # Reference
    /// Michael, Schucany & Haas 1976, the smaller root without cancellation.
    pub(crate) fn inverse_gaussian(&mut self, mu: f64, lambda: f64) -> f64 {
        let normal = self.normal();
        let w = mu * normal * normal / (2.0 * lambda);
        // the roots' product is mu^2
        let smaller = mu / (1.0 + w + libm::sqrt(w * w + 2.0 * w));
        if self.uniform() * (mu + smaller) <= mu { smaller } else { mu * (mu / smaller) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Draws, Noise, Purpose};
    use crate::audit::Statistics;

    /// The address of every draw that a peak test makes.
    const PURPOSES: [Purpose; 4] = [Purpose::Bridge, Purpose::Beyond, Purpose::Peak, Purpose::Renew];

    fn each(draw: impl Fn(&mut Draws) -> f64) -> Vec<f64> {
        let noise = Noise::new(3, 1);
        (0..20_000).map(|level| draw(&mut noise.draws(Purpose::Peak, level, level % 7))).collect()
    }

    #[test]
    fn every_address_has_numbers_of_its_own_in_each_round() {
        let noise = Noise::new(3, 1);
        let mut seen = Vec::new();
        for purpose in PURPOSES {
            for level in 0..20 {
                seen.push(noise.ln_uniform(level).to_bits());
                seen.extend((0..20).map(|round| noise.draws(purpose, level, round).uniform().to_bits()));
            }
        }
        seen.sort_unstable();
        let before = seen.len();
        seen.dedup();
        // the uniform of a level's own test was looked at once for each purpose
        assert_eq!(seen.len(), before - 20 * (PURPOSES.len() - 1));
    }

    #[test]
    fn a_branch_has_another_chain_s_noise_from_its_level_on_and_the_same_start() {
        let (noise, other) = (Noise::new(3, 1), Noise::new(3, 9));
        let branched = noise.branch(5, 9);
        for level in 0..10 {
            let due = if level < 5 { noise } else { other };
            assert_eq!(branched.normals(Purpose::Step, level, 3), due.normals(Purpose::Step, level, 3));
            assert_eq!(branched.ln_uniform(level), due.ln_uniform(level));
        }
        assert_eq!(noise.branch(0, 9).normals(Purpose::Start, 0, 3), noise.normals(Purpose::Start, 0, 3));
        assert_ne!(branched.words(), noise.words());
    }

    #[test]
    fn draws_have_the_laws_they_are_named_for() {
        let normals = each(Draws::normal);
        assert!(Statistics::of(&normals).expect("enough").passed());
        // -ln of a uniform, made normal by its distribution function
        let uniforms = each(Draws::uniform);
        let exponentials = each(Draws::exponential);
        for (sample, cdf) in
            [(&uniforms, &(|u: f64| u) as &dyn Fn(f64) -> f64), (&exponentials, &|x: f64| 1.0 - libm::exp(-x))]
        {
            let mut sorted: Vec<f64> = sample.iter().map(|&x| cdf(x)).collect();
            sorted.sort_by(f64::total_cmp);
            let n = sorted.len() as f64;
            let far = sorted.iter().enumerate().map(|(i, u)| (u - (i as f64 + 0.5) / n).abs()).fold(0.0, f64::max);
            assert!(far * libm::sqrt(n) < crate::audit::CRITICAL_KS);
        }
    }

    #[test]
    fn an_inverse_gaussian_has_its_distribution_function_also_where_it_is_extreme() {
        let phi = |x: f64| 0.5 * libm::erfc(-x / core::f64::consts::SQRT_2);
        for (mu, lambda) in [(1.0, 1.0), (0.3, 2.0), (40.0, 0.5), (1e-3, 10.0)] {
            // Schroedinger 1915; exp(2 lambda / mu) times a tiny tail, in logarithms where it is large
            let cdf = |x: f64| {
                let root = libm::sqrt(lambda / x);
                let tail = phi(-root * (x / mu + 1.0));
                let second = if tail > 0.0 { libm::exp(2.0 * lambda / mu + libm::log(tail)) } else { 0.0 };
                phi(root * (x / mu - 1.0)) + second
            };
            let mut sorted: Vec<f64> =
                each(|draws| draws.inverse_gaussian(mu, lambda)).iter().map(|&x| cdf(x)).collect();
            sorted.sort_by(f64::total_cmp);
            let n = sorted.len() as f64;
            let far = sorted.iter().enumerate().map(|(i, u)| (u - (i as f64 + 0.5) / n).abs()).fold(0.0, f64::max);
            assert!(far * libm::sqrt(n) < crate::audit::CRITICAL_KS, "mu {mu}, lambda {lambda}: {far}");
        }
    }
}
