//! What a `scheduler_config.json` says.

use serde_json::Value;

use super::betas::Betas;
use super::class::{Class, Clips, Grid, Own};
use super::error::ConfigError;
use super::fields::Fields;
use crate::chain::Variance;
use crate::chain::multistep::SecondOrder;
use crate::chain::parametrisation::Parametrisation;

/// Most timesteps that a model may have been trained on.
const MOST_TIMESTEPS: usize = 100_000;

/// Which timesteps a run visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spacing {
    Leading,
    Linspace,
    Trailing,
}

/// How the levels of a run lie between the first and the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sigmas {
    /// Where the timesteps are.
    Spaced,
    Karras,
    Exponential,
    Beta,
    /// Evenly in `ln sigma`, by Lu's `use_lu_lambdas`.
    Lu,
    /// Of a rectified flow, in a class that has betas too.
    Flow,
}

/// What is done to a clean estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Clip {
    Nothing,
    /// Each number is kept within this of zero.
    Range(f64),
    /// Numbers beyond a quantile of their sizes are cut off there, and all are scaled down by it (Saharia et al. 2022).
    Threshold {
        ratio: f64,
        most: f64,
    },
}

/// How a flow's times are moved towards noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shift {
    pub(super) factor: f64,
    /// `use_dynamic_shifting`: the factor follows from `mu`, by an exponential or as it is.
    pub(super) dynamic: bool,
    pub(super) exponential: bool,
    pub(super) mu: Option<f64>,
    /// `shift_terminal`.
    pub(super) terminal: Option<f64>,
    /// `invert_sigmas`: the model counts its times from the clean end, and predicts the velocity towards it.
    pub(super) inverted: bool,
}

/// A scheduler's configuration, as diffusers saves it.
#[derive(Clone, Debug, PartialEq)]
pub struct SchedulerConfig {
    pub(super) class: Class,
    pub(super) betas: Vec<f64>,
    /// Whether the betas follow the squared cosine.
    pub(super) cosine: bool,
    pub(super) prediction: Parametrisation,
    pub(super) spacing: Spacing,
    pub(super) steps_offset: usize,
    pub(super) zero_snr: bool,
    pub(super) set_alpha_to_one: bool,
    /// Of a DDPM's own steps.
    pub(super) variance: Result<Variance, ConfigError>,
    pub(super) clip: Clip,
    pub(super) timesteps: usize,
    pub(super) shift: Shift,
    pub(super) stochastic: bool,
    pub(super) sigmas: Sigmas,
    /// `sigma_min` and `sigma_max`, where they are given.
    pub(super) range: [Option<f64>; 2],
    pub(super) lambda_min: f64,
    /// Of a DPM-Solver's own steps.
    pub(super) dpm: Result<Dpm, ConfigError>,
    /// Of a consistency model's own steps.
    pub(super) consistency: Consistency,
}

/// What LCM and TCD read of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Consistency {
    /// Timesteps that the model was distilled at, of which a run visits some.
    pub(super) steps: usize,
    pub(super) scaling: f64,
}

/// The stochastic DPM-Solver++.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dpm {
    /// Nothing is first order.
    pub(super) order: Option<SecondOrder>,
    /// The last step is of first order in runs of fewer steps than these.
    pub(super) first_order_below: usize,
    /// Whether the last step leads to the least noise of training and not to none.
    pub(super) ends_noisy: bool,
}

