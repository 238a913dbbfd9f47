//! What must hold, input by input.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{DRAFTS, estimates, mixture, sampler, with};
use std::sync::atomic::{AtomicUsize, Ordering};

use pollster::block_on;
use speculative_diffusion::audit::{Audit, Check};
use speculative_diffusion::coupling::{Coupled, acceptance_probability};
use speculative_diffusion::mutants::{Assumed, Memory, Parts, Secant};
use speculative_diffusion::schedule::{Grid, MAX_STEPS, Schedule, T_MAX, T_MIN, flow, karras};
use speculative_diffusion::targets::{Component, Mixture, double_well, from_fn, phi4};
use speculative_diffusion::{
    Ask, Batch, BoxTarget, Chain, ChainError, Decided, Draft, Guidance, Level, MAX_WINDOW, Noise, Parametrisation,
    Pool, Price, Purpose, Row, Rule, Sampler, SecondOrder, Settings, State, StateError, Step, Target, TargetError,
    Test, Variance, Verdict, Window,
};

/// Room for the rounding of a few f64 operations on numbers around 1.
const ROUNDING: f64 = 1e-12;

#[test]
fn accepted_draft_is_returned_unchanged() {
    let noise = Noise::new(1, 0);
    for level in 0..200 {
        let normals = &noise.normals(Purpose::Step, level, 5);
        let draft_mean = &noise.normals(Purpose::Start, level, 5);
        let target_mean: &[f64] = &draft_mean.iter().map(|p| p + 0.03).collect::<Vec<_>>();
        let draft: Vec<f64> = draft_mean.iter().zip(normals).map(|(p, z)| p + 0.1 * z).collect();
        let mut state = draft.clone();
        let coupled = Coupled { draft_mean, target_mean, s: 0.1, normals, ln_u: noise.ln_uniform(level) };
        let verdict = coupled.reflect(&mut state);
        assert_eq!(verdict.is_accepted(), state == draft);
    }
}

/// One test with given means, noise and uniform; the state after it.
fn tested(draft_mean: &[f64], target_mean: &[f64], s: f64, normals: &[f64], ln_u: f64) -> (Verdict, Vec<f64>) {
    let mut state: Vec<f64> = draft_mean.iter().zip(normals).map(|(p, z)| p + s * z).collect();
    let verdict = Coupled { draft_mean, target_mean, s, normals, ln_u }.reflect(&mut state);
    (verdict, state)
}

#[test]
fn equal_means_accept_without_a_nan() {
    let p = [0.25; 3];
    // ln 1 = 0 is the largest uniform there is
    let (verdict, state) = tested(&p, &p, 0.5, &[1.0, -2.0, 0.5], 0.0);
    assert_eq!(
        verdict,
        Verdict::Accepted(Test { gap: 0.0, ln_ratio: 0.0, by: Decided::Uniform { ln_u: 0.0 }, residual: None })
    );
    assert_eq!(state, [0.75, -0.75, 0.5]);
}

/// Gap, log ratio and the noise along the gap of a draft, as they are defined.
fn measured(draft_mean: &[f64], target_mean: &[f64], state: &[f64], s: f64) -> (f64, impl Fn(&[f64]) -> f64) {
    let difference: Vec<f64> = draft_mean.iter().zip(target_mean).map(|(p, q)| (p - q) / s).collect();
    let size = difference.iter().map(|d| d * d).sum::<f64>().sqrt();
    assert_eq!(state.len(), difference.len());
    let along = move |r: &[f64]| difference.iter().zip(r).map(|(d, r)| d * r).sum::<f64>() / size;
    (size, along)
}

#[test]
fn a_test_reports_what_it_measured() {
    let target = mixture(6);
    let chain = Chain::cosine(40, 1.0).expect("valid");
    for rule in [Rule::Reflection, Rule::Peak] {
        let (mut accepted, mut rejected) = (0, 0);
        for seed in 0..20 {
            let sampler = Sampler::new(&chain, with(Draft::Carry, 8, rule)).expect("valid");
            let trace = block_on(sampler.trace(&target, seed)).expect("closed form");
            for (position, state) in trace.committed() {
                let Some(test) = position.verdict.test() else { continue };
                let s = chain.steps()[position.level].s;
                let (size, along) = measured(&position.draft_mean, &position.target_mean, state, s);
                let standardised = |mean: &[f64], y: &[f64]| -> Vec<f64> {
                    y.iter().zip(mean).map(|(y, mean)| (y - mean) / s).collect()
                };
                assert!((test.gap - size).abs() <= 1e-9 * size);
                if size == 0.0 {
                    assert!(test.residual.is_none() && position.verdict.is_accepted());
                    continue;
                }
                assert_eq!(test.probability(), acceptance_probability(test.gap));
                if let Decided::Uniform { ln_u } = test.by {
                    assert_eq!(test.ln_u(), Some(ln_u));
                    assert_eq!(ln_u, Noise::new(seed, 0).ln_uniform(position.level));
                } else {
                    assert_eq!(test.ln_u(), None);
                }
                // what was drafted: -<z, D> - |D|^2 / 2. A renewed noise of a peak test is part of the draft
                let noise = along(&standardised(&position.draft_mean, &position.draft));
                assert!((test.ln_ratio + size * noise + 0.5 * size * size).abs() < 1e-8 * (1.0 + size * size));
                let residual = along(&standardised(&position.target_mean, state));
                assert!((test.residual.expect("there is a gap") - residual).abs() < 1e-8 * (1.0 + size), "{rule:?}");
                accepted += usize::from(position.verdict.is_accepted());
                rejected += usize::from(position.verdict.is_rejected());
            }
        }
        assert!(accepted > 100 && rejected > 20, "{accepted} {rejected}");
    }
}

#[test]
fn the_size_of_a_gap_whose_square_is_no_number_is_right() {
    let (draft_mean, target_mean) = ([3e200, 0.0], [0.0, -4e200]);
    let (verdict, _) = tested(&draft_mean, &target_mean, 0.5, &[0.3, -0.2], -1.0);
    let test = verdict.test().expect("tested");
    assert!((test.gap / 1e201 - 1.0).abs() < 1e-12, "{}", test.gap);
    let along = 0.3 * 0.6 - 0.2 * 0.8;
    assert!((test.residual.expect("a gap") + along).abs() < 1e-12, "{test:?}");
}

#[test]
fn a_position_is_carried_where_its_own_level_was_asked_before() {
    let target = mixture(6);
    for draft in DRAFTS {
        let sampler = sampler(40, 1.0, with(draft, 8, Rule::Reflection));
        let trace = block_on(sampler.trace(&target, 5)).expect("closed form");
        let mut last = 0;
        for round in &trace.rounds {
            for (j, position) in round.positions.iter().enumerate() {
                let due = match draft {
                    Draft::Frozen | Draft::FrozenDrift | Draft::Independent => false,
                    Draft::Prefetched => j == 0 && position.level < last,
                    _ => position.level < last,
                };
                assert_eq!(position.carried, due, "{draft:?}, level {} after {last}", position.level);
            }
            last = round.first + round.positions.len();
        }
    }
}

