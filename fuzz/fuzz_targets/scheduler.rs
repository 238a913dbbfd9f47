//! A `scheduler_config.json` from anywhere: refused by the field, or a chain of finite steps that can be run.
#![no_main]

use libfuzzer_sys::fuzz_target;
use speculative_diffusion::diffusers::{Scheduler, SchedulerConfig};
use speculative_diffusion::{Ask, Sampler, Settings};

fuzz_target!(|input: (u8, u8, &str)| {
    let (steps, eta, text) = input;
    let Ok(config) = SchedulerConfig::from_json(text) else { return };
    let Ok(scheduler) = Scheduler::new(&config, 2 + usize::from(steps) % 40, f64::from(eta) / 255.0) else { return };
    assert!(scheduler.chain().steps().iter().all(|step| step.s.is_finite()));
    let Ok(sampler) = Sampler::new(&scheduler, Settings::default()) else { return };
    let mut run = sampler.run(1, 2);
    for _ in 0..60 {
        let Ask::Estimate(ticket, batch) = run.ask() else { break };
        let output = vec![0.25; scheduler.input(batch).len()];
        let Ok(estimates) = scheduler.estimates(batch, &output) else { return };
        if run.answer(ticket, &estimates).is_err() {
            return;
        }
    }
});
