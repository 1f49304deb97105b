//! How it is spoken to: HTTP/2 beside HTTP/1.1, compressed answers, and the log of what was asked.

use crate::support::Simulator;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::sync::Arc;

/// A connection over TLS that offers these protocols.
fn secure(sim: &Simulator, protocols: &[&[u8]]) -> rustls::StreamOwned<rustls::ClientConnection, std::net::TcpStream> {
    use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(sim.text("ca_file")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let name = ServerName::try_from("localhost").unwrap();
    let address = sim.text("https_url").trim_start_matches("https://").to_owned();
    let connection = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    rustls::StreamOwned::new(connection, std::net::TcpStream::connect(address).unwrap())
}

/// A frame of HTTP/2: length, kind, flags, stream, content.
fn frame(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(content);
    bytes
}

#[tokio::test]
async fn https_speaks_http_2_to_whoever_offers_it() {
    let sim = Simulator::start(&["--users", "40"]);
    let mut stream = secure(&sim, &[b"h2", b"http/1.1"]);
    // Preface, empty settings, and a GET whose header block names everything literally.
    let (path, host) = (b"/common/discovery/instance", b"localhost");
    let mut block = vec![0x82, 0x87, 0x04, u8::try_from(path.len()).unwrap()];
    block.extend(path);
    block.extend([0x01, u8::try_from(host.len()).unwrap()]);
    block.extend(host);
    let mut hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    hello.extend(frame(4, 0, 0, &[]));
    hello.extend(frame(1, 0x05, 1, &block));
    stream.write_all(&hello).unwrap();
    let mut body = Vec::new();
    loop {
        let mut head = [0_u8; 9];
        stream.read_exact(&mut head).unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let mut content = vec![0; length];
        stream.read_exact(&mut content).unwrap();
        if head[3] == 0 {
            body.extend(content);
            if head[4] & 1 == 1 {
                break;
            }
        }
    }
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"h2"[..]));
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(answer["metadata"][0]["preferred_network"], "localhost", "the host is the one of the request");
}

#[tokio::test]
async fn https_still_speaks_http_1_to_whoever_does_not() {
    let sim = Simulator::start(&["--users", "40"]);
    let mut stream = secure(&sim, &[b"http/1.1"]);
    stream
        .write_all(b"GET /common/discovery/instance HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text);
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
}

#[tokio::test]
async fn answers_are_compressed_for_whoever_takes_them_so() {
    let sim = Simulator::usual();
    let token = sim.token("reader").await;
    let get = async |zipped: bool| {
        // A client that undoes nothing, so that the wire shows.
        let client = reqwest::Client::builder().no_gzip().no_proxy().build().unwrap();
        let mut request = client.get(sim.url("/v1.0/users?$top=200")).bearer_auth(&token);
        if zipped {
            request = request.header("Accept-Encoding", "gzip, deflate");
        }
        let answer = request.send().await.unwrap();
        let how = answer.headers().get("content-encoding").map(|value| value.to_str().unwrap().to_owned());
        (how, answer.bytes().await.unwrap())
    };
    let (how, plain) = get(false).await;
    assert_eq!(how, None);
    let (how, packed) = get(true).await;
    assert_eq!(how.as_deref(), Some("gzip"));
    assert!(packed.len() * 3 < plain.len(), "{} of {}", packed.len(), plain.len());
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(packed.as_ref()).read_to_string(&mut unpacked).unwrap();
    let (one, two): (Value, Value) =
        (serde_json::from_str(&unpacked).unwrap(), serde_json::from_slice(&plain).unwrap());
    assert_eq!(one["value"], two["value"]);
    sim.settings(&json!({"gzip": false})).await;
    assert_eq!(get(true).await.0, None);
}

#[tokio::test]
async fn the_log_tells_what_was_asked_by_whom_and_what_it_cost() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let last = sim.control("GET", "requests", &Value::Null).await.json()["last"].as_u64().unwrap();
    let token = sim.token("reader").await;
    let path = format!("/v1.0/users/{}?$select=id&$expand=manager", people[0].id());
    sim.call_as(&token, "GET", &path, &Value::Null).await.unwrap();
    sim.call_as(&token, "GET", "/v1.0/groups/nobody", &Value::Null).await.unwrap();
    let parts = json!({"requests": [{"id": "1", "method": "GET", "url": "/subscribedSkus"}]});
    sim.call_as(&token, "POST", "/v1.0/$batch", &parts).await.unwrap();
    let log = sim.control("GET", &format!("requests?after={last}"), &Value::Null).await.json();
    let seen: Vec<(Value, Value, Value)> = log["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["method"].clone(), entry["path"].clone(), entry["status"].clone()))
        .collect();
    let entry =
        |path: &str| log["requests"].as_array().unwrap().iter().find(|entry| entry["path"] == path).unwrap().clone();
    assert_eq!(seen.len(), 5, "{seen:?}");
    let one = entry("/users/{id}");
    assert_eq!(
        (&one["query"], &one["units"], &one["status"]),
        (&json!(["$expand", "$select"]), &json!(1), &json!(200))
    );
    assert_eq!((&one["app_id"], &one["at"]), (&json!(sim.app("reader").0), &json!("2026-03-04T12:00:00Z")));
    assert_eq!(entry("/groups/nobody")["status"], 404);
    assert_eq!(entry("/subscribedSkus")["in_batch"], true);
    assert_eq!(log["lost"], 0);
}

#[tokio::test]
async fn both_doors_lead_to_the_same_data_and_differ_in_nothing_but_the_address() {
    let sim = Simulator::usual();
    let ca = reqwest::Certificate::from_pem(&std::fs::read(sim.text("ca_file")).unwrap()).unwrap();
    let client = reqwest::Client::builder().add_root_certificate(ca).no_proxy().build().unwrap();
    let token = sim.token("reader").await;
    let path = "/v1.0/users?$top=100&$select=id,displayName,assignedLicenses,licenseAssignmentStates,signInActivity";
    let get = async |root: &str| {
        let text = client.get(format!("{root}{path}")).bearer_auth(&token).send().await.unwrap().text().await.unwrap();
        text.replace(root, "ROOT")
    };
    let (plain, secure) = (get(sim.text("http_url")).await, get(sim.text("https_url")).await);
    assert!(plain.len() > 50_000 && plain.contains("ROOT/v1.0/users?"), "links lead back through the same door");
    assert_eq!(plain, secure);
}
