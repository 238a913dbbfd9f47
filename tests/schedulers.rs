//! Chains read from a `scheduler_config.json` are those of diffusers: every step's mean and deviation, recorded from the
//! library itself by `tests/diffusers.py`.
#![cfg(not(target_arch = "wasm32"))]

use serde_json::Value;
use speculative_diffusion::diffusers::{ConfigError, Scheduler, SchedulerConfig};
use speculative_diffusion::{Batch, Row};

const GOLDEN: &str = include_str!("golden/schedulers.json");
/// Relative to the numbers of a step: what is left of `f64` after tables of a thousand products.
const TOLERANCE: f64 = 1e-9;
/// The same of an ancestral chain.
const ANCESTRAL: f64 = 1e-8;
/// The state and the output that ancestral chains were recorded with.
const PAIR: [f64; 2] = [0.83, -1.27];
const SAID: [f64; 2] = [0.4, -0.9];

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

/// The largest difference, relative to the largest number due.
fn off(found: &[f64], due: &[f64]) -> f64 {
    assert_eq!(found.len(), due.len());
    let size = due.iter().fold(1e-3, |most: f64, x| most.max(x.abs()));
    found.iter().zip(due).map(|(a, b)| (a - b).abs() / size).fold(0.0, f64::max)
}

/// The class's own sampler, where it has one.
fn own(config: &str, steps: usize) -> Result<Scheduler, ConfigError> {
    Scheduler::new(&SchedulerConfig::from_json(config)?, steps, 1.0)
}