impl SchedulerConfig {
    /// Reads the text of a `scheduler_config.json`, also as Python writes it, with `NaN` and `Infinity`. Fields that are absent
    /// have the defaults of their class; fields that the class does not read are ignored, as diffusers ignores them.
    ///
    /// # Errors
    /// [`ConfigError`] naming the field that is missing, malformed or not supported.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let fields = Fields::parse(text)?;
        let classes = Class::ALL.map(|class| (class.name, class));
        let class = fields.choice("_class_name", &classes, None)?;
        let sigmas = sigmas(&fields, &class)?;
        let timesteps = fields.whole("num_train_timesteps", 1000, 1..=MOST_TIMESTEPS)?;
        let spacing = [("leading", Spacing::Leading), ("linspace", Spacing::Linspace), ("trailing", Spacing::Trailing)];
        let default_spacing = if class.grid == Grid::Timesteps { Spacing::Leading } else { Spacing::Linspace };
        let flow = class.grid == Grid::Flow;
        let singlestep = class.name == "DPMSolverSinglestepScheduler";
        let (betas, cosine) = if flow { (Vec::new(), false) } else { betas(&fields, &class, timesteps)? };
        let config = Self {
            class,
            timesteps,
            betas,
            cosine,
            prediction: prediction(&fields, &class)?,
            spacing: if flow || singlestep {
                Spacing::Linspace
            } else {
                fields.choice("timestep_spacing", &spacing, Some(default_spacing))?
            },
            steps_offset: if singlestep { 0 } else { fields.whole("steps_offset", 0, 0..=MOST_TIMESTEPS)? },
            zero_snr: class.zero_snr && fields.flag("rescale_betas_zero_snr", false)?,
            set_alpha_to_one: fields.flag("set_alpha_to_one", true)?,
            variance: if class.own == Own::Ddpm { variance(&fields) } else { Ok(Variance::Small) },
            clip: clip(&fields, &class)?,
            shift: shift(&fields, &class, sigmas)?,
            stochastic: class.own == Own::FlowEuler && fields.flag("stochastic_sampling", false)?,
            sigmas,
            range: range(&fields)?,
            lambda_min: match class.grid {
                Grid::Solver => fields.number("lambda_min_clipped", f64::NEG_INFINITY)?,
                _ => f64::NEG_INFINITY,
            },
            dpm: dpm(&fields, &class),
            consistency: match class.own {
                Own::Lcm | Own::Tcd => Consistency {
                    steps: fields.whole("original_inference_steps", 50, 1..=usize::MAX)?,
                    scaling: fields.positive("timestep_scaling", 10.0)?,
                },
                _ => Consistency::default(),
            },
        };
        config.check()?;
        Ok(config)
    }

    /// The same with the `mu` by which the times of a flow are shifted, where `use_dynamic_shifting` is set.
    /// A pipeline computes it from the size of the image: FLUX, for one, as a line through (256 tokens, 0.5) and
    /// (4096 tokens, 1.15).
    ///
    /// # Errors
    /// [`ConfigError`] naming `mu` if it is not finite, or `use_dynamic_shifting` if it is not set.
    #[doc(alias = "calculate_shift")]
    pub fn with_mu(mut self, mu: f64) -> Result<Self, ConfigError> {
        if !self.shift.dynamic {
            return Err(ConfigError::new("use_dynamic_shifting", "is not set: mu would say nothing"));
        }
        let usable = mu.is_finite() && (self.shift.exponential || mu > 0.0);
        if !usable {
            return Err(ConfigError::new("mu", format!("is {mu}: it must be finite, and above 0 for a linear shift")));
        }
        self.shift.mu = Some(mu);
        Ok(self)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.zero_snr && self.class.grid == Grid::Timesteps && self.prediction == Parametrisation::Epsilon {
            return Err(ConfigError::new(
                "rescale_betas_zero_snr",
                "with prediction_type \"epsilon\" the clean estimate would be divided by zero; such models predict \
                 \"v_prediction\" or \"sample\"",
            ));
        }
        Ok(())
    }
}

fn prediction(fields: &Fields, class: &Class) -> Result<Parametrisation, ConfigError> {
    let known = [
        ("epsilon", Parametrisation::Epsilon),
        ("sample", Parametrisation::X0hat),
        ("v_prediction", Parametrisation::Velocity),
        ("flow_prediction", Parametrisation::Flow),
    ];
    match class.grid {
        Grid::Flow => Ok(Parametrisation::Flow),
        Grid::Solver => fields.choice("prediction_type", &known, Some(Parametrisation::Epsilon)),
        Grid::Timesteps | Grid::Sigmas => fields.choice("prediction_type", &known[..3], Some(Parametrisation::Epsilon)),
    }
}

