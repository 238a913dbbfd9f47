//! What must hold for every input.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{DRAFTS, QUANTITIES, mixture, sampler, with};
use pollster::block_on;
use speculative_diffusion::coupling::{acceptance_probability, test};
use speculative_diffusion::noise::Purpose;
use speculative_diffusion::sampler::MAX_WINDOW;
use speculative_diffusion::schedule::{T_MAX, T_MIN};
use speculative_diffusion::targets::{Component, Mixture, double_well, phi4};
use speculative_diffusion::{
    Chain, Draft, Grid, Length, Level, Noise, Parametrisation, Quantity, Rule, Sampler, Schedule, Settings, Target,
    TargetError, Verdict,
};

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
fn a_gap_too_large_to_square_is_rejected_and_reflected() {
    for far in [1e3, 1e160, 1e300] {
        let mut state = vec![f64::NAN; 2];
        let outcome = test(Rule::Reflection, (&[far, 0.0], &[1.0, 0.5]), 1.0, &[2.0, 3.0], -0.1, &mut state, Vec::new);
        assert_eq!(outcome.verdict, Verdict::Rejected);
        assert!((outcome.gap / far - 1.0).abs() < 1e-2);
        // reflected along the first axis, but for the small angle of the nearest gap
        assert!((state[0] + 1.0).abs() < 0.01 && (state[1] - 3.5).abs() < 0.01, "{state:?}");
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
    assert_eq!(Chain::cosine(1001, 1.0).expect_err("refused").field(), "steps");
    for eta in [0.0, -0.1, 1.1, f64::NAN] {
        assert_eq!(Chain::cosine(10, eta).expect_err("refused").field(), "eta");
    }
    assert!(Chain::cosine(10, 0.0).expect_err("refused").to_string().contains("ordinary differential equation"));
    let rising = [0.5, 0.6, 0.0].map(Level::cosine);
    assert_eq!(Chain::ancestral(&rising, 1.0).expect_err("refused").field(), "levels");
    let noisy_end = [0.9, 0.6, 0.1].map(Level::cosine);
    assert_eq!(Chain::ancestral(&noisy_end, 1.0).expect_err("refused").field(), "levels");
    for length in [0, MAX_WINDOW + 1] {
        let settings = Settings { window: Length::Fixed(length), ..Settings::default() };
        let error =
            Sampler::new(Chain::cosine(10, 1.0).expect("valid"), settings, Noise::new(0, 0)).expect_err("refused");
        assert!(error.to_string().starts_with("window is"));
    }
    assert!(Mixture::new(Vec::new()).is_err());
    let alone = sampler(10, 1.0, with(Draft::Independent, Quantity::X0hat, 5, Rule::Reflection), 0, 0);
    assert_eq!(block_on(alone.run(&mixture(2).target)).expect_err("refused"), TargetError::NoDrafter);
    assert_eq!("magic".parse::<Draft>().expect_err("refused").field(), "draft");
    assert_eq!("wide".parse::<Length>().expect_err("refused").field(), "window");
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
                    let rooted = match draft {
                        Draft::Frozen => true,
                        Draft::Independent => false,
                        _ => i == 0,
                    };
                    1 + usize::from(rooted && round.positions.len() > 1)
                });
                assert_eq!(costs.calls, calls.sum::<usize>());
                assert_eq!(costs.draft_calls, if draft == Draft::Independent { positions } else { 0 });
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

const SCHEDULES: [Schedule; 3] = [Schedule::Cosine, Schedule::LinearBeta, Schedule::RectifiedFlow];
const GRIDS: [Grid; 4] = [Grid::Uniform, Grid::LogSnr, Grid::Edm { rho: 7.0 }, Grid::Even];

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
            let named: Option<Vec<f64>> = match grid {
                Grid::Uniform => Some(levels[..40].iter().map(|level| level.t).collect()),
                Grid::LogSnr => Some(ratios[..40].iter().map(|ratio| libm::log(*ratio)).collect()),
                Grid::Edm { rho } => Some(ratios[..40].iter().map(|ratio| libm::pow(*ratio, 1.0 / rho)).collect()),
                Grid::Even => None,
            };
            for three in named.iter().flat_map(|values| values.windows(3)) {
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
                let euler = |steps| error(Chain::euler_maruyama(schedule, grid, steps, eta));
                let name = format!("{schedule:?} {grid:?} eta {eta}");
                let (coarse, fine) = (ancestral(200).expect("valid"), ancestral(800).expect("valid"));
                assert!(fine < coarse / 3.0 + LAST_STEP && fine < 0.05, "{name}, ancestral: {coarse} {fine}");
                match (euler(200), euler(800)) {
                    (Ok(coarse), Ok(fine)) => {
                        assert!(fine < coarse / 3.0 + LAST_STEP && fine < 0.05, "{name}, Euler: {coarse} {fine}");
                    }
                    (Err(error), _) => {
                        assert_eq!(error.field(), "grid");
                        assert!(grid != Grid::LogSnr, "{name} is fine enough");
                    }
                    (Ok(_), Err(error)) => panic!("{name}: {error} with more steps"),
                }
            }
        }
    }
    assert_eq!(Chain::euler_maruyama(Schedule::Cosine, Grid::LogSnr, 100, 0.0).expect_err("refused").field(), "eta");
}

#[test]
fn every_parametrisation_tells_the_same_clean_state() {
    let (x0, eps) = (0.4, -1.3);
    for t in [0.05, 0.5, 0.9] {
        let level = Level::cosine(t);
        let y = level.alpha * x0 + level.sigma * eps;
        for kind in Parametrisation::ALL {
            let output = match kind {
                Parametrisation::X0hat => x0,
                Parametrisation::Epsilon => eps,
                Parametrisation::Velocity => level.alpha * eps - level.sigma * x0,
                Parametrisation::Score => -eps / level.sigma,
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
        let mut batch = speculative_diffusion::Batch::default();
        batch.push(Level::cosine(0.5), state);
        let gradient = block_on(target.predict(&batch)).expect("closed form");
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
