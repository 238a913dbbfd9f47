//! A forward pass as a list of dispatches: which kernel, on which buffers, with which weights.

use half::f16;

use super::kernels::{Kernel, THREADS};
use crate::network::config::{GROUPS, HEADS, REFINED, UNetConfig};
use crate::network::tensors::Tensors;
use crate::network::weights::WeightsError;

/// One of a plan's buffers.
pub(super) type Buffer = usize;

/// How many rows there are, and the embedding of each.
pub(super) const CALL: Buffer = 0;
/// The images, behind that in the same upload.
pub(super) const IMAGES: Buffer = 1;
/// Scale and shift of every block.
const MODULATION: Buffer = 2;

/// One dispatch.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) kernel: Kernel,
    /// The numbers of the kernel's `Shape`.
    pub(super) shape: Vec<u32>,
    pub(super) reads: Vec<Buffer>,
    pub(super) write: Buffer,
    /// Threads for each row.
    pub(super) threads: usize,
}

/// A forward pass of one network.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// All weights, laid out as the kernels read them: those of convolutions and dense layers as two halves a word, which
    /// is what they are in the file; all others as a float a word.
    pub(super) weights: Vec<u32>,
    /// Numbers a row of each buffer.
    pub(super) buffers: Vec<usize>,
    pub(super) output: Image,
}

/// Images in a buffer, `[rows, size, size, channels]`; the channels are a multiple of four.
#[derive(Clone, Copy, Debug)]
pub(super) struct Image {
    pub(super) buffer: Buffer,
    size: usize,
    pub(super) channels: usize,
}

impl Image {
    pub(super) fn numbers(&self) -> usize {
        self.size * self.size * self.channels
    }
}

/// What follows a normalisation, as `norm.wgsl` numbers it.
#[derive(Clone, Copy, Debug)]
enum Then {
    Nothing,
    Silu,
    /// The scales and shifts that begin here among a row's, and SiLU.
    Modulated(usize),
}

/// What a convolution's result is added to, as `conv.wgsl` numbers it.
#[derive(Clone, Copy, Debug)]
enum Onto<'a> {
    Nothing,
    Same(Image),
    /// The 1x1 convolution of this name, of these images' channels together.
    Projected(&'a str, Image, Option<Image>),
}

/// Kernel and step of a convolution, and whether each of its input pixels stands for four.
#[derive(Clone, Copy, Debug)]
struct Form {
    kernel: usize,
    stride: usize,
    doubled: bool,
}

const SAME: Form = Form { kernel: 3, stride: 1, doubled: false };
const HALF: Form = Form { stride: 2, ..SAME };
const TWICE: Form = Form { doubled: true, ..SAME };
const POINT: Form = Form { kernel: 1, ..SAME };

struct Builder<'a> {
    tensors: Tensors<'a>,
    steps: Vec<Step>,
    weights: Vec<u32>,
    buffers: Vec<usize>,
    /// Buffers that nobody reads any more.
    spare: Vec<Buffer>,
    /// The blocks' dense layers, and their outputs.
    embeds: Vec<(String, usize)>,
}

impl Plan {
    /// The forward pass of a network of this shape with these weights, in the order in which
    /// [`UNet`](crate::network::UNet) names them; all of them but the embedding's.
    ///
    /// # Errors
    /// [`WeightsError::Tensors`] naming the tensor that is missing or of another shape.
    pub(super) fn new(config: &UNetConfig, tensors: Tensors) -> Result<Self, WeightsError> {
        let channels = config.channels * config.patch * config.patch;
        let images = Image { buffer: IMAGES, size: config.inner_size(), channels: channels.next_multiple_of(4) };
        let blocks = config.blocks();
        let outputs = blocks.down.iter().chain(&blocks.up).map(|(_, to)| to);
        // the two blocks in the middle are as wide as the last on the way down
        let modulation = 2 * outputs.chain(&[blocks.down[blocks.down.len() - 1].1; 2]).sum::<usize>();
        let buffers = vec![config.embedding(), images.numbers(), modulation];
        let (steps, weights, spare, embeds) = Default::default();
        let mut builder = Builder { tensors, steps, weights, buffers, spare, embeds };
        let output = builder.network(config, images, channels)?;
        builder.modulation(config.embedding())?;
        let Builder { tensors, steps, weights, buffers, .. } = builder;
        tensors.finish()?;
        Ok(Self { steps, weights, buffers, output })
    }
}

