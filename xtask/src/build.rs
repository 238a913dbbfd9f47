//! Building the engines, the sampler for npm, and the site.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use wasm_bindgen_cli_support::Bindgen;

use crate::shell::{program, root, run, stage};
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
            Self::Sampler => "",
        }
    }
}

/// The package that is compiled, and the name that its files have.
pub const PACKAGE: &str = "speculative-diffusion-web";
const NAME: &str = "speculative_diffusion";
const WASM: &str = "speculative_diffusion_bg.wasm";

/// Builds an engine into `pkg/<folder>`.
pub fn engine(engine: Engine) -> Result<()> {
    tools::wasm_target()?;
    stage(&format!("build the {} engine", engine.folder().to_uppercase()), || {
        let arguments = ["build", "--package", PACKAGE, "--lib", "--profile", "web", "--target-dir", "target"];
        let features = ["--target", tools::TARGET, "--features", engine.features()];
        run(program("cargo", &arguments).args(features))?;
        let built = root().join("target").join(tools::TARGET).join("web/speculative_diffusion_web.wasm");
        refuse_command_exports(&built)?;
        // made aside and moved into place: a page that is open never sees half an engine
        let aside = root().join("target/pkg").join(engine.folder());
        let _ = fs::remove_dir_all(&aside);
        Bindgen::new()
            .input_path(&built)
            .web(true)?
            .typescript(false)
            .remove_name_section(true)
            .omit_default_module_path(false)
            .out_name(NAME)
            .generate(&aside)?;
        let place = root().join("pkg").join(engine.folder());
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(root().join("pkg"))?;
        fs::rename(&aside, &place)?;
        Ok(())
    })
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
pub fn site(engines: &[Engine]) -> Result<()> {
    for &each in engines {
        engine(each)?;
    }
    let dist = root().join("dist");
    let _ = fs::remove_dir_all(&dist);
    copy(&root().join("www"), &dist)?;
    copy(&root().join("assets"), &dist.join("assets"))?;
    for engine in engines {
        copy(&root().join("pkg").join(engine.folder()), &dist.join("pkg").join(engine.folder()))?;
    }
    keep_offline(&dist, engines)?;
    println!("dist/ holds the site for static hosting");
    println!("{:<34} {:>10} {:>10} {:>10}", "", "bytes", "gzip", "brotli");
    let modules = engines.iter().map(|engine| format!("pkg/{}/{WASM}", engine.folder()));
    for file in modules.chain(["assets/faces.bpk", "assets/race.bin"].map(str::to_owned)) {
        let path = dist.join(&file);
        if let Ok(bytes) = fs::read(&path) {
            let (mut brotli, best) = (Vec::new(), brotli::enc::BrotliEncoderParams::default());
            brotli::BrotliCompress(&mut bytes.as_slice(), &mut brotli, &best)?;
            println!("{file:<34} {:>10} {:>10} {:>10}", bytes.len(), gzip(&bytes)?, brotli.len());
        }
    }
    Ok(())
}

/// Length of the bytes, compressed.
pub fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    Ok(gzip.finish()?.len())
}

/// Tells the page that it is a built one, with which engines, and its service worker which build and which files: all but
/// what many never ask for, which are the GPU engines, the other model and the drafters.
fn keep_offline(dist: &Path, engines: &[Engine]) -> Result<()> {
    let (mut files, mut hash) = (Vec::new(), DefaultHasher::new());
    list(dist, dist, &mut files)?;
    files.sort();
    for file in &files {
        fs::read(dist.join(file))?.hash(&mut hash);
    }
    let first = ["assets/faces.", "assets/race.", "assets/microscope.", "assets/stairs.", "assets/gallery."];
    files.retain(|file| {
        !file.starts_with("pkg/gpu/") && !file.starts_with("pkg/burn/") && file != "offline.js" && file != "index.html"
    });
    files.retain(|file| !file.starts_with("assets/") || first.iter().any(|name| file.starts_with(name)));
    let paths: Vec<String> = files.iter().map(|file| format!("'./{file}'")).collect();
    replace(&dist.join("offline.js"), "'FILES'", &format!("'./', {}", paths.join(", ")))?;
    replace(&dist.join("offline.js"), "BUILD", &format!("{:016x}", hash.finish()))?;
    // a page that asked for an engine that is not there would leave an error in the browser's console
    let engines: Vec<&str> = engines.iter().map(|engine| engine.folder()).collect();
    let html = format!("<html data-offline data-engines=\"{}\" lang=", engines.join(" "));
    for page in fs::read_dir(dist)?.map(|entry| entry.map(|entry| entry.path())) {
        let page = page?;
        if page.extension().is_some_and(|ending| ending == "html") {
            replace(&page, "<html lang=", &html)?;
        }
    }
    Ok(())
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
