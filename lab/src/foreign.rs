//! Models of others, computed by tract.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use speculative_diffusion::diffusers::{Scheduler, SchedulerConfig};
use speculative_diffusion::{Batch, Target, TargetError};
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::Factoid as _;
use tract_onnx::tract_hir::internal::DimLike as _;

/// A model of tract's for any number of rows.
#[derive(Debug)]
pub struct Foreign {
    plan: Arc<TypedRunnableModel>,
    /// Shape of one state.
    shape: Vec<usize>,
    /// Type of the timesteps.
    timestep: DatumType,
    class: Option<i64>,
}

impl Foreign {
    /// What lies in a folder: `model.onnx`, whose inputs are `sample` [rows, ..], `timestep` [rows] and perhaps `class_labels`
    /// [rows], and diffusers' `scheduler_config.json`.
    ///
    /// # Errors
    /// What about one of the files cannot be used.
    pub fn load(folder: &Path, class: i64) -> Result<(Self, SchedulerConfig)> {
        let path = folder.join("scheduler_config.json");
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let config = SchedulerConfig::from_json(&text).with_context(|| format!("in {}", path.display()))?;
        let path = folder.join("model.onnx");
        let model = Self::load_model(&path, class).with_context(|| format!("in {}", path.display()))?;
        Ok((model, config))
    }

    fn load_model(path: &Path, class: i64) -> Result<Self> {
        let mut model = tract_onnx::onnx().model_for_path(path)?;
        let rows = model.symbols.sym("rows");
        let names: Vec<String> =
            model.input_outlets()?.iter().map(|outlet| model.node(outlet.node).name.clone()).collect();
        let (mut shape, mut timestep) = (None, None);
        for (i, name) in names.iter().enumerate() {
            let fact = model.input_fact(i)?.clone();
            let kind = fact.datum_type.concretize().with_context(|| format!("input \"{name}\" has no type"))?;
            let row: Vec<usize> =
                fact.shape.dims().skip(1).filter_map(|dim| dim.concretize()?.to_usize().ok()).collect();
            match name.as_str() {
                "sample" => {
                    ensure!(!row.is_empty(), "input \"sample\" has no fixed shape besides its rows");
                    shape = Some(row.clone());
                }
                "timestep" => timestep = Some(kind),
                "class_labels" => {}
                other => bail!("input \"{other}\" is none that this program can give: sample, timestep, class_labels"),
            }
            let dims: Vec<TDim> = [TDim::from(rows.clone())].into_iter().chain(row.iter().map(|&n| n.into())).collect();
            model.set_input_fact(i, InferenceFact::dt_shape(kind, dims))?;
        }
        Ok(Self {
            plan: model.into_optimized()?.into_runnable()?,
            shape: shape.context("the model has no input \"sample\"")?,
            timestep: timestep.context("the model has no input \"timestep\"")?,
            class: names.iter().any(|name| name == "class_labels").then_some(class),
        })
    }

    /// Numbers of a state.
    pub fn dim(&self) -> usize {
        self.shape.iter().product()
    }

    /// The clean estimates of a batch.
    ///
    /// # Errors
    /// What tract says of the model, or where its output has another shape.
    pub fn estimates(&self, scheduler: &Scheduler, batch: &Batch) -> Result<Vec<f64>> {
        let rows = batch.len();
        let (states, timesteps) = scheduler.inputs(batch);
        let shape: Vec<usize> = [rows].into_iter().chain(self.shape.iter().copied()).collect();
        let times = Tensor::from_shape(&[rows], &timesteps)?;
        let mut inputs: TVec<TValue> =
            tvec![Tensor::from_shape(&shape, &states)?.into(), times.cast_to_dt(self.timestep)?.into_owned().into(),];
        inputs.extend(self.class.map(|class| tensor1(&vec![class; rows]).into()));
        let outputs = self.plan.run(inputs)?;
        let output = outputs[0].try_as_plain_ram()?.as_slice::<f32>()?;
        Ok(scheduler.estimates(batch, output)?)
    }
}

/// A model of somebody else's, asked as a chain's scheduler says.
#[derive(Debug)]
pub struct Scheduled<'a> {
    /// The model.
    pub model: &'a Foreign,
    /// The scheduler.
    pub scheduler: Scheduler,
}

impl Target for Scheduled<'_> {
    fn dim(&self) -> usize {
        self.model.dim()
    }

    async fn estimate(&self, batch: &Batch) -> Result<Vec<f64>, TargetError> {
        self.model.estimates(&self.scheduler, batch).map_err(|error| TargetError::model(error.into_boxed_dyn_error()))
    }
}
