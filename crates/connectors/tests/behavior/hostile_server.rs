//! A server that answers as a test says and remembers what it was asked. It does what the simulator,
//! which keeps Microsoft's rules, never would.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reseat_connectors::graph::{Cloud, Credentials, GraphReader, GraphWriter, Secret};
use reseat_domain::ids::TenantId;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::tenant::QUICK;

/// What it was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Method and target, such as `GET /v1.0/users?$top=999`.
    pub line: String,
    /// The whole head in small letters.
    pub head: String,
    /// The body as text.
    pub body: String,
    /// How many requests of the same method and path came before, without their query.
    pub earlier: usize,
}

/// What it answers.
pub struct Says {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Says {
    pub fn json(status: u16, body: &Value) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { status, headers, body: body.to_string() }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

type Script = dyn Fn(&Asked) -> Says + Send + Sync;

/// The server.
pub struct Server {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// The tenant every hostile server pretends to be.
pub fn tenant_id() -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(0x1234))
}

/// A token whose claims can be read.
pub fn token_of(tenant: TenantId) -> String {
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(json!({ "tid": tenant }).to_string()))
}

/// The answer of a token endpoint.
pub fn grant(token: &str) -> Says {
    Says::json(200, &json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": token }))
}

impl Server {
    pub async fn start(script: impl Fn(&Asked) -> Says + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (script, seen): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&seen)));
            }
        });
        Self { address, asked }
    }

    /// One that gives good tokens and answers everything else as the script says.
    pub async fn with_tokens(script: impl Fn(&Asked) -> Says + Send + Sync + 'static) -> Self {
        Self::start(
            move |asked| if asked.line.contains("/token") { grant(&token_of(tenant_id())) } else { script(asked) },
        )
        .await
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn reader(&self) -> GraphReader {
        GraphReader::new(self.cloud(), tenant_id(), credentials(), None).expect("a reader").with_patience(QUICK)
    }

    pub fn writer(&self) -> GraphWriter {
        GraphWriter::new(self.cloud(), tenant_id(), credentials(), None).expect("a writer")
    }

    /// A reader with other credentials than the usual secret.
    pub fn reader_of(&self, credentials: Credentials) -> GraphReader {
        GraphReader::new(self.cloud(), tenant_id(), credentials, None).expect("a reader").with_patience(QUICK)
    }

    pub fn cloud(&self) -> Cloud {
        Cloud::custom(&self.url(), &self.url()).expect("loopback is allowed")
    }

    /// What was asked whose line contains a text.
    pub fn asked(&self, part: &str) -> Vec<Asked> {
        let asked = self.asked.lock().expect("no test panics while it holds this");
        asked.iter().filter(|asked| asked.line.contains(part)).cloned().collect()
    }
}

fn credentials() -> Credentials {
    Credentials::secret(Uuid::from_u128(5).to_string(), Secret::new("a secret"))
}

async fn serve(mut stream: TcpStream, script: Arc<Script>, seen: Arc<Mutex<Vec<Asked>>>) {
    let Some((head, body)) = read_request(&mut stream).await else { return };
    let line = head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
    let path = |line: &str| line.split('?').next().unwrap_or_default().to_owned();
    let asked = {
        let mut seen = seen.lock().expect("no test panics while it holds this");
        let earlier = seen.iter().filter(|asked: &&Asked| path(&asked.line) == path(&line)).count();
        let asked = Asked { line, head: head.to_lowercase(), body, earlier };
        seen.push(asked.clone());
        asked
    };
    let says = script(&asked);
    let mut text =
        format!("HTTP/1.1 {} X\r\ncontent-length: {}\r\nconnection: close\r\n", says.status, says.body.len());
    for (name, value) in &says.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(&says.body);
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// Reads head and body.
async fn read_request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let mut block = [0_u8; 4096];
        let count = stream.read(&mut block).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&block[..count]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length = head
            .to_lowercase()
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next().and_then(|number| number.trim().parse::<usize>().ok()));
        if bytes.len() >= end + 4 + length.unwrap_or(0) {
            return Some((head, String::from_utf8_lossy(&bytes[end + 4..]).into_owned()));
        }
    }
}
