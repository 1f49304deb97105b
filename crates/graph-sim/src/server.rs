//! The listeners. Faults of the connection happen here, on the socket: a reset closes it without an answer, a cut
//! sends the beginning of one.

use crate::request::{Reply, Request, Wire, parse_form};
use crate::sim::Sim;
use anyhow::{Context as _, Result};
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::http;
use axum_server::Handle;
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::future::{Future, Ready, ready};
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use uuid::Uuid;

const LARGEST_BODY: usize = 16 << 20;
/// How long the beginning of a cut answer has to reach the client before the connection ends.
const CUT_AFTER: Duration = Duration::from_millis(50);

/// What a listener serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Identity platform, Graph and control plane.
    Everything,
    /// Reports, to whoever knows the address.
    Downloads,
}

/// Sockets bound before anything is ready, so that addresses are known early and a busy port is an early error.
pub struct Bound {
    pub listener: TcpListener,
    pub address: SocketAddr,
}

impl Bound {
    /// Binds `address`; port 0 takes a free one.
    pub fn to(address: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }
}

/// Serves http until the handle says stop.
pub async fn serve_http(bound: Bound, answer: Answer, handle: Handle<SocketAddr>) -> io::Result<()> {
    let make = axum::ServiceExt::<axum::extract::Request>::into_make_service(answer);
    axum_server::from_tcp(bound.listener)?.handle(handle).acceptor(Breaker).serve(make).await
}

/// Serves https until the handle says stop.
pub async fn serve_https(
    bound: Bound,
    answer: Answer,
    tls: RustlsConfig,
    handle: Handle<SocketAddr>,
) -> io::Result<()> {
    let make = axum::ServiceExt::<axum::extract::Request>::into_make_service(answer);
    let acceptor = RustlsAcceptor::new(tls).acceptor(Breaker);
    axum_server::from_tcp(bound.listener)?.handle(handle).acceptor(acceptor).serve(make).await
}

/// The https side's certificate and key. Both versions of HTTP are offered, as the real Graph does.
pub fn tls(chain: &[Vec<u8>], key: &[u8]) -> Result<RustlsConfig> {
    let chain = chain.iter().map(|der| CertificateDer::from(der.clone())).collect();
    let key = PrivateKeyDer::try_from(key.to_vec())
        .map_err(|error| anyhow::anyhow!("the key of the https listener: {error}"))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

/// Answers the requests of one connection.
#[derive(Clone)]
pub struct Answer {
    sim: Arc<Sim>,
    face: Face,
    scheme: &'static str,
    /// Used where a client sends no `Host`.
    address: SocketAddr,
    broken: Arc<AtomicBool>,
}

impl Answer {
    /// For a listener at `address`.
    pub fn new(sim: Arc<Sim>, face: Face, scheme: &'static str, address: SocketAddr) -> Self {
        Self { sim, face, scheme, address, broken: Arc::default() }
    }

    fn request(&self, parts: &http::request::Parts, body: &Bytes) -> Request {
        let mut headers = std::collections::HashMap::new();
        for (name, value) in &parts.headers {
            headers.insert(name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned());
        }
        // HTTP/2 names the host in the address.
        let named = parts.uri.authority().map(|authority| authority.as_str().to_owned());
        let host = headers.get("host").cloned().or(named).unwrap_or_else(|| self.address.to_string());
        Request {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parse_form(parts.uri.query().unwrap_or_default()),
            headers,
            body: body.to_vec(),
            base: format!("{}://{host}", self.scheme),
            in_batch: false,
            request_id: Uuid::new_v4().to_string(),
        }
    }

    async fn reply(self, parts: http::request::Parts, body: Body) -> io::Result<http::Response<Body>> {
        let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
            return Ok(http::Response::builder().status(413).body(Body::empty()).unwrap_or_default());
        };
        let request = self.request(&parts, &body);
        let shared = parts.version == http::Version::HTTP_2;
        let zips = request.header("accept-encoding").is_some_and(|kinds| kinds.contains("gzip"));
        let (sim, face) = (Arc::clone(&self.sim), self.face);
        let reply = tokio::task::spawn_blocking(move || {
            let mut reply = match face {
                Face::Everything => sim.handle(request),
                Face::Downloads => sim.download(&request),
            };
            if zips && sim.read_world().settings.gzip {
                compress(&mut reply);
            }
            reply
        })
        .await
        .map_err(io::Error::other)?;
        if reply.delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(reply.delay_ms)).await;
        }
        if reply.wire == Wire::Reset {
            // A connection of HTTP/2 carries other requests: only this one's stream is reset.
            if !shared {
                self.broken.store(true, Ordering::SeqCst);
            }
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        response(reply, &self.sim.http_date()).map_err(io::Error::other)
    }
}

