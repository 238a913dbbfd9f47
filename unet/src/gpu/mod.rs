//! A network on a GPU: the same graph as on the CPU, in five kernels of our own and 56 dispatches (58 on patches),
//! through burn's runtime for GPUs.
//!
//! At this size a dispatch costs more than its arithmetic, so whatever can be is fused into the convolutions: bias, skip,
//! its projection, doubling, the join of two images. Sums are taken in the device's own order, so a run on
//! a GPU has the chain's law and not the CPU's bits.

mod kernels;
mod plan;

use core::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use cubecl::bytes::Bytes;
use cubecl::client::Client;
use cubecl::server::Handle;
use cubecl::wgpu::{AutoGraphicsApi, RuntimeOptions, WgpuDevice, try_init_setup_async, wgpu::DeviceType};

use self::kernels::{THREADS, launch};
use self::plan::{CALL, IMAGES, Plan};
use crate::config::UNetConfig;
use crate::error::WeightsError;
use crate::graph::Graph;
use crate::host::{Embedding, patches, planes};
use crate::tensors::Tensors;

/// A GPU, opened once. Clones share it.
#[derive(Clone)]
pub struct Gpu {
    client: Client,
    /// What its driver calls it; empty in a browser, which does not tell wgpu.
    pub name: String,
    /// Whether the "GPU" is a program on the CPU.
    pub software: bool,
}

impl Gpu {
    /// Opens the GPU that the platform prefers. In a process or browser tab this works once.
    ///
    /// # Errors
    /// The driver's reason.
    pub async fn open() -> Result<Self, String> {
        // more dispatches than a forward pass has, so that it is handed over as one
        const TASKS: usize = 1024;
        let options = RuntimeOptions::with_tasks_max(Some(TASKS)).map_err(|error| error.to_string())?;
        let device = WgpuDevice::default();
        let setup =
            try_init_setup_async::<AutoGraphicsApi>(&device, options).await.map_err(|error| error.to_string())?;
        let info = setup.adapter.get_info();
        let software = info.device_type == DeviceType::Cpu;
        Ok(Self { client: cubecl::Device::from(device).client(), name: info.name, software })
    }
}

impl fmt::Debug for Gpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gpu({})", self.name)
    }
}

/// A denoiser on a GPU. Clones share the weights.
#[derive(Clone, Debug)]
pub(crate) struct GpuUNet(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: UNetConfig,
    gpu: Gpu,
    embedding: Embedding,
    plan: Plan,
    weights: Handle,
    /// The `Shape` of each step.
    shapes: Vec<Handle>,
    /// Rows that fit into one call.
    most_rows: usize,
    /// Buffers of calls that have ended, for those to come.
    spare: Mutex<Vec<Buffers>>,
}

/// Memory for a call of so many rows.
#[derive(Debug)]
struct Buffers {
    rows: usize,
    handles: Vec<Handle>,
}

/// In one dispatch, by WebGPU's default limits.
const MOST_WORKGROUPS: usize = 65_535;
/// Numbers at the head of a call: how many rows it has.
const HEAD: usize = 4;
/// A part of a buffer can begin at a multiple of so many numbers.
const ALIGNMENT: usize = 64;
/// Bytes of a number.
const BYTES: usize = 4;

impl GpuUNet {
    /// The network of this shape with these weights.
    ///
    /// # Errors
    /// [`WeightsError::Tensors`] naming the tensor that is missing, of another shape, or too many.
    pub(crate) fn new(config: &UNetConfig, mut tensors: Tensors, gpu: &Gpu) -> Result<Self, WeightsError> {
        let graph = Graph::new(config);
        let embedding = Embedding::take(&graph, &mut tensors)?;
        let mut plan = Plan::new(&graph, config.patch, &mut tensors)?;
        tensors.finish()?;
        let threads = plan.steps.iter().map(|step| step.threads).max().unwrap_or(1);
        let most_rows = MOST_WORKGROUPS * THREADS / threads;
        if most_rows == 0 {
            return Err(WeightsError::Tensors("its images are too large for a GPU: compute on the CPU".into()));
        }
        let weights = gpu.client.create(Bytes::from_elems(core::mem::take(&mut plan.weights)));
        let shapes = plan.steps.iter().map(|step| gpu.client.create(Bytes::from_elems(step.shape.clone()))).collect();
        let (config, gpu, spare) = (config.clone(), gpu.clone(), Mutex::default());
        Ok(Self(Arc::new(Inner { config, gpu, embedding, plan, weights, shapes, most_rows, spare })))
    }

