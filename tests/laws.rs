//! The sampler has the target's law, and these tests would see it if it had not: the unit law and the residuals are
//! tested on every wrong rule too and must fail there, the end points on those they have the power to see.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{DRAFTS, WRONG, departure, gap_residuals_of, mixture, with};
use pollster::block_on;
use speculative_diffusion::audit::{CRITICAL_KS, CRITICAL_Z, Evidence, Statistics};
use speculative_diffusion::coupling::{Coupled, acceptance_probability};
use speculative_diffusion::mutants::{Mutant, PeakMutant};
use speculative_diffusion::schedule::{Grid, Schedule, flow, karras};
use speculative_diffusion::targets::{Mixture, double_well, phi4};
use speculative_diffusion::{
    Batch, Chain, Churn, Draft, Level, Mask, Noise, Purpose, Rule, Sampler, SecondOrder, Settings, Step, Target,
    TargetError, Window, WithDrafter,
};

/// Draws of the unit law. The weakest mutant, lenience 0.1, departs by about 0.009 in distribution function at its best
/// gap; 200,000 draws put that at 1.5 times the critical value.
const UNIT_DRAWS: usize = 200_000;
const GAPS: [f64; 3] = [0.5, 1.0, 2.0];

/// How far, in critical values, the output of a rule at a gap departs from N(q, s^2 I) and from the meeting rate.
fn unit_departure(rule: Rule, gap: f64, seed: u64) -> (f64, f64) {
    let s = 0.7;
    // the gap points along (0.6, 0.8), oblique to the axes
    let (e, f) = ([0.6, 0.8], [-0.8, 0.6]);
    let q = [0.3, -1.1];
    let p = [q[0] + s * gap * e[0], q[1] + s * gap * e[1]];
    let noise = Noise::new(seed, 0);
    let (mut along, mut across, mut met) = (Vec::new(), Vec::new(), 0_usize);
    for level in 0..UNIT_DRAWS {
        let z = noise.normals(Purpose::Step, level, 2);
        let mut y = [p[0] + s * z[0], p[1] + s * z[1]];
        let redraw = || noise.normals(Purpose::Redraw, level, 2);
        let coupled = Coupled { draft_mean: &p, target_mean: &q, s, normals: &z, ln_u: noise.ln_uniform(level) };
        let verdict = match rule {
            Rule::Mutant(mutant) => mutant.test(&coupled, &mut y, redraw),
            _ => coupled.reflect(&mut y),
        };
        met += usize::from(verdict.is_accepted());
        let r = [(y[0] - q[0]) / s, (y[1] - q[1]) / s];
        along.push(r[0] * e[0] + r[1] * e[1]);
        across.push(r[0] * f[0] + r[1] * f[1]);
    }
    let rate = acceptance_probability(gap);
    let n = UNIT_DRAWS as f64;
    let met_z = (met as f64 - n * rate) / (n * rate * (1.0 - rate)).sqrt();
    (departure(&along).max(departure(&across)), met_z.abs() / CRITICAL_Z)
}

#[test]
fn one_step_has_the_target_s_law_and_meets_as_often_as_possible() {
    for gap in GAPS {
        let (law, meeting) = unit_departure(Rule::Reflection, gap, 11);
        assert!(law < 1.0 && meeting < 1.0, "gap {gap}: law {law}, meeting {meeting}");
    }
}

#[test]
fn the_unit_law_test_sees_every_wrong_rule() {
    for rule in WRONG {
        let worst = GAPS.map(|gap| unit_departure(Rule::Mutant(rule), gap, 11).0).into_iter().fold(0.0, f64::max);
        println!("{rule:?}: {worst:.1} critical values");
        assert!(worst > 1.0, "{rule:?} passes the law test ({worst} critical values)");
    }
}

/// Chains of the gap-direction test on the mixture, of the exact rule and of every wrong one alike: some 30,000 residuals,
/// enough for lenience 0.1 with any draft.
const CHAINS: u64 = 600;
/// The same with other tables of steps.
const TABLE_CHAINS: u64 = 250;
/// The same on a lattice field, which is seen best.
const FIELD_CHAINS: u64 = 160;

fn residual_departure(settings: Settings, chains: u64) -> f64 {
    residual_departure_on(&Chain::cosine(60, 1.0).expect("valid"), &mixture(32), settings, chains)
}

fn residual_departure_on(table: &Chain, target: &impl Target, settings: Settings, chains: u64) -> f64 {
    let mut residuals = Vec::new();
    for chain in 0..chains {
        let sampler = Sampler::new(table.clone(), settings).expect("valid");
        let Some(found) = gap_residuals_of(&sampler, target, Noise::new(21, chain)) else { return f64::INFINITY };
        residuals.extend(found);
    }
    departure(&residuals)
}