#[test]
fn every_step_has_the_mean_and_the_deviation_that_diffusers_gives_it() {
    let golden: Value = serde_json::from_str(GOLDEN).expect("JSON");
    let cases = golden["cases"].as_array().expect("cases");
    assert!(cases.len() > 100);
    let mut worst = 0.0_f64;
    for case in cases {
        let name = case["config"].to_string();
        let config = SchedulerConfig::from_json(&name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let steps = case["steps"].as_u64().expect("a number") as usize;
        let eta = case["eta"].as_f64().unwrap_or(1.0);
        let scheduler = Scheduler::new(&config, steps, eta).unwrap_or_else(|error| panic!("{name}: {error}"));
        let chain = scheduler.chain();
        let start = case["start"].as_f64().expect("a number");
        assert!((chain.start() / start - 1.0).abs() < TOLERANCE, "{name}: start {} not {start}", chain.start());
        let (state, output) = (numbers(&case["state"]), numbers(&case["output"]));
        let rows = case["rows"].as_array().expect("rows");
        assert_eq!(chain.len(), rows.len(), "{name}");
        for (k, row) in rows.iter().enumerate() {
            let step = &chain.steps()[k];
            let mut batch = Batch::default();
            batch.push(Row::new(step.level, k), &state);
            let x0hat = scheduler.estimates(&batch, &output).expect("the right shape");
            let mean = step.mean(&state, &x0hat, &[]);
            let deviation = row["deviation"].as_f64().expect("a number");
            for (what, found, due) in [
                ("timestep", &scheduler.timesteps(&batch), vec![row["timestep"].as_f64().expect("a number")]),
                ("input", &scheduler.input(&batch), numbers(&row["input"])),
                ("mean", &mean, numbers(&row["mean"])),
            ] {
                let off = off(found, &due);
                worst = worst.max(off);
                assert!(off < TOLERANCE, "{name}, K = {steps}, step {k}, {what}: {found:?}, not {due:?} ({off:.1e})");
            }
            let off = (step.s - deviation).abs() / deviation.max(1e-9);
            worst = worst.max(off);
            assert!(off < TOLERANCE, "{name}, K = {steps}, step {k}, deviation: {}, not {deviation}", step.s);
        }
    }
    println!("{} schedulers, worst {worst:.1e}", cases.len());
}

/// The ancestral chain of a recorded case.
fn ancestral(case: &Value) -> Result<Scheduler, ConfigError> {
    let mut config = SchedulerConfig::from_json(&case["config"].to_string())?;
    if let Some(mu) = case["mu"].as_f64() {
        config = config.with_mu(mu)?;
    }
    let eta = case["eta"].as_f64().expect("a number");
    if !case["sigmas"].is_null() {
        return Scheduler::ancestral_at_sigmas(&config, &numbers(&case["sigmas"]), eta);
    }
    if !case["timesteps"].is_null() {
        return Scheduler::ancestral_at_timesteps(&config, &numbers(&case["timesteps"]), eta);
    }
    Scheduler::ancestral(&config, case["steps"].as_u64().expect("a number") as usize, eta)
}

/// The largest difference of a chain from what was recorded of it.
fn off_by(case: &Value) -> Result<f64, String> {
    let scheduler = ancestral(case).map_err(|error| error.to_string())?;
    let rows = case["rows"].as_array().expect("rows");
    if scheduler.chain().len() != rows.len() {
        return Err(format!("{} steps, not {}", scheduler.chain().len(), rows.len()));
    }
    let mut worst = 0.0_f64;
    for (k, (step, row)) in scheduler.chain().steps().iter().zip(rows).enumerate() {
        let mut batch = Batch::default();
        batch.push(Row::new(step.level, k), &PAIR);
        let x0hat = scheduler.estimates(&batch, &SAID).expect("the right shape");
        let number = |name: &str| vec![row[name].as_f64().expect("a number")];
        let pairs = [
            (vec![step.level.t], number("timestep")),
            (step.mean(&PAIR, &x0hat, &[]), numbers(&row["mean"])),
            (vec![step.s], number("deviation")),
        ];
        for (what, (found, due)) in ["timestep", "mean", "deviation"].into_iter().zip(pairs) {
            let off = off(&found, &due);
            if off > ANCESTRAL {
                return Err(format!("step {k}, {what}: {found:?}, not {due:?} ({off:.1e})"));
            }
            worst = worst.max(off);
        }
    }
    Ok(worst)
}

/// `RANDOM` names a file of more chains, drawn at random by `tests/diffusers.py`.
#[test]
fn ancestral_chains_run_through_the_levels_that_diffusers_visits() {
    let file = std::env::var("RANDOM").ok();
    let text = file.map(|path| std::fs::read_to_string(path).expect("a file that `tests/diffusers.py` has written"));
    let golden: Value = serde_json::from_str(text.as_deref().unwrap_or(GOLDEN)).expect("JSON");
    let cases = golden["ancestral"].as_array().expect("cases");
    assert!(cases.len() >= 400);
    let found: Vec<_> = cases.iter().map(|case| (case, off_by(case))).collect();
    let wrong: Vec<String> = found
        .iter()
        .filter_map(|(case, off)| {
            off.as_ref().err().map(|why| format!("{}, K = {}: {why}", case["config"], case["steps"]))
        })
        .collect();
    let worst = found.iter().filter_map(|(_, off)| off.as_ref().ok()).fold(0.0, |most: f64, off| most.max(*off));
    println!("{} chains, worst {worst:.1e}", cases.len());
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Each step of these was recorded after another output of the model.
#[test]
fn every_step_of_dpm_solver_has_the_mean_and_the_deviation_that_diffusers_gives_it() {
    let golden: Value = serde_json::from_str(GOLDEN).expect("JSON");
    let cases = golden["multistep"].as_array().expect("cases");
    assert!(cases.len() > 40);
    let (mut worst, mut remembering) = (0.0_f64, 0);
    for case in cases {
        let text = case["config"].to_string();
        let steps = case["steps"].as_u64().expect("a number") as usize;
        let scheduler = own(&text, steps).unwrap_or_else(|error| panic!("{text}: {error}"));
        let rows = case["rows"].as_array().expect("rows");
        assert_eq!(scheduler.chain().len(), rows.len(), "{text}");
        let mut previous = Vec::new();
        for (k, (step, row)) in scheduler.chain().steps().iter().zip(rows).enumerate() {
            let mut batch = Batch::default();
            batch.push(Row::new(step.level, k), &PAIR);
            let said = SAID.map(|out| out * (1.0 + 0.1 * k as f64));
            let x0hat = scheduler.estimates(&batch, &said).expect("the right shape");
            let mean = step.mean(&PAIR, &x0hat, &previous);
            previous = x0hat;
            remembering += usize::from(step.c != 0.0);
            for (what, found, due) in [
                ("timestep", vec![step.level.t], vec![row["timestep"].as_f64().expect("a number")]),
                ("mean", mean, numbers(&row["mean"])),
                ("deviation", vec![step.s], vec![row["deviation"].as_f64().expect("a number")]),
            ] {
                let off = off(&found, &due);
                worst = worst.max(off);
                assert!(off < TOLERANCE, "{text}, step {k}, {what}: {found:?}, not {due:?} ({off:.1e})");
            }
        }
    }
    assert!(remembering > 100);
    println!("{} schedulers of second order, worst {worst:.1e}", cases.len());
}

#[test]
fn what_a_chain_cannot_express_is_refused_by_the_field_s_name() {
    let golden: Value = serde_json::from_str(GOLDEN).expect("JSON");
    let refused = golden["refused"].as_array().expect("a list");
    assert!(refused.len() > 10);
    for case in refused {
        let error = own(&case["config"].to_string(), 4).expect_err("refused");
        assert_eq!(error.field(), case["field"].as_str().expect("a field"), "{error}");
        assert!(error.to_string().contains(error.field()));
    }
    for (config, field) in [
        ("[]", "json"),
        ("{", "json"),
        ("{}", "_class_name"),
        (r#"{"_class_name": 7}"#, "_class_name"),
        (r#"{"_class_name": "DDPMScheduler", "num_train_timesteps": 0}"#, "num_train_timesteps"),
        (r#"{"_class_name": "DDPMScheduler", "num_train_timesteps": 1e9}"#, "num_train_timesteps"),
        (r#"{"_class_name": "DDPMScheduler", "beta_end": 2}"#, "beta_end"),
        (r#"{"_class_name": "DDPMScheduler", "beta_end": "x"}"#, "beta_end"),
        (r#"{"_class_name": "DDPMScheduler", "trained_betas": [0.1]}"#, "trained_betas"),
        (r#"{"_class_name": "DDPMScheduler", "clip_sample": 1}"#, "clip_sample"),
        (r#"{"_class_name": "DDPMScheduler", "clip_sample_range": 0}"#, "clip_sample_range"),
        (
            r#"{"_class_name": "DDPMScheduler", "thresholding": true, "dynamic_thresholding_ratio": 2}"#,
            "dynamic_thresholding_ratio",
        ),
        (r#"{"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 0}"#, "shift"),
    ] {
        assert_eq!(SchedulerConfig::from_json(config).expect_err("refused").field(), field, "{config}");
    }
    let config = |text: &str| SchedulerConfig::from_json(text).expect("valid");
    let ddpm = config(r#"{"_class_name": "DDPMScheduler"}"#);
    for (steps, eta, field) in [(0, 1.0, "steps"), (1001, 1.0, "steps"), (10, 0.5, "eta"), (10, f64::NAN, "eta")] {
        assert_eq!(Scheduler::new(&ddpm, steps, eta).expect_err("refused").field(), field);
    }
    let ddim = config(r#"{"_class_name": "DDIMScheduler", "steps_offset": 1}"#);
    assert_eq!(Scheduler::new(&ddim, 10, 0.0).expect_err("refused").field(), "eta");
    assert_eq!(Scheduler::new(&ddim, 1000, 1.0).expect_err("refused").field(), "steps_offset");
    assert!(Scheduler::new(&ddim, 1000, 1.0).expect_err("refused").to_string().contains("timestep 1000"));
}

#[test]
fn every_number_of_steps_gives_a_chain_of_so_many() {
    let falls = |scheduler: &Scheduler, steps: usize| {
        let chain = scheduler.chain().steps();
        assert_eq!(chain.len(), steps);
        assert!(chain.windows(2).all(|pair| pair[0].level.t > pair[1].level.t));
    };
    for class in [
        "DDPMScheduler",
        "DDIMScheduler",
        "EulerAncestralDiscreteScheduler",
        "EulerDiscreteScheduler",
        "DPMSolverMultistepScheduler",
        "FlowMatchEulerDiscreteScheduler",
    ] {
        for spacing in ["leading", "linspace", "trailing"] {
            let text = format!(r#"{{"_class_name": "{class}", "timestep_spacing": "{spacing}"}}"#);
            let config = SchedulerConfig::from_json(&text).expect("valid");
            for steps in [2, 3, 7, 61, 103, 201, 999, 1000] {
                let made = Scheduler::ancestral(&config, steps, 1.0);
                // a solver needs one timestep more than its steps, but for trailing ones
                if class == "DPMSolverMultistepScheduler" && steps == 1000 && spacing != "trailing" {
                    assert_eq!(made.expect_err("refused").field(), "steps");
                    continue;
                }
                falls(&made.unwrap_or_else(|error| panic!("{text} {steps}: {error}")), steps);
                if let Ok(own) = Scheduler::new(&config, steps, 1.0) {
                    falls(&own, steps);
                }
            }
        }
    }
}

#[test]
fn a_model_of_f32_is_asked_and_understood_as_one_of_f64() {
    for (text, steps) in [
        (r#"{"_class_name": "DDPMScheduler"}"#, 10),
        (r#"{"_class_name": "DDIMScheduler", "prediction_type": "v_prediction", "thresholding": true}"#, 10),
        (r#"{"_class_name": "EulerAncestralDiscreteScheduler"}"#, 10),
        (r#"{"_class_name": "FlowMatchEulerDiscreteScheduler", "stochastic_sampling": true}"#, 10),
    ] {
        let config = SchedulerConfig::from_json(text).expect("valid");
        let scheduler = Scheduler::new(&config, steps, 1.0).expect("valid");
        let mut batch = Batch::default();
        for (k, step) in scheduler.chain().steps().iter().enumerate() {
            let y = [0.3, -2.5, 1.7].map(|y| y + 0.01 * k as f64);
            batch.push(Row::new(step.level, k), &y);
        }
        let narrow = |numbers: Vec<f64>| numbers.iter().map(|&x| x as f32).collect::<Vec<f32>>();
        let (input, timesteps) = scheduler.inputs(&batch);
        assert_eq!((&input, timesteps), (&narrow(scheduler.input(&batch)), narrow(scheduler.timesteps(&batch))));
        let wide: Vec<f64> = input.iter().map(|&x| f64::from(x)).collect();
        let estimates = scheduler.estimates(&batch, &input).expect("the right shape");
        assert_eq!(estimates, scheduler.estimates(&batch, &wide).expect("the right shape"), "{text}");
        assert!(scheduler.estimates(&batch, &input[1..]).is_err());
    }
}

#[test]
fn what_is_not_a_number_stays_so_however_estimates_are_clipped() {
    for text in [
        r#"{"_class_name": "DDPMScheduler"}"#,
        r#"{"_class_name": "DDPMScheduler", "thresholding": true}"#,
        r#"{"_class_name": "DDIMScheduler"}"#,
        r#"{"_class_name": "DDIMScheduler", "set_alpha_to_one": false}"#,
        r#"{"_class_name": "EulerAncestralDiscreteScheduler"}"#,
    ] {
        let scheduler = own(text, 10).expect("valid");
        for (step, wrong) in [(3, f32::NAN), (3, f32::INFINITY), (9, f32::NEG_INFINITY)] {
            let mut batch = Batch::default();
            batch.push(Row::new(scheduler.chain().steps()[step].level, step), &[0.5; 3]);
            let estimates = scheduler.estimates(&batch, &[0.1, wrong, -0.1]).expect("the right shape");
            assert!(!estimates[1].is_finite() && estimates[0].is_finite(), "{text}: {estimates:?}");
        }
    }
}

/// Inputs from reports on other readers of such files.
#[test]
fn configurations_that_others_have_stumbled_over_are_read_as_diffusers_reads_them() {
    // numpy's arange steps by the difference of its first two
    let trailing = own(r#"{"_class_name": "DDPMScheduler", "timestep_spacing": "trailing"}"#, 48).expect("valid");
    let timesteps: Vec<f64> = trailing.chain().steps().iter().map(|step| step.level.t).collect();
    assert_eq!([3, 15, 27].map(|k| timesteps[k]), [936.0, 686.0, 436.0]);

    // a first level with hardly any signal is not the level after it
    for (text, steps) in [
        (r#"{"_class_name": "DDIMScheduler", "beta_end": 0.12}"#, 50),
        (r#"{"_class_name": "DDIMScheduler", "beta_end": 0.04, "num_train_timesteps": 4000}"#, 50),
        (
            r#"{"_class_name": "DDIMScheduler", "beta_end": 0.04, "num_train_timesteps": 4000, "rescale_betas_zero_snr": true,
            "prediction_type": "v_prediction", "timestep_spacing": "trailing"}"#,
            4000,
        ),
    ] {
        let scheduler = own(text, steps).expect("valid");
        let first = scheduler.chain().steps()[0];
        let mut batch = Batch::default();
        batch.push(Row::new(first.level, 0), &[0.412]);
        let mean = first.mean(&[0.412], &scheduler.estimates(&batch, &[0.411]).expect("the right shape"), &[]);
        assert!(mean[0].is_finite(), "{text}: {mean:?}");
        if steps == 50 && text.contains("0.12") {
            assert!((mean[0] - 0.11899).abs() < 1e-5, "{mean:?}");
        }
    }

    // the last beta of zero SNR is set by hand, below the one before it
    let rising = r#"{"_class_name": "EulerAncestralDiscreteScheduler", "rescale_betas_zero_snr": true,
        "prediction_type": "v_prediction", "timestep_spacing": "trailing"}"#;
    let error = own(rising, 400).expect_err("refused");
    assert_eq!(error.field(), "rescale_betas_zero_snr", "{error}");
    assert!(own(rising, 40).is_ok());

    let same = |text: &str, other: &str| {
        let read = |text: &str| SchedulerConfig::from_json(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(read(text), read(other), "{text}");
    };
    // as Python writes numbers that JSON has not
    same(
        "\u{feff}{\"_class_name\": \"DPMSolverMultistepScheduler\", \"lambda_min_clipped\": -Infinity, \"note\": \"NaN \\\" -Infinity\"}",
        r#"{"_class_name": "DPMSolverMultistepScheduler"}"#,
    );
    let unclipped =
        own(r#"{"_class_name": "DDPMScheduler", "clip_sample_range": Infinity, "x": NaN}"#, 10).expect("valid");
    let mut batch = Batch::default();
    batch.push(Row::new(unclipped.chain().steps()[0].level, 0), &[1e3]);
    assert!(unclipped.estimates(&batch, &[0.0]).expect("the right shape")[0] > 1e3);
    let error = own(r#"{"_class_name": "DDPMScheduler", "beta_end": NaN}"#, 10).expect_err("refused");
    assert_eq!(error.field(), "beta_end");
    // what a class does not read
    for (class, field) in [
        ("DDPMScheduler", "use_karras_sigmas"),
        ("EulerAncestralDiscreteScheduler", "use_karras_sigmas"),
        ("PNDMScheduler", "thresholding"),
        ("LMSDiscreteScheduler", "use_lu_lambdas"),
        ("FlowMatchHeunDiscreteScheduler", "use_dynamic_shifting"),
    ] {
        same(&format!(r#"{{"_class_name": "{class}", "{field}": true}}"#), &format!(r#"{{"_class_name": "{class}"}}"#));
    }
    // Python's None is no, where a switch is read
    for field in ["clip_sample", "set_alpha_to_one"] {
        let text = |value: &str| format!(r#"{{"_class_name": "DDIMScheduler", "{field}": {value}}}"#);
        same(&text("null"), &text("false"));
    }
    let error = own(r#"{"_class_name": "DDPMScheduler", "clip_sample_range": null}"#, 10).expect_err("refused");
    assert_eq!(error.field(), "clip_sample_range");
}

#[test]
fn levels_of_one_s_own_and_shifts_are_checked_by_name() {
    let config = |text: &str| SchedulerConfig::from_json(text).expect("valid");
    let euler = config(r#"{"_class_name": "EulerDiscreteScheduler"}"#);
    let flux = config(r#"{"_class_name": "FlowMatchEulerDiscreteScheduler", "use_dynamic_shifting": true}"#);
    let refused = |made: Result<Scheduler, ConfigError>| made.expect_err("refused").field().to_owned();
    assert_eq!(refused(Scheduler::ancestral(&flux, 10, 1.0)), "mu");
    assert!(Scheduler::ancestral(&flux.clone().with_mu(1.15).expect("valid"), 10, 1.0).is_ok());
    assert_eq!(flux.clone().with_mu(f64::NAN).expect_err("refused").field(), "mu");
    assert_eq!(euler.clone().with_mu(1.0).expect_err("refused").field(), "use_dynamic_shifting");
    for sigmas in [&[][..], &[1.0], &[1.0, -1.0], &[f64::NAN, 1.0]] {
        assert_eq!(refused(Scheduler::ancestral_at_sigmas(&euler, sigmas, 1.0)), "sigmas", "{sigmas:?}");
    }
    assert_eq!(refused(Scheduler::ancestral_at_sigmas(&euler, &[1.0, 2.0], 1.0)), "steps");
    assert_eq!(refused(Scheduler::ancestral_at_sigmas(&flux, &[2.0, 1.0], 1.0)), "sigmas");
    for timesteps in [&[5.0][..], &[1000.0, 5.0], &[5.0, -1.0]] {
        assert_eq!(refused(Scheduler::ancestral_at_timesteps(&euler, timesteps, 1.0)), "timesteps", "{timesteps:?}");
    }
    assert_eq!(refused(Scheduler::ancestral_at_timesteps(&flux, &[5.0, 1.0], 1.0)), "timesteps");
    assert_eq!(refused(Scheduler::ancestral(&euler, 10, 0.0)), "eta");
    for (class, field) in [
        ("EulerDiscreteScheduler", r#""timestep_type": "continuous""#),
        ("EulerDiscreteScheduler", r#""interpolation_type": "log_linear""#),
        ("DPMSolverMultistepScheduler", r#""use_beta_sigmas": true, "use_karras_sigmas": true"#),
        ("FlowMatchEulerDiscreteScheduler", r#""shift_terminal": 1.0"#),
        ("FlowMatchEulerDiscreteScheduler", r#""time_shift_type": "cubic""#),
    ] {
        let text = format!(r#"{{"_class_name": "{class}", {field}}}"#);
        let error = SchedulerConfig::from_json(&text).expect_err("refused");
        assert!(field.contains(error.field()), "{text}: {error}");
    }
}
