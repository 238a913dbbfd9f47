//! The five kernels of a forward pass.

use wgpu::{
    BindGroupLayout, ComputePipeline, ComputePipelineDescriptor, Device, PipelineCompilationOptions,
    ShaderModuleDescriptor, ShaderSource,
};

/// A kernel of ours, in WGSL. Each file says what it computes, and what one thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kernel {
    Conv,
    Norm,
    Dense,
    Attend,
    Pixels,
}

/// Threads of a workgroup, in every kernel.
pub(super) const THREADS: usize = 64;

impl Kernel {
    /// In the order of their numbers.
    pub(super) const ALL: [Self; 5] = [Self::Conv, Self::Norm, Self::Dense, Self::Attend, Self::Pixels];

    /// Whether it has weights.
    pub(super) fn reads_weights(self) -> bool {
        matches!(self, Self::Conv | Self::Norm | Self::Dense)
    }

    fn source(self) -> &'static str {
        match self {
            Self::Conv => include_str!("conv.wgsl"),
            Self::Norm => include_str!("norm.wgsl"),
            Self::Dense => include_str!("dense.wgsl"),
            Self::Attend => include_str!("attend.wgsl"),
            Self::Pixels => include_str!("pixels.wgsl"),
        }
    }
}

/// A kernel, compiled.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub(super) pipeline: ComputePipeline,
    /// Its buffers, as the WGSL declares them.
    pub(super) layout: BindGroupLayout,
}

impl Compiled {
    pub(super) fn new(device: &Device, kernel: Kernel) -> Self {
        let source = ShaderSource::Wgsl(kernel.source().into());
        let pipeline = device.create_compute_pipeline(&ComputePipelineDescriptor {
            label: None,
            layout: None,
            module: &device.create_shader_module(ShaderModuleDescriptor { label: None, source }),
            entry_point: None,
            compilation_options: PipelineCompilationOptions::default(),
            cache: None,
        });
        Self { layout: pipeline.get_bind_group_layout(0), pipeline }
    }
}
