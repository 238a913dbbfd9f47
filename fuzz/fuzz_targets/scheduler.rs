//! A `scheduler_config.json` from anywhere: refused by the field, or a chain of finite steps that can be run.
#![no_main]

include!("../inputs/scheduler.rs");

libfuzzer_sys::fuzz_target!(|data: &[u8]| feed(data));
