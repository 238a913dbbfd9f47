//! A sidecar from anywhere: refused, or the description of a network whose memory is bounded.
#![no_main]

include!("../inputs/sidecar.rs");

libfuzzer_sys::fuzz_target!(|data: &[u8]| feed(data));
