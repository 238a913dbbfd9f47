//! The U-Net on a CPU: the same network as [`UNet`](super::UNet), computed by this crate alone.
//!
//! Images lie with their channels together, `[rows, height, width, channels]`. Every number is computed by the same
//! operations in the same order on every machine, in a batch of any size, so a run on this network can be repeated
//! anywhere to the bit.

mod conv;
mod layers;
mod product;
mod simd;

pub(super) use self::layers::Linear;
pub(super) use self::simd::{each, silu};

use std::sync::{Arc, Mutex, PoisonError};

use self::conv::{Conv, Images, Onto, Shape};
use self::layers::{Attention, Norm, Then};
use super::config::{REFINED, UNetConfig};
use super::embedding::Embedding;
use super::images::{patches, planes};
use super::tensors::Tensors;
use super::weights::WeightsError;

/// A denoiser on the CPU. Clones share the weights.
#[derive(Clone, Debug)]
pub struct CpuUNet(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: UNetConfig,
    embedding: Embedding,
    input: Conv,
    down: Vec<ResBlock>,
    downsample: Vec<Conv>,
    middle1: ResBlock,
    attention: Attention,
    middle2: ResBlock,
    up: Vec<ResBlock>,
    upsample: Vec<Conv>,
    norm: Norm,
    output: Conv,
    refine: Option<Conv>,
    /// Buffers of calls that have ended, for those to come.
    spare: Mutex<Vec<Scratch>>,
}

/// Buffers that have been used before.
#[derive(Debug, Default)]
struct Scratch(Vec<Vec<f32>>);

impl Scratch {
    /// A buffer of `len` numbers, of whatever value.
    fn take(&mut self, len: usize) -> Vec<f32> {
        // the smallest that is large enough, else the largest
        let fits = |buffer: &Vec<f32>| (buffer.capacity() < len, buffer.capacity().abs_diff(len));
        let best = (0..self.0.len()).min_by_key(|&i| fits(&self.0[i]));
        let mut buffer = best.map(|i| self.0.swap_remove(i)).unwrap_or_default();
        buffer.resize(len, 0.0);
        buffer
    }

    fn give<const N: usize>(&mut self, buffers: [Vec<f32>; N]) {
        self.0.extend(buffers);
    }
}

/// Two convolutions around a skip, the second one's input scaled and shifted by the embedding.
#[derive(Debug)]
struct ResBlock {
    norm1: Norm,
    conv1: Conv,
    norm2: Norm,
    conv2: Conv,
    embed: Linear,
    skip: Option<Conv>,
    to: usize,
}

impl ResBlock {
    /// The block's output in the place of `x`.
    fn run(&self, x: &mut Vec<f32>, shape: Shape, embedding: &[f32], scratch: &mut Scratch) -> Shape {
        let out = shape.with(self.to);
        let modulation = self.embed.run(embedding, shape.rows);
        let mut normed = scratch.take(shape.len());
        self.norm1.run(x, shape, Then::Silu, &mut normed);
        let mut h = scratch.take(out.len());
        self.conv1.run(Images(&normed, shape), Onto::Nothing, &mut h, scratch);
        normed.resize(out.len(), 0.0);
        self.norm2.run(&h, out, Then::Modulated(&modulation), &mut normed);
        if let Some(skip) = &self.skip {
            skip.run(Images(x, shape), Onto::Nothing, &mut h, scratch);
            core::mem::swap(x, &mut h);
        }
        self.conv2.run(Images(&normed, out), Onto::Sum, x, scratch);
        scratch.give([normed, h]);
        out
    }
}

/// Takes layers out of a weights file by name.
struct Layers<'a>(Tensors<'a>);

impl Layers<'_> {
    fn conv(
        &mut self,
        name: &str,
        (from, to): (usize, usize),
        (kernel, stride): (usize, usize),
        size: usize,
    ) -> Result<Conv, WeightsError> {
        let weights = self.0.take(&format!("{name}.weight"), &[to, from, kernel, kernel])?;
        let bias = self.0.take(&format!("{name}.bias"), &[to])?;
        Ok(Conv::new((kernel, stride), size, &weights, bias))
    }

    fn norm(&mut self, name: &str, channels: usize) -> Result<Norm, WeightsError> {
        let gamma = self.0.take(&format!("{name}.gamma"), &[channels])?;
        Ok(Norm { gamma, beta: self.0.take(&format!("{name}.beta"), &[channels])? })
    }

    fn block(
        &mut self,
        name: &str,
        (from, to): (usize, usize),
        embedding: usize,
        size: usize,
    ) -> Result<ResBlock, WeightsError> {
        let skip = (from != to).then(|| self.conv(&format!("{name}.skip"), (from, to), (1, 1), size));
        Ok(ResBlock {
            norm1: self.norm(&format!("{name}.norm1"), from)?,
            conv1: self.conv(&format!("{name}.conv1"), (from, to), (3, 1), size)?,
            norm2: self.norm(&format!("{name}.norm2"), to)?,
            conv2: self.conv(&format!("{name}.conv2"), (to, to), (3, 1), size)?,
            embed: Linear::take(&mut self.0, &format!("{name}.embed"), embedding, 2 * to)?,
            skip: skip.transpose()?,
            to,
        })
    }
}

