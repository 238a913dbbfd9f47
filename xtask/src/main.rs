//! The project's commands: `cargo xtask --help`.

mod audit;
mod build;
mod measure;
mod npm;
mod python;
mod serve;
mod shell;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};
use build::Engine;
use lexopt::prelude::{Long, Short, Value, ValueExt as _};
use serve::Site;

const HELP: &str = "\
Build, serve, test and measure speculative-diffusion

Usage: cargo xtask COMMAND [OPTIONS]

The page:
  demo [--port P] [--cpu] [--burn]
                     Build what is missing and serve the page: on the CPU engine first, the GPU engine follows while you
                     watch. --cpu leaves the GPU engine out; --burn adds one that computes through burn (some minutes more)
  build-web [--cpu] [--burn] [--base URL]
                     Build the engines into pkg/ and the site for static hosting into dist/, and print the sizes.
                     --base: where it will be published, for link previews and search engines
  serve [--dist] [--port P]
                     Serve www/, pkg/ and assets/ as they are, or dist/ as a static host would

The packages:
  npm                Make the npm package's tarball in target/npm, and print the sizes; nothing is published
  wheel              Build the Python package's wheel and source distribution in target/wheels, and print the sizes
  example [--port P] Serve a page that samples ONNX denoisers with the npm package and ONNX Runtime Web

Checks:
  test [--quick]     Everything that is checked. --quick: what takes under a minute once it is built
  python             Check the Python package, with NumPy alone and with what the interpreter has (PYTHON names it)
  mutants [--shard K/N] [--files GLOB] [-- OPTIONS]
                     Change the exact core in every way that cargo-mutants knows, and report what no test sees
  fuzz [--seconds S | --runs N]
                     Feed every parser of bytes or text from outside with random input, S seconds (60) or N inputs each;
                     needs a nightly compiler
  audit              Check the lock files: licences, sources, bans, known vulnerabilities; write a bill of materials of
                     each engine in target/sbom
  soak [OPTIONS]     Run the page for an hour with settings changed at random, in headless Chromium

Measurements (each has OPTIONS of its own: add --help):
  bench              Tables of calls, rows and wall-clock on the trained network, beside the plain sampler
  bench-web          Times of the engines, and of others with the same weights, in headless Chromium
  experiments        The numbers of docs/RESULTS.md but for Quality, and the report with its tables and plots
  evidence           Chains on fresh seeds, whose residuals are weighed as evidence against exactness

After a change that is meant to change values or looks:
  bless              Write the golden files, the recorded runs and the numbers of the page's figures again
  pictures           Write the pictures of the page's figures in docs/figures/, and the preview of links to it
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What a command was given.
#[derive(Default)]
struct Options {
    port: Option<u16>,
    cpu: bool,
    burn: bool,
    dist: bool,
    quick: bool,
    seconds: Option<u32>,
    runs: Option<u64>,
    base: Option<String>,
    shard: Option<String>,
    files: Option<String>,
    /// For the program that the command starts.
    rest: Vec<String>,
}

/// The options that each command takes; `..` hands all of them on.
const COMMANDS: [(&str, &str); 18] = [
    ("demo", "port cpu burn"),
    ("build-web", "cpu burn base"),
    ("serve", "dist port"),
    ("npm", ""),
    ("wheel", ""),
    ("python", ""),
    ("example", "port"),
    ("test", "quick"),
    ("mutants", "shard files -"),
    ("fuzz", "seconds runs"),
    ("audit", ""),
    ("soak", ".."),
    ("bench", ".."),
    ("bench-web", ".."),
    ("experiments", ".."),
    ("evidence", ".."),
    ("bless", ""),
    ("pictures", ""),
];

/// The command and its options; nothing where help was asked for.
fn parse() -> Result<Option<(String, Options)>> {
    read().map_err(|error| anyhow!("{error}: see cargo xtask --help"))
}

