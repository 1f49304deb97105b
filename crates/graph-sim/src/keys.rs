//! Keys and certificates: token signing, the private CA of the https listener, and the apps' certificates.

use crate::apps::App;
use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, jwk::Jwk};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The key id of the one signing key.
pub const KEY_ID: &str = "reseat-simulator";

/// A certificate registered for an app.
pub struct AppCertificate {
    pub client_id: String,
    pub file: PathBuf,
    /// base64url of SHA-256 over the DER.
    pub thumbprint: String,
    public_pem: Vec<u8>,
}

/// All keys of one run.
pub struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    pub jwk: Value,
    pub certificates: Vec<AppCertificate>,
    pub ca_file: PathBuf,
    pub tls_chain: Vec<Vec<u8>>,
    pub tls_key: Vec<u8>,
}

impl Keys {
    /// Makes fresh keys and writes the CA and the apps' certificates (with their private keys) into `folder`.
    pub fn generate(folder: &Path, apps: &[App]) -> Result<Self> {
        let signing = std::thread::spawn(|| KeyPair::generate_for(&PKCS_RSA_SHA256));
        let app_key = KeyPair::generate_for(&PKCS_RSA_SHA256).context("RSA key for the apps")?;
        let mut certificates = Vec::new();
        for app in apps {
            let mut params = CertificateParams::new(Vec::new())?;
            params.distinguished_name.push(DnType::CommonName, format!("reseat {}", app.purpose));
            let certificate = params.self_signed(&app_key)?;
            let file = folder.join(format!("{}.pem", app.purpose));
            std::fs::write(&file, format!("{}{}", certificate.pem(), app_key.serialize_pem()))?;
            certificates.push(AppCertificate {
                client_id: app.client_id.clone(),
                file,
                thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(certificate.der())),
                public_pem: app_key.public_key_pem().into_bytes(),
            });
        }
        let mut ca = CertificateParams::new(Vec::new())?;
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.distinguished_name.push(DnType::CommonName, "Reseat simulator CA");
        let ca_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let ca_certificate = ca.self_signed(&ca_key)?;
        let issuer = Issuer::new(ca, ca_key);
        let mut server = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()])?;
        server.distinguished_name.push(DnType::CommonName, "localhost");
        let server_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let server_certificate = server.signed_by(&server_key, &issuer)?;
        let ca_file = folder.join("ca.pem");
        std::fs::write(&ca_file, ca_certificate.pem())?;
        let signing = signing.join().map_err(|_| anyhow::anyhow!("the key thread ended early"))?.context("RSA signing key")?;
        let encoding = EncodingKey::from_rsa_pem(signing.serialize_pem().as_bytes())?;
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&encoding, Algorithm::RS256)?)?;
        jwk["kid"] = Value::from(KEY_ID);
        jwk["use"] = Value::from("sig");
        Ok(Self {
            decoding: DecodingKey::from_rsa_pem(signing.public_key_pem().as_bytes())?,
            encoding,
            jwk,
            certificates,
            ca_file,
            tls_chain: vec![server_certificate.der().to_vec()],
            tls_key: server_key.serialize_der(),
        })
    }

    /// Signs claims with RS256.
    pub fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, claims, &self.encoding).expect("an RSA key signs any JSON object")
    }

    /// The claims of a token we signed; lifetimes are judged elsewhere, by the simulated clock.
    pub fn read(&self, token: &str) -> Option<Value> {
        jsonwebtoken::decode::<Value>(token, &self.decoding, &any_time(Algorithm::RS256)).ok().map(|data| data.claims)
    }

    /// The claims of a client assertion: signed by the app's certificate, with its thumbprint in the header.
    pub fn read_assertion(&self, client_id: &str, assertion: &str) -> Option<Value> {
        let header = jsonwebtoken::decode_header(assertion).ok()?;
        if !matches!(header.alg, Algorithm::PS256 | Algorithm::RS256) {
            return None;
        }
        let certificate = self.certificates.iter().find(|certificate| certificate.client_id == client_id)?;
        // The legacy SHA-1 thumbprint is accepted unread: the signature decides.
        if header.x5t_s256.as_ref().is_some_and(|thumbprint| *thumbprint != certificate.thumbprint) || (header.x5t_s256.is_none() && header.x5t.is_none()) {
            return None;
        }
        let key = DecodingKey::from_rsa_pem(&certificate.public_pem).ok()?;
        jsonwebtoken::decode::<Value>(assertion, &key, &any_time(header.alg)).ok().map(|data| data.claims)
    }
}

fn any_time(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}
