//! The rows of a call, shared out to other workers.

use std::ops::Range;
use std::rc::Rc;

use js_sys::{Array, Float32Array, Float64Array, Function, Promise, Uint32Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::error::WebError;
use crate::network::CpuUNet;

/// A network on the CPU, of which other workers hold copies. A row's velocity has the same bits wherever it is computed,
/// so nothing depends on who is there to help.
#[derive(Clone, Debug)]
pub struct Pool {
    network: CpuUNet,
    helpers: Rc<[Function]>,
}

impl Pool {
    pub(super) fn new(network: CpuUNet, helpers: &Array) -> Result<Self, WebError> {
        let helper = |value: JsValue| {
            value.dyn_into().map_err(|_| WebError::new("helpers", "helpers must be an array of functions"))
        };
        Ok(Self { network, helpers: helpers.iter().map(helper).collect::<Result<_, _>>()? })
    }

    pub(super) fn network(&self) -> &CpuUNet {
        &self.network
    }

    /// As [`CpuUNet`]'s own. What a helper fails to compute is computed here.
    pub(crate) async fn forward(&self, x: &[f32], times: &[f64], labels: &[usize]) -> Vec<f32> {
        let (rows, workers) = (times.len(), self.helpers.len() + 1);
        let dim = x.len() / rows.max(1);
        // the first part is this worker's own
        let mut parts = Vec::with_capacity(workers);
        let mut first = 0;
        for worker in 0..workers {
            let count = rows / workers + usize::from(worker < rows % workers);
            parts.push(first..first + count);
            first += count;
        }
        let of =
            |part: &Range<usize>| (&x[part.start * dim..part.end * dim], &times[part.clone()], &labels[part.clone()]);
        let own = |part: &Range<usize>| {
            let (x, times, labels) = of(part);
            self.network.forward(x, times, labels)
        };
        let others = parts[1..].iter().filter(|part| !part.is_empty());
        let asked: Vec<Option<Promise>> =
            self.helpers.iter().zip(others.clone()).map(|(helper, part)| ask(helper, of(part))).collect();
        let mut velocities = own(&parts[0]);
        for (promise, part) in asked.into_iter().zip(others) {
            match answer(promise, part.len() * dim).await {
                Some(answer) => velocities.extend(answer),
                None => velocities.extend(own(part)),
            }
        }
        velocities
    }
}

/// Calls a helper with `(states, times, labels)`; it promises a `Float32Array` of velocities.
fn ask(helper: &Function, (x, times, labels): (&[f32], &[f64], &[usize])) -> Option<Promise> {
    let labels: Vec<u32> = labels.iter().map(|&label| label as u32).collect();
    let (x, times, labels) = (Float32Array::from(x), Float64Array::from(times), Uint32Array::from(&labels[..]));
    helper.call3(&JsValue::UNDEFINED, &x, &times, &labels).ok()?.dyn_into().ok()
}

async fn answer(promise: Option<Promise>, len: usize) -> Option<Vec<f32>> {
    let answer: Float32Array = JsFuture::from(promise?).await.ok()?.dyn_into().ok()?;
    (answer.length() as usize == len).then(|| answer.to_vec())
}
