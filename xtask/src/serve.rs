//! A server for the page, on this machine alone: the right types, and the policy the page is meant to live under.

use anyhow::{Context as _, Result};
use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::shell::root;

const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; \
         object-src 'none'; base-uri 'none'; form-action 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    // a page by itself: workers may share memory
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // what was built a moment ago is what is seen
    (header::CACHE_CONTROL, "no-cache"),
];

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
    for (name, value) in HEADERS {
        site = site.layer(SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value)));
    }

    let runtime = Runtime::new()?;
    let listener = runtime
        .block_on(TcpListener::bind(("127.0.0.1", port)))
        .with_context(|| format!("port {port} cannot be used: choose another with --port"))?;
    let port = listener.local_addr()?.port();
    let server = runtime.spawn(async move { axum::serve(listener, site).await });
    Ok(Running { port, runtime, server })
}
