//! Somebody else's model: any ONNX denoiser with a `scheduler_config.json`, sampled through tract. `cargo run --release -p
//! lab --features onnx --bin onnx -- --help`; without options it takes what `--bin export` writes.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser;
use speculative_diffusion::audit::{Audit, Check};
use speculative_diffusion::diffusers::{Scheduler, SchedulerConfig};
use speculative_diffusion::{Ask, Batch, Costs, Sampler, Settings};
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::Factoid as _;
use tract_onnx::tract_hir::internal::DimLike as _;

#[derive(Parser)]
#[command(about = "Check an ONNX denoiser, sample it with and without speculation, and audit the runs")]
struct Options {
    /// The model: inputs `sample` [rows, ..], `timestep` [rows], perhaps `class_labels` [rows]
    #[arg(long, default_value = "target/onnx/model.onnx")]
    model: PathBuf,
    /// diffusers' configuration of its scheduler
    #[arg(long, default_value = "target/onnx/scheduler_config.json")]
    config: PathBuf,
    /// Steps of the chain
    #[arg(long, default_value_t = 100)]
    steps: usize,
    /// Noise of a DDIM or flow chain, above 0 up to 1
    #[arg(long, default_value_t = 1.0)]
    eta: f64,
    /// Runs
    #[arg(long, default_value_t = 4)]
    runs: u64,
    /// Seed of the first run; the next ones count on
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Index of the class, for a model that has classes
    #[arg(long, default_value_t = 0)]
    class: i64,
}

/// A model of tract's for any number of rows.
struct Model {
    plan: Arc<TypedRunnableModel>,
    /// Shape of one state.
    shape: Vec<usize>,
    /// Type of the timesteps.
    timestep: DatumType,
    class: Option<i64>,
}

impl Model {
    /// The model in a file, or what about it cannot be used.
    fn load(options: &Options) -> Result<Self> {
        let path = &options.model;
        let mut model =
            tract_onnx::onnx().model_for_path(path).with_context(|| format!("reading {}", path.display()))?;
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
            class: names.iter().any(|name| name == "class_labels").then_some(options.class),
        })
    }

    fn dim(&self) -> usize {
        self.shape.iter().product()
    }

    /// The clean estimates of a batch.
    fn estimates(&self, scheduler: &Scheduler, batch: &Batch) -> Result<Vec<f64>> {
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

/// One run, and its residuals.
fn sample(model: &Model, scheduler: &Scheduler, sampler: &Sampler, seed: u64, audit: &mut Audit) -> Result<Costs> {
    let mut run = sampler.run(seed, model.dim());
    while let Ask::Estimate(ticket, batch) = run.ask() {
        let estimates = model.estimates(scheduler, batch)?;
        if let Some(round) = run.answer(ticket, &estimates)? {
            audit.add(&round);
        }
    }
    ensure!(run.is_done(), "the run asks for a drafter, and there is none");
    Ok(run.costs())
}

fn run(options: &Options) -> Result<()> {
    ensure!(options.runs > 0, "--runs is 0: ask for at least one");
    let path = &options.config;
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let scheduler = Scheduler::new(&SchedulerConfig::from_json(&text)?, options.steps, options.eta)?;
    let model = Model::load(options)?;

    let sampler = Sampler::new(&scheduler, Settings::default())?;
    let check = Check::new(&sampler, model.dim(), options.seed);
    let answers = check.batches().iter().map(|batch| model.estimates(&scheduler, batch));
    let checked = check.judge(&answers.collect::<Result<Vec<_>>>()?)?;
    println!("check {}: {checked}\n", if checked.passed() { "passed" } else { "FAILED" });

    println!("| sampler | sequential calls | evaluations | seconds |\n|---|---|---|---|");
    let mut audit = Audit::new();
    for (name, settings) in [("speculative", Settings::default()), ("standard", Settings::plain())] {
        let sampler = Sampler::new(&scheduler, settings)?;
        let (mut costs, began) = (Costs::default(), Instant::now());
        for seed in (0..options.runs).map(|i| options.seed.wrapping_add(i)) {
            costs += sample(&model, &scheduler, &sampler, seed, &mut audit)?;
        }
        let each = |count: usize| count as f64 / options.runs as f64;
        let seconds = began.elapsed().as_secs_f64() / options.runs as f64;
        println!("| {name} | {:.1} | {:.1} | {seconds:.2} |", each(costs.calls), each(costs.rows));
    }
    let judged = audit.statistics();
    match &judged {
        Some(judged) => println!("\naudit {}: {judged}", if judged.passed() { "passed" } else { "FAILED" }),
        None => println!("\naudit: too few tested steps to say anything; ask for more runs"),
    }
    ensure!(checked.passed(), "the model does not answer each row by itself, so its samples are not exact");
    ensure!(judged.is_none_or(|judged| judged.passed()), "the residuals of the runs are not standard normal");
    Ok(())
}

fn main() -> ExitCode {
    lab::exit(run(&Options::parse()))
}
