//! Running programs, and reporting how long they took.

use std::cell::Cell;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository").to_owned()
}

/// A program to be run in the repository.
pub fn program(name: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root());
    command
}

/// Cargo, in the repository.
pub fn cargo(arguments: &[&str]) -> Command {
    program("cargo", arguments)
}

/// Lines that an error repeats of what a stage printed: a test runner's list of what failed.
const LAST_LINES: usize = 80;

thread_local! {
    /// Where this thread's programs write, where that is not the terminal.
    static LOG: Cell<Option<File>> = const { Cell::new(None) };
}

/// Runs a program and fails with its own words if it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    if let Some(log) = LOG.take() {
        command.stdout(log.try_clone()?).stderr(log.try_clone()?).stdin(Stdio::null());
        LOG.set(Some(log));
    }
    let status = command.status().with_context(|| format!("{name} could not be started: is it installed?"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// What a program prints, or nothing where it cannot be run.
pub fn output(name: &str, arguments: &[&str]) -> Option<String> {
    let output = program(name, arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// As [`output`], in a folder, with the program's own complaints on the terminal.
pub fn output_in(folder: &Path, name: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(name).args(arguments).current_dir(folder).stderr(Stdio::inherit()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The program of that name on the PATH.
pub fn which(name: &str) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Lets other programs go first from now on, before all that this one starts, where the system can do that.
pub fn step_back() {
    let mut renice = program("renice", &["-n", "19", "-p", &std::process::id().to_string()]);
    // without it things are slower, and no worse
    let _ = renice.stdout(Stdio::null()).stderr(Stdio::null()).status();
}

/// Runs a stage under a heading and prints how long it took.
pub fn stage<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("── {name}");
    let started = Instant::now();
    let result = work().with_context(|| format!("stage failed: {name}"))?;
    println!("   {name}: {:.0} s", started.elapsed().as_secs_f64());
    Ok(result)
}

/// What a program that failed said last.
fn end_of(printed: &str) -> &str {
    let printed = printed.trim_end();
    printed.rmatch_indices('\n').nth(LAST_LINES - 1).map_or(printed, |(at, _)| &printed[at + 1..])
}

/// As [`stage`], beside others: what its programs print is kept, and printed as a whole when they have ended.
pub fn stage_aside<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("── {name}: begins, beside what goes on here");
    let started = Instant::now();
    let folder = root().join("target/stages");
    fs::create_dir_all(&folder)?;
    let log = folder.join(format!("{}.log", name.replace(|c: char| !c.is_ascii_alphanumeric(), "-")));
    LOG.set(Some(File::create(&log)?));
    let result = work();
    LOG.set(None);
    let printed = fs::read(&log)?;
    let printed = String::from_utf8_lossy(&printed);
    println!("── {name}\n{}", printed.trim_end());
    // other stages print after this one: the error repeats what the programs said last
    let result = result.with_context(|| format!("stage failed: {name}\n{}\nstage failed: {name}", end_of(&printed)))?;
    println!("   {name}: {:.0} s", started.elapsed().as_secs_f64());
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::{LAST_LINES, end_of};

    #[test]
    fn an_error_repeats_the_last_lines() {
        let lines: Vec<String> = (1..=2 * LAST_LINES).map(|line| line.to_string()).collect();
        assert_eq!(end_of(&lines.join("\n")), lines[LAST_LINES..].join("\n"));
        assert_eq!(end_of("one\ntwo\n"), "one\ntwo");
        assert_eq!(end_of(""), "");
    }
}