/// Answers shorter than this are not worth compressing.
const WORTH_ZIPPING: usize = 1024;

/// Compresses a whole answer.
fn compress(reply: &mut Reply) {
    if reply.wire != Wire::Whole || reply.body.len() < WORTH_ZIPPING {
        return;
    }
    let mut zipped = GzEncoder::new(Vec::with_capacity(reply.body.len() / 6), Compression::fast());
    if zipped.write_all(&reply.body).is_err() {
        return;
    }
    if let Ok(body) = zipped.finish() {
        reply.body = body;
        reply.headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
        reply.headers.push(("vary".to_owned(), "Accept-Encoding".to_owned()));
    }
}

fn response(reply: Reply, date: &str) -> Result<http::Response<Body>, http::Error> {
    let mut builder = http::Response::builder().status(reply.status).header("date", date);
    for (name, value) in &reply.headers {
        builder = builder.header(name, value);
    }
    let body = match reply.wire {
        Wire::Whole | Wire::Reset => Body::from(reply.body),
        Wire::Cut => cut(reply.body),
    };
    builder.body(body)
}

/// A body that ends in an error after what there is.
fn cut(beginning: Vec<u8>) -> Body {
    Body::from_stream(futures::stream::unfold(Some(beginning), |state| async {
        if let Some(bytes) = state {
            return Some((Ok(Bytes::from(bytes)), None));
        }
        // Written bytes must leave before the connection does.
        tokio::time::sleep(CUT_AFTER).await;
        Some((Err(io::Error::from(io::ErrorKind::ConnectionAborted)), None))
    }))
}

impl<B> tower::Service<http::Request<B>> for Answer
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = http::Response<Body>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<http::Response<Body>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let (parts, body) = request.into_parts();
        Box::pin(self.clone().reply(parts, Body::new(body)))
    }
}

/// Gives every connection a switch that its answers can break it with.
#[derive(Clone, Copy, Debug)]
struct Breaker;

impl Accept<TcpStream, Answer> for Breaker {
    type Stream = Breakable;
    type Service = Answer;
    type Future = Ready<io::Result<(Breakable, Answer)>>;

    fn accept(&self, stream: TcpStream, mut answer: Answer) -> Self::Future {
        answer.broken = Arc::default();
        let breakable = Breakable { stream, broken: Arc::clone(&answer.broken) };
        ready(breakable.stream.set_nodelay(true).and(Ok((breakable, answer))))
    }
}

/// A connection that resets when it is dropped after the switch was thrown, and sends nothing more.
pub struct Breakable {
    stream: TcpStream,
    broken: Arc<AtomicBool>,
}

impl Breakable {
    fn check(&self) -> io::Result<()> {
        if self.broken.load(Ordering::SeqCst) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl Drop for Breakable {
    fn drop(&mut self) {
        if self.check().is_err() {
            // Without a lingering close the kernel answers with a reset instead of a polite end.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Breakable {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Breakable {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if let Err(error) = self.check() {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Err(error) = self.check() {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
