//! Bearer tokens.

use std::collections::BTreeSet;

use reseat_domain::role::Role;
use reseat_store::installation::api_tokens::ApiToken;
use reseat_store::installation::{accounts, api_tokens};

use crate::engines::{assert_conflict, conformance, read, write};
use crate::fixtures::*;

fn token(number: u64) -> ApiToken {
    ApiToken {
        id: id(number),
        account_id: account_id(1),
        name: format!("script {number}"),
        created_at: now().plus_seconds(i64::try_from(number).expect("small")),
        expires_at: None,
        revoked_at: None,
    }
}

conformance! {
    async fn a_token_acts_as_its_owner_until_it_ends_or_is_taken_back(store) {
        let ada = account(1, "Ada", &[Role::LicenseManager]);
        write!(store, tx => accounts::insert_account(tx, &ada));
        let mut short = token(1);
        short.expires_at = Some(now().plus_days(1));
        write!(store, tx => api_tokens::insert_token(tx, &short, "hash 1"));
        write!(store, tx => api_tokens::insert_token(tx, &token(2), "hash 2"));
        assert_conflict!(store, tx => api_tokens::insert_token(tx, &token(3), "hash 2"));

        let found = read!(store, tx => api_tokens::find_token(tx, "hash 1", now()));
        assert_eq!(found, Some((short.id, ada.clone())));
        assert_eq!(read!(store, tx => api_tokens::find_token(tx, "hash 1", now().plus_days(1))), None);
        assert!(read!(store, tx => api_tokens::find_token(tx, "hash 2", now().plus_days(900))).is_some());
        assert_eq!(read!(store, tx => api_tokens::find_token(tx, "hash 3", now())), None);

        let stranger_tries = write!(store, tx => api_tokens::revoke_token(tx, account_id(2), token(2).id, now()));
        assert!(!stranger_tries, "nobody takes another's token back");
        assert!(write!(store, tx => api_tokens::revoke_token(tx, account_id(1), token(2).id, now())));
        assert!(!write!(store, tx => api_tokens::revoke_token(tx, account_id(1), token(2).id, now())));
        assert_eq!(read!(store, tx => api_tokens::find_token(tx, "hash 2", now())), None);

        let mut revoked = token(2);
        revoked.revoked_at = Some(now());
        assert_eq!(read!(store, tx => api_tokens::list_tokens(tx, account_id(1))), [revoked, short], "newest first");
        assert_eq!(read!(store, tx => api_tokens::list_tokens(tx, account_id(2))), []);

        write!(store, tx => accounts::update_account(tx, &ada, &BTreeSet::new(), false));
        assert_eq!(read!(store, tx => api_tokens::find_token(tx, "hash 1", now())), None, "the account is disabled");
    }
}
