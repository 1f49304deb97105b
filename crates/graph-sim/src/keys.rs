//! Keys and certificates: token signing, the private CA of the https listener, and the apps' certificates.

use crate::apps::App;
use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, jwk::Jwk};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, SignatureAlgorithm,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The key id of the one signing key.
pub const KEY_ID: &str = "reseat-simulator";

const CA_FILE: &str = "ca.pem";

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
    /// The keys kept in `folder`; what is missing is made and written there, readable by its owner alone.
    pub fn in_folder(folder: &Path, apps: &[App]) -> Result<Self> {
        // RSA keys take a while to find, so two are looked for at a time.
        let (signing, app_key) = std::thread::scope(|scope| {
            let signing = scope.spawn(|| key_file(folder, "signing.key.pem", &PKCS_RSA_SHA256));
            let app_key = key_file(folder, "apps.key.pem", &PKCS_RSA_SHA256);
            (signing.join().expect("making a key does not panic"), app_key)
        });
        let (signing, app_key) = (signing.context("the signing key")?, app_key.context("the key of the apps")?);
        let certificates = apps.iter().map(|app| app_certificate(folder, app, &app_key)).collect::<Result<_>>()?;
        let (tls_chain, tls_key) = tls_files(folder)?;
        let encoding = EncodingKey::from_rsa_pem(signing.serialize_pem().as_bytes())?;
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&encoding, Algorithm::RS256)?)?;
        jwk["kid"] = Value::from(KEY_ID);
        jwk["use"] = Value::from("sig");
        Ok(Self {
            decoding: DecodingKey::from_rsa_pem(signing.public_key_pem().as_bytes())?,
            encoding,
            jwk,
            certificates,
            ca_file: folder.join(CA_FILE),
            tls_chain,
            tls_key,
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
        // The legacy SHA-1 thumbprint is accepted unread: the signature decides. Microsoft's own library pads base64url.
        if header.x5t_s256.as_ref().is_some_and(|thumbprint| thumbprint.trim_end_matches('=') != certificate.thumbprint)
            || (header.x5t_s256.is_none() && header.x5t.is_none())
        {
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

/// Writes a file only its owner can read.
fn write_private(path: &Path, text: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

fn key_file(folder: &Path, name: &str, algorithm: &'static SignatureAlgorithm) -> Result<KeyPair> {
    let path = folder.join(name);
    if let Ok(text) = std::fs::read_to_string(&path) {
        return KeyPair::from_pem(&text).with_context(|| format!("{} is no key", path.display()));
    }
    let key = KeyPair::generate_for(algorithm)?;
    write_private(&path, &key.serialize_pem())?;
    Ok(key)
}

fn read_certificate(path: &Path) -> Result<Vec<u8>> {
    let der = CertificateDer::from_pem_file(path);
    der.map(|der| der.to_vec()).map_err(|error| anyhow::anyhow!("{} is no certificate: {error}", path.display()))
}

/// The certificate an app may prove itself with; the file holds its private key too, as an administrator keeps it.
fn app_certificate(folder: &Path, app: &App, key: &KeyPair) -> Result<AppCertificate> {
    let file = folder.join(format!("{}.pem", app.purpose));
    if !file.exists() {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, format!("reseat {}", app.purpose));
        let certificate = params.self_signed(key)?;
        write_private(&file, &format!("{}{}", certificate.pem(), key.serialize_pem()))?;
    }
    let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(read_certificate(&file)?));
    Ok(AppCertificate {
        client_id: app.client_id.clone(),
        file,
        thumbprint,
        public_pem: key.public_key_pem().into_bytes(),
    })
}

/// The https listener's certificate chain and key. The private CA signs once and is then forgotten.
fn tls_files(folder: &Path) -> Result<(Vec<Vec<u8>>, Vec<u8>)> {
    let (ca_file, file) = (folder.join(CA_FILE), folder.join("tls.pem"));
    let key = key_file(folder, "tls.key.pem", &PKCS_ECDSA_P256_SHA256)?;
    if !(ca_file.exists() && file.exists()) {
        let mut ca = CertificateParams::new(Vec::new())?;
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        ca.distinguished_name.push(DnType::CommonName, "Reseat simulator CA");
        let ca_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let ca_certificate = ca.self_signed(&ca_key)?;
        let names = ["localhost", "127.0.0.1", "::1"].map(ToOwned::to_owned);
        let mut server = CertificateParams::new(names.to_vec())?;
        server.distinguished_name.push(DnType::CommonName, "localhost");
        server.use_authority_key_identifier_extension = true;
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = server.signed_by(&key, &Issuer::new(ca, ca_key))?;
        std::fs::write(&file, certificate.pem())?;
        std::fs::write(&ca_file, ca_certificate.pem())?;
    }
    Ok((vec![read_certificate(&file)?], key.serialize_der()))
}
