//! A GPU: opened, watched for errors, and read from.

use core::fmt;
use core::future::poll_fn;
use core::task::{Poll, Waker};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use wgpu::{
    Backends, Buffer, BufferAsyncError, Device, DeviceDescriptor, DeviceType, ErrorFilter, Instance,
    InstanceDescriptor, Limits, MapMode, PollType, PowerPreference, Queue, RequestAdapterOptions, SubmissionIndex,
};

use super::kernels::{Compiled, Kernel};

/// A GPU. Clones share it.
#[derive(Clone)]
pub struct Gpu {
    pub(super) device: Device,
    pub(super) queue: Queue,
    compiled: [Compiled; Kernel::ALL.len()],
    /// The first error that belongs to no call: the device is lost, or what was made for all calls is not there.
    failed: Arc<OnceLock<String>>,
    /// What its driver calls it; empty in a browser, which does not tell wgpu.
    pub name: String,
    /// Whether the "GPU" is a program on the CPU.
    pub software: bool,
}

impl Gpu {
    /// Opens the fastest GPU of this machine, or a software one where there is no other, and compiles the kernels.
    ///
    /// # Errors
    /// The driver's reason.
    pub async fn open() -> Result<Self, String> {
        let backends =
            InstanceDescriptor { backends: Backends::PRIMARY, ..InstanceDescriptor::new_without_display_handle() };
        let fastest =
            RequestAdapterOptions { power_preference: PowerPreference::HighPerformance, ..Default::default() };
        let adapter = Instance::new(backends).request_adapter(&fastest).await.map_err(|error| error.to_string())?;
        // of what every GPU can do, only the memory of a call is too little
        let Limits { max_buffer_size, max_storage_buffer_binding_size, .. } = adapter.limits();
        let required_limits = Limits { max_buffer_size, max_storage_buffer_binding_size, ..Limits::default() };
        let descriptor = DeviceDescriptor { required_limits, ..DeviceDescriptor::default() };
        let (device, queue) = adapter.request_device(&descriptor).await.map_err(|error| error.to_string())?;

        let failed = Arc::new(OnceLock::new());
        let lost = failed.clone();
        device.set_device_lost_callback(move |reason, text| {
            // what was said first is the cause
            let _ = lost.set(format!("the device was lost ({reason:?}): {text}"));
        });
        let uncaptured = failed.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            let _ = uncaptured.set(error.to_string());
        }));

        let (compiled, reported) = watched(&device, || Kernel::ALL.map(|kernel| Compiled::new(&device, kernel)));
        reported.await?;
        let info = adapter.get_info();
        let software = info.device_type == DeviceType::Cpu;
        Ok(Self { device, queue, compiled, failed, name: info.name, software })
    }

    pub(super) fn compiled(&self, kernel: Kernel) -> &Compiled {
        &self.compiled[kernel as usize]
    }

    /// Waits until so many bytes of a buffer can be read, after a submission.
    pub(super) fn mapped(
        &self,
        buffer: &Buffer,
        bytes: u64,
        submission: SubmissionIndex,
    ) -> impl Future<Output = Result<(), String>> + use<> {
        let reply = Reply::default();
        let heard = reply.clone();
        buffer.slice(..bytes).map_async(MapMode::Read, move |result| heard.give(result));
        drive(&self.device, submission, &reply);
        async move { reply.wait().await.map_err(|_| "the device was lost, or its memory is used up".to_owned()) }
    }

    /// The result of a call: if the device has failed, that is the reason.
    pub(super) fn checked(&self, result: Result<(), String>) -> Result<(), String> {
        if result.is_err() {
            // natively a loss is only heard of here
            poll(&self.device, PollType::Poll);
        }
        self.failed.get().map_or(result, |text| Err(text.clone()))
    }

    /// Does some work, and says what the device reports of it.
    pub(super) fn watched<T>(&self, work: impl FnOnce() -> T) -> (T, impl Future<Output = Result<(), String>>) {
        watched(&self.device, work)
    }
}

/// As [`Gpu::watched`].
fn watched<T>(device: &Device, work: impl FnOnce() -> T) -> (T, impl Future<Output = Result<(), String>>) {
    let validity = device.push_error_scope(ErrorFilter::Validation);
    let memory = device.push_error_scope(ErrorFilter::OutOfMemory);
    let value = work();
    let (memory, validity) = (memory.pop(), validity.pop());
    let reported = async move {
        // where memory is missing, what it was for is invalid
        let (memory, validity) = (memory.await, validity.await);
        memory.or(validity).map_or(Ok(()), |error| Err(error.to_string()))
    };
    (value, reported)
}

impl fmt::Debug for Gpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gpu({})", self.name)
    }
}

type Mapped = Result<(), BufferAsyncError>;

/// What a callback of the device reports once, for a future.
#[derive(Clone, Default)]
struct Reply(Arc<Mutex<Inbox>>);

#[derive(Default)]
struct Inbox {
    result: Option<Mapped>,
    waker: Option<Waker>,
}

impl Reply {
    /// The first counts.
    fn give(&self, result: Mapped) {
        let waker = {
            let mut inbox = self.lock();
            inbox.result.get_or_insert(result);
            inbox.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    async fn wait(&self) -> Mapped {
        poll_fn(|context| {
            let mut inbox = self.lock();
            inbox.waker = Some(context.waker().clone());
            inbox.result.clone().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, Inbox> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs what the device has to call back, and says whether that was possible. A browser does it by itself.
fn poll(device: &Device, how: PollType) -> bool {
    // wgpu panics where the device is lost while it is waited for
    matches!(catch_unwind(AssertUnwindSafe(|| device.poll(how))), Ok(Ok(_)))
}

#[cfg(target_arch = "wasm32")]
fn drive(_: &Device, _: SubmissionIndex, _: &Reply) {}

/// Waits for a submission on a thread of its own, so that the host can go on meanwhile.
#[cfg(not(target_arch = "wasm32"))]
fn drive(device: &Device, submission: SubmissionIndex, reply: &Reply) {
    let (device, ended) = (device.clone(), reply.clone());
    let thread = std::thread::Builder::new().spawn(move || {
        if !poll(&device, PollType::Wait { submission_index: Some(submission), timeout: None }) {
            ended.give(Err(BufferAsyncError));
        }
    });
    if thread.is_err() {
        reply.give(Err(BufferAsyncError));
    }
}
