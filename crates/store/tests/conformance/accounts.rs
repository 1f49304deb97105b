//! Accounts and roles.

use std::collections::BTreeSet;

use reseat_domain::role::Role;
use reseat_store::installation::accounts;

use crate::engines::{assert_conflict, conformance, read, write};
use crate::fixtures::*;

conformance! {
    async fn an_account_is_found_by_id_and_by_its_name_in_any_case(store) {
        let mut ada = account(1, "Ada King", &[Role::Admin, Role::Approver]);
        ada.tenant_id = Some(tenant());
        ada.user_id = Some(user(1));
        write!(store, tx => accounts::insert_account(tx, &ada));
        let mut nameless = account(2, "Émile", &[]);
        nameless.password_hash = None;
        nameless.enabled = false;
        write!(store, tx => accounts::insert_account(tx, &nameless));

        assert_eq!(read!(store, tx => accounts::find_account(tx, ada.id)), Some(ada.clone()));
        assert_eq!(read!(store, tx => accounts::find_account_by_name(tx, " ADA KING ")), Some(ada.clone()));
        assert_eq!(read!(store, tx => accounts::find_account_by_name(tx, "ÉMILE")), Some(nameless.clone()));
        assert_eq!(read!(store, tx => accounts::find_account_by_name(tx, "ada\0king")), None, "no error either");
        assert_eq!(read!(store, tx => accounts::find_account(tx, account_id(9))), None);
        assert_eq!(read!(store, tx => accounts::list_accounts(tx)), [ada, nameless]);
    }
}

conformance! {
    async fn a_name_is_taken_whatever_its_case_and_the_transaction_goes_on(store) {
        write!(store, tx => accounts::insert_account(tx, &account(1, "Ada", &[])));
        let mut tx = store.write().await?;
        let refused = accounts::insert_account(&mut tx, &account(2, "aDA", &[])).await;
        assert!(matches!(refused, Err(reseat_store::StoreError::Conflict)), "{refused:?}");
        accounts::insert_account(&mut tx, &account(3, "Grace", &[])).await?;
        tx.commit().await?;
        assert_eq!(read!(store, tx => accounts::count_accounts(tx)), 2);
    }
}

conformance! {
    async fn two_people_who_change_an_account_at_once_do_not_overwrite_each_other(store) {
        let ada = account(1, "Ada", &[Role::Auditor]);
        write!(store, tx => accounts::insert_account(tx, &ada));
        let roles = BTreeSet::from([Role::Approver]);
        write!(store, tx => accounts::update_account(tx, &ada, &roles, true));
        assert_conflict!(store, tx => accounts::update_account(tx, &ada, &BTreeSet::new(), false));
        let now = read!(store, tx => accounts::find_account(tx, ada.id)).expect("kept");
        assert_eq!((now.roles, now.enabled, now.version), (roles, true, 2));
    }
}

conformance! {
    async fn a_role_is_counted_only_where_the_account_may_sign_in(store) {
        write!(store, tx => accounts::insert_account(tx, &account(1, "Ada", &[Role::Approver, Role::Admin])));
        write!(store, tx => accounts::insert_account(tx, &account(2, "Grace", &[Role::Approver])));
        let mut gone = account(3, "Gone", &[Role::Approver]);
        gone.enabled = false;
        write!(store, tx => accounts::insert_account(tx, &gone));
        assert_eq!(read!(store, tx => accounts::count_enabled_with_role(tx, Role::Approver)), 2);
        assert_eq!(read!(store, tx => accounts::count_enabled_with_role(tx, Role::LicenseManager)), 0);
        assert_eq!(read!(store, tx => accounts::count_accounts(tx)), 3);
    }
}
