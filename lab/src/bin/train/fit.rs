//! The training loop: noisy image in, velocity out, mean squared error.

use std::fs;
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use burn::grad_clipping::GradientClippingConfig;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::{AdamWConfig, GradientsAccumulator, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};
use speculative_diffusion::Level;
use speculative_diffusion_unet::{UNet, UNetConfig, time_features};

use crate::data::Dataset;

/// What a training run is; a checkpoint can only be resumed under the same recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Images to see, counted with repetition.
    pub images: usize,
    /// Images a step.
    pub batch: usize,
    /// Peak learning rate of AdamW.
    pub learning_rate: f64,
    /// Steps of linear warm-up; cosine decay to 2 % follows.
    pub warm_up: usize,
    /// Share of images shown without their class, for classifier-free guidance (Ho & Salimans 2022).
    pub label_drop: f64,
    /// Decay of the exponential moving average of the weights.
    pub ema_decay: f64,
    /// Seed of the weights, the order of the images, the times and the noise.
    pub seed: u64,
}

/// How far a run has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Progress {
    recipe: Recipe,
    step: usize,
    /// Mean loss of each stretch of [`LOG_EVERY`] steps.
    losses: Vec<f64>,
}

const LOG_EVERY: usize = 50;
const CHECKPOINT_EVERY: usize = 250;

/// Trains until the recipe is fulfilled, resuming from `folder` where an earlier run stopped.
pub fn fit(config: &UNetConfig, data: &Dataset, recipe: &Recipe, folder: &Path) -> Result<()> {
    let device = Device::flex().autodiff();
    device.seed(recipe.seed);
    fs::create_dir_all(folder)?;

    let mut net = UNet::new(config, &device).materialize();
    let mut ema = net.valid();
    let mut optimizer = AdamWConfig::new()
        .with_beta_2(0.99)
        .with_weight_decay(0.01)
        .with_epsilon(1e-8)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
        .init();
    let mut progress = Progress { recipe: recipe.clone(), step: 0, losses: Vec::new() };
    if let Some(saved) = Checkpoint::latest(folder) {
        progress = saved.progress()?;
        ensure!(
            progress.recipe == *recipe,
            "the checkpoint in {} belongs to another recipe ({:?}): give the same options, or another --folder",
            folder.display(),
            progress.recipe
        );
        (net, ema, optimizer) = saved.load(net, ema, optimizer)?;
        println!("resuming after {} images", progress.step * recipe.batch);
    }

    let steps = recipe.images.div_ceil(recipe.batch);
    println!("{} parameters, {steps} steps of {} images", net.num_params(), recipe.batch);
    let mut log = fs::OpenOptions::new().create(true).append(true).open(folder.join("loss.log"))?;
    let started = Instant::now();
    let first = progress.step;
    let mut sum = 0.0;
    while progress.step < steps {
        let (loss, gradients) = gradients(&net, config, data, recipe, progress.step, &device);
        net = optimizer.step(learning_rate(recipe, progress.step, steps), net, gradients);
        // a young average follows fast, so that it forgets the first weights
        let decay = recipe.ema_decay.min((progress.step + 1) as f64 / (progress.step + 20) as f64);
        ema = average(ema, &net, decay);
        progress.step += 1;
        sum += loss;
        if progress.step.is_multiple_of(LOG_EVERY) {
            progress.losses.push(sum / LOG_EVERY as f64);
            sum = 0.0;
            let rate = ((progress.step - first) * recipe.batch) as f64 / started.elapsed().as_secs_f64();
            let left = ((steps - progress.step) * recipe.batch) as f64 / rate / 60.0;
            let line = format!(
                "{:>8} of {} images  loss {:.4}  {rate:.0} images/s  {left:.0} min left",
                progress.step * recipe.batch,
                recipe.images,
                progress.losses[progress.losses.len() - 1]
            );
            println!("{line}");
            writeln!(log, "{line}")?;
        }
        if progress.step.is_multiple_of(CHECKPOINT_EVERY) || progress.step == steps {
            Checkpoint::save(folder, &progress, &net, &ema, &optimizer)?;
        }
    }
    Ok(())
}

/// The averaged weights of the last checkpoint in `folder`, and how they came about.
pub fn latest(config: &UNetConfig, folder: &Path) -> Result<(UNet, Progress)> {
    let saved = Checkpoint::latest(folder)
        .with_context(|| format!("there is no checkpoint in {}: run `cargo train fit` first", folder.display()))?;
    let network = UNet::new(config, &Device::flex()).try_load_file(saved.0.join("ema.bpk"))?;
    Ok((network, saved.progress()?))
}

fn learning_rate(recipe: &Recipe, step: usize, steps: usize) -> f64 {
    let warm = ((step + 1) as f64 / recipe.warm_up as f64).min(1.0);
    let cosine = 0.5 * (1.0 + libm::cos(std::f64::consts::PI * step as f64 / steps as f64));
    recipe.learning_rate * warm * (0.98 * cosine + 0.02)
}

/// One step's loss and gradients, the rows shared out to one thread a core, each with a copy of the network and an
/// autodiff graph of its own: the small tensors of this network do not fill several cores one operation at a time.
fn gradients(
    net: &UNet,
    config: &UNetConfig,
    data: &Dataset,
    recipe: &Recipe,
    step: usize,
    device: &Device,
) -> (f64, GradientsParams) {
    let batch = Batch::draw(config, data, recipe, step);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(recipe.batch);
    let share = recipe.batch.div_ceil(threads);
    let parts: Vec<(f64, GradientsParams)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..recipe.batch)
            .step_by(share)
            .map(|first| {
                let rows = first..(first + share).min(recipe.batch);
                let (batch, net) = (&batch, net.clone().fork(device));
                scope.spawn(move || {
                    let loss = batch.loss(&net, config, rows, device) / recipe.batch as f64;
                    let value: f32 = loss.clone().into_scalar();
                    (f64::from(value), GradientsParams::from_grads(loss.backward(), &net))
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("a training thread panicked")).collect()
    });
    let mut sum = GradientsAccumulator::new();
    let mut loss = 0.0;
    for (value, gradients) in parts {
        loss += value;
        sum.accumulate(net, gradients);
    }
    (loss, sum.grads())
}

