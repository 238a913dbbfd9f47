//! Settings as text, as addresses and command lines have them: refused by the field, or what they name again when written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use speculative_diffusion::{Chain, Draft, Length, Noise, Quantity, Rule, Sampler, Settings};

fuzz_target!(|text: &str| {
    let words: Vec<&str> = text.splitn(6, '&').collect();
    let [window, draft, quantity, rule, steps, eta] = words[..] else { return };
    let window = window.parse::<Length>();
    if let Ok(window) = &window {
        assert_eq!(window.to_string().parse::<Length>().ok().as_ref(), Some(window), "{window}");
    }
    let (Ok(window), Ok(draft), Ok(quantity), Ok(rule)) =
        (window, draft.parse::<Draft>(), quantity.parse::<Quantity>(), rule.parse::<Rule>())
    else {
        return;
    };
    let (Ok(steps), Ok(eta)) = (steps.parse::<u16>(), eta.parse::<f64>()) else { return };
    let Ok(chain) = Chain::cosine(usize::from(steps), eta) else { return };
    assert!(chain.steps().iter().all(|step| step.s.is_finite()));
    let settings = Settings { window, draft, quantity, rule };
    if let Ok(sampler) = Sampler::new(chain, settings, Noise::new(1, 0)) {
        let state = sampler.start(2);
        assert!((1..=256).contains(&sampler.length(&state)));
    }
});
