//! The project's commands: `cargo xtask --help`.

mod audit;
mod build;
#[cfg(test)]
mod edges;
mod npm;
mod serve;
mod shell;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::Result;
use build::Engine;
use clap::{Parser, Subcommand};
use serve::Site;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, serve, test and measure speculative-diffusion")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build what is missing and serve the page: on the CPU engine first, the GPU engine follows while you watch
    Demo {
        /// Port on 127.0.0.1
        #[arg(long, default_value_t = 8000)]
        port: u16,
        /// Leave out the GPU engine
        #[arg(long)]
        cpu: bool,
        /// And the engine that computes through burn, for comparison (some minutes more)
        #[arg(long, conflicts_with = "cpu")]
        burn: bool,
    },
    /// Everything that is checked: format, lints, properties, laws, parity, both engines in a headless browser, the page
    Test {
        /// What takes a minute when it is built: format, lints, the core, the page's modules
        #[arg(long)]
        quick: bool,
    },
    /// Tables of calls, rows and wall-clock on the trained network, beside the plain sampler. Options go after `--`;
    /// `-- --help` lists them
    Bench {
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// The numbers of docs/RESULTS.md but for Quality, and the report with its tables and plots. Options go after `--`;
    /// `-- --help` lists them
    Experiments {
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Run chains on seeds that nobody has seen and weigh their residuals as evidence against exactness, together with those
    /// of all runs before (docs/results/evidence.json). Options go after `--`; `-- --help` lists them
    Evidence {
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Build the engines into pkg/ and the site for static hosting into dist/, and print the sizes
    BuildWeb {
        /// Leave out the GPU engine
        #[arg(long)]
        cpu: bool,
        /// And the engine that computes through burn
        #[arg(long, conflicts_with = "cpu")]
        burn: bool,
    },
    /// Make the npm package's tarball in target/npm, and print the sizes; nothing is published
    Npm,
    /// Serve a page that samples ONNX denoisers with the npm package and ONNX Runtime Web
    Example {
        /// Port on 127.0.0.1
        #[arg(long, default_value_t = 8002)]
        port: u16,
    },
    /// Serve www/, pkg/ and assets/ as they are
    Serve {
        /// Serve dist/ instead, as a static host would
        #[arg(long)]
        dist: bool,
        /// Port on 127.0.0.1; 8001 with --dist, whose service worker would else answer for the source
        #[arg(long, default_value = "8000", default_value_if("dist", "true", "8001"))]
        port: u16,
    },
    /// Time both engines, and ONNX Runtime Web with the same weights, in headless Chromium. Options go after `--`;
    /// `-- --help` lists them
    BenchWeb {
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Run the page for an hour with settings changed at random, on both engines, in headless Chromium, and fail if memory
    /// grows, a run hangs or anything is thrown. Options go after `--`; `-- --help` lists them
    Soak {
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Check the lock files: licences, sources and bans by cargo-deny, known vulnerabilities by RustSec and npm where those
    /// answer; and write a bill of materials of each engine in target/sbom
    Audit,
    /// Feed every parser of bytes or text from outside with random input; needs a nightly compiler
    Fuzz {
        /// Seconds for each target
        #[arg(long, default_value_t = 60, conflicts_with = "runs")]
        seconds: u32,
        /// Inputs for each target, however long they take
        #[arg(long)]
        runs: Option<u64>,
    },
    /// Write the golden files, the recorded runs and the numbers of the page's figures again, after a change that is meant to
    /// change values
    Bless,
    /// Write the pictures of the page's figures in docs/figures/, and the preview of links to it
    Pictures,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The engines that are asked for, in the order in which they are built.
fn engines(cpu_only: bool, burn: bool) -> &'static [Engine] {
    match (cpu_only, burn) {
        (true, _) => &[Engine::Toy, Engine::Cpu],
        (false, false) => &[Engine::Toy, Engine::Cpu, Engine::Gpu],
        (false, true) => &[Engine::Toy, Engine::Cpu, Engine::Gpu, Engine::Burn],
    }
}

fn run() -> Result<()> {
    match Options::parse().command {
        Command::Demo { port, cpu, burn } => {
            // first, so that a port that is taken is reported before minutes of building
            let server = serve::start(Site::Source, port)?;
            build::engine(Engine::Toy)?;
            build::engine(Engine::Cpu)?;
            println!("\n  open {}\n\n(Ctrl+C ends it)", server.url());
            shell::step_back();
            for &engine in &engines(cpu, burn)[2..] {
                // the page is in use already: a failure here must not take it down
                match build::engine(engine) {
                    Ok(()) => println!("The {} engine is ready: reload the page to use it.", engine.folder()),
                    Err(error) => {
                        eprintln!(
                            "The {} engine could not be built, the CPU engine goes on: {error:#}",
                            engine.folder()
                        );
                    }
                }
            }
            server.wait()
        }
        Command::Test { quick: true } => test::quick(),
        Command::Test { quick: false } => test::all(),
        Command::Bench { arguments } => test::bench(&arguments),
        Command::Experiments { arguments } => test::experiments(&arguments),
        Command::Evidence { arguments } => test::evidence(&arguments),
        Command::BuildWeb { cpu, burn } => build::site(engines(cpu, burn)),
        Command::Npm => npm::pack(),
        Command::Example { port } => {
            let server = serve::start(Site::Example, port)?;
            npm::example(npm::exporter())?;
            println!("\n  open {}\n\n(Ctrl+C ends it)", server.url());
            server.wait()
        }
        Command::Serve { dist, port } => {
            let server = serve::start(if dist { Site::Built } else { Site::Source }, port)?;
            println!("{}", server.url());
            server.wait()
        }
        Command::BenchWeb { arguments } => test::bench_web(&arguments),
        Command::Soak { arguments } => test::soak(&arguments),
        Command::Audit => audit::audit(),
        Command::Fuzz { seconds, runs } => test::fuzz(&match runs {
            Some(runs) => format!("-runs={runs}"),
            None => format!("-max_total_time={seconds}"),
        }),
        Command::Bless => test::bless(),
        Command::Pictures => test::pictures(),
    }
}
