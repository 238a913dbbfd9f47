//! docs/RESULTS.md from the measured lines: tables, plots, exponents; and how far two sets of lines agree.

use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use lab::ASSETS;
use plotters::prelude::*;
use serde_json::Value;

use crate::outcome::{Outcome, head};

const HEAD: &str = "# Results

Written by `cargo xtask experiments` (about 45 minutes on 2 cores; it goes on where it was stopped, `-- --fresh` starts
over, `-- --quick` measures a part of it again and says whether it agrees). The lines that the tables are made of are in
[results/cells.csv](results/cells.csv). Seeds are fixed.

**Calls** are sequential calls of the network for one picture, the root call and the last step counted; a plain run
makes `K`. **Rows** are rows evaluated for each step of the chain; a plain run has 1. **Accepted** is the share of
tested drafts. ± is one standard error over the chains of the cell. Times are not here: they depend on the machine, see
`cargo xtask bench`.
";

const QUALITY: &str = "Samples of several samplers against the plain chain's with other seeds: energy distance of the \
images (Székely & Rizzo 2013), Fréchet distance of what a small classifier sees in them (after Heusel et al. 2017). \
Beside each distance is the 95 % point of the same distance when the pooled samples are dealt out at random, and p, \
the share of such deals that are further apart. An exact sampler has any p, a wrong one that is seen has 0. **The other \
way round proves nothing**: some hundred samples do not see a small fault, the tests of residuals do. Written by \
`cargo train --model <model> quality`.
";

const ALTERNATIVES: &str = "What people would pick, on the same chains: samplers that solve for the plain path of the same noise until it \
moves by less than a tolerance, in units of a step's noise (ParaDiGMS, Shih et al. 2023; ParaSolver, Lu, Zhu & Hou 2025, with \
intervals of one step; ParaTAA, Tang et al. 2024, memory 3, with the order of its experiments with 100 steps and with the window's \
length; tolerances are the papers'); samplers that leave calls out, by \
using estimates again (after TeaCache, Liu et al. 2024) or forecasting them (after TaylorSeer, Liu et al. 2025); and fewer steps. All \
are written here from the papers. *Off at the end* is the root mean square difference of the samples from the plain chain's of the \
same noise, of pictures with numbers from -1 to 1 (the galaxies': the logarithm of a flux, in tenths); energy distances are to plain samples of other seeds, beside the 95 % point where \
both are of one law. **Where a chain has no noise (DDIM) nothing can be speculated, and the samplers to a tolerance are what there \
is.** Written by `cargo run --release -p lab --features onnx --bin alternatives -- --foreign target/foreign/galaxies-hsc-32`; \
`lab/foreign/galaxygrad.py` makes the galaxies' model (Sampson et al. 2024), and without that option their tables are left out.";

const LYAPUNOV: &str = "With its noises given, a chain is a map. How much does a small difference of two states grow along it? Where it \
dies out, early errors are forgotten, and solving for all steps at once takes few sweeps (Gonzalez et al. 2025, arXiv 2508.16817). It \
dies out on every chain here, but **how fast it does says little about the calls**: Langevin chains of longer steps forget faster and \
need more calls. What counts is the distance of the means of draft and target in units of a step's noise. `steepest tenth` is the \
largest growth over a tenth of the chain. Written by `cargo run --release -p lab --bin lyapunov`.\n\n\
![Calls against growth](results/lyapunov.svg)";

const FOREIGN: &str = "Score networks of galaxies (Sampson et al. 2024, arXiv 2401.07313; PyPI's `galaxygrad` 0.1.4), turned into ONNX by \
`lab/foreign/galaxygrad.py`, on DDPM's own chain with linear betas; nothing tuned. They run through tract on one thread of a \
CPU, where a row costs as much as a call: **there speculation takes 1.4 to 2.4 times as long as the plain sampler.** Whether \
rows are answered alone is `Check`'s word, residuals are the audit's: their number, and the worst of its three figures \
(above 1 it fails). Written by `cargo run --release -p lab --features onnx --bin onnx -- FOLDERS --runs 24 \
--write docs/results/foreign.md`.";