#[test]
fn a_mean_that_is_too_large_for_a_number_is_reported() {
    let steps = (0..5).map(|k| Step::new(Level::cosine(0.9 - 0.1 * f64::from(k)), 0.5, 1e10, 0.1)).collect();
    let sampler = Sampler::new(Chain::from_steps(steps, 1.0).expect("valid"), Settings::default()).expect("valid");
    let large = from_fn(2, |batch: &Batch| Ok(vec![1e300; batch.states.len()]));
    let error = block_on(sampler.sample(&large, 1)).expect_err("too large").error;
    assert!(matches!(error, TargetError::NotFinite { level: 0 }), "{error}");
}

#[test]
fn a_state_is_read_as_it_was_written_in_every_round_and_at_the_end() {
    let target = mixture(3);
    let levels = karras(30, 80.0, 0.01, 7.0).expect("valid");
    let second_order = Chain::dpmpp_2m_sde(&levels, 1.0, SecondOrder::Midpoint).expect("valid");
    let cosine = Chain::cosine(30, 1.0).expect("valid");
    for (chain, draft) in [&cosine, &second_order].into_iter().flat_map(|chain| DRAFTS.map(|draft| (chain, draft))) {
        let sampler = Sampler::new(chain, with(draft, 8, Rule::Peak)).expect("valid");
        let mut run = sampler.run(9, 3);
        let mut secants = 0;
        loop {
            let mut state = State::from_bytes(&run.state().to_bytes()).expect("whole");
            assert_eq!(state, *run.state());
            secants += state.parts().memory.secants.len();
            run = sampler.resume(9, state.clone()).expect("the same run");
            let left = 30 - state.level();
            *state.parts().renewed = vec![vec![0.0; 3]; left + 1];
            assert!(matches!(sampler.resume(9, state), Err(StateError::Damaged)));
            let mut other = run.state().clone();
            let without = other.parts().previous.is_empty();
            assert_eq!(without, chain == &cosine || other.level() == 0);
            *other.parts().previous = if without { vec![0.0; 3] } else { Vec::new() };
            assert!(matches!(sampler.resume(9, other), Err(StateError::Damaged)));
            let mut beyond = run.state().clone();
            let numbers = vec![0.0; 3];
            beyond.parts().memory.secants.push(Secant { level: 30, moved: numbers.clone(), changed: numbers });
            assert!(matches!(sampler.resume(9, beyond), Err(StateError::Damaged)));
            if run.is_done() {
                break;
            }
            while let Some((ticket, estimates)) = estimates(&run, &target) {
                if run.answer(ticket, &estimates).expect("finite").is_some() {
                    break;
                }
            }
        }
        assert_eq!(secants > 0, matches!(draft, Draft::Secant | Draft::Corrected), "{draft:?}");
    }
}

#[test]
fn a_state_of_no_numbers_is_read_too_and_one_that_renews_them_is_damaged() {
    let mut bytes = sampler(10, 1.0, Settings::default()).run(1, 0).state().to_bytes();
    assert!(State::from_bytes(&bytes).is_ok());
    // the ninth word counts the noises that were renewed
    bytes[64] = 5;
    let error = State::from_bytes(&bytes).expect_err("refused");
    assert_eq!(error, StateError::Damaged);
    assert!(error.to_string().contains("cut short or damaged"));
}

#[test]
fn reflection_mirrors_in_the_plane_between_the_means() {
    // p = (1, 0), q = (-1, 0), draft at (3, 2): the mirror image is (-3, 2)
    let (verdict, state) = tested(&[1.0, 0.0], &[-1.0, 0.0], 1.0, &[2.0, 2.0], -0.1);
    assert!(verdict.is_rejected());
    assert_eq!(state, [-3.0, 2.0]);
}

#[test]
fn a_gap_too_large_to_square_or_to_be_a_number_is_rejected_and_reflected() {
    for s in [1.0, 0.01, 1e-8] {
        for far in [1e3, 1e160, 1e300, 1e307, f64::MAX, -f64::MAX] {
            let (verdict, state) = tested(&[far, 0.0], &[1.0, 0.5], s, &[2.0, 3.0], -0.1);
            assert!(verdict.is_rejected(), "{far} {s}");
            let test = verdict.test().expect("tested");
            assert!(test.gap > 0.0 && !test.ln_ratio.is_nan(), "{test:?}");
            assert!(test.residual.is_some_and(f64::is_finite), "{test:?}");
            // reflected along the first axis, but for the small angle of the nearest gap
            let residual = [(state[0] - 1.0) / s, (state[1] - 0.5) / s];
            assert!((residual[0] + 2.0).abs() < 0.01 && (residual[1] - 3.0).abs() < 0.01, "{far} {s} {state:?}");
        }
        // means at opposite ends are further apart than any number
        let (verdict, state) = tested(&[f64::MAX, 0.0], &[-f64::MAX, 0.0], s, &[2.0, 3.0], -0.1);
        assert!(verdict.is_rejected() && state.iter().all(|x| x.is_finite()), "{state:?}");
    }
}

#[test]
fn a_gap_too_small_to_square_is_none() {
    for gap in [1e-300, 1e-200, 1e-162, 1e-160] {
        // along the gap, and the largest uniform there is
        let (verdict, state) = tested(&[gap], &[0.0], 1.0, &[1.0], 0.0);
        assert!(verdict.is_accepted(), "{gap}: {verdict:?}");
        assert_eq!(state, [1.0]);
    }
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
    assert_eq!(Chain::cosine(MAX_STEPS + 1, 1.0).expect_err("refused").field(), "steps");
    for eta in [0.0, -0.1, 1.1, f64::NAN] {
        assert_eq!(Chain::cosine(10, eta).expect_err("refused").field(), "eta");
    }
    assert!(Chain::cosine(10, 0.0).expect_err("refused").to_string().contains("ordinary differential equation"));
    let rising = [0.5, 0.6, 0.0].map(Level::cosine);
    assert_eq!(Chain::ancestral(&rising, 1.0).expect_err("refused").field(), "levels");
    assert_eq!(Chain::ancestral(&rising[..2], 1.0).expect_err("refused").field(), "levels");
    let level = |alpha, sigma| Level { t: 0.5, alpha, sigma };
    for (levels, at) in [
        (vec![level(0.1, 0.9), level(0.1, 0.9), level(1.0, 0.0)], 1),
        (vec![level(0.1, 0.9), level(0.5, f64::NAN), level(1.0, 0.0)], 1),
        (vec![level(f64::INFINITY, 0.9), level(0.5, 0.5), level(1.0, 0.0)], 1),
        (vec![level(-0.1, 0.9), level(0.5, 0.5), level(1.0, 0.0)], 1),
        (vec![level(0.1, 0.9), level(0.5, -0.5), level(1.0, 0.0)], 1),
        (vec![level(0.1, 0.9), level(0.5, 0.5), level(0.0, 0.0)], 2),
        (vec![level(0.1, 0.9), level(0.5, 0.0), level(1.0, 0.0)], 2),
        (vec![level(0.1, 0.9), level(0.5, 0.5), level(1.0, -0.1)], 2),
    ] {
        assert_eq!(Chain::ancestral(&levels, 1.0), Err(ChainError::Levels(at)), "{levels:?}");
    }
    assert!(Chain::ancestral(&[level(0.0, 1.0), level(0.5, 0.5), level(1.0, 0.1)], 1.0).is_ok_and(|c| !c.is_empty()));
    assert_eq!(karras(1, 80.0, 0.002, 7.0).expect_err("refused").field(), "steps");
    assert_eq!(karras(9, 80.0, 0.002, 0.0).expect_err("refused").field(), "rho");
    assert_eq!(karras(9, 0.002, 80.0, 7.0).expect_err("refused").field(), "sigmas");
    assert_eq!(flow(9, 0.0).expect_err("refused").field(), "shift");
    let step = |a, s| Step::new(Level::cosine(0.5), a, 0.5, s);
    for (steps, start, field) in [
        (vec![], 1.0, "steps"),
        (vec![step(f64::NAN, 0.1)], 1.0, "steps"),
        (vec![step(0.5, -0.1)], 1.0, "steps"),
        (vec![step(0.5, 0.0); 3], 1.0, "steps"),
        (vec![Step::new(Level::cosine(0.0), 0.5, 0.5, 0.1)], 1.0, "steps"),
        (vec![step(0.5, 0.1)], 0.0, "start"),
        (vec![step(0.5, 0.1)], f64::INFINITY, "start"),
    ] {
        assert_eq!(Chain::from_steps(steps, start).expect_err("refused").field(), field);
    }
    for length in [0, MAX_WINDOW + 1] {
        let settings = Settings::default().window(length);
        let error = Sampler::new(Chain::cosine(10, 1.0).expect("valid"), settings).expect_err("refused");
        assert!(error.to_string().starts_with("window is"));
    }
    assert!(Mixture::new(Vec::new()).is_err());
    let alone = sampler(10, 1.0, with(Draft::Independent, 5, Rule::Reflection));
    let refused = block_on(alone.trace(&mixture(2).target, 0)).expect_err("refused");
    assert!(matches!(refused.error, TargetError::NoDrafter));
    for draft in DRAFTS {
        let named = refused.error.to_string().contains(&format!("\"{draft}\""));
        assert_eq!(named, draft.asks_a_drafter(), "{draft}: {}", refused.error);
    }
    assert_eq!("magic".parse::<Draft>().expect_err("refused").field(), "draft");
    assert_eq!("wide".parse::<Window>().expect_err("refused").field(), "window");
}

