//! A graph with its weights, as a list of dispatches: which kernel, on which buffers.

use half::f16;

use super::kernels::{Kernel, THREADS};
use crate::config::{GROUPS, HEADS};
use crate::error::WeightsError;
use crate::graph::{Conv, Graph, Image, Norm, Onto, Op, Then, Value};
use crate::memory::{Memory, Slot};
use crate::tensors::Tensors;

/// How many rows there are, and the embedding of each.
pub(super) const CALL: Slot = 0;
/// The images, after that in the same upload.
pub(super) const IMAGES: Slot = 1;
/// Factors and shifts of every block.
const MODULATION: Slot = 2;

/// One dispatch.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) kernel: Kernel,
    /// The numbers of the kernel's `Shape`.
    pub(super) shape: Vec<u32>,
    pub(super) reads: Vec<Slot>,
    pub(super) write: Slot,
    /// Threads for each row.
    pub(super) threads: usize,
}

/// A forward pass of one network.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// All weights, laid out as the kernels read them: those of convolutions and dense layers as two halves a word,
    /// which is what they are in the file; all others as a float a word.
    pub(super) weights: Vec<u32>,
    /// Numbers a row of each buffer.
    pub(super) buffers: Vec<usize>,
    pub(super) output: Images,
}

/// Images in a buffer, `[rows, size, size, channels]`; the channels are a multiple of four.
#[derive(Clone, Copy, Debug)]
pub(super) struct Images {
    pub(super) buffer: Slot,
    size: usize,
    pub(super) channels: usize,
}

impl Images {
    fn new(buffer: Slot, image: Image) -> Self {
        let Image { size, channels } = padded(image);
        Self { buffer, size, channels }
    }

    pub(super) fn numbers(&self) -> usize {
        self.size * self.size * self.channels
    }
}

/// With channels by fours.
fn padded(image: Image) -> Image {
    Image { channels: image.channels.next_multiple_of(4), ..image }
}

/// Where a value is: joined values stay where they were, and what reads them reads both.
#[derive(Clone, Copy)]
struct Place {
    first: Images,
    second: Option<Images>,
}

impl Place {
    fn channels(&self) -> [usize; 2] {
        [self.first.channels, self.second.map_or(0, |images| images.channels)]
    }

    /// The buffers, the first again where there is no second.
    fn buffers(&self) -> [Slot; 2] {
        [self.first.buffer, self.second.unwrap_or(self.first).buffer]
    }
}

struct Builder<'a, 'b> {
    graph: &'a Graph,
    /// Pixels a side of a patch.
    patch: usize,
    tensors: &'a mut Tensors<'b>,
    memory: Memory,
    /// Of each value that there is so far.
    places: Vec<Place>,
    steps: Vec<Step>,
    weights: Vec<u32>,
}

impl Plan {
    /// The forward pass of a network with these weights; all of them but the embedding's.
    ///
    /// # Errors
    /// [`WeightsError::Tensors`] naming the tensor that is missing or of another shape.
    pub(super) fn new(graph: &Graph, patch: usize, tensors: &mut Tensors) -> Result<Self, WeightsError> {
        let mut memory = Memory::default();
        for numbers in [graph.label.width, padded(graph.nodes[0].image).numbers(), modulation_width(graph)] {
            memory.take(numbers);
        }
        let (places, steps, weights) = Default::default();
        let mut builder = Builder { graph, patch, tensors, memory, places, steps, weights };
        builder.modulation()?;
        for (node, ended) in graph.nodes.iter().zip(graph.ended()) {
            let place = builder.node(&node.op, node.image)?;
            builder.places.push(place);
            for value in ended {
                builder.release(value);
            }
        }
        let output = builder.whole(graph.output());
        let Builder { memory, steps, weights, .. } = builder;
        Ok(Self { steps, weights, buffers: memory.numbers().collect(), output })
    }
}

/// Factors and shifts of all blocks.
fn modulation_width(graph: &Graph) -> usize {
    graph.modulations.iter().map(|layer| layer.to).sum()
}

