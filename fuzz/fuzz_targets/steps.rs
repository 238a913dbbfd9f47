//! A table of steps and a model from anywhere: refused, or a run that ends, or a model that is refused; never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use speculative_diffusion::{Ask, Chain, Draft, Level, Rule, Sampler, Settings, Step};

fuzz_target!(|input: (u8, u8, u8, u8, u64, f64, Vec<(f64, f64, f64, f64)>, Vec<f64>)| {
    // the second number was a setting that is gone: the corpus has it
    let (draft, _, rule, window, seed, start, table, model) = input;
    if table.len() > 24 || model.is_empty() {
        return;
    }
    let levels = table.len() as f64;
    let steps: Vec<Step> = table
        .iter()
        .enumerate()
        .map(|(i, &(a, b, s, _))| Step::new(Level::cosine(1.0 - i as f64 / levels), a, b, s))
        .collect();
    let Ok(chain) = Chain::from_steps(steps, start) else { return };
    let settings = Settings::default()
        .draft(Draft::ALL[usize::from(draft) % Draft::ALL.len()])
        .rule(Rule::ALL[usize::from(rule) % Rule::ALL.len()])
        .window(1 + usize::from(window) % 16);
    let Ok(sampler) = Sampler::new(chain, settings) else { return };
    let mut run = sampler.run(seed, 2);
    let mut asked = 0;
    for _ in 0..400 {
        let (ticket, rows) = match run.ask() {
            Ask::Estimate(ticket, batch) | Ask::Draft(ticket, batch) => (ticket, batch.len()),
            _ => break,
        };
        // whatever the model says, the same question is never asked for ever
        let estimates: Vec<f64> = (0..2 * rows).map(|i| model[(asked + i) % model.len()]).collect();
        asked += 1;
        if run.answer(ticket, &estimates).is_err() {
            return;
        }
    }
    assert!(run.is_done() || asked >= 400);
});
