//! Ways into the tenant that are entered, authorized, lost and found again, without a restart.

use reseat_domain::candidate::StateName;
use reseat_domain::directory::Person;
use reseat_domain::role::Role;
use reseat_domain::time::Day;
use reseat_engine::commands::{
    self, EnteredProof, Finished, NewConnection, ReturnedBrowser, begin_authorization, check_connection,
    finish_authorization, remove_connection, save_connection,
};
use reseat_engine::connections::{SigningAlgorithm, TenantCheck};
use reseat_engine::{Caller, CommandError, Purpose, Task, write_back};
use reseat_store::integration::{self, ConnectionRow};
use reseat_testkit::{World, on_each_store};
use serde_json::json;

const BACK: &str = "http://127.0.0.1:8080/api/v1/connections/callback";

fn secret_of(world: &World, purpose: &str) -> NewConnection {
    let app = world.sim.ready.app(purpose);
    NewConnection {
        client_id: app.client_id.clone(),
        proof: EnteredProof::Secret { secret: app.client_secret.clone(), expires_on: None },
    }
}

async fn row(world: &World, purpose: Purpose) -> ConnectionRow {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let found = integration::find_connection(&mut tx, world.tenant_id(), purpose.as_str()).await;
    found.expect("connections can be read").expect("it is there")
}

/// An enabled person of the tenant with a directory role that reads reports, and the reader entered so that this
/// person can sign in for it.
async fn administrator(world: &World, admin: &Caller) -> Person {
    let engine = world.engine();
    save_connection(engine, admin, Purpose::Reader, secret_of(world, "reader")).await.expect("saved");
    let everybody = engine.reader().expect("a reader").people_page(None).await.expect("people");
    let person = everybody.items.into_iter().find(|person| person.account_enabled).expect("somebody is enabled");
    let roles = json!({ "roles": ["Reports Reader", "License Administrator"] });
    world.sim.patch_user(person.user_id, roles).await;
    let app = world.sim.ready.app("reader");
    let proof = EnteredProof::SignedIn { secret: Some(app.client_secret.clone()), expires_on: None };
    let new = NewConnection { client_id: app.client_id.clone(), proof };
    save_connection(engine, admin, Purpose::Reader, new).await.expect("saved");
    assert!(!engine.has_reader(), "nobody signed in yet");
    person
}

/// Begins a sign-in and plays the browser up to where Microsoft sends it back; gives the query it brings.
async fn signed_in_at_microsoft(world: &World, admin: &Caller, session: Option<&str>, who: &str) -> String {
    let session = session.map(str::to_owned);
    let begun = begin_authorization(world.engine(), admin, session, Purpose::Reader, BACK).await.expect("begun");
    let location = world.sim.browse(&begun.url, who).await;
    let (address, query) = location.split_once('?').expect("a query");
    assert_eq!(address, BACK);
    query.to_owned()
}

async fn finish(world: &World, query: &str, session: Option<&str>) -> Result<Finished, CommandError> {
    finish_authorization(world.engine(), ReturnedBrowser { query, session_hash: session }).await
}