fn read() -> Result<Option<(String, Options)>> {
    let mut parser = lexopt::Parser::from_env();
    let (mut command, mut taken) = (None, "");
    let mut options = Options::default();
    loop {
        if command.is_some() && taken == ".." {
            let rest = parser.raw_args()?.map(|argument| argument.string()).collect::<Result<Vec<_>, _>>()?;
            options.rest = rest.into_iter().skip_while(|argument| argument == "--").collect();
            break;
        }
        let Some(argument) = parser.next()? else { break };
        match argument {
            Long("help") | Short('h') => return Ok(None),
            Value(name) if command.is_none() => {
                let name = name.string()?;
                let known = COMMANDS.iter().find(|(command, _)| *command == name);
                taken = known.with_context(|| format!("no command is called {name}"))?.1;
                command = Some(name);
            }
            Long(name) if taken.split(' ').any(|taken| taken == name) => match name {
                "cpu" => options.cpu = true,
                "burn" => options.burn = true,
                "dist" => options.dist = true,
                "quick" => options.quick = true,
                "port" => options.port = Some(parser.value()?.parse()?),
                "seconds" => options.seconds = Some(parser.value()?.parse()?),
                "runs" => options.runs = Some(parser.value()?.parse()?),
                "base" => options.base = Some(parser.value()?.string()?),
                "shard" => options.shard = Some(parser.value()?.string()?),
                _ => options.files = Some(parser.value()?.string()?),
            },
            Value(value) if taken.ends_with('-') => options.rest.push(value.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(command.map(|command| (command, options)))
}

/// The engines that are asked for, in the order in which they are built.
fn engines(options: &Options) -> Result<&'static [Engine]> {
    Ok(match (options.cpu, options.burn) {
        (true, true) => bail!("--cpu and --burn exclude each other"),
        (true, false) => &Engine::PAGE,
        (false, false) => &Engine::ALL,
        (false, true) => &[Engine::Toy, Engine::Policy, Engine::Cpu, Engine::Gpu, Engine::Burn],
    })
}

fn run() -> Result<()> {
    let Some((command, options)) = parse()? else {
        print!("{HELP}");
        return Ok(());
    };
    let port = |default: u16| options.port.unwrap_or(default);
    match &*command {
        "demo" => demo(engines(&options)?, port(8000)),
        "build-web" => build::site(engines(&options)?, options.base.as_deref()),
        // another port: the built site's service worker would else answer for the source
        "serve" if options.dist => serve(Site::Built, port(8001)),
        "serve" => serve(Site::Source, port(8000)),
        "npm" => npm::pack(),
        "wheel" => python::wheel(),
        "python" => python::tests(),
        "example" => {
            let server = serve::start(Site::Example, port(8002))?;
            npm::example(npm::exporter())?;
            println!("\n  open {}\n\n(Ctrl+C ends it)", server.url());
            server.wait()
        }
        "test" if options.quick => test::quick(),
        "test" => test::all(),
        "mutants" => test::mutants(options.shard.as_deref(), options.files.as_deref(), &options.rest),
        "fuzz" => test::fuzz(&match (options.seconds, options.runs) {
            (Some(_), Some(_)) => bail!("--seconds and --runs exclude each other"),
            (_, Some(runs)) => format!("-runs={runs}"),
            (seconds, None) => format!("-max_total_time={}", seconds.unwrap_or(60)),
        }),
        "audit" => audit::audit(),
        "soak" => measure::soak(&options.rest),
        "bench" => measure::bench(&options.rest),
        "bench-web" => measure::bench_web(&options.rest),
        "experiments" => measure::experiments(&options.rest),
        "evidence" => measure::evidence(&options.rest),
        "bless" => measure::bless(),
        _ => measure::pictures(),
    }
}

fn demo(engines: &[Engine], port: u16) -> Result<()> {
    // first, so that a port that is taken is reported before minutes of building
    let server = serve::start(Site::Source, port)?;
    let (first, later) = engines.split_at(2);
    println!("Building the page's CPU engine: a minute or two the first time, then seconds. The link follows.");
    build::engines(first)?;
    println!("\n  open {}\n\n(Ctrl+C ends it)", server.url());
    shell::step_back();
    for &engine in later {
        // the page is in use already: a failure here must not take it down
        match build::engine(engine) {
            Ok(()) => println!("The {} engine is ready: reload the page to use it.", engine.name()),
            Err(error) => {
                eprintln!("The {} engine could not be built, the CPU engine goes on: {error:#}", engine.name());
            }
        }
    }
    server.wait()
}

fn serve(site: Site, port: u16) -> Result<()> {
    let server = serve::start(site, port)?;
    println!("{}", server.url());
    server.wait()
}
