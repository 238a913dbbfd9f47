//! Building the engines, the sampler for npm, and the site.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::thread;

use anyhow::{Context, Result, anyhow, ensure};

use crate::sha256::integrity;
use crate::shell::{cargo, output_in, root, run, stage};
use crate::tools;

/// What is built of the binding for browsers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The page's network on the CPU.
    Cpu,
    /// The page's network on the browser's GPU.
    Gpu,
    /// The same GPU through burn, for comparison.
    Burn,
    /// Models without weights for figures, and wrong rules.
    Toy,
    /// The sampler alone, for models of others: the npm package.
    Sampler,
}

impl Engine {
    /// Its folder in pkg/.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
            Self::Burn => "burn",
            Self::Toy => "toy",
            Self::Sampler => "sampler",
        }
    }

    /// Its cargo features.
    pub fn features(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
            Self::Burn => "burn",
            Self::Toy => "toy",
            Self::Sampler => "sampler",
        }
    }
}

/// The package that is compiled.
pub const PACKAGE: &str = "speculative-diffusion-web";
const WASM: &str = "speculative_diffusion_bg.wasm";

/// Builds an engine into `pkg/<folder>`.
pub fn engine(engine: Engine) -> Result<()> {
    engines(&[engine])
}

/// Builds engines into `pkg/<folder>`, one after the other.
pub fn engines(engines: &[Engine]) -> Result<()> {
    tools::wasm_target()?;
    // its own folder under target/, so that it is compiled beside the first engine
    thread::scope(|scope| {
        let glue = scope.spawn(|| tools::glue(false));
        let mut compiled = engines.iter().map(|&engine| (engine, compile(engine)));
        let first = compiled.next();
        let glue = glue.join().map_err(|_| anyhow!("the glue's build panicked"))??.join("glue");
        for (engine, result) in first.into_iter().chain(compiled) {
            result?;
            finish(engine, &glue)?;
        }
        Ok(())
    })
}

fn compile(engine: Engine) -> Result<()> {
    stage(&format!("build the {} engine", engine.folder().to_uppercase()), || {
        let arguments = ["build", "--package", PACKAGE, "--lib", "--profile", "web", "--target-dir", "target"];
        run(cargo(&arguments).args([
            "--target",
            tools::TARGET,
            "--no-default-features",
            "--features",
            engine.features(),
        ]))
    })
}

/// The JavaScript beside it, and the place where the page looks for both.
fn finish(engine: Engine, glue: &Path) -> Result<()> {
    let built = root().join("target").join(tools::TARGET).join("web/speculative_diffusion_web.wasm");
    refuse_command_exports(&built)?;
    // made aside and moved into place: a page that is open never sees half an engine
    let aside = root().join("target/pkg").join(engine.folder());
    let _ = fs::remove_dir_all(&aside);
    run(crate::shell::program(glue, &[]).arg(&built).arg(&aside))?;
    let place = root().join("pkg").join(engine.folder());
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(root().join("pkg"))?;
    Ok(fs::rename(&aside, &place)?)
}

/// A wasm whose exports are wrapped re-runs all static constructors at every call (see `web/src/start.rs`).
fn refuse_command_exports(wasm: &Path) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| format!("{} is missing", wasm.display()))?;
    // names are still in the file that cargo leaves; the one that ships has none
    let needle = b".command_export";
    ensure!(
        !bytes.windows(needle.len()).any(|window| window == needle),
        "{} has functions named *.command_export: static constructors would run at every call",
        wasm.display()
    );
    Ok(())
}

/// These engines and `dist/`, with their sizes.
pub fn site(built: &[Engine], base: Option<&str>) -> Result<()> {
    engines(built)?;
    dist(built, base)?;
    println!("dist/ holds the site for static hosting");
    let modules = built.iter().map(|engine| format!("dist/pkg/{}/{WASM}", engine.folder()));
    let files: Vec<String> =
        modules.chain(["dist/assets/faces.bpk", "dist/assets/race.bin"].map(str::to_owned)).collect();
    print_sizes(&root(), &files.iter().map(String::as_str).collect::<Vec<_>>());
    Ok(())
}

/// `dist/`, of engines that are built.
pub fn dist(built: &[Engine], base: Option<&str>) -> Result<()> {
    let dist = root().join("dist");
    let _ = fs::remove_dir_all(&dist);
    copy(&root().join("www"), &dist)?;
    copy(&root().join("assets"), &dist.join("assets"))?;
    for engine in built {
        copy(&root().join("pkg").join(engine.folder()), &dist.join("pkg").join(engine.folder()))?;
    }
    let _ = base;
    keep_offline(&dist, built)
}

