use speculative_diffusion::{Chain, Draft, Rule, Sampler, Settings, Window};

/// Settings as text, as addresses and command lines have them: refused by the field, or what they name again when written.
pub fn feed(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let words: Vec<&str> = text.splitn(5, '&').collect();
    let [window, draft, rule, steps, eta] = words[..] else { return };
    let window = window.parse::<Window>();
    if let Ok(window) = &window {
        assert_eq!(window.to_string().parse::<Window>().ok().as_ref(), Some(window), "{window}");
    }
    let (Ok(window), Ok(draft), Ok(rule)) = (window, draft.parse::<Draft>(), rule.parse::<Rule>()) else {
        return;
    };
    let (Ok(steps), Ok(eta)) = (steps.parse::<u16>(), eta.parse::<f64>()) else { return };
    let Ok(chain) = Chain::cosine(usize::from(steps), eta) else { return };
    assert!(chain.steps().iter().all(|step| step.s.is_finite()));
    if let Ok(sampler) = Sampler::new(chain, Settings::default().window(window).draft(draft).rule(rule)) {
        assert!((1..=256).contains(&sampler.longest_window()));
    }
}
