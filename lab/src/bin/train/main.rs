//! Trains the networks that the crates and their page ship, and judges them: `cargo train --help`.

mod classifier;
mod compare;
mod data;
mod export;
mod fit;
mod images;
mod policy;
mod quality;
mod samplers;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use burn::tensor::Device;
use clap::{Parser, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use speculative_diffusion_unet::{UNet, UNetConfig};

use data::Source;

/// A step allocates and frees the same large buffers thousands of times.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Train a network, export its weights, judge its samples")]
struct Options {
    /// Which network
    #[arg(long, value_enum, default_value_t = Model::Faces, global = true)]
    model: Model,
    /// Folder of checkpoints, logs and data; target/train/<MODEL> if not given
    #[arg(long, global = true)]
    folder: Option<PathBuf>,
    /// Folder of the exported weights
    #[arg(long, default_value = "assets", global = true)]
    assets: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train (resuming where an interrupted run stopped), then export
    Fit {
        /// Examples to see, counted with repetition; the model's own number if not given
        #[arg(long)]
        examples: Option<usize>,
    },
    /// Train the policy: its demonstrations, its three stages, the export; an hour, and as `fit` resumed where it stopped
    Policy {
        /// Examples to see in each stage, counted with repetition; its own number if not given
        #[arg(long)]
        examples: Option<usize>,
        /// Seed of the demonstrations, the weights and the order of the examples
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Export the last checkpoint's averaged weights as they are
    Export,
    /// Draw the sample grids into docs/ and write the quality figures into the sidecar
    Quality {
        /// Samples to judge, the classes in turn
        #[arg(long, default_value_t = 320)]
        samples: usize,
    },
}

/// The networks there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Model {
    /// Pixel-art faces; about an hour on 2 cores
    Faces,
    /// A small network of the same faces, to draft for the other; ten minutes
    FacesDrafter,
    /// Fashion-MNIST, on 2x2 patches; an hour and a half
    Fashion,
    /// A small network of the same, to draft for the other; ten minutes
    FashionDrafter,
}

impl Model {
    fn name(self) -> &'static str {
        match self {
            Self::Faces => "faces",
            Self::FacesDrafter => "faces-drafter",
            Self::Fashion => "fashion",
            Self::FashionDrafter => "fashion-drafter",
        }
    }

    fn is_drafter(self) -> bool {
        matches!(self, Self::FacesDrafter | Self::FashionDrafter)
    }

    fn source(self) -> Source {
        match self {
            Self::Faces | Self::FacesDrafter => Source::Faces,
            Self::Fashion | Self::FashionDrafter => Source::Fashion,
        }
    }

    fn config(self) -> UNetConfig {
        let source = self.source();
        UNetConfig {
            channels: source.channels(),
            size: source.size(),
            patch: if source == Source::Fashion { 2 } else { 1 },
            base: if self.is_drafter() { 8 } else { 32 },
            multipliers: vec![1, 2, 2],
            classes: source.classes().iter().copied().map(String::from).collect(),
        }
    }

    fn recipe(self, examples: Option<usize>) -> fit::Recipe {
        fit::Recipe {
            examples: examples.unwrap_or(match self {
                Self::Faces | Self::FacesDrafter => 400_000,
                Self::Fashion => 500_000,
                Self::FashionDrafter => 200_000,
            }),
            batch: 64,
            learning_rate: if self.is_drafter() { 3e-3 } else { 1e-3 },
            warm_up: 200,
            label_drop: 0.12,
            ema_decay: 0.999,
            seed: 1,
        }
    }

    fn data_card(self) -> Value {
        match self.source() {
            Source::Faces => json!({
                "what": "pixel-art faces, 16x16 RGB, drawn by lab/faces/generate.mjs",
                "images": data::FACES_TRAINING,
                "held_out": data::FACES_HELD_OUT,
                "art": "DiceBear Pixel Art (@dicebear/pixel-art 9.4.3)",
                "art_licence": "CC0 1.0",
                "weights_licence": "MIT OR Apache-2.0",
            }),
            Source::Fashion => json!({
                "what": "Fashion-MNIST, 28x28 grey: photographs of clothes by Zalando (Xiao, Rasul & Vollgraf 2017)",
                "images": 60_000,
                "held_out": 10_000,
                "data_licence": "MIT",
                "weights_licence": "MIT OR Apache-2.0",
            }),
        }
    }
}

fn main() -> ExitCode {
    lab::exit(run(Options::parse()))
}

fn run(options: Options) -> Result<()> {
    let (model, config) = (options.model, options.model.config());
    let folder = options.folder.clone().unwrap_or_else(|| PathBuf::from("target/train").join(model.name()));
    let data = || model.source().load(&folder.join("data"));
    match options.command {
        Command::Fit { examples } => {
            let task = images::Images { config: &config, data: &data()?.0 };
            fit::fit(&task, None, &model.recipe(examples), &folder)?;
        }
        Command::Policy { examples, seed } => {
            let folder = options.folder.unwrap_or_else(|| PathBuf::from("target/train/policy"));
            return policy::fit(examples, seed, &folder, &options.assets);
        }
        Command::Export => {}
        Command::Quality { samples } => {
            anyhow::ensure!(
                !model.is_drafter(),
                "model is \"{}\": a drafter's pictures are not looked at",
                model.name()
            );
            let (training, held_out) = data()?;
            let (model, source) = (model.name(), model.source());
            let judged = quality::Judged { model, source, training: &training, held_out: &held_out, count: samples };
            return quality::judge(&judged, &options.assets, &folder);
        }
    }
    let (network, progress) = fit::latest(UNet::new(&config, &Device::flex()), &folder)?;
    let mut about = Map::new();
    about.insert("data".into(), model.data_card());
    about.insert("training".into(), serde_json::to_value(&progress)?);
    export::export(&network, &config, model.name(), about, &options.assets)
}
