use speculative_diffusion::{Ask, Chain, Sampler, Settings, State};

/// Words of the layout and of the run's fingerprint, which chance would never find.
const HEAD: usize = 16;

/// A saved state from anywhere: refused, or a run that goes on to its end without a panic.
pub fn feed(data: &[u8]) {
    let chain = Chain::cosine(6, 1.0).expect("a chain");
    let sampler = Sampler::new(chain, Settings::default()).expect("a sampler");
    let mut bytes = sampler.run(1, 2).state().to_bytes();
    bytes.truncate(HEAD);
    bytes.extend_from_slice(data);
    let Ok(state) = State::from_bytes(&bytes) else { return };
    assert_eq!(state.to_bytes(), bytes, "what was read is what was written");
    let dim = state.y().len();
    let Ok(mut run) = sampler.resume(1, state) else { return };
    for _ in 0..12 {
        let Ask::Estimate(ticket, batch) = run.ask() else { break };
        let estimates: Vec<f64> = batch.iter().flat_map(|(_, y)| y.iter().map(|y| 0.5 * y)).collect();
        assert_eq!(estimates.len(), batch.len() * dim);
        if run.answer(ticket, &estimates).is_err() {
            return;
        }
    }
}
