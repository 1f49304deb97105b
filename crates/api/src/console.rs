//! The console, embedded in the binary. Every address that is not the interface's shows the one page,
//! which finds its own way; a page is never stored, its hashed assets are kept forever.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Method, header};
use rust_embed::RustEmbed;

use crate::headers::page_policy;
use crate::problem::Problem;
use crate::state::ApiState;

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
struct Files;

const INDEX: &str = "index.html";
/// Where the page expects the nonce of its style elements.
const NONCE_PLACE: &str = "__CSP_NONCE__";
/// Names below it carry a hash of their content.
const HASHED: &str = "assets/";

/// Answers everything no other route answers.
pub async fn serve(State(state): State<ApiState>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return Problem::not_found("address").into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::method_not_allowed().into_response();
    }
    if !path.is_empty() && path != INDEX {
        if let Some(file) = Files::get(path) {
            return asset(path, file.data.into_owned());
        }
        if path.starts_with(HASHED) {
            return Problem::not_found("file").into_response();
        }
    }
    page(&STANDARD.encode(state.engine.random::<16>()))
}

fn page(nonce: &str) -> Response {
    let Some(index) = Files::get(INDEX) else { return Problem::not_found("console").into_response() };
    let text = String::from_utf8_lossy(&index.data).replace(NONCE_PLACE, nonce);
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, page_policy(nonce));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn asset(path: &str, data: Vec<u8>) -> Response {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let cache = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = data.into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::try_from(kind.to_string()).expect("a media type is plain ASCII");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

#[cfg(test)]
mod tests {
    use http::Method;

    use crate::tests::Api;

    #[tokio::test]
    async fn every_page_has_its_own_nonce_and_unknown_addresses_of_the_interface_are_problems() {
        let api = Api::unsynced().await;
        let nobody = api.nobody();
        let nonce_of =
            |policy: &str| policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).map(str::to_owned);
        let mut nonces = Vec::new();
        for uri in ["/", "/candidates/7", "/index.html", "/some/deep/page?q=1"] {
            let page = nobody.raw(Method::GET, uri, None).await;
            assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{uri}");
            assert!(!page.text.contains(super::NONCE_PLACE), "{uri}");
            let nonce = nonce_of(page.header("content-security-policy")).expect("a nonce");
            assert!(nonce.len() >= 20 && !nonces.contains(&nonce), "{uri}: {nonce}");
            nonces.push(nonce);
        }
        nobody.raw(Method::GET, "/api/v1/nothing", None).await.refused(404, "not_found");
        nobody.raw(Method::GET, "/api", None).await.refused(404, "not_found");
        nobody.raw(Method::PATCH, "/api/v1/overview", None).await.refused(405, "method_not_allowed");
        nobody.raw(Method::POST, "/candidates", None).await.refused(405, "method_not_allowed");
        api.finish().await;
    }
}