#[tokio::test]
async fn a_tenant_without_a_connection_waits_and_an_entered_one_is_used_without_a_restart() {
    on_each_store(|store| async {
        let world = World::builder().on(store).configured(&[]).unsynced().build().await;
        let (engine, admin) = (world.engine(), world.cast.admin.clone());
        let refused = commands::sync_now(engine, &admin, Some(Task::ApplicationRoster)).await;
        assert!(matches!(&refused, Err(CommandError::NotAllowed(why)) if why.contains("No connection")), "{refused:?}");
        assert_eq!(world.tick().await.expect("nothing fails").synced, usize::from(true), "only HR has a source");

        let forbidden =
            save_connection(engine, &world.cast.manager, Purpose::Reader, secret_of(&world, "reader")).await;
        assert!(matches!(forbidden, Err(CommandError::Forbidden(_))), "{forbidden:?}");
        let saved = save_connection(engine, &admin, Purpose::Reader, secret_of(&world, "reader")).await.expect("saved");
        assert_eq!((saved.origin.as_str(), saved.status.as_str()), ("console", "configured"));
        let secret = &world.sim.ready.app("reader").client_secret;
        assert!(!format!("{saved:?}").contains(secret.as_str()), "D.5: never in clear");
        let (status, error, _) = world.sync_task(Task::ApplicationRoster).await;
        assert_eq!(status, "succeeded", "{error:?}");
        assert_eq!(row(&world, Purpose::Reader).await.status, "working");

        remove_connection(engine, &admin, Purpose::Reader).await.expect("removed");
        assert!(!engine.has_reader());
        let again = remove_connection(engine, &admin, Purpose::Reader).await;
        assert!(matches!(again, Err(CommandError::NotFound(_))), "{again:?}");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_entered_is_sealed_for_its_place_and_opens_after_a_restart() {
    on_each_store(|store| async {
        let mut world = World::builder().on(store).configured(&[]).unsynced().build().await;
        let admin = world.cast.admin.clone();
        for purpose in [Purpose::Reader, Purpose::Writer] {
            let new = secret_of(&world, purpose.as_str());
            save_connection(world.engine(), &admin, purpose, new).await.expect("saved");
        }
        world.restart().await;
        assert!(world.engine().has_reader() && world.engine().writer().is_configured());
        let (status, error, _) = world.sync_task(Task::LicenseInformation).await;
        assert_eq!(status, "succeeded", "{error:?}");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn the_configuration_s_connection_is_changed_in_the_configuration_alone() {
    on_each_store(|store| async {
        let world = World::builder().on(store).unsynced().build().await;
        let (engine, admin) = (world.engine(), &world.cast.admin);
        let new = secret_of(&world, "everything");
        let refused = save_connection(engine, admin, Purpose::Reader, new).await;
        assert!(
            matches!(&refused, Err(CommandError::NotAllowed(why)) if why.contains("configuration file")),
            "{refused:?}"
        );
        let refused = remove_connection(engine, admin, Purpose::Reader).await;
        assert!(matches!(refused, Err(CommandError::NotAllowed(_))), "{refused:?}");
        let (seen, checked) = check_connection(engine, admin, Purpose::Reader).await.expect("looked at");
        assert_eq!(
            (seen.status.as_str(), checked.tenant, checked.problem),
            ("working", Some(TenantCheck::Token), None),
            "C1"
        );
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_certificate_signs_in_says_its_own_end_and_a_damaged_one_names_its_field() {
    on_each_store(|store| async {
        let world = World::builder().on(store).configured(&[]).unsynced().build().await;
        let (engine, admin) = (world.engine(), &world.cast.admin);
        let app = world.sim.ready.app("reader");
        let pem = std::fs::read_to_string(app.certificate_file.as_ref().expect("a file")).expect("a certificate");
        for algorithm in [SigningAlgorithm::Ps256, SigningAlgorithm::Rs256] {
            let proof = EnteredProof::Certificate { pem: pem.clone(), algorithm };
            let new = NewConnection { client_id: app.client_id.clone(), proof };
            let saved = save_connection(engine, admin, Purpose::Reader, new).await.expect("saved");
            assert!(saved.expires_at.is_some() && saved.certificate_thumbprint.is_some(), "C3");
            let (status, error, _) = world.sync_task(Task::LicenseInformation).await;
            assert_eq!(status, "succeeded", "{algorithm:?}: {error:?}");
        }
        let proof = EnteredProof::Certificate { pem: "no certificate".to_owned(), algorithm: SigningAlgorithm::Ps256 };
        let new = NewConnection { client_id: app.client_id.clone(), proof };
        let refused = save_connection(engine, admin, Purpose::Reader, new).await;
        assert!(matches!(refused, Err(CommandError::Invalid { field: "certificate_pem", .. })), "{refused:?}");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn the_id_of_a_secret_is_not_taken_for_its_value_and_a_wrong_one_is_named() {
    on_each_store(|store| async {
        let world = World::builder().on(store).configured(&[]).unsynced().build().await;
        let (engine, admin) = (world.engine(), &world.cast.admin);
        let client_id = world.sim.ready.app("reader").client_id.clone();
        let with = |secret: &str| NewConnection {
            client_id: client_id.clone(),
            proof: EnteredProof::Secret { secret: secret.to_owned(), expires_on: None },
        };
        let refused = save_connection(engine, admin, Purpose::Reader, with(&client_id)).await;
        assert!(matches!(refused, Err(CommandError::Invalid { field: "client_secret", .. })), "1.6: {refused:?}");
        save_connection(engine, admin, Purpose::Reader, with("not-the-secret")).await.expect("saved");
        let (seen, checked) = check_connection(engine, admin, Purpose::Reader).await.expect("looked at");
        assert_eq!(seen.status, "failing");
        assert!(checked.problem.is_some_and(|problem| problem.contains("7000215")));
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_person_signs_in_at_microsoft_once_in_their_own_session_and_the_refresh_token_rotates() {
    on_each_store(|store| async {
        let world = World::builder().on(store).configured(&[]).unsynced().build().await;
        let (engine, admin) = (world.engine(), world.cast.admin.clone());
        let who = administrator(&world, &admin).await.user_principal_name;

        let stolen = signed_in_at_microsoft(&world, &admin, Some("session one"), &who).await;
        let refused = finish(&world, &stolen, Some("session two")).await;
        assert!(matches!(refused, Err(CommandError::Forbidden(_))), "{refused:?}");
        let refused = finish(&world, &stolen, Some("session one")).await;
        assert!(matches!(refused, Err(CommandError::NotAllowed(_))), "it was used up: {refused:?}");

        let query = signed_in_at_microsoft(&world, &admin, Some("session one"), &who).await;
        let finished = finish(&world, &query, Some("session one")).await.expect("signed in");
        assert_eq!(finished, Finished::SignedIn { purpose: Purpose::Reader, name: who.clone() });
        let again = finish(&world, &query, Some("session one")).await;
        assert!(matches!(again, Err(CommandError::NotAllowed(_))), "{again:?}");
        assert_eq!(row(&world, Purpose::Reader).await.signed_in_as.as_deref(), Some(who.as_str()), "F44");

        let (status, error, _) = world.sync_task(Task::LicenseInformation).await;
        assert_eq!(status, "succeeded", "{error:?}");
        let before = row(&world, Purpose::Reader).await;
        check_connection(engine, &admin, Purpose::Reader).await.expect("looked at");
        let after = row(&world, Purpose::Reader).await;
        assert_ne!(before.sealed_refresh_token, after.sealed_refresh_token, "1.4: each redemption brings a new one");
        assert!(after.sealed_previous_token.is_some(), "1.4: the one before is kept");
        let (status, error, _) = world.sync_task(Task::ApplicationRoster).await;
        assert_eq!(status, "succeeded", "{error:?}");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_takes_ten_minutes_at_most_and_whoever_began_it_still_has_to_administer() {
    on_each_store(|store| async {
        let world = World::builder().on(store).configured(&[]).unsynced().build().await;
        let engine = world.engine();
        let second = world.someone("second admin", &[Role::Admin]).await;
        let who = administrator(&world, &second).await.user_principal_name;
        let late = signed_in_at_microsoft(&world, &second, None, &who).await;
        world.advance(601).await;
        let refused = finish(&world, &late, None).await;
        assert!(matches!(refused, Err(CommandError::NotAllowed(_))), "{refused:?}");

        let query = signed_in_at_microsoft(&world, &second, None, &who).await;
        let change = reseat_engine::accounts::AccountChange { roles: None, enabled: Some(false) };
        let admin = &world.cast.admin;
        reseat_engine::accounts::change_account(engine, admin, second.account_id, change, 1).await.expect("disabled");
        let refused = finish(&world, &query, None).await;
        assert!(matches!(refused, Err(CommandError::Forbidden(_))), "{refused:?}");

        let no = finish(&world, "error=access_denied&error_description=AADSTS65004%3A+declined&state=x", None).await;
        assert!(matches!(no, Ok(Finished::Refused { purpose: None, .. })), "{no:?}");
        let foreign = finish(&world, "code=1&state=made-up", None).await;
        assert!(matches!(foreign, Err(CommandError::NotAllowed(_))), "{foreign:?}");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_person_whose_sessions_are_revoked_is_named_on_the_integration() {
    on_each_store(|store| async {
        let world = World::builder().on(store).configured(&[]).unsynced().build().await;
        let (engine, admin) = (world.engine(), world.cast.admin.clone());
        let person = administrator(&world, &admin).await;
        let query = signed_in_at_microsoft(&world, &admin, None, &person.user_principal_name).await;
        finish(&world, &query, None).await.expect("signed in");
        world.advance(2).await;
        world.sim.patch_user(person.user_id, json!({ "revoke_sessions": true })).await;
        check_connection(engine, &admin, Purpose::Reader).await.expect("looked at");
        let seen = row(&world, Purpose::Reader).await;
        assert_eq!(seen.status, "failing", "F43");
        let problem = seen.problem.unwrap_or_default();
        assert!(problem.contains(&person.user_principal_name) && problem.contains("50173"), "F43: {problem}");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_secret_that_ended_holds_the_writes_and_loses_nothing() {
    on_each_store(|store| async {
        let world = World::builder().on(store).configured(&[Purpose::Reader]).build().await;
        let (engine, admin) = (world.engine(), &world.cast.admin);
        let app = world.sim.ready.app("writer");
        let ends = |day: Day| NewConnection {
            client_id: app.client_id.clone(),
            proof: EnteredProof::Secret { secret: app.client_secret.clone(), expires_on: Some(day) },
        };
        let today = engine.now().day();
        let yesterday = Day::from_days_since_1970(today.days_since_1970() - 1);
        save_connection(engine, admin, Purpose::Writer, ends(yesterday)).await.expect("saved");
        let candidate = world.reclaim(world.idle_seats().await[0]).await;
        world.tick().await.expect("a pass");
        let mut tx = engine.store().read().await.expect("the database answers");
        let why = write_back::why_no_write(engine, &mut tx).await.expect("asked");
        drop(tx);
        assert!(why.as_ref().is_some_and(|why| why.contains("ended on")), "C3: {why:?}");
        assert!(world.sim.journal().await.is_empty(), "C3: held at zero");
        let in_a_month = Day::from_days_since_1970(today.days_since_1970() + 60);
        save_connection(engine, admin, Purpose::Writer, ends(in_a_month)).await.expect("saved");
        world.drain().await;
        assert_eq!(world.state(candidate).await.name(), StateName::ClosedComplete);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_writer_that_lost_its_right_pauses_names_it_and_goes_on_when_it_is_back() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let engine = world.engine();
        let candidate = world.reclaim(world.idle_seats().await[0]).await;
        world.sim.patch_app("writer", json!({ "permissions": ["User.Read.All"] })).await;
        for _ in 0..4 {
            world.tick().await.expect("a pass");
            world.advance(30).await;
        }
        let mut tx = engine.store().read().await.expect("the database answers");
        let why = write_back::why_no_write(engine, &mut tx).await.expect("asked").unwrap_or_default();
        drop(tx);
        assert!(why.contains("LicenseAssignment.ReadWrite.All") && why.contains("Reclamation"), "X8: {why}");
        assert!(world.sim.journal().await.is_empty(), "nothing was taken without the right");
        let permissions = json!({ "permissions": ["LicenseAssignment.ReadWrite.All"] });
        world.sim.patch_app("writer", permissions).await;
        world.advance(301).await;
        world.drain().await;
        assert_eq!(world.state(candidate).await.name(), StateName::ClosedComplete);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_right_that_goes_while_writes_are_under_way_stops_them_with_its_name_and_blames_no_seat() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let engine = world.engine();
        // Looked at and found good, then taken away: the token in use still says otherwise.
        check_connection(engine, &world.cast.admin, Purpose::Writer).await.expect("looked at");
        let candidate = world.reclaim(world.idle_seats().await[0]).await;
        let forbidden = json!({ "method": "POST", "path_contains": "assignLicense", "times": 1 });
        world.sim.plant("403-on-one", forbidden).await;
        world.sim.patch_app("writer", json!({ "permissions": [] })).await;
        world.tick().await.expect("a pass");
        let state = world.state(candidate).await;
        assert_eq!(state.name(), StateName::AwaitingRevocation, "X8: it waits");
        let seen = row(&world, Purpose::Writer).await;
        assert_eq!(seen.status, "failing");
        assert!(seen.problem.is_some_and(|problem| problem.contains("LicenseAssignment.ReadWrite.All")));
        world.sim.clear_faults().await;
        world.sim.patch_app("writer", json!({ "permissions": ["LicenseAssignment.ReadWrite.All"] })).await;
        world.advance(301).await;
        world.drain().await;
        assert_eq!(world.state(candidate).await.name(), StateName::ClosedComplete);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_person_whose_role_is_taken_away_makes_the_writer_read_only_until_it_is_back() {
    on_each_store(|store| async {
        let world = World::builder().on(store).configured(&[Purpose::Reader]).build().await;
        let (engine, admin) = (world.engine(), world.cast.admin.clone());
        let everybody = engine.reader().expect("a reader").people_page(None).await.expect("people");
        let person = everybody.items.into_iter().find(|person| person.account_enabled).expect("somebody");
        world.sim.patch_user(person.user_id, json!({ "roles": ["License Administrator"] })).await;
        let app = world.sim.ready.app("writer");
        let proof = EnteredProof::SignedIn { secret: Some(app.client_secret.clone()), expires_on: None };
        let new = NewConnection { client_id: app.client_id.clone(), proof };
        save_connection(engine, &admin, Purpose::Writer, new).await.expect("saved");
        let begun = begin_authorization(engine, &admin, None, Purpose::Writer, BACK).await.expect("begun");
        let location = world.sim.browse(&begun.url, &person.user_principal_name).await;
        finish(&world, location.split_once('?').expect("a query").1, None).await.expect("signed in");

        world.sim.patch_user(person.user_id, json!({ "roles": [] })).await;
        world.advance(61).await;
        let candidate = world.reclaim(world.idle_seats().await[0]).await;
        world.tick().await.expect("a pass");
        let seen = row(&world, Purpose::Writer).await;
        assert_eq!(seen.status, "read_only", "X7: {:?}", seen.problem);
        assert!(world.sim.journal().await.is_empty(), "X7: nothing is written by somebody who may not");
        world.sim.patch_user(person.user_id, json!({ "roles": ["License Administrator"] })).await;
        world.advance(301).await;
        world.drain().await;
        assert_eq!(world.state(candidate).await.name(), StateName::ClosedComplete);
        world.finish().await;
    })
    .await;
}
