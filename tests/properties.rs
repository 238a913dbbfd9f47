//! What must hold for every input.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{DRAFTS, QUANTITIES, mixture, sampler, with};
use pollster::block_on;
use speculative_diffusion::coupling::{acceptance_probability, test};
use speculative_diffusion::noise::Purpose;
use speculative_diffusion::targets::Mixture;
use speculative_diffusion::{Chain, Draft, Level, Noise, Quantity, Rule, Sampler, Settings, Target, Verdict};

/// Room for the rounding of a few f64 operations on numbers around 1.
const ROUNDING: f64 = 1e-12;

#[test]
fn accepted_draft_is_returned_unchanged() {
    let noise = Noise::new(1, 0);
    for level in 0..200 {
        let z = noise.normals(Purpose::Step, level, 5);
        let p = noise.normals(Purpose::Start, level, 5);
        let q: Vec<f64> = p.iter().map(|p| p + 0.03).collect();
        let draft: Vec<f64> = p.iter().zip(&z).map(|(p, z)| p + 0.1 * z).collect();
        let mut state = draft.clone();
        let outcome = test(Rule::Reflection, (&p, &q), 0.1, &z, noise.ln_uniform(level), &mut state, Vec::new);
        assert_eq!(outcome.verdict == Verdict::Accepted, state == draft);
    }
}

#[test]
fn equal_means_accept_without_a_nan() {
    let p = vec![0.25; 3];
    let z = vec![1.0, -2.0, 0.5];
    let mut state = vec![1.0, 2.0, 3.0];
    // ln 1 = 0 is the largest uniform there is
    let outcome = test(Rule::Reflection, (&p, &p), 0.5, &z, 0.0, &mut state, Vec::new);
    assert_eq!((outcome.verdict, outcome.gap, outcome.ln_ratio), (Verdict::Accepted, 0.0, 0.0));
    assert_eq!(state, [1.0, 2.0, 3.0]);
}

#[test]
fn reflection_mirrors_in_the_plane_between_the_means() {
    // p = (1, 0), q = (-1, 0), draft at (3, 2): the mirror image is (-3, 2)
    let mut state = vec![3.0, 2.0];
    let outcome = test(Rule::Reflection, (&[1.0, 0.0], &[-1.0, 0.0]), 1.0, &[2.0, 2.0], -0.1, &mut state, Vec::new);
    assert_eq!(outcome.verdict, Verdict::Rejected);
    assert_eq!(state, [-3.0, 2.0]);
}

#[test]
fn acceptance_probability_is_twice_the_normal_tail() {
    for (gap, expected) in [(0.1, 0.960), (0.25, 0.901), (0.5, 0.803), (1.0, 0.617), (2.0, 0.317), (4.0, 0.046)] {
        // the table in the design notes has three decimals
        assert!((acceptance_probability(gap) - expected).abs() < 5.1e-4, "at {gap}");
    }
}

#[test]
fn every_step_keeps_the_marginal_variance() {
    for eta in [0.25, 0.5, 1.0] {
        let chain = Chain::cosine(50, eta).expect("valid");
        for pair in chain.steps().windows(2) {
            let (step, next) = (pair[0], pair[1].level);
            // the state is alpha x0 + sigma eps, so the mean's noise part and the step's own noise must add up
            let variance = (step.a * step.level.sigma).powi(2) + step.s.powi(2);
            assert!((variance - next.sigma.powi(2)).abs() < ROUNDING);
            let signal = step.a * step.level.alpha + step.b;
            assert!((signal - next.alpha).abs() < ROUNDING);
            assert!(step.a >= 0.0 && step.s > 0.0);
        }
    }
}

#[test]
fn eta_one_is_the_posterior_of_ddpm() {
    let chain = Chain::cosine(30, 1.0).expect("valid");
    for pair in chain.steps().windows(2) {
        let (now, next) = (pair[0].level, pair[1].level);
        // Ho et al. 2020, eq. 7
        let beta = 1.0 - (now.alpha / next.alpha).powi(2);
        let posterior = (next.sigma / now.sigma).powi(2) * beta;
        assert!((pair[0].s.powi(2) - posterior).abs() < ROUNDING);
    }
}

#[test]
fn the_chain_ends_with_one_denoise() {
    let chain = Chain::cosine(100, 1.0).expect("valid");
    let last = chain.steps()[99];
    assert_eq!((last.a, last.b, last.s), (0.0, 1.0, 0.0));
}