impl Builder<'_> {
    fn network(&mut self, config: &UNetConfig, images: Image, channels: usize) -> Result<Image, WeightsError> {
        let blocks = config.blocks();
        let levels = blocks.down.len();
        let mut x = self.conv("input", (images, channels), config.base, SAME, Onto::Nothing)?;
        // what the way up reads stays where it is
        let mut skips = vec![x];
        for (level, &(_, to)) in blocks.down.iter().enumerate() {
            x = self.block(&format!("down.{level}"), x, None, to)?;
            skips.push(x);
            if level + 1 < levels {
                x = self.conv(&format!("downsample.{level}"), (x, to), to, HALF, Onto::Nothing)?;
                skips.push(x);
            }
        }
        let width = x.channels;
        x = self.block("middle1", x, None, width)?;
        x = self.attention(x)?;
        let middle = self.block("middle2", x, None, width)?;
        self.free(x);
        x = middle;
        for (i, &(_, to)) in blocks.up.iter().enumerate() {
            let skip = skips.pop();
            let y = self.block(&format!("up.{i}"), x, skip, to)?;
            self.free(x);
            skip.inspect(|&skip| self.free(skip));
            x = y;
            if i % 2 == 1 && i + 1 < blocks.up.len() {
                let y = self.conv(&format!("upsample.{}", i / 2), (x, to), to, TWICE, Onto::Nothing)?;
                self.free(x);
                x = y;
            }
        }
        let normed = self.norm("norm", x, None, Then::Silu)?;
        self.free(x);
        let width = x.channels;
        if config.patch == 1 {
            return self.conv("output", (normed, width), config.channels, SAME, Onto::Nothing);
        }
        let patches = REFINED * config.patch * config.patch;
        let x = self.conv("output", (normed, width), patches, SAME, Onto::Nothing)?;
        let pixels = self.image(config.size, REFINED);
        self.steps.push(Step {
            kernel: Kernel::Pixels,
            shape: numbers([REFINED, config.size, x.size, config.patch]),
            reads: vec![CALL, x.buffer],
            write: pixels.buffer,
            threads: pixels.numbers(),
        });
        self.conv("refine", (pixels, REFINED), config.channels, SAME, Onto::Nothing)
    }

    /// Two convolutions around a skip, on the channels of `x` and `more` together.
    fn block(&mut self, name: &str, x: Image, more: Option<Image>, to: usize) -> Result<Image, WeightsError> {
        let from = x.channels + channels(more);
        let normed = self.norm(&format!("{name}.norm1"), x, more, Then::Silu)?;
        let h = self.conv(&format!("{name}.conv1"), (normed, from), to, SAME, Onto::Nothing)?;
        self.free(normed);
        let first = 2 * self.embeds.iter().map(|(_, to)| to).sum::<usize>();
        self.embeds.push((format!("{name}.embed"), to));
        let normed = self.norm(&format!("{name}.norm2"), h, None, Then::Modulated(first))?;
        self.free(h);
        let skip = format!("{name}.skip");
        let onto = if from == to { Onto::Same(x) } else { Onto::Projected(&skip, x, more) };
        let y = self.conv(&format!("{name}.conv2"), (normed, to), to, SAME, onto)?;
        self.free(normed);
        Ok(y)
    }

    fn attention(&mut self, x: Image) -> Result<Image, WeightsError> {
        let channels = x.channels;
        let normed = self.norm("attention.norm", x, None, Then::Nothing)?;
        let name = "attention.query_key_value";
        let heads = self.conv(name, (normed, channels), 3 * channels, POINT, Onto::Nothing)?;
        self.steps.push(Step {
            kernel: Kernel::Attend,
            shape: numbers([channels, x.size * x.size, channels / HEADS]),
            reads: vec![CALL, heads.buffer],
            write: normed.buffer,
            threads: x.numbers(),
        });
        self.free(heads);
        let y = self.conv("attention.output", (normed, channels), channels, POINT, Onto::Same(x))?;
        self.free(normed);
        self.free(x);
        Ok(y)
    }

    /// `from` are the channels there are; those behind them are padding.
    fn conv(
        &mut self,
        name: &str,
        (x, from): (Image, usize),
        to: usize,
        Form { kernel, stride, doubled }: Form,
        onto: Onto,
    ) -> Result<Image, WeightsError> {
        let weights = self.tensors.take(&format!("{name}.weight"), &[to, from, kernel, kernel])?;
        let mut bias = self.tensors.take(&format!("{name}.bias"), &[to])?;
        let size = if doubled { 2 * x.size } else { x.size / stride };
        let y = self.image(size, to.next_multiple_of(4));
        let weights = self.halves((0..kernel * kernel).flat_map(|tap| {
            let weights = &weights;
            (0..x.channels * y.channels).map(move |i| {
                let (channel, out) = (i / y.channels, i % y.channels);
                if channel < from && out < to { weights[(out * from + channel) * kernel * kernel + tap] } else { 0.0 }
            })
        }));
        let (onto, a, b, skip) = match onto {
            Onto::Nothing => (0, x, None, 0),
            Onto::Same(a) => (1, a, None, 0),
            Onto::Projected(name, a, b) => (2, a, b, self.projection(name, a.channels + channels(b), to, &mut bias)?),
        };
        let bias = self.floats(bias);
        self.steps.push(Step {
            kernel: Kernel::Conv,
            shape: numbers([
                x.channels / 4,
                y.channels / 4,
                x.size,
                y.size,
                stride,
                usize::from(doubled),
                kernel,
                weights / 2,
                bias / 2,
                onto,
                a.channels / 4,
                channels(b) / 4,
                skip / 2,
            ]),
            reads: vec![CALL, x.buffer, a.buffer, b.unwrap_or(a).buffer],
            write: y.buffer,
            threads: y.channels / 4 * y.size * y.size.div_ceil(4),
        });
        Ok(y)
    }

    /// The weights `[from, to]` of a 1x1 convolution whose bias joins another's.
    fn projection(&mut self, name: &str, from: usize, to: usize, bias: &mut [f32]) -> Result<usize, WeightsError> {
        let weights = self.tensors.take(&format!("{name}.weight"), &[to, from, 1, 1])?;
        for (sum, bias) in bias.iter_mut().zip(self.tensors.take(&format!("{name}.bias"), &[to])?) {
            *sum += bias;
        }
        Ok(self.halves((0..from * to).map(|i| weights[i % to * from + i / to])))
    }

    fn norm(&mut self, name: &str, a: Image, b: Option<Image>, then: Then) -> Result<Image, WeightsError> {
        let y = self.image(a.size, a.channels + channels(b));
        let gamma = self.tensors.take(&format!("{name}.gamma"), &[y.channels])?;
        let beta = self.tensors.take(&format!("{name}.beta"), &[y.channels])?;
        let affine = self.floats(gamma.into_iter().chain(beta));
        let (then, first) = match then {
            Then::Nothing => (0, 0),
            Then::Silu => (1, 0),
            Then::Modulated(first) => (2, first),
        };
        self.steps.push(Step {
            kernel: Kernel::Norm,
            shape: numbers([
                a.channels,
                channels(b),
                a.size * a.size,
                GROUPS,
                affine,
                then,
                self.buffers[MODULATION],
                first,
            ]),
            reads: vec![a.buffer, b.unwrap_or(a).buffer, MODULATION],
            write: y.buffer,
            threads: GROUPS * THREADS,
        });
        Ok(y)
    }

    /// The dense layers of all blocks, as one that comes first.
    fn modulation(&mut self, embedding: usize) -> Result<(), WeightsError> {
        let embeds = core::mem::take(&mut self.embeds);
        let width = self.buffers[MODULATION];
        let mut weights = vec![0.0; embedding * width];
        let (mut bias, mut first) = (Vec::new(), 0);
        for (name, to) in embeds {
            let layer = self.tensors.take(&format!("{name}.weight"), &[embedding, 2 * to])?;
            for (row, layer) in weights.chunks_exact_mut(width).zip(layer.chunks_exact(2 * to)) {
                row[first..first + 2 * to].copy_from_slice(layer);
            }
            bias.extend(self.tensors.take(&format!("{name}.bias"), &[2 * to])?);
            first += 2 * to;
        }
        let (weights, bias) = (self.halves(weights), self.floats(bias));
        let step = Step {
            kernel: Kernel::Dense,
            shape: numbers([embedding / 4, width / 4, weights / 2, bias / 2]),
            reads: vec![CALL],
            write: MODULATION,
            threads: width / 4,
        };
        self.steps.insert(0, step);
        Ok(())
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

    /// Room for an image: the spare buffer that must grow least, or a new one.
    fn image(&mut self, size: usize, channels: usize) -> Image {
        let mut image = Image { buffer: 0, size, channels };
        let needed = image.numbers();
        let fits = |&i: &usize| (self.buffers[self.spare[i]] < needed, self.buffers[self.spare[i]].abs_diff(needed));
        image.buffer = match (0..self.spare.len()).min_by_key(fits) {
            Some(best) => self.spare.swap_remove(best),
            None => {
                self.buffers.push(0);
                self.buffers.len() - 1
            }
        };
        self.buffers[image.buffer] = self.buffers[image.buffer].max(needed);
        image
    }

    fn free(&mut self, image: Image) {
        self.spare.push(image.buffer);
    }
}

fn channels(image: Option<Image>) -> usize {
    image.map_or(0, |image| image.channels)
}

fn numbers<const N: usize>(numbers: [usize; N]) -> Vec<u32> {
    numbers.iter().map(|&number| number as u32).collect()
}
