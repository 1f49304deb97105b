use super::*;

fn body(error: &str, codes: &[u32]) -> TokenError {
    let code = codes.first().copied().unwrap_or(0);
    let body = serde_json::json!({
        "error": error, "error_codes": codes, "timestamp": "2026-11-24 02:02:12Z",
        "error_description": format!("AADSTS{code}: Trace.\r\nTrace ID: 1\r\nTimestamp: 2"),
        "error_uri": "https://login.microsoftonline.com/error",
    });
    serde_json::from_value(body).expect("an error body")
}

/// One row of section 1.6: the sentence has to hold this fragment, and the remedy that one.
fn row(code: u32, error: &str, sentence: &str, remedy_has: &str) {
    let TokenTrouble::Stop { message, remedy } = body(error, &[code]).trouble() else { panic!("{code} has to stop") };
    assert!(message.contains(sentence), "1.6, AADSTS{code}: {message}");
    assert!(message.ends_with(&format!("(AADSTS{code})")), "the operator can look it up: {message}");
    assert!(!message.contains("Trace") && !message.contains('\n'), "one sentence: {message}");
    assert!(remedy.contains(remedy_has) && remedy.ends_with('.'), "1.6, AADSTS{code}: {remedy}");
}

fn later(code: u32, error: &str) {
    let trouble = body(error, &[code]).trouble();
    assert!(matches!(trouble, TokenTrouble::Later { .. }), "1.6, AADSTS{code} passes: {trouble:?}");
}

#[test]
fn section_1_6_row_7000215_the_secret_is_wrong() {
    row(7_000_215, "invalid_client", "secret is wrong", "value");
}

#[test]
fn section_1_6_row_7000222_the_secret_has_expired() {
    row(7_000_222, "invalid_client", "secret has expired", "new client secret");
}

#[test]
fn section_1_6_row_70002_the_secret_does_not_match() {
    row(70_002, "invalid_client", "does not match", "new client secret");
}

#[test]
fn section_1_6_row_700016_the_app_is_not_known() {
    row(700_016, "unauthorized_client", "does not know this app", "client id");
}

#[test]
fn section_1_6_row_700011_the_app_is_not_in_the_directory() {
    row(700_011, "unauthorized_client", "does not know this app", "client id");
}

#[test]
fn section_1_6_row_70001_the_app_is_disabled() {
    row(70_001, "unauthorized_client", "disabled", "Enable");
}

#[test]
fn section_1_6_row_700027_the_assertion_is_not_signed_by_a_known_certificate() {
    row(700_027, "invalid_client", "certificate", "Upload");
}

#[test]
fn section_1_6_row_50012_the_certificate_is_not_acceptable() {
    row(50_012, "invalid_client", "certificate", "Upload");
}

#[test]
fn section_1_3_an_assertion_outside_its_time() {
    row(700_024, "invalid_client", "valid time", "clock");
}

#[test]
fn section_1_6_row_700025_a_public_client_has_no_secret() {
    row(700_025, "invalid_client", "public client", "public client flows");
}

#[test]
fn section_1_6_row_65001_nobody_consented() {
    row(65_001, "invalid_grant", "consented", "consent");
}

#[test]
fn section_1_6_row_65004_the_consent_was_declined() {
    row(65_004, "access_denied", "declined", "consent");
}

#[test]
fn section_1_6_row_650052_graph_is_not_subscribed() {
    row(650_052, "invalid_resource", "Microsoft Graph", "permissions");
}

#[test]
fn section_1_6_row_650056_the_app_is_misconfigured() {
    row(650_056, "invalid_request", "Microsoft Graph", "permissions");
}

#[test]
fn section_1_6_row_650057_graph_is_not_declared() {
    row(650_057, "invalid_resource", "Microsoft Graph", "permissions");
}

#[test]
fn section_1_6_row_500011_graph_is_not_in_the_tenant() {
    row(500_011, "invalid_resource", "Microsoft Graph", "cloud");
}

