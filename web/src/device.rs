//! The device this build computes on: the CPU, the browser's GPU, or the same GPU through burn.

use std::cell::RefCell;

use js_sys::Object;
use speculative_diffusion_unet::{Network, Sidecar, WeightsError};
use wasm_bindgen::JsValue;

#[cfg(any(feature = "gpu", feature = "burn"))]
use crate::adapter::{self, Adapter};
use crate::columns::set;
use crate::error::WebError;

#[cfg(feature = "cpu")]
type Device = ();
#[cfg(feature = "gpu")]
type Device = speculative_diffusion_unet::Gpu;
#[cfg(feature = "burn")]
type Device = burn::tensor::Device;

thread_local! {
    /// The device of this module instance: one is opened once.
    static OPENED: RefCell<Option<Opened>> = const { RefCell::new(None) };
}

/// A device and what to call it.
#[derive(Clone)]
pub(crate) struct Opened {
    #[cfg_attr(feature = "cpu", expect(dead_code, reason = "a CPU needs no handle"))]
    device: Device,
    backend: &'static str,
    adapter: String,
    /// Whether the "GPU" is a program on the CPU.
    software: bool,
}

impl Opened {
    /// Puts weights on the device.
    pub(crate) fn load(&self, sidecar: &Sidecar, weights: &[u8]) -> Result<Network, WeightsError> {
        #[cfg(feature = "cpu")]
        return sidecar.load(weights);
        #[cfg(feature = "gpu")]
        return sidecar.load_on(weights, &self.device);
        #[cfg(feature = "burn")]
        return sidecar.load_burn(weights, &self.device);
    }

    pub(crate) fn describe(&self) -> JsValue {
        let object = Object::new();
        set(&object, "backend", self.backend);
        set(&object, "adapter", self.adapter.as_str());
        set(&object, "software", self.software);
        object.into()
    }
}

/// The device of this build, opened at the first call.
pub(crate) async fn open() -> Result<Opened, WebError> {
    if let Some(opened) = OPENED.with_borrow(Clone::clone) {
        return Ok(opened);
    }
    let opened = open_new().await?;
    OPENED.set(Some(opened.clone()));
    Ok(opened)
}

#[cfg(feature = "cpu")]
#[expect(clippy::unused_async, reason = "the other builds wait for a GPU")]
async fn open_new() -> Result<Opened, WebError> {
    Ok(Opened { device: (), backend: "cpu", adapter: "WebAssembly".into(), software: true })
}

#[cfg(feature = "gpu")]
async fn open_new() -> Result<Opened, WebError> {
    let Adapter { name: adapter, software } = adapter::request().await?;
    let device = Device::open().await.map_err(|error| adapter::none(&error))?;
    Ok(Opened { device, backend: "webgpu", adapter, software })
}

#[cfg(feature = "burn")]
async fn open_new() -> Result<Opened, WebError> {
    use burn_wgpu::graphics::AutoGraphicsApi;
    use burn_wgpu::{RuntimeOptions, WgpuDevice, try_init_setup_async};

    /// More tasks than a forward pass has, so that it is handed over as one.
    const TASKS: usize = 2048;
    let Adapter { name: adapter, software } = adapter::request().await?;
    let options = RuntimeOptions::with_tasks_max(Some(TASKS)).map_err(|error| adapter::none(&error.to_string()))?;
    let device = WgpuDevice::default();
    let opened = try_init_setup_async::<AutoGraphicsApi>(&device, options).await;
    opened.map_err(|error| adapter::none(&error.to_string()))?;
    Ok(Opened { device: device.into(), backend: "burn", adapter, software })
}
