//! The connector in front of somebody else's identity platform and Graph: `clients/` runs it against other people's
//! doubles. Reads one JSON object a line from standard input and answers each with one.
//!
//! The first says where and who: `{graph_url, authority_url, tenant_id, client_id, secret | certificate_file}` and
//! asks what to do: `"read"` (license types and the first page of people) or `"sign_in"`, which answers with the
//! address for a browser and takes `{query}`, what the browser brought back, as the second line.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reseat_connectors::graph::authorization::{Pkce, Redemption, Returned, SignInRequest, redeem_code, sign_in_url};
use reseat_connectors::graph::{
    Certificate, ClientProof, Cloud, Credentials, GraphReader, Patience, Secret, SigningAlgorithm, WallClock,
};
use reseat_connectors::{ConnectorError, DirectoryReader as _};
use reseat_domain::ids::TenantId;
use reseat_domain::time::Timestamp;
use serde_json::{Value, json};

/// Tries little: a double that does not answer at once never does.
const BRIEF: Patience = Patience { tries: 2, first_wait: Duration::from_millis(50), total: Duration::from_secs(10) };

const NONCE: &str = "a nonce of this run";

const STATE: &str = "a state of this run";

#[tokio::main]
async fn main() -> io::Result<()> {
    let asked = Asked(next_line()?);
    let answer = match asked.text("do") {
        "sign_in" => sign_in(&asked).await?,
        _ => read(&asked).await,
    };
    say(&answer.unwrap_or_else(|error| complaint(&error)))
}

struct Asked(Value);

impl Asked {
    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }

    fn tenant(&self) -> Result<TenantId, ConnectorError> {
        self.text("tenant_id").parse().map_err(|_| ConnectorError::Configuration("tenant_id is no GUID".to_owned()))
    }

    fn cloud(&self) -> Result<Cloud, ConnectorError> {
        Cloud::custom(self.text("graph_url"), self.text("authority_url"))
    }

    fn certificate(&self) -> Result<Arc<Certificate>, ConnectorError> {
        let file = self.text("certificate_file");
        let pem = std::fs::read(file).map_err(|error| ConnectorError::Configuration(format!("{file}: {error}")))?;
        let algorithm =
            if self.text("algorithm") == "RS256" { SigningAlgorithm::Rs256 } else { SigningAlgorithm::Ps256 };
        Ok(Arc::new(Certificate::from_pem(&pem, algorithm, machine_clock())?))
    }

    fn proof(&self) -> Result<ClientProof, ConnectorError> {
        match self.text("secret") {
            "" => Ok(ClientProof::Certificate(self.certificate()?)),
            secret => Ok(ClientProof::Secret(Secret::new(secret))),
        }
    }

    fn credentials(&self) -> Result<Credentials, ConnectorError> {
        match self.text("secret") {
            "" => Ok(Credentials::certificate(self.text("client_id"), self.certificate()?)),
            secret => Ok(Credentials::secret(self.text("client_id"), Secret::new(secret))),
        }
    }
}

fn machine_clock() -> WallClock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    })
}

/// What the foreign Graph gives: license types, and people or why there are none.
async fn read(asked: &Asked) -> Result<Value, ConnectorError> {
    let reader = GraphReader::new(asked.cloud()?, asked.tenant()?, asked.credentials()?, None)?.with_patience(BRIEF);
    let skus = reader.skus().await?;
    let skus: BTreeMap<String, String> =
        skus.iter().map(|sku| (sku.sku_id.to_string(), sku.part_number.clone())).collect();
    let people = match reader.people_page(None).await {
        Ok(page) => json!({ "people": page.items.len() }),
        Err(error) => complaint(&error),
    };
    Ok(json!({ "skus": skus, "then": people }))
}

/// A whole sign-in of a person: the address, the browser's answer, the code redeemed.
async fn sign_in(asked: &Asked) -> io::Result<Result<Value, ConnectorError>> {
    let pkce = Pkce::new([7; 32]);
    let challenge = pkce.challenge();
    let scopes: Vec<&str> = asked.0["scopes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let request = SignInRequest {
        client_id: asked.text("client_id"),
        redirect_uri: asked.text("redirect_uri"),
        state: STATE,
        nonce: NONCE,
        challenge: &challenge,
        scopes: &scopes,
    };
    let (cloud, tenant) = match (asked.cloud(), asked.tenant()) {
        (Ok(cloud), Ok(tenant)) => (cloud, tenant),
        (Err(error), _) | (_, Err(error)) => return Ok(Err(error)),
    };
    say(&json!({ "address": sign_in_url(&cloud, tenant, &request) }))?;
    let returned = Asked(next_line()?);
    Ok(redeem(asked, &cloud, tenant, returned.text("query"), &pkce).await)
}

async fn redeem(
    asked: &Asked,
    cloud: &Cloud,
    tenant: TenantId,
    query: &str,
    pkce: &Pkce,
) -> Result<Value, ConnectorError> {
    let code = match Returned::read(query, tenant)? {
        Returned::Code { code, state } if state == STATE => code,
        other => return Ok(json!({ "returned": format!("{other:?}") })),
    };
    let proof = asked.proof()?;
    let redemption = Redemption {
        client_id: asked.text("client_id"),
        client_proof: Some(&proof),
        code: &code,
        redirect_uri: asked.text("redirect_uri"),
        pkce,
        nonce: NONCE,
    };
    let redeemed = redeem_code(cloud, tenant, &redemption, None).await?;
    Ok(json!({ "user_name": redeemed.user_name, "user_id": redeemed.user_id, "scopes": redeemed.scopes }))
}

fn complaint(error: &ConnectorError) -> Value {
    json!({ "error": error.to_string(), "remedy": error.remedy() })
}

fn next_line() -> io::Result<Value> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    serde_json::from_str(&line).map_err(io::Error::other)
}

fn say(answer: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{answer}")?;
    out.flush()
}
