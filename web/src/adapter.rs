//! The graphics adapter that the browser offers, and its name.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::error::WebError;

/// What the browser says of an adapter.
pub(crate) struct Adapter {
    pub(crate) name: String,
    /// Whether it is a program on the CPU.
    pub(crate) software: bool,
}

/// Why there is none.
pub(crate) fn none(why: &str) -> WebError {
    WebError::new("device", format!("no WebGPU here: {why}; the CPU engine works everywhere"))
}

/// Asks the browser for an adapter.
///
/// # Errors
/// `field` is `device`.
pub(crate) async fn request() -> Result<Adapter, WebError> {
    // WebGPU's own types are unstable in web-sys: only the way there is typed
    let gpu = navigator()
        .and_then(|navigator| get(&navigator, "gpu"))
        .ok_or_else(|| none("this browser does not offer it"))?;
    let promise = get(&gpu, "requestAdapter")
        .and_then(|request| request.dyn_into::<Function>().ok())
        .and_then(|request| request.call0(&gpu).ok())
        .and_then(|value| value.dyn_into::<Promise>().ok())
        .ok_or_else(|| none("asking for an adapter failed"))?;
    let adapter = JsFuture::from(promise).await.ok().filter(|adapter| !adapter.is_null() && !adapter.is_undefined());
    let info = get(&adapter.ok_or_else(|| none("the browser offers no adapter"))?, "info");
    let entry = |name: &str| info.as_ref().and_then(|info| get(info, name));
    let text = |name: &str| entry(name).and_then(|value| value.as_string()).filter(|word| !word.is_empty());
    let words: Vec<String> = ["vendor", "architecture", "description"].into_iter().filter_map(text).collect();
    let name = if words.is_empty() { "unnamed adapter".to_owned() } else { words.join(" ") };
    let fallback = entry("isFallbackAdapter").and_then(|value| value.as_bool()).unwrap_or(false);
    let software = ["swiftshader", "llvmpipe", "software"].iter().any(|word| name.to_lowercase().contains(word));
    Ok(Adapter { software: fallback || software, name })
}

/// In a worker, or on a page, where the tests run.
fn navigator() -> Option<JsValue> {
    let global = js_sys::global();
    let worker = global.dyn_ref::<web_sys::WorkerGlobalScope>().map(|scope| scope.navigator().into());
    worker.or_else(|| global.dyn_ref::<web_sys::Window>().map(|window| window.navigator().into()))
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
}