#[test]
fn every_level_is_committed_once_and_every_cost_is_counted() {
    let target = mixture(8);
    for draft in DRAFTS {
        for (steps, window) in [(2, 1), (7, 3), (40, 1), (40, 20), (5, 64)] {
            let sampler = sampler(steps, 1.0, with(draft, window, Rule::Reflection));
            let trace = block_on(sampler.trace(&target, 3)).expect("closed form");
            let levels: Vec<usize> = trace.committed().map(|(position, _)| position.level).collect();
            assert_eq!(levels, (0..steps).collect::<Vec<_>>(), "{draft:?}");
            let costs = trace.costs();
            let positions: usize = trace.rounds.iter().map(|r| r.positions.len()).sum();
            assert!(trace.rounds.iter().all(|r| r.positions.len() <= window));
            // a root's row stands for the window's first: rows are evaluated once
            assert_eq!(costs.rows, positions);
            let calls = trace.rounds.iter().enumerate().map(|(i, round)| {
                let rooted = match draft {
                    Draft::Frozen | Draft::FrozenDrift => true,
                    Draft::Independent | Draft::Corrected => false,
                    _ => i == 0,
                };
                1 + usize::from(rooted && round.positions.len() > 1)
            });
            assert_eq!(costs.calls, calls.sum::<usize>());
            assert_eq!(costs.draft_calls, if draft.asks_a_drafter() { positions } else { 0 });
        }
    }
}

#[test]
fn a_root_s_own_step_is_always_accepted() {
    let target = mixture(8);
    let sampler = sampler(50, 1.0, with(Draft::Frozen, 10, Rule::Reflection));
    let trace = block_on(sampler.trace(&target, 5)).expect("closed form");
    for round in &trace.rounds {
        let first = &round.positions[0];
        assert!(
            first.verdict == Verdict::Deterministic
                || (first.verdict.is_accepted() && first.verdict.test().is_some_and(|test| test.gap == 0.0))
        );
    }
}

#[test]
fn carry_saves_most_of_the_calls_on_a_wide_mixture() {
    let target = mixture(256);
    let calls = |draft| -> usize {
        let settings = with(draft, 20, Rule::Reflection);
        let run =
            |chain| block_on(sampler(200, 1.0, settings).trace(&target, Noise::new(2, chain))).expect("closed form");
        (0..20).map(|chain| run(chain).costs().calls).sum()
    };
    println!("{:?}", DRAFTS.map(calls));
    assert!(calls(Draft::Carry) < calls(Draft::Prefetched));
    assert!(calls(Draft::Prefetched) < calls(Draft::Frozen));
    assert!(6 * calls(Draft::Frozen) < 20 * 200 && 10 * calls(Draft::Carry) < 20 * 200);
    assert!(calls(Draft::Secant) < calls(Draft::Carry));
    assert!(calls(Draft::Corrected) < calls(Draft::Independent), "what the drafter gets wrong is corrected");
    assert_eq!(target.rows_per_state(), 1);
}

#[test]
fn a_seed_gives_the_same_run_and_another_gives_another() {
    let target = mixture(8);
    let run = |seed, chain| {
        block_on(sampler(30, 1.0, Settings::default()).trace(&target, Noise::new(seed, chain)))
            .expect("closed form")
            .sample()
            .to_vec()
    };
    assert_eq!(run(1, 0), run(1, 0));
    assert_ne!(run(1, 0), run(2, 0));
    assert_ne!(run(1, 0), run(1, 1));
}

const SCHEDULES: [Schedule; 3] = [Schedule::Cosine, Schedule::LinearBeta, Schedule::RectifiedFlow];
const GRIDS: [Grid; 3] = [Grid::Uniform, Grid::LogSnr, Grid::Edm { rho: 7.0 }];

#[test]
fn every_grid_runs_between_the_same_noises() {
    let ratio = |t: f64| libm::tan(core::f64::consts::FRAC_PI_2 * t);
    for schedule in SCHEDULES {
        for grid in GRIDS {
            let levels = grid.levels(schedule, 40).expect("valid");
            assert_eq!(levels.len(), 41);
            let ratios: Vec<f64> = levels.iter().map(|level| level.sigma / level.alpha).collect();
            assert!((ratios[0] / ratio(T_MAX) - 1.0).abs() < 1e-9 && (ratios[39] / ratio(T_MIN) - 1.0).abs() < 1e-9);
            assert!(ratios.is_sorted_by(|noisy, clean| noisy > clean) && ratios[40] == 0.0);
            // each grid is uniform in the quantity it is named for
            let named: Vec<f64> = match grid {
                Grid::Uniform => levels[..40].iter().map(|level| level.t).collect(),
                Grid::LogSnr => ratios[..40].iter().map(|ratio| libm::log(*ratio)).collect(),
                Grid::Edm { rho } => ratios[..40].iter().map(|ratio| libm::pow(*ratio, 1.0 / rho)).collect(),
            };
            for three in named.windows(3) {
                assert!((three[0] - 2.0 * three[1] + three[2]).abs() < 1e-9, "{schedule:?} {grid:?}");
            }
            if schedule != Schedule::RectifiedFlow {
                assert!(levels.iter().all(|l| (l.alpha.powi(2) + l.sigma.powi(2) - 1.0).abs() < ROUNDING));
            }
        }
    }
    assert_eq!(Grid::Edm { rho: 0.5 }.levels(Schedule::Cosine, 9).expect_err("refused").field(), "rho");
}

