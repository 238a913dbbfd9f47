//! Building the engines, the sampler for npm, and the site.

use std::fs;
use std::path::Path;
use std::thread;

use anyhow::{Context, Result, anyhow, ensure};

use crate::shell::{cargo, program, root, run, stage};
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
    /// A policy and its world, for one figure.
    Policy,
    /// The sampler alone, for models of others: the npm package.
    Sampler,
}

impl Engine {
    /// Those that the page cannot do without, the one that figures need first.
    pub const PAGE: [Self; 3] = [Self::Toy, Self::Policy, Self::Cpu];
    /// All engines of the page but burn's.
    pub const ALL: [Self; 4] = [Self::Toy, Self::Policy, Self::Cpu, Self::Gpu];

    /// Its cargo feature, and its folder in pkg/.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
            Self::Burn => "burn",
            Self::Toy => "toy",
            Self::Policy => "policy",
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

/// Builds an engine as quickly as possible, to see that it works.
pub fn smoke(engine: Engine) -> Result<()> {
    let glue = tools::glue(false)?.join("glue");
    compile(engine, "smoke")?;
    finish(engine, "smoke", &glue)
}

/// Builds engines into `pkg/<folder>`, one after the other.
pub fn engines(engines: &[Engine]) -> Result<()> {
    tools::wasm_target()?;
    // its own folder under target/, so that it is compiled beside the first engine
    thread::scope(|scope| {
        let glue = scope.spawn(|| tools::glue(false));
        let mut compiled = engines.iter().map(|&engine| (engine, compile(engine, "web")));
        let first = compiled.next();
        let glue = glue.join().map_err(|_| anyhow!("the glue's build panicked"))??.join("glue");
        for (engine, result) in first.into_iter().chain(compiled) {
            result?;
            finish(engine, "web", &glue)?;
        }
        Ok(())
    })
}

fn compile(engine: Engine, profile: &str) -> Result<()> {
    stage(&format!("build the {} engine", engine.name().to_uppercase()), || {
        let arguments = ["build", "--package", PACKAGE, "--lib", "--profile", profile, "--target-dir", "target"];
        run(cargo(&arguments).args(["--target", tools::TARGET, "--no-default-features", "--features", engine.name()]))
    })
}

/// The JavaScript beside it, and the place where the page looks for both.
fn finish(engine: Engine, profile: &str, glue: &Path) -> Result<()> {
    let built = root().join("target").join(tools::TARGET).join(profile).join("speculative_diffusion_web.wasm");
    refuse_command_exports(&built)?;
    // made aside and moved into place: a page that is open never sees half an engine
    let aside = root().join("target/pkg").join(engine.name());
    let _ = fs::remove_dir_all(&aside);
    run(program(glue, &[]).arg(&built).arg(&aside))?;
    let place = root().join("pkg").join(engine.name());
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
    let modules = built.iter().map(|engine| format!("dist/pkg/{}/{WASM}", engine.name()));
    let assets = ["dist/assets/faces.bpk", "dist/assets/race.bin"].map(str::to_owned);
    run(program("node", &["xtask/sizes.mjs"]).args(modules.chain(assets)))?;
    Ok(())
}

/// `dist/`, of engines that are built.
pub fn dist(built: &[Engine], base: Option<&str>) -> Result<()> {
    tools::node()?;
    let engines = built.iter().map(|engine| engine.name()).collect::<Vec<_>>().join(",");
    run(program("node", &["xtask/site.mjs", &engines]).args(base))
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
