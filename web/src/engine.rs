//! An [`Engine`]: a network on a device, from which runs are started.

use std::cell::RefCell;

use speculative_diffusion::{Batch, Level, Target as _, TargetError, WithDrafter};
use speculative_diffusion_unet::{Network, NetworkTarget, Sidecar};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::device::{self, Opened};
use crate::error::WebError;
use crate::fields::Fields;
#[cfg(feature = "cpu")]
use crate::helpers::{Helped, Helpers};
use crate::progress::{Condition, Progress};
use crate::run::Run;
use crate::settings::Request;
use crate::start::init_once;

/// A network on a device.
#[wasm_bindgen]
pub struct Engine {
    network: Network,
    drafter: RefCell<Option<Network>>,
    opened: Opened,
    #[cfg(feature = "cpu")]
    helpers: RefCell<Helpers>,
}

#[wasm_bindgen]
impl Engine {
    /// Opens the device and puts the weights on it. `weights` is a burnpack file, `sidecar` the JSON beside it.
    ///
    /// # Errors
    /// `field` is `weights` for a file that is damaged or does not fit, `device` where there is no WebGPU.
    pub async fn load(weights: Vec<u8>, sidecar: String) -> Result<Engine, JsValue> {
        init_once();
        let sidecar = Sidecar::parse(&sidecar).map_err(WebError::from)?;
        let opened = device::open().await?;
        let network = opened.load(&sidecar, &weights).map_err(WebError::from)?;
        Ok(Self {
            network,
            drafter: RefCell::default(),
            opened,
            #[cfg(feature = "cpu")]
            helpers: RefCell::default(),
        })
    }

    /// Gives runs begun later a drafter, the smaller network that some drafts ask; files as of [`Engine::load`].
    ///
    /// # Errors
    /// `field` is `weights` for a file that is damaged or does not fit, `drafter` for a network of other images or classes.
    pub fn set_drafter(&self, weights: &[u8], sidecar: &str) -> Result<(), JsValue> {
        let sidecar = Sidecar::parse(sidecar).map_err(WebError::from)?;
        let drafter = self.opened.load(&sidecar, weights).map_err(WebError::from)?;
        let (own, config) = (self.network.config(), drafter.config());
        if config.dim() != own.dim() || config.classes != own.classes {
            return Err(WebError::of("drafter", "has other images or classes than the network").into());
        }
        self.drafter.replace(Some(drafter));
        Ok(())
    }

    /// `{backend, adapter, software}`.
    pub fn device(&self) -> JsValue {
        self.opened.describe()
    }

    /// Computes a call of so many rows as a run would, shared with helpers: so that shaders are compiled and memory is taken
    /// before a run is timed, and to find what a call costs.
    ///
    /// # Errors
    /// `field` is `device` when the device fails.
    pub async fn warm_up(&self, rows: u32) -> Result<(), JsValue> {
        let (mut batch, state) = (Batch::default(), vec![0.0; self.network.config().dim()]);
        (0..rows).for_each(|_| batch.push_level(Level::cosine(0.5), &state));
        let target = self.target("any", 1.0)?;
        #[cfg(feature = "cpu")]
        let target = self.helped(target);
        target.estimate(&batch).await.map_err(WebError::from)?;
        Ok(())
    }

    /// The estimate of the clean image from one state at time `t`.
    ///
    /// # Errors
    /// `field` names what cannot be used: `class`, `state`, `t` or `device`.
    pub async fn predict(&self, state: &[f32], t: f64, class: &str) -> Result<Vec<f32>, JsValue> {
        let dim = self.network.config().dim();
        if state.len() != dim {
            return Err(WebError::of("state", format!("has {} numbers, not {dim}", state.len())).into());
        }
        if state.iter().any(|y| !y.is_finite()) {
            return Err(WebError::of("state", "holds a number that is not finite").into());
        }
        if !(0.0..=1.0).contains(&t) {
            return Err(WebError::of("t", format!("is {t}: choose a time from 0 to 1")).into());
        }
        let mut batch = Batch::default();
        batch.push_level(Level::cosine(t), &state.iter().map(|&y| f64::from(y)).collect::<Vec<f64>>());
        let x0hat = self.target(class, 1.0)?.estimate(&batch).await.map_err(WebError::from)?;
        Ok(x0hat.iter().map(|&x| x as f32).collect())
    }

