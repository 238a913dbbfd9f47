//! A saved state from anywhere: refused, or a run that goes on to its end without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use speculative_diffusion::{Ask, Chain, Noise, Run, Sampler, Settings, State};

/// Words of the layout and of the sampler's fingerprint, which chance would never find.
const HEAD: usize = 16;

fuzz_target!(|data: &[u8]| {
    let chain = Chain::cosine(6, 1.0).expect("a chain");
    let sampler = Sampler::new(chain, Settings::default(), Noise::new(1, 0)).expect("a sampler");
    let mut bytes = Run::new(sampler.clone(), 2).state().to_bytes(&sampler);
    bytes.truncate(HEAD);
    bytes.extend_from_slice(data);
    let Ok(state) = State::from_bytes(&bytes, &sampler) else { return };
    assert_eq!(state.to_bytes(&sampler), bytes, "what was read is what was written");
    let dim = state.y.len();
    let Ok(mut run) = Run::resume(sampler, state) else { return };
    for _ in 0..12 {
        let Ask::Predict(batch) = run.ask() else { break };
        let estimates: Vec<f64> = batch.iter().flat_map(|(_, y)| y.iter().map(|y| 0.5 * y)).collect();
        assert_eq!(estimates.len(), batch.len() * dim);
        if run.answer(&estimates).is_err() {
            return;
        }
    }
});