/// Variance of the chain's samples where the data are one number, normal with this variance: every step is linear.
fn variance_reached(chain: &Chain, data: f64) -> f64 {
    let first = chain.steps()[0].level;
    let mut variance = first.alpha.powi(2) * data + first.sigma.powi(2);
    for step in chain.steps() {
        let Level { alpha, sigma, .. } = step.level;
        let gain = alpha * data / (alpha.powi(2) * data + sigma.powi(2));
        variance = (step.a + step.b * gain).powi(2) * variance + step.s.powi(2);
    }
    variance
}

#[test]
fn every_chain_nears_the_data_s_law_as_its_steps_shorten() {
    /// The error falls like one over the number of steps, so twice the steps leave about half; the last step, from
    /// `T_MIN` to the image, leaves up to its own variance, 0.6 %.
    const LAST_STEP: f64 = 0.01;
    let data = 0.7;
    let error = |chain: Result<Chain, _>| chain.map(|chain| (variance_reached(&chain, data) / data - 1.0).abs());
    for schedule in SCHEDULES {
        for grid in GRIDS {
            for eta in [1.0, 0.5] {
                let ancestral = |steps| error(Chain::ancestral(&grid.levels(schedule, steps).expect("valid"), eta));
                let name = format!("{schedule:?} {grid:?} eta {eta}");
                let (coarse, fine) = (ancestral(200).expect("valid"), ancestral(800).expect("valid"));
                assert!(fine < coarse / 3.0 + LAST_STEP && fine < 0.05, "{name}: {coarse} {fine}");
            }
        }
    }
}

#[test]
fn every_parametrisation_gives_the_same_clean_state() {
    let (x0, eps) = (0.4, -1.3);
    for t in [0.05, 0.5, 0.9] {
        let level = Level::cosine(t);
        let y = level.alpha * x0 + level.sigma * eps;
        for kind in Parametrisation::ALL {
            let output = match kind {
                Parametrisation::X0hat => x0,
                Parametrisation::Epsilon => eps,
                Parametrisation::Velocity => level.alpha * eps - level.sigma * x0,
                Parametrisation::Flow => eps - x0,
                Parametrisation::Score => -eps / level.sigma,
                other => panic!("{other:?} is not tested"),
            };
            assert!((kind.x0hat(level, y, output) - x0).abs() < ROUNDING, "{kind:?}");
        }
    }
}

#[test]
fn gradients_of_densities_are_their_finite_differences() {
    /// Of a central difference with this step, in f64.
    const STEP: f64 = 1e-5;
    const TOLERANCE: f64 = 1e-6;
    fn check(target: &impl Target, state: &[f64], log_density: impl Fn(&[f64]) -> f64) {
        let mut batch = Batch::default();
        batch.push_level(Level::cosine(0.5), state);
        let gradient = block_on(target.estimate(&batch)).expect("closed form");
        for i in 0..state.len() {
            let moved = |by: f64| {
                let mut state = state.to_vec();
                state[i] += by;
                log_density(&state)
            };
            let slope = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            assert!((slope - gradient[i]).abs() < TOLERANCE, "coordinate {i}: {slope} {}", gradient[i]);
        }
    }
    let state = [0.3, -0.8, 1.2, 0.1, -0.4, 0.9, 0.0, -1.1, 0.5];
    check(&double_well(2.0), &state[..2], |s| -2.0 * ((s[0] * s[0] - 1.0).powi(2) + s[1] * s[1]));
    check(&phi4(3, 0.2, 0.5), &state, |phi| {
        (0..9)
            .map(|i| {
                let (right, below) = (phi[i / 3 * 3 + (i + 1) % 3], phi[(i + 3) % 9]);
                0.4 * phi[i] * (right + below) - phi[i].powi(2) - 0.5 * (phi[i].powi(2) - 1.0).powi(2)
            })
            .sum()
    });
    let component = |weight, mean: [f64; 2]| Component { weight, mean: mean.to_vec(), variance: vec![0.5, 0.2] };
    let mixture = Mixture::new(vec![component(0.3, [1.0, 0.0]), component(0.7, [-1.0, 0.5])]).expect("valid");
    check(&mixture.gradient(), &state[..2], |s| {
        let part = |weight: f64, mean: [f64; 2]| {
            weight * libm::exp(-(s[0] - mean[0]).powi(2) - 2.5 * (s[1] - mean[1]).powi(2))
        };
        libm::log(part(0.3, [1.0, 0.0]) + part(0.7, [-1.0, 0.5]))
    });
    assert_eq!(Chain::langevin(10, 0.0).expect_err("refused").field(), "gamma");
}

/// The law of the end point in one dimension where the data are normal with this variance.
fn end_variance_z(chain: &Chain, data: f64, chains: u64) -> f64 {
    let due = variance_reached_from(chain, data, chain.start().powi(2));
    let target = Mixture::new(vec![Component { weight: 1.0, mean: vec![0.0], variance: vec![data] }]).expect("valid");
    let squares = (0..chains).map(|number| {
        let sampler = Sampler::new(chain.clone(), Settings::default()).expect("valid");
        block_on(sampler.sample(&target, Noise::new(91, number))).expect("closed form").sample[0].powi(2)
    });
    let n = chains as f64;
    (squares.sum::<f64>() / n / due - 1.0) / (2.0 / n).sqrt()
}

fn variance_reached_from(chain: &Chain, data: f64, start: f64) -> f64 {
    chain.steps().iter().fold(start, |variance, step| {
        let Level { alpha, sigma, .. } = step.level;
        let gain = alpha * data / (alpha.powi(2) * data + sigma.powi(2));
        (step.a + step.b * gain).powi(2) * variance + step.s.powi(2)
    })
}

#[test]
fn variance_exploding_and_flow_chains_start_as_wide_as_their_first_level_and_end_as_their_recursion_says() {
    /// Standard errors that the estimate may be off.
    const MOST: f64 = 4.0;
    const CHAINS: u64 = 4_000;
    for eta in [1.0, 0.25, 0.01] {
        let exploding = Chain::ancestral(&karras(40, 80.0, 0.002, 7.0).expect("valid"), eta).expect("valid");
        assert_eq!(exploding.start(), 80.0);
        let flowing = Chain::ancestral(&flow(40, 3.0).expect("valid"), eta).expect("valid");
        assert_eq!(flowing.start(), 1.0);
        // the chain that a user of another library cuts off above sigma 0
        let short = Chain::ancestral(&karras(40, 80.0, 0.5, 7.0).expect("valid")[..40], eta).expect("valid");
        assert!(short.steps().iter().all(|step| step.s > 0.0));
        for (name, chain) in [("exploding", exploding), ("flow", flowing), ("cut off", short)] {
            let z = end_variance_z(&chain, 1.0, CHAINS);
            println!("{name}, eta {eta}: {z:+.2} standard errors");
            assert!(z.abs() < MOST, "{name}, eta {eta}: {z} standard errors");
        }
    }
}

