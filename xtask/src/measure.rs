//! What measures, and what writes measured files again.

use std::env;
use std::process::Command;

use anyhow::Result;

use crate::build::{self, Engine};
use crate::npm;
use crate::serve::{self, Site};
use crate::shell::{cargo, program, root, run, stage};
use crate::test::{NETWORK, POLICY, PROFILE};
use crate::tools;

/// A program of the laboratory.
fn lab(name: &str, features: &str) -> Command {
    cargo(&["run", "--release", "--package", "lab", "--features", features, "--bin", name, "--"])
}

/// The table of costs.
pub fn bench(arguments: &[String]) -> Result<()> {
    let gpu = arguments.iter().any(|argument| ["gpu", "vulkan"].iter().any(|name| argument.ends_with(name)));
    run(lab("experiments", if gpu { "gpu" } else { "" }).arg("--time").args(arguments))
}

/// The measurements behind docs/RESULTS.md.
pub fn experiments(arguments: &[String]) -> Result<()> {
    run(lab("experiments", "").args(arguments))
}

/// Chains on fresh seeds, and what the residuals of all that were ever run say together.
pub fn evidence(arguments: &[String]) -> Result<()> {
    run(lab("evidence", "").args(arguments))
}

/// Times in a headless browser.
pub fn bench_web(arguments: &[String]) -> Result<()> {
    let asked = |names: &[&str]| arguments.iter().any(|argument| names.contains(&&**argument));
    let browser = tools::browser()?;
    tools::npm_ci("tests/bench-web")?;
    build::engines(&[Engine::Cpu, Engine::Sampler, Engine::Policy])?;
    if !asked(&["--no-gpu", "--engines", "--overhead", "--policy"]) {
        build::engines(&[Engine::Gpu, Engine::Burn])?;
    }
    if !asked(&["--overhead", "--policy", "--soak"]) {
        peers()?;
    }
    npm::onnx(npm::exporter(), &root().join("target/onnx"))?;
    let server = serve::start(Site::Source, 0)?;
    run(program("node", &["tests/bench-web/bench.mjs"])
        .args(arguments)
        .env("PAGE_URL", server.url())
        .env("CHROMIUM", &browser.chromium))
}

/// Other engines for ONNX files, as wasm modules in target/peers/pkg.
fn peers() -> Result<()> {
    let glue = tools::glue(false)?.join("glue");
    for name in ["tract", "rten"] {
        // each has a folder: the next build would take the place of this one's module
        let folder = root().join("target/peers").join(name);
        stage(&format!("build {name}, to measure against it"), || {
            let arguments = ["build", "--release", "--locked", "--manifest-path=tests/bench-web/peers/Cargo.toml"];
            run(cargo(&arguments).args(["--target", tools::TARGET, "--features", name, "--target-dir"]).arg(&folder))
        })?;
        let module = folder.join(tools::TARGET).join("release/peers.wasm");
        run(program(&glue, &[]).arg(module).arg(root().join("target/peers/pkg").join(name)))?;
    }
    Ok(())
}

/// Pictures of the page, for the documents.
pub fn pictures() -> Result<()> {
    with_page("tests/bench-web/pictures.mjs", &[Engine::Toy, Engine::Policy], &[])
}

/// The page, as random visitors use it.
pub fn soak(arguments: &[String]) -> Result<()> {
    with_page("tests/bench-web/soak.mjs", &[Engine::Toy, Engine::Policy, Engine::Gpu], arguments)
}

/// Runs a script beside the page, which has these engines besides the CPU's.
fn with_page(script: &str, engines: &[Engine], arguments: &[String]) -> Result<()> {
    let browser = tools::browser()?;
    tools::npm_ci("tests/bench-web")?;
    build::engine(Engine::Cpu)?;
    build::engines(engines)?;
    let server = serve::start(Site::Source, 0)?;
    run(program("node", &[script]).args(arguments).env("PAGE_URL", server.url()).env("CHROMIUM", &browser.chromium))
}

/// Golden files, pages in other languages, recorded runs and numbers of figures, written again.
pub fn bless() -> Result<()> {
    for package in ["speculative-diffusion", NETWORK, POLICY] {
        run(cargo(&["test", PROFILE, "--package", package, "--test", "golden"]).env("BLESS", "1"))?;
    }
    run(&mut program("node", &["xtask/pages.mjs"]))?;
    run(&mut lab("figures", ""))?;
    with_page("tests/bench-web/record.mjs", &[], &[])?;
    println!("{}", env::var("CI").map_or("look at `git diff` before you commit", |_| "blessed"));
    Ok(())
}