const POLICY: &str = "A diffusion policy pushes a T to a goal (`policy/`): a plan is 16 commands, drawn on the cosine chain with \
`K = 100`, `eta = 1`. Success is 90 % of the goal covered within 300 ticks of a tenth of a second. First: nobody waits. \
**DDIM with ten steps succeeds as often here; exactness is not what makes it succeed**, and a hundred plain calls of this \
network take less than a tick on a CPU. Second: calls and rows on 200 observations of a closed loop. Third: what it costs if a \
plan takes so many ticks (successes of half as many starts, median ticks of the successes, from the kick where there is \
one): the hand stands still meanwhile (*wait*, 8 ticks of each plan carried out), or goes on by the plan before (8, or 2). Ten \
milliseconds a call are ten ticks a plan for the plain sampler and one for ours. Written by \
`cargo run --release -p lab --bin policy`.";

/// The figures in a model's sidecar.
fn quality(text: &mut String, model: &str) -> Result<()> {
    let path = Path::new(ASSETS).join(format!("{model}.json"));
    let sidecar: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    let Some(lines) = sidecar["quality"]["against_plain"].as_array() else {
        let _ =
            writeln!(text, "\n{model}: not judged yet; the command above writes the figures into {}.", path.display());
        return Ok(());
    };
    let _ = write!(
        text,
        "\n{model}, {} samples each, K = {}, eta = {}:\n\n\
         | sampler | exact | calls | rows | energy distance | 95 % | p | Fréchet distance | 95 % | p |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
        sidecar["quality"]["samples"], sidecar["quality"]["chain"]["steps"], sidecar["quality"]["chain"]["eta"]
    );
    for line in lines {
        let distance = |name: &str| {
            let distance = &line[name];
            let number = |name: &str| distance[name].as_f64().unwrap_or(f64::NAN);
            format!("{:.3} | {:.3} | {:.3}", number("found"), number("null_95"), number("share_of_null_beyond"))
        };
        let number = |name: &str| line[name].as_f64().unwrap_or(f64::NAN);
        let _ = writeln!(
            text,
            "| {} | {} | {:.1} | {:.0} | {} | {} |",
            line["sampler"].as_str().unwrap_or_default(),
            if line["exact"] == true { "yes" } else { "**no**" },
            number("calls"),
            number("rows"),
            distance("energy_distance"),
            distance("frechet_distance"),
        );
    }
    Ok(())
}

/// What the page's gallery shows: the same waits spent otherwise.
fn waits(text: &mut String) -> Result<()> {
    let gallery: Value = serde_json::from_str(&fs::read_to_string(Path::new(ASSETS).join("gallery.json"))?)?;
    text.push_str(
        "\nAbout as many calls spent otherwise, as the page's gallery has them: fewer steps (noise as before, eta = 1), and \
         estimates that are used again until they would have changed by a fifth (after TeaCache, Liu et al. 2024). Written by `cargo \
         run --release -p lab --bin figures`; other thresholds, and forecasts, under \"Instead of this sampler\".\n\n\
         | network | sampler | exact | steps | calls | samples | energy distance | 95 % | p |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for (model, of) in gallery["models"].as_object().context("models")? {
        for line in of["compared"].as_array().context("compared")? {
            let sampler = line["sampler"].as_str().context("sampler")?;
            let sets = of["sets"].as_array().context("sets")?;
            let calls = sets.iter().find(|set| set["sampler"] == sampler).and_then(|set| set["calls"].as_f64());
            let number = |name: &str| line[name].as_f64().unwrap_or(f64::NAN);
            let _ = writeln!(
                text,
                "| {model} | {} | {} | {} | {:.1} | {} | {:.3} | {:.3} | {:.3} |",
                if sampler == "few" { "plain" } else { sampler },
                if sampler == "speculative" { "yes" } else { "**no**" },
                line["steps"],
                calls.context("calls")?,
                line["samples"],
                number("distance"),
                number("null_95"),
                number("share_of_null_beyond"),
            );
        }
    }
    Ok(())
}

