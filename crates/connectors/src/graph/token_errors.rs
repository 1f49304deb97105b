//! Why Microsoft gives no token, each reason in one clear sentence with what to do about it. Told
//! apart by the numbers in `error_codes`, then by the word in `error`, never by the text.

use serde::Deserialize;

/// The body of a refused token request.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct TokenError {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
    #[serde(default)]
    error_codes: Vec<u32>,
}

/// What a refusal means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenTrouble {
    /// Somebody has to do something.
    Stop {
        /// What is wrong.
        message: String,
        /// What to do about it.
        remedy: String,
    },
    /// It may work in a while.
    Later {
        /// What is wrong.
        message: String,
    },
}

struct Reason {
    codes: &'static [u32],
    message: &'static str,
    remedy: &'static str,
}

const NEW_SECRET: &str = "Create a new client secret in Microsoft Entra and give Reseat its value.";
const CHECK_APP: &str = "Check client id and tenant id against the app registration in Microsoft Entra.";
const CHECK_CERTIFICATE: &str = "Upload the certificate that Reseat uses to the app registration in Microsoft Entra.";
const SIGN_IN_AGAIN: &str = "Let an administrator sign in again for this connection.";
const CHECK_CLOUD: &str = "Check tenant id and cloud in the configuration.";
const REPORT: &str = "This is a fault of Reseat; please report it with this message.";

#[rustfmt::skip]
const REASONS: &[Reason] = &[
    Reason { codes: &[7_000_215], message: "The client secret is wrong.", remedy: "Give Reseat the secret's value; its id does not work. If the value is lost, create a new secret." },
    Reason { codes: &[7_000_222], message: "The client secret has expired.", remedy: NEW_SECRET },
    Reason { codes: &[70_002], message: "The client secret does not match.", remedy: NEW_SECRET },
    Reason { codes: &[700_016, 700_011], message: "The tenant does not know this app.", remedy: CHECK_APP },
    Reason { codes: &[70_001, 7_000_112], message: "The app is disabled in this tenant.", remedy: "Enable the enterprise application in Microsoft Entra." },
    Reason { codes: &[700_027, 50_012], message: "The app's certificate is not accepted.", remedy: CHECK_CERTIFICATE },
    Reason { codes: &[700_024, 50_013], message: "The signed assertion is outside its valid time.", remedy: "Set the clock of this machine." },
    Reason { codes: &[700_025], message: "The app is registered as a public client, which has no secret.", remedy: "Switch off \"Allow public client flows\" of the app registration." },
    Reason { codes: &[65_001], message: "Nobody has consented to this app's permissions.", remedy: "Grant admin consent to the app in Microsoft Entra." },
    Reason { codes: &[65_004], message: "The consent was declined.", remedy: "Grant admin consent to the app in Microsoft Entra." },
    Reason { codes: &[650_052, 650_056, 650_057, 500_011], message: "The app may not ask for Microsoft Graph in this tenant.", remedy: "Check that Microsoft Graph is among the app's permissions, and that the cloud in the configuration is the right one." },
    Reason { codes: &[70_011, 1_002_012], message: "The scope of the token request is not accepted.", remedy: CHECK_CLOUD },
    Reason { codes: &[70_008, 700_082], message: "The stored sign-in has expired because it was not used.", remedy: SIGN_IN_AGAIN },
    Reason { codes: &[50_173], message: "The stored sign-in was revoked.", remedy: SIGN_IN_AGAIN },
    Reason { codes: &[70_043], message: "The sign-in frequency policy of the tenant ended the stored sign-in.", remedy: SIGN_IN_AGAIN },
    Reason { codes: &[50_076, 50_079], message: "The tenant asks for multi-factor authentication.", remedy: SIGN_IN_AGAIN },
    Reason { codes: &[53_003], message: "A conditional access policy blocks this app.", remedy: "Let the policy except this app, or allow the address of this machine." },
    Reason { codes: &[53_000, 53_001], message: "A conditional access policy asks for a managed device.", remedy: "Let the policy except this app." },
    Reason { codes: &[90_002], message: "Microsoft knows no tenant with this id.", remedy: CHECK_CLOUD },
    Reason { codes: &[90_038, 900_382, 900_383, 900_384], message: "The tenant belongs to another Microsoft cloud.", remedy: "Choose the tenant's cloud in the configuration." },
    Reason { codes: &[50_011], message: "The redirect address is not registered.", remedy: "Add the address to the app registration in Microsoft Entra." },
    Reason { codes: &[50_194, 9_001_023], message: "This app needs a tenant id to sign in.", remedy: "Give the tenant's own id; \"common\" does not work." },
    Reason { codes: &[900_144, 90_014, 9_002_313], message: "Microsoft found the token request malformed.", remedy: REPORT },
];

/// Numbers that speak of Microsoft's own state: too many requests, or a fault that passes.
#[rustfmt::skip]
const LATER: &[(&[u32], &str)] = &[
    (&[50_196], "Microsoft found too many equal sign-ins of this app and asks it to pause."),
    (&[90_055], "Microsoft is throttling sign-ins of this tenant."),
    (&[90_006, 90_024, 90_033, 90_090], "Microsoft's sign-in service has a passing fault."),
];

/// Where no number is known.
#[rustfmt::skip]
const WORDS: &[(&str, &str, &str)] = &[
    ("invalid_client", "Microsoft does not accept the app's credential.", NEW_SECRET),
    ("unauthorized_client", "The app may not sign in to this tenant.", CHECK_APP),
    ("invalid_scope", "The scope of the token request is not accepted.", CHECK_CLOUD),
    ("invalid_resource", "The app may not ask for Microsoft Graph in this tenant.", CHECK_CLOUD),
    ("invalid_grant", "The stored sign-in is not accepted.", SIGN_IN_AGAIN),
    ("interaction_required", "A policy of the tenant asks for a person to sign in.", SIGN_IN_AGAIN),
    ("access_denied", "A policy of the tenant blocks this app.", "Let the policy except this app."),
    ("invalid_request", "Microsoft does not accept the token request.", CHECK_CLOUD),
];