/// Prints how long files are, and how long compressed, if there is Node.js to compress them.
pub fn print_sizes(folder: &Path, files: &[&str]) {
    const SCRIPT: &str = "const { readFileSync } = require('fs'); const { gzipSync, brotliCompressSync } = require('zlib');
        const row = (...cells) => console.log(cells.map((cell, i) => i ? String(cell).padStart(10) : cell.padEnd(40)).join(' '));
        row('', 'bytes', 'gzip', 'brotli');
        for (const file of process.argv.slice(1)) { const bytes = readFileSync(file);
            row(file, bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length); }";
    let mut arguments = vec!["-e", SCRIPT];
    arguments.extend(files);
    match output_in(folder, "node", &arguments) {
        Some(table) => print!("{table}"),
        None => println!("(sizes are printed where Node.js is installed)"),
    }
}

/// Tells the pages that they are built ones, with which engines, and their service worker which build and which files with their
/// hashes; and of each whether it is fetched at a first visit: all but what many never ask for, which are the GPU engines, the
/// other model and the drafters.
fn keep_offline(dist: &Path, engines: &[Engine]) -> Result<()> {
    let mut files = Vec::new();
    list(dist, dist, &mut files)?;
    files.retain(|file| file != "offline.js");
    files.sort();
    // a page that asked for an engine that is not there would leave an error in the browser's console
    let engines: Vec<&str> = engines.iter().map(|engine| engine.folder()).collect();
    let html = format!("<html data-offline data-engines=\"{}\" lang=", engines.join(" "));
    for page in files.iter().filter(|file| file.ends_with(".html")) {
        replace(&dist.join(page), "<html lang=", &html)?;
    }
    let later = |file: &str| {
        let model = file.starts_with("assets/")
            && !["faces.", "race.", "microscope.", "stairs.", "gallery."].iter().any(|name| file[7..].starts_with(name));
        model || file.starts_with("pkg/gpu/") || file.starts_with("pkg/burn/")
    };
    let (mut lines, mut hash) = (Vec::new(), DefaultHasher::new());
    for file in &files {
        let integrity = integrity(&fs::read(dist.join(file))?);
        (file, &integrity).hash(&mut hash);
        let path = if file == "index.html" { "" } else { file };
        lines.push(format!("  ['./{path}', '{integrity}', {}],", !later(file)));
    }
    let worker = dist.join("offline.js");
    fs::read(&worker)?.hash(&mut hash);
    replace(&worker, "  // FILES", &lines.join("\n"))?;
    replace(&worker, "BUILD", &format!("{:016x}", hash.finish()))
}

/// The files under a folder, named from `root`.
fn list(root: &Path, folder: &Path, files: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(root, &path, files)?;
        } else {
            files.push(path.strip_prefix(root)?.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}

fn replace(path: &Path, from: &str, to: &str) -> Result<()> {
    let text = fs::read_to_string(path)?;
    ensure!(text.contains(from), "{} does not contain {from}", path.display());
    Ok(fs::write(path, text.replacen(from, to, 1))?)
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("{} is missing", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_worker_knows_every_file_of_the_build_by_its_hash() {
        let dist = root().join("target/tests/dist");
        let _ = fs::remove_dir_all(&dist);
        copy(&root().join("www"), &dist).unwrap();
        for file in ["assets/faces.bpk", "assets/fashion.bpk", "pkg/cpu/engine.wasm", "pkg/gpu/engine.wasm"] {
            fs::create_dir_all(dist.join(file).parent().unwrap()).unwrap();
            fs::write(dist.join(file), file).unwrap();
        }
        keep_offline(&dist, &[Engine::Cpu, Engine::Gpu]).unwrap();
        let worker = fs::read_to_string(dist.join("offline.js")).unwrap();
        assert!(!worker.contains("BUILD") && !worker.contains("// FILES"), "{worker}");
        assert!(!worker.contains("offline.js'") && !worker.contains("index.html"), "{worker}");
        for (path, file, first) in [
            ("", "index.html", true),
            ("main.js", "main.js", true),
            ("de.html", "de.html", true),
            ("assets/faces.bpk", "assets/faces.bpk", true),
            ("assets/fashion.bpk", "assets/fashion.bpk", false),
            ("pkg/cpu/engine.wasm", "pkg/cpu/engine.wasm", true),
            ("pkg/gpu/engine.wasm", "pkg/gpu/engine.wasm", false),
        ] {
            let integrity = integrity(&fs::read(dist.join(file)).unwrap());
            let line = format!("  ['./{path}', '{integrity}', {first}],");
            assert!(worker.lines().any(|there| there == line), "{line} in {worker}");
        }
        let html = fs::read_to_string(dist.join("de.html")).unwrap();
        assert!(html.contains("<html data-offline data-engines=\"cpu gpu\" lang=\"de\">"));
    }
}
