//! The shipped networks: loaded with care, equal to the reference, and sampled exactly.
#![cfg(all(not(target_arch = "wasm32"), feature = "network"))]

mod common;

use common::{OWN_DRAFTS, QUANTITIES, WRONG, departure, gap_residuals, sampler, with};
use pollster::block_on;
use rayon::prelude::*;
use speculative_diffusion::network::{Network, NetworkTarget, Sidecar, UNetConfig, WeightsError};
use speculative_diffusion::{Batch, Draft, Level, Quantity, Rule, Settings, Target, WithDrafter};

/// Weights and their sidecar.
struct Shipped {
    name: &'static str,
    weights: &'static [u8],
    sidecar: &'static str,
}

macro_rules! shipped {
    ($name:literal) => {
        Shipped {
            name: $name,
            weights: include_bytes!(concat!("../assets/", $name, ".bpk")),
            sidecar: include_str!(concat!("../assets/", $name, ".json")),
        }
    };
}

const FACES: Shipped = shipped!("faces");
const FACES_DRAFTER: Shipped = shipped!("faces-drafter");
const FASHION: Shipped = shipped!("fashion");
const FASHION_DRAFTER: Shipped = shipped!("fashion-drafter");
const ALL: [Shipped; 4] = [FACES, FACES_DRAFTER, FASHION, FASHION_DRAFTER];
const REFERENCE: &str = include_str!("golden/networks.json");

impl Shipped {
    fn load(&self) -> (Network, UNetConfig) {
        let sidecar = Sidecar::parse(self.sidecar).expect("the committed sidecar");
        (sidecar.load(self.weights).expect("the committed weights"), sidecar.network)
    }

    fn target(&self, class: &str, guidance: f64) -> NetworkTarget {
        let (network, config) = self.load();
        NetworkTarget::new(network, config, class, guidance).expect("a known class")
    }

    /// One for each class, without guidance.
    fn targets(&self) -> Vec<NetworkTarget> {
        let (network, config) = self.load();
        let target = |class| NetworkTarget::new(network.clone(), config.clone(), class, 1.0).expect("a known class");
        config.classes.iter().map(|class| target(class)).collect()
    }
}

fn target(class: &str, guidance: f64) -> NetworkTarget {
    FACES.target(class, guidance)
}

fn predict(target: &NetworkTarget, rows: &[(f64, &[f64])]) -> Vec<f64> {
    let mut batch = Batch::default();
    for (t, state) in rows {
        batch.push(Level::cosine(*t), state);
    }
    block_on(target.predict(&batch)).expect("a prediction")
}

#[test]
fn predictions_equal_those_of_an_independent_implementation() {
    /// `tests/reference.py` computes in f64; f32 sums of a thousand terms, 30 layers deep, differ by about 1e-5.
    const TOLERANCE: f64 = 5e-5;
    let reference: serde_json::Value = serde_json::from_str(REFERENCE).expect("JSON");
    for shipped in ALL {
        let reference = &reference[shipped.name];
        let weights = Sidecar::parse(shipped.sidecar).expect("the committed sidecar").sha256;
        assert_eq!(reference["weights"], weights, "the reference is of other weights: run tests/reference.py");
        let cases = reference["cases"].as_array().expect("cases");
        assert_eq!(cases.len(), 5);
        for case in cases {
            let numbers = |name: &str| -> Vec<f64> {
                case[name].as_array().expect("numbers").iter().filter_map(serde_json::Value::as_f64).collect()
            };
            let (state, expected) = (numbers("state"), numbers("prediction"));
            let target = shipped.target(case["class"].as_str().expect("a class"), 1.0);
            let found = predict(&target, &[(case["t"].as_f64().expect("a time"), &state)]);
            assert_eq!(found.len(), expected.len());
            let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst < TOLERANCE, "{} {} at t = {}: off by {worst}", shipped.name, case["class"], case["t"]);
        }
    }
}

#[test]
fn a_row_s_prediction_does_not_depend_on_its_neighbours() {
    for shipped in ALL {
        let target = shipped.target("any", 1.0);
        let dim = target.dim();
        let states: Vec<Vec<f64>> = (0..20).map(|c| sampler(2, 1.0, Settings::default(), 1, c).start(dim).y).collect();
        let rows: Vec<(f64, &[f64])> =
            states.iter().enumerate().map(|(i, y)| (i as f64 / 20.0, y.as_slice())).collect();
        let (together, three) = (predict(&target, &rows), predict(&target, &rows[..3]));
        for (i, row) in rows.iter().enumerate() {
            let alone = predict(&target, &[*row]);
            assert!(alone == together[i * dim..][..dim], "{}, row {i} of 20", shipped.name);
            assert!(i >= 3 || alone == three[i * dim..][..dim], "{}, row {i} of 3", shipped.name);
        }
    }
}