#[test]
fn a_table_with_negative_weights_is_sampled_exactly() {
    // Euler-Maruyama on a grid so coarse that it overshoots
    let levels = Grid::Uniform.levels(Schedule::Cosine, 50).expect("valid");
    let step = |pair: &[Level]| {
        let (level, gamma) = (pair[0], pair[0].t - pair[1].t);
        let tangent = core::f64::consts::FRAC_PI_2 * level.sigma / level.alpha;
        let c = 2.0 * gamma * tangent / level.sigma.powi(2);
        Step::new(level, 1.0 + gamma * tangent - c, c * level.alpha, (2.0 * gamma * tangent).sqrt())
    };
    let chain = Chain::from_steps(levels[..50].windows(2).map(step).collect(), 1.0).expect("valid");
    assert!(chain.steps()[0].a < -1.0);
    let z = end_variance_z(&chain, 0.5, 4_000);
    assert!(z.abs() < 4.0, "{z} standard errors");
}

#[test]
fn the_end_variance_test_sees_a_start_that_is_not_scaled() {
    let levels = karras(40, 80.0, 0.002, 7.0).expect("valid");
    let chain = Chain::ancestral(&levels, 0.25).expect("valid");
    let due = variance_reached_from(&chain, 1.0, chain.start().powi(2));
    let unscaled = variance_reached_from(&chain, 1.0, 1.0);
    assert!((unscaled / due - 1.0).abs() > 4.0 * (2.0_f64 / 4_000.0).sqrt(), "{unscaled} instead of {due}");
}

#[test]
fn fixed_large_is_the_forward_step_s_variance() {
    let levels: Vec<Level> = [0.9, 0.6, 0.3, 0.1, 0.0].map(Level::cosine).to_vec();
    let (small, large) = (Chain::ddpm(&levels, Variance::Small), Chain::ddpm(&levels, Variance::Large));
    let (small, large) = (small.expect("valid"), large.expect("valid"));
    assert_eq!(small, Chain::ancestral(&levels, 1.0).expect("valid"));
    for ((small, large), pair) in small.steps().iter().zip(large.steps()).zip(levels.windows(2)).take(3) {
        // Ho et al. 2020: beta = 1 - alpha_cumprod_t / alpha_cumprod_prev
        let beta = 1.0 - (pair[0].alpha / pair[1].alpha).powi(2);
        assert!((large.s.powi(2) - beta).abs() < ROUNDING && large.s > small.s);
        assert_eq!((large.a, large.b), (small.a, small.b));
    }
}

#[test]
fn levels_of_other_libraries_are_the_levels_they_mean() {
    let level = Level::from_alpha_cumprod(417.0, 0.36);
    assert!((level.alpha - 0.6).abs() < ROUNDING && (level.sigma - 0.8).abs() < ROUNDING && level.t == 417.0);
    assert_eq!(Level::from_sigma(3.0), Level { t: 3.0, alpha: 1.0, sigma: 3.0 });
    let sigmas = karras(18, 80.0, 0.002, 7.0).expect("valid");
    assert_eq!(sigmas.len(), 19);
    // Karras et al. 2022, eq. 5, by hand
    let second = (80f64.powf(1.0 / 7.0) + (0.002f64.powf(1.0 / 7.0) - 80f64.powf(1.0 / 7.0)) / 17.0).powi(7);
    assert!((sigmas[1].sigma / second - 1.0).abs() < 1e-12 && sigmas[18].sigma == 0.0);
    let flowing = flow(4, 3.0).expect("valid");
    assert!((flowing[2].t - 0.75).abs() < ROUNDING && flowing[0].sigma == 1.0 && flowing[4].sigma == 0.0);
}

#[test]
fn an_answer_of_the_wrong_length_is_refused_and_the_run_goes_on() {
    let sampler = sampler(10, 1.0, Settings::default());
    let target = mixture(3);
    let whole = block_on(sampler.sample(&target, 1)).expect("closed form");
    let mut run = sampler.run(1, 3);
    while let Ask::Estimate(ticket, batch) = run.ask() {
        let estimates = block_on(target.estimate(batch)).expect("closed form");
        let due = estimates.len();
        for wrong in [0, due - 1, due - 3, due + 1, due + 3] {
            let error = run.answer(ticket, &vec![0.0; wrong]).expect_err("refused");
            assert!(matches!(error, TargetError::Shape { expected, found } if (expected, found) == (due, wrong)));
        }
        run.answer(ticket, &estimates).expect("the right shape");
    }
    assert_eq!(run.sample(), Some(&whole.sample[..]));

    /// Returns so many numbers too many, or too few.
    fn wrong(off: isize) -> impl Target {
        from_fn(3, move |batch| Ok(vec![0.0; batch.states.len().saturating_add_signed(off)]))
    }
    for off in [-3, -1, 1, 3] {
        let error = block_on(sampler.trace(&wrong(off), 1)).expect_err("refused").error;
        assert!(matches!(error, TargetError::Shape { .. }), "{error}");
        assert!(block_on(sampler.plain(&wrong(off), 1)).is_err());
        let mut pool = Pool::new(3, 8);
        pool.push(sampler.run(1, 3)).expect("the same size");
        assert!(block_on(pool.call(&wrong(off))).is_err());
    }
}

/// A model that breaks after some calls, with an error or with a NaN.
fn breaks(after: usize, with_nan: bool) -> impl Target {
    let calls = AtomicUsize::new(0);
    from_fn(4, move |batch| match (calls.fetch_add(1, Ordering::Relaxed) >= after, with_nan) {
        (true, true) => Ok(vec![f64::NAN; batch.states.len()]),
        (true, false) => Err(TargetError::model("the session is gone")),
        (false, _) => Ok(mixture(4).target.estimates(batch)),
    })
}

#[test]
fn a_run_that_fails_keeps_what_it_had_and_goes_on_from_there() {
    let sampler = sampler(30, 1.0, with(Draft::Secant, 6, Rule::Auto));
    let whole = block_on(sampler.trace(&mixture(4), 1)).expect("closed form");
    for with_nan in [false, true] {
        let failed = block_on(sampler.trace(&breaks(4, with_nan), 1)).expect_err("it breaks");
        let trace = failed.trace.as_ref().expect("rounds were kept");
        assert_eq!(trace.rounds, whole.rounds[..3], "a call for the root, and three rounds");
        assert_eq!(failed.state.level(), trace.committed().count());
        match failed.error {
            TargetError::NotFinite { level } => assert_eq!((with_nan, level), (true, failed.state.level())),
            ref error => assert!(!with_nan && error.to_string().contains("the session is gone"), "{error}"),
        }
        let mut run = sampler.resume(1, *failed.state).expect("a state of this chain");
        assert!(run.sample().is_none(), "it has not ended");
        block_on(run.drive(&mixture(4), drop)).expect("closed form");
        assert_eq!(run.sample(), Some(whole.sample()));
    }
}