#[test]
fn residuals_along_the_gap_are_standard_normal_for_every_draft() {
    for draft in DRAFTS {
        let departure = residual_departure(with(draft, 20, Rule::Reflection), CHAINS);
        assert!(departure < 1.0, "{draft:?}: {departure} critical values");
        let adaptive = with(draft, 1, Rule::Reflection).window(Window::default());
        let departure = residual_departure(adaptive, CHAINS);
        assert!(departure < 1.0, "{draft:?}, adaptive window: {departure} critical values");
    }
}

/// One of each schedule and grid, of other libraries' levels, and a table that weighs the state and the estimate with
/// either sign.
fn chains() -> Vec<Chain> {
    let ancestral = |levels: Result<Vec<Level>, _>, eta| Chain::ancestral(&levels.expect("valid"), eta).expect("valid");
    let step = |k: i32| {
        let (t, sign) = (1.0 - f64::from(k) / 41.0, if k % 2 == 0 { -1.0 } else { 1.0 });
        Step::new(Level::flow(t), sign * 0.8, 0.4 * sign, 0.3 * t)
    };
    vec![
        ancestral(Grid::Edm { rho: 7.0 }.levels(Schedule::LinearBeta, 60), 1.0),
        ancestral(Grid::Uniform.levels(Schedule::RectifiedFlow, 60), 0.5),
        ancestral(Grid::LogSnr.levels(Schedule::Cosine, 60), 0.25),
        ancestral(karras(60, 80.0, 0.01, 7.0), 1.0),
        ancestral(flow(60, 3.0), 0.5),
        Chain::from_steps((0..40).map(step).collect(), 1.0).expect("valid"),
        second_order(60),
        churned(),
        jumping(),
    ]
}

fn jumping() -> Chain {
    Chain::cosine(30, 1.0).expect("valid").with_jumps(8, 2).expect("valid")
}

/// A model of which the first number is known; a mask that leaks puts the known number with the step's own noise there.
struct Masked<'a, T> {
    target: &'a T,
    leaks: Option<Noise>,
}

impl<T: Target + Sync> Target for Masked<'_, T> {
    fn dim(&self) -> usize {
        self.target.dim()
    }

    async fn estimate(&self, batch: &Batch) -> Result<Vec<f64>, TargetError> {
        let mut x0hat = self.target.estimate(batch).await?;
        let (sample, known): (Vec<_>, Vec<_>) = (0..self.dim()).map(|i| (0.4, i == 0)).unzip();
        Mask::new(&sample, &known)?.apply(batch, &mut x0hat)?;
        if let Some(noise) = self.leaks {
            for (row, x0hat) in batch.rows.iter().zip(x0hat.chunks_mut(self.dim())) {
                x0hat[0] += 0.3 * noise.normals(Purpose::Step, row.step, self.dim())[0];
            }
        }
        Ok(x0hat)
    }
}

#[test]
fn residuals_with_a_mask_are_standard_normal_and_show_one_that_leaks() {
    let target = mixture(32).target;
    for table in [Chain::cosine(60, 1.0).expect("valid"), jumping()] {
        for rule in [Rule::Reflection, Rule::Peak] {
            let sampler = Sampler::new(&table, with(Draft::Secant, 12, rule)).expect("valid");
            let departure = |leaks: bool| {
                let of = |chain| {
                    let noise = Noise::new(21, chain);
                    let masked = Masked { target: &target, leaks: leaks.then_some(noise) };
                    gap_residuals_of(&sampler, &masked, noise).expect("finite")
                };
                departure(&(0..TABLE_CHAINS).flat_map(of).collect::<Vec<f64>>())
            };
            let (honest, leaking) = (departure(false), departure(true));
            println!("{rule:?}: {honest:.2} critical values, with a leak {leaking:.1}");
            assert!(honest < 1.0, "{rule:?}: {honest} critical values");
            assert!(leaking > 1.0, "{rule:?}: a mask that leaks passes ({leaking} critical values)");
        }
    }
}

fn second_order(steps: usize) -> Chain {
    let levels = karras(steps, 80.0, 0.01, 7.0).expect("valid");
    Chain::dpmpp_2m_sde(&levels, 1.0, SecondOrder::Midpoint).expect("valid")
}

fn churned() -> Chain {
    let sigmas: Vec<f64> = karras(60, 80.0, 0.01, 7.0).expect("valid").iter().map(|level| level.sigma).collect();
    Chain::edm(&sigmas, Churn::new(0.4).noise_scale(1.003).step_scale(1.2)).expect("valid")
}