#[test]
#[cfg(feature = "burn")]
fn burn_computes_the_same_network() {
    use burn::module::Module as _;
    use burn::store::ModuleRecord;
    use burn::tensor::{Bytes, Device, Tensor, TensorData};
    use speculative_diffusion::network::{UNet, time_features};

    /// As against the reference.
    const TOLERANCE: f64 = 5e-5;
    let device = Device::flex();
    for shipped in ALL {
        let (target, (_, config)) = (shipped.target("any", 1.0), shipped.load());
        let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(shipped.weights.to_vec())).expect("a burnpack");
        let network = UNet::new(&config, &device).try_load_record(record.cast_to_module_dtype()).expect("it fits");
        let y = sampler(2, 1.0, Settings::default(), 1, 0).start(target.dim()).y;
        for t in [0.9, 0.5, 0.1] {
            let tensor = |values: Vec<f32>| {
                let width = values.len();
                Tensor::<2>::from_data(TensorData::new(values, [1, width]), &device)
            };
            let mut any = vec![0.0; config.classes.len() + 1];
            any[config.classes.len()] = 1.0;
            let x = tensor(y.iter().map(|&y| y as f32).collect());
            let v = network.forward(
                x.reshape([1, config.channels, config.size, config.size]),
                tensor(time_features(t, 2 * config.base).collect()),
                tensor(any),
            );
            let v: Vec<f32> = v.into_data().try_into_vec().expect("f32");
            let level = Level::cosine(t);
            let own = predict(&target, &[(t, &y)]);
            let burns = y.iter().zip(&v).map(|(y, &v)| level.alpha * y - level.sigma * f64::from(v));
            let worst = own.iter().zip(burns).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            println!("{} at {t}: off by {worst:.1e}", shipped.name);
            assert!(worst < TOLERANCE, "{} at {t}: off by {worst}", shipped.name);
        }
    }
}

#[test]
fn every_target_mean_of_a_run_is_the_plain_path_s_and_the_plain_sampler_can_replay_it() {
    /// Rounding of a residual, `(y - q) / s` and back, carried along the chain by the network.
    const TOLERANCE: f64 = 1e-6;
    let target = target("long", 1.0);
    let sampler = sampler(40, 1.0, Settings::default(), 9, 0);
    let mut state = sampler.start(768);
    let mut y = state.y.clone();
    while !sampler.is_done(&state) {
        let (next, round) = block_on(sampler.round(&target, &state)).expect("a round");
        for (position, residual) in round.positions.iter().zip(sampler.residuals(&round)) {
            let step = &sampler.chain().steps()[position.level];
            let (replayed, alone) =
                block_on(sampler.plain_step(&target, position.level, &y, &residual)).expect("a step");
            let mean = speculative_diffusion::draft::target_mean(step, &y, &alone);
            assert!(mean.iter().zip(&position.target_mean).all(|(a, b)| (a - b).abs() < TOLERANCE));
            y = replayed;
        }
        state = next;
        assert!(y.iter().zip(&state.y).all(|(a, b)| (a - b).abs() < TOLERANCE), "level {}", state.level);
    }
}

#[test]
fn guidance_moves_the_estimate_away_from_no_class_and_costs_a_second_row() {
    /// f32 rounding of the two passes.
    const TOLERANCE: f64 = 1e-4;
    let state = sampler(2, 1.0, Settings::default(), 1, 0).start(768).y;
    let row: [(f64, &[f64]); 1] = [(0.7, &state)];
    let (any, hat) = (predict(&target("any", 1.0), &row), predict(&target("hat", 1.0), &row));
    let guided_target = target("hat", 3.0);
    let guided = predict(&guided_target, &row);
    assert!(any.iter().zip(&hat).any(|(a, b)| (a - b).abs() > 0.01), "the class must matter");
    for i in 0..guided.len() {
        assert!((guided[i] - (any[i] + 3.0 * (hat[i] - any[i]))).abs() < TOLERANCE);
    }
    assert_eq!((guided_target.rows_per_state(), target("any", 3.0).rows_per_state()), (2, 1));
}