/// Writes the report and its plots.
pub fn write(lines: &[Outcome], plots: &Path, path: &Path) -> Result<()> {
    let of = |table: &'static str| lines.iter().filter(move |line| line.table == table);
    let mut text = HEAD.to_owned();

    let section = |text: &mut String, title: &str, table: &'static str, words: &str| {
        let _ = write!(text, "\n## {title}\n\n{words}\n\n");
        let _ = writeln!(text, "{}", head(&[]));
        for line in of(table) {
            let _ = writeln!(text, "{}", line.row());
        }
    };

    section(
        &mut text,
        "Drafts, on the faces network",
        "drafts",
        "The draft `frozen-drift` is the literal reading of the paper: the whole drift is frozen. All others freeze the \
         clean estimate; `frozen` is the paper's draft at its best. The independent draft asks a network of a thirteenth \
         of the parameters. Its calls are after the plus, because they wait for each other too.",
    );
    section(
        &mut text,
        "More steps, on the faces network",
        "steps",
        "Steps that lie closer together are easier to foresee, so a longer chain costs a speculative sampler little.",
    );
    plot(
        &plots.join("steps.svg"),
        ("steps of the chain, K", "sequential calls"),
        &curves(of("steps"), |line| line.steps as f64),
        Some("plain"),
    )?;
    let _ = writeln!(text, "\n![Calls against steps, on logarithmic axes](results/steps.svg)\n");
    exponents(&mut text, of("steps"), "K", |line| line.steps as f64);

    section(
        &mut text,
        "Less noise, on the faces network",
        "eta",
        "A smaller `eta` makes each step's noise smaller, and its gaps larger in units of it; but the states move less \
         too.",
    );
    section(
        &mut text,
        "What a row costs, on the faces network",
        "price",
        "`auto` is a window by price: `auto/0.005` where a further row adds half a percent to a call, as on a fast GPU, \
         `auto/0` where rows are free, `auto` alone at two percent. The dearer a row, the shorter the windows, the fewer \
         the rows and the more the calls.",
    );
    section(
        &mut text,
        "Two exact tests, on the faces network",
        "tests",
        "The reflection tests step by step and keeps every noise; the peak test judges a whole window at once. Both are \
         exact. The test `auto` of the other tables is the peak test for windows of 12 positions or more, else the \
         reflection; a draft that is the paper's is tested as the paper tests.",
    );
    section(
        &mut text,
        "Other chains, on the faces network",
        "chains",
        "One network, other tables of steps. The grid is part of the target: these chains have other laws.",
    );
    let _ = write!(
        text,
        "\nThe mean gap `|D|` of the tested steps in each tenth of these chains, the uniform grid of all other tables \
         first:\n\n\
         | |{}\n|---|{}\n",
        (1..=10).map(|tenth| format!(" {tenth} |")).collect::<String>(),
        "---|".repeat(10)
    );
    let house = of("steps").filter(|line| line.steps == 100 && line.draft == "secant");
    for line in house.chain(of("chains")) {
        let case = if line.case.is_empty() { "cosine, uniform grid" } else { &line.case };
        let _ = writeln!(text, "| {case}, eta = {} | {} |", line.eta, line.gaps.replace(' ', " | "));
    }
    section(
        &mut text,
        "Chains that people have, on the faces network",
        "others",
        "DPM-Solver++(2M) SDE as diffusers makes it from its configuration; the ancestral chain through the levels of Stable \
         Diffusion's scheduler; Karras's churn with gamma 0.2 from sigma 0.05 to 50, and AlphaFold 3's numbers: the steps \
         below the churn's range have no noise, and each of them costs a call of its own. Guidance evaluates two rows for each \
         state. `auto` prices a row at two percent of a call: where a row costs as much as a call, no window pays.",
    );
    section(
        &mut text,
        "Photographs, on the Fashion-MNIST network",
        "fashion",
        "28x28 grey, in 2x2 patches; the same drafts, nothing tuned.",
    );
    text.push_str("\n## Quality\n\n");
    text.push_str(QUALITY);
    for model in ["faces", "fashion"] {
        quality(&mut text, model)?;
    }
    waits(&mut text)?;

    let _ = write!(
        text,
        "\n## Dimension, on mixtures\n\n\
         Three Gaussians whose variances fall like one over the coordinate's number, as those of images do; the estimate \
         is exact. Here `K = 100`, `eta = 1`; other lengths and `eta` in 3,072 dimensions are in the file.\n\n\
         | dimensions | frozen, L = 20 | carry | secant |\n|---|---|---|---|\n"
    );
    let slice = || of("mixtures").filter(|line| line.steps == 100 && line.eta == 1.0);
    let mut cases: Vec<&str> = slice().map(|line| line.case.as_str()).collect();
    cases.dedup();
    for case in cases {
        let _ = write!(text, "| {}", case.trim_end_matches(" dimensions"));
        for line in slice().filter(|line| line.case == case) {
            let _ = write!(text, " | {:.1} ± {:.1}", line.calls, line.calls_error);
        }
        text.push_str(" |\n");
    }
    plot(&plots.join("dimension.svg"), ("dimensions", "sequential calls, K = 100"), &curves(slice(), dimension), None)?;
    let _ = writeln!(text, "\n![Calls against dimensions, on logarithmic axes](results/dimension.svg)\n");
    exponents(&mut text, slice(), "the dimension", dimension);
    let longest = || of("mixtures").filter(|line| line.eta == 1.0 && line.case == "3072 dimensions");
    exponents(&mut text, longest(), "K in 3,072 dimensions", |line| line.steps as f64);

    section(
        &mut text,
        "Langevin dynamics",
        "langevin",
        "500 steps of unadjusted Langevin dynamics, the chain's own bias included. `K` is the number of steps.",
    );
    for (title, about, name) in [
        ("Instead of this sampler", ALTERNATIVES, "alternatives.md"),
        ("Why it works", LYAPUNOV, "lyapunov.md"),
        ("Networks of others", FOREIGN, "foreign.md"),
        ("A hand that waits for its plans", POLICY, "policy.md"),
    ] {
        let path = plots.join(name);
        let tables = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let _ = write!(text, "\n## {title}\n\n{about}\n\n{tables}");
    }
    section(
        &mut text,
        "Chains that share calls, on the faces network",
        "shared",
        "Up to 64 rows a call. Calls are shared ones for each picture; most is what the slowest chain would have waited \
         for alone: a group cannot end before it.",
    );
    fs::write(path, text)?;
    println!("{}", path.display());
    Ok(())
}