impl TokenError {
    /// What it means.
    pub(super) fn trouble(&self) -> TokenTrouble {
        let number = self.error_codes.first().map_or_else(String::new, |code| format!(" (AADSTS{code})"));
        let known = |codes: &[u32]| self.error_codes.iter().any(|code| codes.contains(code));
        if let Some((_, message)) = LATER.iter().find(|(codes, _)| known(codes)) {
            return TokenTrouble::Later { message: format!("{message}{number}") };
        }
        let stop = |message: &str, remedy: &str| TokenTrouble::Stop {
            message: format!("{message}{number}"),
            remedy: remedy.to_owned(),
        };
        if let Some(reason) = REASONS.iter().find(|reason| known(reason.codes)) {
            return stop(reason.message, reason.remedy);
        }
        if matches!(self.error.as_str(), "temporarily_unavailable" | "server_error") {
            return TokenTrouble::Later {
                message: format!("Microsoft's sign-in service has a passing fault.{number}"),
            };
        }
        if let Some((_, message, remedy)) = WORDS.iter().find(|(word, _, _)| *word == self.error) {
            return stop(message, remedy);
        }
        let first_line: String = self.error_description.lines().next().unwrap_or_default().chars().take(200).collect();
        stop(&format!("Microsoft refuses to sign this app in: {first_line}"), CHECK_APP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(error: &str, code: u32) -> TokenTrouble {
        let body = serde_json::json!({
            "error": error, "error_codes": [code], "timestamp": "2026-11-24 02:02:12Z",
            "error_description": format!("AADSTS{code}: Trace.\r\nTrace ID: 1\r\nTimestamp: 2"),
            "error_uri": "https://login.microsoftonline.com/error",
        });
        serde_json::from_value::<TokenError>(body).expect("an error body").trouble()
    }

    /// Every row of section 1.6 that a token request can get.
    const STOPS: &[(u32, &str, &str)] = &[
        (7_000_215, "invalid_client", "secret is wrong"),
        (7_000_222, "invalid_client", "secret has expired"),
        (70_002, "invalid_client", "does not match"),
        (700_016, "unauthorized_client", "does not know this app"),
        (700_011, "unauthorized_client", "does not know this app"),
        (70_001, "unauthorized_client", "disabled"),
        (700_027, "invalid_client", "certificate"),
        (50_012, "invalid_client", "certificate"),
        (700_025, "invalid_client", "public client"),
        (65_001, "invalid_grant", "consented"),
        (650_052, "invalid_resource", "may not ask for Microsoft Graph"),
        (650_056, "invalid_resource", "may not ask for Microsoft Graph"),
        (650_057, "invalid_resource", "may not ask for Microsoft Graph"),
        (500_011, "invalid_resource", "may not ask for Microsoft Graph"),
        (70_011, "invalid_scope", "scope"),
        (70_008, "invalid_grant", "expired"),
        (700_082, "invalid_grant", "expired"),
        (50_173, "invalid_grant", "revoked"),
        (70_043, "invalid_grant", "frequency"),
        (50_076, "interaction_required", "multi-factor"),
        (50_079, "interaction_required", "multi-factor"),
        (53_003, "invalid_grant", "conditional access"),
        (53_000, "interaction_required", "managed device"),
        (53_001, "interaction_required", "managed device"),
        (90_002, "invalid_request", "no tenant"),
        (50_011, "invalid_request", "redirect"),
        (50_194, "invalid_request", "tenant id"),
        (9_001_023, "invalid_request", "tenant id"),
        (900_144, "invalid_request", "malformed"),
        (90_014, "invalid_request", "malformed"),
        (9_002_313, "invalid_request", "malformed"),
        (90_038, "invalid_request", "another Microsoft cloud"),
    ];

    #[test]
    fn every_known_refusal_is_one_sentence_with_its_number_and_a_remedy() {
        for &(code, error, fragment) in STOPS {
            let TokenTrouble::Stop { message, remedy } = refused(error, code) else { panic!("{code} has to stop") };
            assert!(message.contains(fragment) && message.ends_with(&format!("(AADSTS{code})")), "{message}");
            assert!(!message.contains("Trace") && !message.contains('\n'), "{message}");
            assert!(remedy.ends_with('.') && remedy.len() > 20, "{remedy}");
        }
    }

    #[test]
    fn what_passes_is_tried_again() {
        for code in [50_196, 90_055, 90_006, 90_024, 90_033, 90_090] {
            assert!(matches!(refused("server_error", code), TokenTrouble::Later { .. }), "{code}");
        }
        let busy = TokenError { error: "temporarily_unavailable".to_owned(), ..TokenError::default() };
        assert!(matches!(busy.trouble(), TokenTrouble::Later { .. }));
    }

    #[test]
    fn a_number_nobody_knows_falls_back_to_the_word_and_then_to_the_text() {
        for (word, _, _) in WORDS {
            assert!(
                matches!(refused(word, 1_234_567), TokenTrouble::Stop { message, .. } if message.contains("AADSTS1234567"))
            );
        }
        let TokenTrouble::Stop { message, .. } = refused("a_new_word", 1_234_567) else { panic!("it has to stop") };
        assert_eq!(message, "Microsoft refuses to sign this app in: AADSTS1234567: Trace. (AADSTS1234567)");
    }
}
