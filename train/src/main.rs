//! Trains the networks that the crate and its page ship.

mod data;
mod fit;

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use speculative_diffusion::network::UNetConfig;

/// A step allocates and frees the same large buffers thousands of times.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
struct Options {
    /// Folder of checkpoints, logs and drawn data
    #[arg(long, default_value = "target/train/faces")]
    folder: PathBuf,
    /// Images to see, counted with repetition
    #[arg(long, default_value_t = 500_000)]
    images: usize,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let (training, _) = data::load(&options.folder.join("data"))?;
    let config = UNetConfig {
        channels: 3,
        size: data::SIZE,
        base: 32,
        multipliers: vec![1, 2, 2],
        classes: data::CLASSES.map(String::from).to_vec(),
    };
    let recipe = fit::Recipe {
        images: options.images,
        batch: 64,
        learning_rate: 1e-3,
        warm_up: 200,
        label_drop: 0.12,
        ema_decay: 0.999,
        seed: 1,
    };
    fit::fit(&config, &training, &recipe, &options.folder)?;
    Ok(())
}