fn dimension(line: &Outcome) -> f64 {
    line.case.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(f64::NAN)
}

type Curve = (String, Vec<(f64, f64)>);

/// Calls against `x`, a curve for each draft.
fn curves<'a>(lines: impl Iterator<Item = &'a Outcome>, x: impl Fn(&Outcome) -> f64) -> Vec<Curve> {
    let mut curves: Vec<Curve> = Vec::new();
    for line in lines {
        let point = (x(line), line.calls);
        match curves.iter_mut().find(|(draft, _)| *draft == line.draft) {
            Some((_, points)) => points.push(point),
            None => curves.push((line.draft.clone(), vec![point])),
        }
    }
    curves
}

/// Exponents `b` of `calls ~ x^b`, by least squares on logarithms, with their standard errors.
fn exponents<'a>(text: &mut String, lines: impl Iterator<Item = &'a Outcome>, of: &str, x: impl Fn(&Outcome) -> f64) {
    let fits: Vec<String> = curves(lines, x)
        .iter()
        .filter(|(_, points)| points.len() > 2)
        .map(|(draft, points)| {
            let n = points.len() as f64;
            let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (libm::log(*x), libm::log(*y))).collect();
            let centre = (logs.iter().map(|p| p.0).sum::<f64>() / n, logs.iter().map(|p| p.1).sum::<f64>() / n);
            let spread: f64 = logs.iter().map(|p| (p.0 - centre.0) * (p.0 - centre.0)).sum();
            let slope = logs.iter().map(|p| (p.0 - centre.0) * (p.1 - centre.1)).sum::<f64>() / spread;
            let rest: f64 = logs
                .iter()
                .map(|p| p.1 - centre.1 - slope * (p.0 - centre.0))
                .map(|residual| residual * residual)
                .sum();
            format!("{draft} {slope:.2} ± {:.2}", (rest / (n - 2.0) / spread).sqrt())
        })
        .collect();
    if !fits.is_empty() {
        let _ = writeln!(text, "Exponents of calls in {of}, fitted: {}.", fits.join(", "));
    }
}

