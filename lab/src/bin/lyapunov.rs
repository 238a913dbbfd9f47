//! Why it works: does a small difference of two states grow along a chain, or die out? `cargo run --release -p lab --bin lyapunov`
//! writes docs/results/lyapunov.md and a plot, with the calls that the same chains need.
//!
//! With its noises given a chain is a map of its first state. Its largest Lyapunov exponent says how a small difference grows on
//! average (Wolf et al. 1985); where it is negative, Gonzalez et al. 2025 (arXiv 2508.16817) show that solving for all steps at once
//! takes few sweeps.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use lab::{ASSETS, Model, mean, share_out};
use plotters::prelude::*;
use pollster::block_on;
use speculative_diffusion::targets::{Mixture, double_well, phi4};
use speculative_diffusion::{
    Batch, BoxTarget, Chain, Noise, Price, Purpose, Row, Sampler, Settings, Target as _, Window,
};

/// Size of the difference, relative to the state: small against what the model bends over, large against the rounding of `f32`.
const SMALL: f64 = 3e-3;

#[derive(Parser)]
#[command(about = "Measure the largest Lyapunov exponent of chains beside the calls that they need")]
struct Options {
    /// Runs of a chain
    #[arg(long, default_value_t = 16)]
    runs: usize,
    /// Where the table goes
    #[arg(long, default_value = "docs/results/lyapunov.md")]
    write: PathBuf,
}

fn size(y: &[f64]) -> f64 {
    y.iter().map(|y| y * y).sum::<f64>().sqrt()
}

/// The logarithm of the growth of a small difference in each step.
fn growth(chain: &Chain, target: &BoxTarget, seed: u64) -> Result<Vec<f64>> {
    let (noise, dim) = (Noise::new(seed, 0), target.dim());
    let mut y = noise.normals(Purpose::Start, 0, dim);
    y.iter_mut().for_each(|y| *y *= chain.start());
    // any direction: the one that grows most takes over
    let mut difference = noise.normals(Purpose::Start, 1, dim);
    let mut grown = Vec::new();
    for (k, step) in chain.steps().iter().enumerate() {
        let factor = SMALL * size(&y) / size(&difference);
        difference.iter_mut().for_each(|d| *d *= factor);
        let before = size(&difference);
        let mut batch = Batch::default();
        batch.push(Row::new(step.level, k), &y);
        let beside: Vec<f64> = y.iter().zip(&difference).map(|(y, d)| y + d).collect();
        batch.push(Row::new(step.level, k), &beside);
        let estimates = block_on(target.estimate(&batch))?;
        let (one, other) = estimates.split_at(dim);
        let (one, other) = (step.mean(&y, one, &[]), step.mean(&beside, other, &[]));
        difference = other.iter().zip(&one).map(|(b, a)| b - a).collect();
        grown.push(libm::log((size(&difference) / before).max(1e-300)));
        let z = noise.normals(Purpose::Step, k, dim);
        y = one.iter().zip(z).map(|(m, z)| m + step.s * z).collect();
    }
    Ok(grown)
}

/// The largest sum of so many neighbours.
fn steepest(growth: &[f64], window: usize) -> f64 {
    growth.windows(window).map(|window| window.iter().sum()).fold(f64::NEG_INFINITY, f64::max)
}

/// Calls of each chain, as a share of its steps, against the growth.
fn plot(path: &Path, points: &[(&str, f64, f64)]) -> Result<()> {
    let root = SVGBackend::new(path, (720, 420)).into_drawing_area();
    root.fill(&WHITE)?;
    let least = points.iter().map(|(_, growth, _)| *growth).fold(0.0, f64::min);
    let mut chart = ChartBuilder::on(&root)
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(56)
        .build_cartesian_2d(1.1 * least..-0.3 * least, 0.0..0.7)?;
    chart
        .configure_mesh()
        .x_desc("growth of a small difference over the chain, natural logarithm")
        .y_desc("calls of K, rows free")
        .light_line_style(BLACK.mix(0.06))
        .draw()?;
    let colour = RGBColor(0, 92, 175);
    chart.draw_series(points.iter().map(|(_, x, y)| Circle::new((*x, *y), 4, colour.filled())))?;
    let beside = |(name, x, y): &(&str, f64, f64)| Text::new((*name).to_owned(), (x + 1.5, *y), ("sans-serif", 11));
    chart.draw_series(points.iter().map(beside))?;
    root.present()?;
    Ok(())
}

