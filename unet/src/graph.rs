//! A network as a list of operations, made once from its shape. Whatever computes or writes the network reads this
//! list: the CPU, the GPU, the ONNX file. It names the weights and knows none of their numbers, and no device.

use crate::config::{REFINED, UNetConfig};
use crate::error::WeightsError;
use crate::tensors::Tensors;

/// The images that a node makes, by its index among the [nodes](Graph::nodes).
pub(crate) type Value = usize;

/// What each row of a call has of one value: so many pixels a side, so many channels. Their order is the device's
/// choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) size: usize,
    pub(crate) channels: usize,
}

impl Image {
    pub(crate) fn pixels(self) -> usize {
        self.size * self.size
    }

    pub(crate) fn numbers(self) -> usize {
        self.pixels() * self.channels
    }
}

/// A forward pass of one network.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    /// Two layers on the features of a time, with SiLU between them.
    pub(crate) time: [Dense; 2],
    /// A row for each class and one for any. Added to what comes of the time it makes, through SiLU, the embedding.
    pub(crate) label: Table,
    /// For each residual block a layer from the embedding to what modulates it.
    pub(crate) modulations: Vec<Dense>,
    /// The operations, each after those whose values it reads. The last one makes the predicted velocity.
    pub(crate) nodes: Vec<Node>,
}

/// An operation and the images that it makes.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) op: Op,
    pub(crate) image: Image,
}

/// What is done to images.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// The images of the call: the pixels of each patch as channels of one, and a margin of zeros on the right and
    /// below where the patches alone could not be halved.
    Patches,
    /// A convolution, zeros around the images, and what the result is added to.
    Conv { layer: Conv, from: Value, onto: Onto },
    /// A group normalisation, and what follows it.
    Norm { layer: Norm, from: Value, then: Then },
    /// Self-attention among the pixels of each image. The channels are queries, keys and values, of all heads each.
    Attend { from: Value },
    /// The channels of one value, then those of another.
    Join { first: Value, second: Value },
    /// Patches taken apart into pixels without their margin, through SiLU.
    Pixels { from: Value },
}

/// What a convolution's result is added to.
#[derive(Clone, Debug)]
pub(crate) enum Onto {
    Nothing,
    /// This value.
    Same(Value),
    /// This convolution, of one pixel, of this value.
    Projected(Conv, Value),
}

/// What follows a normalisation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Then {
    Nothing,
    Silu,
    /// Factors and shifts of this one of the [modulations](Graph::modulations), the factors one more than what it
    /// gives, and SiLU.
    Modulated(usize),
}

/// A convolution: weights `[to, from, kernel, kernel]` and a bias `[to]`.
#[derive(Clone, Debug)]
pub(crate) struct Conv {
    pub(crate) name: String,
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Pixels a side of the kernel, 3 or 1.
    pub(crate) kernel: usize,
    /// 1, or 2 to halve the size.
    pub(crate) stride: usize,
    /// Whether each pixel is taken as 2x2.
    pub(crate) doubled: bool,
}

/// A group normalisation: factors and shifts `[channels]`.
#[derive(Clone, Debug)]
pub(crate) struct Norm {
    pub(crate) name: String,
    pub(crate) channels: usize,
}

/// A dense layer: weights `[from, to]` and a bias `[to]`.
#[derive(Clone, Debug)]
pub(crate) struct Dense {
    pub(crate) name: String,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// Rows to choose from: weights `[rows, width]`.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) rows: usize,
    pub(crate) width: usize,
}

impl Conv {
    /// Its weights and its bias.
    ///
    /// # Errors
    /// As [`Tensors::take`], here and below.
    pub(crate) fn take(&self, tensors: &mut Tensors) -> Result<(Vec<f32>, Vec<f32>), WeightsError> {
        let Self { name, from, to, kernel, .. } = self;
        let weights = tensors.take(&format!("{name}.weight"), &[*to, *from, *kernel, *kernel])?;
        Ok((weights, tensors.take(&format!("{name}.bias"), &[*to])?))
    }
}

impl Norm {
    /// Its factors and its shifts.
    pub(crate) fn take(&self, tensors: &mut Tensors) -> Result<(Vec<f32>, Vec<f32>), WeightsError> {
        let Self { name, channels } = self;
        let factors = tensors.take(&format!("{name}.gamma"), &[*channels])?;
        Ok((factors, tensors.take(&format!("{name}.beta"), &[*channels])?))
    }
}

