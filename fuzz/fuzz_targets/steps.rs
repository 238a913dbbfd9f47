//! A table of steps and a model from anywhere: refused, or a run that ends, or a model that is refused; never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use speculative_diffusion::{Ask, Chain, Draft, Length, Level, Noise, Quantity, Rule, Run, Sampler, Settings, Step};

fuzz_target!(|input: (u8, u8, u8, u8, u64, f64, Vec<(f64, f64, f64, f64)>, Vec<f64>)| {
    let (draft, quantity, rule, window, seed, start, table, model) = input;
    if table.len() > 24 || model.is_empty() {
        return;
    }
    let levels = table.len() as f64;
    let steps: Vec<Step> = table
        .iter()
        .enumerate()
        .map(|(i, &(a, b, s, _))| Step { level: Level::cosine(1.0 - i as f64 / levels), a, b, s })
        .collect();
    let Ok(chain) = Chain::from_steps(steps, start) else { return };
    let rules = [Rule::Reflection, Rule::Peak, Rule::Auto];
    let settings = Settings {
        draft: Draft::ALL[usize::from(draft) % Draft::ALL.len()],
        quantity: Quantity::ALL[usize::from(quantity) % Quantity::ALL.len()],
        rule: rules[usize::from(rule) % rules.len()],
        window: Length::Fixed(1 + usize::from(window) % 16),
    };
    let Ok(sampler) = Sampler::new(chain, settings, Noise::new(seed, 0)) else { return };
    let mut run = Run::new(sampler, 2);
    let mut asked = 0;
    for _ in 0..400 {
        let rows = match run.ask() {
            Ask::Predict(batch) | Ask::Draft(batch) => batch.len(),
            Ask::Done => break,
        };
        // whatever the model says, the same question is never asked for ever
        let estimates: Vec<f64> = (0..2 * rows).map(|i| model[(asked + i) % model.len()]).collect();
        asked += 1;
        if run.answer(&estimates).is_err() {
            return;
        }
    }
    assert!(run.is_done() || asked >= 400);
});
