//! By tract, which optimises a model for its number of rows.

use tract_onnx::prelude::*;

pub struct Model {
    plan: Arc<TypedRunnableModel>,
    shape: Vec<usize>,
}

impl Model {
    pub fn load(file: Vec<u8>, shape: &[usize]) -> Result<Self, String> {
        let plan = || -> TractResult<_> {
            let rows = [shape[0]];
            tract_onnx::onnx()
                .model_for_read(&mut &file[..])?
                .with_input_fact(0, f32::fact(shape).into())?
                .with_input_fact(1, f32::fact(rows).into())?
                .with_input_fact(2, i64::fact(rows).into())?
                .into_optimized()?
                .into_runnable()
        };
        Ok(Self { plan: plan().map_err(|error| format!("{error:?}"))?, shape: shape.to_vec() })
    }

    pub fn run(&self, sample: &[f32], timestep: &[f32], labels: &[i32]) -> Result<Vec<f32>, String> {
        let output = || -> TractResult<_> {
            let labels: Vec<i64> = labels.iter().map(|&label| label.into()).collect();
            let inputs = tvec![
                Tensor::from_shape(&self.shape, sample)?.into(),
                tensor1(timestep).into(),
                tensor1(&labels).into()
            ];
            Ok(self.plan.run(inputs)?[0].try_as_plain_ram()?.as_slice::<f32>()?.to_vec())
        };
        output().map_err(|error| format!("{error:?}"))
    }
}
