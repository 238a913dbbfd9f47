//! The policy: its demonstrations, its network as a module of burn's, and its three stages of training. After the first two
//! the teacher is asked what it would do where the policy gets to, and the next learns from that too.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use burn::module::Module;
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::activation::silu;
use burn::tensor::{Device, Tensor};
use lab::share_out;
use policy::{
    CONDITION, DIM, Demonstrations, Dice, Expert, FEATURES, HIDDEN, LAYERS, Network, Observation, Policy, Sidecar,
    TIME_FEATURES, Vector, WIDTH, demonstrate, relabel, time_features,
};
use rand::RngExt as _;
use serde_json::{Map, Value, json};
use speculative_diffusion::{Chain, Noise};
use speculative_diffusion_unet::{sha256, to_bytes};

use crate::fit::{self, Recipe, Task, noised, rows_of};

/// Episodes of the teacher, and of the policy after each of the first two stages.
const EPISODES: usize = 7000;
const RELABELLED: [usize; 2] = [600, 700];
/// How often each row of the policy's own episodes is listed.
const WEIGHT: usize = 2;
/// Examples of each stage, and its learning rate.
const STAGES: [(usize, f64); 3] = [(9_000_000, 1e-3), (7_000_000, 5e-4), (7_000_000, 5e-4)];
/// Episodes of one portion, after which a line is printed.
const PORTION: usize = 250;

/// One residual block.
#[derive(Module, Debug)]
pub struct Block {
    condition: Linear,
    time: Linear,
    up: Linear,
    down: Linear,
}

/// The policy's network as it is trained: what `policy::Network` computes.
#[derive(Module, Debug)]
pub struct Net {
    see1: Linear,
    see2: Linear,
    input: Linear,
    blocks: Vec<Block>,
    output: Linear,
}

impl Net {
    fn new(device: &Device) -> Self {
        let layer = |from, to| LinearConfig::new(from, to).init(device);
        let zero = |from, to| LinearConfig::new(from, to).with_initializer(Initializer::Zeros).init(device);
        let block = |_| Block {
            condition: layer(CONDITION, 2 * WIDTH),
            time: layer(TIME_FEATURES, 2 * WIDTH),
            up: layer(WIDTH, WIDTH),
            down: zero(WIDTH, WIDTH),
        };
        Self {
            see1: layer(FEATURES, HIDDEN),
            see2: layer(HIDDEN, CONDITION),
            input: layer(DIM, WIDTH),
            blocks: (0..LAYERS).map(block).collect(),
            output: zero(WIDTH, DIM),
        }
    }

    /// # Shapes
    /// `y`: `[rows, DIM]`, as the result; `time`: `[rows, TIME_FEATURES]`; `seen`: `[rows, FEATURES]`.
    fn forward(&self, y: Tensor<2>, time: Tensor<2>, seen: Tensor<2>) -> Tensor<2> {
        let seen = silu(self.see2.forward(silu(self.see1.forward(seen))));
        let mut stream = self.input.forward(y);
        for block in &self.blocks {
            let film = block.condition.forward(seen.clone()) + block.time.forward(time.clone());
            let (scale, shift) = (film.clone().narrow(1, 0, WIDTH), film.narrow(1, WIDTH, WIDTH));
            let centred = stream.clone() - stream.clone().mean_dim(1);
            let variance = centred.clone().powi_scalar(2).mean_dim(1);
            let normed = centred / (variance + 1e-5).sqrt();
            let inner = silu(block.up.forward(normed * (scale + 1.0) + shift));
            stream = stream + block.down.forward(inner);
        }
        self.output.forward(stream)
    }
}

/// Rows to learn from.
struct Plans {
    features: Vec<f32>,
    /// Standardised.
    plans: Vec<f32>,
}

pub struct Batch {
    noisy: Vec<f32>,
    velocity: Vec<f32>,
    times: Vec<f32>,
    seen: Vec<f32>,
}

