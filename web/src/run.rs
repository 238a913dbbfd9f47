//! A [`Run`] on the network, pumped round by round.

use std::cell::{Cell, RefCell};

use speculative_diffusion::{Ask, Sampler, Target as _, WithDrafter, meanwhile};
use speculative_diffusion_unet::NetworkTarget;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::columns;
use crate::error::WebError;
#[cfg(feature = "cpu")]
use crate::helpers::Helped;
use crate::progress::Progress;

/// What a run asks.
#[cfg(feature = "cpu")]
type RunTarget = WithDrafter<Helped, NetworkTarget>;
#[cfg(not(feature = "cpu"))]
type RunTarget = WithDrafter<NetworkTarget, NetworkTarget>;

/// One run in progress. It is pumped: nothing happens between two calls of [`Run::next`], so pausing is not calling.
#[wasm_bindgen]
pub struct Run {
    sampler: Sampler,
    start: Vec<f64>,
    target: RunTarget,
    progress: RefCell<Progress>,
    busy: Cell<bool>,
    cancelled: Cell<bool>,
}

impl Run {
    pub(crate) fn new(target: RunTarget, mut progress: Progress) -> Self {
        let sampler = progress.sampler.clone();
        progress.run = progress.run.rows_per_state(target.rows_per_state());
        let (busy, cancelled) = (Cell::new(false), Cell::new(false));
        let start = progress.start.clone();
        Self { sampler, start, target, progress: RefCell::new(progress), busy, cancelled }
    }
}

#[wasm_bindgen]
impl Run {
    /// The next round of the speculative sampler, or `undefined` when the chain has ended or the run was cancelled.
    ///
    /// # Errors
    /// `field` is `device` when the device fails, `network` when an estimate is not finite, `run` when a call is still
    /// under way. No step is lost: the next call asks for the same round.
    pub async fn next(&self) -> Result<JsValue, JsValue> {
        let _busy = self.occupy()?;
        while !self.cancelled.get() {
            // nothing is borrowed while the network computes
            let (ticket, batch, drafts) = match self.progress.borrow().run.ask() {
                Ask::Estimate(ticket, batch) => (ticket, batch.clone(), false),
                Ask::Draft(ticket, batch) => (ticket, batch.clone(), true),
                _ => return Ok(JsValue::UNDEFINED),
            };
            let estimates = match drafts {
                false => meanwhile(self.target.estimate(&batch), || self.progress.borrow_mut().run.draw_ahead()).await,
                true => self.target.draft(&batch).await,
            };
            let mut progress = self.progress.borrow_mut();
            let round = progress.run.answer(ticket, &estimates.map_err(WebError::from)?).map_err(WebError::from)?;
            if let Some(round) = round {
                progress.residuals.extend(self.sampler.residuals(&round));
                return Ok(columns::round(&round, self.sampler.chain()));
            }
        }
        Ok(JsValue::UNDEFINED)
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
        let (next, estimate) =
            self.sampler.plain_step(&self.target, level, &y, &residual, &[]).await.map_err(WebError::from)?;
        let step = columns::plain_step(level, &next, &estimate, self.target.rows_per_state());
        self.progress.borrow_mut().plain = (level + 1, next);
        Ok(step)
    }

    /// The noise `y_0` that both lanes start from.
    pub fn start(&self) -> js_sys::Float32Array {
        columns::image(&self.start)
    }

    /// Everything another engine needs to go on, see [`Engine::resume`](crate::Engine::resume).
    pub fn state(&self) -> Vec<u8> {
        self.progress.borrow().to_bytes()
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
