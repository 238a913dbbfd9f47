//! Three claims that need no statistics: drafts look only at the past, the plain sampler can replay a run, and every
//! target mean is the plain path's.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{DRAFTS, OWN_DRAFTS, estimates, mixture, round, sampler, with};
use pollster::block_on;
use speculative_diffusion::mutants::Assumed;
use speculative_diffusion::schedule::{Grid, Schedule};
use speculative_diffusion::targets::double_well;
use speculative_diffusion::{
    Ask, Batch, Chain, Churn, Draft, Level, Mask, Noise, Pool, Price, Purpose, Round, Rule, Run, Sampler, SecondOrder,
    Settings, State, StateError, Step, Target, TargetError, Verdict, Window,
};

const STEPS: usize = 40;
const DIM: usize = 16;

/// What a draft keeps for the next round may be tampered with on the way, to make a wrong draft of a right one.
type Tamper = fn(&Sampler, &Round, &mut State);

fn honest(_: &Sampler, _: &Round, _: &mut State) {}

/// The mistake that is easiest to make: take the last row of the call instead of the one behind the stop. It was
/// evaluated at a state that noises still to be used have shaped. A state that assumes a level ahead is refused, so it passes
/// for one of the next.
fn last_row(_: &Sampler, round: &Round, state: &mut State) {
    let last = round.positions.len() - 1;
    let start = if last == 0 { return } else { &round.positions[last - 1].draft };
    let w = round.positions[last].estimate.clone();
    let level = state.level().min(round.first + last);
    state.parts().memory.assumed = vec![Assumed { w, level, at: start.clone() }];
}

/// Trusts every secant at every level, those of later levels too.
fn later_secants(_: &Sampler, _: &Round, state: &mut State) {
    let level = state.level();
    state.parts().memory.secants.iter_mut().for_each(|secant| secant.level = secant.level.min(level));
}

/// Lets the next window's length depend on a test that was never made.
fn length_from_discarded_rows(_: &Sampler, round: &Round, state: &mut State) {
    let last = &round.positions[round.positions.len() - 1];
    if last.verdict == Verdict::Discarded && last.draft_mean[0] > last.target_mean[0] {
        let state = state.parts();
        *state.stops = *state.rounds;
    }
}

fn run(settings: Settings, noise: Noise, tamper: Tamper) -> Vec<Round> {
    run_on(&Chain::cosine(STEPS, 1.0).expect("valid"), &mixture(DIM), settings, noise, tamper)
}

fn run_on(chain: &Chain, target: &impl Target, settings: Settings, noise: Noise, tamper: Tamper) -> Vec<Round> {
    let sampler = Sampler::new(chain.clone(), settings).expect("valid");
    let mut state = sampler.run(noise, target.dim()).into_state();
    let mut rounds = Vec::new();
    while state.level() < STEPS {
        let (mut next, round) = round(&sampler, noise, target, &state);
        tamper(&sampler, &round, &mut next);
        state = next;
        rounds.push(round);
    }
    rounds
}

/// Whether two runs agree in every draft mean at levels up to `level`.
fn same_past(one: &[Round], other: &[Round], level: usize) -> bool {
    let past = |rounds: &[Round]| -> Vec<(usize, usize, Vec<f64>)> {
        rounds
            .iter()
            .flat_map(|round| round.positions.iter().map(|p| (round.first, p.level, p.draft_mean.clone())))
            .filter(|(first, at, _)| *first <= level && *at <= level)
            .collect()
    };
    past(one) == past(other)
}

fn depends_on_the_future(settings: Settings, tamper: Tamper) -> bool {
    (0..20).any(|chain| {
        let noise = Noise::new(8, chain);
        let rounds = run(settings, noise, tamper);
        // the last step has no noise of its own
        (0..STEPS - 1).any(|level| {
            let altered = run(settings, noise.branch(level, chain + 1000), tamper);
            assert_ne!(rounds[rounds.len() - 1].states, altered[altered.len() - 1].states, "the alteration took");
            !same_past(&rounds, &altered, level)
        })
    })
}

#[test]
fn draft_means_do_not_depend_on_noise_of_their_own_level_or_later() {
    for draft in DRAFTS {
        let settings = with(draft, 10, Rule::Reflection);
        assert!(!depends_on_the_future(settings, honest), "{draft:?}");
        let settings = settings.window(Window::default());
        assert!(!depends_on_the_future(settings, honest), "{draft:?}, adaptive window");
    }
}

