//! A network on a GPU: the same graph as on the CPU, in five WGSL kernels and 56 dispatches (58 on patches), through wgpu.
//!
//! At this size launching kernels costs more than arithmetic, so whatever can be is fused into the convolutions: bias,
//! skip, its projection, doubling, the join of two images. Sums are taken in the device's own order, so a run on a GPU
//! has the chain's law and not the CPU's bits.

mod device;
mod kernels;
mod plan;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, BindingResource, Buffer, BufferBinding, BufferDescriptor,
    BufferUsages, ComputePassDescriptor, Limits, SubmissionIndex,
};

pub use self::device::Gpu;
use self::kernels::THREADS;
use self::plan::{CALL, IMAGES, Plan};
use crate::config::UNetConfig;
use crate::error::WeightsError;
use crate::graph::Graph;
use crate::host::{Embedding, patches, planes};
use crate::memory::Slot;
use crate::tensors::Tensors;

/// A denoiser on a GPU. Clones share the weights.
#[derive(Clone, Debug)]
pub(crate) struct GpuUNet(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: UNetConfig,
    gpu: Gpu,
    embedding: Embedding,
    plan: Plan,
    weights: Buffer,
    /// The `Shape` of each step.
    shapes: Vec<Buffer>,
    /// Rows that fit into one call.
    most_rows: usize,
    /// Buffers of calls that have ended, for later ones.
    spare: Mutex<Vec<Buffers>>,
}

/// Memory for a call of so many rows.
#[derive(Debug)]
struct Buffers {
    rows: usize,
    /// Of each slot. The first two are one: the images lie behind the rest of the call.
    slots: Vec<Buffer>,
    /// What the host reads.
    answer: Buffer,
    /// The bindings of each step.
    groups: Vec<BindGroup>,
}