impl CpuUNet {
    /// The network of this shape with these weights, in the order in which [`UNet`](super::UNet) names them.
    ///
    /// # Errors
    /// [`WeightsError::Tensors`] naming the tensor that is missing, of another shape, or too many.
    pub(super) fn new(config: &UNetConfig, weights: Tensors) -> Result<Self, WeightsError> {
        let mut layers = Layers(weights);
        let embedding = config.embedding();
        let blocks = config.blocks();
        let halvings = blocks.down.len() - 1;
        let size_at = |level: usize| config.inner_size() >> level;

        let (mut down, mut downsample) = (Vec::new(), Vec::new());
        let mut width = config.base;
        for (level, &(from, to)) in blocks.down.iter().enumerate() {
            down.push(layers.block(&format!("down.{level}"), (from, to), embedding, size_at(level))?);
            width = to;
            if level < halvings {
                downsample.push(layers.conv(&format!("downsample.{level}"), (width, width), (3, 2), size_at(level))?);
            }
        }
        let bottom = size_at(halvings);
        let middle1 = layers.block("middle1", (width, width), embedding, bottom)?;
        let attention = Attention {
            norm: layers.norm("attention.norm", width)?,
            query_key_value: layers.conv("attention.query_key_value", (width, 3 * width), (1, 1), bottom)?,
            output: layers.conv("attention.output", (width, width), (1, 1), bottom)?,
        };
        let middle2 = layers.block("middle2", (width, width), embedding, bottom)?;
        let (mut up, mut upsample) = (Vec::new(), Vec::new());
        for (i, &(from, to)) in blocks.up.iter().enumerate() {
            let level = halvings - i / 2;
            up.push(layers.block(&format!("up.{i}"), (from, to), embedding, size_at(level))?);
            width = to;
            if i % 2 == 1 && level > 0 {
                let name = format!("upsample.{}", upsample.len());
                upsample.push(layers.conv(&name, (width, width), (3, 1), size_at(level - 1))?);
            }
        }
        let (channels, patch, size) = (config.channels, config.patch, config.size);
        let area = patch * patch;
        let out = if patch == 1 { channels } else { REFINED * area };
        let refine = (patch > 1).then(|| layers.conv("refine", (REFINED, channels), (3, 1), size));
        let inner = Inner {
            config: config.clone(),
            embedding: Embedding::take(config, &mut layers.0)?,
            input: layers.conv("input", (channels * area, config.base), (3, 1), config.inner_size())?,
            down,
            downsample,
            middle1,
            attention,
            middle2,
            up,
            upsample,
            norm: layers.norm("norm", width)?,
            output: layers.conv("output", (width, out), (3, 1), config.inner_size())?,
            refine: refine.transpose()?,
            spare: Mutex::default(),
        };
        layers.0.finish()?;
        Ok(Self(Arc::new(inner)))
    }

    /// The predicted velocity of each row.
    ///
    /// # Shapes
    /// `x`: `[rows, channels, size, size]`; `times` and `labels`: one a row. Result: the shape of `x`.
    pub(crate) fn forward(&self, x: &[f32], times: &[f64], labels: &[usize]) -> Vec<f32> {
        if times.is_empty() {
            return Vec::new();
        }
        let net = &*self.0;
        // a thread that panicked left nothing half done behind: buffers have no meaning
        let spare = || net.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = spare().pop().unwrap_or_default();
        let y = net.forward(x, times, labels, &mut scratch);
        spare().push(scratch);
        y
    }
}

