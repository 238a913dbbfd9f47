//! Numbers to a device of burn's, and back.

use burn::tensor::{Device, Tensor, TensorData};
use speculative_diffusion::TargetError;

/// # Shapes
/// `values`: `[rows, width]`, one row after the other.
pub(super) fn upload(values: Vec<f32>, [rows, width]: [usize; 2], device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values, [rows, width]), device)
}

/// A tensor's numbers, whatever their type on the device.
///
/// # Errors
/// [`TargetError::Model`] with burn's own error.
pub(super) async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, TargetError> {
    let data = tensor.into_data_async().await.map_err(TargetError::model)?;
    data.try_into_vec_as().map_err(TargetError::model)
}