/// Mean and deviation of each number of a plan.
struct Standard {
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

/// A row's observation and plan, or their mirror images: x, angle and what goes with them change their sign.
fn mirrored(row: &[f32], mirror: bool) -> (Observation, Vec<f32>) {
    const SIDEWAYS: [bool; 8] = [true, false, true, false, true, false, false, true];
    let sign = |sideways: bool| if mirror && sideways { -1.0 } else { 1.0 };
    let seen = core::array::from_fn(|i| sign(SIDEWAYS[i]) * f64::from(row[i]));
    (seen, row[8..].iter().enumerate().map(|(i, x)| sign(i % 2 == 0) as f32 * x).collect())
}

impl Standard {
    /// Of all rows and their mirror images.
    fn of(numbers: &[f32]) -> Self {
        let rows = numbers.chunks_exact(Demonstrations::WIDTH);
        let count = 2.0 * rows.len() as f64;
        let (mut sum, mut squares) = (vec![0.0; DIM], vec![0.0; DIM]);
        for (row, mirror) in rows.flat_map(|row| [(row, false), (row, true)]) {
            for (i, x) in mirrored(row, mirror).1.into_iter().enumerate() {
                sum[i] += f64::from(x);
                squares[i] += f64::from(x).powi(2);
            }
        }
        let mean: Vec<f64> = sum.iter().map(|sum| sum / count).collect();
        let deviation = squares.iter().zip(&mean).map(|(square, mean)| (square / count - mean * mean).sqrt()).collect();
        Self { mean, deviation }
    }
}

impl Plans {
    fn new(numbers: &[f32], standard: &Standard) -> Self {
        let mut plans = Self { features: Vec::new(), plans: Vec::new() };
        for row in numbers.chunks_exact(Demonstrations::WIDTH) {
            for mirror in [false, true] {
                let (seen, plan) = mirrored(row, mirror);
                plans.features.extend(Network::features(&seen));
                let standard = standard.mean.iter().zip(&standard.deviation);
                let scaled = plan.iter().zip(standard).map(|(x, (mean, s))| ((f64::from(*x) - mean) / s) as f32);
                plans.plans.extend(scaled);
            }
        }
        plans
    }
}

impl Task for Plans {
    type Net = Net;
    type Batch = Batch;

    fn fresh(&self, device: &Device) -> Net {
        Net::new(device)
    }

    fn draw(&self, recipe: &Recipe, step: usize) -> Batch {
        let rng = &mut recipe.dice(step);
        let mut batch = Batch { noisy: Vec::new(), velocity: Vec::new(), times: Vec::new(), seen: Vec::new() };
        for row in 0..recipe.batch {
            let i = rng.random_range(0..self.plans.len() / DIM);
            let level = recipe.time(row, rng);
            for &x0 in &self.plans[i * DIM..(i + 1) * DIM] {
                let (noisy, velocity) = noised(x0, level, rng);
                batch.noisy.push(noisy);
                batch.velocity.push(velocity);
            }
            batch.times.extend(time_features(level.t));
            batch.seen.extend_from_slice(&self.features[i * FEATURES..(i + 1) * FEATURES]);
        }
        batch
    }

