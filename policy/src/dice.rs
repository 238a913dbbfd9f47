//! Random numbers one after the other, the same on every machine.

use speculative_diffusion::{Noise, Purpose};

/// A sequence of random numbers, given by two numbers.
#[derive(Clone, Debug)]
pub struct Dice {
    noise: Noise,
    drawn: usize,
}

impl Dice {
    /// The sequence of this seed and number.
    pub fn new(seed: u64, number: u64) -> Self {
        Self { noise: Noise::new(seed, number), drawn: 0 }
    }

    /// Uniform in (0, 1].
    pub fn uniform(&mut self) -> f64 {
        self.drawn += 1;
        libm::exp(self.noise.ln_uniform(self.drawn))
    }

    /// Uniform between two numbers.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// One of `0..count`.
    pub fn below(&mut self, count: usize) -> usize {
        ((self.uniform() * count as f64) as usize).min(count - 1)
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        self.drawn += 1;
        self.noise.normals(Purpose::Start, self.drawn, 1)[0]
    }
}