#[test]
fn drafts_thrown_out_to_infinity_tell_nothing_of_later_noise() {
    let chain = Chain::langevin(STEPS, 0.02).expect("valid");
    let target = double_well(2.0);
    let mut infinite = 0;
    for draft in OWN_DRAFTS {
        let settings = with(draft, 25, Rule::Reflection);
        for chain_number in 0..60 {
            let noise = Noise::new(8, chain_number);
            let rounds = run_on(&chain, &target, settings, noise, honest);
            let predictions = rounds.iter().flat_map(|round| &round.positions).flat_map(|p| &p.estimate);
            infinite += predictions.filter(|x| !x.is_finite()).count();
            for level in 1..STEPS {
                let altered = run_on(&chain, &target, settings, noise.branch(level, chain_number + 1000), honest);
                assert!(same_past(&rounds, &altered, level), "{draft:?} chain {chain_number} level {level}");
            }
        }
    }
    assert!(infinite > 0, "the drafts stayed in bounds: nothing was tested");
}

#[test]
fn the_causality_test_sees_a_draft_that_takes_the_last_row() {
    let settings = with(Draft::Prefetched, 10, Rule::Reflection);
    assert!(depends_on_the_future(settings, last_row));
}

#[test]
fn the_causality_test_sees_a_draft_that_trusts_later_secants() {
    let settings = with(Draft::Secant, 10, Rule::Reflection);
    assert!(depends_on_the_future(settings, later_secants));
}

#[test]
fn the_causality_test_sees_a_window_length_read_from_discarded_rows() {
    assert!(depends_on_the_future(Settings::default(), length_from_discarded_rows));
}

/// A chain each of first order, of second order, with noise that is raised again, and with jumps.
fn chains() -> [Chain; 4] {
    let levels: Vec<Level> = (0..=STEPS).map(|k| Level::cosine(0.99 - 0.99 * k as f64 / STEPS as f64)).collect();
    let sigmas: Vec<f64> = (0..STEPS).map(|k| 20.0 * 0.8_f64.powi(k as i32)).collect();
    [
        Chain::cosine(STEPS, 1.0),
        Chain::dpmpp_2m_sde(&levels, 1.0, SecondOrder::Midpoint),
        Chain::edm(&sigmas, Churn::new(0.3).noise_scale(1.003).step_scale(1.2)),
        // down 20 levels, with 2 jumps of 9
        Chain::cosine(STEPS / 2, 1.0).and_then(|chain| chain.with_jumps(9, 2)),
    ]
    .map(|chain| chain.expect("valid"))
}

/// Puts the estimate at a draft that was thrown away in the place of the last committed step's.
fn history_from_a_draft(_: &Sampler, round: &Round, state: &mut State) {
    if let Some(thrown_away) = round.positions.get(round.states.len()) {
        state.parts().previous.clone_from(&thrown_away.estimate);
    }
}

/// Rounding of `q + s ((y - q) / s)`, amplified over the chain.
const ROUNDING: f64 = 1e-9;

/// How far the states of a run are from those of the plain sampler that is fed its residuals.
fn apart(chain: &Chain, target: &impl Target, settings: Settings, tamper: Tamper) -> f64 {
    let rounds = run_on(chain, target, settings, Noise::new(4, 0), tamper);
    let sampler = Sampler::new(chain, settings).expect("valid");
    let residuals: Vec<_> = rounds.iter().flat_map(|round| sampler.residuals(round)).collect();
    assert_eq!(residuals.len(), STEPS);
    let (mut y, mut previous) = (sampler.run(Noise::new(4, 0), DIM).state().y().to_vec(), Vec::new());
    let mut worst = 0.0_f64;
    for (level, (z, state)) in residuals.iter().zip(rounds.iter().flat_map(|round| &round.states)).enumerate() {
        (y, previous) = block_on(sampler.plain_step(target, level, &y, z, &previous)).expect("closed form");
        worst = y.iter().zip(state).fold(worst, |worst, (a, b)| worst.max((a - b).abs()));
    }
    worst
}

#[test]
fn the_plain_sampler_fed_the_residuals_visits_the_same_states() {
    for chain in chains() {
        for draft in DRAFTS {
            for rule in [Rule::Reflection, Rule::Peak] {
                let apart = apart(&chain, &mixture(DIM), with(draft, 10, rule), honest);
                assert!(apart < ROUNDING, "{draft:?} {rule:?}: {apart}");
            }
        }
    }
}

