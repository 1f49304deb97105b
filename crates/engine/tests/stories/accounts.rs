//! Who may sign in, and how the first one comes about.

use std::collections::BTreeSet;

use reseat_domain::role::Role;
use reseat_engine::CommandError;
use reseat_engine::accounts::{
    AccountChange, NewAccount, bootstrap, change_account, create_account, make_bootstrap_code,
};
use reseat_engine::{Caller, CallerKind};
use reseat_store::installation::Account;
use reseat_testkit::{World, on_each_store};

fn new(name: &str, roles: &[Role]) -> NewAccount {
    NewAccount {
        name: name.to_owned(),
        password_hash: Some("hash".to_owned()),
        roles: roles.iter().copied().collect(),
        user_id: None,
    }
}

fn as_caller(account: &Account) -> Caller {
    Caller {
        account_id: account.id,
        name: account.name.clone(),
        roles: account.roles.clone(),
        user_id: account.user_id,
        kind: CallerKind::Session,
    }
}

async fn single_operator(world: &World) -> bool {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let tenant = reseat_store::integration::find_tenant(&mut tx, world.tenant_id()).await.expect("read");
    tenant.expect("the tenant is there").single_operator
}

#[tokio::test]
async fn the_first_administrator_comes_by_a_code_that_works_once_and_for_a_quarter_of_an_hour() {
    on_each_store(|store| async {
        let world = World::builder().on(store).unsynced().without_cast().build().await;
        let engine = world.engine();
        let old = make_bootstrap_code(engine).await.expect("made").expect("nobody is there yet");
        world.advance(15 * 60 + 1).await;
        let late = bootstrap(engine, &old, "ada", "hash".to_owned(), true).await;
        assert!(matches!(late, Err(CommandError::Forbidden(_))), "{late:?}");
        let code = make_bootstrap_code(engine).await.expect("made").expect("nobody is there yet");
        let guess = bootstrap(engine, "AAAA-AAAA-AAAA-AAAA", "eve", "hash".to_owned(), true).await;
        assert!(matches!(guess, Err(CommandError::Forbidden(_))), "{guess:?}");
        let ada =
            bootstrap(engine, &code.to_lowercase(), "ada", "hash".to_owned(), true).await.expect("the right code");
        assert_eq!(ada.roles, BTreeSet::from([Role::Admin, Role::LicenseManager, Role::Approver]));
        assert!(single_operator(&world).await);
        let twice = bootstrap(engine, &code, "eve", "hash".to_owned(), true).await;
        assert!(matches!(twice, Err(CommandError::Forbidden(_))), "{twice:?}");
        assert_eq!(make_bootstrap_code(engine).await.expect("asked"), None, "no code once somebody is there");

        let auditor = create_account(engine, &as_caller(&ada), new("Bo", &[Role::Auditor])).await.expect("made");
        assert!(single_operator(&world).await, "somebody who only looks ends nothing");
        let taken = create_account(engine, &as_caller(&ada), new("bo", &[Role::Auditor])).await;
        assert!(matches!(taken, Err(CommandError::Invalid { field: "name", .. })), "{taken:?}");
        let change = AccountChange { roles: Some(BTreeSet::from([Role::Approver])), enabled: None };
        let changed = change_account(engine, &as_caller(&ada), auditor.id, change.clone(), auditor.version).await;
        assert_eq!(changed.expect("changed").version, auditor.version + 1);
        assert!(!single_operator(&world).await, "a second approver ends it");
        let stale = change_account(engine, &as_caller(&ada), auditor.id, change.clone(), auditor.version).await;
        assert!(matches!(stale, Err(CommandError::Conflict)), "{stale:?}");
        let own = change_account(engine, &as_caller(&ada), ada.id, change, ada.version).await;
        assert!(matches!(own, Err(CommandError::NotAllowed(_))), "nobody changes their own roles: {own:?}");
        let refused = create_account(engine, &as_caller(&auditor), new("Cy", &[Role::Admin])).await;
        assert!(matches!(refused, Err(CommandError::Forbidden(_))), "{refused:?}");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_single_operator_proposes_approves_and_thaws_by_typing_the_word() {
    use reseat_domain::candidate::{Action, StateName};
    use reseat_engine::commands::{Thaw, act, freeze, open, thaw};
    on_each_store(|store| async {
        let world = World::builder().on(store).without_cast().build().await;
        let engine = world.engine();
        let code = make_bootstrap_code(engine).await.expect("made").expect("nobody is there yet");
        let ada = bootstrap(engine, &code, "ada", "hash".to_owned(), true).await.expect("the right code");
        let ada = as_caller(&ada);
        let seat = world.idle_seats().await[0];
        let opened = open(engine, &ada, &[seat]).await.expect("may open");
        let id = opened[0].result.clone().expect("found");
        act(engine, &ada, id, Action::Start, &Default::default()).await.expect("may start");
        assert_eq!(world.state_name(id).await, StateName::AwaitingRevocation);
        assert!(world.candidate(id).await.approvals[0].single_operator, "every record says so");
        freeze(engine, &ada, "wait").await.expect("may freeze");
        let untyped = thaw(engine, &ada, None).await;
        assert!(matches!(untyped, Err(CommandError::Invalid { field: "typed", .. })), "{untyped:?}");
        assert_eq!(thaw(engine, &ada, Some("thaw")).await.expect("typed"), Thaw::Thawed);
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        assert_eq!(world.finish().await.removals, 1);
    })
    .await;
}
