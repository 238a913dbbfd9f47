//! A small classifier, trained on the real images, that says what class a sample looks like.

use anyhow::Result;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::activation::relu;
use burn::tensor::module::adaptive_avg_pool2d;
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::data::{Dataset, Source};

const BATCH: usize = 128;
const STEPS: usize = 500;
const LEARNING_RATE: f64 = 2e-3;
const SEED: u64 = 7;

/// Three convolutions, the last two halving the image, and one linear layer.
#[derive(Module, Debug)]
pub struct Classifier {
    conv1: Conv2d,
    conv2: Conv2d,
    conv3: Conv2d,
    output: Linear,
}

impl Classifier {
    fn new(source: Source, device: &Device) -> Self {
        let conv = |from, to, stride| {
            Conv2dConfig::new([from, to], [3, 3])
                .with_stride([stride, stride])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(device)
        };
        Self {
            conv1: conv(source.channels(), 16, 1),
            conv2: conv(16, 32, 2),
            conv3: conv(32, 32, 2),
            output: LinearConfig::new(32 * (source.size() / 4) * (source.size() / 4), source.classes().len())
                .init(device),
        }
    }

    fn maps(&self, images: Tensor<4>) -> Tensor<4> {
        let h = relu(self.conv1.forward(images));
        let h = relu(self.conv2.forward(h));
        relu(self.conv3.forward(h))
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.output.forward(self.maps(images).flatten(1, 3))
    }

    /// What the last convolution sees in each image, averaged over its quarters: 128 numbers.
    pub fn features(&self, source: Source, images: &[Vec<f32>]) -> Result<Vec<Vec<f32>>> {
        let mut features = Vec::with_capacity(images.len());
        for chunk in images.chunks(BATCH) {
            let maps = self.maps(batch(source, chunk.concat(), &Device::flex()));
            let pooled = adaptive_avg_pool2d(maps, [2, 2]).flatten::<2>(1, 3);
            let width = pooled.dims()[1];
            let data = pooled.into_data();
            features.extend(data.as_slice::<f32>()?.chunks_exact(width).map(<[f32]>::to_vec));
        }
        Ok(features)
    }

    /// Trains on the real images.
    pub fn fit(data: &Dataset) -> Self {
        let device = Device::flex().autodiff();
        device.seed(SEED);
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        let source = data.source;
        let mut network = Self::new(source, &device);
        let mut optimizer = AdamWConfig::new().init();
        let loss = CrossEntropyLossConfig::new().init(&device);
        for step in 0..STEPS {
            let rows: Vec<usize> = (0..BATCH).map(|_| rng.random_range(0..data.len())).collect();
            let images: Vec<f32> = rows.iter().flat_map(|&i| data.image(i).iter().copied()).collect();
            let labels: Vec<i32> = rows.iter().map(|&i| data.label(i) as i32).collect();
            let logits = network.forward(batch(source, images, &device));
            let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [BATCH]), &device);
            let value = loss.forward(logits, labels);
            let gradients = GradientsParams::from_grads(value.backward(), &network);
            let rate = LEARNING_RATE * (1.0 - step as f64 / STEPS as f64);
            network = optimizer.step(rate, network, gradients);
        }
        network.valid()
    }

    /// The class each image looks like.
    pub fn classify<'a>(&self, source: Source, images: impl Iterator<Item = &'a [f32]>) -> Result<Vec<usize>> {
        let images: Vec<&[f32]> = images.collect();
        let mut classes = Vec::with_capacity(images.len());
        for chunk in images.chunks(BATCH) {
            let logits = self.forward(batch(source, chunk.concat(), &Device::flex()));
            let data = logits.into_data();
            let logits: &[f32] = data.as_slice()?;
            classes.extend(
                logits
                    .chunks_exact(source.classes().len())
                    .map(|row| (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or_default()),
            );
        }
        Ok(classes)
    }
}

fn batch(source: Source, images: Vec<f32>, device: &Device) -> Tensor<4> {
    let shape = [images.len() / source.dim(), source.channels(), source.size(), source.size()];
    Tensor::from_data(TensorData::new(images, shape), device)
}