#[test]
fn that_test_sees_a_history_taken_from_a_draft_in_the_place_of_the_committed_estimate() {
    let [_, second_order, ..] = chains();
    for draft in DRAFTS {
        let apart = apart(&second_order, &mixture(DIM), with(draft, 10, Rule::Reflection), history_from_a_draft);
        assert!(apart > 1e3 * ROUNDING, "{draft:?}: {apart}");
    }
}

/// A model of which half of each sample is known; a mask that leaks is put on the first row of a call and not on the drafts'.
struct Masked<T> {
    target: T,
    leaks: bool,
}

fn known() -> (Vec<f64>, Vec<bool>) {
    ((0..DIM).map(|i| 0.1 * i as f64 - 0.8).collect(), (0..DIM).map(|i| i < DIM / 2).collect())
}

impl<T: Target> Masked<T> {
    fn masked(&self, batch: &Batch, mut x0hat: Vec<f64>) -> Result<Vec<f64>, TargetError> {
        let (sample, mut known) = known();
        Mask::new(&sample, &known)?.apply(batch, &mut x0hat)?;
        if self.leaks {
            known.fill(true);
            let mut first = Batch::default();
            first.push(batch.rows[0], &batch.states[..DIM]);
            Mask::new(&sample, &known)?.apply(&first, &mut x0hat[..DIM])?;
        }
        Ok(x0hat)
    }
}

impl<T: Target + Sync> Target for Masked<T> {
    fn dim(&self) -> usize {
        DIM
    }

    async fn estimate(&self, batch: &Batch) -> Result<Vec<f64>, TargetError> {
        self.masked(batch, self.target.estimate(batch).await?)
    }

    async fn draft(&self, batch: &Batch) -> Result<Vec<f64>, TargetError> {
        self.masked(batch, self.target.draft(batch).await?)
    }
}

#[test]
fn a_mask_keeps_the_chain_s_law_and_what_is_known_and_one_that_leaks_is_seen() {
    let [cosine, .., jumps] = chains();
    let (sample, _) = known();
    for chain in [cosine, jumps] {
        for draft in DRAFTS {
            let settings = with(draft, 10, Rule::Reflection);
            let masked = |leaks| Masked { target: mixture(DIM), leaks };
            let honest_apart = apart(&chain, &masked(false), settings, honest);
            assert!(honest_apart < ROUNDING, "{draft:?}: {honest_apart}");
            let leaking = apart(&chain, &masked(true), settings, honest);
            assert!(leaking > 1e3 * ROUNDING, "{draft:?}: {leaking}");
            let made = block_on(Sampler::new(&chain, settings).expect("valid").sample(&masked(false), 5));
            assert_eq!(made.expect("closed form").sample[..DIM / 2], sample[..DIM / 2]);
        }
    }
}

/// RePaint's schedule as diffusers writes it down, in levels before the last.
fn repainted(steps: usize, jump: usize, visits: usize) -> Vec<(usize, usize)> {
    let mut left: Vec<usize> = vec![0; steps + 1];
    (0..steps - jump).step_by(jump).for_each(|j| left[j] = visits - 1);
    let (mut t, mut moves) = (steps, Vec::new());
    while t >= 1 {
        moves.push((t, t - 1));
        t -= 1;
        if left[t] > 0 {
            left[t] -= 1;
            moves.push((t, t + jump));
            t += jump;
        }
    }
    moves
}