fn sigmas(fields: &Fields, class: &Class) -> Result<Sigmas, ConfigError> {
    let spaced = ["use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"];
    let read: &[&str] = match (class.grid, class.own) {
        (Grid::Timesteps, _) | (_, Own::EulerAncestral) => &[],
        (Grid::Flow, Own::Twice) => &[],
        (Grid::Solver, _) if class.name == "DPMSolverMultistepScheduler" => {
            &["use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas", "use_flow_sigmas"]
        }
        (Grid::Solver, _) => &["use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "use_flow_sigmas"],
        (Grid::Sigmas | Grid::Flow, _) => &spaced,
    };
    let mut set = Vec::new();
    for field in read {
        if fields.flag(field, false)? {
            set.push(*field);
        }
    }
    if class.name == "EulerDiscreteScheduler" {
        fields.choice("interpolation_type", &[("linear", ())], Some(()))?;
        fields.choice("timestep_type", &[("discrete", ())], Some(()))?;
    }
    match set[..] {
        [] => Ok(Sigmas::Spaced),
        ["use_karras_sigmas"] => Ok(Sigmas::Karras),
        ["use_exponential_sigmas"] => Ok(Sigmas::Exponential),
        ["use_beta_sigmas"] => Ok(Sigmas::Beta),
        ["use_lu_lambdas"] => Ok(Sigmas::Lu),
        ["use_flow_sigmas"] => Ok(Sigmas::Flow),
        [first, second, ..] => Err(ConfigError::new(second, format!("is set beside {first}: choose one"))),
        [other] => Err(ConfigError::new(other, "is set, and not supported")),
    }
}

fn shift(fields: &Fields, class: &Class, sigmas: Sigmas) -> Result<Shift, ConfigError> {
    let none = Shift { factor: 1.0, dynamic: false, exponential: true, mu: None, terminal: None, inverted: false };
    let field = match class.grid {
        Grid::Flow => "shift",
        _ if sigmas == Sigmas::Flow => "flow_shift",
        _ => return Ok(none),
    };
    let factor = fields.positive(field, 1.0)?;
    if !factor.is_finite() {
        return Err(ConfigError::new(field, format!("is {factor}: it must be finite")));
    }
    if class.own == Own::Twice {
        return Ok(Shift { factor, ..none });
    }
    let kinds = [("exponential", true), ("linear", false)];
    let kinds = if class.grid == Grid::Flow { &kinds[..] } else { &kinds[..1] };
    let terminal = if fields.is_number("shift_terminal") { fields.number("shift_terminal", 0.0)? } else { 0.0 };
    if !(0.0..1.0).contains(&terminal) {
        return Err(ConfigError::new("shift_terminal", format!("is {terminal}: it must be at least 0 and below 1")));
    }
    Ok(Shift {
        factor,
        dynamic: fields.flag("use_dynamic_shifting", false)?,
        exponential: fields.choice("time_shift_type", kinds, Some(true))?,
        mu: None,
        terminal: (terminal > 0.0).then_some(terminal),
        inverted: class.grid == Grid::Flow && fields.flag("invert_sigmas", false)?,
    })
}

fn dpm(fields: &Fields, class: &Class) -> Result<Dpm, ConfigError> {
    if class.own != Own::Dpm {
        return Err(ConfigError::new("_class_name", "is no DPM-Solver"));
    }
    let field = "algorithm_type";
    match fields.get(field).and_then(Value::as_str) {
        Some("sde-dpmsolver++") => {}
        found => {
            let found = found.unwrap_or("dpmsolver++");
            let message = format!(
                "is \"{found}\": only \"sde-dpmsolver++\" adds noise to clean estimates; Scheduler::ancestral makes the \
                 ancestral chain through the same levels"
            );
            return Err(ConfigError::new(field, message));
        }
    }
    // other solver types are taken for the midpoint rule
    let kinds = [
        ("midpoint", SecondOrder::Midpoint),
        ("heun", SecondOrder::Heun),
        ("logrho", SecondOrder::Midpoint),
        ("bh1", SecondOrder::Midpoint),
        ("bh2", SecondOrder::Midpoint),
    ];
    let kind = fields.choice("solver_type", &kinds, Some(SecondOrder::Midpoint))?;
    let order = (fields.whole("solver_order", 2, 1..=2)? == 2).then_some(kind);
    let ends_noisy = fields.choice("final_sigmas_type", &[("zero", false), ("sigma_min", true)], Some(false))?;
    let euler = fields.flag("euler_at_final", false)?;
    let lower = fields.flag("lower_order_final", true)?;
    let first_order_below = match (euler || !ends_noisy, lower) {
        (true, _) => usize::MAX,
        (false, true) => 15,
        (false, false) => 0,
    };
    Ok(Dpm { order, first_order_below, ends_noisy })
}

fn range(fields: &Fields) -> Result<[Option<f64>; 2], ConfigError> {
    let number = |field| fields.is_number(field).then(|| fields.positive(field, 1.0)).transpose();
    Ok([number("sigma_min")?, number("sigma_max")?])
}

/// The betas, and whether they follow the squared cosine.
fn betas(fields: &Fields, class: &Class, timesteps: usize) -> Result<(Vec<f64>, bool), ConfigError> {
    let trained = fields.get("trained_betas").filter(|value| !value.is_null());
    let known =
        [("linear", Betas::Linear), ("scaled_linear", Betas::ScaledLinear), ("squaredcos_cap_v2", Betas::Cosine)];
    let (start, end, schedule) = class.betas;
    let (betas, cosine) = match trained {
        Some(value) => {
            let wrong = || ConfigError::new("trained_betas", "must be a list of numbers, one for each timestep");
            let list = value.as_array().filter(|list| list.len() == timesteps).ok_or_else(wrong)?;
            (list.iter().map(Value::as_f64).collect::<Option<Vec<_>>>().ok_or_else(wrong)?, false)
        }
        None => {
            let ends = (fields.number("beta_start", start)?, fields.number("beta_end", end)?);
            let schedule = fields.choice("beta_schedule", &known, Some(schedule))?;
            (schedule.table(ends, timesteps), schedule == Betas::Cosine)
        }
    };
    if betas.iter().all(|beta| (0.0..1.0).contains(beta)) && betas[0] > 0.0 {
        return Ok((betas, cosine));
    }
    let first = betas.first().is_some_and(|beta| *beta > 0.0 && *beta < 1.0);
    let field = match trained {
        Some(_) => "trained_betas",
        None if first => "beta_end",
        None => "beta_start",
    };
    Err(ConfigError::new(field, "every beta must be at least 0 and below 1, and the first above 0"))
}

fn variance(fields: &Fields) -> Result<Variance, ConfigError> {
    let field = "variance_type";
    match fields.get(field) {
        Some(Value::Null) => return Ok(Variance::Small),
        Some(Value::String(word)) if word.starts_with("learned") => {
            let message = format!("is \"{word}\": its deviation depends on the state, and a draft could not be tested");
            return Err(ConfigError::new(field, message));
        }
        _ => {}
    }
    let known =
        [("fixed_small", Variance::Small), ("fixed_small_log", Variance::Small), ("fixed_large", Variance::Large)];
    fields.choice(field, &known, Some(Variance::Small))
}

fn clip(fields: &Fields, class: &Class) -> Result<Clip, ConfigError> {
    let (threshold, range) = match class.clips {
        Clips::Nothing => (false, None),
        Clips::Threshold => (true, None),
        Clips::Sample(default) => (true, Some(default)),
        Clips::Range => (false, Some(false)),
    };
    if threshold && fields.flag("thresholding", false)? {
        let ratio = fields.positive("dynamic_thresholding_ratio", 0.995)?;
        if ratio > 1.0 {
            return Err(ConfigError::new("dynamic_thresholding_ratio", "must be at most 1"));
        }
        return Ok(Clip::Threshold { ratio, most: fields.positive("sample_max_value", 1.0)? });
    }
    match range {
        Some(default) if fields.flag("clip_sample", default)? => {
            Ok(Clip::Range(fields.positive("clip_sample_range", 1.0)?))
        }
        _ => Ok(Clip::Nothing),
    }
}
