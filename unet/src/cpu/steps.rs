//! A graph with its weights, as steps between pieces of memory.

use super::attention::attend;
use super::conv::Conv;
use super::images::{Images, Onto};
use super::norm::Norm;
use super::scratch::{Scratch, room};
use crate::config::REFINED;
use crate::error::WeightsError;
use crate::graph::{self, Graph, Image, Op, Value};
use crate::host::{each, silu};
use crate::memory::{Memory, Slot};
use crate::tensors::Tensors;

/// What is done to the images in one piece of memory; the result goes to another.
#[derive(Debug)]
pub(super) struct Step {
    work: Work,
    from: (Slot, Image),
    to: (Slot, Image),
}

#[derive(Debug)]
enum Work {
    Conv(Conv, Onto),
    Norm(Norm),
    Attend,
    /// With the images in this piece, of so many channels.
    Join(Slot, usize),
    Double,
    Copy,
    /// Patches of so many pixels a side.
    Pixels(usize),
}

/// A forward pass, but for what the host does.
#[derive(Debug)]
pub(super) struct Steps {
    steps: Vec<Step>,
    /// Numbers a row of each piece of memory.
    pieces: Vec<usize>,
    /// Where the patches of a call are expected, and where the velocity is found.
    pub(super) input: (Slot, Image),
    pub(super) output: (Slot, Image),
}

/// What the steps of a call work on.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    /// One for each piece of memory.
    values: Vec<Vec<f32>>,
    scratch: Scratch,
}

impl Buffers {
    /// Images in a piece of memory that has room for them. Their numbers have no meaning yet.
    pub(super) fn images(&mut self, (slot, image): (Slot, Image), rows: usize) -> &mut [f32] {
        &mut self.values[slot][..rows * image.numbers()]
    }
}

impl Steps {
    /// # Errors
    /// [`WeightsError::Tensors`] naming the tensor that is missing or of another shape.
    pub(super) fn new(graph: &Graph, patch: usize, tensors: &mut Tensors) -> Result<Self, WeightsError> {
        let mut builder =
            Builder { graph, patch, tensors, memory: Memory::default(), at: Vec::new(), steps: Vec::new() };
        for (value, ended) in graph.ended().iter().enumerate() {
            builder.node(value, ended)?;
            for &value in ended {
                builder.memory.release(builder.at[value]);
            }
        }
        let (input, output) = (builder.place(0), builder.place(graph.output()));
        Ok(Self { steps: builder.steps, pieces: builder.memory.numbers().collect(), input, output })
    }

    /// Makes room for so many rows.
    pub(super) fn fit(&self, rows: usize, buffers: &mut Buffers) {
        buffers.values.resize_with(self.pieces.len(), Vec::new);
        for (value, numbers) in buffers.values.iter_mut().zip(&self.pieces) {
            room(value, rows * numbers);
        }
    }

    /// Goes through all of them for so many rows, for which there is [room](Steps::fit).
    ///
    /// # Shapes
    /// `modulations`: for each of the graph's, `[rows, 2 channels]`.
    pub(super) fn run(&self, rows: usize, modulations: &[Vec<f32>], buffers: &mut Buffers) {
        for step in &self.steps {
            step.run(rows, modulations, buffers);
        }
    }
}

impl Step {
    fn run(&self, rows: usize, modulations: &[Vec<f32>], buffers: &mut Buffers) {
        let mut to = core::mem::take(&mut buffers.values[self.to.0]);
        let y = &mut to[..rows * self.to.1.numbers()];
        let (slot, image) = self.from;
        let x = Images(&buffers.values[slot][..rows * image.numbers()], image);
        match &self.work {
            Work::Conv(conv, onto) => conv.run(x, *onto, y, &mut buffers.scratch),
            Work::Norm(norm) => norm.run(x, modulations, y),
            Work::Attend => attend(x, y, &mut buffers.scratch),
            Work::Join(second, channels) => join(x, &buffers.values[*second], *channels, y),
            Work::Double => double(x, y),
            Work::Copy => y.copy_from_slice(x.0),
            Work::Pixels(patch) => pixels(x, *patch, self.to.1.size, y),
        }
        buffers.values[self.to.0] = to;
    }
}

struct Builder<'a, 'b> {
    graph: &'a Graph,
    /// Pixels a side of a patch.
    patch: usize,
    tensors: &'a mut Tensors<'b>,
    memory: Memory,
    /// Where each value is, of those that there are so far.
    at: Vec<Slot>,
    steps: Vec<Step>,
}

