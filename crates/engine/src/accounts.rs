//! The accounts of the installation: the one-time code that makes the first administrator, and the
//! changes an administrator makes. Each shares its transaction with an entry in the installation's
//! log. Passwords arrive hashed.

use std::collections::BTreeSet;

use reseat_domain::ids::{AccountId, UserId};
use reseat_domain::plan::hex;
use reseat_domain::role::{Permission, Role, grants};
use reseat_store::installation::Account;
use reseat_store::installation::accounts as rows;
use reseat_store::installation::{bootstrap as codes, sessions};
use reseat_store::trail::Log;
use reseat_store::{StoreError, Tx, dialect, integration};
use sha2::{Digest, Sha256};

use crate::engine::Engine;
use crate::error::{CommandError, EngineError};
use crate::moves::{By, Caller, Note, entry};

/// How long a bootstrap code can be used.
const CODE_MINUTES: i64 = 15;

/// Without letters and digits that look alike.
const CODE_ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// An account about to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The name people sign in with.
    pub name: String,
    /// The hash of the password; none where another system signs the person in.
    pub password_hash: Option<String>,
    /// What it may do.
    pub roles: BTreeSet<Role>,
    /// Who it is in the tenant: nobody decides about their own license.
    pub user_id: Option<UserId>,
}

/// What an administrator changes about an account; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct AccountChange {
    /// What it may do.
    pub roles: Option<BTreeSet<Role>>,
    /// Whether it may sign in.
    pub enabled: Option<bool>,
}

/// Makes a code that makes the first administrator, once, within a quarter of an hour. `None` when
/// there are accounts already. Only its hash is kept.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn make_bootstrap_code(engine: &Engine) -> Result<Option<String>, EngineError> {
    let now = engine.now();
    let mut tx = engine.store().write().await?;
    if rows::count_accounts(&mut tx).await? > 0 {
        return Ok(None);
    }
    let code = spell_code(engine.random());
    codes::insert_bootstrap_code(&mut tx, &hash_code(&code), now, now.plus_seconds(CODE_MINUTES * 60)).await?;
    let note = Note::text("A one-time code for the first administrator was made");
    let draft = entry(engine, By::Stage("setup"), "setup.code_made", ("installation", "setup"), &note);
    engine.append_audit(&mut tx, Log::Installation, &draft).await?;
    tx.commit().await?;
    Ok(Some(code))
}

/// Sixteen letters in groups of four: eighty bits, and easy to type.
fn spell_code(random: [u8; 16]) -> String {
    let mut code = String::with_capacity(19);
    for (at, byte) in random.iter().enumerate() {
        if at > 0 && at % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(CODE_ALPHABET[usize::from(byte % 32)]));
    }
    code
}

fn hash_code(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    hex(&Sha256::digest(plain.to_ascii_uppercase().as_bytes()))
}

/// Makes the first administrator. A single operator also manages licenses and approves.
///
/// # Errors
/// [`CommandError::Forbidden`] when the code is unknown, used or too old, or somebody was faster.
pub async fn bootstrap(
    engine: &Engine,
    code: &str,
    name: &str,
    password_hash: String,
    single_operator: bool,
) -> Result<Account, CommandError> {
    let now = engine.now();
    let mut tx = engine.store().write().await?;
    dialect::lock_tenant_writes(&mut tx, engine.tenant_id()).await?;
    let first = rows::count_accounts(&mut tx).await? == 0;
    if !first || !codes::use_bootstrap_code(&mut tx, &hash_code(code), now).await? {
        let message = "This code is not valid, was used already, or is older than 15 minutes.";
        return Err(CommandError::Forbidden(message.to_owned()));
    }
    let mut roles = BTreeSet::from([Role::Admin]);
    if single_operator {
        roles.extend([Role::LicenseManager, Role::Approver]);
    }
    let new = NewAccount { name: name.to_owned(), password_hash: Some(password_hash), roles, user_id: None };
    let account = insert(engine, &mut tx, By::Stage("setup"), new).await?;
    if single_operator {
        integration::set_single_operator(&mut tx, engine.tenant_id(), true).await?;
        let text = "Single-operator mode declared: one person may propose and approve.";
        tenant_entry(engine, &mut tx, By::Stage("setup"), "tenant.single_operator_declared", text).await?;
    }
    tx.commit().await?;
    Ok(account)
}

/// Makes an account.
///
/// # Errors
/// [`CommandError::Invalid`] when the name is taken or no role is given, [`CommandError::NotAllowed`]
/// for oneself.
pub async fn create_account(engine: &Engine, caller: &Caller, new: NewAccount) -> Result<Account, CommandError> {
    may_administer(caller)?;
    if caller.user_id.is_some() && new.user_id == caller.user_id {
        // A second account would be a way to a role of one's own giving (X10).
        return Err(CommandError::NotAllowed("Nobody makes another account for themselves.".to_owned()));
    }
    let mut tx = engine.store().write().await?;
    dialect::lock_tenant_writes(&mut tx, engine.tenant_id()).await?;
    let account = insert(engine, &mut tx, By::Person(caller), new).await?;
    end_single_operator_if_over(engine, &mut tx, By::Person(caller)).await?;
    tx.commit().await?;
    Ok(account)
}

/// Makes an account from the host, where nobody signs in: the demo's people.
///
/// # Errors
/// [`CommandError::Invalid`] when the name is taken or no role is given.
pub async fn create_account_on_host(engine: &Engine, new: NewAccount) -> Result<Account, CommandError> {
    let mut tx = engine.store().write().await?;
    dialect::lock_tenant_writes(&mut tx, engine.tenant_id()).await?;
    let account = insert(engine, &mut tx, By::Stage("host"), new).await?;
    end_single_operator_if_over(engine, &mut tx, By::Stage("host")).await?;
    tx.commit().await?;
    Ok(account)
}

