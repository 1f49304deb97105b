//! Connections entered in the console, what is sealed for them, and sign-ins under way.

use reseat_store::StoreError;
use reseat_store::integration::{self, Authorization, Connection, EnteredConnection};

use crate::engines::{assert_conflict, conformance, read, write};
use crate::fixtures::*;

fn from_file(purpose: &str, client_id: &str) -> Connection {
    Connection {
        purpose: purpose.to_owned(),
        kind: "client_secret".to_owned(),
        client_id: client_id.to_owned(),
        graph_url: "https://graph.microsoft.com".to_owned(),
        authority_url: "https://login.microsoftonline.com".to_owned(),
        certificate_thumbprint: None,
        expires_at: None,
    }
}

fn entered(purpose: &str, kind: &str, sealed: &str) -> EnteredConnection {
    EnteredConnection {
        connection: Connection {
            kind: kind.to_owned(),
            expires_at: Some(now().plus_days(30)),
            ..from_file(purpose, "an app")
        },
        certificate_algorithm: None,
        sealed_secret: Some(sealed.to_owned()),
    }
}

conformance! {
    async fn an_entered_connection_keeps_what_is_sealed_and_goes_whole(store) {
        write!(store, tx => integration::insert_tenant(tx, tenant(), "Contoso", None, now()));
        write!(store, tx => integration::save_connection(tx, tenant(), &entered("reader", "client_secret", "v1:one")));
        write!(store, tx => integration::save_connection(tx, tenant(), &entered("reader", "client_secret", "v1:two")));
        write!(store, tx => integration::save_connection(tx, tenant(), &entered("mailer", "client_secret", "v1:mail")));
        let all = read!(store, tx => integration::list_connections(tx, tenant()));
        let seen: Vec<_> = all.iter().map(|row| (row.purpose.as_str(), row.origin.as_str(), row.version)).collect();
        assert_eq!(seen, [("reader", "console", 2), ("mailer", "console", 1)]);
        assert_eq!(all[0].sealed_secret.as_deref(), Some("v1:two"));
        assert_eq!(all[0].expires_at, Some(now().plus_days(30).as_micros()));
        assert!(read!(store, tx => integration::list_connections(tx, stranger())).is_empty());
        assert!(read!(store, tx => integration::find_connection(tx, stranger(), "reader")).is_none());

        assert!(!write!(store, tx => integration::remove_connection(tx, stranger(), "reader", "console")));
        assert!(!write!(store, tx => integration::remove_connection(tx, tenant(), "reader", "configuration")));
        assert!(write!(store, tx => integration::remove_connection(tx, tenant(), "reader", "console")));
        assert!(!write!(store, tx => integration::remove_connection(tx, tenant(), "reader", "console")));
        assert!(read!(store, tx => integration::find_connection(tx, tenant(), "reader")).is_none());
    }
}

conformance! {
    async fn the_configuration_s_connection_is_not_replaced_and_takes_over_what_was_entered(store) {
        write!(store, tx => integration::insert_tenant(tx, tenant(), "Contoso", None, now()));
        write!(store, tx => integration::save_connection(tx, tenant(), &entered("writer", "client_secret", "v1:one")));
        write!(store, tx => integration::set_connection_status(tx, tenant(), "writer", "working", now()));
        write!(store, tx => integration::upsert_connection(tx, tenant(), &from_file("writer", "another app")));
        let row = read!(store, tx => integration::find_connection(tx, tenant(), "writer")).expect("there");
        assert_eq!((row.origin.as_str(), row.status.as_str()), ("configuration", "configured"));
        assert_eq!((row.sealed_secret, row.expires_at), (None, None));
        assert_conflict!(store, tx => integration::save_connection(tx, tenant(), &entered("writer", "client_secret", "v1:x")));
    }
}

