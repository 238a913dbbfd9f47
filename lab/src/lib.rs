//! What the programs of this crate share: trained networks from disk and where they compute, many chains at once, the
//! figures and pictures that come of them.
//!
//! `sample` draws pictures, `experiments` measures calls, rows and wall-clock, `evidence`
//! weighs exactness, `train` makes the networks.

mod chains;
mod device;
mod distance;
#[cfg(feature = "onnx")]
mod foreign;
pub mod levels;
mod model;
pub mod path;
mod pictures;
pub mod skipping;

use std::process::ExitCode;

pub use chains::{in_shared_calls, mean, share_out};
pub use device::Device;
pub use distance::{Compared, energy};
#[cfg(feature = "onnx")]
pub use foreign::{Foreign, Scheduled};
pub use model::{ASSETS, Drafted, Model};
pub use pictures::write_grid;

/// What a program's `main` returns: an error is printed in one line, without a backtrace.
pub fn exit(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