#[test]
fn a_number_that_is_finite_when_asked_for_again_leaves_the_run_as_it_would_have_been() {
    let sampler = sampler(30, 1.0, with(Draft::Secant, 6, Rule::Reflection));
    let whole = block_on(sampler.trace(&mixture(4), 1)).expect("closed form");
    let mut later = 0;
    let mut before = 0;
    for round in &whole.rounds {
        let calls = before..before + round.calls;
        for bad in round.first..round.first + round.states.len() {
            let (call, calls) = (AtomicUsize::new(0), calls.clone());
            let poisoned = from_fn(4, move |batch| {
                let mut estimates = mixture(4).target.estimates(batch);
                let poison = calls.contains(&call.fetch_add(1, Ordering::Relaxed));
                let row = batch.rows.iter().position(|row| poison && row.step == bad);
                row.inspect(|row| estimates[4 * row] = f64::NAN);
                Ok(estimates)
            });
            let failed = block_on(sampler.trace(&poisoned, 1)).expect_err("the chain comes to that level");
            assert!(
                matches!(failed.error, TargetError::NotFinite { level } if level == bad),
                "{bad}: {}",
                failed.error
            );
            later += usize::from(bad > failed.state.level());
            let mut run = sampler.resume(1, *failed.state).expect("a state of this chain");
            block_on(run.drive(&mixture(4), drop)).expect("closed form");
            assert_eq!(run.sample(), Some(whole.sample()), "{bad}");
        }
        before = calls.end;
    }
    assert!(later > 0, "only roots were tested");
}

#[test]
fn a_run_of_a_pool_that_fails_says_so_and_the_others_go_on() {
    let mut pool = Pool::new(4, 64);
    for chain in 0..3 {
        pool.push(sampler(30, 1.0, Settings::default()).run(Noise::new(1, chain), 4)).expect("the same size");
    }
    let mut failed = Vec::new();
    let mut calls = 0;
    loop {
        let (ticket, mut estimates, poison) = match pool.ask() {
            Ask::Estimate(ticket, batch) => {
                let poison = batch.rows.iter().position(|row| row.run == 1).filter(|_| calls == 2);
                (ticket, block_on(mixture(4).estimate(batch)).expect("closed form"), poison)
            }
            Ask::Done => break,
            other => panic!("{other:?}"),
        };
        calls += 1;
        if let Some(row) = poison {
            estimates[4 * row] = f64::NAN;
        }
        let answered = pool.answer(ticket, &estimates).expect("the right shape");
        failed.extend(answered.into_iter().filter_map(|(number, round)| round.err().map(|error| (number, error))));
    }
    assert!(matches!(failed[..], [(1, TargetError::NotFinite { .. })]), "{failed:?}");
    for number in 0..3 {
        assert_eq!(pool.run(number).expect("it is there").is_done(), number != 1);
    }
    // it can go on by itself, and in a pool
    let failed = pool.take(1).expect("it is there");
    let number = pool.push(failed).expect("the same size");
    while !pool.is_done() {
        block_on(pool.call(&mixture(4))).expect("closed form");
    }
    let alone = block_on(sampler(30, 1.0, Settings::default()).sample(&mixture(4), Noise::new(1, 1)));
    assert_eq!(pool.run(number).and_then(|run| run.sample()), Some(&alone.expect("closed form").sample[..]));
}

#[test]
fn guidance_moves_outputs_away_from_those_without_a_condition_where_it_applies() {
    let close = |found: &[f64], due: &[f64]| found.iter().zip(due).all(|(a, b)| (a - b).abs() < 1e-12);
    let mut batch = Batch::default();
    for t in [0.9, 0.5, 0.1] {
        batch.push_level(Level::cosine(t), &[t, -t]);
    }
    // only the level in the middle has a sigma near alpha
    let guidance = Guidance::new(3.0).within(0.5, 2.0);
    let asked = guidance.ask(&batch);
    assert_eq!(asked.rows[..3], batch.rows);
    assert_eq!((asked.len(), &asked.states[6..]), (4, &[0.5, -0.5][..]));
    let outputs = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 2.5, 5.0];
    let combined = guidance.combine(&batch, &outputs).expect("the right shape");
    assert!(close(&combined, &[1.0, 2.0, 4.0, 2.0, 5.0, 6.0]), "{combined:?}");
    // deviations of (3, 4) and of (4, 2) are 1/2 and 1
    let rescaled = guidance.rescaled(1.0).combine(&batch, &outputs).expect("the right shape");
    assert!(close(&rescaled, &[1.0, 2.0, 2.0, 1.0, 5.0, 6.0]), "{rescaled:?}");
    let half = guidance.rescaled(0.5).combine(&batch, &outputs).expect("the right shape");
    assert!(close(&half, &[1.0, 2.0, 3.0, 1.5, 5.0, 6.0]), "{half:?}");
    assert!(guidance.combine(&batch, &outputs[1..]).is_err());
    assert_eq!(Guidance::new(1.0).ask(&batch), batch);
    assert!(Guidance::new(2.0).applies(Level::flow(1.0)) && !guidance.applies(Level::flow(1.0)));
}

#[test]
fn rows_are_counted_where_guidance_asks_for_them() {
    let guidance = Guidance::new(3.0).within(0.5, 2.0);
    let sampler = sampler(30, 1.0, with(Draft::Secant, 6, Rule::Reflection));
    let run = |guided: bool| {
        let run = sampler.run(4, 3);
        if guided { run.guided(guidance) } else { run }
    };
    let target = mixture(3);
    let mut rounds = Vec::new();
    for guided in [true, false] {
        let (mut run, mut pool) = (run(guided), Pool::new(3, 64));
        let alone = pool.push(run.clone()).expect("the same size");
        while let Some((ticket, estimates)) = estimates(&run, &target) {
            rounds.extend(run.answer(ticket, &estimates).expect("finite"));
        }
        while let Ask::Estimate(ticket, batch) = pool.ask() {
            let estimates = block_on(target.estimate(batch)).expect("closed form");
            pool.answer(ticket, &estimates).expect("finite");
        }
        assert_eq!(pool.costs().rows, run.costs().rows);
        assert_eq!(pool.run(alone).expect("it is there").costs(), run.costs());
        let levels = rounds.iter().flat_map(|round| &round.positions).map(|p| sampler.chain().steps()[p.level].level);
        let due: usize = levels.map(|level| 1 + usize::from(guided && guidance.applies(level))).sum();
        assert_eq!(run.costs().rows, due);
        rounds.clear();
    }
}

#[test]
fn a_target_can_be_boxed_lent_and_sent() {
    fn sent<T: Target + Send + Sync + 'static>(sampler: Sampler, target: T) -> Vec<f64> {
        // what an executor with several threads asks of a future
        fn spawn<F: Future<Output = Vec<f64>> + Send + 'static>(future: F) -> Vec<f64> {
            std::thread::spawn(move || block_on(future)).join().expect("no panic")
        }
        spawn(async move { sampler.sample(&target, 1).await.expect("closed form").sample })
    }
    let sampler = sampler(10, 1.0, Settings::default());
    let due = block_on(sampler.sample(&mixture(4), 1)).expect("closed form").sample;
    assert_eq!(sent(sampler.clone(), mixture(4)), due);
    let chosen: Vec<BoxTarget> = vec![BoxTarget::new(mixture(4)), BoxTarget::new(double_well(1.0))];
    assert_eq!(block_on(sampler.sample(&chosen[0], 1)).expect("closed form").sample, due);
    assert_eq!(sent(sampler.clone(), std::sync::Arc::new(mixture(4))), due);
    assert_eq!(block_on(sampler.sample(&&mixture(4), 1)).expect("closed form").sample, due);
    let drafted = Sampler::new(sampler.chain(), with(Draft::Independent, 4, Rule::Reflection)).expect("valid");
    assert!(block_on(drafted.sample(&chosen[0], 1)).expect("closed form").costs.draft_calls > 0);
}

