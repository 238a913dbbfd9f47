//! What others have written, and whether it may be used.

use std::fs;

use anyhow::{Result, ensure};

use crate::build::{Engine, PACKAGE};
use crate::shell::{output, program, root, run, stage};
use crate::tools;

/// Lock files against `deny.toml`, and against lists of known vulnerabilities where those can be reached.
pub fn audit() -> Result<()> {
    let deny = tools::cargo_deny()?;
    let check = |what: &[&str]| run(program(&deny, &["--all-features", "check"]).args(what));
    stage("bans, licences and sources", || check(&["bans", "licenses", "sources"]))?;
    let mut open = Vec::new();
    if output("git", &["ls-remote", "--exit-code", "https://github.com/RustSec/advisory-db", "HEAD"]).is_some() {
        stage("advisories", || check(&["advisories"]))?;
    } else {
        open.push("the RustSec advisories");
    }
    for folder in ["tests/e2e", "tests/npm", "tests/bench-web", "tests/browsers"] {
        let mut audit = program("npm", &["audit", "--audit-level=high"]);
        let answer = audit.current_dir(root().join(folder)).output()?;
        let text = String::from_utf8_lossy(&answer.stderr);
        if text.contains("audit endpoint") || text.contains("ENOTFOUND") {
            open.push(folder);
            continue;
        }
        ensure!(answer.status.success(), "{folder}: {}", String::from_utf8_lossy(&answer.stdout));
        println!("{folder}: no known vulnerability of level high");
    }
    stage("bills of materials", bills)?;
    if !open.is_empty() {
        println!("NOT CHECKED, because the list cannot be reached from here: {}", open.join(", "));
    }
    Ok(())
}

/// What is in each engine, in CycloneDX: a file for each in target/sbom.
fn bills() -> Result<()> {
    let cyclonedx = tools::cargo_cyclonedx()?;
    let folder = root().join("target/sbom");
    fs::create_dir_all(&folder)?;
    for engine in [Engine::Sampler, Engine::Burn].into_iter().chain(Engine::ALL) {
        let arguments =
            ["cyclonedx", "-qq", "--format=json", "--spec-version=1.5", "--no-build-deps", "--override-filename=sbom"];
        let mut bill = program(&cyclonedx, &arguments);
        bill.args(["--manifest-path=web/Cargo.toml", "--target", tools::TARGET]);
        // of this crate: another of the workspace may know no such feature
        bill.args(["--no-default-features", "--features", &format!("{PACKAGE}/{}", engine.name())]);
        run(&mut bill)?;
        let bill = folder.join(format!("{}.json", engine.name()));
        fs::rename(root().join("web/sbom.json"), &bill)?;
        // it writes one for each crate of the workspace
        for member in ["", "lab", "policy", "unet", "xtask", "xtask/glue"] {
            fs::remove_file(root().join(member).join("sbom.json"))?;
        }
        println!("{}", bill.display());
    }
    Ok(())
}
