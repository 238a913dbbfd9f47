//! The device this build computes on: the CPU, or the browser's GPU.

use std::cell::RefCell;

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

use super::error::WebError;
#[cfg(feature = "gpu")]
use crate::network::Gpu;
use crate::network::{Network, Sidecar, WeightsError};

thread_local! {
    /// The device of this module instance: one is opened once.
    static OPENED: RefCell<Option<Opened>> = const { RefCell::new(None) };
}

/// A device and what to call it.
#[derive(Clone)]
pub(super) struct Opened {
    #[cfg(feature = "gpu")]
    gpu: Gpu,
    pub(super) backend: &'static str,
    pub(super) adapter: String,
    /// Whether the "GPU" is a program on the CPU.
    pub(super) software: bool,
}

impl Opened {
    /// Puts weights on the device.
    pub(super) fn load(&self, sidecar: &Sidecar, weights: &[u8]) -> Result<Network, WeightsError> {
        #[cfg(feature = "gpu")]
        return sidecar.load_on(weights, &self.gpu);
        #[cfg(not(feature = "gpu"))]
        sidecar.load(weights)
    }

    pub(super) fn describe(&self) -> JsValue {
        let object = Object::new();
        for (name, value) in [
            ("backend", JsValue::from(self.backend)),
            ("adapter", JsValue::from(self.adapter.as_str())),
            ("software", JsValue::from(self.software)),
        ] {
            let _ = Reflect::set(&object, &name.into(), &value);
        }
        object.into()
    }
}

/// The device of this build, opened at the first call.
pub(super) async fn open() -> Result<Opened, WebError> {
    if let Some(opened) = OPENED.with_borrow(Clone::clone) {
        return Ok(opened);
    }
    let opened = open_new().await?;
    OPENED.set(Some(opened.clone()));
    Ok(opened)
}

#[cfg(not(feature = "gpu"))]
async fn open_new() -> Result<Opened, WebError> {
    Ok(Opened { backend: "cpu", adapter: "WebAssembly".into(), software: true })
}

#[cfg(feature = "gpu")]
async fn open_new() -> Result<Opened, WebError> {
    use wasm_bindgen::JsCast as _;

    let none = |why: &str| WebError::new("device", format!("no WebGPU here: {why}; the CPU engine works everywhere"));
    let get = |object: &JsValue, name: &str| {
        Reflect::get(object, &name.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
    };
    let gpu = get(&js_sys::global(), "navigator")
        .and_then(|navigator| get(&navigator, "gpu"))
        .ok_or_else(|| none("this browser does not offer it"))?;
    let request = get(&gpu, "requestAdapter").and_then(|f| f.dyn_into::<js_sys::Function>().ok());
    let promise = request
        .and_then(|f| f.call0(&gpu).ok())
        .and_then(|value| value.dyn_into::<js_sys::Promise>().ok())
        .ok_or_else(|| none("asking for an adapter failed"))?;
    let adapter = wasm_bindgen_futures::JsFuture::from(promise)
        .await
        .ok()
        .filter(|adapter| !adapter.is_null() && !adapter.is_undefined())
        .ok_or_else(|| none("the browser offers no adapter"))?;

    let info = get(&adapter, "info").unwrap_or(JsValue::UNDEFINED);
    let text = |name: &str| {
        (!info.is_undefined())
            .then(|| get(&info, name))
            .flatten()
            .and_then(|value| value.as_string())
            .unwrap_or_default()
    };
    let words: Vec<String> =
        ["vendor", "architecture", "description"].map(text).into_iter().filter(|word| !word.is_empty()).collect();
    let name = if words.is_empty() { "unnamed adapter".to_owned() } else { words.join(" ") };
    let fallback = (!info.is_undefined())
        .then(|| get(&info, "isFallbackAdapter"))
        .flatten()
        .and_then(|value| value.as_bool())
        .unwrap_or(false);
    let software = fallback || ["swiftshader", "llvmpipe", "software"].iter().any(|s| name.to_lowercase().contains(s));

    let gpu = Gpu::open().await.map_err(|error| none(&error))?;
    Ok(Opened { gpu, backend: "webgpu", adapter: name, software })
}