#[test]
fn jumps_are_repaint_s_and_ask_for_no_row() {
    for (steps, jump, visits) in [(20, 9, 2), (50, 10, 10), (12, 1, 3), (7, 7, 2), (7, 30, 2), (9, 4, 1)] {
        let levels = Grid::Uniform.levels(Schedule::Cosine, steps).expect("valid");
        let chain = Chain::cosine(steps, 0.8).expect("valid").with_jumps(jump, visits).expect("valid");
        let moves = if jump < steps {
            repainted(steps, jump, visits)
        } else {
            (0..steps).map(|k| (steps - k, steps - k - 1)).collect()
        };
        assert_eq!(chain.len(), moves.len());
        for (k, (step, (from, to))) in chain.steps().iter().zip(moves).enumerate() {
            let (from, to) = (levels[steps - from], levels[steps - to]);
            assert_eq!((step.level, chain.asks(k)), (from, to.sigma < from.sigma));
            // the mean and the deviation that the level's own states have, of data that are one point
            let (x0, y) = (0.7, 0.7 * from.alpha);
            assert!((step.a * y + step.b * x0 - to.alpha * x0).abs() < 1e-12);
            let deviation = (step.a * from.sigma).hypot(step.s);
            assert!((deviation - to.sigma).abs() < 1e-12 || step.s < to.sigma && chain.asks(k));
        }
    }
    let chain = Chain::cosine(20, 1.0).expect("valid");
    for (jump, visits, field) in [(0, 2, "jump"), (2, 0, "jump"), (1, 1_000_000, "steps")] {
        assert_eq!(chain.with_jumps(jump, visits).expect_err("refused").field(), field);
    }
    assert_eq!(Chain::langevin(20, 0.1).expect("valid").with_jumps(2, 2).expect_err("refused").field(), "steps");
    // no step remembers an estimate from before a jump
    let [_, second_order, ..] = chains();
    let jumping = second_order.with_jumps(5, 2).expect("valid");
    assert!((1..jumping.len()).all(|k| jumping.asks(k - 1) || jumping.steps()[k].c == 0.0));

    let (chain, target) = (chain.with_jumps(4, 3).expect("valid"), mixture(DIM));
    for draft in DRAFTS {
        for rule in [Rule::Reflection, Rule::Peak] {
            for window in [Window::Fixed(1), Window::Fixed(7), Window::default()] {
                let sampler = Sampler::new(&chain, with(draft, 1, rule).window(window)).expect("valid");
                let trace = block_on(sampler.trace(&target, 3)).expect("closed form");
                let mut run = sampler.run(3, DIM);
                let (mut rows, mut rounds) = (0, Vec::new());
                while let Some((ticket, found)) = estimates(&run, &target) {
                    if let Ask::Estimate(_, batch) = run.ask() {
                        assert!(batch.rows.iter().all(|row| chain.asks(row.step)));
                        rows += batch.len();
                    }
                    rounds.extend(run.answer(ticket, &found).expect("finite"));
                    let bytes = run.state().to_bytes();
                    if matches!(window, Window::Fixed(_)) {
                        // from bytes at every round, and the same run
                        let resumed = sampler.resume(3, State::from_bytes(&bytes).expect("whole")).expect("this run");
                        assert_eq!(resumed.state(), run.state());
                    }
                }
                assert_eq!((rows, rounds), (run.costs().rows, trace.rounds.clone()), "{draft:?} {rule:?} {window}");
                for (position, _) in trace.committed() {
                    let asked = chain.asks(position.level);
                    assert_eq!(position.estimate.is_empty(), !asked);
                    assert!(asked || position.verdict.is_accepted(), "{:?}", position.verdict);
                }
                if window == Window::Fixed(1) {
                    assert_eq!((run.costs().calls, run.costs().rows), (chain.calls(), chain.calls()), "{draft:?}");
                } else {
                    assert!(run.costs().calls < chain.calls(), "{draft:?}");
                }
            }
        }
    }
}

#[test]
fn no_draft_of_a_chain_of_second_order_depends_on_noise_of_its_own_level_or_later() {
    let [_, second_order, ..] = chains();
    let target = mixture(DIM);
    for draft in DRAFTS {
        let settings = with(draft, 10, Rule::Reflection);
        let noise = Noise::new(8, 0);
        let rounds = run_on(&second_order, &target, settings, noise, honest);
        for level in 0..STEPS - 1 {
            let altered = run_on(&second_order, &target, settings, noise.branch(level, 1000), honest);
            assert!(same_past(&rounds, &altered, level), "{draft:?} level {level}");
        }
    }
}

#[test]
fn a_run_from_an_image_is_the_plain_chain_s_end_and_resumes() {
    let (target, noise) = (mixture(DIM), Noise::new(4, 2));
    let image: Vec<f64> = (0..DIM).map(|i| 0.1 * i as f64 - 0.5).collect();
    for whole in chains() {
        let chain = whole.from_step(STEPS - 15).expect("valid");
        assert_eq!((chain.len(), chain.steps()[0].c), (15, 0.0));
        assert_eq!(chain.steps()[1..], whole.steps()[STEPS - 14..]);
        let sampler = Sampler::new(&chain, with(Draft::Secant, 6, Rule::Reflection)).expect("valid");
        let first = sampler.noised(noise, &image);
        let level = chain.steps()[0].level;
        let z = noise.normals(Purpose::Start, 0, DIM);
        assert!(
            first.iter().zip(&image).zip(&z).all(|((y, x), z)| (y - level.alpha * x - level.sigma * z).abs() < 1e-12)
        );
        let mut run = sampler.run_from(noise, first.clone());
        let (mut y, mut previous) = (first, Vec::new());
        while let Some((ticket, found)) = estimates(&run, &target) {
            let Some(round) = run.answer(ticket, &found).expect("finite") else { continue };
            for (k, (z, state)) in sampler.residuals(&round).iter().zip(&round.states).enumerate() {
                let step = sampler.plain_step(&target, round.first + k, &y, z, &previous);
                (y, previous) = block_on(step).expect("closed form");
                assert!(y.iter().zip(state).all(|(a, b)| (a - b).abs() < ROUNDING));
            }
            run = sampler.resume(noise, run.into_state()).expect("the same run");
        }
        assert_eq!(run.sample().map(<[f64]>::len), Some(DIM));
    }
    let [cosine, ..] = chains();
    assert!(cosine.from_step(STEPS).is_err() && cosine.from_step(STEPS - 1).is_err() && cosine.from_step(99).is_err());
}

