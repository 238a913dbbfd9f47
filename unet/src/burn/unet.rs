//! The denoiser: a U-Net that predicts the velocity `v = alpha eps - sigma x0` (Salimans & Ho 2022, eq. 8).

use burn::module::{Module, ModuleMapper, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{GroupNorm, Initializer, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::silu;
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use burn::tensor::{DType, Device, Tensor};

use super::blocks::{Attention, ResBlock, conv3x3, conv3x3_zero, norm};
use crate::config::{REFINED, UNetConfig};
use crate::error::WeightsError;

/// One residual block a resolution on the way down, two on the way up, attention at the bottom.
#[derive(Module, Debug)]
pub struct UNet {
    time1: Linear,
    time2: Linear,
    label: Linear,
    input: Conv2d,
    down: Vec<ResBlock>,
    downsample: Vec<Conv2d>,
    middle1: ResBlock,
    attention: Attention,
    middle2: ResBlock,
    up: Vec<ResBlock>,
    upsample: Vec<Conv2d>,
    norm: GroupNorm,
    output: Conv2d,
    /// The last layer of a network on patches, at full resolution: without it the patches' grid would show.
    refine: Option<Conv2d>,
    patch: usize,
    inner_size: usize,
}

impl UNet {
    /// A network with fresh weights; its last layer is zero, so it predicts zero everywhere.
    pub fn new(config: &UNetConfig, device: &Device) -> Self {
        let embedding = config.embedding();
        let blocks = config.blocks();
        let mut width = config.base;

        let mut down = Vec::new();
        let mut downsample = Vec::new();
        for (level, &(from, to)) in blocks.down.iter().enumerate() {
            down.push(ResBlock::new(from, to, embedding, device));
            width = to;
            if level + 1 < blocks.down.len() {
                downsample.push(
                    Conv2dConfig::new([width, width], [3, 3])
                        .with_stride([2, 2])
                        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                        .init(device),
                );
            }
        }

        let middle1 = ResBlock::new(width, width, embedding, device);
        let attention = Attention::new(width, device);
        let middle2 = ResBlock::new(width, width, embedding, device);

        let mut up = Vec::new();
        let mut upsample = Vec::new();
        for (i, &(from, to)) in blocks.up.iter().enumerate() {
            up.push(ResBlock::new(from, to, embedding, device));
            width = to;
            if i % 2 == 1 && i + 1 < blocks.up.len() {
                upsample.push(conv3x3(width, width, device));
            }
        }

        Self {
            time1: LinearConfig::new(config.time_features(), embedding).init(device),
            time2: LinearConfig::new(embedding, embedding).init(device),
            label: LinearConfig::new(config.classes.len() + 1, embedding)
                .with_bias(false)
                .with_initializer(Initializer::Normal { mean: 0.0, std: 1.0 })
                .init(device),
            input: conv3x3(config.channels * config.patch * config.patch, config.base, device),
            down,
            downsample,
            middle1,
            attention,
            middle2,
            up,
            upsample,
            norm: norm(width, device),
            output: match config.patch {
                1 => conv3x3_zero(width, config.channels, device),
                patch => conv3x3(width, REFINED * patch * patch, device),
            },
            refine: (config.patch > 1).then(|| conv3x3_zero(REFINED, config.channels, device)),
            patch: config.patch,
            inner_size: config.inner_size(),
        }
    }

    /// The predicted velocity of each row.
    ///
    /// # Shapes
    /// `x`: `[rows, channels, size, size]`; `time`: `[rows, 2 base]` from [`time_features`](crate::time_features);
    /// `label`: `[rows, classes + 1]`, one-hot. Result: the shape of `x`.
    pub fn forward(&self, x: Tensor<4>, time: Tensor<2>, label: Tensor<2>) -> Tensor<4> {
        let time = self.time2.forward(silu(self.time1.forward(time)));
        let embedding = silu(time + self.label.forward(label));

        let size = x.dims()[2];
        let mut h = self.input.forward(self.patches(x));
        let mut skips = vec![h.clone()];
        for (level, block) in self.down.iter().enumerate() {
            h = block.forward(h, embedding.clone());
            skips.push(h.clone());
            if let Some(conv) = self.downsample.get(level) {
                h = conv.forward(h);
                skips.push(h.clone());
            }
        }

        h = self.middle1.forward(h, embedding.clone());
        h = self.attention.forward(h);
        h = self.middle2.forward(h, embedding.clone());

        for (level, pair) in self.up.chunks(2).enumerate() {
            for block in pair {
                let skip = skips.pop().expect("as many skips as blocks on the way up");
                h = block.forward(Tensor::cat(vec![h, skip], 1), embedding.clone());
            }
            if let Some(conv) = self.upsample.get(level) {
                let twice = InterpolateOptions::new(InterpolateMode::Nearest).with_scale_factor([2.0, 2.0]);
                h = conv.forward(interpolate(h, twice));
            }
        }
        let h = self.output.forward(silu(self.norm.forward(h)));
        match &self.refine {
            Some(conv) => conv.forward(silu(self.pixels(h, size))),
            None => h,
        }
    }

    /// `[rows, channels, size, size]` to `[rows, channels patch^2, inner, inner]`.
    fn patches(&self, x: Tensor<4>) -> Tensor<4> {
        let ([rows, channels, size, _], p) = (x.dims(), self.patch);
        if p == 1 {
            return x;
        }
        let side = size / p;
        let x = x.reshape([rows, channels, side, p, side, p]).permute([0, 1, 3, 5, 2, 4]);
        let margin = self.inner_size - side;
        x.reshape([rows, channels * p * p, side, side]).pad((0, margin, 0, margin), 0.0)
    }

    /// `[rows, channels patch^2, inner, inner]` to `[rows, channels, size, size]`.
    fn pixels(&self, x: Tensor<4>, size: usize) -> Tensor<4> {
        let ([rows, channels, _, _], p) = (x.dims(), self.patch);
        let side = size / p;
        let x = x.narrow(2, 0, side).narrow(3, 0, side).reshape([rows, channels / (p * p), p, p, side, side]);
        x.permute([0, 1, 4, 2, 5, 3]).reshape([rows, channels / (p * p), size, size])
    }
}

/// A burnpack file of a network's weights, stored in half precision.
///
/// # Errors
/// [`WeightsError::Tensors`] when burn cannot write them.
pub fn to_bytes<M: Module>(network: &M) -> Result<Vec<u8>, WeightsError> {
    struct Halve;
    impl ModuleMapper for Halve {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(|tensor| tensor.cast(DType::F16))
        }
    }
    let record = network.clone().map(&mut Halve).into_record();
    let bytes = record.into_bytes().map_err(|error| WeightsError::Tensors(error.to_string()))?;
    Ok(bytes.to_vec())
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use burn::tensor::{Device, Tensor, TensorData};

    use super::UNet;
    use crate::config::UNetConfig;

    #[test]
    fn patches_come_back_as_the_pixels_they_were() {
        let device = Device::flex();
        let config = UNetConfig {
            channels: 1,
            size: 28,
            patch: 2,
            base: 8,
            multipliers: vec![1, 2, 2],
            classes: vec!["bag".into()],
        };
        config.check().expect("a valid shape");
        let network = UNet::new(&config, &device);
        let values: Vec<f32> = (0..2 * 28 * 28).map(|i| i as f32).collect();
        let x = Tensor::<4>::from_data(TensorData::new(values.clone(), [2, 1, 28, 28]), &device);
        let patches = network.patches(x.clone());
        // 14 halves once, not twice: a margin makes it 16
        assert_eq!(patches.dims(), [2, 4, 16, 16]);
        assert_eq!(network.pixels(patches, 28).into_data().as_slice::<f32>().expect("f32"), values);

        let time = Tensor::zeros([2, config.time_features()], &device);
        let label = Tensor::zeros([2, 2], &device);
        assert_eq!(network.forward(x, time, label).dims(), [2, 1, 28, 28]);
    }
}
