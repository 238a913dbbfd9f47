//! The image networks' task: a noisy image, its time and its class in, the velocity out.

use std::ops::Range;

use burn::tensor::{Device, Tensor};
use rand::RngExt as _;
use speculative_diffusion_unet::{UNet, UNetConfig, time_features};

use crate::data::Dataset;
use crate::fit::{Recipe, Task, noised, rows_of};

/// A network of this shape, and what it learns.
pub struct Images<'a> {
    pub config: &'a UNetConfig,
    pub data: &'a Dataset,
}

pub struct Batch {
    noisy: Vec<f32>,
    velocity: Vec<f32>,
    times: Vec<f32>,
    labels: Vec<f32>,
}

impl Task for Images<'_> {
    type Net = UNet;
    type Batch = Batch;

    fn fresh(&self, device: &Device) -> UNet {
        UNet::new(self.config, device)
    }

    fn draw(&self, recipe: &Recipe, step: usize) -> Batch {
        let Self { config, data } = self;
        let rng = &mut recipe.dice(step);
        let mut batch = Batch { noisy: Vec::new(), velocity: Vec::new(), times: Vec::new(), labels: Vec::new() };
        for row in 0..recipe.batch {
            let i = rng.random_range(0..data.len());
            let drop = rng.random::<f64>() < recipe.label_drop;
            let level = recipe.time(row, rng);
            for &x0 in data.image(i) {
                let (noisy, velocity) = noised(x0, level, rng);
                batch.noisy.push(noisy);
                batch.velocity.push(velocity);
            }
            batch.times.extend(time_features(level.t, 2 * config.base));
            let class = if drop { config.classes.len() } else { data.label(i) };
            batch.labels.extend((0..=config.classes.len()).map(|c| if c == class { 1.0_f32 } else { 0.0 }));
        }
        batch
    }

    fn loss(&self, net: &UNet, batch: &Batch, rows: Range<usize>, device: &Device) -> Tensor<1> {
        let config = self.config;
        let tensor = |values: &[f32], width: usize| rows_of(values, width, &rows, device);
        let (dim, image) = (config.dim(), [rows.len(), config.channels, config.size, config.size]);
        let prediction = net.forward(
            tensor(&batch.noisy, dim).reshape(image),
            tensor(&batch.times, 2 * config.base),
            tensor(&batch.labels, config.classes.len() + 1),
        );
        let error = prediction - tensor(&batch.velocity, dim).reshape(image);
        error.powi_scalar(2).sum() / dim as f64
    }
}
