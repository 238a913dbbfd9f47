//! A weights file from anywhere, whose length and hash its sidecar confirms: refused, or a network.
#![no_main]

include!("../inputs/weights.rs");

libfuzzer_sys::fuzz_target!(|data: &[u8]| feed(data));