/// Karras et al. 2022, algorithm 2 without its correction, as it is written there.
#[test]
fn the_churned_chain_is_the_algorithm_of_karras() {
    let target = mixture(DIM);
    let sigmas: Vec<f64> = (0..STEPS).map(|k| 20.0 * 0.8_f64.powi(k as i32)).collect();
    for churn in [Churn::new(0.3), Churn::new(0.4).within(0.1, 5.0).noise_scale(1.003).step_scale(1.5)] {
        let chain = Chain::edm(&sigmas, churn).expect("valid");
        let sampler = Sampler::new(&chain, Settings::default()).expect("valid");
        let normals = |purpose, level| Noise::new(5, 1).normals(purpose, level, DIM);
        let raised = |sigma: f64| {
            if (churn.range.0..=churn.range.1).contains(&sigma) { sigma * (1.0 + churn.gamma) } else { sigma }
        };
        let churned = |x: &[f64], z: &[f64], sigma: f64| -> Vec<f64> {
            let added = churn.noise_scale * (raised(sigma).powi(2) - sigma.powi(2)).sqrt();
            x.iter().zip(z).map(|(x, z)| x + added * z).collect()
        };
        let x: Vec<f64> = normals(Purpose::Start, 0).iter().map(|z| sigmas[0] * z).collect();
        let mut theirs = churned(&x, &normals(Purpose::Bridge, 0), sigmas[0]);
        let mut ours = theirs.clone();
        for (level, &sigma) in sigmas.iter().enumerate() {
            let next = sigmas.get(level + 1).copied().unwrap_or(0.0);
            let mut batch = Batch::default();
            batch.push_level(Level::from_sigma(raised(sigma)), &theirs);
            let denoised = block_on(target.estimate(&batch)).expect("closed form");
            let euler = theirs.iter().zip(denoised).map(|(x, denoised)| {
                let slope = (x - denoised) / raised(sigma);
                x + churn.step_scale * (next - raised(sigma)) * slope
            });
            let z = normals(Purpose::Step, level);
            theirs = churned(&euler.collect::<Vec<f64>>(), &z, next);
            (ours, _) = block_on(sampler.plain_step(&target, level, &ours, &z, &[])).expect("closed form");
            for (a, b) in ours.iter().zip(&theirs) {
                assert!((a - b).abs() < 1e-9 * (1.0 + sigma), "level {level}: {a} {b}");
            }
        }
        let start = sigmas[0].hypot(churn.noise_scale * (raised(sigmas[0]).powi(2) - sigmas[0].powi(2)).sqrt());
        assert!((chain.start() / start - 1.0).abs() < 1e-12);
    }
}

#[test]
fn every_target_mean_is_the_plain_path_s() {
    let target = mixture(DIM);
    for draft in DRAFTS {
        let sampler = sampler(STEPS, 0.5, with(draft, 10, Rule::Reflection));
        let trace = block_on(sampler.trace(&target, 6)).expect("closed form");
        let mut y = trace.start.clone();
        for (position, state) in trace.committed() {
            let step = &sampler.chain().steps()[position.level];
            let mut batch = Batch::default();
            batch.push_level(step.level, &y);
            let alone = block_on(target.estimate(&batch)).expect("closed form");
            assert_eq!(position.target_mean, step.mean(&y, &alone, &[]), "level {}", position.level);
            y = state.to_vec();
        }
    }
}