/// The rows of one step. Everything random comes from (seed, step), so a resumed run goes on as if it had never
/// stopped.
struct Batch {
    noisy: Vec<f32>,
    velocity: Vec<f32>,
    times: Vec<f32>,
    labels: Vec<f32>,
}

impl Batch {
    fn draw(config: &UNetConfig, data: &Dataset, recipe: &Recipe, step: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(recipe.seed);
        rng.set_stream(step as u64 + 1);
        let mut batch = Self { noisy: Vec::new(), velocity: Vec::new(), times: Vec::new(), labels: Vec::new() };
        for row in 0..recipe.batch {
            let i = rng.random_range(0..data.len());
            let drop = rng.random::<f64>() < recipe.label_drop;
            // stratified: one time in each of `batch` equal intervals
            let t = ((row as f64 + rng.random::<f64>()) / recipe.batch as f64).clamp(0.001, 0.999);
            let Level { alpha, sigma, .. } = Level::cosine(t);
            for &x0 in data.image(i) {
                let noise: f64 = rng.sample(StandardNormal);
                batch.noisy.push((alpha * f64::from(x0) + sigma * noise) as f32);
                batch.velocity.push((alpha * noise - sigma * f64::from(x0)) as f32);
            }
            batch.times.extend(time_features(t, 2 * config.base));
            let class = if drop { config.classes.len() } else { data.label(i) };
            batch.labels.extend((0..=config.classes.len()).map(|c| if c == class { 1.0_f32 } else { 0.0 }));
        }
        batch
    }

    /// The sum over `rows` of each row's mean squared error.
    fn loss(&self, net: &UNet, config: &UNetConfig, rows: Range<usize>, device: &Device) -> Tensor<1> {
        let tensor = |values: &[f32], width: usize| {
            let values = values[rows.start * width..rows.end * width].to_vec();
            Tensor::<2>::from_data(TensorData::new(values, [rows.len(), width]), device)
        };
        let (dim, image) = (config.dim(), [rows.len(), config.channels, config.size, config.size]);
        let prediction = net.forward(
            tensor(&self.noisy, dim).reshape(image),
            tensor(&self.times, 2 * config.base),
            tensor(&self.labels, config.classes.len() + 1),
        );
        let error = prediction - tensor(&self.velocity, dim).reshape(image);
        error.powi_scalar(2).sum() / dim as f64
    }
}

/// `ema <- decay ema + (1 - decay) net`, parameter by parameter in the order both are visited.
fn average(ema: UNet, net: &UNet, decay: f64) -> UNet {
    struct Collect(Vec<TensorData>);
    impl ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.push(param.val().inner().into_data());
        }
    }
    struct Blend(std::vec::IntoIter<TensorData>, f64);
    impl ModuleMapper for Blend {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let data = self.0.next().expect("both modules have the same parameters");
            param.map(|old| {
                let new = Tensor::from_data(data, &old.device());
                old * self.1 + new * (1.0 - self.1)
            })
        }
    }
    let mut weights = Collect(Vec::new());
    net.visit(&mut weights);
    ema.map(&mut Blend(weights.0.into_iter(), decay))
}

/// A folder that holds the weights, their average, the optimiser and the progress of one moment.
struct Checkpoint(PathBuf);

impl Checkpoint {
    fn latest(folder: &Path) -> Option<Self> {
        // a run that was killed between the two renames of `save` has left `new` whole: its progress is written last
        let places = ["checkpoint", "new", "old"].map(|name| folder.join(name));
        places.into_iter().find(|path| path.join("progress.json").exists()).map(Self)
    }

    fn progress(&self) -> Result<Progress> {
        let text = fs::read(self.0.join("progress.json"))?;
        serde_json::from_slice(&text).with_context(|| format!("reading {}", self.0.display()))
    }

    fn load(&self, net: UNet, ema: UNet, optimizer: ModuleOptimizer) -> Result<(UNet, UNet, ModuleOptimizer)> {
        Ok((
            net.try_load_file(self.0.join("net.bpk"))?,
            ema.try_load_file(self.0.join("ema.bpk"))?,
            optimizer.load(self.0.join("optimizer.bpk"))?,
        ))
    }

    /// Written beside the last one and moved into its place, so that an interruption never leaves half a checkpoint.
    fn save(folder: &Path, progress: &Progress, net: &UNet, ema: &UNet, optimizer: &ModuleOptimizer) -> Result<()> {
        let (new, path, old) = (folder.join("new"), folder.join("checkpoint"), folder.join("old"));
        if path.exists() {
            let _ = fs::remove_dir_all(&new);
        }
        fs::create_dir_all(&new)?;
        net.valid().save_file(new.join("net.bpk"))?;
        ema.clone().save_file(new.join("ema.bpk"))?;
        optimizer.save(new.join("optimizer.bpk"))?;
        fs::write(new.join("progress.json"), serde_json::to_vec_pretty(progress)?)?;
        let _ = fs::remove_dir_all(&old);
        if path.exists() {
            fs::rename(&path, &old)?;
        }
        fs::rename(&new, &path)?;
        let _ = fs::remove_dir_all(&old);
        Ok(())
    }
}
