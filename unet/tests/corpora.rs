//! Every committed input of a fuzzer, fed to its parser again: what `cargo xtask fuzz` does with a nightly compiler and
//! with inputs of its own (`tests/corpora.rs` has those of the sampler).
#![cfg(not(target_arch = "wasm32"))]

use std::fs;

mod sidecar {
    include!("../../fuzz/inputs/sidecar.rs");
}
mod weights {
    include!("../../fuzz/inputs/weights.rs");
}

type Feed = fn(&[u8]);

#[test]
fn committed_inputs_of_the_fuzzers_are_refused_or_used() {
    let parsers: [(&str, Feed); 2] = [("sidecar", sidecar::feed), ("weights", weights::feed)];
    for (name, feed) in parsers {
        let corpus = format!("{}/../fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut fed = 0;
        for input in fs::read_dir(corpus).expect("a corpus") {
            feed(&fs::read(input.expect("an input").path()).expect("it can be read"));
            fed += 1;
        }
        assert!(fed > 0, "{name}");
    }
}