#[test]
fn residuals_along_the_gap_are_standard_normal_on_every_chain() {
    let target = mixture(32);
    for (i, table) in chains().iter().enumerate() {
        for draft in DRAFTS {
            let settings = with(draft, 12, Rule::Reflection);
            let departure = residual_departure_on(table, &target, settings, TABLE_CHAINS);
            assert!(departure < 1.0, "chain {i}, {draft:?}: {departure} critical values");
        }
    }
}

#[test]
fn residuals_along_the_gap_are_standard_normal_under_langevin_dynamics() {
    let table = Chain::langevin(100, 0.02).expect("valid");
    let well = WithDrafter { target: double_well(2.0), drafter: Some(double_well(1.5)) };
    let both = mixture(8);
    let mixture = WithDrafter { target: both.target.gradient(), drafter: both.drafter.as_ref().map(Mixture::gradient) };
    let field = WithDrafter { target: phi4(16, 0.2, 0.5), drafter: Some(phi4(16, 0.1, 0.5)) };
    for draft in DRAFTS {
        let settings = with(draft, 12, Rule::Reflection);
        for departure in [
            residual_departure_on(&table, &well, settings, TABLE_CHAINS),
            residual_departure_on(&table, &mixture, settings, TABLE_CHAINS),
            residual_departure_on(&table, &field, settings, FIELD_CHAINS),
        ] {
            assert!(departure < 1.0, "{draft:?}: {departure} critical values");
        }
    }
}

#[test]
fn the_residual_test_under_langevin_dynamics_sees_every_wrong_rule() {
    let table = Chain::langevin(100, 0.02).expect("valid");
    for rule in WRONG {
        let settings = with(Draft::Secant, 12, Rule::Mutant(rule));
        let departure = residual_departure_on(&table, &phi4(16, 0.2, 0.5), settings, FIELD_CHAINS);
        println!("{rule:?}: {departure:.1} critical values");
        assert!(departure > 1.0, "{rule:?} passes ({departure} critical values)");
    }
}

#[test]
fn the_residual_test_sees_every_wrong_rule() {
    for draft in DRAFTS {
        for rule in WRONG {
            let departure = residual_departure(with(draft, 20, Rule::Mutant(rule)), CHAINS);
            println!("{draft:?}, {rule:?}: {departure:.1} critical values");
            assert!(departure > 1.0, "{draft:?}, {rule:?} passes ({departure} critical values)");
        }
    }
}

/// Chains of every rule, the exact and the wrong, unless the evidence suffices before: 1,160,000 residuals. The peak test that
/// keeps a component, the wrong rule that is hardest to see, needs a million.
const EVIDENCE_CHAINS: u64 = 20_000;

fn evidence(settings: Settings) -> Evidence {
    let (table, target) = (Chain::cosine(60, 1.0).expect("valid"), mixture(8));
    let mut evidence = Evidence::new();
    for chain in 0..EVIDENCE_CHAINS {
        let sampler = Sampler::new(table.clone(), settings).expect("valid");
        // a wrong sampler may run away to infinity
        let run = block_on(sampler.watch(&target, Noise::new(23, chain), |round| evidence.add(&round)));
        if run.is_err() || !evidence.passed() {
            break;
        }
    }
    evidence
}

#[test]
fn evidence_never_suffices_against_an_exact_rule_and_does_against_every_wrong_one() {
    for rule in [Rule::Reflection, Rule::Peak, Rule::Auto] {
        let evidence = evidence(Settings::default().rule(rule));
        println!("{rule:?}: ln e = {:.1} after {} residuals", evidence.ln_e(), evidence.count());
        assert!(evidence.passed(), "{rule:?}");
    }
    // what residuals do not show: tests/peak.rs says of each where it is seen
    let seen = PeakMutant::ALL.into_iter().filter(|mutant| {
        !matches!(mutant, PeakMutant::SameDraws | PeakMutant::DeterministicAfter | PeakMutant::Forgotten)
    });
    for rule in WRONG.map(Rule::Mutant).into_iter().chain(seen.map(Rule::PeakMutant)) {
        let window = if matches!(rule, Rule::PeakMutant(_)) { 4 } else { 20 };
        let evidence = evidence(with(Draft::Secant, window, rule));
        println!("{rule:?}: seen after {} residuals", evidence.count());
        assert!(
            !evidence.passed(),
            "{rule:?} passes: ln e = {:.1} after {} residuals",
            evidence.ln_e(),
            evidence.count()
        );
    }
}

