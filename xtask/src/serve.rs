//! A server for the page, on this machine alone: the right types, and the policy the page is meant to live under.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};

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

/// How long a connection is kept on which nothing is asked.
const IDLE: Duration = Duration::from_mins(1);
/// More than a browser writes before a request ends.
const HEAD_BYTES: u64 = 1 << 16;

/// A server that is running; it stops when it is dropped.
pub struct Running {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Running {
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Serves until the process ends.
    pub fn wait(mut self) -> Result<()> {
        let listener = self.listener.take().context("the server is running")?;
        listener.join().map_err(|_| anyhow!("the server has stopped"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // the listener looks at the flag when somebody comes
        if let (Some(listener), Ok(_)) = (self.listener.take(), TcpStream::connect(self.address)) {
            let _ = listener.join();
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

/// Serves on `port` of 127.0.0.1; 0 takes any that is free. Every connection has a thread: a browser opens six at once and keeps
/// them.
pub fn start(site: Site, port: u16) -> Result<Running> {
    let sockets = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("port {port} cannot be used: choose another with --port"))?;
    let address = sockets.local_addr()?;
    let stopped = Arc::new(AtomicBool::new(false));
    let (policy, ending) = (Arc::new(policy()?), Arc::clone(&stopped));
    let listener = thread::spawn(move || {
        for connection in sockets.incoming() {
            if ending.load(Ordering::SeqCst) {
                return;
            }
            let (policy, ending) = (Arc::clone(&policy), Arc::clone(&ending));
            // one that broke before it was taken is nobody's any more
            if let Ok(connection) = connection {
                // a visitor who has left wants no answer
                thread::spawn(move || serve(site, &policy, &connection, &ending).ok());
            }
        }
    });
    Ok(Running { address, stopped, listener: Some(listener) })
}

/// Answers what is asked on a connection, until it is closed.
fn serve(site: Site, policy: &str, connection: &TcpStream, ending: &AtomicBool) -> io::Result<()> {
    connection.set_read_timeout(Some(IDLE))?;
    connection.set_nodelay(true)?;
    let mut asked = BufReader::new(connection);
    loop {
        let mut head = io::Read::take(&mut asked, HEAD_BYTES);
        let mut first = String::new();
        head.read_line(&mut first)?;
        let mut line = String::new();
        while head.read_line(&mut line)? > 2 {
            line.clear();
        }
        // an address without a body is all that is answered, so nothing else has to be read
        let request: Vec<&str> = first.split_ascii_whitespace().collect();
        let [method @ ("GET" | "HEAD"), url, "HTTP/1.1"] = request[..] else {
            return Ok(());
        };
        if !line.ends_with('\n') || ending.load(Ordering::SeqCst) {
            return Ok(());
        }
        let mut answer = answer(site, policy, url)?;
        if method == "HEAD" {
            answer.body.clear();
        }
        (&*connection).write_all(&[answer.head.into_bytes(), answer.body].concat())?;
    }
}

struct Answer {
    head: String,
    body: Vec<u8>,
}

fn answer(site: Site, policy: &str, url: &str) -> io::Result<Answer> {
    let path = site.file(url).filter(|path| path.is_file());
    let (status, ending, body) = match &path {
        Some(path) => ("200 OK", path.extension().unwrap_or_default(), fs::read(path)?),
        None => ("404 Not Found", "txt".as_ref(), Vec::new()),
    };
    let kind = TYPES.iter().find(|(known, _)| *known == ending).map_or("application/octet-stream", |(_, kind)| kind);
    let length = body.len().to_string();
    let mut head = format!("HTTP/1.1 {status}\r\n");
    for (name, value) in HEADERS.into_iter().chain([
        ("Content-Security-Policy", policy),
        ("Content-Type", kind),
        ("Content-Length", &length),
    ]) {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    Ok(Answer { head, body })
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpStream;
    use std::time::Duration;

    use super::{Site, start};

    /// What is answered on a connection that is kept: the first line, and the body.
    fn ask(connection: &TcpStream, request: &str) -> (String, Vec<u8>) {
        (&*connection).write_all(request.as_bytes()).expect("a server that listens");
        let mut answer = BufReader::new(connection);
        let mut line = || {
            let mut line = String::new();
            answer.read_line(&mut line).expect("an answer in time");
            line.trim_end().to_owned()
        };
        let (status, mut length) = (line(), 0);
        loop {
            match line().split_once(": ") {
                Some(("Content-Length", value)) => length = value.parse().expect("a number of bytes"),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body).expect("as many bytes as were said");
        (status, body)
    }

    fn get(connection: &TcpStream, path: &str) -> (String, Vec<u8>) {
        ask(connection, &format!("GET {path} HTTP/1.1\r\nHost: here\r\n\r\n"))
    }

    #[test]
    fn connections_that_are_kept_do_not_keep_others_waiting() {
        let server = start(Site::Source, 0).expect("a free port");
        let connections: Vec<TcpStream> = (0..40)
            .map(|_| {
                let connection = TcpStream::connect(server.address).expect("a server that listens");
                connection.set_read_timeout(Some(Duration::from_secs(20))).expect("a time");
                connection
            })
            .collect();
        let page = std::fs::read(crate::shell::root().join("www/index.html")).expect("the page");
        for connection in connections.iter().chain(connections.iter().rev()) {
            assert_eq!(get(connection, "/"), ("HTTP/1.1 200 OK".to_owned(), page.clone()));
            assert_eq!(get(connection, "/nothing"), ("HTTP/1.1 404 Not Found".to_owned(), Vec::new()));
        }
    }

    #[test]
    fn what_is_no_request_is_left_without_an_answer() {
        let server = start(Site::Source, 0).expect("a free port");
        for request in ["", "\r\n\r\n", "POST / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost", "GET /\r\n\r\n"] {
            let mut connection = TcpStream::connect(server.address).expect("a server that listens");
            connection.set_read_timeout(Some(Duration::from_secs(20))).expect("a time");
            connection.write_all(request.as_bytes()).expect("a server that listens");
            connection.shutdown(std::net::Shutdown::Write).expect("a connection");
            let mut answer = Vec::new();
            connection.read_to_end(&mut answer).expect("an end in time");
            assert!(answer.is_empty(), "{request:?}");
        }
    }

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
