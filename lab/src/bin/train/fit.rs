//! The training loop: a noisy sample in, its velocity out, mean squared error.

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

/// What a training run is; a checkpoint can only be resumed under the same recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Examples to see, counted with repetition.
    pub examples: usize,
    /// Examples a step.
    pub batch: usize,
    /// Peak learning rate of AdamW.
    pub learning_rate: f64,
    /// Steps of linear warm-up; cosine decay to 2 % follows.
    pub warm_up: usize,
    /// Share of examples shown without their class, for classifier-free guidance (Ho & Salimans 2022).
    pub label_drop: f64,
    /// Decay of the exponential moving average of the weights.
    pub ema_decay: f64,
    /// Seed of the weights, the order of the examples, the times and the noise.
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

/// What is learnt.
pub trait Task: Sync {
    /// The network.
    type Net: Module + Send + 'static;
    /// The rows of a step.
    type Batch: Sync;

    /// A network with its first weights.
    fn fresh(&self, device: &Device) -> Self::Net;

    /// The rows of one step. Everything random comes from [`Recipe::dice`].
    fn draw(&self, recipe: &Recipe, step: usize) -> Self::Batch;

    /// The sum over `rows` of each row's mean squared error.
    fn loss(&self, net: &Self::Net, batch: &Self::Batch, rows: Range<usize>, device: &Device) -> Tensor<1>;
}

impl Recipe {
    /// Random numbers of (seed, step): a resumed run goes on as if it had never stopped.
    pub fn dice(&self, step: usize) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(step as u64 + 1);
        rng
    }

    /// The time of a row: stratified, one in each of as many equal intervals as a step has rows.
    pub fn time(&self, row: usize, rng: &mut ChaCha8Rng) -> Level {
        Level::cosine(((row as f64 + rng.random::<f64>()) / self.batch as f64).clamp(0.001, 0.999))
    }
}

/// A noisy sample and its velocity.
pub fn noised(x0: f32, Level { alpha, sigma, .. }: Level, rng: &mut ChaCha8Rng) -> (f32, f32) {
    let (x0, noise): (f64, f64) = (x0.into(), rng.sample(StandardNormal));
    ((alpha * x0 + sigma * noise) as f32, (alpha * noise - sigma * x0) as f32)
}

/// Some rows of numbers as a tensor.
pub fn rows_of(values: &[f32], width: usize, rows: &Range<usize>, device: &Device) -> Tensor<2> {
    let values = values[rows.start * width..rows.end * width].to_vec();
    Tensor::from_data(TensorData::new(values, [rows.len(), width]), device)
}

/// Trains until the recipe is fulfilled, resuming from `folder` where an earlier run stopped. The first weights are fresh, or the
/// averaged ones of the last checkpoint in the folder `before`.
pub fn fit<T: Task>(task: &T, before: Option<&Path>, recipe: &Recipe, folder: &Path) -> Result<()> {
    let device = Device::flex().autodiff();
    device.seed(recipe.seed);
    fs::create_dir_all(folder)?;

    let mut net = task.fresh(&device).materialize();
    if let Some(before) = before {
        net = latest(net, before)?.0;
    }
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
        println!("resuming after {} examples", progress.step * recipe.batch);
    }

    let steps = recipe.examples.div_ceil(recipe.batch);
    println!("{} parameters, {steps} steps of {} examples", net.num_params(), recipe.batch);
    let mut log = fs::OpenOptions::new().create(true).append(true).open(folder.join("loss.log"))?;
    let started = Instant::now();
    let first = progress.step;
    let mut sum = 0.0;
    while progress.step < steps {
        let (loss, gradients) = gradients(task, &net, recipe, progress.step, &device);
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
                "{:>8} of {} examples  loss {:.4}  {rate:.0} examples/s  {left:.0} min left",
                progress.step * recipe.batch,
                recipe.examples,
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

/// The averaged weights of the last checkpoint in `folder` in the place of `net`'s, and how they came about.
pub fn latest<M: Module>(net: M, folder: &Path) -> Result<(M, Progress)> {
    let saved = Checkpoint::latest(folder)
        .with_context(|| format!("there is no checkpoint in {}: run `cargo train fit` first", folder.display()))?;
    Ok((net.try_load_file(saved.0.join("ema.bpk"))?, saved.progress()?))
}

fn learning_rate(recipe: &Recipe, step: usize, steps: usize) -> f64 {
    let warm = ((step + 1) as f64 / recipe.warm_up as f64).min(1.0);
    let cosine = 0.5 * (1.0 + libm::cos(std::f64::consts::PI * step as f64 / steps as f64));
    recipe.learning_rate * warm * (0.98 * cosine + 0.02)
}

/// One step's loss and gradients, the rows shared out to one thread a core, each with a copy of the network and an
/// autodiff graph of its own: the small tensors of this network do not fill several cores one operation at a time.
fn gradients<T: Task>(task: &T, net: &T::Net, recipe: &Recipe, step: usize, device: &Device) -> (f64, GradientsParams) {
    let batch = task.draw(recipe, step);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(recipe.batch);
    let share = recipe.batch.div_ceil(threads);
    let parts: Vec<(f64, GradientsParams)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..recipe.batch)
            .step_by(share)
            .map(|first| {
                let rows = first..(first + share).min(recipe.batch);
                let (batch, net) = (&batch, net.clone().fork(device));
                scope.spawn(move || {
                    let loss = task.loss(&net, batch, rows, device) / recipe.batch as f64;
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

/// `ema <- decay ema + (1 - decay) net`, parameter by parameter in the order both are visited.
fn average<M: Module>(ema: M, net: &M, decay: f64) -> M {
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

    fn load<M: Module>(&self, net: M, ema: M, optimizer: ModuleOptimizer) -> Result<(M, M, ModuleOptimizer)> {
        Ok((
            net.try_load_file(self.0.join("net.bpk"))?,
            ema.try_load_file(self.0.join("ema.bpk"))?,
            optimizer.load(self.0.join("optimizer.bpk"))?,
        ))
    }

    /// Written beside the last one and moved into its place, so that an interruption never leaves half a checkpoint.
    fn save<M: Module>(
        folder: &Path,
        progress: &Progress,
        net: &M,
        ema: &M,
        optimizer: &ModuleOptimizer,
    ) -> Result<()> {
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
