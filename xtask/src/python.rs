//! The Python package: its wheel and source distribution, and its tests.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};

use crate::shell::{output, program, root, run, stage};

/// What the tests look at beyond NumPy, where an interpreter has it.
const LIBRARIES: [&str; 7] = ["torch", "diffusers", "transformers", "jax", "ray", "matplotlib", "nbclient"];

/// The interpreter: `PYTHON`, or what is on the PATH. Nothing where it is too old or cannot make environments.
pub fn interpreter() -> Option<PathBuf> {
    let python = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let usable = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))";
    output(&python.to_string_lossy(), &["-c", usable]).map(|_| PathBuf::from(python))
}

/// An environment of the repository's own with what builds and tests the package: the folder of its programs.
pub fn environment(python: &Path) -> Result<PathBuf> {
    // two stages of `test` may want it at a time
    static MADE: Mutex<()> = Mutex::new(());
    let _made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = root().join("target/python/environment");
    let inside = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let wanted = fs::read_to_string(root().join("python/requirements.txt"))?;
    let installed = folder.join("requirements.txt");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(inside);
    }
    stage("an environment for the Python package", || {
        run(program(python, &["-m", "venv", "--clear"]).arg(&folder))?;
        let install =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "python/requirements.txt"];
        run(&mut program(inside.join("python"), &install))?;
        Ok(fs::write(&installed, &wanted)?)
    })?;
    Ok(inside)
}

/// In `python/`, with cargo's lints as errors: the crate is looked at as it is compiled.
fn inside(tool: &Path, arguments: &[&str]) -> Command {
    let mut command = program(tool, arguments);
    command
        .current_dir(root().join("python"))
        .env("CARGO_TARGET_DIR", root().join("target/python/build"))
        .env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver")
        .env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
    command
}

/// Builds both, and prints their sizes; returns the wheel.
fn build(tools: &Path) -> Result<PathBuf> {
    let wheels = root().join("target/wheels");
    stage("build the Python wheel and source distribution", || {
        let _ = fs::remove_dir_all(&wheels);
        let out = wheels.to_string_lossy();
        let maturin = tools.join("maturin");
        run(&mut inside(&maturin, &["build", "--release", "--locked", "--quiet", "--out", &out]))?;
        run(&mut inside(&maturin, &["sdist", "--out", &out]))?;
        let mut wheel = None;
        for file in fs::read_dir(&wheels)? {
            let path = file?.path();
            println!("{}: {} bytes", path.display(), fs::metadata(&path)?.len());
            if path.extension().is_some_and(|kind| kind == "whl") {
                wheel = Some(path);
            }
        }
        wheel.context("maturin wrote no wheel")
    })
}

/// `cargo xtask wheel`.
pub fn wheel() -> Result<()> {
    build(&environment(&needed()?)?).map(drop)
}

/// `cargo xtask python`: as in `test`, and with the libraries that the interpreter has.
pub fn tests() -> Result<()> {
    let python = needed()?;
    let wheel = alone(&python)?;
    let has = |library: &&&str| output(&python.to_string_lossy(), &["-c", &format!("import {library}")]).is_some();
    let found: Vec<&str> = LIBRARIES.iter().filter(has).copied().collect();
    for library in LIBRARIES.iter().filter(|library| !found.contains(library)) {
        println!("── the Python package with {library}: NOT AVAILABLE, {} cannot import it", python.display());
    }
    if found.is_empty() {
        println!("   PYTHON=.. names another interpreter");
        return Ok(());
    }
    stage(&format!("the Python package with {}", found.join(", ")), || {
        let site = root().join("target/python/site");
        let _ = fs::remove_dir_all(&site);
        let mut install = program(&python, &["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        run(install.args(["--no-deps", "--target"]).arg(&site).arg(&wheel))?;
        let mut install = program(&python, &["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        let of_this_version = ["pytest", "--constraint", "python/requirements.txt"];
        run(install.args(["--upgrade", "--target"]).arg(&site).args(of_this_version))?;
        let mut test = program(&python, &["-m", "pytest", "-rs", "-p", "no:cacheprovider"]);
        run(test.current_dir(root().join("python")).env("PYTHONPATH", &site))
    })
}

/// Lints, types, and tests without PyTorch and its like; returns the wheel that was tested.
pub fn alone(python: &Path) -> Result<PathBuf> {
    let tools = environment(python)?;
    let wheel = build(&tools)?;
    stage("the Python package: format, lints, types, tests and the notebook", || {
        for arguments in [&["format", "--check", "--quiet"][..], &["check", "--quiet"]] {
            run(&mut inside(&tools.join("ruff"), arguments))?;
        }
        let install =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--force-reinstall", "--no-deps"];
        run(program(tools.join("python"), &install).arg(&wheel))?;
        run(&mut inside(&tools.join("mypy"), &["--no-incremental"]))?;
        run(&mut inside(&tools.join("python"), &["-m", "pytest", "-rs", "-p", "no:cacheprovider"]))
    })?;
    Ok(wheel)
}

fn needed() -> Result<PathBuf> {
    let found = interpreter();
    ensure!(
        found.is_some(),
        "there is no python3 of version 3.11 or later that can make environments (venv): PYTHON names another"
    );
    found.context("looked for above")
}