impl Drop for Buffers {
    /// A browser would keep the memory until it collects garbage.
    fn drop(&mut self) {
        self.slots.iter().chain([&self.answer]).for_each(Buffer::destroy);
    }
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
        let words = core::mem::take(&mut plan.weights);
        let limits = gpu.device.limits();
        let most_rows = most_rows(&plan, &limits);
        if most_rows == 0 {
            return Err(WeightsError::Tensors("its images are too large for a GPU: compute on the CPU".into()));
        }
        if words.len() > most_numbers(&limits) {
            return Err(WeightsError::Tensors("its weights are too large for this GPU: compute on the CPU".into()));
        }
        let filled = |words: &[u32]| {
            let buffer = buffer(gpu, words.len(), BufferUsages::STORAGE | BufferUsages::COPY_DST);
            gpu.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(words));
            buffer
        };
        let weights = filled(&words);
        let shapes = plan.steps.iter().map(|step| filled(&step.shape)).collect();
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
    /// As [`GpuUNet::forward`], of no more rows than fit into one call.
    async fn forward(&self, x: &[f32], times: &[f64], labels: &[usize]) -> Result<Vec<f32>, String> {
        let output = self.plan.output;
        let bytes = bytes(times.len() * output.numbers());
        let ((buffers, mapped), reported) = self.gpu.watched(|| {
            let buffers = self.buffers(times.len());
            self.upload(&buffers, x, times, labels);
            let submission = self.submit(&buffers, times.len());
            let mapped = self.gpu.mapped(&buffers.answer, bytes, submission);
            (buffers, mapped)
        });
        let result = match reported.await {
            Ok(()) => mapped.await,
            error => error,
        };
        self.gpu.checked(result)?;
        let view = buffers.answer.slice(..bytes).get_mapped_range().map_err(|error| error.to_string())?;
        let y = planes(&self.config, &bytemuck::pod_collect_to_vec::<u8, f32>(&view), output.channels);
        drop(view);
        buffers.answer.unmap();
        self.spare().push(buffers);
        Ok(y)
    }

    fn spare(&self) -> MutexGuard<'_, Vec<Buffers>> {
        // a thread that panicked left nothing half done: buffers have no meaning
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Buffers for so many rows or more.
    fn buffers(&self, rows: usize) -> Buffers {
        match self.spare().pop() {
            Some(buffers) if buffers.rows >= rows => buffers,
            _ => self.new_buffers(rows.next_power_of_two().min(self.most_rows)),
        }
    }

    fn new_buffers(&self, rows: usize) -> Buffers {
        let (Self { gpu, plan, .. }, images) = (self, images_at(&self.plan, rows));
        let call = buffer(gpu, images + rows * plan.buffers[IMAGES], BufferUsages::STORAGE | BufferUsages::COPY_DST);
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC;
        let values = plan.buffers[IMAGES + 1..].iter().map(|numbers| buffer(gpu, rows * numbers, usage));
        let slots: Vec<Buffer> = [call.clone(), call].into_iter().chain(values).collect();
        let bound = |slot: Slot| match slot {
            CALL => part(&slots[CALL], 0, images),
            IMAGES => part(&slots[IMAGES], images, rows * plan.buffers[IMAGES]),
            _ => slots[slot].as_entire_binding(),
        };
        let groups = plan.steps.iter().zip(&self.shapes).map(|(step, shape)| {
            let weights = step.kernel.reads_weights().then(|| self.weights.as_entire_binding());
            let slots = step.reads.iter().chain([&step.write]).map(|&slot| bound(slot));
            let all = [shape.as_entire_binding()].into_iter().chain(weights).chain(slots);
            let entries: Vec<_> =
                all.zip(0..).map(|(resource, binding)| BindGroupEntry { binding, resource }).collect();
            let layout = &gpu.compiled(step.kernel).layout;
            gpu.device.create_bind_group(&BindGroupDescriptor { label: None, layout, entries: &entries })
        });
        let groups = groups.collect();
        let answer = buffer(gpu, rows * plan.output.numbers(), BufferUsages::MAP_READ | BufferUsages::COPY_DST);
        Buffers { rows, slots, answer, groups }
    }

    /// Sends what a call is about to its first buffer.
    fn upload(&self, buffers: &Buffers, x: &[f32], times: &[f64], labels: &[usize]) {
        let rows = times.len();
        let mut data = vec![f32::from_bits(rows as u32), 0.0, 0.0, 0.0];
        data.extend(self.embedding.run(times, labels));
        let first = images_at(&self.plan, buffers.rows);
        let images = self.plan.buffers[IMAGES];
        data.resize(first + rows * images, 0.0);
        patches(&self.config, x, images / self.config.inner_size().pow(2), &mut data[first..]);
        self.gpu.queue.write_buffer(&buffers.slots[CALL], 0, bytemuck::cast_slice(&data));
    }

    /// Hands over all dispatches and the copy of the result, as one.
    fn submit(&self, buffers: &Buffers, rows: usize) -> SubmissionIndex {
        let Self { gpu, plan, .. } = self;
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
        for (step, group) in plan.steps.iter().zip(&buffers.groups) {
            pass.set_pipeline(&gpu.compiled(step.kernel).pipeline);
            pass.set_bind_group(0, group, &[]);
            pass.dispatch_workgroups((rows * step.threads).div_ceil(THREADS) as u32, 1, 1);
        }
        drop(pass);
        let copied = bytes(rows * plan.output.numbers());
        encoder.copy_buffer_to_buffer(&buffers.slots[plan.output.buffer], 0, &buffers.answer, 0, copied);
        gpu.queue.submit([encoder.finish()])
    }
}

/// Where the images begin in the first buffer of a call with room for so many rows, behind the embedding of each.
fn images_at(plan: &Plan, rows: usize) -> usize {
    (HEAD + rows * plan.buffers[CALL]).next_multiple_of(ALIGNMENT)
}

/// Rows whose dispatches and buffers are not too large.
fn most_rows(plan: &Plan, limits: &Limits) -> usize {
    let threads = plan.steps.iter().map(|step| step.threads).max().unwrap_or(1);
    let call = plan.buffers[CALL] + plan.buffers[IMAGES];
    let numbers = plan.buffers.iter().copied().max().unwrap_or(1).max(call);
    (MOST_WORKGROUPS * THREADS / threads).min(most_numbers(limits).saturating_sub(HEAD + ALIGNMENT) / numbers)
}

/// Numbers that a buffer can have.
fn most_numbers(limits: &Limits) -> usize {
    let bytes = limits.max_buffer_size.min(limits.max_storage_buffer_binding_size);
    usize::try_from(bytes).unwrap_or(usize::MAX) / BYTES
}

fn bytes(numbers: usize) -> u64 {
    (numbers * BYTES) as u64
}

fn buffer(gpu: &Gpu, numbers: usize, usage: BufferUsages) -> Buffer {
    let size = bytes(numbers);
    gpu.device.create_buffer(&BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
}

/// Some numbers of a buffer.
fn part(buffer: &Buffer, first: usize, numbers: usize) -> BindingResource<'_> {
    BindingResource::Buffer(BufferBinding { buffer, offset: bytes(first), size: bytes(numbers).try_into().ok() })
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