impl Builder<'_, '_> {
    fn node(&mut self, op: &Op, image: Image) -> Result<Place, WeightsError> {
        let images = match op {
            Op::Patches => {
                // the call's own, and no value's to be
                self.memory.hold(IMAGES);
                Images::new(IMAGES, image)
            }
            Op::Conv { layer, from, onto } => self.conv(layer, *from, onto, image)?,
            Op::Norm { layer, from, then } => self.norm(layer, *from, *then, image)?,
            Op::Attend { from } => self.attend(*from, image),
            Op::Join { first, second } => {
                let (first, second) = (self.whole(*first), self.whole(*second));
                self.memory.hold(first.buffer);
                self.memory.hold(second.buffer);
                return Ok(Place { first, second: Some(second) });
            }
            Op::Pixels { from } => self.pixels(*from, image),
        };
        Ok(Place { first: images, second: None })
    }

    /// The dense layers of all blocks, as one.
    fn modulation(&mut self) -> Result<(), WeightsError> {
        let (graph, from, width) = (self.graph, self.graph.label.width, modulation_width(self.graph));
        let mut weights = vec![0.0; from * width];
        let mut bias = Vec::with_capacity(width);
        for layer in &graph.modulations {
            let (layer_weights, layer_bias) = layer.take(self.tensors)?;
            for (row, layer_row) in weights.chunks_exact_mut(width).zip(layer_weights.chunks_exact(layer.to)) {
                row[bias.len()..][..layer.to].copy_from_slice(layer_row);
            }
            bias.extend(layer_bias);
        }
        let (weights, bias) = (self.halves(weights), self.floats(bias));
        self.steps.push(Step {
            kernel: Kernel::Dense,
            shape: numbers([from / 4, width / 4, weights / 2, bias / 2]),
            reads: vec![CALL],
            write: MODULATION,
            threads: width / 4,
        });
        Ok(())
    }

    fn conv(&mut self, layer: &Conv, from: Value, onto: &Onto, image: Image) -> Result<Images, WeightsError> {
        let (x, y) = (self.whole(from), self.images(image));
        let (weights, mut bias) = layer.take(self.tensors)?;
        let weights = self.halves(padded_kernel(layer, &weights, x.channels, y.channels));
        let (onto, other, skip) = match onto {
            Onto::Nothing => (0, Place { first: x, second: None }, 0),
            Onto::Same(value) => (1, self.places[*value], 0),
            Onto::Projected(skip, value) => (2, self.places[*value], self.projection(skip, &mut bias)?),
        };
        let bias = self.floats(bias);
        let ([a, b], [a_buffer, b_buffer]) = (other.channels(), other.buffers());
        self.steps.push(Step {
            kernel: Kernel::Conv,
            shape: numbers([
                x.channels / 4,
                y.channels / 4,
                x.size,
                y.size,
                layer.stride,
                usize::from(layer.doubled),
                layer.kernel,
                weights / 2,
                bias / 2,
                onto,
                a / 4,
                b / 4,
                skip / 2,
            ]),
            reads: vec![CALL, x.buffer, a_buffer, b_buffer],
            write: y.buffer,
            threads: y.channels / 4 * y.size * y.size.div_ceil(4),
        });
        Ok(y)
    }

    /// The weights `[from, to]` of a 1x1 convolution whose bias joins another's.
    fn projection(&mut self, layer: &Conv, bias: &mut [f32]) -> Result<usize, WeightsError> {
        let (weights, own) = layer.take(self.tensors)?;
        for (sum, own) in bias.iter_mut().zip(own) {
            *sum += own;
        }
        Ok(self.halves((0..layer.from * layer.to).map(|i| weights[i % layer.to * layer.from + i / layer.to])))
    }

    fn norm(&mut self, layer: &Norm, from: Value, then: Then, image: Image) -> Result<Images, WeightsError> {
        let (x, y) = (self.places[from], self.images(image));
        let (factors, shifts) = layer.take(self.tensors)?;
        let affine = self.floats(factors.into_iter().chain(shifts));
        let (then, first) = match then {
            Then::Nothing => (0, 0),
            Then::Silu => (1, 0),
            Then::Modulated(index) => (2, self.graph.modulations[..index].iter().map(|layer| layer.to).sum()),
        };
        let ([a, b], [a_buffer, b_buffer]) = (x.channels(), x.buffers());
        let width = modulation_width(self.graph);
        self.steps.push(Step {
            kernel: Kernel::Norm,
            shape: numbers([a, b, image.pixels(), GROUPS, affine, then, width, first]),
            reads: vec![a_buffer, b_buffer, MODULATION],
            write: y.buffer,
            threads: GROUPS * THREADS,
        });
        Ok(y)
    }

