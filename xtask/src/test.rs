//! Everything that is checked, and what measures.

use std::env;

use anyhow::Result;

use crate::build::{self, Engine};
use crate::serve::{self, Site};
use crate::shell::{program, run, stage};

use crate::tools;

/// A forward on the software adapter takes seconds.
const BROWSER_TEST_SECONDS: &str = "600";

/// All of it, the quick things first.
pub fn all() -> Result<()> {
    tools::node()?;
    let browser = tools::browser()?;
    let webdriver = tools::webdriver(&browser)?;
    stage("format", || run(&mut program("cargo", &["fmt", "--all", "--check"])))?;
    stage("types of the page", || {
        tools::npm_ci("tests/e2e")?;
        run(&mut program("tests/e2e/node_modules/.bin/tsc", &["--project", "tests/e2e/tsconfig.json"]))
    })?;
    stage("core: properties, laws, golden values", || {
        run(&mut program("cargo", &["test", "--release", "--package", "speculative-diffusion", "--no-fail-fast"]))
    })?;
    stage("network: parity, laws, weights, a software GPU", || {
        let parts = ["--lib", "--test", "network", "--test", "golden", "--test", "gpu", "--no-fail-fast"];
        let mut tests = program("cargo", &["test", "--release", "--features", "burn,gpu"]);
        if let Some(driver) = tools::software_vulkan(&browser)? {
            // the loader looks for a desktop too, and complains where there is none
            tests.env("VK_DRIVER_FILES", driver).env("XDG_RUNTIME_DIR", env::temp_dir());
        }
        run(tests.args(parts))
    })?;
    stage("lints", || {
        let strict = ["--", "-D", "warnings"];
        let native = ["clippy", "--release", "--workspace", "--all-targets", "--features", "burn,gpu"];
        run(program("cargo", &native).args(strict))?;
        let browser = ["clippy", "--profile", "web", "--lib", "--target", tools::TARGET, "--features"];
        run(program("cargo", &browser).arg(Engine::Cpu.features()).args(strict))
    })?;
    stage("documentation", || {
        let arguments =
            ["doc", "--release", "--no-deps", "--package", "speculative-diffusion", "--features", "burn,gpu"];
        run(program("cargo", &arguments).env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    build::site(false)?;
    for engine in [Engine::Cpu, Engine::Gpu] {
        stage(&format!("{} engine in a headless browser", engine.folder().to_uppercase()), || {
            let arguments = [
                "test",
                "--headless",
                "--chrome",
                "--mode",
                "no-install",
                "--chromedriver",
                &browser.driver.to_string_lossy(),
                ".",
                "--profile",
                "web",
                "--features",
                engine.features(),
                "--test",
                "web",
                "--test",
                "golden",
            ];
            run(program(tools::wasm_pack()?, &arguments)
                .env("PATH", tools::path()?)
                .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &webdriver)
                .env("WASM_BINDGEN_TEST_TIMEOUT", BROWSER_TEST_SECONDS))
        })?;
    }
    // not a stage: the run ends on the test runner's own summary
    println!("── the page, end to end");
    let (source, built) = (serve::start(Site::Source, 0)?, serve::start(Site::Built, 0)?);
    run(program("node", &["--test", "--test-reporter=spec", "tests/e2e/page.test.mjs"])
        .env("PAGE_URL", source.url())
        .env("DIST_URL", built.url())
        .env("CHROMIUM", &browser.chromium))
}

/// The table of costs.
pub fn bench(arguments: &[String]) -> Result<()> {
    let gpu = arguments.iter().any(|argument| ["gpu", "vulkan"].iter().any(|name| argument.ends_with(name)));
    let features = if gpu { "gpu" } else { "network" };
    run(program("cargo", &["bench", "--features", features, "--bench", "table", "--"]).args(arguments))
}

/// The measurements behind docs/RESULTS.md.
pub fn experiments(arguments: &[String]) -> Result<()> {
    run(program("cargo", &["run", "--release", "--features", "network", "--example", "experiments", "--"])
        .args(arguments))
}

/// Times in a headless browser.
pub fn bench_web(arguments: &[String]) -> Result<()> {
    let browser = tools::browser()?;
    tools::npm_ci("tests/bench-web")?;
    build::engine(Engine::Cpu)?;
    if !arguments.iter().any(|argument| argument == "--no-gpu") {
        build::engine(Engine::Gpu)?;
    }
    let server = serve::start(Site::Source, 0)?;
    run(program("node", &["tests/bench-web/bench.mjs"])
        .args(arguments)
        .env("PAGE_URL", server.url())
        .env("CHROMIUM", &browser.chromium))
}

/// Golden files and the recorded run, written anew.
pub fn bless() -> Result<()> {
    run(program("cargo", &["test", "--release", "--features", "network", "--test", "golden"]).env("BLESS", "1"))?;
    run(&mut program("cargo", &["run", "--release", "--features", "network", "--example", "record"]))?;
    println!("{}", env::var("CI").map_or("look at `git diff` before you commit", |_| "blessed"));
    Ok(())
}
