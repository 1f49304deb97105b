//! National clouds (1.1), discovery and OpenID sign-in.

use crate::support::{Answer, REDIRECT, Simulator, claims, from_location};
use crate::tokens::refusal;
use serde_json::{Value, json};

/// A token request at an authority host.
async fn token_at(sim: &Simulator, host: &str, scope: &str) -> Answer {
    let (client_id, secret, _) = sim.app("reader");
    let form =
        [("grant_type", "client_credentials"), ("client_id", client_id), ("client_secret", secret), ("scope", scope)];
    let path = format!("/{}/oauth2/v2.0/token", sim.text("tenant_id"));
    let mut request = sim.request("POST", &path).form(&form);
    if !host.is_empty() {
        request = request.header("Host", host);
    }
    sim.ask(request).await.unwrap()
}

async fn users_at(sim: &Simulator, host: &str, token: &str) -> Answer {
    let mut request = sim.request("GET", "/v1.0/users?$top=1").bearer_auth(token);
    if !host.is_empty() {
        request = request.header("Host", host);
    }
    sim.ask(request).await.unwrap()
}

#[tokio::test]
async fn each_cloud_has_one_authority_and_one_graph_and_takes_no_other_clouds_tokens() {
    let sim = Simulator::usual();
    let clouds = [
        ("global", "login.microsoftonline.com", "graph.microsoft.com"),
        ("us_gov_l4", "login.microsoftonline.us", "graph.microsoft.us"),
        ("us_gov_l5", "login.microsoftonline.us", "dod-graph.microsoft.us"),
        ("china", "login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"),
    ];
    let mut tokens: Vec<String> = Vec::new();
    for (cloud, authority, graph) in clouds {
        sim.settings(&json!({"cloud": cloud})).await;
        let answer = token_at(&sim, authority, &format!("https://{graph}/.default")).await;
        assert_eq!(answer.status, 200, "{cloud}: {}", answer.text);
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(claims(&token)["aud"], format!("https://{graph}"));
        assert_eq!(users_at(&sim, graph, &token).await.status, 200, "{cloud}");
        for older in &tokens {
            let refused = users_at(&sim, graph, older).await;
            assert_eq!((refused.status, refused.code().as_str()), (401, "InvalidAuthenticationToken"), "{cloud}");
        }
        for (other, other_authority, other_graph) in clouds {
            if other_graph != graph {
                assert_eq!(users_at(&sim, other_graph, &token).await.status, 401, "{cloud} at {other}");
                let foreign = token_at(&sim, authority, &format!("https://{other_graph}/.default")).await;
                assert_eq!(refusal(&foreign).2, 500_011, "{cloud} asks for {other}");
            }
            if other_authority != authority {
                let lost = token_at(&sim, other_authority, &format!("https://{graph}/.default")).await;
                assert_eq!(refusal(&lost).2, 90_002, "{cloud} at {other}");
            }
        }
        tokens.push(token);
    }
    assert_eq!(
        token_at(&sim, "login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn/.default").await.status,
        200
    );
    sim.settings(&json!({"wrong_cloud_redirects": true})).await;
    let lost = token_at(&sim, "login.microsoftonline.com", "https://graph.microsoft.com/.default").await;
    assert_eq!(refusal(&lost).2, 900_382);
}

#[tokio::test]
async fn a_token_for_our_own_address_is_no_good_after_the_tenant_moves() {
    let sim = Simulator::usual();
    let token = sim.token("reader").await;
    assert_eq!(users_at(&sim, "", &token).await.status, 200);
    sim.settings(&json!({"cloud": "china"})).await;
    assert_eq!(users_at(&sim, "", &token).await.status, 401);
    assert_eq!(users_at(&sim, "", &sim.token("reader").await).await.status, 200);
}

#[tokio::test]
async fn china_lacks_columns_and_national_clouds_lack_reports() {
    let sim = Simulator::usual();
    sim.settings(&json!({"cloud": "china"})).await;
    let active = sim.get("/v1.0/reports/getOffice365ActiveUserDetail(period='D7')").await;
    assert_eq!(active.status, 400, "5.1: v1.0 is global only");
    let beta = sim.get("/beta/reports/getOffice365ActiveUserDetail(period='D7')").await;
    assert_eq!(beta.status, 302);
    let csv = sim.ask(sim.request("GET", beta.header("location"))).await.unwrap().text;
    let header = csv.lines().next().unwrap();
    assert!(
        header.contains("Exchange Last Activity Date") && !header.contains("Yammer") && !header.contains("Teams"),
        "{header}"
    );
    assert_eq!(sim.get("/beta/reports/getEmailActivityUserDetail(period='D7')").await.status, 400);
    assert_eq!(sim.get("/v1.0/admin/reportSettings").await.status, 400, "5.3: global only");
    let people = sim.people().await;
    let path = format!("/v1.0/users/{}/teamwork/sendActivityNotification", people[0].id());
    let notice = json!({"topic": {"source": "text", "value": "x", "webUrl": "https://x"}, "activityType": "a", "previewText": {"content": "c"}});
    assert_eq!(sim.call("POST", &path, &notice).await.status, 400, "7.2: not in China");
}