    /// Shares the rows of each call of runs begun later with other workers. `helpers` holds a function for each: given
    /// `(states, times, labels)` as typed arrays it hands them on and returns a function without arguments, which is called
    /// when this worker has computed its own rows, and returns what [`Engine::velocities`] returns in a worker of its own,
    /// or a promise of it. The numbers stay the same to the bit.
    ///
    /// # Errors
    /// `field` is `helpers` for anything but an array of functions.
    #[cfg(feature = "cpu")]
    pub fn share(&self, helpers: &js_sys::Array) -> Result<(), JsValue> {
        self.helpers.replace(Helpers::new(helpers)?);
        Ok(())
    }

    /// The velocities of some rows, for an engine that shares its own with other workers, and for timing. `states` holds one state a row,
    /// `times` are the cosine schedule's, `labels` indices of classes, the one after the last for any.
    ///
    /// # Errors
    /// `field` names what does not fit: `states`, `times` or `labels`; it is `device` when the device fails.
    pub async fn velocities(&self, states: &[f32], times: &[f64], labels: &[u32]) -> Result<Vec<f32>, JsValue> {
        let (rows, config) = (times.len(), self.network.config());
        let classes = config.classes.len();
        for (field, found, expected) in [("states", states.len(), rows * config.dim()), ("labels", labels.len(), rows)]
        {
            if found != expected {
                return Err(WebError::of(field, format!("has {found} numbers, not {expected}")).into());
            }
        }
        if let Some(t) = times.iter().find(|t| !(0.0..=1.0).contains(*t)) {
            return Err(WebError::of("times", format!("holds {t}: choose times from 0 to 1")).into());
        }
        if let Some(label) = labels.iter().find(|&&label| label as usize > classes) {
            return Err(WebError::of("labels", format!("holds {label}: choose 0 to {classes}")).into());
        }
        let labels: Vec<usize> = labels.iter().map(|&label| label as usize).collect();
        Ok(self.network.velocities(states, times, &labels).await.map_err(WebError::from)?)
    }

    /// Starts a run from `{seed, class, guidance, steps, eta, window, draft, rule}`; `window` is
    /// a number of steps, "auto", or "auto/PRICE/LANES".
    ///
    /// # Errors
    /// `field` names the setting that cannot be used; it is `draft` for a draft that asks a drafter without
    /// [`Engine::set_drafter`].
    pub fn run(&self, settings: &JsValue) -> Result<Run, JsValue> {
        let (request, condition) = parse(settings)?;
        self.begin(Progress::new(request, condition, self.network.config().dim()))
    }

    /// Goes on with a run that another engine began, from what its [`Run::state`] returned.
    ///
    /// # Errors
    /// As [`Engine::run`]; `field` is `state` for bytes that cannot be used.
    pub fn resume(&self, settings: &JsValue, state: &[u8]) -> Result<Run, JsValue> {
        let (request, condition) = parse(settings)?;
        self.begin(Progress::from_bytes(state, request, condition, self.network.config().dim())?)
    }

    fn begin(&self, progress: Progress) -> Result<Run, JsValue> {
        let Condition { class, guidance } = &progress.condition;
        let target = self.target(class, *guidance)?;
        let drafter = self.drafter.borrow();
        if drafter.is_none() && progress.run.settings().draft.asks_a_drafter() {
            return Err(WebError::from(TargetError::NoDrafter).into());
        }
        // it is not guided: it may be wrong
        let drafter = drafter.clone().map(|network| NetworkTarget::new(network, class, 1.0));
        let drafter = drafter.transpose().map_err(WebError::from)?;
        #[cfg(feature = "cpu")]
        let target = self.helped(target);
        Ok(Run::new(WithDrafter { target, drafter }, progress))
    }

    #[cfg(feature = "cpu")]
    fn helped(&self, target: NetworkTarget) -> Helped {
        Helped { target, network: self.network.clone(), helpers: self.helpers.borrow().clone() }
    }

    fn target(&self, class: &str, guidance: f64) -> Result<NetworkTarget, WebError> {
        Ok(NetworkTarget::new(self.network.clone(), class, guidance)?)
    }
}

/// What samples a run of the network, and what it is to draw.
fn parse(settings: &JsValue) -> Result<(Request, Condition), WebError> {
    let fields = Fields::new(settings, &[&Request::FIELDS[..], &Condition::FIELDS].concat())?;
    let request = Request::parse(&fields, fields.rule()?, f64::from(u32::MAX))?;
    Ok((request, Condition { class: fields.text("class")?, guidance: fields.number("guidance")? }))
}
