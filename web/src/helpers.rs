//! The rows of a call, shared out to other workers.

use std::ops::Range;
use std::rc::Rc;

use js_sys::{Array, Float32Array, Float64Array, Function, Promise, Uint32Array};
use speculative_diffusion::{Batch, Target, TargetError};
use speculative_diffusion_unet::{Network, NetworkTarget, Rows};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::error::WebError;

/// Functions that have some rows of a call computed elsewhere, while this worker computes its own: given
/// `(states, times, labels)` each returns at once, with a function that returns the velocities or a promise of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Helpers(Rc<[Function]>);

impl Helpers {
    pub(crate) fn new(functions: &Array) -> Result<Self, WebError> {
        let helper =
            |value: JsValue| value.dyn_into().map_err(|_| WebError::of("helpers", "must be an array of functions"));
        Ok(Self(functions.iter().map(helper).collect::<Result<_, _>>()?))
    }
}

/// A network on the CPU, of which other workers hold copies. A row's velocity has the same bits wherever it is computed,
/// so nothing depends on who is there to help.
#[derive(Clone, Debug)]
pub(crate) struct Helped {
    pub(crate) target: NetworkTarget,
    pub(crate) network: Network,
    pub(crate) helpers: Helpers,
}

impl Target for Helped {
    fn dim(&self) -> usize {
        self.target.dim()
    }

    fn rows_per_state(&self) -> usize {
        self.target.rows_per_state()
    }

    async fn estimate(&self, batch: &Batch) -> Result<Vec<f64>, TargetError> {
        let Rows { states, times, labels } = self.target.rows(batch);
        let helpers = &self.helpers.0;
        let (rows, workers) = (times.len(), helpers.len() + 1);
        let dim = self.dim();
        // the first part is this worker's own
        let mut parts: Vec<Range<usize>> = Vec::with_capacity(workers);
        for worker in 0..workers {
            let first = parts.last().map_or(0, |part| part.end);
            parts.push(first..first + rows / workers + usize::from(worker < rows % workers));
        }
        let of = |part: &Range<usize>| {
            (&states[part.start * dim..part.end * dim], &times[part.clone()], &labels[part.clone()])
        };
        let own = |part: &Range<usize>| {
            let (states, times, labels) = of(part);
            self.network.velocities(states, times, labels)
        };
        let others = parts[1..].iter().filter(|part| !part.is_empty());
        let asked = |(helper, part)| {
            let (states, times, labels) = of(part);
            ask(helper, states, times, labels)
        };
        let asked: Vec<Option<Function>> = helpers.iter().zip(others.clone()).map(asked).collect();
        let mut velocities = own(&parts[0]).await?;
        for (finish, part) in asked.into_iter().zip(others) {
            match answer(finish, part.len() * dim).await {
                Some(answer) => velocities.extend(answer),
                // what a helper fails to compute is computed here
                None => velocities.extend(own(part).await?),
            }
        }
        Ok(self.target.estimates(batch, &velocities))
    }
}

/// Hands rows to a helper; returns what to call for its answer.
fn ask(helper: &Function, states: &[f32], times: &[f64], labels: &[usize]) -> Option<Function> {
    let labels: Vec<u32> = labels.iter().map(|&label| label as u32).collect();
    let (states, times, labels) =
        (Float32Array::from(states), Float64Array::from(times), Uint32Array::from(&labels[..]));
    helper.call3(&JsValue::UNDEFINED, &states, &times, &labels).ok()?.dyn_into().ok()
}

async fn answer(finish: Option<Function>, len: usize) -> Option<Vec<f32>> {
    let answer = finish?.call0(&JsValue::UNDEFINED).ok()?;
    let answer = match answer.dyn_into::<Promise>() {
        Ok(promised) => JsFuture::from(promised).await.ok()?,
        Err(there) => there,
    };
    let answer: Float32Array = answer.dyn_into().ok()?;
    let velocities = (answer.length() as usize == len).then(|| answer.to_vec())?;
    // a helper that returns a number that is not finite is not used for the rest either
    velocities.iter().all(|v| v.is_finite()).then_some(velocities)
}