#[test]
fn a_deterministic_step_in_mid_chain_ends_its_window_and_is_the_target_s_mean() {
    let chain = Chain::cosine(20, 1.0).expect("valid");
    let mut steps = chain.steps().to_vec();
    let Step { level, a, b, .. } = steps[7];
    steps[7] = Step::new(level, a, b, 0.0);
    let chain = Chain::from_steps(steps, 1.0).expect("valid");
    let sampler = Sampler::new(chain, with(Draft::Secant, 12, Rule::Reflection));
    let trace = block_on(sampler.expect("valid").trace(&mixture(4), 1)).expect("closed form");
    let (seventh, state) = trace.committed().nth(7).expect("it was committed");
    assert_eq!((seventh.verdict, &seventh.target_mean[..]), (Verdict::Deterministic, state));
    assert!(trace.rounds.iter().all(|round| {
        let ends = round.positions.iter().position(|p| p.verdict == Verdict::Deterministic);
        ends.is_none_or(|end| round.states.len() == end + 1)
    }));
}

/// A model that leans on its batch: it adds a share of the mean of all rows' estimates.
fn leans() -> impl Target {
    from_fn(8, |batch| {
        let mut estimates = mixture(8).target.estimates(batch);
        for i in 0..8 {
            let mean = estimates.iter().skip(i).step_by(8).sum::<f64>() / batch.len() as f64;
            estimates.iter_mut().skip(i).step_by(8).for_each(|x| *x += 0.3 * mean);
        }
        Ok(estimates)
    })
}

/// A model with a noise of its own.
fn noisy() -> impl Target {
    let calls = AtomicUsize::new(0);
    from_fn(8, move |batch| {
        let mut estimates = mixture(8).target.estimates(batch);
        let noise = Noise::new(7, 0).normals(Purpose::Step, calls.fetch_add(1, Ordering::Relaxed), estimates.len());
        estimates.iter_mut().zip(noise).for_each(|(x, z)| *x += 0.1 * z);
        Ok(estimates)
    })
}

#[test]
fn a_model_that_breaks_the_contract_is_caught_by_the_check() {
    let check = sampler(40, 1.0, Settings::default());
    let good = block_on(Check::run(&check, &mixture(8), 1)).expect("closed form");
    assert!(good.passed() && good.alone.is_exact() && good.shuffled.is_exact() && good.repeated.is_exact());
    let leaning = block_on(Check::run(&check, &leans(), 1)).expect("closed form");
    assert!(!leaning.passed() && !leaning.alone.passed() && leaning.repeated.is_exact(), "{leaning}");
    let noise = block_on(Check::run(&check, &noisy(), 1)).expect("closed form");
    assert!(!noise.passed() && !noise.repeated.passed(), "{noise}");
    assert!(leaning.to_string().contains("DIFFERENT") && good.to_string().contains("the same to the bit"));
}

#[test]
fn the_audit_passes_an_honest_model_and_fails_one_that_leans_on_its_batch() {
    let audited = |target: &dyn Fn(&Sampler, Noise, &mut Audit)| {
        let mut audit = Audit::new();
        for chain in 0..400 {
            let settings = with(Draft::Secant, 8, Rule::Auto);
            target(&sampler(40, 1.0, settings), Noise::new(17, chain), &mut audit);
        }
        audit.statistics().expect("enough residuals")
    };
    let good = audited(&|sampler, noise, audit| {
        block_on(sampler.watch(&mixture(8), noise, |round| audit.add(&round))).expect("closed form");
    });
    println!("{good}");
    assert!(good.passed(), "{good}");
    assert!(good.least_shift_seen() < 0.1);
    let leaning = audited(&|sampler, noise, audit| {
        block_on(sampler.watch(&leans(), noise, |round| audit.add(&round))).expect("closed form");
    });
    println!("{leaning}");
    assert!(!leaning.passed(), "{leaning}");
    assert!(Audit::new().statistics().is_none());
}

#[test]
fn states_that_a_chain_cannot_be_in_and_sizes_that_differ_are_refused_and_no_dimension_is_no_trouble() {
    let sampler = sampler(10, 1.0, Settings::default());
    let good = sampler.run(1, 3).into_state();
    let but = |change: &dyn Fn(Parts)| {
        let mut state = good.clone();
        change(state.parts());
        state
    };
    let late = but(&|parts| *parts.level = 11);
    // these would overflow where they are added to
    let rounds = but(&|parts| *parts.rounds = usize::MAX);
    let stops = but(&|parts| (*parts.level, *parts.rounds, *parts.stops) = (2, 1, 2));
    let renewed = but(&|parts| *parts.renewed = vec![vec![0.0; 2]]);
    let memory = Memory { assumed: vec![Assumed { w: vec![0.0; 2], level: 0, at: vec![0.0; 3] }], secants: Vec::new() };
    // an assumed level in the future, which a fuzzer found; and levels with a gap
    let assumed = |level| Assumed { w: vec![0.0; 3], level, at: vec![0.0; 3] };
    let ahead = Memory { assumed: vec![assumed(5)], secants: Vec::new() };
    let torn = Memory { assumed: vec![assumed(0), assumed(2)], secants: Vec::new() };
    let [ahead, torn] = [ahead, torn].map(|memory| but(&|parts| parts.memory.clone_from(&memory)));
    for state in [&ahead, &torn, &late, &rounds, &stops] {
        let read = State::from_bytes(&state.to_bytes());
        assert!(read.is_err() || read.is_ok_and(|read| sampler.resume(1, read).is_err()));
    }
    let short = but(&|parts| parts.memory.clone_from(&memory));
    for bad in [late, rounds, stops, renewed, ahead, torn, short] {
        assert_eq!(sampler.resume(1, bad).expect_err("refused"), StateError::Damaged);
    }
    let mut pool = Pool::new(4, 8);
    assert!(matches!(pool.push(sampler.run(1, 3)), Err(TargetError::Shape { expected: 4, found: 3 })));
    let mut empty = sampler.run(1, 0);
    while let Ask::Estimate(ticket, batch) = empty.ask() {
        assert!(batch.states.is_empty() && !batch.is_empty());
        empty.answer(ticket, &[]).expect("nothing is due");
    }
    assert_eq!(empty.sample(), Some(&[][..]));
    let short = block_on(sampler.plain_step(&mixture(3), 0, &[0.0; 3], &[0.0; 2], &[])).expect_err("refused");
    assert!(matches!(short, TargetError::Shape { expected: 3, found: 2 }));
    assert!(block_on(sampler.plain_step(&mixture(3), 0, &[0.0; 2], &[0.0; 2], &[])).is_err());
}

