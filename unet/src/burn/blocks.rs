//! The two building blocks of the U-Net: a residual block that listens to time and class, and self-attention.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{GroupNorm, GroupNormConfig, Initializer, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::{silu, softmax};
use burn::tensor::{Device, Tensor};

use crate::config::{GROUPS, HEADS};

pub(crate) fn conv3x3(from: usize, to: usize, device: &Device) -> Conv2d {
    Conv2dConfig::new([from, to], [3, 3]).with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)).init(device)
}

/// A 3x3 convolution that starts at zero, so that a new block or network starts as the identity or zero.
pub(crate) fn conv3x3_zero(from: usize, to: usize, device: &Device) -> Conv2d {
    Conv2dConfig::new([from, to], [3, 3])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .with_initializer(Initializer::Zeros)
        .init(device)
}

fn conv1x1(from: usize, to: usize, device: &Device) -> Conv2d {
    Conv2dConfig::new([from, to], [1, 1]).init(device)
}

pub(crate) fn norm(channels: usize, device: &Device) -> GroupNorm {
    GroupNormConfig::new(GROUPS, channels).init(device)
}

/// Two convolutions around a skip, the second one's input scaled and shifted by the embedding.
#[derive(Module, Debug)]
pub struct ResBlock {
    norm1: GroupNorm,
    conv1: Conv2d,
    norm2: GroupNorm,
    conv2: Conv2d,
    embed: Linear,
    skip: Option<Conv2d>,
}

impl ResBlock {
    pub(crate) fn new(from: usize, to: usize, embedding: usize, device: &Device) -> Self {
        Self {
            norm1: norm(from, device),
            conv1: conv3x3(from, to, device),
            norm2: norm(to, device),
            conv2: conv3x3_zero(to, to, device),
            embed: LinearConfig::new(embedding, 2 * to).init(device),
            skip: (from != to).then(|| conv1x1(from, to, device)),
        }
    }

    /// # Shapes
    /// `x`: `[rows, from, height, width]`, `embedding`: `[rows, embedding]`, result: `[rows, to, height, width]`.
    pub(crate) fn forward(&self, x: Tensor<4>, embedding: Tensor<2>) -> Tensor<4> {
        let h = self.conv1.forward(silu(self.norm1.forward(x.clone())));
        let [rows, channels, _, _] = h.dims();
        let scale_shift = self.embed.forward(embedding).reshape([rows, 2 * channels, 1, 1]);
        let scale = scale_shift.clone().narrow(1, 0, channels);
        let shift = scale_shift.narrow(1, channels, channels);
        let h = self.conv2.forward(silu(self.norm2.forward(h) * (scale + 1.0) + shift));
        h + match &self.skip {
            Some(conv) => conv.forward(x),
            None => x,
        }
    }
}

/// Self-attention over the pixels of a small image, added to its input.
#[derive(Module, Debug)]
pub struct Attention {
    norm: GroupNorm,
    query_key_value: Conv2d,
    output: Conv2d,
}

impl Attention {
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        Self {
            norm: norm(channels, device),
            query_key_value: conv1x1(channels, 3 * channels, device),
            output: Conv2dConfig::new([channels, channels], [1, 1]).with_initializer(Initializer::Zeros).init(device),
        }
    }

    /// # Shapes
    /// `[rows, channels, height, width]` in and out.
    pub(crate) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [rows, channels, height, width] = x.dims();
        let (head, pixels) = (channels / HEADS, height * width);
        // [rows, 3 heads, head, pixels]: queries, keys and values of all heads, pixels last
        let qkv = self.query_key_value.forward(self.norm.forward(x.clone())).reshape([rows, 3 * HEADS, head, pixels]);
        let query = qkv.clone().narrow(1, 0, HEADS).swap_dims(2, 3);
        let key = qkv.clone().narrow(1, HEADS, HEADS);
        let value = qkv.narrow(1, 2 * HEADS, HEADS).swap_dims(2, 3);
        let weights = softmax(query.matmul(key) / (head as f64).sqrt(), 3);
        let y = weights.matmul(value).swap_dims(2, 3).reshape([rows, channels, height, width]);
        x + self.output.forward(y)
    }
}