#[test]
fn bad_settings_are_refused_by_name() {
    assert_eq!(Chain::cosine(1, 1.0).expect_err("refused").field(), "steps");
    assert_eq!(Chain::cosine(1001, 1.0).expect_err("refused").field(), "steps");
    for eta in [0.0, -0.1, 1.1, f64::NAN] {
        assert_eq!(Chain::cosine(10, eta).expect_err("refused").field(), "eta");
    }
    assert!(Chain::cosine(10, 0.0).expect_err("refused").to_string().contains("ordinary differential equation"));
    let rising = [0.5, 0.6, 0.0].map(Level::cosine);
    assert_eq!(Chain::ancestral(&rising, 1.0).expect_err("refused").field(), "levels");
    let noisy_end = [0.9, 0.6, 0.1].map(Level::cosine);
    assert_eq!(Chain::ancestral(&noisy_end, 1.0).expect_err("refused").field(), "levels");
    for window in [0, 65] {
        let settings = Settings { window, ..Settings::default() };
        let error =
            Sampler::new(Chain::cosine(10, 1.0).expect("valid"), settings, Noise::new(0, 0)).expect_err("refused");
        assert!(error.to_string().starts_with("window is"));
    }
    assert!(Mixture::new(Vec::new()).is_err());
}

#[test]
fn every_level_is_committed_once_and_every_cost_is_counted() {
    let target = mixture(8);
    for draft in DRAFTS {
        for quantity in QUANTITIES {
            for (steps, window) in [(2, 1), (7, 3), (40, 1), (40, 20), (5, 64)] {
                let sampler = sampler(steps, 1.0, with(draft, quantity, window, Rule::Reflection), 3, 0);
                let trace = block_on(sampler.run(&target)).expect("closed form");
                let levels: Vec<usize> = trace.committed().map(|(position, _)| position.level).collect();
                assert_eq!(levels, (0..steps).collect::<Vec<_>>(), "{draft:?} {quantity:?}");
                let costs = trace.costs();
                let positions: usize = trace.rounds.iter().map(|r| r.positions.len()).sum();
                assert!(trace.rounds.iter().all(|r| r.positions.len() <= window));
                // a root's row stands for the window's first: rows are evaluated once
                assert_eq!(costs.rows, positions);
                let calls = trace.rounds.iter().enumerate().map(|(i, round)| {
                    let rooted = i == 0 || draft == Draft::Frozen;
                    1 + usize::from(rooted && round.positions.len() > 1)
                });
                assert_eq!(costs.calls, calls.sum::<usize>());
            }
        }
    }
}

#[test]
fn a_root_s_own_step_is_always_accepted() {
    let target = mixture(8);
    let sampler = sampler(50, 1.0, with(Draft::Frozen, Quantity::X0hat, 10, Rule::Reflection), 5, 0);
    let trace = block_on(sampler.run(&target)).expect("closed form");
    for round in &trace.rounds {
        let first = &round.positions[0];
        assert!(first.verdict == Verdict::Deterministic || (first.gap == 0.0 && first.verdict == Verdict::Accepted));
    }
}

#[test]
fn carry_saves_most_of_the_calls_on_a_wide_mixture() {
    let target = mixture(256);
    let calls = |draft| -> usize {
        let settings = with(draft, Quantity::X0hat, 20, Rule::Reflection);
        let run = |chain| block_on(sampler(200, 1.0, settings, 2, chain).run(&target)).expect("closed form");
        (0..20).map(|chain| run(chain).costs().calls).sum()
    };
    println!("{:?}", DRAFTS.map(calls));
    assert!(calls(Draft::Carry) < calls(Draft::Prefetched));
    assert!(calls(Draft::Prefetched) < calls(Draft::Frozen));
    assert!(calls(Draft::Frozen) < 20 * 200);
    assert_eq!(target.rows_per_state(), 1);
}

#[test]
fn a_seed_gives_the_same_run_and_another_gives_another() {
    let target = mixture(8);
    let run = |seed, chain| {
        block_on(sampler(30, 1.0, Settings::default(), seed, chain).run(&target))
            .expect("closed form")
            .sample()
            .to_vec()
    };
    assert_eq!(run(1, 0), run(1, 0));
    assert_ne!(run(1, 0), run(2, 0));
    assert_ne!(run(1, 0), run(1, 1));
}