#[test]
fn noise_drawn_ahead_is_the_noise_that_is_drawn_anyway() {
    let target = mixture(DIM);
    for draft in DRAFTS {
        for window in [Window::Fixed(1), Window::Fixed(10), Window::default()] {
            for rule in [Rule::Reflection, Rule::Peak, Rule::Auto] {
                let settings = with(draft, 1, rule).window(window).rule(rule);
                let sampler = sampler(STEPS, 1.0, settings);
                let whole = block_on(sampler.trace(&target, 15)).expect("closed form");
                let (mut run, mut rounds) = (sampler.run(15, DIM), Vec::new());
                loop {
                    // twice is no more than once
                    run.draw_ahead();
                    run.draw_ahead();
                    let Some((ticket, estimates)) = estimates(&run, &target) else { break };
                    rounds.extend(run.answer(ticket, &estimates).expect("finite"));
                }
                assert_eq!(rounds, whole.rounds, "{draft:?} {window} {}", rule.name());
            }
        }
    }
}

#[test]
fn chains_that_share_calls_do_what_each_does_alone() {
    let target = mixture(DIM);
    for draft in DRAFTS {
        for window in [Window::Fixed(1), Window::Fixed(10), Window::default()] {
            let settings = with(draft, 1, Rule::Reflection).window(window);
            let sampler = sampler(STEPS, 1.0, settings);
            let noises = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(|chain| Noise::new(5, chain));
            let alone = noises.map(|noise| block_on(sampler.trace(&target, noise)).expect("closed form"));
            for rows in [1, 17, 64] {
                let mut together = Pool::new(DIM, rows);
                for noise in noises {
                    together.push(sampler.run(noise, DIM)).expect("the same size");
                }
                let mut rounds = vec![Vec::new(); noises.len()];
                let mut most = 0;
                while !together.is_done() {
                    let before = together.costs().rows;
                    for (number, round) in block_on(together.call(&target)).expect("closed form") {
                        rounds[number].push(round.expect("finite"));
                    }
                    most = most.max(together.costs().rows - before);
                }
                assert!(
                    alone.iter().zip(&rounds).all(|(alone, rounds)| alone.rounds == *rounds),
                    "{draft:?} {window:?}"
                );
                let sum = |of: fn(&speculative_diffusion::Costs) -> usize| alone.iter().map(|t| of(&t.costs())).sum();
                let costs = together.costs();
                assert_eq!(costs.rows, sum(|costs| costs.rows));
                assert_eq!((costs.tested, costs.accepted), (sum(|costs| costs.tested), sum(|costs| costs.accepted)));
                // a window is not taken apart
                let longest = alone.iter().flat_map(|trace| &trace.rounds).map(|round| round.positions.len()).max();
                assert!(together.costs().calls <= sum(|costs| costs.calls) && most <= rows.max(longest.unwrap_or(0)));
                assert!(together.costs().draft_calls <= sum(|costs| costs.draft_calls));
                let slowest = alone.iter().map(|trace| trace.costs().calls).max();
                assert!(Some(together.costs().calls) >= slowest);
            }
        }
    }
}

