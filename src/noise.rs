//! Every random number of a run, by address and never by call order.
//!
//! A number depends on (seed, chain, purpose, level) alone, so the window length, the draft and the device can change
//! what is computed but never what is drawn. That makes runs replayable, and it is what exactness rests on: a level's
//! noise is the same however often the step is drafted, and untouched by the tests of earlier levels. Each level is
//! committed once, so one draw a level is all that is ever used.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// What a number is for; part of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The first state `y_0`.
    Start,
    /// The noise `z_k` of step `k`.
    Step,
    /// The uniform `u_k` of the test at step `k`.
    Test,
    /// A second normal for one of the wrong rules; no exact sampler draws it.
    Redraw,
}

/// The noise of one chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noise {
    seed: u64,
    chain: u64,
    /// From this level on, steps and tests draw from this chain number instead.
    branch: Option<(usize, u64)>,
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

    fn stream(&self, purpose: Purpose, level: usize) -> ChaCha8Rng {
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
        };
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(level as u64);
        rng
    }

    /// `dim` independent standard normals.
    ///
    /// # Reference
    /// Box & Muller 1958. In libm, so that native and wasm agree to the bit.
    pub fn normals(&self, purpose: Purpose, level: usize, dim: usize) -> Vec<f64> {
        let mut rng = self.stream(purpose, level);
        let mut normals = Vec::with_capacity(dim + 1);
        while normals.len() < dim {
            let radius = libm::sqrt(-2.0 * libm::log(unit(rng.next_u64())));
            let angle = core::f64::consts::TAU * unit(rng.next_u64());
            normals.push(radius * libm::cos(angle));
            normals.push(radius * libm::sin(angle));
        }
        normals.truncate(dim);
        normals
    }

    /// `ln u` for a uniform `u` in `(0, 1]`.
    pub fn ln_uniform(&self, level: usize) -> f64 {
        libm::log(unit(self.stream(Purpose::Test, level).next_u64()))
    }
}

/// The upper 53 bits as a number in `(0, 1]`.
fn unit(bits: u64) -> f64 {
    ((bits >> 11) + 1) as f64 / (1_u64 << 53) as f64
}
