//! What JavaScript holds: an [`Engine`] with the weights on a device, and [`Run`]s that are pumped round by round.

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::device::{self, Opened};
use super::error::WebError;
#[cfg(not(feature = "gpu"))]
use super::pool::{Helpers, Pool};
use super::settings::Request;
use super::state::Progress;
use super::{columns, init_once};
use crate::draft::Draft;
#[cfg(not(feature = "gpu"))]
use crate::network::CpuUNet;
use crate::network::{Network, NetworkTarget, Sidecar, UNetConfig};
use crate::sampler::Sampler;
use crate::schedule::Level;
use crate::target::{Batch, Target as _, TargetError, WithDrafter};

/// A network on a device.
#[wasm_bindgen]
pub struct Engine {
    network: Network,
    config: UNetConfig,
    drafter: RefCell<Option<(Network, UNetConfig)>>,
    opened: Opened,
    #[cfg(not(feature = "gpu"))]
    helpers: RefCell<Helpers>,
}

/// What a run asks.
#[cfg(not(feature = "gpu"))]
type RunTarget = WithDrafter<Pool, NetworkTarget>;
#[cfg(feature = "gpu")]
type RunTarget = WithDrafter<NetworkTarget, NetworkTarget>;

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
            config: sidecar.network,
            drafter: RefCell::default(),
            opened,
            #[cfg(not(feature = "gpu"))]
            helpers: RefCell::default(),
        })
    }

    /// Gives runs begun later a drafter, the smaller network that the independent draft asks; files as of [`Engine::load`].
    ///
    /// # Errors
    /// `field` is `weights` for a file that is damaged or does not fit, `drafter` for a network of other images or classes.
    pub fn set_drafter(&self, weights: &[u8], sidecar: &str) -> Result<(), JsValue> {
        let sidecar = Sidecar::parse(sidecar).map_err(WebError::from)?;
        let drafter = self.opened.load(&sidecar, weights).map_err(WebError::from)?;
        let config = sidecar.network;
        if config.dim() != self.config.dim() || config.classes != self.config.classes {
            return Err(WebError::new("drafter", "drafter has other images or classes than the network").into());
        }
        self.drafter.replace(Some((drafter, config)));
        Ok(())
    }

    /// `{backend, adapter, software}`.
    pub fn device(&self) -> JsValue {
        self.opened.describe()
    }

    /// Computes one row, so that shaders are compiled and memory is taken before a run is timed.
    ///
    /// # Errors
    /// `field` is `device` when the device fails.
    pub async fn warm_up(&self) -> Result<(), JsValue> {
        let mut batch = Batch::default();
        batch.push(Level::cosine(0.5), &vec![0.0; self.config.dim()]);
        self.target("any", 1.0)?.predict(&batch).await.map_err(WebError::from)?;
        Ok(())
    }

    /// The estimate of the clean image from one state at time `t`.
    ///
    /// # Errors
    /// `field` names what cannot be used: `class`, `state`, `t` or `device`.
    pub async fn predict(&self, state: &[f32], t: f64, class: &str) -> Result<Vec<f32>, JsValue> {
        let dim = self.config.dim();
        if state.len() != dim {
            return Err(WebError::new("state", format!("state has {} numbers, not {dim}", state.len())).into());
        }
        if state.iter().any(|y| !y.is_finite()) {
            return Err(WebError::new("state", "state holds a number that is not finite").into());
        }
        if !(0.0..=1.0).contains(&t) {
            return Err(WebError::new("t", format!("t is {t}: choose a time from 0 to 1")).into());
        }
        let mut batch = Batch::default();
        batch.push(Level::cosine(t), &state.iter().map(|&y| f64::from(y)).collect::<Vec<f64>>());
        let x0hat = self.target(class, 1.0)?.predict(&batch).await.map_err(WebError::from)?;
        Ok(x0hat.iter().map(|&x| x as f32).collect())
    }

    /// Shares the rows of each call of runs begun later with other workers. `helpers` holds a function for each: given
    /// `(states, times, labels)` as typed arrays it promises what [`Engine::velocities`] returns in a worker of its own.
    /// The numbers stay the same to the bit.
    ///
    /// # Errors
    /// `field` is `helpers` for anything else than an array of functions.
    #[cfg(not(feature = "gpu"))]
    pub fn share(&self, helpers: &js_sys::Array) -> Result<(), JsValue> {
        self.helpers.replace(Helpers::new(helpers)?);
        Ok(())
    }

    /// The velocities of some rows, for an engine that shares its own with other workers, and for timing. `states` holds one state a row,
    /// `times` are the cosine schedule's, `labels` indices of classes, the one behind the last for any.
    ///
    /// # Errors
    /// `field` names what does not fit: `states`, `times` or `labels`; it is `device` when the device fails.
    pub async fn velocities(&self, states: &[f32], times: &[f64], labels: &[u32]) -> Result<Vec<f32>, JsValue> {
        let (rows, classes) = (times.len(), self.config.classes.len());
        for (field, found, expected) in
            [("states", states.len(), rows * self.config.dim()), ("labels", labels.len(), rows)]
        {
            if found != expected {
                return Err(WebError::new(field, format!("{field} has {found} numbers, not {expected}")).into());
            }
        }
        if let Some(t) = times.iter().find(|t| !(0.0..=1.0).contains(*t)) {
            return Err(WebError::new("times", format!("times holds {t}: choose times from 0 to 1")).into());
        }
        if let Some(label) = labels.iter().find(|&&label| label as usize > classes) {
            return Err(WebError::new("labels", format!("labels holds {label}: choose 0 to {classes}")).into());
        }
        let labels: Vec<usize> = labels.iter().map(|&label| label as usize).collect();
        Ok(self.network.velocities(states, times, &labels).await.map_err(WebError::from)?)
    }

    /// This worker's copy of the network.
    #[cfg(not(feature = "gpu"))]
    fn own(&self) -> &CpuUNet {
        let Network::Cpu(network) = &self.network;
        network
    }

    /// Starts a run from `{seed, class, guidance, steps, eta, window, draft, quantity}`; `window` is a number of
    /// steps or "auto".
    ///
    /// # Errors
    /// `field` names the setting that cannot be used; it is `draft` for the independent draft without
    /// [`Engine::set_drafter`].
    pub fn run(&self, settings: &JsValue) -> Result<Run, JsValue> {
        let request = Request::parse(settings)?;
        let state = request.sampler.start(self.config.dim());
        let plain = (0, state.y.clone());
        self.begin(request, Progress { state, residuals: Vec::new(), plain })
    }

    /// Goes on with a run that another engine began, from what its [`Run::state`] returned.
    ///
    /// # Errors
    /// As [`Engine::run`]; `field` is `state` for bytes that cannot be used.
    pub fn resume(&self, settings: &JsValue, state: &[u8]) -> Result<Run, JsValue> {
        let request = Request::parse(settings)?;
        let progress = Progress::from_bytes(state, self.config.dim(), &request)?;
        self.begin(request, progress)
    }

    fn begin(&self, request: Request, progress: Progress) -> Result<Run, JsValue> {
        let fingerprint = request.fingerprint();
        let Request { sampler, class, guidance } = request;
        let target = self.target(&class, guidance)?;
        let drafter = self.drafter.borrow();
        if drafter.is_none() && sampler.settings().draft == Draft::Independent {
            return Err(WebError::from(TargetError::NoDrafter).into());
        }
        // it is not guided: it may be wrong
        let drafter = drafter.clone().map(|(network, config)| NetworkTarget::new(network, config, &class, 1.0));
        let drafter = drafter.transpose().map_err(WebError::from)?;
        #[cfg(not(feature = "gpu"))]
        let target = Pool { target, network: self.own().clone(), helpers: self.helpers.borrow().clone() };
        Ok(Run {
            fingerprint,
            sampler,
            target: WithDrafter { target, drafter },
            progress: RefCell::new(progress),
            busy: Cell::new(false),
            cancelled: Cell::new(false),
        })
    }

    fn target(&self, class: &str, guidance: f64) -> Result<NetworkTarget, WebError> {
        Ok(NetworkTarget::new(self.network.clone(), self.config.clone(), class, guidance)?)
    }
}

