//! A server for the page, on this machine alone: the right types, and the policy the page is meant to live under.

use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::{Context as _, Result, anyhow};
use tiny_http::{Header, Method, Request, Response, Server};

use crate::shell::root;

const HEADERS: [(&str, &str); 6] = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    // a page by itself: workers may share memory
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    // what was built a moment ago is what is seen
    ("Cache-Control", "no-cache"),
];

/// The policy of every page: scripts of its own, and the import maps whose hashes the pages name themselves.
fn policy() -> Result<String> {
    let mut hashes = BTreeSet::new();
    for entry in fs::read_dir(root().join("www"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "html") {
            let html = fs::read_to_string(path)?;
            hashes.extend(html.split('\'').filter(|part| part.starts_with("sha256-")).map(|hash| format!("'{hash}'")));
        }
    }
    let hashes = Vec::from_iter(hashes).join(" ");
    Ok(format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' {hashes}; img-src 'self' blob: data:; object-src \
         'none'; base-uri 'none'; form-action 'none'"
    ))
}

const TYPES: [(&str, &str); 9] = [
    ("css", "text/css"),
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("mjs", "text/javascript"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("wasm", "application/wasm"),
    ("woff2", "font/woff2"),
];

/// Requests that are answered at the same time.
const THREADS: usize = 4;

/// A server that is running; it stops when it is dropped.
pub struct Running {
    server: Arc<Server>,
    port: u16,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Serves until the process ends.
    pub fn wait(mut self) -> Result<()> {
        for thread in self.threads.drain(..) {
            thread.join().map_err(|_| anyhow!("the server has stopped"))?;
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // each word to stop is heard by any one of them, so all are sent before one is waited for
        for _ in &self.threads {
            self.server.unblock();
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// What is served.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Site {
    /// `www/`, and `pkg/` and `assets/` beside it, as they are.
    Source,
    /// `dist/`, as a static host would.
    Built,
    /// The npm package's example, as [`npm::example`](crate::npm::example) has put it together.
    Example,
}

impl Site {
    /// The file that an address names; nothing for one that leads out of the site.
    fn file(self, url: &str) -> Option<PathBuf> {
        let path = decode(url.split(['?', '#']).next()?)?;
        let path = path.strip_prefix('/')?;
        if path.split(['/', '\\']).any(|part| part == "..") {
            return None;
        }
        let folder = match self {
            Self::Source if path.starts_with("pkg/") || path.starts_with("assets/") => root(),
            Self::Source => root().join("www"),
            Self::Built => root().join("dist"),
            Self::Example => root().join("target/example"),
        };
        Some(if path.is_empty() || path.ends_with('/') {
            folder.join(path).join("index.html")
        } else {
            folder.join(path)
        })
    }
}

/// A path with its `%20` and the like read.
fn decode(path: &str) -> Option<String> {
    let mut bytes = path.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

/// Serves on `port` of 127.0.0.1; 0 takes any that is free.
pub fn start(site: Site, port: u16) -> Result<Running> {
    let server = Server::http((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| anyhow!("port {port} cannot be used: choose another with --port ({error})"))?;
    let port = server.server_addr().to_ip().context("a server on this machine has a port")?.port();
    let (server, policy) = (Arc::new(server), Arc::new(policy()?));
    let threads = (0..THREADS)
        .map(|_| {
            let (server, policy) = (Arc::clone(&server), Arc::clone(&policy));
            thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    // a visitor who has left wants no answer
                    let _ = answer(site, &policy, request);
                }
            })
        })
        .collect();
    Ok(Running { server, port, threads })
}

fn answer(site: Site, policy: &str, request: Request) -> std::io::Result<()> {
    let file = match request.method() {
        Method::Get | Method::Head => site.file(request.url()).filter(|path| path.is_file()),
        _ => None,
    };
    let Some(path) = file else {
        return request.respond(with_headers(Response::from_data([]).with_status_code(404), policy, "txt"));
    };
    let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    request.respond(with_headers(Response::from_data(fs::read(&path)?), policy, &ending))
}

fn with_headers<R: std::io::Read>(mut response: Response<R>, policy: &str, ending: &str) -> Response<R> {
    let kind = TYPES.iter().find(|(known, _)| *known == ending).map_or("application/octet-stream", |(_, kind)| kind);
    for (name, value) in HEADERS.into_iter().chain([("Content-Security-Policy", policy), ("Content-Type", kind)]) {
        if let Ok(header) = Header::from_bytes(name, value) {
            response.add_header(header);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::{Site, start};

    #[test]
    fn a_server_that_is_dropped_stops_and_can_be_started_again() {
        for _ in 0..50 {
            drop(start(Site::Source, 0).expect("a free port"));
        }
    }

    #[test]
    fn an_address_names_a_file_of_the_site_or_none() {
        let file = |url| Site::Source.file(url);
        assert!(file("/").is_some_and(|path| path.ends_with("www/index.html")));
        assert!(file("/assets/faces.json?x#y").is_some_and(|path| path.ends_with("assets/faces.json")));
        assert_eq!(file("/../Cargo.toml"), None);
        assert_eq!(file("/%2e%2e/Cargo.toml"), None);
    }
}
