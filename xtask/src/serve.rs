//! A server for the page, on this machine alone: the right types, and the policy the page is meant to live under.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::{Result, anyhow};
use tiny_http::{Header, Response, Server};

use crate::shell::root;

const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; \
                      object-src 'none'; base-uri 'none'; form-action 'none'";
/// Requests answered at once.
const THREADS: usize = 4;

/// A server that is running.
pub struct Running {
    port: u16,
    threads: Vec<JoinHandle<()>>,
    server: Arc<Server>,
}

impl Running {
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Serves until the process ends.
    pub fn wait(self) {
        for thread in self.threads {
            // a thread that panicked has told so already
            let _ = thread.join();
        }
    }

    /// Stops serving.
    pub fn stop(self) {
        for _ in &self.threads {
            self.server.unblock();
        }
        self.wait();
    }
}

/// Serves on `port` of 127.0.0.1; 0 takes any that is free.
pub fn start(port: u16) -> Result<Running> {
    let server = Server::http(("127.0.0.1", port))
        .map_err(|error| anyhow!("port {port} cannot be used ({error}): choose another with --port"))?;
    let port = server.server_addr().to_ip().map_or(port, |address| address.port());
    let server = Arc::new(server);
    let threads = (0..THREADS)
        .map(|_| {
            let server = Arc::clone(&server);
            thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    let response = answer(request.url());
                    // a visitor who left needs no answer
                    let _ = request.respond(response);
                }
            })
        })
        .collect();
    Ok(Running { port, threads, server })
}

fn answer(url: &str) -> Response<std::io::Cursor<Vec<u8>>> {
    let (status, kind, body) = match file(url).and_then(|path| Some((kind(&path), fs::read(&path).ok()?))) {
        Some((kind, body)) => (200, kind, body),
        None => (404, "text/plain; charset=utf-8", b"There is nothing here.\n".to_vec()),
    };
    let mut response = Response::from_data(body).with_status_code(status);
    for (name, value) in [
        ("Content-Type", kind),
        ("Content-Security-Policy", POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-cache"),
    ] {
        response.add_header(Header::from_bytes(name, value).expect("a valid header"));
    }
    response
}

/// The file behind a URL: `pkg/` and `assets/` from the repository, everything else from `www/`.
fn file(url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?.trim_start_matches('/');
    let path = Path::new(if path.is_empty() { "index.html" } else { path });
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let shared = path.starts_with("pkg") || path.starts_with("assets");
    let path = if shared { root().join(path) } else { root().join("www").join(path) };
    path.is_file().then_some(path)
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}
