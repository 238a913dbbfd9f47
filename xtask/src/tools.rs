//! The tools a build needs, installed under target/ where the right version is not at hand.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell::{output, program, root, run, stage};

/// The library pins the same version: the glue of another would not fit.
const WASM_BINDGEN: &str = "0.2.130";
const NODE: u32 = 20;
const WASM_PACK: &str = "0.15.1";
const CARGO_FUZZ: &str = "0.13.2";
const CARGO_DENY: &str = "0.20.2";
const CARGO_CYCLONEDX: &str = "0.5.9";
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

/// `wasm-pack`, and the runner that it starts: what tests in a browser need besides.
pub fn wasm_pack() -> Result<PathBuf> {
    wasm_target()?;
    cargo_tool("wasm-bindgen", "wasm-bindgen-cli", WASM_BINDGEN)?;
    cargo_tool("wasm-pack", "wasm-pack", WASM_PACK)
}

/// `cargo-deny`.
pub fn cargo_deny() -> Result<PathBuf> {
    cargo_tool("cargo-deny", "cargo-deny", CARGO_DENY)
}

/// `cargo-cyclonedx`.
pub fn cargo_cyclonedx() -> Result<PathBuf> {
    cargo_tool("cargo-cyclonedx", "cargo-cyclonedx", CARGO_CYCLONEDX)
}

/// The PATH on which `cargo fuzz` is found, and the nightly compiler that it needs.
pub fn cargo_fuzz() -> Result<OsString> {
    let toolchains = output("rustup", &["toolchain", "list"]).unwrap_or_default();
    if !toolchains.lines().any(|line| line.starts_with("nightly")) {
        let install = ["toolchain", "install", "nightly", "--profile", "minimal", "--no-self-update"];
        stage("install a nightly compiler", || run(&mut program("rustup", &install)))?;
    }
    cargo_tool("cargo-fuzz", "cargo-fuzz", CARGO_FUZZ)?;
    path()
}