fn run(options: &Options) -> Result<()> {
    let networks = |name: &str| -> Result<Vec<BoxTarget>> {
        Ok(Model::load(Path::new(ASSETS), name)?.targets()?.into_iter().map(BoxTarget::new).collect())
    };
    let (faces, fashion) = (networks("faces")?, networks("fashion")?);
    let mixture = vec![BoxTarget::new(Mixture::example(512))];
    let (well, field) = (vec![BoxTarget::new(double_well(2.0))], vec![BoxTarget::new(phi4(16, 0.2, 0.5))]);
    let cosine = |steps, eta| Chain::cosine(steps, eta);
    let cases: [(&str, &[BoxTarget], Chain); 10] = [
        ("mixture, 512 dimensions, K = 100", &mixture, cosine(100, 1.0)?),
        ("faces, K = 50", &faces, cosine(50, 1.0)?),
        ("faces, K = 100", &faces, cosine(100, 1.0)?),
        ("faces, K = 100, eta = .25", &faces, cosine(100, 0.25)?),
        ("faces, K = 400", &faces, cosine(400, 1.0)?),
        ("clothes, K = 100", &fashion, cosine(100, 1.0)?),
        ("two wells, 500 Langevin steps of .01", &well, Chain::langevin(500, 0.01)?),
        ("two wells, 500 Langevin steps of .04", &well, Chain::langevin(500, 0.04)?),
        ("lattice field, 500 Langevin steps of .01", &field, Chain::langevin(500, 0.01)?),
        ("lattice field, 500 Langevin steps of .04", &field, Chain::langevin(500, 0.04)?),
    ];
    let mut text = "\
| chain | ln growth over the chain | steepest tenth | calls, rows free | of K | calls | of K |
|---|---|---|---|---|---|---|
"
    .to_owned();
    let mut points = Vec::new();
    for (name, targets, chain) in &cases {
        let of = |i: usize| &targets[i % targets.len()];
        let grown = share_out(options.runs, |i| growth(chain, of(i), i as u64))?;
        let total = mean(grown.iter().map(|growth| growth.iter().sum::<f64>()));
        let worst = mean(grown.iter().map(|growth| steepest(growth, chain.len() / 10)));
        let calls = |price: Price| -> Result<(f64, f64)> {
            let sampler = Sampler::new(chain, Settings::default().window(Window::Auto(price)))?;
            let made = share_out(options.runs, |i| Ok(block_on(sampler.sample(of(i), i as u64))?.costs.calls as f64))?;
            Ok(mean(made.into_iter()))
        };
        let (free, usual) = (calls(Price::FREE)?, calls(Price::USUAL)?);
        let share = |calls: f64| calls / chain.len() as f64;
        let line = format!(
            "| {name} | {:+.2} ± {:.2} | {:+.2} ± {:.2} | {:.1} ± {:.1} | {:.3} | {:.1} ± {:.1} | {:.3} |",
            total.0,
            total.1,
            worst.0,
            worst.1,
            free.0,
            free.1,
            share(free.0),
            usual.0,
            usual.1,
            share(usual.0)
        );
        println!("{line}");
        let _ = writeln!(text, "{line}");
        points.push((*name, total.0, share(free.0)));
    }
    fs::write(&options.write, text)?;
    plot(&options.write.with_extension("svg"), &points)?;
    println!("{}", options.write.display());
    Ok(())
}

fn main() -> ExitCode {
    lab::exit(run(&Options::parse()))
}