impl Dense {
    /// Its weights and its bias.
    pub(crate) fn take(&self, tensors: &mut Tensors) -> Result<(Vec<f32>, Vec<f32>), WeightsError> {
        let Self { name, from, to } = self;
        let weights = tensors.take(&format!("{name}.weight"), &[*from, *to])?;
        Ok((weights, tensors.take(&format!("{name}.bias"), &[*to])?))
    }
}

impl Table {
    /// Its rows.
    pub(crate) fn take(&self, tensors: &mut Tensors) -> Result<Vec<f32>, WeightsError> {
        tensors.take(&format!("{}.weight", self.name), &[self.rows, self.width])
    }
}

impl Op {
    /// The values that it reads.
    pub(crate) fn reads(&self) -> impl Iterator<Item = Value> {
        let [first, second] = match *self {
            Self::Patches => [None, None],
            Self::Conv { from, ref onto, .. } => match *onto {
                Onto::Nothing => [Some(from), None],
                Onto::Same(value) | Onto::Projected(_, value) => [Some(from), Some(value)],
            },
            Self::Norm { from, .. } | Self::Attend { from } | Self::Pixels { from } => [Some(from), None],
            Self::Join { first, second } => [Some(first), Some(second)],
        };
        first.into_iter().chain(second)
    }
}

impl Graph {
    /// The network of this shape, which must be [one that can be built](UNetConfig::check).
    pub(crate) fn new(config: &UNetConfig) -> Self {
        let (features, width) = (config.time_features(), config.embedding());
        let dense = |name: &str, from| Dense { name: name.to_owned(), from, to: width };
        let mut graph = Self {
            time: [dense("time1", features), dense("time2", width)],
            label: Table { name: "label".to_owned(), rows: config.classes.len() + 1, width },
            modulations: Vec::new(),
            nodes: Vec::new(),
        };
        let patches = Image { size: config.inner_size(), channels: config.channels * config.patch * config.patch };
        let patches = graph.push(Op::Patches, patches);
        let (bottom, skips) = graph.down(config, patches);
        let middle = graph.middle(bottom);
        let top = graph.up(config, middle, skips);
        graph.last(config, top);
        graph
    }

    /// For each node the values that no later one reads: their memory is free when it is done.
    pub(crate) fn ended(&self) -> Vec<Vec<Value>> {
        let mut ended = vec![Vec::new(); self.nodes.len()];
        let mut read_later = vec![false; self.nodes.len()];
        for (node, ended) in self.nodes.iter().zip(&mut ended).rev() {
            for value in node.op.reads() {
                if !core::mem::replace(&mut read_later[value], true) {
                    ended.push(value);
                }
            }
        }
        ended
    }

    /// The value that is the velocity.
    pub(crate) fn output(&self) -> Value {
        self.nodes.len() - 1
    }

    fn push(&mut self, op: Op, image: Image) -> Value {
        self.nodes.push(Node { op, image });
        self.output()
    }

    fn image(&self, value: Value) -> Image {
        self.nodes[value].image
    }

    /// One block a resolution. Returns the last value, and those that the way up reads again.
    fn down(&mut self, config: &UNetConfig, patches: Value) -> (Value, Vec<Value>) {
        let blocks = config.blocks().down;
        let mut x = self.conv("input", patches, config.base);
        let mut skips = vec![x];
        for (level, &(_, to)) in blocks.iter().enumerate() {
            x = self.block(&format!("down.{level}"), x, to);
            skips.push(x);
            if level + 1 < blocks.len() {
                let layer = Conv { stride: 2, ..conv(&format!("downsample.{level}"), to, to) };
                x = self.convolved(layer, x, Onto::Nothing);
                skips.push(x);
            }
        }
        (x, skips)
    }

    /// Two blocks around self-attention, at the lowest resolution.
    fn middle(&mut self, x: Value) -> Value {
        let width = self.image(x).channels;
        let x = self.block("middle1", x, width);
        let normed = self.norm("attention.norm", x, Then::Nothing);
        let point = |name: &str, to| Conv { kernel: 1, ..conv(name, width, to) };
        let from = self.convolved(point("attention.query_key_value", 3 * width), normed, Onto::Nothing);
        let attended = self.push(Op::Attend { from }, self.image(x));
        let x = self.convolved(point("attention.output", width), attended, Onto::Same(x));
        self.block("middle2", x, width)
    }

