//! Settings as text, as addresses and command lines have them: refused by the field, or what they name again when written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use speculative_diffusion::{Chain, Draft, Rule, Sampler, Settings, Window};

fuzz_target!(|text: &str| {
    let words: Vec<&str> = text.splitn(6, '&').collect();
    // the third word was a setting that is gone: the corpus has it
    let [window, draft, _, rule, steps, eta] = words[..] else { return };
    let window = window.parse::<Window>();
    if let Ok(window) = &window {
        assert_eq!(window.to_string().parse::<Window>().ok().as_ref(), Some(window), "{window}");
    }
    let (Ok(window), Ok(draft), Ok(rule)) = (window, draft.parse::<Draft>(), rule.parse::<Rule>())
    else {
        return;
    };
    let (Ok(steps), Ok(eta)) = (steps.parse::<u16>(), eta.parse::<f64>()) else { return };
    let Ok(chain) = Chain::cosine(usize::from(steps), eta) else { return };
    assert!(chain.steps().iter().all(|step| step.s.is_finite()));
    if let Ok(sampler) = Sampler::new(chain, Settings::default().window(window).draft(draft).rule(rule)) {
        assert!((1..=256).contains(&sampler.longest_window()));
    }
});