/// One run in progress. It is pumped: nothing happens between two calls of [`Run::next`], so pausing is not calling.
#[wasm_bindgen]
pub struct Run {
    fingerprint: f64,
    sampler: Sampler,
    target: RunTarget,
    progress: RefCell<Progress>,
    busy: Cell<bool>,
    cancelled: Cell<bool>,
}

#[wasm_bindgen]
impl Run {
    /// The next round of the speculative sampler, or `undefined` when the chain has ended or the run was cancelled.
    ///
    /// # Errors
    /// `field` is `device` when the device fails, `network` when an estimate is not finite, `run` when a call is still
    /// under way. The run stands where it stood before the call.
    pub async fn next(&self) -> Result<JsValue, JsValue> {
        let _busy = self.occupy()?;
        let state = self.progress.borrow().state.clone();
        if self.cancelled.get() || self.sampler.is_done(&state) {
            return Ok(JsValue::UNDEFINED);
        }
        let (next, round) = self.sampler.round(&self.target, &state).await.map_err(WebError::from)?;
        let mut progress = self.progress.borrow_mut();
        progress.residuals.extend(self.sampler.residuals(&round));
        progress.state = next;
        Ok(columns::round(&round, self.sampler.chain()))
    }

    /// The next step of the plain sampler, fed the residuals that the speculative run committed, so that it draws the
    /// same picture; `undefined` when it has caught up.
    ///
    /// # Errors
    /// As [`Run::next`].
    pub async fn plain_next(&self) -> Result<JsValue, JsValue> {
        let _busy = self.occupy()?;
        let ((level, y), residual) = {
            let progress = self.progress.borrow();
            let Some(residual) = progress.residuals.get(progress.plain.0) else { return Ok(JsValue::UNDEFINED) };
            (progress.plain.clone(), residual.clone())
        };
        if self.cancelled.get() {
            return Ok(JsValue::UNDEFINED);
        }
        let (next, prediction) =
            self.sampler.plain_step(&self.target, level, &y, &residual).await.map_err(WebError::from)?;
        let step = columns::plain_step(level, &next, &prediction, self.target.rows_per_state());
        self.progress.borrow_mut().plain = (level + 1, next);
        Ok(step)
    }

    /// The noise `y_0` that both lanes start from.
    pub fn start(&self) -> js_sys::Float32Array {
        columns::image(&self.sampler.start(self.target.dim()).y)
    }

    /// Everything another engine needs to go on, see [`Engine::resume`].
    pub fn state(&self) -> Vec<u8> {
        self.progress.borrow().to_bytes(self.fingerprint)
    }

    /// Ends the run: later calls return `undefined`.
    pub fn cancel(&self) {
        self.cancelled.set(true);
    }

    fn occupy(&self) -> Result<Busy<'_>, WebError> {
        if self.busy.replace(true) {
            return Err(WebError::new("run", "a call of this run is still under way: await it first"));
        }
        Ok(Busy(&self.busy))
    }
}

/// Frees the run for the next call, whichever way this one ends.
struct Busy<'a>(&'a Cell<bool>);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}
