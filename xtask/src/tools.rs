//! The tools a build needs, installed under target/ where the right version is not at hand.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell::{cargo, output, program, root, run, stage, which};

const NODE: u32 = 20;
const WASM_PACK: &str = "0.15.1";
const CARGO_FUZZ: &str = "0.13.2";
const CARGO_DENY: &str = "0.20.2";
const CARGO_CYCLONEDX: &str = "0.5.9";
const CARGO_MUTANTS: &str = "27.1.0";
/// What the browser runs.
pub const TARGET: &str = "wasm32-unknown-unknown";

fn folder() -> PathBuf {
    root().join("target/tools")
}

/// PATH with our tools in front.
pub fn path() -> Result<OsString> {
    let mut folders = vec![folder().join("bin")];
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    Ok(env::join_paths(folders)?)
}

/// The wasm target: what a build for browsers needs.
pub fn wasm_target() -> Result<()> {
    let installed = output("rustup", &["target", "list", "--installed"]);
    if installed.is_some_and(|list| !list.lines().any(|line| line == TARGET)) {
        stage("install the wasm target", || run(&mut program("rustup", &["target", "add", TARGET])))?;
    }
    Ok(())
}

/// `wasm-pack`.
pub fn wasm_pack() -> Result<PathBuf> {
    cargo_tool("wasm-pack", WASM_PACK)
}

/// The folder of the programs that `xtask/glue` is compiled to: what makes the JavaScript beside a wasm module, and with
/// `tests` also what wasm-pack and `cargo test` start.
pub fn glue(tests: bool) -> Result<PathBuf> {
    let features: &[&str] = if tests { &["--features", "tests"] } else { &[] };
    run(cargo(&["build", "--profile", "xtask", "--package", "glue"]).args(features))?;
    Ok(root().join("target/xtask"))
}

/// `cargo-deny`.
pub fn cargo_deny() -> Result<PathBuf> {
    cargo_tool("cargo-deny", CARGO_DENY)
}

/// `cargo-cyclonedx`.
pub fn cargo_cyclonedx() -> Result<PathBuf> {
    cargo_tool("cargo-cyclonedx", CARGO_CYCLONEDX)
}

/// The PATH on which `cargo fuzz` is found, and the nightly compiler that it needs.
pub fn cargo_fuzz() -> Result<OsString> {
    let toolchains = output("rustup", &["toolchain", "list"]).unwrap_or_default();
    if !toolchains.lines().any(|line| line.starts_with("nightly")) {
        let install = ["toolchain", "install", "nightly", "--profile", "minimal", "--no-self-update"];
        stage("install a nightly compiler", || run(&mut program("rustup", &install)))?;
    }
    cargo_tool("cargo-fuzz", CARGO_FUZZ)?;
    path()
}

/// `cargo-mutants`.
pub fn cargo_mutants() -> Result<OsString> {
    cargo_tool("cargo-mutants", CARGO_MUTANTS)?;
    path()
}

/// The tool of this version: the one on the PATH, ours, or one installed now.
fn cargo_tool(name: &str, version: &str) -> Result<PathBuf> {
    let ours = folder().join("bin").join(name);
    // some know their version as subcommands of cargo only
    let subcommand = name.trim_start_matches("cargo-");
    let fits = |program: &str| {
        let says = |arguments: &[&str]| output(program, arguments);
        let text = says(&["--version"]).or_else(|| says(&[subcommand, "--version"]));
        text.is_some_and(|text| text.split_whitespace().nth(1) == Some(version))
    };
    if fits(&ours.to_string_lossy()) {
        return Ok(ours);
    }
    if fits(name) {
        return Ok(name.into());
    }
    stage(&format!("install {name} {version} under target/tools (about a minute, once)"), || {
        let install = |options: &[&str]| {
            // a tool that runs for seconds is compiled sooner than it would repay to compile it well
            let mut command = cargo(&["install", "--quiet", "--config", "profile.release.opt-level=0"]);
            command.args([name, "--version", version, "--root"]).arg(folder()).args(options);
            command
        };
        // the locked set of crates first; one of them may have been withdrawn, which is no concern of whoever waits
        if install(&["--locked"]).output()?.status.success() { Ok(()) } else { run(&mut install(&[])) }
    })?;
    Ok(ours)
}