    /// Two blocks a resolution, each on what the way down left there too.
    fn up(&mut self, config: &UNetConfig, mut x: Value, mut skips: Vec<Value>) -> Value {
        let blocks = config.blocks().up;
        for (i, &(_, to)) in blocks.iter().enumerate() {
            if let Some(skip) = skips.pop() {
                x = self.joined(x, skip);
            }
            x = self.block(&format!("up.{i}"), x, to);
            if i % 2 == 1 && i + 1 < blocks.len() {
                let layer = Conv { doubled: true, ..conv(&format!("upsample.{}", i / 2), to, to) };
                x = self.convolved(layer, x, Onto::Nothing);
            }
        }
        x
    }

    /// From the blocks' channels to those of the images.
    fn last(&mut self, config: &UNetConfig, x: Value) -> Value {
        let normed = self.norm("norm", x, Then::Silu);
        if config.patch == 1 {
            return self.conv("output", normed, config.channels);
        }
        let from = self.conv("output", normed, REFINED * config.patch * config.patch);
        let pixels = self.push(Op::Pixels { from }, Image { size: config.size, channels: REFINED });
        self.conv("refine", pixels, config.channels)
    }

    /// Two convolutions around a skip, the second one's input modulated by time and class.
    fn block(&mut self, name: &str, x: Value, to: usize) -> Value {
        let from = self.image(x).channels;
        let normed = self.norm(&format!("{name}.norm1"), x, Then::Silu);
        let h = self.conv(&format!("{name}.conv1"), normed, to);
        let modulation = self.modulations.len();
        self.modulations.push(Dense { name: format!("{name}.embed"), from: self.label.width, to: 2 * to });
        let normed = self.norm(&format!("{name}.norm2"), h, Then::Modulated(modulation));
        let onto = if from == to {
            Onto::Same(x)
        } else {
            Onto::Projected(Conv { kernel: 1, ..conv(&format!("{name}.skip"), from, to) }, x)
        };
        self.convolved(conv(&format!("{name}.conv2"), to, to), normed, onto)
    }

    /// A convolution that changes nothing but the channels.
    fn conv(&mut self, name: &str, x: Value, to: usize) -> Value {
        self.convolved(conv(name, self.image(x).channels, to), x, Onto::Nothing)
    }

    fn convolved(&mut self, layer: Conv, from: Value, onto: Onto) -> Value {
        let size = self.image(from).size;
        let size = if layer.doubled { 2 * size } else { size / layer.stride };
        let image = Image { size, channels: layer.to };
        self.push(Op::Conv { layer, from, onto }, image)
    }

    fn norm(&mut self, name: &str, from: Value, then: Then) -> Value {
        let image = self.image(from);
        let layer = Norm { name: name.to_owned(), channels: image.channels };
        self.push(Op::Norm { layer, from, then }, image)
    }

    fn joined(&mut self, first: Value, second: Value) -> Value {
        let (image, more) = (self.image(first), self.image(second));
        self.push(Op::Join { first, second }, Image { channels: image.channels + more.channels, ..image })
    }
}

/// 3x3, at the same resolution.
fn conv(name: &str, from: usize, to: usize) -> Conv {
    Conv { name: name.to_owned(), from, to, kernel: 3, stride: 1, doubled: false }
}

#[cfg(test)]
mod tests {
    use super::{Graph, Image};
    use crate::config::UNetConfig;

    fn config(patch: usize) -> UNetConfig {
        UNetConfig { channels: 3, size: 28, patch, base: 8, multipliers: vec![1, 2, 2], classes: vec!["bag".into()] }
    }

    #[test]
    fn every_value_is_read_after_it_is_made_and_ends_once() {
        for patch in [1, 2] {
            let graph = Graph::new(&config(patch));
            for (value, node) in graph.nodes.iter().enumerate() {
                assert!(node.op.reads().all(|read| read < value), "{node:?}");
            }
            let mut ended: Vec<usize> = graph.ended().concat();
            ended.sort_unstable();
            assert_eq!(ended, (0..graph.output()).collect::<Vec<_>>(), "all but the output");
        }
    }

    #[test]
    fn the_velocity_has_the_images_shape() {
        for patch in [1, 2] {
            let graph = Graph::new(&config(patch));
            assert_eq!(graph.nodes[graph.output()].image, Image { size: 28, channels: 3 });
        }
    }
}
