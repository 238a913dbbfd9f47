//! The fields of a `scheduler_config.json`, each checked by its name.

use serde_json::{Map, Value};

use super::betas::Betas;
use super::error::ConfigError;
use crate::chain::Variance;
use crate::chain::parametrisation::Parametrisation;

/// Most timesteps that a model may have been trained on.
const MOST_TIMESTEPS: usize = 100_000;

/// The classes that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Ddpm,
    Ddim,
    EulerAncestral,
    FlowMatchEuler,
}

impl Class {
    const ALL: [(&'static str, Self); 4] = [
        ("DDPMScheduler", Self::Ddpm),
        ("DDIMScheduler", Self::Ddim),
        ("EulerAncestralDiscreteScheduler", Self::EulerAncestral),
        ("FlowMatchEulerDiscreteScheduler", Self::FlowMatchEuler),
    ];
}

/// Which timesteps a run visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spacing {
    Leading,
    Linspace,
    Trailing,
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

/// A scheduler's configuration, as diffusers saves it.
#[derive(Clone, Debug, PartialEq)]
pub struct SchedulerConfig {
    pub(super) class: Class,
    pub(super) betas: Vec<f64>,
    pub(super) prediction: Parametrisation,
    pub(super) spacing: Spacing,
    pub(super) steps_offset: usize,
    pub(super) zero_snr: bool,
    pub(super) set_alpha_to_one: bool,
    pub(super) variance: Variance,
    pub(super) clip: Clip,
    pub(super) timesteps: usize,
    pub(super) shift: f64,
    pub(super) stochastic: bool,
}

/// Fields that change a chain in ways that are not understood here, if they are set.
const UNKNOWN_IF_SET: [&str; 7] = [
    "use_karras_sigmas",
    "use_exponential_sigmas",
    "use_beta_sigmas",
    "use_dynamic_shifting",
    "shift_terminal",
    "invert_sigmas",
    "use_lu_lambdas",
];

impl SchedulerConfig {
    /// Reads the text of a `scheduler_config.json`. Fields that are absent have the defaults of their class; fields that
    /// no scheduler here looks at are ignored.
    ///
    /// # Errors
    /// [`ConfigError`] naming the field that is missing, malformed, or cannot be expressed as a chain: `learned_range`,
    /// for instance, makes the deviation depend on the state.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| ConfigError::new("json", format!("not JSON: {error}")))?;
        let Value::Object(map) = value else { return Err(ConfigError::new("json", "not an object")) };
        let fields = Fields(map);
        let class = fields.choice("_class_name", &Class::ALL, None)?;
        if let Some(field) = UNKNOWN_IF_SET.into_iter().find(|field| fields.is_set(field)) {
            return Err(ConfigError::new(field, "is set, and not supported"));
        }
        let flow = class == Class::FlowMatchEuler;
        let timesteps = fields.whole("num_train_timesteps", 1000, 1..=MOST_TIMESTEPS)?;
        let prediction = [
            ("epsilon", Parametrisation::Epsilon),
            ("sample", Parametrisation::X0hat),
            ("v_prediction", Parametrisation::Velocity),
        ];
        let spacing = [("leading", Spacing::Leading), ("linspace", Spacing::Linspace), ("trailing", Spacing::Trailing)];
        let default_spacing = if class == Class::EulerAncestral { Spacing::Linspace } else { Spacing::Leading };
        let config = Self {
            class,
            timesteps,
            betas: if flow { Vec::new() } else { fields.betas(timesteps)? },
            prediction: if flow {
                Parametrisation::Flow
            } else {
                fields.choice("prediction_type", &prediction, Some(Parametrisation::Epsilon))?
            },
            spacing: fields.choice("timestep_spacing", &spacing, Some(default_spacing))?,
            steps_offset: fields.whole("steps_offset", 0, 0..=MOST_TIMESTEPS)?,
            zero_snr: fields.flag("rescale_betas_zero_snr", false)?,
            set_alpha_to_one: fields.flag("set_alpha_to_one", true)?,
            variance: if class == Class::Ddpm { fields.variance()? } else { Variance::Small },
            clip: if matches!(class, Class::Ddpm | Class::Ddim) { fields.clip()? } else { Clip::Nothing },
            shift: if flow { fields.number("shift", 1.0)? } else { 1.0 },
            stochastic: flow && fields.flag("stochastic_sampling", false)?,
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.class == Class::EulerAncestral && self.prediction == Parametrisation::X0hat {
            return Err(ConfigError::new("prediction_type", "EulerAncestralDiscreteScheduler has no \"sample\""));
        }
        let divides = matches!(self.class, Class::Ddpm | Class::Ddim) && self.prediction == Parametrisation::Epsilon;
        if self.zero_snr && divides {
            return Err(ConfigError::new(
                "rescale_betas_zero_snr",
                "with prediction_type \"epsilon\" the clean estimate would be divided by zero; such models predict \
                 \"v_prediction\" or \"sample\"",
            ));
        }
        if !(self.shift > 0.0 && self.shift.is_finite()) {
            return Err(ConfigError::new("shift", format!("is {}: it must be above 0", self.shift)));
        }
        Ok(())
    }
}

/// A configuration's fields; one that is null is absent.
struct Fields(Map<String, Value>);

impl Fields {
    fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    fn is_set(&self, field: &str) -> bool {
        self.get(field).is_some_and(|value| *value != Value::Bool(false))
    }

