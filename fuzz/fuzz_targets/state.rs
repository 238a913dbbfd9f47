//! A saved state from anywhere: refused, or a run that goes on to its end without a panic.
#![no_main]

include!("../inputs/state.rs");

libfuzzer_sys::fuzz_target!(|data: &[u8]| feed(data));
