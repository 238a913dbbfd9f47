//! The npm package: the sampler's wasm module with its JavaScript, as the tarball that `npm publish` would send.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::build::{self, Engine};
use crate::python;
use crate::serve::{self, Site};
use crate::shell::{output_in, program, root, run, stage};
use crate::tools;

/// What this command adds to what is written by hand.
const GLUE: &str = "speculative_diffusion.js";
const WASM: &str = "speculative_diffusion_bg.wasm";

/// Where the package is packed.
fn tarball() -> PathBuf {
    root().join(format!("target/npm/speculative-diffusion-{}.tgz", env!("CARGO_PKG_VERSION")))
}

/// Builds the package and packs it.
pub fn pack() -> Result<()> {
    tools::node()?;
    build::engine(Engine::Sampler)?;
    stage("pack the npm package", || {
        let package = root().join("target/npm/package");
        let _ = fs::remove_dir_all(&package);
        build::copy(&root().join("npm/src"), &package)?;
        // an element that the page offers too
        fs::copy(root().join("www/embed-element.js"), package.join("figure.js"))?;
        for file in [GLUE, WASM] {
            fs::copy(root().join("pkg/sampler").join(file), package.join(file))?;
        }
        for file in ["LICENSE-APACHE", "LICENSE-MIT"] {
            fs::copy(root().join(file), package.join(file))?;
        }
        fs::copy(root().join("npm/README.md"), package.join("README.md"))?;
        let manifest = fs::read_to_string(root().join("npm/package.json"))?;
        let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
        ensure!(manifest.contains("\"version\": \"0.0.0\""), "npm/package.json has a version of its own");
        fs::write(package.join("package.json"), manifest.replace("\"version\": \"0.0.0\"", &version))?;
        let inline = output_in(&package, "node", &["-e", INLINE, WASM]).context("node failed")?;
        fs::write(package.join("inline.js"), inline)?;

        let out = root().join("target/npm");
        let arguments = ["pack", "--pack-destination", &out.to_string_lossy()];
        // npm lists the contents on the terminal, and here only the name
        let listed = output_in(&package, "npm", &arguments).context("npm pack failed")?;
        let files =
            ["index.js", "price.js", GLUE, WASM, "inline.js", "worker.js", "worker-client.js", "onnx.js", "figure.js"]
                .map(|file| format!("target/npm/package/{file}"));
        run(program("node", &["xtask/sizes.mjs"]).args(files))?;
        let tarball = tarball();
        let name = tarball.file_name().unwrap_or_default().to_string_lossy();
        ensure!(tarball.exists() && listed.contains(&*name), "npm pack wrote no {name}");
        println!("{}: {} bytes", tarball.display(), fs::metadata(&tarball)?.len());
        Ok(())
    })
}

/// Prints the package with its wasm module in a string.
const INLINE: &str = "console.log(`// As index.js, with the wasm module inside: nothing is fetched.
import { init as load } from './index.js';

export * from './index.js';

const WASM = '${require('fs').readFileSync(process.argv[1]).toString('base64')}';

export function init(source) {
  return load(source ?? Uint8Array.from(atob(WASM), (letter) => letter.charCodeAt(0)));
}`)";

/// Puts the example page together in target/example: the page, the package, ONNX Runtime Web, and the faces as ONNX.
pub fn example(export: Command) -> Result<()> {
    pack()?;
    tools::npm_ci("tests/bench-web")?;
    stage("put the example together", || {
        let folder = root().join("target/example");
        let _ = fs::remove_dir_all(&folder);
        build::copy(&root().join("npm/examples/onnx"), &folder)?;
        build::copy(&root().join("target/npm/package"), &folder.join("vendor/speculative-diffusion"))?;
        let runtime = folder.join("vendor/onnxruntime-web");
        fs::create_dir_all(&runtime)?;
        for file in ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"] {
            fs::copy(root().join("tests/bench-web/node_modules/onnxruntime-web/dist").join(file), runtime.join(file))?;
        }
        onnx(export, &folder.join("faces"))
    })
}

/// The program that writes the faces network as an ONNX file, built if need be.
pub fn exporter() -> Command {
    program("cargo", &["run", "--quiet", "--release", "--package", "lab", "--bin", "export", "--"])
}

/// Writes the faces network as an ONNX file with its scheduler's configuration.
pub fn onnx(mut export: Command, folder: &Path) -> Result<()> {
    run(export.arg("--out").arg(folder))
}

/// Installs the tarball into a Node.js program, a Vite build and a page under a strict policy, and runs them.
pub fn test(export: Command) -> Result<()> {
    let browser = tools::browser()?;
    example(export)?;
    let tarball = tarball();
    tools::npm_ci("tests/e2e")?;
    tools::npm_ci("tests/npm")?;
    // for a figure in a notebook; the test says where there is none
    let python = python::interpreter().map(|python| python::environment(&python)).transpose()?;
    let (example, page) = (serve::start(Site::Example, 0)?, serve::start(Site::Source, 0)?);
    run(program("node", &["--test", "--test-reporter=spec", "--test-concurrency=2", "tests/npm/"])
        .env("TARBALL", tarball)
        .env("EXAMPLE_URL", example.url())
        .env("PAGE_URL", page.url())
        .env("CHROMIUM", browser.windowless())
        .envs(python.map(|folder| ("PYTHON", folder.join("python")))))
}
