//! Properties of what is put together, over inputs that proptest chooses and shrinks: coupling, chains, resuming, shared calls,
//! names. The inputs are the same at each run.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{mixture, round, sampler};
use pollster::block_on;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use speculative_diffusion::coupling::Coupled;
use speculative_diffusion::{
    Ask, Chain, Draft, Noise, Pool, Price, Purpose, Rule, Settings, State, Target as _, Window,
};

/// So many cases, the same at each run: what fails once fails again.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default() }
}

/// Every way to draft and test.
fn settings() -> impl Strategy<Value = Settings> {
    let window = prop_oneof![
        (1_usize..40).prop_map(Window::Fixed),
        (0_u32..=200, 1_usize..9).prop_map(|(row, lanes)| {
            Window::Auto(Price::new(f64::from(row) / 200.0, lanes).expect("a valid price"))
        }),
    ];
    let draft = prop::sample::select(Draft::ALL.to_vec());
    let rule = prop::sample::select(vec![Rule::Reflection, Rule::Peak, Rule::Auto]);
    (draft, window, rule).prop_map(|(draft, window, rule)| Settings::default().draft(draft).window(window).rule(rule))
}

fn vectors(dim: usize) -> impl Strategy<Value = [Vec<f64>; 3]> {
    let vector = || prop::collection::vec(-3.0..3.0_f64, dim);
    [vector(), vector(), vector()]
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

proptest! {
    #![proptest_config(config(4096))]

    #[test]
    fn a_step_is_the_draft_itself_or_its_mirror_image((vectors, s, u) in (1_usize..20).prop_flat_map(|dim| (vectors(dim), 0.01..3.0_f64, 1e-12..1.0_f64))) {
        let [p, q, z] = vectors;
        let draft: Vec<f64> = p.iter().zip(&z).map(|(p, z)| p + s * z).collect();
        let coupled = Coupled { draft_mean: &p, target_mean: &q, s, normals: &z, ln_u: libm::log(u) };
        let mut state = draft.clone();
        let verdict = coupled.reflect(&mut state);
        let test = verdict.test().expect("it was tested");
        prop_assert!((test.gap - distance(&p, &q) / s).abs() <= 1e-9 * test.gap.max(1.0));
        if verdict.is_accepted() {
            prop_assert_eq!(&state, &draft);
            prop_assert!(libm::log(u) <= test.ln_ratio);
        } else {
            prop_assert!(libm::log(u) > test.ln_ratio);
            // as far from the target's mean as the draft was from its own, and mirrored back it is the draft
            prop_assert!((distance(&state, &q) - distance(&draft, &p)).abs() < 1e-9);
            let noise: Vec<f64> = state.iter().zip(&q).map(|(y, q)| (y - q) / s).collect();
            let apart = distance(&p, &q);
            let e: Vec<f64> = p.iter().zip(&q).map(|(p, q)| (p - q) / apart).collect();
            let along: f64 = noise.iter().zip(&e).map(|(n, e)| n * e).sum();
            let back: Vec<f64> = noise.iter().zip(&e).zip(&p).map(|((n, e), p)| p + s * (n - 2.0 * along * e)).collect();
            prop_assert!(distance(&back, &draft) < 1e-9 * (1.0 + distance(&draft, &q)));
        }
    }

    #[test]
    fn a_chain_keeps_the_marginal_variance_whatever_its_length_and_noise(steps in 2_usize..400, eta in 0.001..=1.0_f64) {
        let chain = Chain::cosine(steps, eta).expect("a valid chain");
        prop_assert_eq!(chain.len(), steps);
        // of clean images with variance 1 every state has variance 1, at the end too
        let steps = chain.steps();
        for (now, next) in steps.iter().zip(&steps[1..]) {
            let (alpha, sigma) = (now.level.alpha, now.level.sigma);
            let signal = now.a * alpha + now.b;
            let noise = now.a * now.a * sigma * sigma + now.s * now.s;
            prop_assert!((signal - next.level.alpha).abs() < 1e-9 && (noise - next.level.sigma * next.level.sigma).abs() < 1e-9);
        }
        prop_assert_eq!(steps[steps.len() - 1].s, 0.0);
    }
}

proptest! {
    #![proptest_config(config(2048))]

    #[test]
    fn a_run_that_is_saved_and_resumed_after_every_round_is_the_same_run(settings in settings(), steps in 2_usize..50, eta in 0.05..=1.0_f64, seed: u64, dim in 1_usize..9) {
        let (target, sampler, noise) = (mixture(dim), sampler(steps, eta, settings), Noise::new(seed, 3));
        let whole = block_on(sampler.trace(&target, noise)).expect("closed form");
        let mut state = sampler.run(noise, dim).into_state();
        for expected in &whole.rounds {
            let bytes = state.to_bytes();
            let read = State::from_bytes(&bytes).expect("what was saved");
            prop_assert_eq!(read.to_bytes(), bytes);
            let (next, made) = round(&sampler, noise, &target, &read);
            prop_assert_eq!(&made, expected);
            state = next;
        }
        prop_assert_eq!(state.level(), steps);
        prop_assert_eq!(state.y(), whole.sample());
    }

    #[test]
    fn chains_that_share_calls_end_where_they_would_alone(settings in prop::collection::vec(settings(), 1..6), rows in 1_usize..40, seed: u64) {
        let target = mixture(3);
        let samplers: Vec<_> = settings.into_iter().enumerate().map(|(i, settings)| (sampler(4 + 5 * i, 1.0, settings), Noise::new(seed, i as u64))).collect();
        let mut pool = Pool::new(3, rows);
        let numbers: Vec<usize> = samplers.iter().map(|(sampler, noise)| pool.push(sampler.run(*noise, 3)).expect("of this dimension")).collect();
        while !pool.is_done() {
            for (_, round) in block_on(pool.call(&target)).expect("closed form") {
                round.expect("finite");
            }
        }
        for ((sampler, noise), number) in samplers.iter().zip(numbers) {
            let alone = block_on(sampler.sample(&target, *noise)).expect("closed form");
            let shared = pool.take(number).expect("a run");
            prop_assert_eq!((shared.sample(), shared.costs()), (Some(&alone.sample[..]), alone.costs));
        }
    }

    #[test]
    fn every_level_is_committed_once_and_a_window_is_no_longer_than_allowed(settings in settings(), steps in 2_usize..60, seed: u64) {
        let (target, sampler) = (mixture(4), sampler(steps, 1.0, settings));
        let trace = block_on(sampler.trace(&target, seed)).expect("closed form");
        let levels: Vec<usize> = trace.committed().map(|(position, _)| position.level).collect();
        prop_assert_eq!(levels, (0..steps).collect::<Vec<_>>());
        let longest = trace.rounds.iter().map(|round| round.positions.len()).max().unwrap_or_default();
        prop_assert!(longest <= 256 && !matches!(settings.window, Window::Fixed(window) if longest > window));
        // only a rejection or the end of the window stops a round
        for round in &trace.rounds {
            let stopped = round.positions[round.states.len() - 1].verdict.is_rejected();
            prop_assert!(stopped || round.states.len() == round.positions.len());
        }
    }

    #[test]
    fn a_model_of_any_numbers_never_hangs_or_panics(settings in settings(), model in prop::collection::vec(prop::num::f64::ANY, 1..20), steps in 2_usize..20) {
        let mut run = sampler(steps, 1.0, settings).run(1, 2);
        for asked in 0..2000 {
            let (ticket, rows) = match run.ask() {
                Ask::Estimate(ticket, batch) | Ask::Draft(ticket, batch) => (ticket, batch.len()),
                _ => return Ok(()),
            };
            let numbers: Vec<f64> = (0..2 * rows).map(|i| model[(asked + i) % model.len()]).collect();
            if run.answer(ticket, &numbers).is_err() {
                // the question stays, and a model that recovers goes on
                prop_assert!(!run.is_done());
                return Ok(());
            }
        }
        prop_assert!(false, "the run did not end");
    }

    #[test]
    fn a_length_is_read_as_it_is_written(settings in settings()) {
        let text = settings.window.to_string();
        prop_assert_eq!(text.parse::<Window>().ok(), Some(settings.window), "{}", text);
    }

    #[test]
    fn noise_is_a_function_of_its_address(seed: u64, chain: u64, level in 0_usize..1000, dim in 1_usize..40) {
        let noise = Noise::new(seed, chain);
        let whole = noise.normals(Purpose::Step, level, dim);
        prop_assert_eq!(&whole, &noise.normals(Purpose::Step, level, dim));
        prop_assert_ne!(&whole, &noise.normals(Purpose::Start, level, dim));
        prop_assert_ne!(&whole, &Noise::new(seed ^ 1, chain).normals(Purpose::Step, level, dim));
        let target = mixture(dim);
        prop_assert_eq!(target.dim(), dim);
    }
}
