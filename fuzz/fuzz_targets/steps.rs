//! A table of steps and a model from anywhere: refused, or a run that ends, or a model that is refused; never a panic.
#![no_main]

include!("../inputs/steps.rs");

libfuzzer_sys::fuzz_target!(|data: &[u8]| feed(data));
