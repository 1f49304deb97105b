//! Why Microsoft gives no token, each reason in one clear sentence with what to do about it. Told
//! apart by the numbers in `error_codes`, then by the word in `error`, never by the text (graph-facts
//! 1.6).

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

/// What a delegated connection needs when its sign-in is worth nothing any more.
pub(super) const SIGN_IN_AGAIN: &str = "Let an administrator sign in again for this connection.";

const NEW_SECRET: &str = "Create a new client secret in Microsoft Entra and give Reseat its value.";
const CHECK_APP: &str = "Check client id and tenant id against the app registration in Microsoft Entra.";
const CHECK_CERTIFICATE: &str = "Upload the certificate that Reseat uses to the app registration in Microsoft Entra.";
const CHECK_CLOUD: &str = "Check tenant id and cloud in the configuration.";
const CONSENT: &str = "Grant admin consent to the app in Microsoft Entra.";
const BEGIN_AGAIN: &str = "Begin the sign-in again.";
const REDIRECT: &str = "Add the redirect address that Reseat shows to the app registration in Microsoft Entra.";
const ACCOUNT: &str = "Let an administrator with a working account sign in for this connection.";
const REPORT: &str = "This is a fault of Reseat; please report it with this message.";

#[rustfmt::skip]
const REASONS: &[Reason] = &[
    Reason { codes: &[7_000_215], message: "The client secret is wrong.", remedy: "Give Reseat the secret's value; its id does not work. If the value is lost, create a new secret." },
    Reason { codes: &[7_000_222], message: "The client secret has expired.", remedy: NEW_SECRET },
    Reason { codes: &[70_002], message: "The client secret does not match.", remedy: NEW_SECRET },
    Reason { codes: &[7_000_218], message: "The app is registered as a web application, which has to prove itself with a secret or a certificate.", remedy: "Give this connection a secret or a certificate too." },
    Reason { codes: &[700_016, 700_011], message: "The tenant does not know this app.", remedy: CHECK_APP },
    Reason { codes: &[70_001, 7_000_112], message: "The app is disabled in this tenant.", remedy: "Enable the enterprise application in Microsoft Entra." },
    Reason { codes: &[700_027, 50_012], message: "The app's certificate is not accepted.", remedy: CHECK_CERTIFICATE },
    Reason { codes: &[700_024, 50_013], message: "The signed assertion is outside its valid time.", remedy: "Set the clock of this machine." },
    Reason { codes: &[700_025], message: "The app is registered as a public client, which has no secret.", remedy: "Switch off \"Allow public client flows\" of the app registration." },
    Reason { codes: &[65_001], message: "Nobody has consented to this app's permissions.", remedy: CONSENT },
    Reason { codes: &[65_004], message: "The consent was declined.", remedy: CONSENT },
    Reason { codes: &[50_105], message: "The person is not assigned to the app, and the app asks for that.", remedy: "Assign the person to the enterprise application in Microsoft Entra." },
    Reason { codes: &[650_052, 650_056, 650_057, 500_011], message: "The app may not ask for Microsoft Graph in this tenant.", remedy: "Check that Microsoft Graph is among the app's permissions, and that the cloud in the configuration is the right one." },
    Reason { codes: &[70_011, 1_002_012], message: "The scope of the token request is not accepted.", remedy: CHECK_CLOUD },
    Reason { codes: &[70_008, 700_082], message: "The stored sign-in has expired because it was not used.", remedy: SIGN_IN_AGAIN },
    Reason { codes: &[700_084], message: "The stored sign-in has expired: the app's redirect address is of the type single-page application, whose sign-ins end after a day.", remedy: "Register the redirect address under the platform Web, and sign in again." },
    Reason { codes: &[50_173], message: "The stored sign-in was revoked.", remedy: SIGN_IN_AGAIN },
    Reason { codes: &[70_043], message: "The sign-in frequency policy of the tenant ended the stored sign-in.", remedy: SIGN_IN_AGAIN },
    Reason { codes: &[50_076, 50_079], message: "The tenant asks for multi-factor authentication.", remedy: SIGN_IN_AGAIN },
    Reason { codes: &[53_003], message: "A conditional access policy blocks this app.", remedy: "Let the policy except this app, or allow the address of this machine." },
    Reason { codes: &[53_000, 53_001], message: "A conditional access policy asks for a managed device.", remedy: "Let the policy except this app." },
    Reason { codes: &[50_057], message: "The account that signed in is disabled.", remedy: ACCOUNT },
    Reason { codes: &[50_034], message: "The account that signed in no longer exists.", remedy: ACCOUNT },
    Reason { codes: &[50_053, 50_055], message: "The account that signed in is locked, or its password has expired.", remedy: ACCOUNT },
    Reason { codes: &[54_005], message: "The code of this sign-in was used already.", remedy: BEGIN_AGAIN },
    Reason { codes: &[501_481, 501_491, 50_147], message: "The sign-in that came back is not the one that was begun.", remedy: BEGIN_AGAIN },
    Reason { codes: &[90_002], message: "Microsoft knows no tenant with this id.", remedy: CHECK_CLOUD },
    Reason { codes: &[90_038, 900_382, 900_383, 900_384], message: "The tenant belongs to another Microsoft cloud.", remedy: "Choose the tenant's cloud in the configuration." },
    Reason { codes: &[50_011, 500_112], message: "The redirect address is not registered.", remedy: REDIRECT },
    Reason { codes: &[50_194, 9_001_023], message: "This app needs a tenant id to sign in.", remedy: "Give the tenant's own id; \"common\" does not work." },
    Reason { codes: &[900_144, 90_014, 9_002_313], message: "Microsoft found the token request malformed.", remedy: REPORT },
];