    fn flag(&self, field: &str, default: bool) -> Result<bool, ConfigError> {
        match self.get(field) {
            None => Ok(default),
            Some(value) => value.as_bool().ok_or_else(|| ConfigError::new(field, "must be true or false")),
        }
    }

    fn number(&self, field: &str, default: f64) -> Result<f64, ConfigError> {
        match self.get(field) {
            None => Ok(default),
            Some(value) => value.as_f64().ok_or_else(|| ConfigError::new(field, "must be a number")),
        }
    }

    fn whole(
        &self,
        field: &str,
        default: usize,
        range: core::ops::RangeInclusive<usize>,
    ) -> Result<usize, ConfigError> {
        let Some(value) = self.get(field) else { return Ok(default) };
        let whole = value.as_u64().and_then(|whole| usize::try_from(whole).ok());
        whole.filter(|whole| range.contains(whole)).ok_or_else(|| {
            ConfigError::new(field, format!("must be a whole number from {} to {}", range.start(), range.end()))
        })
    }

    /// One of several names; without a default it must be there.
    fn choice<T: Copy>(&self, field: &str, known: &[(&str, T)], default: Option<T>) -> Result<T, ConfigError> {
        let names = || known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        match (self.get(field), default) {
            (None, Some(default)) => Ok(default),
            (None, None) => Err(ConfigError::new(field, format!("is missing: one of {} is supported", names()))),
            (Some(value), _) => {
                let found = value.as_str().and_then(|text| known.iter().find(|(name, _)| *name == text));
                found.map(|(_, choice)| *choice).ok_or_else(|| {
                    ConfigError::new(field, format!("is {value}, and not supported: choose {}", names()))
                })
            }
        }
    }

    fn betas(&self, timesteps: usize) -> Result<Vec<f64>, ConfigError> {
        let betas = match self.get("trained_betas") {
            Some(value) => {
                let wrong = || ConfigError::new("trained_betas", "must be a list of numbers, one for each timestep");
                let list = value.as_array().filter(|list| list.len() == timesteps).ok_or_else(wrong)?;
                list.iter().map(Value::as_f64).collect::<Option<Vec<_>>>().ok_or_else(wrong)?
            }
            None => {
                let ends = (self.number("beta_start", 1e-4)?, self.number("beta_end", 0.02)?);
                let known = [
                    ("linear", Betas::Linear),
                    ("scaled_linear", Betas::ScaledLinear),
                    ("squaredcos_cap_v2", Betas::Cosine),
                ];
                self.choice("beta_schedule", &known, Some(Betas::Linear))?.table(ends, timesteps)
            }
        };
        if betas.iter().all(|beta| (0.0..1.0).contains(beta)) && betas[0] > 0.0 {
            return Ok(betas);
        }
        let first = betas.first().is_some_and(|beta| *beta > 0.0 && *beta < 1.0);
        let field = match self.get("trained_betas") {
            Some(_) => "trained_betas",
            None if first => "beta_end",
            None => "beta_start",
        };
        Err(ConfigError::new(field, "every beta must be at least 0 and below 1, and the first above 0"))
    }

    fn variance(&self) -> Result<Variance, ConfigError> {
        if let Some(word @ ("learned" | "learned_range")) = self.get("variance_type").and_then(Value::as_str) {
            let message = format!("is \"{word}\": its deviation depends on the state, and a draft could not be tested");
            return Err(ConfigError::new("variance_type", message));
        }
        let known =
            [("fixed_small", Variance::Small), ("fixed_small_log", Variance::Small), ("fixed_large", Variance::Large)];
        self.choice("variance_type", &known, Some(Variance::Small))
    }

    fn clip(&self) -> Result<Clip, ConfigError> {
        let positive = |field: &str, default: f64| {
            let number = self.number(field, default)?;
            if number > 0.0 { Ok(number) } else { Err(ConfigError::new(field, "must be above 0")) }
        };
        if self.flag("thresholding", false)? {
            let ratio = positive("dynamic_thresholding_ratio", 0.995)?;
            if ratio > 1.0 {
                return Err(ConfigError::new("dynamic_thresholding_ratio", "must be at most 1"));
            }
            return Ok(Clip::Threshold { ratio, most: positive("sample_max_value", 1.0)? });
        }
        if self.flag("clip_sample", true)? {
            return Ok(Clip::Range(positive("clip_sample_range", 1.0)?));
        }
        Ok(Clip::Nothing)
    }
}