#[test]
fn damaged_weights_are_refused_with_what_differs() {
    let sidecar = Sidecar::parse(FACES.sidecar).expect("the committed sidecar");
    assert!(matches!(sidecar.load(&FACES.weights[..99]), Err(WeightsError::Length { found: 99, .. })));
    let mut flipped = FACES.weights.to_vec();
    flipped[1_000_000] ^= 1;
    assert!(matches!(sidecar.load(&flipped), Err(WeightsError::Hash { .. })));
    let wider = Sidecar::parse(&FACES.sidecar.replace("\"base\": 32", "\"base\": 64")).expect("a valid sidecar");
    let Err(WeightsError::Tensors(text)) = wider.load(FACES.weights) else { panic!("shapes differ") };
    assert!(text.contains("shape"), "{text}");
    for (from, to, word) in [
        ("\"velocity\"", "\"noise\"", "prediction"),
        ("\"cosine\"", "\"linear\"", "schedule"),
        ("\"size\": 16", "\"size\": 15", "size"),
        ("\"sha256\"", "\"sha1\"", "sha256"),
    ] {
        let error = Sidecar::parse(&FACES.sidecar.replacen(from, to, 1)).expect_err("a bad sidecar").to_string();
        assert!(error.contains(word), "{error}");
    }
    assert_eq!(target_error("cat", 1.0), "class");
    assert_eq!(target_error("hat", 0.5), "guidance");
    assert_eq!(target_error("hat", f64::NAN), "guidance");
}

fn target_error(class: &str, guidance: f64) -> &'static str {
    let sidecar = Sidecar::parse(FACES.sidecar).expect("the committed sidecar");
    let network = sidecar.load(FACES.weights).expect("the committed weights");
    NetworkTarget::new(network, sidecar.network, class, guidance).expect_err("a bad request").field()
}

const STEPS: usize = 60;

/// Gap-direction residuals of `chains` runs, the classes in turn, shared out to the cores.
fn residuals((network, drafter): (&Shipped, &Shipped), settings: Settings, chains: u64) -> Vec<f64> {
    let with_drafter = |(target, drafter)| WithDrafter { target, drafter: Some(drafter) };
    let targets: Vec<_> = network.targets().into_iter().zip(drafter.targets()).map(with_drafter).collect();
    (0..chains)
        .into_par_iter()
        .flat_map_iter(|chain| {
            let run = sampler(STEPS, 1.0, settings, 77, chain);
            let trace = block_on(run.run(&targets[chain as usize % targets.len()])).expect("a run");
            gap_residuals(&trace).collect::<Vec<_>>()
        })
        .collect()
}

fn assert_normal(networks: (&Shipped, &Shipped), draft: Draft, quantity: Quantity) {
    // drift drafts are rejected at nearly every step: short windows tell the same for less
    let window = if quantity == Quantity::Drift { 4 } else { 12 };
    let sample = residuals(networks, with(draft, quantity, window, Rule::Reflection), 8);
    let (name, departure) = (networks.0.name, departure(&sample));
    println!("{name} {draft:?} {quantity:?}: {} residuals, {departure:.2} critical values", sample.len());
    assert!(departure < 1.0, "{name} {draft:?} {quantity:?}: {departure} critical values");
}

#[test]
fn residuals_along_the_gap_are_standard_normal_for_every_draft() {
    let faces = (&FACES, &FACES_DRAFTER);
    for draft in OWN_DRAFTS {
        for quantity in QUANTITIES {
            assert_normal(faces, draft, quantity);
        }
    }
    assert_normal(faces, Draft::Independent, Quantity::X0hat);
    for draft in Draft::ALL {
        assert_normal((&FASHION, &FASHION_DRAFTER), draft, Quantity::X0hat);
    }
}

#[test]
fn the_residual_test_on_the_network_sees_every_wrong_rule() {
    for rule in WRONG {
        // lenience 0.1 needs ten times the chains; 0.5 shows the same fault
        let rule = if matches!(rule, Rule::Lenient(_)) { Rule::Lenient(0.5) } else { rule };
        let sample = residuals((&FACES, &FACES_DRAFTER), with(Draft::Carry, Quantity::X0hat, 12, rule), 16);
        let departure = departure(&sample);
        println!("{rule:?}: {} residuals, {departure:.2} critical values", sample.len());
        assert!(departure > 1.0, "{rule:?} passes ({departure} critical values)");
    }
}

#[test]
fn secant_needs_fewer_calls_than_carry_and_so_on_to_frozen() {
    let target = target("long", 1.0);
    let calls = OWN_DRAFTS.map(|draft| {
        let settings = with(draft, Quantity::X0hat, 20, Rule::Reflection);
        let run = |chain| block_on(sampler(100, 1.0, settings, 5, chain).run(&target)).expect("a run").costs().calls;
        (0..4).map(run).sum::<usize>()
    });
    assert!(calls.is_sorted_by(|fewer, more| fewer < more) && calls[3] < 400, "{calls:?}");
}
