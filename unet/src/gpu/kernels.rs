//! The five kernels of a forward pass, and how one is handed to the GPU.

use cubecl::client::Client;
use cubecl::ir::metadata::Info;
use cubecl::ir::settings::KernelSettings;
use cubecl::ir::{AddressType, ElemType, Scope, UIntKind};
use cubecl::prelude::{BufferIOAttr, CubeCount, CubeDim, ExecutionMode, KernelDefinition, KernelId, KernelMetadata};
use cubecl::server::{Handle, KernelArguments};
use cubecl::{CubeKernel, PrecompiledSource};

/// A kernel of ours, in WGSL. Each file says what it computes, and what one thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// Whether it has weights.
    pub(super) fn reads_weights(self) -> bool {
        matches!(self, Self::Conv | Self::Norm | Self::Dense)
    }
}

impl KernelMetadata for Kernel {
    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info(*self).cube_dim(CubeDim::new_1d(THREADS as u32).0)
    }

    fn address_type(&self) -> ElemType {
        UIntKind::U32.into()
    }
}

impl CubeKernel for Kernel {
    fn source(&self) -> Option<PrecompiledSource> {
        let source = match self {
            Self::Conv => include_str!("conv.wgsl"),
            Self::Norm => include_str!("norm.wgsl"),
            Self::Dense => include_str!("dense.wgsl"),
            Self::Attend => include_str!("attend.wgsl"),
            Self::Pixels => include_str!("pixels.wgsl"),
        };
        Some(PrecompiledSource { source: source.to_owned(), entrypoint_name: "main".to_owned(), lang: "wgsl" })
    }

    /// Nothing for CubeCL to compile: the source is what it is.
    fn define(&self) -> KernelDefinition {
        let settings = KernelSettings::new(CubeDim::new_1d(THREADS as u32).0, ExecutionMode::Checked, AddressType::U32);
        KernelDefinition { body: Scope::root(settings.clone()), settings, info: Info::default() }
    }
}

/// Hands `workgroups` of a kernel to the GPU. Its bindings are `reads` and then `write`.
pub(super) fn launch(client: &Client, kernel: Kernel, workgroups: usize, reads: &[&Handle], write: &Handle) {
    let read = |arguments: KernelArguments, handle: &&Handle| {
        arguments.with_buffer_io((*handle).clone().binding(), BufferIOAttr::ReadOnly)
    };
    let arguments = reads.iter().fold(KernelArguments::new(), read);
    let arguments = arguments.with_buffer_io(write.clone().binding(), BufferIOAttr::WriteOnly);
    client.launch(Box::new(kernel), CubeCount::Static(workgroups as u32, 1, 1), arguments);
}