#[test]
fn section_1_6_row_70011_the_scope_is_bad() {
    row(70_011, "invalid_scope", "scope", "cloud");
}

#[test]
fn section_1_6_row_70008_the_refresh_token_was_not_used() {
    row(70_008, "invalid_grant", "expired", "sign in again");
}

#[test]
fn section_1_6_row_700082_the_refresh_token_was_inactive() {
    row(700_082, "invalid_grant", "expired", "sign in again");
}

#[test]
fn section_1_4_a_single_page_apps_sign_in_lasts_a_day() {
    row(700_084, "invalid_grant", "single-page", "Web");
}

#[test]
fn section_1_6_row_50173_the_grant_was_revoked() {
    row(50_173, "invalid_grant", "revoked", "sign in again");
}

#[test]
fn section_1_6_row_70043_the_sign_in_frequency_ended_it() {
    row(70_043, "invalid_grant", "frequency", "sign in again");
}

#[test]
fn section_1_6_row_50076_multi_factor_is_asked_for() {
    row(50_076, "interaction_required", "multi-factor", "sign in again");
}

#[test]
fn section_1_6_row_50079_multi_factor_is_to_be_set_up() {
    row(50_079, "invalid_grant", "multi-factor", "sign in again");
}

#[test]
fn section_1_6_row_53003_conditional_access_blocks() {
    row(53_003, "interaction_required", "conditional access", "except this app");
}

#[test]
fn section_1_6_row_53003_conditional_access_blocks_an_app() {
    row(53_003, "invalid_grant", "conditional access", "except this app");
}

#[test]
fn section_1_6_row_53000_the_device_is_not_compliant() {
    row(53_000, "interaction_required", "managed device", "except this app");
}

#[test]
fn section_1_6_row_53001_the_device_is_not_joined() {
    row(53_001, "interaction_required", "managed device", "except this app");
}

#[test]
fn section_1_6_row_90002_the_tenant_is_not_known() {
    row(90_002, "invalid_request", "no tenant", "tenant id");
}

#[test]
fn section_1_1_a_tenant_of_another_cloud() {
    row(90_038, "invalid_request", "another Microsoft cloud", "cloud");
}

#[test]
fn section_1_1_a_tenant_of_another_cloud_by_its_newer_number() {
    row(900_382, "invalid_request", "another Microsoft cloud", "cloud");
}

#[test]
fn section_1_6_row_50011_the_redirect_address_is_not_registered() {
    row(50_011, "invalid_request", "redirect", "Add the redirect");
}

#[test]
fn section_1_6_row_50194_common_is_no_tenant() {
    row(50_194, "invalid_request", "tenant id", "common");
}

#[test]
fn section_1_2_client_credentials_need_a_tenant() {
    row(9_001_023, "invalid_request", "tenant id", "common");
}

#[test]
fn section_1_6_row_900144_a_parameter_is_missing() {
    row(900_144, "invalid_request", "malformed", "report");
}

#[test]
fn section_1_6_row_90014_a_field_is_missing() {
    row(90_014, "invalid_request", "malformed", "report");
}

#[test]
fn section_1_6_row_9002313_the_request_is_malformed() {
    row(9_002_313, "invalid_request", "malformed", "report");
}

#[test]
fn section_1_4_a_refresh_token_nobody_knows() {
    row(9_002_313, "invalid_grant", "stored sign-in", "sign in again");
}

#[test]
fn section_1_4_a_code_is_good_once() {
    row(54_005, "invalid_grant", "used already", "Begin");
}

#[test]
fn section_1_4_a_verifier_of_another_sign_in() {
    row(501_481, "invalid_grant", "not the one", "Begin");
}

#[test]
fn section_1_4_a_challenge_of_a_wrong_size() {
    row(501_491, "invalid_request", "not the one", "Begin");
}