    fn attend(&mut self, from: Value, image: Image) -> Images {
        let (x, y) = (self.whole(from), self.images(image));
        self.steps.push(Step {
            kernel: Kernel::Attend,
            shape: numbers([y.channels, image.pixels(), y.channels / HEADS]),
            reads: vec![CALL, x.buffer],
            write: y.buffer,
            threads: y.numbers(),
        });
        y
    }

    fn pixels(&mut self, from: Value, image: Image) -> Images {
        let (x, y) = (self.whole(from), self.images(image));
        self.steps.push(Step {
            kernel: Kernel::Pixels,
            shape: numbers([y.channels, y.size, x.size, self.patch]),
            reads: vec![CALL, x.buffer],
            write: y.buffer,
            threads: y.numbers(),
        });
        y
    }

    /// The word at which these weights begin, two in a word: an even one.
    fn halves(&mut self, weights: impl IntoIterator<Item = f32>) -> usize {
        let halves: Vec<u32> = weights.into_iter().map(|weight| f16::from_f32(weight).to_bits().into()).collect();
        self.words(halves.chunks(2).map(|pair| pair[0] | pair.get(1).unwrap_or(&0) << 16))
    }

    /// As [`Builder::halves`], one in a word.
    fn floats(&mut self, weights: impl IntoIterator<Item = f32>) -> usize {
        self.words(weights.into_iter().map(f32::to_bits))
    }

    fn words(&mut self, words: impl Iterator<Item = u32>) -> usize {
        let first = self.weights.len();
        self.weights.extend(words);
        self.weights.resize(self.weights.len().next_multiple_of(2), 0);
        first
    }

    /// A buffer for a value.
    fn images(&mut self, image: Image) -> Images {
        Images::new(self.memory.take(padded(image).numbers()), image)
    }

    /// A value that is not joined of two: normalisations and projections alone read those.
    fn whole(&self, value: Value) -> Images {
        let Place { first, second } = self.places[value];
        debug_assert!(second.is_none(), "value {value} is in two buffers");
        first
    }

    fn release(&mut self, value: Value) {
        let Place { first, second } = self.places[value];
        for images in [first].into_iter().chain(second) {
            self.memory.release(images.buffer);
        }
    }
}

/// The weights of a kernel as `[kernel, kernel, from, to]`, zeros after the layer's own channels.
fn padded_kernel(layer: &Conv, weights: &[f32], from: usize, to: usize) -> impl Iterator<Item = f32> {
    let taps = layer.kernel * layer.kernel;
    (0..taps * from * to).map(move |i| {
        let (tap, channel, out) = (i / (from * to), i / to % from, i % to);
        if channel < layer.from && out < layer.to { weights[(out * layer.from + channel) * taps + tap] } else { 0.0 }
    })
}

fn numbers<const N: usize>(numbers: [usize; N]) -> Vec<u32> {
    numbers.iter().map(|&number| number as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::{Plan, Step};
    use crate::Sidecar;
    use crate::graph::Graph;
    use crate::host::Embedding;
    use crate::tensors::Tensors;

    fn plan(weights: &[u8], sidecar: &str) -> Plan {
        let config = Sidecar::parse(sidecar).expect("the committed sidecar").network;
        let (graph, mut tensors) = (Graph::new(&config), Tensors::parse(weights).expect("the committed weights"));
        Embedding::take(&graph, &mut tensors).expect("the committed weights");
        let plan = Plan::new(&graph, config.patch, &mut tensors).expect("the committed weights");
        tensors.finish().expect("every tensor is used");
        plan
    }

    macro_rules! plan {
        ($name:literal) => {
            plan(
                include_bytes!(concat!("../../../assets/", $name, ".bpk")),
                include_str!(concat!("../../../assets/", $name, ".json")),
            )
        };
    }

    #[test]
    fn a_forward_pass_is_so_many_dispatches_and_none_writes_what_it_reads() {
        for (plan, dispatches) in [(plan!("faces"), 56), (plan!("fashion"), 58)] {
            assert_eq!(plan.steps.len(), dispatches);
            let apart = |step: &Step| !step.reads.contains(&step.write);
            assert!(plan.steps.iter().all(apart));
        }
    }
}
