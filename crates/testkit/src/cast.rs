//! The people of a story: one per role, as accounts that really exist.

use std::collections::BTreeSet;

use reseat_domain::ids::AccountId;
use reseat_domain::role::Role;
use reseat_engine::accounts::{NewAccount, create_account_on_host};
use reseat_engine::{Caller, CallerKind, Engine};
use reseat_store::installation::{Account, accounts};

/// Who gives commands.
#[derive(Debug, Clone)]
pub struct Cast {
    /// Manages licenses.
    pub manager: Caller,
    /// Decides.
    pub approver: Caller,
    /// Decides too.
    pub second_approver: Caller,
    /// Administers, and decides nothing.
    pub admin: Caller,
    /// Only looks.
    pub auditor: Caller,
}

impl Cast {
    /// Nobody: callers without an account and without a role.
    pub(crate) fn absent() -> Self {
        let nobody = Caller {
            account_id: AccountId::from_uuid(uuid::Uuid::nil()),
            name: "nobody".to_owned(),
            roles: BTreeSet::new(),
            user_id: None,
            kind: CallerKind::Session,
        };
        Self {
            manager: nobody.clone(),
            approver: nobody.clone(),
            second_approver: nobody.clone(),
            admin: nobody.clone(),
            auditor: nobody,
        }
    }

    /// Whether this story brings its own people.
    pub(crate) fn is_absent(&self) -> bool {
        self.admin.roles.is_empty()
    }

    pub(crate) async fn gather(engine: &Engine) -> Self {
        Self {
            manager: someone(engine, "manager", &[Role::LicenseManager]).await,
            approver: someone(engine, "approver", &[Role::Approver]).await,
            second_approver: someone(engine, "second approver", &[Role::Approver]).await,
            admin: someone(engine, "admin", &[Role::Admin]).await,
            auditor: someone(engine, "auditor", &[Role::Auditor]).await,
        }
    }
}

/// The account of that name, made if it is not there.
pub(crate) async fn someone(engine: &Engine, name: &str, roles: &[Role]) -> Caller {
    let mut tx = engine.store().read().await.expect("the database answers");
    let known = accounts::find_account_by_name(&mut tx, name).await.expect("accounts can be read");
    drop(tx);
    let account = match known {
        Some(account) => account,
        None => {
            let roles: BTreeSet<Role> = roles.iter().copied().collect();
            let new = NewAccount { name: name.to_owned(), password_hash: None, roles, user_id: None };
            create_account_on_host(engine, new).await.expect("the account can be made")
        }
    };
    caller(account)
}

fn caller(account: Account) -> Caller {
    Caller {
        account_id: account.id,
        name: account.name,
        roles: account.roles,
        user_id: account.user_id,
        kind: CallerKind::Session,
    }
}
