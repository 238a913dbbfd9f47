//! The network: what it computes, from its weights, on the CPU, the same to the bit on every machine.
//!
//! A residual network whose blocks are told of level and observation by scales and shifts (FiLM: Perez et al. 2018). What
//! depends on the observation alone is computed once a plan, what depends on the level alone once a chain.

use core::f64::consts::{PI, TAU};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use speculative_diffusion_unet::WeightsError;
use speculative_diffusion_unet::parts::{Dense, Tensors, silu, verify};

use crate::block::{HAND, clearance};
use crate::pose::Vector;
use crate::world::Observation;

/// Numbers of a plan: x and y of each command.
pub const DIM: usize = 32;
/// Numbers of [`Network::features`].
pub const FEATURES: usize = 25;
/// Width of the first layer on the features.
pub const HIDDEN: usize = 192;
/// What is left of an observation for the blocks.
pub const CONDITION: usize = 96;
/// Sines and cosines of the time.
pub const TIME_FEATURES: usize = 32;
/// Width of the residual stream.
pub const WIDTH: usize = 240;
/// Residual blocks.
pub const LAYERS: usize = 3;
const EPSILON: f32 = 1e-5;

/// The file beside the weights: what they are, and how to tell that they arrived whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sidecar {
    /// The model's name.
    pub name: String,
    /// Mean of each number of a plan in the data.
    pub mean: Vec<f64>,
    /// Standard deviation of each number of a plan in the data.
    pub deviation: Vec<f64>,
    /// Length of the weights file.
    pub bytes: usize,
    /// SHA-256 of the weights file, in hexadecimal.
    pub sha256: String,
    /// Where the data came from, how the network was trained and what it reached; for people.
    #[serde(flatten)]
    pub about: serde_json::Map<String, serde_json::Value>,
}

impl Sidecar {
    /// From the file's text.
    ///
    /// # Errors
    /// [`WeightsError::Sidecar`] naming the field that is missing or wrong.
    pub fn parse(text: &str) -> Result<Self, WeightsError> {
        let sidecar: Self = serde_json::from_str(text).map_err(|error| WeightsError::Sidecar(error.to_string()))?;
        for (field, numbers) in [("mean", &sidecar.mean), ("deviation", &sidecar.deviation)] {
            if numbers.len() != DIM {
                return Err(WeightsError::Sidecar(format!("{field} has {} numbers, not {DIM}", numbers.len())));
            }
        }
        Ok(sidecar)
    }

    /// The network with these weights.
    ///
    /// # Errors
    /// [`WeightsError`] when length, hash, names or shapes differ.
    pub fn load(&self, weights: &[u8]) -> Result<Network, WeightsError> {
        self.verify(weights)?;
        self.build(weights)
    }

    /// The first half of [`Sidecar::load`]: whether these are the weights.
    ///
    /// # Errors
    /// [`WeightsError`] when length or hash differ.
    pub fn verify(&self, weights: &[u8]) -> Result<(), WeightsError> {
        verify(weights, self.bytes, &self.sha256)
    }

    /// The second half of [`Sidecar::load`]: the network with weights that were verified.
    ///
    /// # Errors
    /// [`WeightsError`] when names or shapes differ.
    pub fn build(&self, weights: &[u8]) -> Result<Network, WeightsError> {
        let mut tensors = Tensors::parse(weights)?;
        let mut dense = |name: &str, from, to| Dense::take(&mut tensors, name, from, to);
        let see = [dense("see1", FEATURES, HIDDEN)?, dense("see2", HIDDEN, CONDITION)?];
        let input = dense("input", DIM, WIDTH)?;
        let block = |i: usize| {
            Ok(Block {
                condition: dense(&format!("blocks.{i}.condition"), CONDITION, 2 * WIDTH)?,
                time: dense(&format!("blocks.{i}.time"), TIME_FEATURES, 2 * WIDTH)?,
                up: dense(&format!("blocks.{i}.up"), WIDTH, WIDTH)?,
                down: dense(&format!("blocks.{i}.down"), WIDTH, WIDTH)?,
            })
        };
        let blocks = (0..LAYERS).map(block).collect::<Result<_, WeightsError>>()?;
        let output = Dense::take(&mut tensors, "output", WIDTH, DIM)?;
        tensors.finish()?;
        let (mean, deviation) = (self.mean.clone(), self.deviation.clone());
        Ok(Network(Arc::new(Inner { mean, deviation, see, input, blocks, output })))
    }
}

/// The policy's network with its weights. Clones share them.
#[derive(Clone, Debug)]
pub struct Network(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    mean: Vec<f64>,
    deviation: Vec<f64>,
    see: [Dense; 2],
    input: Dense,
    blocks: Vec<Block>,
    output: Dense,
}