/// Two-sample KS statistic between a rule's end points and the plain sampler's, in critical values, of one number that
/// describes a state. The chain's own law is known only in the limit, so the two are compared, with disjoint seeds: shared
/// noise would couple the samples and make them too alike.
fn end_point_departure(
    table: &Chain,
    target: &impl Target,
    rule: Rule,
    draws: u64,
    describe: impl Fn(&[f64]) -> f64,
) -> f64 {
    let sampler = Sampler::new(table, with(Draft::Secant, 20, rule)).expect("valid");
    // a wrong sampler may run away to infinity
    let end = |c| block_on(sampler.sample(target, Noise::new(31, c))).map(|run| describe(&run.sample));
    let Ok(mut speculative) = (0..draws).map(end).collect::<Result<Vec<f64>, _>>() else { return f64::INFINITY };
    let mut plain: Vec<f64> = (0..draws)
        .map(|c| describe(&block_on(sampler.plain(target, Noise::new(32, c))).expect("closed form")))
        .collect();
    speculative.sort_by(f64::total_cmp);
    plain.sort_by(f64::total_cmp);
    let below = |sample: &[f64], x: f64| sample.partition_point(|&y| y <= x) as f64 / draws as f64;
    let distance = speculative.iter().map(|&x| (below(&speculative, x) - below(&plain, x)).abs()).fold(0.0, f64::max);
    distance * (draws as f64 / 2.0).sqrt() / CRITICAL_KS
}

/// One coordinate of the samples of a short chain on a mixture in one dimension.
fn diffusion_departure(rule: Rule) -> f64 {
    end_point_departure(&Chain::cosine(25, 1.0).expect("valid"), &mixture(1), rule, 20_000, |y| y[0])
}

/// The same of chains of second order and with noise that is raised again.
fn second_order_departure(rule: Rule) -> f64 {
    end_point_departure(&second_order(20), &mixture(1), rule, 20_000, |y| y[0])
}

fn churned_departure(rule: Rule) -> f64 {
    end_point_departure(&churned(), &mixture(1), rule, 6_000, |y| y[0])
}

fn jumping_departure(rule: Rule) -> f64 {
    end_point_departure(&jumping(), &mixture(1), rule, 6_000, |y| y[0])
}

/// The coordinate across two wells, far from its stationary law: the chain's own law is what counts.
fn well_departure(rule: Rule) -> f64 {
    end_point_departure(&Chain::langevin(60, 0.01).expect("valid"), &double_well(2.0), rule, 10_000, |y| y[0])
}

/// The mean square of a lattice field of 64 sites.
fn lattice_departure(rule: Rule) -> f64 {
    let table = Chain::langevin(60, 0.02).expect("valid");
    end_point_departure(&table, &phi4(8, 0.2, 0.5), rule, 3_000, |phi| phi.iter().map(|x| x * x).sum())
}

const END_POINTS: [fn(Rule) -> f64; 6] = [
    diffusion_departure,
    second_order_departure,
    churned_departure,
    jumping_departure,
    well_departure,
    lattice_departure,
];

#[test]
fn samples_have_the_law_of_the_plain_sampler_s() {
    for departure in END_POINTS.map(|test| test(Rule::Reflection)) {
        assert!(departure < 1.0, "{departure} critical values");
    }
}

#[test]
fn the_end_point_test_sees_a_sampler_that_accepts_everything() {
    for departure in END_POINTS.map(|test| test(Rule::Mutant(Mutant::AcceptAll))) {
        assert!(departure > 1.0, "{departure} critical values");
    }
}

#[test]
fn noise_is_standard_normal_and_uncorrelated_between_neighbours() {
    let noise = Noise::new(5, 9);
    let mut sample = Vec::new();
    let mut products = Vec::new();
    for level in 0..2_000 {
        let z = noise.normals(Purpose::Step, level, 51);
        let next = noise.normals(Purpose::Step, level + 1, 51);
        let start = noise.normals(Purpose::Start, level, 51);
        products.extend(z.iter().zip(&next).map(|(a, b)| a * b));
        products.extend(z.iter().zip(&start).map(|(a, b)| a * b));
        for other in [Noise::new(6, 9), Noise::new(5, 10)] {
            products.extend(z.iter().zip(other.normals(Purpose::Step, level, 51)).map(|(a, b)| a * b));
        }
        sample.extend(z);
    }
    assert!(departure(&sample) < 1.0);
    assert!(Statistics::of(&products).expect("enough").mean_z.abs() < CRITICAL_Z);
    let uniforms: Vec<f64> = (0..50_000).map(|level| libm::exp(noise.ln_uniform(level))).collect();
    let n = uniforms.len() as f64;
    let mut sorted = uniforms;
    sorted.sort_by(f64::total_cmp);
    let ks = sorted.iter().enumerate().map(|(i, u)| (u - (i as f64 + 0.5) / n).abs()).fold(0.0, f64::max) * n.sqrt();
    assert!(ks < CRITICAL_KS);
}
