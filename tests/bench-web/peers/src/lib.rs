//! The network's ONNX file, computed by another engine. A build has one of the features `tract` and `rten`.

#[cfg(not(target_feature = "simd128"))]
compile_error!(
    "the engines are compared with simd128: RUSTFLAGS in the environment hides what .cargo/config.toml says"
);

#[cfg(feature = "rten")]
#[path = "rten.rs"]
mod engine;
#[cfg(feature = "tract")]
#[path = "tract.rs"]
mod engine;

use wasm_bindgen::prelude::wasm_bindgen;

/// A model for calls of so many rows.
#[wasm_bindgen]
pub struct Model(engine::Model);

#[wasm_bindgen]
impl Model {
    /// The model in an ONNX file with the inputs `sample`, `timestep` and `class_labels`.
    #[wasm_bindgen(constructor)]
    pub fn new(file: Vec<u8>, rows: usize, row: &[usize]) -> Result<Self, String> {
        let shape: Vec<usize> = [rows].into_iter().chain(row.iter().copied()).collect();
        engine::Model::load(file, &shape).map(Self)
    }

    /// The first output.
    pub fn run(&self, sample: &[f32], timestep: &[f32], labels: &[i32]) -> Result<Vec<f32>, String> {
        self.0.run(sample, timestep, labels)
    }
}
