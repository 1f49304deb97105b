use super::*;

fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(0x1234))
}

#[test]
fn the_challenge_of_the_standards_own_example_comes_out() {
    // RFC 7636, appendix B.
    let random = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
        240, 91, 88, 5, 88, 83, 132, 141, 121,
    ];
    let pkce = Pkce::new(random);
    assert_eq!(pkce.verifier().reveal(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(pkce.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    assert_eq!(Pkce::from_verifier(pkce.verifier().clone()).challenge(), pkce.challenge());
    assert!(!format!("{pkce:?}").contains("dBjft"));
}

fn fields(url: &str) -> (String, Vec<(String, String)>) {
    let url = Url::parse(url).expect("an address");
    let pairs = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    (format!("{}{}", url.origin().ascii_serialization(), url.path()), pairs)
}

fn field(pairs: &[(String, String)], name: &str) -> String {
    let found: Vec<&String> = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value).collect();
    assert_eq!(found.len(), 1, "{name} is there once");
    found[0].clone()
}

#[test]
fn section_1_5_the_consent_link_names_the_tenant_and_comes_back_with_the_state() {
    let back = "https://reseat.example/back?a=b&c=d";
    let (address, pairs) = fields(&consent_url(&Cloud::us_gov_l4(), tenant(), "an-app", back, "s t&te"));
    assert_eq!(address, format!("https://login.microsoftonline.us/{}/adminconsent", tenant()));
    assert_eq!(field(&pairs, "client_id"), "an-app");
    assert_eq!(field(&pairs, "redirect_uri"), back);
    assert_eq!(field(&pairs, "state"), "s t&te");
}

#[test]
fn section_1_4_the_sign_in_link_asks_with_a_hashed_challenge_and_for_a_refresh_token() {
    let request = SignInRequest {
        client_id: "an-app",
        redirect_uri: "https://reseat.example/back",
        state: "the-state",
        nonce: "the-nonce",
        challenge: "the-challenge",
        scopes: &["User.Read.All", "Reports.Read.All"],
    };
    let (address, pairs) = fields(&sign_in_url(&Cloud::china(), tenant(), &request));
    assert_eq!(address, format!("https://login.partner.microsoftonline.cn/{}/oauth2/v2.0/authorize", tenant()));
    for (name, value) in [
        ("client_id", "an-app"),
        ("response_type", "code"),
        ("response_mode", "query"),
        ("redirect_uri", "https://reseat.example/back"),
        ("state", "the-state"),
        ("nonce", "the-nonce"),
        ("code_challenge", "the-challenge"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(field(&pairs, name), value, "{name}");
    }
    let graph = "https://microsoftgraph.chinacloudapi.cn";
    assert_eq!(
        field(&pairs, "scope"),
        format!("{graph}/User.Read.All {graph}/Reports.Read.All openid profile offline_access"),
        "1.1: a bare name would mean the global Graph"
    );
}

#[test]
fn what_the_browser_brings_back_is_read() {
    let read = |query: &str| Returned::read(query, tenant());
    assert_eq!(
        read("?code=0.AX%2Bz&state=s&session_state=1"),
        Ok(Returned::Code { code: Secret::new("0.AX+z"), state: "s".to_owned() })
    );
    let consent = format!("tenant={}&state=s&admin_consent=True", tenant().to_string().to_uppercase());
    assert_eq!(read(&consent), Ok(Returned::Consented { tenant_id: tenant(), state: "s".to_owned() }));
    let Ok(Returned::Refused { message, state, .. }) =
        read("error=permission_denied&error_description=AADSTS65004%3a+no&state=s")
    else {
        panic!("1.5: a refusal")
    };
    assert_eq!(
        (message.as_str(), state.as_deref()),
        ("The administrator declined to consent. (AADSTS65004)", Some("s"))
    );
    let elsewhere = read("tenant=common&state=s&admin_consent=True");
    assert!(matches!(elsewhere, Err(ConnectorError::WrongTenant { .. })), "{elsewhere:?}");
    for nothing in ["", "state=s", "code=x", "admin_consent=True&state=s", "state=s&admin_consent=False"] {
        assert!(matches!(read(nothing), Err(ConnectorError::Malformed(_))), "{nothing:?}");
    }
}

fn granted(claims: &serde_json::Value, refresh_token: Option<&str>) -> Grant {
    Grant {
        access_token: "opaque".to_owned(),
        expires_in: 3599,
        refresh_token: refresh_token.map(str::to_owned),
        id_token: Some(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))),
        scope: Some("https://graph.microsoft.com/User.Read.All Reports.Read.All openid".to_owned()),
    }
}

#[test]
fn a_sign_in_counts_only_for_this_app_this_tenant_and_this_question() {
    let (pkce, code) = (Pkce::new([7; 32]), Secret::new("a code"));
    let redemption = Redemption {
        client_id: "an-app",
        client_proof: None,
        code: &code,
        redirect_uri: "https://reseat.example/back",
        pkce: &pkce,
        nonce: "the-nonce",
    };
    let user = Uuid::from_u128(9);
    let good = serde_json::json!({
        "aud": "an-app", "tid": tenant(), "nonce": "the-nonce", "oid": user, "preferred_username": "ann@contoso.example",
    });
    let with = |name: &str, value: &str| {
        let mut claims = good.clone();
        claims[name] = value.into();
        redeemed(granted(&claims, Some("a refresh token")), tenant(), &redemption)
    };
    let signed_in = redeemed(granted(&good, Some("a refresh token")), tenant(), &redemption).expect("good");
    assert_eq!(signed_in.user_id, UserId::from_uuid(user));
    assert_eq!(signed_in.user_name, "ann@contoso.example");
    assert_eq!(signed_in.scopes, ["Reports.Read.All", "User.Read.All", "openid"].map(str::to_owned).into());
    assert!(!format!("{signed_in:?}").contains("a refresh token"));
    assert!(matches!(with("tid", "another"), Err(ConnectorError::WrongTenant { .. })), "C1");
    assert!(matches!(with("aud", "another-app"), Err(ConnectorError::SignIn { .. })));
    assert!(matches!(with("nonce", "replayed"), Err(ConnectorError::SignIn { .. })));
    assert!(matches!(with("oid", "nobody"), Err(ConnectorError::Malformed(_))));
    let Err(ConnectorError::SignIn { remedy, .. }) = redeemed(granted(&good, None), tenant(), &redemption) else {
        panic!("without a refresh token it would end within the hour")
    };
    assert!(remedy.contains("offline_access"), "F38");
}
