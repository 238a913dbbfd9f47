//! A server for the page, on this machine alone: the right types, and the policy the page is meant to live under.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::shell::root;

const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    // a page by itself: workers may share memory
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // what was built a moment ago is what is seen
    (header::CACHE_CONTROL, "no-cache"),
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

/// A server that is running; it stops when it is dropped.
pub struct Running {
    port: u16,
    runtime: Runtime,
    server: JoinHandle<std::io::Result<()>>,
}

impl Running {
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Serves until the process ends.
    pub fn wait(self) -> Result<()> {
        Ok(self.runtime.block_on(self.server)??)
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

/// Serves on `port` of 127.0.0.1; 0 takes any that is free.
pub fn start(site: Site, port: u16) -> Result<Running> {
    let mut site = match site {
        Site::Source => Router::new()
            .nest_service("/pkg", ServeDir::new(root().join("pkg")))
            .nest_service("/assets", ServeDir::new(root().join("assets")))
            .fallback_service(ServeDir::new(root().join("www"))),
        Site::Built => Router::new().fallback_service(ServeDir::new(root().join("dist"))),
        Site::Example => Router::new().fallback_service(ServeDir::new(root().join("target/example"))),
    };
    let headers = HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value)));
    let policy = (header::CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy()?)?);
    for (name, value) in headers.into_iter().chain([policy]) {
        site = site.layer(SetResponseHeaderLayer::overriding(name, value));
    }

    let runtime = Runtime::new()?;
    let listener = runtime
        .block_on(TcpListener::bind(("127.0.0.1", port)))
        .with_context(|| format!("port {port} cannot be used: choose another with --port"))?;
    let port = listener.local_addr()?.port();
    let server = runtime.spawn(async move { axum::serve(listener, site).await });
    Ok(Running { port, runtime, server })
}
