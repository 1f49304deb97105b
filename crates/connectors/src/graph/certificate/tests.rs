use std::sync::LazyLock;

use jsonwebtoken::Validation;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, date_time_ymd};
use serde_json::Value;

use super::*;

/// RSA keys take a while to find, so one is made for all tests.
static KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate_for(&PKCS_RSA_SHA256).expect("a key"));

const AUDIENCE: &str = "https://login.example/a-tenant/oauth2/v2.0/token";
const CLIENT: &str = "11111111-2222-4333-8444-555555555555";

fn at(text: &str) -> WallClock {
    let now: Timestamp = text.parse().expect("a moment");
    Arc::new(move || now)
}

fn november() -> WallClock {
    at("2026-11-24T10:00:00Z")
}

/// A certificate for a key, good from 2026 to the end of 2027.
fn certificate_pem(key: &KeyPair) -> String {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.distinguished_name.push(DnType::CommonName, "reseat");
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2028, 1, 1);
    params.self_signed(key).expect("it signs itself").pem()
}

fn read(pem: &str, clock: WallClock) -> Result<Certificate, ConnectorError> {
    Certificate::from_pem(pem.as_bytes(), SigningAlgorithm::Ps256, clock)
}

fn refused(pem: &str) -> (String, String) {
    match read(pem, november()) {
        Err(ConnectorError::SignIn { message, remedy }) => (message, remedy),
        other => panic!("it must be refused: {other:?}"),
    }
}

fn decoded(assertion: &str, algorithm: Algorithm) -> (Header, Value) {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.set_audience(&[AUDIENCE]);
    let public = DecodingKey::from_rsa_pem(KEY.public_key_pem().as_bytes()).expect("a public key");
    let data = jsonwebtoken::decode::<Value>(assertion, &public, &validation).expect("a good signature");
    (data.header, data.claims)
}

#[test]
fn section_1_3_every_part_of_the_assertion_is_as_microsoft_asks() {
    let pem = certificate_pem(&KEY) + &KEY.serialize_pem();
    for (algorithm, expected) in
        [(SigningAlgorithm::Ps256, Algorithm::PS256), (SigningAlgorithm::Rs256, Algorithm::RS256)]
    {
        let certificate = Certificate::from_pem(pem.as_bytes(), algorithm, november()).expect("a certificate");
        let assertion = certificate.assertion(CLIENT, AUDIENCE).expect("it signs");
        assert!(!assertion.contains('='), "no padding");
        let (header, claims) = decoded(&assertion, expected);
        assert_eq!(header.typ.as_deref(), Some("JWT"));
        assert_eq!(header.x5t_s256.as_deref(), Some(certificate.thumbprint()));
        assert_eq!((&claims["iss"], &claims["sub"]), (&Value::from(CLIENT), &Value::from(CLIENT)));
        let number = |name: &str| claims[name].as_i64().expect("seconds");
        assert_eq!((number("nbf"), number("iat")), (1_795_514_400, 1_795_514_400), "the clock that was given");
        assert!((300..=600).contains(&(number("exp") - number("nbf"))), "five to ten minutes");
        let again = certificate.assertion(CLIENT, AUDIENCE).expect("it signs");
        assert_ne!(decoded(&again, expected).1["jti"], claims["jti"], "each is unique");
    }
    assert_eq!(SigningAlgorithm::default(), SigningAlgorithm::Ps256, "recommended");
}

#[test]
fn the_thumbprint_is_sha_256_over_the_certificate_itself() {
    let pem = certificate_pem(&KEY);
    let block = blocks(pem.as_bytes()).expect("one block").remove(0);
    let certificate = read(&(KEY.serialize_pem() + &pem), november()).expect("the key may stand first");
    assert_eq!(certificate.thumbprint(), URL_SAFE_NO_PAD.encode(Sha256::digest(&block.contents)));
    assert_eq!(certificate.thumbprint().len(), 43);
    assert_eq!(certificate.not_after(), "2028-01-01T00:00:00Z".parse().expect("a moment"));
    assert!(certificate.subject().contains("CN=reseat"), "{}", certificate.subject());
    assert!(!format!("{certificate:?}").contains("PRIVATE"));
}

#[test]
fn the_certificate_of_the_key_is_found_in_a_chain() {
    let issuer = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
    let pem = certificate_pem(&issuer) + &certificate_pem(&KEY) + &KEY.serialize_pem();
    assert!(read(&pem, november()).is_ok());
}

#[test]
fn a_certificate_outside_its_time_says_when_it_ended() {
    let pem = certificate_pem(&KEY) + &KEY.serialize_pem();
    let assertion = |clock| read(&pem, clock).expect("it can be read").assertion(CLIENT, AUDIENCE);
    assert!(assertion(at("2027-12-31T23:59:59Z")).is_ok());
    let expired = assertion(at("2028-01-01T00:00:01Z")).expect_err("a second too late");
    assert_eq!(expired.to_string(), "The app's certificate expired on 2028-01-01.");
    assert!(expired.remedy().is_some_and(|remedy| remedy.contains("new certificate")));
    let early = assertion(at("2025-12-31T00:00:00Z")).expect_err("not yet");
    assert_eq!(early.to_string(), "The app's certificate is not valid before 2026-01-01.");
}

#[test]
fn each_wrong_file_has_its_own_sentence() {
    let (certificate, key) = (certificate_pem(&KEY), KEY.serialize_pem());
    let other = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
    let with_label = |label: &str| key.replace("PRIVATE KEY", label);
    let table = [
        (certificate.clone() + &with_label("ENCRYPTED PRIVATE KEY"), "The private key is protected by a password."),
        (
            certificate.clone()
                + "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
            "The private key is protected by a password.",
        ),
        (key.clone(), "The file holds a private key and no certificate."),
        (certificate.clone(), "The file holds no private key."),
        (String::new(), "The file is not PEM."),
        ("\u{30}\u{82}\u{0b}binary".to_owned(), "The file is not PEM."),
        (certificate.replace('A', "!") + &key, "The PEM file is damaged."),
        (certificate_pem(&other) + &key, "The private key does not belong to the certificate in the file."),
        (certificate.clone() + &other.serialize_pem(), "The private key is not an RSA key."),
        (certificate + &with_label("EC PRIVATE KEY"), "The private key is not an RSA key."),
    ];
    for (pem, sentence) in table {
        let (message, remedy) = refused(&pem);
        assert_eq!(message, sentence);
        assert!(remedy.len() > 40, "{remedy}");
        assert!(!message.contains("BEGIN") && !remedy.contains("MII"), "nothing of the key is shown");
    }
}
