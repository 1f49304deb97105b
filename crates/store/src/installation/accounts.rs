//! Accounts that sign in to Reseat, and their roles.

use std::collections::BTreeSet;

use reseat_domain::ids::{AccountId, TenantId, UserId};
use reseat_domain::role::Role;
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use crate::error::{StoreError, parse, parse_json, parse_opt, to_json};
use crate::pool::{Tx, on_either};
use crate::rounds::fold;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The name people sign in with.
    pub name: String,
    /// The hash of the password; none where another system signs the person in.
    pub password_hash: Option<String>,
    /// What it may do.
    pub roles: BTreeSet<Role>,
    /// The tenant of the person it belongs to.
    pub tenant_id: Option<TenantId>,
    /// The person it belongs to.
    pub user_id: Option<UserId>,
    /// Whether it may sign in.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts up with each change.
    pub version: i64,
}

#[derive(FromRow)]
pub(super) struct Row {
    account_id: String,
    name: String,
    password_hash: Option<String>,
    roles: String,
    tenant_id: Option<String>,
    user_id: Option<String>,
    enabled: bool,
    account_created_at: i64,
    version: i64,
}

/// The columns of [`Row`], of a table that is called `a`.
pub(super) const COLUMNS: &str = "a.account_id, a.name, a.password_hash, a.roles, a.tenant_id, a.user_id, a.enabled, \
                                  a.created_at as account_created_at, a.version";

impl Row {
    pub(super) fn into_account(self) -> Result<Account, StoreError> {
        const T: &str = "accounts";
        Ok(Account {
            id: parse(T, "account_id", &self.account_id)?,
            name: self.name,
            password_hash: self.password_hash,
            roles: parse_json(T, "roles", &self.roles)?,
            tenant_id: parse_opt(T, "tenant_id", self.tenant_id.as_deref())?,
            user_id: parse_opt(T, "user_id", self.user_id.as_deref())?,
            enabled: self.enabled,
            created_at: Timestamp::from_micros(self.account_created_at),
            version: self.version,
        })
    }
}

/// Adds an account, in version 1.
///
/// # Errors
/// [`StoreError::Conflict`] when the name is taken, whatever its case.
pub async fn insert_account(tx: &mut Tx, account: &Account) -> Result<(), StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "insert into accounts (account_id, name, name_folded, password_hash, roles, tenant_id, user_id, enabled,
                                   created_at, version)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)
             on conflict do nothing",
        )
        .bind(account.id.to_string())
        .bind(account.name.clone())
        .bind(fold(&account.name))
        .bind(account.password_hash.clone())
        .bind(to_json(&account.roles))
        .bind(account.tenant_id.map(|id| id.to_string()))
        .bind(account.user_id.map(|id| id.to_string()))
        .bind(account.enabled)
        .bind(account.created_at.as_micros())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// An account.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_account(tx: &mut Tx, id: AccountId) -> Result<Option<Account>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from accounts a where a.account_id = $1"));
    let row: Option<Row> = on_either!(tx, conn => sqlx::query_as(sql).bind(id.to_string()).fetch_optional(conn).await)?;
    row.map(Row::into_account).transpose()
}

/// The account with a name, whatever its case.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_account_by_name(tx: &mut Tx, name: &str) -> Result<Option<Account>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from accounts a where a.name_folded = $1"));
    let row: Option<Row> = on_either!(tx, conn => sqlx::query_as(sql).bind(fold(name)).fetch_optional(conn).await)?;
    row.map(Row::into_account).transpose()
}

/// All accounts, in the order in which they were made.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_accounts(tx: &mut Tx) -> Result<Vec<Account>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from accounts a order by a.created_at, a.account_id"));
    let rows: Vec<Row> = on_either!(tx, conn => sqlx::query_as(sql).fetch_all(conn).await)?;
    rows.into_iter().map(Row::into_account).collect()
}

/// Changes the roles of an account, and whether it may sign in.
///
/// # Errors
/// [`StoreError::Conflict`] when it changed since it was read.
pub async fn update_account(
    tx: &mut Tx,
    read: &Account,
    roles: &BTreeSet<Role>,
    enabled: bool,
) -> Result<(), StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "update accounts set roles = $3, enabled = $4, version = version + 1
             where account_id = $1 and version = $2",
        )
        .bind(read.id.to_string())
        .bind(read.version)
        .bind(to_json(roles))
        .bind(enabled)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// How many accounts there are, enabled or not.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn count_accounts(tx: &mut Tx) -> Result<i64, StoreError> {
    let (count,): (i64,) =
        on_either!(tx, conn => sqlx::query_as("select count(*) from accounts").fetch_one(conn).await)?;
    Ok(count)
}

/// How many accounts that may sign in have a role.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn count_enabled_with_role(tx: &mut Tx, role: Role) -> Result<i64, StoreError> {
    let (count,): (i64,) = on_either!(tx, conn =>
        sqlx::query_as(r"select count(*) from accounts where enabled = TRUE and roles like $1 escape '\'")
            .bind(crate::dialect::containing(&format!("\"{role}\"")))
            .fetch_one(conn)
            .await)?;
    Ok(count)
}