/// The tool of this version: the one on the PATH, ours, or one installed now.
fn cargo_tool(binary: &str, package: &str, version: &str) -> Result<PathBuf> {
    let ours = folder().join("bin").join(binary);
    // some know their version as subcommands of cargo only
    let subcommand = binary.trim_start_matches("cargo-");
    let fits = |name: &str| {
        let says = |arguments: &[&str]| output(name, arguments);
        let text = says(&["--version"]).or_else(|| says(&[subcommand, "--version"]));
        text.is_some_and(|text| text.split_whitespace().nth(1) == Some(version))
    };
    if fits(&ours.to_string_lossy()) {
        return Ok(ours);
    }
    if fits(binary) {
        return Ok(binary.into());
    }
    stage(&format!("install {package} {version} under target/tools (1 to 2 minutes, once)"), || {
        let install = |options: &[&str]| {
            // a tool that runs for seconds is compiled sooner than it would repay to compile it well, but for what goes
            // through all of a wasm module
            let mut command = program("cargo", &["install", "--quiet", "--config", "profile.release.opt-level=0"]);
            for hot in if binary == "wasm-bindgen" { &["walrus", "wasmparser", "wasm-encoder"][..] } else { &[] } {
                command.arg("--config").arg(format!("profile.release.package.{hot}.opt-level=2"));
            }
            command.args([package, "--version", version, "--root"]).arg(folder()).args(options);
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
    /// For tests that open hundreds of pages: Chromium's build without windows where the distribution has it, which opens
    /// them sooner.
    pub fn windowless(&self) -> PathBuf {
        const SHELL: &str = "chromium-headless-shell";
        // whoever has chosen a browser gets it
        if env::var_os("CHROMIUM").is_some() {
            return self.chromium.clone();
        }
        // without it Chromium itself does
        let _ = from_distribution(&[(SHELL, SHELL)]);
        which(SHELL).unwrap_or_else(|| self.chromium.clone())
    }
}

/// The browser the tests run in; installed from the distribution where that is possible.
pub fn browser() -> Result<Browser> {
    if let Some(browser) = find_browser() {
        return Ok(browser);
    }
    if is_root() && output("apt-get", &["--version"]).is_some() {
        stage("install Chromium and ChromeDriver", || {
            run(&mut program("apt-get", &["update", "-qq"]))?;
            run(program("apt-get", &["install", "-y", "-qq", "chromium", "chromium-driver"])
                .env("DEBIAN_FRONTEND", "noninteractive")
                .stdout(std::process::Stdio::null()))
        })?;
    }
    let Some(browser) = find_browser() else {
        bail!(
            "Chromium and ChromeDriver are needed: `sudo apt install chromium chromium-driver`, or set CHROMIUM and \
             CHROMEDRIVER to where they are"
        );
    };
    Ok(browser)
}

/// Firefox and WebKit, installed from the distribution where that is possible. Where they cannot be had, their tests say so
/// in the results.
pub fn other_browsers() -> Result<()> {
    from_distribution(&[("firefox-esr", "firefox-esr"), ("WebKitWebDriver", "webkit2gtk-driver"), ("Xvfb", "xvfb")])
}

/// Another processor, whose programs an emulator runs.
pub const AARCH64: &str = "aarch64-unknown-linux-gnu";
const AARCH64_LINKER: &str = "aarch64-linux-gnu-gcc";
/// What runs them, with its arguments.
pub const AARCH64_RUNNER: &str = "qemu-aarch64 -L /usr/aarch64-linux-gnu";

/// A cargo command for the other processor, if its programs can be built and run here: with a linker and QEMU from the
/// distribution.
pub fn cargo_aarch64(arguments: &[&str]) -> Result<Option<Command>> {
    from_distribution(&[
        ("qemu-aarch64", "qemu-user"),
        (AARCH64_LINKER, "gcc-aarch64-linux-gnu"),
        (AARCH64_LINKER, "libc6-dev-arm64-cross"),
    ])?;
    let there = ["qemu-aarch64", AARCH64_LINKER].iter().all(|name| which(name).is_some());
    if !there || output("rustup", &["target", "add", AARCH64]).is_none() {
        return Ok(None);
    }
    let mut command = program("cargo", arguments);
    command
        .args(["--target", AARCH64])
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", AARCH64_LINKER)
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", AARCH64_RUNNER);
    Ok(Some(command))
}

fn which(name: &str) -> Option<PathBuf> {
    let found = output("sh", &["-c", &format!("command -v {name}")])?;
    Some(found.trim()).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Installs the packages of programs that are missing, where that is possible.
fn from_distribution(wanted: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<&str> =
        wanted.iter().filter(|(program, _)| which(program).is_none()).map(|(_, package)| *package).collect();
    if missing.is_empty() || !is_root() || output("apt-get", &["--version"]).is_none() {
        return Ok(());
    }
    stage(&format!("install {}", missing.join(", ")), || {
        run(&mut program("apt-get", &["update", "-qq"]))?;
        for package in missing {
            let install = ["install", "-y", "-qq", "--no-install-recommends", package];
            let installed = run(program("apt-get", &install)
                .env("DEBIAN_FRONTEND", "noninteractive")
                .stdout(std::process::Stdio::null()));
            if let Err(error) = installed {
                println!("{package} cannot be installed, what needs it is left out: {error:#}");
            }
        }
        Ok(())
    })
}

fn find_browser() -> Option<Browser> {
    let find = |variable: &str, names: &[&str]| {
        if let Some(path) = env::var_os(variable) {
            return Some(PathBuf::from(path)).filter(|path| path.exists());
        }
        let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
        names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.exists())
    };
    Some(Browser {
        chromium: find("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"])?,
        driver: find("CHROMEDRIVER", &["chromedriver"])?,
    })
}

/// Chromium's own Vulkan driver, which needs no GPU, and the loader that finds it. `None` where the system's own are to be
/// used.
pub fn software_vulkan(browser: &Browser) -> Result<Option<PathBuf>> {
    let beside = browser.chromium.canonicalize().ok().and_then(|path| path.parent().map(PathBuf::from));
    let known = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"].map(PathBuf::from);
    let driver =
        beside.into_iter().chain(known).map(|folder| folder.join("vk_swiftshader_icd.json")).find(|path| path.exists());
    let loader = || output("ldconfig", &["-p"]).is_none_or(|list| list.contains("libvulkan.so.1"));
    if !loader() && is_root() && output("apt-get", &["--version"]).is_some() {
        run(&mut program("apt-get", &["update", "-qq"]))?;
        run(program("apt-get", &["install", "-y", "-qq", "libvulkan1"]).stdout(std::process::Stdio::null()))?;
    }
    if !loader() {
        bail!("the Vulkan loader is needed: `sudo apt install libvulkan1`");
    }
    Ok(driver)
}

fn is_root() -> bool {
    output("id", &["-u"]).is_some_and(|id| id.trim() == "0")
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