/// Okabe and Ito's colours that stand out on white.
const COLOURS: [RGBColor; 3] = [RGBColor(213, 94, 0), RGBColor(0, 114, 178), RGBColor(0, 158, 115)];

/// A log-log plot; with the diagonal where it has a name.
fn plot(path: &Path, (x, y): (&str, &str), curves: &[Curve], diagonal: Option<&str>) -> Result<()> {
    let points = || curves.iter().flat_map(|(_, points)| points);
    if points().next().is_none() {
        return Ok(());
    }
    let range = |of: fn(&(f64, f64)) -> f64| -> Range<f64> {
        let values = points().map(of);
        let (least, most) = values.fold((f64::INFINITY, 0.0), |(a, b), v| (f64::min(a, v), f64::max(b, v)));
        least / 1.3..most * 1.3
    };
    let (across, mut up) = (range(|p| p.0), range(|p| p.1));
    if diagonal.is_some() {
        up.end = across.end;
    }
    let root = SVGBackend::new(path, (720, 420)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(56)
        .build_cartesian_2d(across.clone().log_scale(), up.log_scale())?;
    let whole = |value: &f64| format!("{value:.0}");
    chart
        .configure_mesh()
        .x_desc(x)
        .y_desc(y)
        .x_label_formatter(&whole)
        .y_label_formatter(&whole)
        .light_line_style(BLACK.mix(0.06))
        .draw()?;
    if let Some(name) = diagonal {
        let line = LineSeries::new([across.start, across.end].map(|x| (x, x)), BLACK.mix(0.5).stroke_width(1));
        chart.draw_series(line)?.label(name).legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], BLACK.mix(0.5)));
    }
    for ((draft, points), colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        chart
            .draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?
            .label(draft)
            .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 4, colour.filled())))?;
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.9))
        .border_style(BLACK.mix(0.3))
        .position(SeriesLabelPosition::UpperLeft)
        .draw()?;
    root.present()?;
    Ok(())
}

/// Says how far a quick run lies from the committed results.
pub fn compare(quick: &[Outcome], committed: &[Outcome]) -> Result<()> {
    /// Standard errors of a difference that no cell should exceed. They are estimated from 16 chains, so this is
    /// Student's t with some 15 degrees of freedom: 2e-4 a number, a false alarm in about twenty runs for all.
    const MOST: f64 = 5.0;
    ensure!(!committed.is_empty(), "docs/results/cells.csv is missing: run `cargo xtask experiments` first");
    let mut worst = 0.0_f64;
    let mut compared = 0;
    for line in quick {
        let same = |other: &&Outcome| {
            (&other.table, &other.case, other.steps, other.eta, &other.draft, &other.window, &other.test)
                == (&line.table, &line.case, line.steps, line.eta, &line.draft, &line.window, &line.test)
        };
        let Some(other) = committed.iter().find(same) else { continue };
        for (name, (a, a_error), (b, b_error)) in [
            ("calls", (line.calls, line.calls_error), (other.calls, other.calls_error)),
            ("rows", (line.rows, line.rows_error), (other.rows, other.rows_error)),
        ] {
            // a count that never varies has no error of its own
            let error = (a_error * a_error + b_error * b_error).sqrt().max(0.01 * b);
            let z = ((a - b) / error).abs();
            compared += 1;
            worst = worst.max(z);
            if z > MOST {
                println!(
                    "{} {} K = {} {}: {name} {a:.2}, committed {b:.2}: {z:.1} standard errors",
                    line.table, line.case, line.steps, line.draft
                );
            }
        }
    }
    ensure!(compared > 0, "docs/results/cells.csv has none of these cells");
    println!("{compared} numbers compared with docs/results/cells.csv; the worst is {worst:.1} standard errors away");
    ensure!(worst <= MOST, "this run and docs/RESULTS.md disagree by more than {MOST} standard errors");
    Ok(())
}