    fn loss(&self, net: &Net, batch: &Batch, rows: Range<usize>, device: &Device) -> Tensor<1> {
        let tensor = |values: &[f32], width: usize| rows_of(values, width, &rows, device);
        let (noisy, times) = (tensor(&batch.noisy, DIM), tensor(&batch.times, TIME_FEATURES));
        let velocity = net.forward(noisy, times, tensor(&batch.seen, FEATURES));
        (velocity - tensor(&batch.velocity, DIM)).powi_scalar(2).sum() / DIM as f64
    }
}

/// All stages, each resumed where an earlier run stopped; then the export.
pub fn fit(examples: Option<usize>, seed: u64, folder: &Path, assets: &Path) -> Result<()> {
    let data = folder.join("data");
    fs::create_dir_all(&data)?;
    let expert = Expert::new();
    let mut numbers = kept(&data.join("demonstrations.bin"), || {
        gathered("demonstrations", EPISODES, |episode| Ok(demonstrate(&expert, seed, episode)))
    })?;
    let standard = Standard::of(&numbers);
    let device = Device::flex();
    let mut before: Option<PathBuf> = None;
    for (stage, (usual, learning_rate)) in STAGES.into_iter().enumerate() {
        let recipe = Recipe {
            examples: examples.unwrap_or(usual),
            batch: 512,
            learning_rate,
            warm_up: 200,
            label_drop: 0.0,
            ema_decay: 0.999,
            seed,
        };
        let here = folder.join(format!("stage-{}", stage + 1));
        println!("stage {} of {}: {} rows", stage + 1, STAGES.len(), numbers.len() / Demonstrations::WIDTH);
        let plans = Plans::new(&numbers, &standard);
        fit::fit(&plans, before.as_deref(), &recipe, &here)?;
        let (net, progress) = fit::latest(Net::new(&device), &here)?;
        let (sidecar, weights) = described(&net, &standard, Map::new())?;
        if let Some(&episodes) = RELABELLED.get(stage) {
            let network = sidecar.load(&weights)?;
            let more = kept(&data.join(format!("relabelled-{}.bin", stage + 1)), || {
                let chain = Chain::cosine(10, 1.0)?;
                gathered("relabelled episodes", episodes, |episode| {
                    let number = (episode + 1) * 100 + stage as u64;
                    // apart from the demonstrations' episodes
                    Ok(relabel(&expert, seed + 1000, number, |seen, dice| {
                        planned(&network, &chain, seen, dice).expect("the policy has seen something")
                    }))
                })
            })?;
            for _ in 0..WEIGHT {
                numbers.extend_from_slice(&more);
            }
        } else {
            let mut about = Map::new();
            about.insert("data".into(), card());
            about.insert("training".into(), serde_json::to_value(&progress)?);
            export(&net, &standard, about, assets)?;
        }
        before = Some(here);
    }
    Ok(())
}

/// A plan by DDIM.
fn planned(network: &Network, chain: &Chain, seen: &Observation, dice: &mut Dice) -> Result<Vec<Vector>> {
    let mut policy = Policy::new(network, chain);
    policy.see(&[*seen]);
    let noise = Noise::new((dice.uniform() * 1e15) as u64, 0);
    Ok(policy.commands(0, &policy.deterministic(noise)?))
}

/// Rows of episodes, shared out to the cores.
fn gathered(what: &str, episodes: usize, of: impl Fn(u64) -> Result<Demonstrations> + Sync) -> Result<Vec<f32>> {
    let mut all = Demonstrations::default();
    for first in (0..episodes).step_by(PORTION) {
        let count = PORTION.min(episodes - first);
        for found in share_out(count, |i| of((first + i) as u64))? {
            all.append(found);
        }
        let rows = all.numbers.len() / Demonstrations::WIDTH;
        println!("{} of {episodes} {what}: {} ended well, {rows} rows", first + count, all.successes);
    }
    Ok(all.numbers)
}

/// What a file holds, or else what is made and then written there.
fn kept(path: &Path, make: impl FnOnce() -> Result<Vec<f32>>) -> Result<Vec<f32>> {
    if let Ok(bytes) = fs::read(path) {
        let (numbers, rest) = bytes.as_chunks();
        ensure!(rest.is_empty(), "{} is cut short: delete it", path.display());
        return Ok(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect());
    }
    let numbers = make()?;
    // an interruption leaves no half of it
    let aside = path.with_extension("new");
    fs::write(&aside, numbers.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())?;
    fs::rename(&aside, path).with_context(|| format!("writing {}", path.display()))?;
    Ok(numbers)
}

fn card() -> Value {
    json!({
        "what": "plans of a hand that pushes a T to a goal, by the teacher in policy/src/expert.rs; nothing is downloaded",
        "episodes": EPISODES,
        "relabelled_episodes": RELABELLED,
        "weights_licence": "MIT OR Apache-2.0",
    })
}

fn described(net: &Net, standard: &Standard, about: Map<String, Value>) -> Result<(Sidecar, Vec<u8>)> {
    let weights = to_bytes(net)?;
    let sidecar = Sidecar {
        name: "policy".into(),
        mean: standard.mean.clone(),
        deviation: standard.deviation.clone(),
        bytes: weights.len(),
        sha256: sha256(&weights),
        about,
    };
    Ok((sidecar, weights))
}

fn export(net: &Net, standard: &Standard, about: Map<String, Value>, folder: &Path) -> Result<()> {
    let (sidecar, weights) = described(net, standard, about)?;
    fs::create_dir_all(folder)?;
    fs::write(folder.join("policy.bpk"), &weights)?;
    fs::write(folder.join("policy.json"), serde_json::to_string_pretty(&sidecar)? + "\n")?;
    println!("policy.bpk: {} bytes, policy.json beside it in {}", weights.len(), folder.display());
    Ok(())
}
