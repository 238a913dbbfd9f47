//! Everything that is checked.
//!
//! Two lines of stages run side by side: what compiles, and what only needs a browser or Node.js, which starts as soon as the
//! engine it needs is there and goes first.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::{env, fs, thread};

use anyhow::{Context as _, Result, anyhow, ensure};

use crate::build::{self, Engine};
use crate::npm;
use crate::python;
use crate::serve::{self, Site};
use crate::shell::{cargo, program, root, run, stage, stage_aside, step_back};
use crate::tools::{self, Browser};

const CORE: &str = "speculative-diffusion";
pub const NETWORK: &str = "speculative-diffusion-unet";
pub const POLICY: &str = "policy";
/// What the networks and the laboratory are tested in.
pub const PROFILE: &str = "--profile=tests";
/// Networks and laboratory, with the features whose dependencies one build can serve.
const HEAVY: [&str; 9] = [
    PROFILE,
    "--package",
    NETWORK,
    "--package",
    POLICY,
    "--package",
    "lab",
    "--features",
    "speculative-diffusion-unet/burn,speculative-diffusion-unet/gpu,speculative-diffusion-unet/onnx,lab/train,lab/gpu",
];
/// Where the page's tests take times: they get the machine to themselves.
const TIMED: [&str; 2] = ["arrival.test.mjs", "main-thread.test.mjs"];
/// They need the engines on WebGPU, which are built last.
const ON_GPU: [&str; 1] = ["webgpu.test.mjs"];

/// A forward on the software adapter takes seconds.
const BROWSER_TEST_SECONDS: &str = "600";

/// What the stages that compile nothing wait for.
#[derive(PartialEq, Eq, Debug)]
enum Built {
    /// The page without WebGPU.
    Page,
    /// The programs of the laboratory that draw native pictures and write ONNX files, and the npm package's module.
    Programs,
    /// The engines on WebGPU.
    Gpu,
}

/// All of it, the quick things first.
pub fn all() -> Result<()> {
    tools::node()?;
    let browser = tools::browser()?;
    format()?;
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        let page = {
            let browser = &browser;
            scope.spawn(move || page(browser, receive))
        };
        let compiled = compiled(&browser, &|built| {
            // where the page's tests have failed nobody waits any more, and that failure is reported
            let _ = send.send(built);
        });
        drop(send);
        let page = page.join().map_err(|_| anyhow!("the page's stages panicked"))?;
        compiled.and(page)
    })?;
    let served = Served::start()?;
    // not a stage: the run ends on the test runner's own summary
    println!("── the page, end to end: what takes times");
    served.test(&browser, "1", &page_tests(|name| TIMED.contains(&name))?)
}

