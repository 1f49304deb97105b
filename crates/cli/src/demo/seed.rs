//! What a demo's database begins with: its schema, one account for each role, a token for each.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context as _;
use reseat_api::auth::{api_token, password, secret_hash};
use reseat_domain::ids::{AccountId, ApiTokenId, UserId};
use reseat_engine::accounts::{NewAccount, create_account_on_host};
use reseat_engine::clock::FollowedClock;
use reseat_engine::moves::{By, Note, entry};
use reseat_engine::{CommandError, Engine, EngineError};
use reseat_store::installation::{accounts, api_tokens};
use reseat_store::trail::Log;

use crate::commands::migrate::migrate;
use crate::config::Config;
use crate::demo::folder::{Folder, Kept, KeptAccount};
use crate::demo::people;
use crate::demo::simulator::Control;
use crate::exit::Complaint;
use crate::wiring::{open_store, start_engine, without_password};

/// Seeds the database, unless that was done. A seed that was interrupted goes on where it was.
pub async fn seed(folder: &Folder, kept: &mut Kept, config: &Config, control: &Control) -> anyhow::Result<()> {
    if kept.accounts.iter().all(|account| account.api_token.is_some()) {
        return Ok(());
    }
    let store = open_store(config).await?;
    migrate(&store, config).await?;
    let clock = Arc::new(FollowedClock::new(control.clock().await?.now));
    let engine = start_engine(config, store.clone(), clock).await.map_err(|error| ours_only(error, config))?;
    let ids = people::choose(config, kept.accounts.len(), engine.now()).await?;
    for (account, user_id) in kept.accounts.iter_mut().zip(ids) {
        account.user_id = Some(user_id);
        let account_id = make_account(&engine, account, user_id).await?;
        account.api_token = Some(make_token(&engine, account_id).await?);
    }
    store.close().await;
    folder.keep(kept)
}

/// A database that another installation filled does not open with this demo's key.
fn ours_only(error: anyhow::Error, config: &Config) -> anyhow::Error {
    match error.downcast_ref::<EngineError>() {
        Some(EngineError::Sealed(_)) => Complaint::usage(
            format!("{} is not empty, and it is not this demo's", without_password(&config.store)),
            "Give an empty database: dropdb and createdb it first. A demo never empties PostgreSQL.",
        ),
        Some(_) | None => error,
    }
}

async fn make_account(engine: &Engine, account: &KeptAccount, user_id: UserId) -> anyhow::Result<AccountId> {
    let mut tx = engine.store().read().await?;
    let found = accounts::find_account_by_name(&mut tx, &account.name).await?;
    drop(tx);
    if let Some(found) = found {
        return Ok(found.id);
    }
    let new = NewAccount {
        name: account.name.clone(),
        password_hash: Some(password::hash(&account.password, engine.random())),
        roles: BTreeSet::from([account.role]),
        user_id: Some(user_id),
    };
    let made = create_account_on_host(engine, new).await;
    made.map(|made| made.id)
        .map_err(|error: CommandError| anyhow::Error::new(error))
        .context("making the demo's accounts")
}

/// A token in the account's name; only its hash is in the database.
async fn make_token(engine: &Engine, account_id: AccountId) -> anyhow::Result<String> {
    let secret = api_token::new_token(engine.random());
    let token = api_tokens::ApiToken {
        id: ApiTokenId::new(engine.now(), engine.random()),
        account_id,
        name: "demo".to_owned(),
        created_at: engine.now(),
        expires_at: None,
        revoked_at: None,
    };
    let mut tx = engine.store().write().await?;
    api_tokens::insert_token(&mut tx, &token, &secret_hash(&secret)).await?;
    let note = Note::with("API token made", serde_json::json!({ "account": account_id }));
    let draft = entry(engine, By::Stage("host"), "token.created", ("token", &token.id.to_string()), &note);
    engine.append_audit(&mut tx, Log::Installation, &draft).await?;
    tx.commit().await?;
    Ok(secret)
}