/// Changes an account that still is at `version`.
///
/// # Errors
/// [`CommandError::NotAllowed`] for one's own account, [`CommandError::Conflict`] when it changed.
pub async fn change_account(
    engine: &Engine,
    caller: &Caller,
    id: AccountId,
    change: AccountChange,
    version: i64,
) -> Result<Account, CommandError> {
    may_administer(caller)?;
    if id == caller.account_id {
        return Err(CommandError::NotAllowed("Nobody changes their own account's roles.".to_owned()));
    }
    let mut tx = engine.store().write().await?;
    dialect::lock_tenant_writes(&mut tx, engine.tenant_id()).await?;
    let missing = || CommandError::NotFound(format!("There is no account {id}."));
    let account = rows::find_account(&mut tx, id).await?.ok_or_else(missing)?;
    if caller.user_id.is_some() && account.user_id == caller.user_id {
        // Another account of the same person (X10).
        return Err(CommandError::NotAllowed("Nobody changes their own account's roles.".to_owned()));
    }
    if account.version != version {
        return Err(CommandError::Conflict);
    }
    let roles = change.roles.unwrap_or_else(|| account.roles.clone());
    let enabled = change.enabled.unwrap_or(account.enabled);
    check_roles(&roles)?;
    rows::update_account(&mut tx, &account, &roles, enabled).await?;
    if rows::count_enabled_with_role(&mut tx, Role::Admin).await? == 0 {
        return Err(CommandError::NotAllowed("Somebody has to stay an administrator.".to_owned()));
    }
    if !enabled {
        // Takes effect at once, on every open page.
        sessions::delete_sessions_of(&mut tx, id).await?;
    }
    let details = serde_json::json!({ "roles_before": account.roles, "roles": roles, "enabled": enabled });
    let note = Note::with(format!("Account {} changed", account.name), details);
    let draft = entry(engine, By::Person(caller), "account.changed", ("account", &id.to_string()), &note);
    engine.append_audit(&mut tx, Log::Installation, &draft).await?;
    end_single_operator_if_over(engine, &mut tx, By::Person(caller)).await?;
    tx.commit().await?;
    Ok(Account { roles, enabled, version: account.version + 1, ..account })
}

fn may_administer(caller: &Caller) -> Result<(), CommandError> {
    if grants(&caller.roles, Permission::Administer) {
        return Ok(());
    }
    Err(CommandError::Forbidden("Needs the Admin role.".to_owned()))
}

fn check_roles(roles: &BTreeSet<Role>) -> Result<(), CommandError> {
    if roles.is_empty() {
        return Err(CommandError::Invalid { field: "roles", message: "an account needs a role".to_owned() });
    }
    Ok(())
}

async fn insert(engine: &Engine, tx: &mut Tx, by: By<'_>, new: NewAccount) -> Result<Account, CommandError> {
    let bad_name = |message: &str| CommandError::Invalid { field: "name", message: message.to_owned() };
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(bad_name("a name has 1 to 100 characters"));
    }
    check_roles(&new.roles)?;
    if rows::find_account_by_name(tx, &name).await?.is_some() {
        return Err(bad_name("this name is taken"));
    }
    let now = engine.now();
    let account = Account {
        id: AccountId::new(now, engine.random()),
        name,
        password_hash: new.password_hash,
        roles: new.roles,
        tenant_id: new.user_id.map(|_| engine.tenant_id()),
        user_id: new.user_id,
        enabled: true,
        created_at: now,
        version: 1,
    };
    match rows::insert_account(tx, &account).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => return Err(bad_name("this name is taken")),
        Err(error) => return Err(error.into()),
    }
    let note = Note::with(format!("Account {} made", account.name), serde_json::json!({ "roles": account.roles }));
    let draft = entry(engine, by, "account.created", ("account", &account.id.to_string()), &note);
    engine.append_audit(tx, Log::Installation, &draft).await?;
    Ok(account)
}

/// A second person who proposes or approves ends the mode in which one does both.
async fn end_single_operator_if_over(engine: &Engine, tx: &mut Tx, by: By<'_>) -> Result<(), CommandError> {
    let tenant = integration::find_tenant(tx, engine.tenant_id()).await?;
    if !tenant.is_some_and(|tenant| tenant.single_operator) {
        return Ok(());
    }
    let managers = rows::count_enabled_with_role(tx, Role::LicenseManager).await?;
    let approvers = rows::count_enabled_with_role(tx, Role::Approver).await?;
    if managers < 2 && approvers < 2 {
        return Ok(());
    }
    integration::set_single_operator(tx, engine.tenant_id(), false).await?;
    let text = "Single-operator mode ended: a second person can propose or approve.";
    tenant_entry(engine, tx, by, "tenant.single_operator_ended", text).await
}

async fn tenant_entry(engine: &Engine, tx: &mut Tx, by: By<'_>, verb: &str, text: &str) -> Result<(), CommandError> {
    let tenant_id = engine.tenant_id();
    let draft = entry(engine, by, verb, ("tenant", &tenant_id.to_string()), &Note::text(text));
    engine.append_audit(tx, Log::Tenant(tenant_id), &draft).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_typed_back_whatever_its_case_and_dashes() {
        let code = spell_code([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(code, "ABCD-EFGH-JKLM-NPQ9");
        assert_eq!(hash_code(&code), hash_code("abcd efgh jklm npq9"));
        assert_ne!(hash_code(&code), hash_code("abcd efgh jklm npq8"));
    }
}