#[test]
fn chains_join_and_leave_while_others_run_and_each_row_names_its_chain() {
    let target = mixture(DIM);
    let sampler = sampler(STEPS, 1.0, Settings::default());
    let begin = |chain| sampler.run(Noise::new(5, chain), DIM);
    let alone = |chain| block_on(sampler.sample(&target, Noise::new(5, chain))).expect("closed form");
    let mut together = Pool::new(DIM, 64);
    together.push(begin(0)).expect("the same size");
    together.push(begin(1)).expect("the same size");
    block_on(together.call(&target)).expect("closed form");
    assert_eq!(together.push(begin(2)).expect("the same size"), 2);
    // a call that was asked for is answered although one of its chains has left meanwhile
    let (ticket, estimates, runs) = match together.ask() {
        Ask::Estimate(ticket, batch) => {
            let mut runs: Vec<usize> = batch.rows.iter().map(|row| row.run).collect();
            runs.dedup();
            (ticket, block_on(target.estimate(batch)).expect("closed form"), runs)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(runs, [0, 1, 2]);
    let mut left = together.take(1).expect("it is there");
    together.answer(ticket, &estimates).expect("the right shape");
    assert!(together.run(1).is_none() && together.take(1).is_none());
    assert_eq!(together.push(begin(3)).expect("the same size"), 3);
    while !together.is_done() {
        block_on(together.call(&target)).expect("closed form");
    }
    for number in [0, 2, 3] {
        let (alone, shared) = (alone(number as u64), together.take(number).expect("it is there"));
        assert_eq!((shared.sample(), shared.costs()), (Some(&alone.sample[..]), alone.costs), "run {number}");
    }
    // and goes on alone to where it would have come
    while let Ask::Estimate(ticket, batch) = left.ask() {
        let estimates = block_on(target.estimate(batch)).expect("closed form");
        left.answer(ticket, &estimates).expect("finite");
    }
    assert_eq!(left.sample(), Some(&alone(1).sample[..]));
}

#[test]
fn a_saved_state_resumes_to_the_same_samples_and_another_run_s_is_refused() {
    let target = mixture(DIM);
    for draft in DRAFTS {
        let sampler = sampler(STEPS, 1.0, with(draft, 9, Rule::Reflection));
        let whole = block_on(sampler.trace(&target, 12)).expect("closed form");
        let mut state = sampler.run(12, DIM).into_state();
        while state.level() < STEPS {
            let bytes = state.to_bytes();
            let back = State::from_bytes(&bytes).expect("what was saved");
            assert_eq!(back, state);
            for length in 0..bytes.len() {
                assert!(State::from_bytes(&bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
            }
            (state, _) = round(&sampler, 12, &target, &back);
        }
        assert_eq!(state.y(), whole.sample(), "{draft:?}");
    }
    let one = sampler(STEPS, 1.0, Settings::default());
    let bytes = one.run(12, DIM).into_state().to_bytes();
    let saved = State::from_bytes(&bytes).expect("what was saved");
    assert_eq!(one.resume(12, saved.clone()).expect("the same run").state(), &saved);
    for (other, seed) in [
        (one.clone(), Noise::new(13, 0)),
        (one.clone(), Noise::new(12, 1)),
        (one, Noise::new(12, 0).branch(3, 1)),
        (sampler(STEPS, 0.5, Settings::default()), Noise::new(12, 0)),
        (sampler(STEPS + 1, 1.0, Settings::default()), Noise::new(12, 0)),
        (sampler(STEPS, 1.0, Settings::default().draft(Draft::Carry)), Noise::new(12, 0)),
        (sampler(STEPS, 1.0, Settings::default().window(20)), Noise::new(12, 0)),
        (sampler(STEPS, 1.0, Settings::default().rule(Rule::Peak)), Noise::new(12, 0)),
    ] {
        assert_eq!(other.resume(seed, saved.clone()).expect_err("refused"), StateError::OtherRun);
    }
    let mut old = bytes;
    old[7] ^= 1;
    assert_eq!(State::from_bytes(&old), Err(StateError::Version));
}

#[test]
fn a_state_knows_every_setting_and_every_number_of_its_chain() {
    let chain = Chain::cosine(STEPS, 1.0).expect("valid");
    let (settings, noise) = (Settings::default(), Noise::new(12, 0));
    // the second word of a state's bytes, after the layout
    let of = |chain: Chain, settings, noise: Noise| {
        let run = Sampler::new(chain, settings).expect("valid").run(noise, 1);
        run.state().to_bytes()[8..16].to_vec()
    };
    let mut found = vec![of(chain.clone(), settings, noise)];
    for place in 0..7 {
        let mut steps = chain.steps().to_vec();
        let Step { level, a, b, c, s, .. } = &mut steps[STEPS / 2];
        *[&mut level.t, &mut level.alpha, &mut level.sigma, a, b, c, s][place] += 1e-12;
        found.push(of(Chain::from_steps(steps, 1.0).expect("valid"), settings, noise));
    }
    found.push(of(chain.clone().starting_at(1.0 + 1e-12).expect("valid"), settings, noise));
    found.push(of(Chain::from_steps(chain.steps()[1..].to_vec(), 1.0).expect("valid"), settings, noise));
    for noise in [Noise::new(13, 0), Noise::new(12, 1), noise.branch(3, 0), noise.branch(3, 1)] {
        found.push(of(chain.clone(), settings, noise));
    }
    for rule in [Rule::Reflection, Rule::Peak] {
        found.push(of(chain.clone(), settings.rule(rule), noise));
    }
    for draft in DRAFTS.into_iter().filter(|draft| *draft != settings.draft) {
        found.push(of(chain.clone(), settings.draft(draft), noise));
    }
    let price = |row, lanes| Window::Auto(Price::new(row, lanes).expect("valid"));
    for window in [Window::Fixed(8), Window::Fixed(9), price(0.02, 2), price(0.03, 1), price(0.03, 2)] {
        found.push(of(chain.clone(), settings.window(window), noise));
    }
    let count = found.len();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), count, "two runs have one fingerprint");
}

#[test]
fn a_call_serves_the_runs_that_have_waited_longest_and_takes_no_other_before_them() {
    let run = |draft, window| sampler(STEPS, 1.0, with(draft, window, Rule::Reflection)).run(5, DIM);
    let served = |pool: &mut Pool| -> Vec<usize> {
        let (Ask::Estimate(_, batch) | Ask::Draft(_, batch)) = pool.ask() else { panic!("nobody asks") };
        let mut runs: Vec<usize> = batch.rows.iter().map(|row| row.run).collect();
        runs.dedup();
        runs
    };
    // a run that asks its drafter waits for a call of the drafter, and holds up nobody
    let mut pool = Pool::new(DIM, 8);
    for draft in [Draft::Secant, Draft::Corrected, Draft::Carry] {
        pool.push(run(draft, 4)).expect("the same size");
    }
    assert_eq!(served(&mut pool), [0, 2]);
    // windows of 5, 6 and 2 rows: there is no room for the second, and the third may not overtake it
    let mut pool = Pool::new(DIM, 8);
    for window in [5, 6, 2] {
        let mut run: Run = run(Draft::Secant, window);
        while run.costs().calls < 2 {
            let Ask::Estimate(ticket, batch) = run.ask() else { panic!("the chain has ended") };
            let estimates = vec![0.5; batch.states.len()];
            run.answer(ticket, &estimates).expect("finite");
        }
        pool.push(run).expect("the same size");
    }
    assert_eq!(served(&mut pool), [0]);
}

#[test]
fn a_run_that_counts_guidance_and_a_plain_one_are_the_same_chain() {
    let target = mixture(DIM);
    let sampler = sampler(STEPS, 1.0, Settings::plain());
    let mut run = sampler.run(3, DIM).rows_per_state(2);
    while let Ask::Estimate(ticket, batch) = run.ask() {
        let estimates = block_on(target.estimate(batch)).expect("closed form");
        run.answer(ticket, &estimates).expect("finite");
    }
    assert_eq!((run.costs().calls, run.costs().rows), (STEPS, 2 * STEPS));
    assert_eq!(run.state().y(), block_on(sampler.plain(&target, 3)).expect("closed form"));
}

#[test]
fn an_answer_to_another_question_is_refused_and_the_open_one_stays() {
    let target = mixture(DIM);
    let sampler = sampler(STEPS, 1.0, Settings::default());
    let due = [0, 1].map(|seed| block_on(sampler.sample(&target, seed)).expect("closed form").sample);
    // two runs of a row each: calls of one row
    let mut pool = Pool::new(DIM, 1);
    for seed in [0, 1] {
        pool.push(sampler.run(seed, DIM)).expect("the same size");
    }
    let asked = |pool: &mut Pool| match pool.ask() {
        Ask::Estimate(ticket, batch) => (ticket, block_on(target.estimate(batch)).expect("closed form"), batch.len()),
        other => panic!("{other:?}"),
    };
    let (ticket, estimates, rows) = asked(&mut pool);
    assert_eq!((asked(&mut pool).0, rows), (ticket, 1), "it stays the same until it is answered");
    // the first run leaves while its call is under way; as many numbers are due for the other's
    let mut left = pool.take(0).expect("it is there");
    let (next, _, rows) = asked(&mut pool);
    assert_eq!(rows, 1);
    assert!(matches!(pool.answer(ticket, &estimates), Err(TargetError::OtherQuestion)));
    assert_eq!(asked(&mut pool).0, next);
    while !pool.is_done() {
        block_on(pool.call(&target)).expect("closed form");
    }
    assert_eq!(pool.run(1).and_then(|run| run.sample()), Some(&due[1][..]));
    assert!(matches!(pool.answer(next, &estimates), Err(TargetError::OtherQuestion)), "nothing is asked any more");

    // a run by itself: the question before, another run's, one that was answered
    let mut other = sampler.run(1, DIM);
    while let Some((ticket, estimates)) = common::estimates(&left, &target) {
        if let Some((foreign, _)) = common::estimates(&other, &target) {
            assert!(matches!(left.answer(foreign, &estimates), Err(TargetError::OtherQuestion)));
        }
        left.answer(ticket, &estimates).expect("finite");
        assert!(matches!(left.answer(ticket, &estimates), Err(TargetError::OtherQuestion)));
    }
    assert_eq!(left.sample(), Some(&due[0][..]));
    block_on(other.drive(&target, drop)).expect("closed form");
    assert_eq!(other.sample(), Some(&due[1][..]));
}