/// Chromium and its driver.
pub struct Browser {
    pub chromium: PathBuf,
    pub driver: PathBuf,
}

impl Browser {
    /// For tests that open hundreds of pages: Chromium's build without windows where there is one, which opens them sooner.
    pub fn windowless(&self) -> PathBuf {
        // whoever has chosen a browser gets it
        let shell = env::var_os("CHROMIUM").is_none().then(|| which("chromium-headless-shell")).flatten();
        shell.unwrap_or_else(|| self.chromium.clone())
    }
}

/// The browser the tests run in.
pub fn browser() -> Result<Browser> {
    let find = |variable: &str, names: &[&str]| match env::var_os(variable) {
        Some(path) => Some(PathBuf::from(path)).filter(|path| path.exists()),
        None => names.iter().find_map(|name| which(name)),
    };
    let chromium = find("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"]);
    let (Some(chromium), Some(driver)) = (chromium, find("CHROMEDRIVER", &["chromedriver"])) else {
        bail!(
            "Chromium and ChromeDriver are needed: `sudo apt install chromium chromium-driver`, or set CHROMIUM and \
             CHROMEDRIVER to where they are"
        );
    };
    Ok(Browser { chromium, driver })
}

/// Another processor, whose programs an emulator runs.
const AARCH64: &str = "aarch64-unknown-linux-gnu";
const AARCH64_LINKER: &str = "aarch64-linux-gnu-gcc";

/// Cargo for the other processor, if its programs can be built and run here: with a linker and QEMU.
pub fn cargo_aarch64(arguments: &[&str]) -> Option<Command> {
    let there = ["qemu-aarch64", AARCH64_LINKER].iter().all(|name| which(name).is_some());
    if !there || output("rustup", &["target", "add", AARCH64]).is_none() {
        return None;
    }
    let mut command = cargo(arguments);
    command
        .args(["--target", AARCH64])
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", AARCH64_LINKER)
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", "qemu-aarch64 -L /usr/aarch64-linux-gnu");
    Some(command)
}

/// Chromium's own Vulkan driver, which needs no GPU. `None` where the system's own are to be used.
pub fn software_vulkan(browser: &Browser) -> Result<Option<PathBuf>> {
    if output("ldconfig", &["-p"]).is_some_and(|list| !list.contains("libvulkan.so.1")) {
        bail!("the Vulkan loader is needed: `sudo apt install libvulkan1`");
    }
    let beside = browser.chromium.canonicalize().ok().and_then(|path| path.parent().map(PathBuf::from));
    let known = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"].map(PathBuf::from);
    let mut drivers = beside.into_iter().chain(known).map(|folder| folder.join("vk_swiftshader_icd.json"));
    Ok(drivers.find(|path| path.exists()))
}

/// The WebDriver settings of the tests in a browser: this browser, headless, with WebGPU on a software adapter.
pub fn webdriver(browser: &Browser) -> Result<PathBuf> {
    std::fs::create_dir_all(root().join("target"))?;
    let path = root().join("target/webdriver.json");
    let binary = browser.chromium.to_string_lossy().replace('\\', "\\\\");
    let arguments = r#"["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--enable-unsafe-webgpu"]"#;
    std::fs::write(&path, format!(r#"{{"goog:chromeOptions": {{"binary": "{binary}", "args": {arguments}}}}}"#))?;
    Ok(path)
}

/// Refuses a Node.js that the page's tests cannot run on.
pub fn node() -> Result<()> {
    let version = output("node", &["--version"]).unwrap_or_default();
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|text| text.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE => Ok(()),
        Some(major) => bail!("Node.js {major} is too old: install {NODE} or later, with npm"),
        None => bail!("Node.js {NODE} or later with npm is needed"),
    }
}

/// Installs the packages of a folder's package-lock.json.
pub fn npm_ci(folder: &str) -> Result<()> {
    let folder = root().join(folder);
    let lock = std::fs::metadata(folder.join("package-lock.json"))?.modified()?;
    let done = std::fs::metadata(folder.join("node_modules/.package-lock.json")).and_then(|file| file.modified());
    if done.is_ok_and(|done| done >= lock) {
        return Ok(());
    }
    run(program("npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder))
        .context("Node.js 20 or later with npm is needed")
}