/// What compiles, and tests that need nothing else.
fn compiled(browser: &Browser, built: &(dyn Fn(Built) + Sync)) -> Result<()> {
    // whoever tests in a browser meanwhile goes first
    step_back();
    build::engines(&Engine::PAGE)?;
    built(Built::Page);
    core()?;
    stage("networks and laboratory: lints, parity, laws, weights, a software GPU, training", || {
        let mut tests = linted(&["test", "--no-fail-fast"]);
        if let Some(driver) = tools::software_vulkan(browser)? {
            // the loader looks for a desktop too, and complains where there is none
            tests.env("VK_DRIVER_FILES", driver).env("XDG_RUNTIME_DIR", env::temp_dir());
        }
        run(tests.args(HEAVY))
    })?;
    build::engine(Engine::Sampler)?;
    stage("build the programs of the laboratory", || {
        run(linted(&["build", "--bin", "export", "--bin", "sample"]).args(HEAVY))
    })?;
    built(Built::Programs);
    build::engine(Engine::Gpu)?;
    build::smoke(Engine::Burn)?;
    built(Built::Gpu);
    stage("lints of the binding", || {
        for engine in [Engine::Sampler].into_iter().chain(Engine::PAGE) {
            run(&mut lints_of_engine(engine))?;
        }
        Ok(())
    })?;
    match python::interpreter() {
        None => println!("── the Python package: NOT TESTED, there is no python3 of version 3.11 or later with venv"),
        Some(python) => drop(python::alone(&python)?),
    }
    in_a_browser(browser)?;
    stage("documentation", || {
        let documents = ["doc", "--no-deps", "--lib", PROFILE, "--package", CORE, "--package", NETWORK];
        run(cargo(&documents)
            .args(["--features", "speculative-diffusion/diffusers"])
            .env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    match tools::cargo_aarch64(&["test", PROFILE, "--package", CORE, "--test", "golden"]) {
        None => println!("── golden values on aarch64: NOT TESTED, there is no linker or no emulator"),
        Some(mut golden) => stage("the core's golden values on aarch64, emulated", || run(&mut golden))?,
    }
    Ok(())
}

/// Cargo with clippy in the compiler's place for the members of the workspace: they are looked at as they are compiled.
fn linted(arguments: &[&str]) -> std::process::Command {
    let mut command = cargo(arguments);
    command
        .env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver")
        .env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
    command
}

fn lints_of_engine(engine: Engine) -> std::process::Command {
    let clippy = ["clippy", "--package", build::PACKAGE, "--profile", "web", "--lib", "--target", tools::TARGET];
    let mut command = cargo(&clippy);
    command.args(["--no-default-features", "--features", engine.name(), "--", "-D", "warnings"]);
    command
}

/// Golden values and engines in a headless browser; one of them through wasm-pack, as its users would.
fn in_a_browser(browser: &Browser) -> Result<()> {
    let webdriver = tools::webdriver(browser)?;
    let tools = tools::glue(true)?;
    let with_browser = |command: &mut std::process::Command| {
        command
            .env("CHROMEDRIVER", &browser.driver)
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &webdriver)
            .env("WASM_BINDGEN_TEST_TIMEOUT", BROWSER_TEST_SECONDS);
    };
    for (name, package, features) in [
        ("the core in a headless browser", CORE, ""),
        ("the network in a headless browser", NETWORK, ""),
        ("the policy in a headless browser", POLICY, ""),
        ("GPU engine in a headless browser", build::PACKAGE, Engine::Gpu.name()),
    ] {
        let test = if package == build::PACKAGE { "web" } else { "golden" };
        stage(name, || {
            let test = ["test", "--profile", "web", "--target", tools::TARGET, "--package", package, "--test", test];
            let mut command = cargo(&test);
            with_browser(command.args(["--no-default-features", "--features", features]));
            run(command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", tools.join("wasm-bindgen-test-runner")))
        })?;
    }
    stage("CPU engine in a headless browser, by wasm-pack", || {
        let driver = browser.driver.to_string_lossy();
        let browser = ["test", "--headless", "--chrome", "--mode", "no-install", "--chromedriver", &driver, "web"];
        let mut command = program(tools::wasm_pack()?, &browser);
        with_browser(command.args(["--profile", "web", "--no-default-features", "--features", "cpu", "--test", "web"]));
        let mut path = vec![tools];
        path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        run(command.env("PATH", env::join_paths(path)?))
    })
}

/// What compiles nothing.
fn page(browser: &Browser, built: Receiver<Built>) -> Result<()> {
    let wait_for = |wanted: Built| {
        let came = built.recv().context("what the page's tests need was not built")?;
        ensure!(came == wanted, "{came:?} came before {wanted:?}");
        Ok(())
    };
    stage_aside("types, format and lints of the page", scripts)?;
    stage_aside("modules of the page", modules)?;
    wait_for(Built::Page)?;
    let others = page_tests(|name| !TIMED.contains(&name) && !ON_GPU.contains(&name))?;
    build::dist(&Engine::PAGE, None)?;
    let served = Served::start()?;
    stage_aside("the page, end to end", || served.test(browser, "2", &others))?;
    wait_for(Built::Programs)?;
    let laboratory = |name: &str| root().join("target/tests").join(name);
    stage_aside("the npm package: Node.js, Vite, a strict policy, a foreign model", || {
        npm::test(program(laboratory("export"), &[]))
    })?;
    wait_for(Built::Gpu)?;
    build::dist(&Engine::ALL, None)?;
    stage_aside("the page, end to end, on WebGPU", || {
        served.test(browser, "2", &page_tests(|name| ON_GPU.contains(&name))?)
    })?;
    stage_aside("the page in Chromium, Firefox and WebKit, and the same bits natively", || {
        tools::npm_ci("tests/browsers")?;
        run(program("node", &["--test", "--test-reporter=spec", "tests/browsers/browsers.test.mjs"])
            .envs(served.addresses())
            .env("SAMPLE", laboratory("sample"))
            .env("CHROMIUM", &browser.chromium))
    })
}

/// The page as it is, and as it is published.
struct Served {
    source: serve::Running,
    built: serve::Running,
}

impl Served {
    fn start() -> Result<Self> {
        Ok(Self { source: serve::start(Site::Source, 0)?, built: serve::start(Site::Built, 0)? })
    }

    fn addresses(&self) -> [(&'static str, String); 2] {
        [("PAGE_URL", self.source.url()), ("DIST_URL", self.built.url())]
    }

    fn test(&self, browser: &Browser, concurrency: &str, files: &[PathBuf]) -> Result<()> {
        run(program("node", &["--test", "--test-reporter=spec"])
            .arg(format!("--test-concurrency={concurrency}"))
            .args(files)
            .envs(self.addresses())
            .env("CHROMIUM", browser.windowless()))
    }
}

/// The inner loop.
pub fn quick() -> Result<()> {
    tools::node()?;
    format()?;
    stage("types, format and lints of the page", scripts)?;
    stage("modules of the page", modules)?;
    core()
}

fn format() -> Result<()> {
    stage("format", || {
        run(&mut cargo(&["fmt", "--all", "--check"]))?;
        run(&mut cargo(&["fmt", "--check", "--manifest-path", "python/Cargo.toml"]))
    })?;
    stage("the local server", || run(&mut cargo(&["test", "--quiet", "--profile", "xtask", "--package", "xtask"])))
}

fn scripts() -> Result<()> {
    tools::npm_ci("tests/e2e")?;
    let tool = |name: &str, arguments: &[&str]| {
        run(&mut program(root().join("tests/e2e/node_modules/.bin").join(name), arguments))
    };
    tool("tsc", &["--project", "tests/e2e/tsconfig.json"])?;
    tool("prettier", &["--check", "--log-level=warn", "."])?;
    tool("eslint", &["."])
}

fn modules() -> Result<()> {
    run(program("node", &["--test", "--test-reporter=spec"]).args(tests_in("tests/unit")?))
}

fn core() -> Result<()> {
    stage("core: lints, properties, laws, golden values, schedulers", || {
        run(linted(&["test", "--no-fail-fast"]).args(["--package", CORE]))
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

fn page_tests(wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    let mut files = tests_in("tests/e2e")?;
    files.retain(|file| file.file_name().is_some_and(|name| wanted(&name.to_string_lossy())));
    Ok(files)
}

/// The exact heart: every change of it must be seen by a test.
const HEART: [&str; 9] = [
    "src/chain.rs",
    "src/coupling/**",
    "src/draft/**",
    "src/noise.rs",
    "src/noise/**",
    "src/run/commit.rs",
    "src/run/drawn.rs",
    "src/run/rollout.rs",
    "src/run/state.rs",
];
/// What is wrong on purpose.
const WRONG: &str = "src/coupling/mutants.rs";

/// Tests that take longer than a second where little is optimised; the others see nearly all changes.
const SLOW: [&str; 7] =
    ["audit", "carry_saves", "draft_means", "negative_weights", "rows_are_free", "thrown_out", "variance_exploding"];

/// Changes the exact heart, or other files of the core, in every way that cargo-mutants knows; a shard `K/N` of them. What is
/// stopped goes on where it was: changes that a test has seen are not made again.
pub fn mutants(shard: Option<&str>, files: Option<&str>, rest: &[String]) -> Result<()> {
    let path: OsString = tools::cargo_mutants()?;
    let out = root().join("target/mutants").join(shard.unwrap_or("0/1").replace('/', "-of-"));
    fs::create_dir_all(&out)?;
    let tests = ["lib", "test=golden", "test=properties", "test=deterministic", "test=schedulers"];
    let mut quick = vec!["--profile=mutants".to_owned()];
    quick.extend(tests.map(|test| format!("--cargo-arg=--{test}")));
    quick.extend(["--", "--"].map(String::from));
    quick.extend(SLOW.map(|test| format!("--skip={test}")));
    for (name, tests) in
        [("what the quick tests see", &quick[..]), ("what all tests of the core see of the rest", &[][..])]
    {
        stage(name, || {
            let mut command = cargo(&["mutants", "--package", CORE, "--no-shuffle", "--iterate", "--output"]);
            command.arg(&out).args(["--exclude", WRONG]);
            for glob in files.map_or_else(|| HEART.to_vec(), |files| vec![files]) {
                command.args(["--file", glob]);
            }
            if let Some(shard) = shard {
                command.args(["--shard", shard]);
            }
            let status = command.args(rest).args(tests).env("PATH", &path).status()?;
            // 2 and 3: some were not seen, or ran on for ever
            ensure!(matches!(status.code(), Some(0 | 2 | 3)), "cargo mutants failed ({status})");
            Ok(())
        })?;
    }
    println!("not seen: {}", out.join("mutants.out/missed.txt").display());
    Ok(())
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