impl Builder<'_, '_> {
    /// The steps that make a value. `ended` are those that nobody reads any more when they are done.
    fn node(&mut self, value: Value, ended: &[Value]) -> Result<(), WeightsError> {
        let graph = self.graph;
        let image = graph.nodes[value].image;
        match &graph.nodes[value].op {
            Op::Patches => {
                self.room(image);
            }
            Op::Conv { layer, from, onto } => self.conv(layer, *from, onto, image, ended)?,
            Op::Norm { layer, from, then } => {
                let (gamma, beta) = layer.take(self.tensors)?;
                self.step(Work::Norm(Norm { gamma, beta, then: *then }), *from, image);
            }
            Op::Attend { from } => self.step(Work::Attend, *from, image),
            Op::Join { first, second } => {
                let (slot, more) = self.place(*second);
                self.step(Work::Join(slot, more.channels), *first, image);
            }
            Op::Pixels { from } => self.step(Work::Pixels(self.patch), *from, image),
        }
        Ok(())
    }

    fn conv(
        &mut self,
        layer: &graph::Conv,
        from: Value,
        onto: &graph::Onto,
        image: Image,
        ended: &[Value],
    ) -> Result<(), WeightsError> {
        let sum = match onto {
            graph::Onto::Nothing => {
                self.room(image);
                Onto::Nothing
            }
            // in its place
            graph::Onto::Same(value) if ended.contains(value) => {
                let slot = self.at[*value];
                self.memory.hold(slot);
                self.at.push(slot);
                Onto::Sum
            }
            graph::Onto::Same(value) => {
                self.step(Work::Copy, *value, image);
                Onto::Sum
            }
            graph::Onto::Projected(skip, value) => {
                let work = Work::Conv(self.layer(skip, image.size)?, Onto::Nothing);
                self.step(work, *value, image);
                Onto::Sum
            }
        };
        let to = (self.at[self.at.len() - 1], image);
        let mut from = self.place(from);
        let mut doubled = None;
        if layer.doubled {
            let larger = Image { size: 2 * from.1.size, ..from.1 };
            let slot = self.memory.take(larger.numbers());
            self.steps.push(Step { work: Work::Double, from, to: (slot, larger) });
            from = (slot, larger);
            doubled = Some(slot);
        }
        let work = Work::Conv(self.layer(layer, from.1.size)?, sum);
        self.steps.push(Step { work, from, to });
        doubled.into_iter().for_each(|slot| self.memory.release(slot));
        Ok(())
    }

    /// A convolution of images of this size.
    fn layer(&mut self, layer: &graph::Conv, size: usize) -> Result<Conv, WeightsError> {
        let (weights, bias) = layer.take(self.tensors)?;
        Ok(Conv::new(layer, size, &weights, bias))
    }

    /// A step that makes the next value in memory of its own.
    fn step(&mut self, work: Work, from: Value, image: Image) {
        let from = self.place(from);
        let to = (self.room(image), image);
        self.steps.push(Step { work, from, to });
    }

    /// Memory for the next value.
    fn room(&mut self, image: Image) -> Slot {
        let slot = self.memory.take(image.numbers());
        self.at.push(slot);
        slot
    }

    fn place(&self, value: Value) -> (Slot, Image) {
        (self.at[value], self.graph.nodes[value].image)
    }
}

/// The channels of `x`, then those of `second`.
fn join(Images(x, image): Images, second: &[f32], more: usize, y: &mut [f32]) {
    let pixels = x.chunks_exact(image.channels).zip(second.chunks_exact(more));
    for (y, (first, second)) in y.chunks_exact_mut(image.channels + more).zip(pixels) {
        y[..image.channels].copy_from_slice(first);
        y[image.channels..].copy_from_slice(second);
    }
}

/// Twice the height and width, each pixel four times.
fn double(Images(x, Image { size, channels }): Images, y: &mut [f32]) {
    let line = size * channels;
    for (lines, x) in y.chunks_exact_mut(4 * line).zip(x.chunks_exact(line)) {
        let (first, second) = lines.split_at_mut(2 * line);
        for (pair, pixel) in first.chunks_exact_mut(2 * channels).zip(x.chunks_exact(channels)) {
            let (left, right) = pair.split_at_mut(channels);
            left.copy_from_slice(pixel);
            right.copy_from_slice(pixel);
        }
        second.copy_from_slice(first);
    }
}

/// `[rows, inner, inner, channels patch^2]` to `[rows, size, size, channels]`, through SiLU.
fn pixels(Images(x, image): Images, patch: usize, size: usize, y: &mut [f32]) {
    let area = patch * patch;
    for (i, y) in y.chunks_exact_mut(REFINED).enumerate() {
        let (column, line, row) = (i % size, i / size % size, i / (size * size));
        let pixel = (row * image.size + line / patch) * image.size + column / patch;
        let within = line % patch * patch + column % patch;
        for (channel, y) in y.iter_mut().enumerate() {
            *y = x[pixel * image.channels + channel * area + within];
        }
    }
    each(y, silu);
}
