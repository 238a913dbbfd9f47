//! Settings as text, as addresses and command lines have them: refused by the field, or what they name again when written.
#![no_main]

include!("../inputs/settings.rs");

libfuzzer_sys::fuzz_target!(|data: &[u8]| feed(data));
