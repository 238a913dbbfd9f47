//! A sidecar from anywhere: refused, or the description of a network whose memory is bounded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use speculative_diffusion_unet::Sidecar;

fuzz_target!(|text: &str| {
    let Ok(sidecar) = Sidecar::parse(text) else { return };
    assert!(sidecar.network.dim() > 0);
    assert!(sidecar.load(b"no weights").is_err());
});