    /// Its shape.
    pub(crate) fn config(&self) -> &UNetConfig {
        &self.0.config
    }

    /// The predicted velocity of each row.
    ///
    /// # Shapes
    /// `x`: `[rows, channels, size, size]`; `times` and `labels`: one a row. Result: the shape of `x`.
    ///
    /// # Errors
    /// The device's own text, when it was lost or ran out of memory.
    pub(crate) async fn forward(&self, x: &[f32], times: &[f64], labels: &[usize]) -> Result<Vec<f32>, String> {
        let rows = times.len();
        let net = &*self.0;
        let mut y = Vec::with_capacity(x.len());
        for first in (0..rows).step_by(net.most_rows) {
            let part = first..rows.min(first + net.most_rows);
            let dim = net.config.dim();
            let x = &x[part.start * dim..part.end * dim];
            y.extend(net.forward(x, &times[part.clone()], &labels[part]).await?);
        }
        Ok(y)
    }
}

impl Inner {
    /// As [`GpuUNet::forward`], of no more rows than fit into a dispatch.
    async fn forward(&self, x: &[f32], times: &[f64], labels: &[usize]) -> Result<Vec<f32>, String> {
        let rows = times.len();
        let client = &self.gpu.client;
        let mut buffers = self.buffers(rows);
        let images = self.upload(&mut buffers, x, times, labels);
        let at = |buffer| if buffer == IMAGES { &images } else { &buffers.handles[buffer] };
        for (step, shape) in self.plan.steps.iter().zip(&self.shapes) {
            let mut reads = vec![shape];
            if step.kernel.reads_weights() {
                reads.push(&self.weights);
            }
            reads.extend(step.reads.iter().map(|&buffer| at(buffer)));
            launch(client, step.kernel, (rows * step.threads).div_ceil(THREADS), &reads, at(step.write));
        }
        let output = self.plan.output;
        let read = client.read_async(vec![part(at(output.buffer), 0, rows * output.numbers())]).await;
        let bytes = read.map_err(|error| format!("{error:?}"))?.swap_remove(0);
        self.spare().push(buffers);
        let (numbers, _) = bytes.as_chunks();
        let y: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        Ok(planes(&self.config, &y, output.channels))
    }

    fn spare(&self) -> std::sync::MutexGuard<'_, Vec<Buffers>> {
        // a thread that panicked leaves nothing half done: what is in a buffer has no meaning
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Buffers for so many rows or more.
    fn buffers(&self, rows: usize) -> Buffers {
        match self.spare().pop() {
            Some(buffers) if buffers.rows >= rows => buffers,
            _ => {
                let rows = rows.next_power_of_two();
                let call = [rows * self.plan.buffers[CALL] + rows * self.plan.buffers[IMAGES] + HEAD + ALIGNMENT, 1];
                let others = self.plan.buffers[2..].iter().map(|numbers| rows * numbers);
                let handles = call.into_iter().chain(others).map(|numbers| self.gpu.client.empty(numbers * BYTES));
                Buffers { rows, handles: handles.collect() }
            }
        }
    }

    /// Sends what a call is about to its first buffer, and says where in it the images are.
    fn upload(&self, buffers: &mut Buffers, x: &[f32], times: &[f64], labels: &[usize]) -> Handle {
        let rows = times.len();
        let mut data = vec![f32::from_bits(rows as u32), 0.0, 0.0, 0.0];
        data.extend(self.embedding.run(times, labels));
        data.resize(data.len().next_multiple_of(ALIGNMENT), 0.0);
        let first = data.len();
        let images = self.plan.buffers[IMAGES];
        data.resize(first + rows * images, 0.0);
        patches(&self.config, x, images / self.config.inner_size().pow(2), &mut data[first..]);
        let call = &buffers.handles[CALL];
        self.gpu.client.write(&part(call, 0, data.len()), Bytes::from_elems(data));
        part(call, first, rows * images)
    }
}

/// Some numbers of a buffer.
fn part(handle: &Handle, first: usize, numbers: usize) -> Handle {
    let after = handle.size_in_used() - ((first + numbers) * BYTES) as u64;
    handle.clone().offset_start((first * BYTES) as u64).offset_end(after)
}