#[test]
fn a_root_that_is_not_finite_is_reported_at_once_and_asked_for_again() {
    let mut run = sampler(10, 1.0, Settings::default()).run(1, 3);
    let Ask::Estimate(ticket, _) = run.ask() else { panic!("nothing was asked") };
    let error = run.answer(ticket, &[0.0, f64::NAN, 0.0]).expect_err("refused");
    assert!(matches!(error, TargetError::NotFinite { level: 0 }));
    assert!(matches!(run.ask(), Ask::Estimate(_, batch) if batch.len() == 1));
}

/// The mixture, with an offset that depends on the rows of a call and on the row's place among them.
fn shifted(by: impl Fn(&[Row], usize) -> f64) -> impl Target {
    from_fn(8, move |batch| {
        let mut estimates = mixture(8).target.estimates(batch);
        estimates.chunks_mut(8).enumerate().for_each(|(i, estimate)| estimate[0] += by(&batch.rows, i));
        Ok(estimates)
    })
}

#[test]
fn a_model_that_depends_on_the_order_of_its_rows_alone_is_caught_by_the_check() {
    // rows are asked about from noisy to clean, but in the batch that is shuffled
    let turns = |rows: &[Row], _| if rows.is_sorted_by_key(|row| row.step) { 0.0 } else { 0.1 };
    let sampler = sampler(40, 1.0, Settings::default());
    let checked = block_on(Check::run(&sampler, &shifted(turns), 1)).expect("closed form");
    assert!(!checked.passed() && !checked.shuffled.passed(), "{checked}");
    assert!(checked.repeated.is_exact() && checked.alone.is_exact(), "{checked}");
}

#[test]
fn a_model_that_changes_where_a_call_is_as_long_as_a_window_is_caught_by_the_check() {
    for (window, longest) in [(Window::Fixed(32), 32), (Window::default(), 30), (Window::Fixed(3), 7)] {
        let settings = Settings::default().window(window);
        let sampler = sampler(300, 1.0, settings);
        let check = Check::new(&sampler, 8, 1);
        let most = check.batches().iter().map(Batch::len).max().expect("some");
        assert!(most >= longest, "{window}: {most} rows");
        let changes = move |rows: &[Row], _| if rows.len() == most { 0.1 } else { 0.0 };
        let checked = block_on(Check::run(&sampler, &shifted(changes), 1)).expect("closed form");
        assert!(!checked.alone.passed() && checked.shuffled.is_exact(), "{window}: {checked}");
    }
    // no window is longer than what was asked about
    let sampler = sampler(300, 1.0, Settings::default());
    let most = Check::new(&sampler, 8, 1).batches()[0].len();
    let trace = block_on(sampler.trace(&mixture(8), 7)).expect("closed form");
    assert!(trace.rounds.iter().all(|round| round.positions.len() <= most));
}

#[test]
fn what_a_difference_may_move_a_mean_falls_with_the_number_of_steps_since_it_adds_up() {
    let check = |steps, share: f64| {
        let sampler = sampler(steps, 1.0, Settings::default());
        let chain = sampler.chain().clone();
        // where there are several rows, this share of each step's noise
        let adds = move |rows: &[Row], i: usize| {
            let step = &chain.steps()[rows[i].step];
            if rows.len() > 1 { share * step.s / step.b.abs() } else { 0.0 }
        };
        block_on(Check::run(&sampler, &shifted(adds), 1)).expect("closed form")
    };
    // nats: half the square for each step
    assert!(check(100, 0.004).passed() && check(1000, 0.0013).passed());
    let (hundred, thousand) = (check(100, 0.019), check(1000, 0.0019));
    assert!(hundred.alone.worst > 1e-5 && !hundred.passed(), "{hundred}");
    assert!(thousand.alone.worst > 1e-5 && !thousand.passed(), "{thousand}");
    // the same difference, lost in the noise of steps where there is much, and not where there is hardly any
    let wobble = |eta| {
        let sampler = sampler(40, eta, Settings::default());
        block_on(Check::run(&sampler, &shifted(|rows: &[Row], _| 1e-4 / rows.len() as f64), 1)).expect("closed form")
    };
    let (much, little) = (wobble(1.0).alone, wobble(0.001).alone);
    assert!(much.worst > 1e-5 && much.passed() && !much.is_exact(), "{much:?}");
    assert!(!little.passed(), "{little:?}");
}

/// A flow of 30 steps with a little churn on five Gaussians in 512 dimensions: another model's chain, of which nothing is
/// built in (examples/mixture_512.rs).
#[test]
fn where_rows_are_free_an_adaptive_window_needs_hardly_more_calls_than_the_longest_on_a_chain_it_was_not_made_for() {
    const STEPS: usize = 30;
    const CHURN: f64 = 0.06;
    let sigma = |k: usize| if k == STEPS { 0.0 } else { 1.0 - 0.999 * k as f64 / (STEPS - 1) as f64 };
    let step = |k: usize| {
        let (sigma, dt) = (sigma(k), sigma(k + 1) - sigma(k));
        let churn = if k == 0 || k + 1 == STEPS { 0.0 } else { CHURN };
        let c = if churn == 0.0 { 0.0 } else { churn * churn / (1.0 - sigma) };
        let velocity = dt * (1.0 + c * (1.0 - sigma)) / sigma;
        let s = if churn == 0.0 { 0.0 } else { churn * (2.0 * sigma / (1.0 - sigma) * -dt).sqrt() };
        Step::new(Level::flow(sigma), 1.0 + c * dt + velocity, -velocity, s)
    };
    let chain = Chain::from_steps((0..STEPS).map(step).collect(), 1.0).expect("valid");
    let component = |i: usize| {
        let z = Noise::new(5, 0).normals(Purpose::Start, i, 512);
        Component { weight: 1.0, mean: z.iter().map(|z| z.clamp(-2.0, 2.0)).collect(), variance: vec![0.03; 512] }
    };
    let target = Mixture::new((0..5).map(component).collect()).expect("valid");
    let calls = |window| -> usize {
        let sampler = Sampler::new(&chain, Settings::default().window(window)).expect("valid");
        (0..40_u64).map(|seed| block_on(sampler.sample(&target, seed)).expect("closed form").costs.calls).sum()
    };
    let (longest, free) = (calls(Window::Fixed(STEPS)), calls(Window::Auto(Price::FREE)));
    println!("{longest} calls with windows up to the end, {free} with adaptive ones");
    assert!(10 * free <= 11 * longest, "{free} calls, {longest} with windows up to the chain's end");
}

#[test]
fn a_mixture_s_density_integrates_to_one_and_is_the_gaussian_s_where_there_is_one() {
    let component = |weight, mean, variance| Component { weight, mean: vec![mean], variance: vec![variance] };
    let mixture = Mixture::new(vec![component(3.0, -1.0, 0.3), component(1.0, 2.0, 0.0)]).expect("valid");
    for t in [0.2, 0.6] {
        let step = 1e-3;
        let total: f64 = (-8000..8000).map(|i| step * mixture.density(Level::cosine(t), &[f64::from(i) * step])).sum();
        assert!((total - 1.0).abs() < 1e-6, "{total} at {t}");
    }
    let normal = Mixture::new(vec![component(5.0, 0.0, 1.0)]).expect("valid").density(Level::cosine(0.3), &[1.0]);
    assert!((normal - 0.241_970_724_519_143_37).abs() < 1e-12, "{normal}");
}