impl Inner {
    fn forward(&self, x: &[f32], times: &[f64], labels: &[usize], scratch: &mut Scratch) -> Vec<f32> {
        let rows = times.len();
        let embedding = self.embedding.run(times, labels);
        let inner = self.config.inner_size();
        let shape = Shape { rows, size: inner, channels: self.config.channels * self.config.patch * self.config.patch };
        let patches = patches(&self.config, x, shape.channels);
        let mut out = shape.with(self.config.base);
        let mut h = scratch.take(out.len());
        self.input.run(Images(&patches, shape), Onto::Nothing, &mut h, scratch);

        let mut skips = vec![copy(&h, scratch)];
        for (level, block) in self.down.iter().enumerate() {
            out = block.run(&mut h, out, &embedding, scratch);
            skips.push(copy(&h, scratch));
            if let Some(conv) = self.downsample.get(level) {
                let half = Shape { size: out.size / 2, ..out };
                let mut smaller = scratch.take(half.len());
                conv.run(Images(&h, out), Onto::Nothing, &mut smaller, scratch);
                scratch.give([core::mem::replace(&mut h, smaller)]);
                out = half;
                skips.push(copy(&h, scratch));
            }
        }
        out = self.middle1.run(&mut h, out, &embedding, scratch);
        self.attention.run(&mut h, out, scratch);
        out = self.middle2.run(&mut h, out, &embedding, scratch);
        for (level, pair) in self.up.chunks(2).enumerate() {
            for block in pair {
                let skip = skips.pop().unwrap_or_default();
                out = append(&mut h, out, skip, scratch);
                out = block.run(&mut h, out, &embedding, scratch);
            }
            if let Some(conv) = self.upsample.get(level) {
                let twice = Shape { size: out.size * 2, ..out };
                let mut larger = scratch.take(twice.len());
                double(&h, out, &mut larger);
                h.resize(twice.len(), 0.0);
                conv.run(Images(&larger, twice), Onto::Nothing, &mut h, scratch);
                scratch.give([larger]);
                out = twice;
            }
        }
        let mut normed = scratch.take(out.len());
        self.norm.run(&h, out, Then::Silu, &mut normed);
        let last = out.with(match &self.refine {
            Some(_) => REFINED * self.config.patch * self.config.patch,
            None => self.config.channels,
        });
        h.resize(last.len(), 0.0);
        self.output.run(Images(&normed, out), Onto::Nothing, &mut h, scratch);
        let velocity = match &self.refine {
            Some(conv) => {
                let shape = Shape { rows, size: self.config.size, channels: REFINED };
                let mut pixels = scratch.take(shape.len());
                self.pixels(&h, last, &mut pixels);
                h.resize(shape.with(self.config.channels).len(), 0.0);
                conv.run(Images(&pixels, shape), Onto::Nothing, &mut h, scratch);
                scratch.give([pixels]);
                planes(&self.config, &h, self.config.channels)
            }
            None => planes(&self.config, &h, self.config.channels),
        };
        scratch.give([h, normed]);
        velocity
    }

    /// `[rows, inner, inner, channels patch^2]` to `[rows, size, size, channels]`, through SiLU.
    fn pixels(&self, x: &[f32], shape: Shape, y: &mut [f32]) {
        let UNetConfig { size, patch, .. } = self.config;
        let area = patch * patch;
        for (i, y) in y.chunks_exact_mut(REFINED).enumerate() {
            let (column, line, row) = (i % size, i / size % size, i / (size * size));
            let pixel = (row * shape.size + line / patch) * shape.size + column / patch;
            let within = line % patch * patch + column % patch;
            for (channel, y) in y.iter_mut().enumerate() {
                *y = x[pixel * shape.channels + channel * area + within];
            }
        }
        each(y, silu);
    }
}

fn copy(x: &[f32], scratch: &mut Scratch) -> Vec<f32> {
    let mut y = scratch.take(x.len());
    y.copy_from_slice(x);
    y
}

/// Puts the channels of `skip` behind those of `x`.
fn append(x: &mut Vec<f32>, shape: Shape, skip: Vec<f32>, scratch: &mut Scratch) -> Shape {
    let own = shape.channels;
    let further = skip.len() / (shape.rows * shape.pixels());
    let both = shape.with(own + further);
    let mut y = scratch.take(both.len());
    let pixels = x.chunks_exact(own).zip(skip.chunks_exact(further));
    for (y, (own_values, skip)) in y.chunks_exact_mut(both.channels).zip(pixels) {
        y[..own].copy_from_slice(own_values);
        y[own..].copy_from_slice(skip);
    }
    scratch.give([core::mem::replace(x, y), skip]);
    both
}

/// Twice the height and width, each pixel four times.
fn double(x: &[f32], shape: Shape, y: &mut [f32]) {
    let line = shape.size * shape.channels;
    for (lines, x) in y.chunks_exact_mut(4 * line).zip(x.chunks_exact(line)) {
        let (first, second) = lines.split_at_mut(2 * line);
        for (pair, pixel) in first.chunks_exact_mut(2 * shape.channels).zip(x.chunks_exact(shape.channels)) {
            let (left, right) = pair.split_at_mut(shape.channels);
            left.copy_from_slice(pixel);
            right.copy_from_slice(pixel);
        }
        second.copy_from_slice(first);
    }
}
