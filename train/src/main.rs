//! Trains the networks that the crate and its page ship, and judges them.

mod classifier;
mod data;
mod export;
mod fit;
#[path = "../../examples/native/mod.rs"]
mod native;
mod quality;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use serde_json::{Map, Value, json};
use speculative_diffusion::network::UNetConfig;

/// A step allocates and frees the same large buffers thousands of times.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Train the pixel faces, export their weights, judge their samples")]
struct Options {
    /// Folder of checkpoints, logs and drawn data
    #[arg(long, default_value = "target/train/faces", global = true)]
    folder: PathBuf,
    /// Folder of the exported weights
    #[arg(long, default_value = "assets", global = true)]
    assets: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train (resuming where an interrupted run stopped), then export; about an hour on 2 cores
    Fit {
        /// Images to see, counted with repetition
        #[arg(long, default_value_t = 400_000)]
        images: usize,
    },
    /// Export the last checkpoint's averaged weights as they are
    Export,
    /// Draw the sample grids into docs/ and write the quality figures into the sidecar
    Quality {
        /// Samples of each class to judge
        #[arg(long, default_value_t = 64)]
        samples: usize,
    },
}

fn config() -> UNetConfig {
    UNetConfig {
        channels: 3,
        size: data::SIZE,
        base: 32,
        multipliers: vec![1, 2, 2],
        classes: data::CLASSES.map(String::from).to_vec(),
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let options = Options::parse();
    let (training, held_out) = data::load(&options.folder.join("data"))?;
    match options.command {
        Command::Fit { images } => {
            let recipe = fit::Recipe {
                images,
                batch: 64,
                learning_rate: 1e-3,
                warm_up: 200,
                label_drop: 0.12,
                ema_decay: 0.999,
                seed: 1,
            };
            fit::fit(&config(), &training, &recipe, &options.folder)?;
        }
        Command::Export => {}
        Command::Quality { samples } => {
            return quality::judge(&options.assets, &options.folder, &training, &held_out, samples);
        }
    }
    let (network, progress) = fit::latest(&config(), &options.folder)?;
    let mut about = Map::new();
    about.insert("data".into(), data_card());
    about.insert("training".into(), serde_json::to_value(&progress)?);
    export::export(&network, &config(), "faces", about, &options.assets)
}

fn data_card() -> Value {
    json!({
        "what": "pixel-art faces, 16x16 RGB, drawn by train/faces/generate.mjs",
        "images": data::TRAINING,
        "held_out": data::HELD_OUT,
        "art": "DiceBear Pixel Art (@dicebear/pixel-art 9.4.3)",
        "art_licence": "CC0 1.0",
        "weights_licence": "MIT OR Apache-2.0",
    })
}
