//! Everything that is checked, and what measures.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Result, ensure};

use crate::build::{self, Engine};
use crate::npm;
use crate::serve::{self, Site};
use crate::shell::{program, root, run, stage};
use crate::tools;

const UNET: &str = "speculative-diffusion-unet";
/// What the network and the laboratory are tested in.
const PROFILE: &str = "--profile=tests";
const UNET_FEATURES: &str =
    "speculative-diffusion-unet/burn,speculative-diffusion-unet/gpu,speculative-diffusion-unet/onnx";
const LAB_FEATURES: &str = "lab/train,lab/gpu,lab/onnx";
/// Everything: one choice for lints and documentation, which then look through the crates below only once.
const WORKSPACE: [&str; 8] = [
    PROFILE,
    "--workspace",
    "--features",
    "speculative-diffusion/json,speculative-diffusion/mutants",
    "--features",
    UNET_FEATURES,
    "--features",
    LAB_FEATURES,
];
/// Where the page's tests take times: they get the machine to themselves.
const TIMED: [&str; 1] = ["arrival.test.mjs"];

/// A forward on the software adapter takes seconds.
const BROWSER_TEST_SECONDS: &str = "600";

/// All of it, the quick things first.
pub fn all() -> Result<()> {
    tools::node()?;
    let browser = tools::browser()?;
    let webdriver = tools::webdriver(&browser)?;
    checks()?;
    // together, with all their features: so the large crates below them are compiled once
    let together =
        [PROFILE, "--package", UNET, "--package", "lab", "--features", UNET_FEATURES, "--features", LAB_FEATURES];
    let built = |name: &str| root().join("target/tests").join(name);
    stage("network and laboratory: parity, laws, weights, a software GPU, training", || {
        let mut tests = program("cargo", &["test"]);
        if let Some(driver) = tools::software_vulkan(&browser)? {
            // the loader looks for a desktop too, and complains where there is none
            tests.env("VK_DRIVER_FILES", driver).env("XDG_RUNTIME_DIR", env::temp_dir());
        }
        run(tests.args(together).arg("--no-fail-fast"))
    })?;
    stage("a foreign model in Rust: checked, sampled, audited", || {
        run(program("cargo", &["build", "--bin", "export", "--bin", "onnx", "--bin", "sample"]).args(together))?;
        npm::onnx(program(built("export"), &[]), &root().join("target/onnx"))?;
        run(&mut program(built("onnx"), &["--runs", "4"]))
    })?;
    stage("lints", || {
        let strict = ["--", "-D", "warnings"];
        run(program("cargo", &["clippy", "--all-targets"]).args(WORKSPACE).args(strict))?;
        for engine in [Engine::Sampler, Engine::Toy, Engine::Cpu] {
            let browser =
                ["clippy", "--package", build::PACKAGE, "--profile", "web", "--lib", "--target", tools::TARGET];
            run(program("cargo", &browser).args(["--features", engine.features()]).args(strict))?;
        }
        Ok(())
    })?;
    stage("documentation", || {
        run(program("cargo", &["doc", "--no-deps", "--lib"]).args(WORKSPACE).env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    build::site(&[Engine::Toy, Engine::Cpu, Engine::Gpu, Engine::Burn])?;
    for (folder, name, features) in [
        (".", "the core in a headless browser", ""),
        ("unet", "the network in a headless browser", ""),
        ("web", "CPU engine in a headless browser", Engine::Cpu.features()),
        ("web", "GPU engine in a headless browser", Engine::Gpu.features()),
        ("web", "burn engine in a headless browser", Engine::Burn.features()),
    ] {
        let test = if folder == "web" { "web" } else { "golden" };
        stage(name, || {
            let driver = browser.driver.to_string_lossy();
            let browser = ["test", "--headless", "--chrome", "--mode", "no-install", "--chromedriver", &driver, folder];
            run(program(tools::wasm_pack()?, &browser)
                .args(["--profile", "web", "--features", features, "--test", test])
                .env("PATH", tools::path()?)
                .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &webdriver)
                .env("WASM_BINDGEN_TEST_TIMEOUT", BROWSER_TEST_SECONDS))
        })?;
    }
    stage("the npm package: Node.js, Vite, a strict policy, a foreign model", || {
        npm::test(program(built("export"), &[]))
    })?;
    tools::other_browsers()?;
    tools::npm_ci("tests/browsers")?;
    let sample = built("sample");
    // on the other processor: the core's golden values, and the program whose runs the browsers must repeat
    let mut emulated = None;
    if let Some(mut golden) = tools::cargo_aarch64(&["test", "--package", "speculative-diffusion", "--test", "golden"])?
    {
        stage("the core's golden values on aarch64, emulated", || run(&mut golden))?;
        let build = ["build", PROFILE, "--package", "lab", "--bin", "sample"];
        if let Some(mut build) = tools::cargo_aarch64(&build)? {
            stage("build the native sampler for aarch64", || run(&mut build))?;
            let path = root().join("target").join(tools::AARCH64).join("tests/sample");
            emulated = Some(format!("{} {}", tools::AARCH64_RUNNER, path.display()));
        }
    }
    stage("the page in Chromium, Firefox and WebKit, and the same bits natively", || {
        let (source, built) = (serve::start(Site::Source, 0)?, serve::start(Site::Built, 0)?);
        run(program("node", &["--test", "--test-reporter=spec", "tests/browsers/browsers.test.mjs"])
            .env("PAGE_URL", source.url())
            .env("DIST_URL", built.url())
            .env("SAMPLE", &sample)
            .envs(emulated.map(|command| ("SAMPLE_AARCH64", command)))
            .env("CHROMIUM", &browser.chromium))
    })?;
    let (source, built) = (serve::start(Site::Source, 0)?, serve::start(Site::Built, 0)?);
    let windowless = browser.windowless();
    let page = |concurrency: &str, files: &[PathBuf]| {
        run(program("node", &["--test", "--test-reporter=spec"])
            .arg(format!("--test-concurrency={concurrency}"))
            .args(files)
            .env("PAGE_URL", source.url())
            .env("DIST_URL", built.url())
            .env("CHROMIUM", &windowless))
    };
    let (timed, others): (Vec<_>, Vec<_>) =
        tests_in("tests/e2e")?.into_iter().partition(|file| TIMED.iter().any(|name| file.ends_with(name)));
    stage("the page, end to end: what takes times", || page("1", &timed))?;
    // not a stage: the run ends on the test runner's own summary
    println!("── the page, end to end");
    page("2", &others)
}

/// The inner loop.
pub fn quick() -> Result<()> {
    tools::node()?;
    checks()?;
    stage("lints of the core", || {
        let core = ["clippy", PROFILE, "--package", "speculative-diffusion", "--all-targets", "--", "-D", "warnings"];
        run(&mut program("cargo", &core))
    })
}

/// What needs no browser and no network.
fn checks() -> Result<()> {
    stage("format", || run(&mut program("cargo", &["fmt", "--all", "--check"])))?;
    stage("types, format and lints of the page", || {
        tools::npm_ci("tests/e2e")?;
        let tool = |name: &str, arguments: &[&str]| {
            run(&mut program(root().join("tests/e2e/node_modules/.bin").join(name), arguments))
        };
        tool("tsc", &["--project", "tests/e2e/tsconfig.json"])?;
        tool("prettier", &["--check", "--log-level=warn", "."])?;
        tool("eslint", &["."])
    })?;
    stage("modules of the page", || {
        run(program("node", &["--test", "--test-reporter=spec"]).args(tests_in("tests/unit")?))
    })?;
    stage("no circle of files", || run(&mut program("cargo", &["test", "--profile", "xtask", "--package", "xtask"])))?;
    stage("core: properties, laws, golden values, schedulers", || {
        run(&mut program("cargo", &["test", "--package", "speculative-diffusion", "--no-fail-fast"]))
    })
}

/// The files of tests in a folder, in the order of their names.
fn tests_in(folder: &str) -> Result<Vec<PathBuf>> {
    let folder = root().join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    ensure!(!files.is_empty(), "{} holds no tests", folder.display());
    Ok(files)
}

/// A program of the laboratory.
fn lab(name: &str, features: &str) -> std::process::Command {
    program("cargo", &["run", "--release", "--package", "lab", "--features", features, "--bin", name, "--"])
}

/// The table of costs.
pub fn bench(arguments: &[String]) -> Result<()> {
    let gpu = arguments.iter().any(|argument| ["gpu", "vulkan"].iter().any(|name| argument.ends_with(name)));
    run(lab("table", if gpu { "gpu" } else { "" }).args(arguments))
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
    let browser = tools::browser()?;
    tools::npm_ci("tests/bench-web")?;
    build::engine(Engine::Cpu)?;
    build::engine(Engine::Sampler)?;
    if !arguments.iter().any(|argument| argument == "--no-gpu") {
        build::engine(Engine::Gpu)?;
        build::engine(Engine::Burn)?;
    }
    npm::onnx(npm::exporter(), &root().join("target/onnx"))?;
    let server = serve::start(Site::Source, 0)?;
    run(program("node", &["tests/bench-web/bench.mjs"])
        .args(arguments)
        .env("PAGE_URL", server.url())
        .env("CHROMIUM", &browser.chromium))
}

/// The targets of `fuzz/`.
const FUZZED: [&str; 6] = ["settings", "scheduler", "sidecar", "state", "steps", "weights"];

/// Every parser against random input, up to a limit of libFuzzer's.
pub fn fuzz(limit: &str) -> Result<()> {
    let path = tools::cargo_fuzz()?;
    let fuzz = |arguments: &[&str]| {
        let mut command = program("rustup", &["run", "nightly", "cargo", "fuzz"]);
        // what is fuzzed has no unsafe code: the address sanitizer would find nothing, and take most of the time
        command.args(arguments).args(["--fuzz-dir", "fuzz", "--target-dir", "target/fuzz", "--sanitizer", "none"]);
        command.env("PATH", &path);
        command
    };
    stage("build the fuzz targets", || run(&mut fuzz(&["build"])))?;
    let corpora = root().join("target/fuzz/corpus");
    for target in FUZZED {
        // what is found stays outside of the repository; the committed corpus is only read
        fs::create_dir_all(corpora.join(target))?;
        let (found, committed) = (corpora.join(target), root().join("fuzz/corpus").join(target));
        stage(&format!("fuzz {target}"), || {
            let limits = [limit, "-max_len=4096", "-rss_limit_mb=3000"];
            run(fuzz(&["run", target]).arg(found).arg(committed).arg("--").args(limits))
        })?;
    }
    Ok(())
}

/// Pictures of the page, for the documents.
pub fn pictures() -> Result<()> {
    build::engine(Engine::Toy)?;
    with_page("tests/bench-web/pictures.mjs", &[])
}

/// The page, as random visitors use it.
pub fn soak(arguments: &[String]) -> Result<()> {
    build::engine(Engine::Toy)?;
    build::engine(Engine::Gpu)?;
    with_page("tests/bench-web/soak.mjs", arguments)
}

/// Runs a script beside the page.
fn with_page(script: &str, arguments: &[String]) -> Result<()> {
    let browser = tools::browser()?;
    tools::npm_ci("tests/bench-web")?;
    build::engine(Engine::Cpu)?;
    let server = serve::start(Site::Source, 0)?;
    run(program("node", &[script]).args(arguments).env("PAGE_URL", server.url()).env("CHROMIUM", &browser.chromium))
}

/// Golden files, recorded runs and numbers of figures, written again.
pub fn bless() -> Result<()> {
    for package in ["speculative-diffusion", UNET] {
        run(program("cargo", &["test", PROFILE, "--package", package, "--test", "golden"]).env("BLESS", "1"))?;
    }
    run(&mut lab("figures", ""))?;
    with_page("tests/bench-web/record.mjs", &[])?;
    println!("{}", env::var("CI").map_or("look at `git diff` before you commit", |_| "blessed"));
    Ok(())
}