/// The number that means a malformed request, and a refresh token or code nobody knows where the
/// word is `invalid_grant`.
const MALFORMED: u32 = 9_002_313;

/// Numbers that speak of the refresh token itself, not of the person or a policy.
const ABOUT_THE_TOKEN: &[u32] = &[MALFORMED, 70_000, 70_008, 700_082, 700_084];

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

/// What a browser may bring back instead of a code or a consent. There are no numbers here, and the
/// text is only shown.
#[rustfmt::skip]
const REDIRECTS: &[(&str, &str, &str)] = &[
    ("permission_denied", "The administrator declined to consent.", "Let a Global Administrator or Privileged Role Administrator open the consent link and accept."),
    ("access_denied", "The sign-in was declined, by the person or by a policy of the tenant.", "Sign in again and accept; if a policy blocks it, let the policy except this app."),
    ("consent_required", "Nobody has consented to this app's permissions.", CONSENT),
    ("interaction_required", "Microsoft wants the person to do something first.", BEGIN_AGAIN),
    ("login_required", "Nobody is signed in.", BEGIN_AGAIN),
    ("unauthorized_client", "The app may not sign people in.", CHECK_APP),
    ("invalid_client", "The tenant does not know this app.", CHECK_APP),
    ("invalid_scope", "The app may not ask for these permissions.", "Add the permissions to the app registration in Microsoft Entra."),
    ("invalid_resource", "The app may not ask for Microsoft Graph in this tenant.", CHECK_CLOUD),
    ("unsupported_response_type", "The app is not registered for signing people in with a code.", REDIRECT),
    ("invalid_request", "Microsoft found the question malformed.", REPORT),
    ("server_error", "Microsoft's sign-in service has a passing fault.", BEGIN_AGAIN),
    ("temporarily_unavailable", "Microsoft's sign-in service has a passing fault.", BEGIN_AGAIN),
];

impl TokenError {
    /// What it means.
    pub(super) fn trouble(&self) -> TokenTrouble {
        let number = self.error_codes.first().map_or_else(String::new, |code| format!(" (AADSTS{code})"));
        if let Some((_, message)) = LATER.iter().find(|(codes, _)| self.has_one_of(codes)) {
            return TokenTrouble::Later { message: format!("{message}{number}") };
        }
        let stop = |message: &str, remedy: &str| TokenTrouble::Stop {
            message: format!("{message}{number}"),
            remedy: remedy.to_owned(),
        };
        let unknown_grant = self.error == "invalid_grant" && self.has_one_of(&[MALFORMED]);
        if let Some(reason) = REASONS.iter().find(|reason| !unknown_grant && self.has_one_of(reason.codes)) {
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
        stop(&format!("Microsoft refuses to sign this app in: {}", first_line(&self.error_description)), CHECK_APP)
    }

    /// Whether another refresh token of the same sign-in might do.
    pub(super) fn is_about_the_refresh_token(&self) -> bool {
        self.error == "invalid_grant" && (self.error_codes.is_empty() || self.has_one_of(ABOUT_THE_TOKEN))
    }

    fn has_one_of(&self, codes: &[u32]) -> bool {
        self.error_codes.iter().any(|code| codes.contains(code))
    }
}

/// What an error brought back by a browser means: one sentence and a remedy.
pub(super) fn redirect_trouble(error: &str, description: &str) -> (String, String) {
    let number = number_shown(description).map_or_else(String::new, |number| format!(" ({number})"));
    match REDIRECTS.iter().find(|(word, _, _)| *word == error) {
        Some((_, message, remedy)) => (format!("{message}{number}"), (*remedy).to_owned()),
        None => (format!("Microsoft refused: {}", first_line(description)), BEGIN_AGAIN.to_owned()),
    }
}

/// `AADSTS` and its digits, for showing.
fn number_shown(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("AADSTS")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).take(12).collect();
    (!digits.is_empty()).then(|| format!("AADSTS{digits}"))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests;