#[test]
fn section_1_4_a_web_app_without_its_proof() {
    row(7_000_218, "invalid_client", "web application", "secret or a certificate");
}

#[test]
fn the_account_that_signed_in_was_disabled() {
    row(50_057, "invalid_grant", "disabled", "working account");
}

#[test]
fn section_1_6_row_50196_a_loop_was_found() {
    later(50_196, "invalid_grant");
}

#[test]
fn section_1_6_row_90055_the_tenant_is_throttled() {
    later(90_055, "temporarily_unavailable");
}

#[test]
fn section_1_6_row_90006_a_passing_fault() {
    later(90_006, "server_error");
}

#[test]
fn section_1_6_row_90024_a_passing_fault() {
    later(90_024, "temporarily_unavailable");
}

#[test]
fn section_1_6_row_90033_a_passing_fault() {
    later(90_033, "temporarily_unavailable");
}

#[test]
fn section_1_6_row_90090_a_passing_fault() {
    later(90_090, "server_error");
}

#[test]
fn no_number_stands_in_two_rows() {
    let mut seen = std::collections::BTreeSet::new();
    let codes = REASONS.iter().map(|reason| reason.codes).chain(LATER.iter().map(|(codes, _)| *codes));
    for code in codes.flatten() {
        assert!(seen.insert(*code), "AADSTS{code} has two sentences");
    }
}

#[test]
fn a_busy_service_without_a_number_passes() {
    assert!(matches!(body("temporarily_unavailable", &[]).trouble(), TokenTrouble::Later { .. }));
}

#[test]
fn a_number_nobody_knows_falls_back_to_the_word_and_then_to_the_text() {
    for (word, _, _) in WORDS {
        let trouble = body(word, &[1_234_567]).trouble();
        assert!(matches!(trouble, TokenTrouble::Stop { message, .. } if message.contains("AADSTS1234567")), "{word}");
    }
    let TokenTrouble::Stop { message, .. } = body("a_new_word", &[1_234_567]).trouble() else { panic!("it stops") };
    assert_eq!(message, "Microsoft refuses to sign this app in: AADSTS1234567: Trace. (AADSTS1234567)");
}

#[test]
fn only_a_refusal_of_the_token_itself_lets_the_one_before_it_be_tried() {
    for codes in [&[9_002_313][..], &[70_008], &[700_082], &[]] {
        assert!(body("invalid_grant", codes).is_about_the_refresh_token(), "{codes:?}");
    }
    for (word, code) in [
        ("invalid_grant", 50_173),
        ("invalid_grant", 65_001),
        ("invalid_grant", 50_076),
        ("invalid_grant", 53_003),
        ("invalid_grant", 50_057),
        ("invalid_client", 7_000_222),
        ("invalid_request", 9_002_313),
    ] {
        assert!(!body(word, &[code]).is_about_the_refresh_token(), "{word} {code}");
    }
}

#[test]
fn what_a_browser_brings_back_instead_of_a_code_is_one_sentence() {
    let (message, remedy) = redirect_trouble("permission_denied", "AADSTS65004: User declined.\r\nTrace ID: 1");
    assert_eq!(message, "The administrator declined to consent. (AADSTS65004)", "1.5");
    assert!(remedy.contains("consent link"));
    let (message, _) = redirect_trouble("access_denied", "the user said no");
    assert_eq!(message, "The sign-in was declined, by the person or by a policy of the tenant.", "1.6, 65004");
    for (word, sentence, remedy) in REDIRECTS {
        let (message, shown) = redirect_trouble(word, "AADSTS1: x");
        assert_eq!((message, shown.as_str()), (format!("{sentence} (AADSTS1)"), *remedy));
        assert!(remedy.ends_with('.') && sentence.ends_with('.'), "{word}");
    }
    let (message, _) = redirect_trouble("a_new_word", "Something\u{7}new.\r\nTrace");
    assert_eq!(message, "Microsoft refused: Somethingnew.");
}