conformance! {
    async fn what_is_wrong_with_a_connection_is_kept_until_it_works_again(store) {
        write!(store, tx => integration::insert_tenant(tx, tenant(), "Contoso", None, now()));
        write!(store, tx => integration::upsert_connection(tx, tenant(), &from_file("reader", "an app")));
        let why = ("The client secret has expired.", "Make a new one.");
        write!(store, tx => integration::set_connection_problem(tx, tenant(), "reader", "failing", why, now()));
        write!(store, tx => integration::set_connection_problem(tx, stranger(), "reader", "failing", ("no", "no"), now()));
        write!(store, tx => integration::record_check(tx, tenant(), "reader", "{\"granted\":[]}", now()));
        // The same app again, after a restart.
        write!(store, tx => integration::upsert_connection(tx, tenant(), &from_file("reader", "an app")));
        let row = read!(store, tx => integration::find_connection(tx, tenant(), "reader")).expect("there");
        assert_eq!((row.status.as_str(), row.problem.as_deref(), row.remedy.as_deref()), ("failing", Some(why.0), Some(why.1)));
        assert_eq!((row.last_check.as_deref(), row.last_check_at), (Some("{\"granted\":[]}"), Some(now().as_micros())));
        write!(store, tx => integration::set_connection_status(tx, tenant(), "reader", "working", now()));
        let row = read!(store, tx => integration::find_connection(tx, tenant(), "reader")).expect("there");
        assert_eq!((row.status.as_str(), row.problem, row.remedy), ("working", None, None));
    }
}

conformance! {
    async fn a_refresh_token_is_rotated_only_for_the_sign_in_it_came_from(store) {
        write!(store, tx => integration::insert_tenant(tx, tenant(), "Contoso", None, now()));
        write!(store, tx => integration::save_connection(tx, tenant(), &entered("reader", "authorization_code", "v1:app")));
        assert!(!write!(store, tx => integration::rotate_refresh_token(tx, tenant(), "reader", 1, "v1:b", "v1:a")));
        assert_conflict!(store, tx => integration::record_signed_in(tx, tenant(), "reader", 9, "ada@contoso.example", "v1:a", now()));
        assert_conflict!(store, tx => integration::record_signed_in(tx, stranger(), "reader", 1, "ada@contoso.example", "v1:a", now()));
        write!(store, tx => integration::record_signed_in(tx, tenant(), "reader", 1, "ada@contoso.example", "v1:a", now()));
        assert!(write!(store, tx => integration::rotate_refresh_token(tx, tenant(), "reader", 2, "v1:b", "v1:a")));
        assert!(!write!(store, tx => integration::rotate_refresh_token(tx, stranger(), "reader", 2, "v1:c", "v1:b")));
        assert!(!write!(store, tx => integration::rotate_refresh_token(tx, tenant(), "reader", 1, "v1:c", "v1:b")));
        let row = read!(store, tx => integration::find_connection(tx, tenant(), "reader")).expect("there");
        assert_eq!(row.sealed_refresh_token.as_deref(), Some("v1:b"));
        assert_eq!(row.sealed_previous_token.as_deref(), Some("v1:a"));
        assert_eq!((row.signed_in_as.as_deref(), row.signed_in_at), (Some("ada@contoso.example"), Some(now().as_micros())));
    }
}

conformance! {
    async fn a_sign_in_under_way_comes_back_once_and_only_to_its_own_tenant(store) {
        let under_way = |id: &str| Authorization {
            id: id.to_owned(),
            purpose: "reader".to_owned(),
            connection_version: 1,
            account_id: account_id(1),
            session_hash: Some("session".to_owned()),
            sealed_verifier: "v1:v".to_owned(),
            sealed_nonce: "v1:n".to_owned(),
            redirect_uri: "https://reseat.example/api/v1/connections/callback".to_owned(),
            created_at: now(),
            expires_at: now().plus_seconds(600),
        };
        write!(store, tx => integration::insert_authorization(tx, tenant(), &under_way("one")));
        assert!(write!(store, tx => integration::take_authorization(tx, stranger(), "one")).is_none());
        let row = write!(store, tx => integration::take_authorization(tx, tenant(), "one")).expect("under way");
        assert_eq!((row.purpose.as_str(), row.connection_version, row.expires_at), ("reader", 1, now().plus_seconds(600).as_micros()));
        assert!(write!(store, tx => integration::take_authorization(tx, tenant(), "one")).is_none());

        write!(store, tx => integration::insert_authorization(tx, tenant(), &under_way("old")));
        let later = Authorization { created_at: now().plus_seconds(601), ..under_way("new") };
        write!(store, tx => integration::insert_authorization(tx, tenant(), &later));
        assert!(write!(store, tx => integration::take_authorization(tx, tenant(), "old")).is_none(), "too old to come back");
        let twice: Result<(), StoreError> = {
            let mut tx = store.write().await?;
            integration::insert_authorization(&mut tx, tenant(), &under_way("new")).await
        };
        assert!(twice.is_err(), "a state is used once");
    }
}
