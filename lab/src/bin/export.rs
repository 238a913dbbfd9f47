//! A shipped network as an ONNX file with a scheduler's configuration beside it: `cargo run --release -p lab --bin export
//! -- --help`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use serde_json::json;
use speculative_diffusion::Level;
use speculative_diffusion::schedule::{T_MAX, T_MIN};
use speculative_diffusion_unet::{Sidecar, Timesteps, to_onnx};

#[derive(Parser)]
#[command(about = "Write model.onnx and scheduler_config.json of a shipped network")]
struct Options {
    /// Weights: assets/<MODEL>.bpk and .json
    #[arg(long, default_value = "faces")]
    model: String,
    /// Timesteps that the file's input `timestep` counts; a run of as many steps is the page's chain
    #[arg(long, default_value_t = 100)]
    timesteps: usize,
    /// Where to put the two files
    #[arg(long, default_value = "target/onnx")]
    out: PathBuf,
}

/// The page's chain as diffusers would describe it: DDPM with betas of its own.
fn configuration(timesteps: usize) -> serde_json::Value {
    let stride = (T_MAX - T_MIN) / (timesteps - 1) as f64;
    let kept = |i: usize| Level::cosine(T_MIN + stride * i as f64).alpha.powi(2);
    let beta = |i: usize| 1.0 - kept(i) / if i == 0 { 1.0 } else { kept(i - 1) };
    json!({
        "_class_name": "DDPMScheduler",
        "num_train_timesteps": timesteps,
        "trained_betas": (0..timesteps).map(beta).collect::<Vec<f64>>(),
        "prediction_type": "v_prediction",
        "variance_type": "fixed_small",
        "clip_sample": false,
    })
}

fn run(options: &Options) -> Result<()> {
    ensure!((2..=10_000).contains(&options.timesteps), "--timesteps is {}: give 2 to 10000", options.timesteps);
    let read = |ending: &str| {
        let path = Path::new(lab::ASSETS).join(format!("{}.{ending}", options.model));
        std::fs::read(&path).with_context(|| format!("reading {}", path.display()))
    };
    let sidecar = Sidecar::parse(&String::from_utf8(read("json")?)?)?;
    let model = to_onnx(&sidecar, &read("bpk")?, Timesteps::Discrete(options.timesteps))?;
    std::fs::create_dir_all(&options.out)?;
    for (name, bytes) in [
        ("model.onnx", model),
        ("scheduler_config.json", format!("{:#}\n", configuration(options.timesteps)).into_bytes()),
    ] {
        let path = options.out.join(name);
        std::fs::write(&path, &bytes).with_context(|| format!("writing {}", path.display()))?;
        println!("{}: {} bytes", path.display(), bytes.len());
    }
    Ok(())
}

fn main() -> ExitCode {
    lab::exit(run(&Options::parse()))
}

#[cfg(test)]
mod tests {
    use speculative_diffusion::Chain;
    use speculative_diffusion::diffusers::{Scheduler, SchedulerConfig};

    use super::configuration;

    #[test]
    fn the_configuration_is_the_page_s_chain() {
        /// Products of a hundred numbers.
        const ROUNDING: f64 = 1e-10;
        let config = SchedulerConfig::from_json(&configuration(100).to_string()).expect("supported");
        let scheduler = Scheduler::new(&config, 100, 1.0).expect("as many steps as timesteps");
        let due = Chain::cosine(100, 1.0).expect("valid");
        assert_eq!((scheduler.chain().len(), scheduler.chain().start()), (due.len(), due.start()));
        for (found, due) in scheduler.chain().steps().iter().zip(due.steps()) {
            for (found, due) in
                [(found.a, due.a), (found.b, due.b), (found.s, due.s), (found.level.alpha, due.level.alpha)]
            {
                assert!((found - due).abs() < ROUNDING, "{found} instead of {due}");
            }
        }
    }
}