#[derive(Clone, Debug)]
struct Block {
    condition: Dense,
    time: Dense,
    up: Dense,
    down: Dense,
}

/// What each block is told.
pub(crate) type Film = Vec<Vec<f32>>;

/// Sines and cosines of a time in [0, 1] at even frequencies.
pub fn time_features(t: f64) -> impl Iterator<Item = f32> {
    const HALF: usize = TIME_FEATURES / 2;
    let angle = move |i: usize| PI * (0.5 * i as f64 + 0.5) * t;
    (0..HALF).map(move |i| libm::sin(angle(i)) as f32).chain((0..HALF).map(move |i| libm::cos(angle(i)) as f32))
}

impl Network {
    /// What the first layer takes of an observation: its numbers in units of their size, the hand's place as waves, and
    /// what tells near from far.
    pub fn features(seen: &Observation) -> Vec<f32> {
        /// Wavelengths in pixels.
        const WAVES: [f64; 3] = [240.0, 120.0, 60.0];
        let [x, y, vx, vy, goal_x, goal_y, cos, sin] = *seen;
        let mut features = [x, y, vx, vy, goal_x, goal_y].map(|number| number / 100.0).to_vec();
        features.extend([cos, sin]);
        for wave in WAVES {
            let ((sin_x, cos_x), (sin_y, cos_y)) = (libm::sincos(TAU / wave * x), libm::sincos(TAU / wave * y));
            features.extend([sin_x, sin_y, cos_x, cos_y]);
        }
        let near = clearance([x, y]).max(0.0);
        features.extend([goal_x / 20.0, goal_y / 20.0, 5.0 * sin, (near - HAND) / HAND, near / 100.0].map(libm::tanh));
        features.into_iter().map(|x| x as f32).collect()
    }

    /// What each block is told of an observation.
    pub(crate) fn condition(&self, seen: &Observation) -> Film {
        let [first, second] = &self.0.see;
        let mut hidden = first.run(&Self::features(seen), 1);
        silu(&mut hidden);
        let mut condition = second.run(&hidden, 1);
        silu(&mut condition);
        self.0.blocks.iter().map(|block| block.condition.run(&condition, 1)).collect()
    }

    /// What each block is told of a time.
    pub(crate) fn time(&self, t: f64) -> Film {
        let features: Vec<f32> = time_features(t).collect();
        self.0.blocks.iter().map(|block| block.time.run(&features, 1)).collect()
    }

    /// The velocity of each row. `films` is what the row's blocks are told of the time, and of the observation.
    ///
    /// # Shapes
    /// `states`: `[rows, DIM]`, as the result.
    pub(crate) fn velocities(&self, states: &[f32], films: &[(&Film, &Film)]) -> Vec<f32> {
        let rows = films.len();
        let mut stream = self.0.input.run(states, rows);
        let mut normed = vec![0.0; stream.len()];
        for (i, block) in self.0.blocks.iter().enumerate() {
            let each = stream.chunks_exact(WIDTH).zip(normed.chunks_exact_mut(WIDTH)).zip(films);
            for ((x, y), (time, seen)) in each {
                modulate(x, &time[i], &seen[i], y);
            }
            let mut inner = block.up.run(&normed, rows);
            silu(&mut inner);
            for (x, change) in stream.iter_mut().zip(block.down.run(&inner, rows)) {
                *x += change;
            }
        }
        self.0.output.run(&stream, rows)
    }

    /// A sample as displacements from the hand, in the block's frame.
    pub(crate) fn displacements(&self, sample: &[f64]) -> Vec<Vector> {
        let numbers = sample.iter().zip(&self.0.deviation).zip(&self.0.mean).map(|((x, s), m)| x * s + m);
        let numbers: Vec<f64> = numbers.collect();
        numbers.as_chunks().0.to_vec()
    }
}

/// Layer normalisation (Ba et al. 2016), scaled and shifted by what two films say together.
fn modulate(x: &[f32], time: &[f32], seen: &[f32], y: &mut [f32]) {
    let mean = sum(x, |x| x) / WIDTH as f32;
    let variance = sum(x, |x| (x - mean) * (x - mean)) / WIDTH as f32;
    let scale = 1.0 / (variance + EPSILON).sqrt();
    let ((time_scale, time_shift), (seen_scale, seen_shift)) = (time.split_at(WIDTH), seen.split_at(WIDTH));
    for i in 0..WIDTH {
        y[i] = (x[i] - mean) * scale * (1.0 + time_scale[i] + seen_scale[i]) + time_shift[i] + seen_shift[i];
    }
}

/// Sums in eights, in the same order on every machine.
fn sum(x: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0_f32; 8];
    for eight in x.as_chunks::<8>().0 {
        for (sum, x) in sums.iter_mut().zip(eight) {
            *sum += of(*x);
        }
    }
    sums.iter().sum()
}
