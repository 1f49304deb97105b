//! The transport floor: the same pages over one connection, thrown away. Nothing of a page is understood but the
//! address of the next one, which is searched for as bytes. Standard library alone, so that nothing is in its way.
//!
//! `floor HOST:PORT TARGET TOKEN` prints one JSON object: bytes of bodies, pages, seconds.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

/// Where a page names the next one, escaped as JSON does not need to.
const NEXT: &[u8] = b"\"@odata.nextLink\":\"";

/// How far from the beginning or the end of a page the next address is looked for.
const NEAR: usize = 8_192;

fn main() -> io::Result<()> {
    let [host, first, token] =
        std::env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| broken("usage: floor HOST:PORT TARGET TOKEN"))?;
    let stream = TcpStream::connect(&host)?;
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::with_capacity(1 << 20, stream);
    let mut body = Vec::new();
    let (mut bytes, mut pages, mut target) = (0, 0, first);
    let began = Instant::now();
    loop {
        write!(writer, "GET {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n")?;
        let length = head(&mut reader)?;
        body.resize(length, 0);
        reader.read_exact(&mut body)?;
        bytes += length;
        pages += 1;
        let Some(next) = next_link(&body) else { break };
        let path = next.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
        target = path.ok_or_else(|| broken("the next page has no address"))?;
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{{\"bytes\":{bytes},\"pages\":{pages},\"seconds\":{seconds}}}");
    Ok(())
}

fn broken(text: &str) -> io::Error {
    io::Error::other(text.to_owned())
}

/// Reads the head of an answer; gives the length of its body.
fn head(reader: &mut BufReader<TcpStream>) -> io::Result<usize> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    if !line.starts_with("HTTP/1.1 200") {
        return Err(broken(&line));
    }
    let mut length = None;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let text = line.trim_end().to_ascii_lowercase();
        if text.is_empty() {
            return length.ok_or_else(|| broken("an answer without a length"));
        }
        if let Some(number) = text.strip_prefix("content-length:") {
            length = number.trim().parse().ok();
        }
    }
}

/// The address of the next page, wherever in the page the server writes it.
fn next_link(body: &[u8]) -> Option<String> {
    let find = |part: &[u8]| {
        let at = part.windows(NEXT.len()).position(|window| window == NEXT)? + NEXT.len();
        let end = part[at..].iter().position(|byte| *byte == b'"')?;
        String::from_utf8(part[at..at + end].to_vec()).ok()
    };
    let near = NEAR.min(body.len());
    find(&body[..near]).or_else(|| find(&body[body.len() - near..]))
}
