use speculative_diffusion::diffusers::{Scheduler, SchedulerConfig};
use speculative_diffusion::{Ask, Sampler, Settings};

/// A `scheduler_config.json` from anywhere: refused by the field, or chains of finite steps that can be run.
pub fn feed(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let Ok(config) = SchedulerConfig::from_json(text) else { return };
    let shifted = config.clone().with_mu(0.8).unwrap_or(config);
    for (steps, eta) in [(2, 1.0), (7, 0.3), (40, 1.0)] {
        Scheduler::new(&shifted, steps, eta).iter().for_each(drive);
        Scheduler::ancestral(&shifted, steps, eta).iter().for_each(drive);
    }
    Scheduler::ancestral_at_sigmas(&shifted, &[1.0, 0.5, 0.01], 1.0).iter().for_each(drive);
    Scheduler::ancestral_at_timesteps(&shifted, &[30.5, 7.0], 1.0).iter().for_each(drive);
}

fn drive(scheduler: &Scheduler) {
    assert!(scheduler.chain().steps().iter().all(|step| step.s.is_finite()));
    let Ok(sampler) = Sampler::new(scheduler, Settings::default()) else { return };
    let mut run = sampler.run(1, 2);
    for _ in 0..60 {
        let Ask::Estimate(ticket, batch) = run.ask() else { break };
        let output = vec![0.25; scheduler.input(batch).len()];
        let Ok(estimates) = scheduler.estimates(batch, &output) else { return };
        if run.answer(ticket, &estimates).is_err() {
            return;
        }
    }
}
