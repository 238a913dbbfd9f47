//! By rten.

use rten::{ModelOptions, NodeId};
use rten_tensor::Tensor;

pub struct Model {
    model: rten::Model,
    inputs: [NodeId; 3],
    output: NodeId,
    shape: Vec<usize>,
}

impl Model {
    pub fn load(file: Vec<u8>, shape: &[usize]) -> Result<Self, String> {
        let model =
            ModelOptions::with_all_ops().prepack_weights(true).load(file).map_err(|error| format!("{error:?}"))?;
        let inputs = model.input_ids().try_into().map_err(|_| "the model has not three inputs")?;
        let output = *model.output_ids().first().ok_or("the model has no output")?;
        Ok(Self { model, inputs, output, shape: shape.to_vec() })
    }

    pub fn run(&self, sample: &[f32], timestep: &[f32], labels: &[i32]) -> Result<Vec<f32>, String> {
        let [states, times, classes] = self.inputs;
        let rows = [self.shape[0]];
        let inputs = vec![
            (states, Tensor::from_data(&self.shape, sample.to_vec()).into()),
            (times, Tensor::from_data(&rows, timestep.to_vec()).into()),
            (classes, Tensor::from_data(&rows, labels.to_vec()).into()),
        ];
        let [output] = self.model.run_n(inputs, [self.output], None).map_err(|error| format!("{error:?}"))?;
        let output: Tensor<f32> = output.try_into().map_err(|error| format!("{error:?}"))?;
        Ok(output.into_data())
    }
}