#[tokio::test]
async fn discovery_tells_one_tenant_of_each_address_and_the_family_of_a_clouds_names() {
    let sim = Simulator::usual();
    let tenant = sim.text("tenant_id");
    let get = async |host: &str, path: &str| {
        let mut request = sim.request("GET", path);
        if !host.is_empty() {
            request = request.header("Host", host);
        }
        sim.ask(request).await.unwrap()
    };
    for name in [tenant, "common", "organizations"] {
        let body = get("", &format!("/{name}/v2.0/.well-known/openid-configuration")).await.json();
        assert_eq!(body["issuer"], format!("{}/{tenant}/v2.0", sim.text("authority_url")));
        assert!(body["token_endpoint"].as_str().unwrap().ends_with(&format!("/{name}/oauth2/v2.0/token")));
    }
    let nobody = get("", "/5d1b3a0e-2c1f-4a56-9f0e-6f3f2b7c9d10/v2.0/.well-known/openid-configuration").await;
    assert_eq!(refusal(&nobody).2, 90_002);
    let path = format!(
        "/common/discovery/instance?api-version=1.1&authorization_endpoint=https://x/{tenant}/oauth2/v2.0/authorize"
    );
    let own = get("", &path).await.json();
    let host = sim.text("authority_url").trim_start_matches("http://").to_owned();
    assert_eq!(own["metadata"][0]["aliases"], json!([host]));
    assert!(own["tenant_discovery_endpoint"].as_str().unwrap().contains(tenant));
    let known = get("login.microsoftonline.com", &path).await.json();
    assert!(known["metadata"][0]["aliases"].as_array().unwrap().contains(&json!("login.windows.net")));
}

#[tokio::test]
async fn an_openid_sign_in_brings_an_id_token_with_its_nonce() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let answer = sim.sign_in("reader", people[0].id(), "openid profile offline_access User.Read").await;
    let id = claims(answer["id_token"].as_str().unwrap());
    assert_eq!(
        (&id["nonce"], &id["aud"], &id["tid"]),
        (&json!("n-1"), &json!(sim.app("reader").0), &json!(sim.text("tenant_id")))
    );
    assert_eq!((&id["oid"], &id["ver"]), (&json!(people[0].id()), &json!("2.0")));
    let access = answer["access_token"].as_str().unwrap();
    let info = sim.ask(sim.request("GET", "/oidc/userinfo").bearer_auth(access)).await.unwrap();
    assert_eq!((info.status, &info.json()["sub"]), (200, &id["sub"]));

    let upn = people[0].0["userPrincipalName"].as_str().unwrap();
    let ask = async |kind: &str, nonce: &str| {
        let request = sim.request("GET", &format!("/{}/oauth2/v2.0/authorize", sim.text("tenant_id"))).query(&[
            ("client_id", sim.app("reader").0),
            ("response_type", kind),
            ("response_mode", "form_post"),
            ("redirect_uri", REDIRECT),
            ("scope", "openid"),
            ("nonce", nonce),
            ("login_hint", upn),
        ]);
        sim.ask(request).await.unwrap()
    };
    let form = ask("code id_token", "n-2").await.text;
    assert!(form.contains("name=\"id_token\"") && form.contains("name=\"code\""), "{form}");
    assert!(ask("id_token", "").await.text.contains("AADSTS90014"), "an id token needs a nonce");
    assert!(ask("token", "n").await.text.contains("unsupported_response_type"));
}

#[tokio::test]
async fn the_newer_consent_page_takes_scopes_where_it_exists() {
    let sim = Simulator::usual();
    let path = format!("/{}/v2.0/adminconsent", sim.text("tenant_id"));
    let query = [
        ("client_id", sim.app("reader").0),
        ("redirect_uri", REDIRECT),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let answer = sim.ask(sim.request("GET", &path).query(&query)).await.unwrap();
    assert_eq!(from_location(&answer, "scope").as_deref(), Some("https://graph.microsoft.com/.default"));
    sim.settings(&json!({"v2_admin_consent": false})).await;
    assert_eq!(sim.ask(sim.request("GET", &path).query(&query)).await.unwrap().status, 404);
    assert_eq!(sim.get("/v1.0/organization").await.json()["value"][0]["id"], Value::from(sim.text("tenant_id")));
}
