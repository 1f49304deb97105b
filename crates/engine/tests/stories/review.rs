//! What a second pair of eyes suspected: each promise tried where it looked thinnest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reseat_connectors::graph::{Cloud, Credentials, Patience, Secret};
use reseat_domain::activity::SignIn;
use reseat_domain::budget::share;
use reseat_domain::candidate::{Action, Attention, CancelReason, CandidateState, StateName};
use reseat_domain::detect::{FindingKind, Verdict};
use reseat_domain::ids::{CandidateId, IntentId, SeatKey};
use reseat_domain::role::Role;
use reseat_engine::accounts::{AccountChange, NewAccount, change_account, create_account, create_account_on_host};
use reseat_engine::commands::{ActionInput, Thaw, act_on_many, freeze, import_roster, thaw};
use reseat_engine::entropy::SystemEntropy;
use reseat_engine::sealing::Sealer;
use reseat_engine::{
    Caller, CallerKind, CommandError, ConfiguredConnection, Engine, EngineParts, GraphAt, Purpose, Task, write_back,
};
use reseat_store::installation::{Account, accounts};
use reseat_store::trail::Log;
use reseat_store::{findings, integration, intents, rounds};
use reseat_testkit::{World, on_each_store};
use serde_json::{Value, json};

fn as_caller(account: &Account) -> Caller {
    Caller {
        account_id: account.id,
        name: account.name.clone(),
        roles: account.roles.clone(),
        user_id: account.user_id,
        kind: CallerKind::Session,
    }
}

/// An account of the person who holds `of`.
async fn account_of(world: &World, name: &str, roles: &[Role], of: SeatKey) -> Caller {
    let roles = roles.iter().copied().collect();
    let new = NewAccount { name: name.to_owned(), password_hash: None, roles, user_id: Some(of.user_id) };
    as_caller(&create_account_on_host(world.engine(), new).await.expect("the account can be made"))
}

/// Another server over the same database, whose configuration gives a reader and perhaps a writer.
async fn server_beside(world: &World, name: &str, purposes: &[Purpose]) -> Engine {
    let ready = &world.sim.ready;
    let cloud = Cloud::custom(&ready.graph_url, &ready.authority_url).expect("loopback addresses are fine");
    let patience = Patience { tries: 3, first_wait: Duration::from_millis(5), total: Duration::from_secs(3) };
    let configured = |purpose: &Purpose| {
        let app = ready.app(purpose.as_str());
        let credentials = Credentials::secret(&app.client_id, Secret::new(&app.client_secret));
        ConfiguredConnection { purpose: *purpose, credentials, expires_at: None }
    };
    Engine::start(EngineParts {
        store: world.engine().store().clone(),
        clock: Arc::clone(&world.clock) as Arc<dyn reseat_engine::clock::Clock>,
        entropy: Arc::new(SystemEntropy),
        sealer: Sealer::from_key([7; 32]),
        tenant_id: world.tenant_id(),
        tenant_name: "Contoso".to_owned(),
        graph: GraphAt { cloud, ca_file: None, patience: Some(patience) },
        configured: purposes.iter().map(configured).collect(),
        hr: None,
        settings: world.engine().settings().clone(),
        server_id: name.to_owned(),
        freeze_file: None,
    })
    .await
    .expect("a second server starts")
}

/// Does `then` as soon as the planted fault has bitten.
async fn once_bitten<Then: Future<Output = ()>>(world: &World, fault: &str, then: Then) {
    while world.sim.bitten(fault).await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    then.await;
}

/// The direct licenses of a person, as an administrator would give them again.
async fn direct_licenses(world: &World, seat: SeatKey) -> Vec<Value> {
    let person = world.sim.user(seat.user_id).await;
    let paths = person["licenses"].as_array().cloned().unwrap_or_default();
    let direct = paths.iter().filter(|path| path["group_id"].is_null());
    direct.map(|path| json!({ "sku_id": path["sku_id"], "disabled_plans": path["disabled_plans"] })).collect()
}

async fn verdict(world: &World, seat: SeatKey) -> Verdict {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let found = findings::find_finding(&mut tx, world.tenant_id(), seat).await.expect("findings can be read");
    found.expect("the seat was judged").verdict
}

async fn stored_sign_in(world: &World, seat: SeatKey) -> SignIn {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let facts = findings::find_facts(&mut tx, world.tenant_id(), seat).await.expect("facts can be read");
    facts.expect("the seat is held").sign_in.expect("the sweep read it").0
}

async fn verbs_of(world: &World, id: impl std::fmt::Display) -> Vec<String> {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let filter = reseat_store::read::audit::AuditFilter {
        object_kind: Some("candidate".to_owned()),
        object_id: Some(id.to_string()),
        ..Default::default()
    };
    let log = Log::Tenant(world.tenant_id());
    let page = reseat_store::read::audit::list_entries(&mut tx, log, &filter, None, 100).await.expect("read");
    page.items.into_iter().rev().map(|item| item.entry.verb).collect()
}

// --- evidence -------------------------------------------------------------------------------------

#[tokio::test]
async fn a_sign_in_listing_that_runs_out_is_begun_again_and_not_for_ever() {
    on_each_store(|store| async {
        let world = World::builder().on(store).users(1_200).build().await;
        // One page token that ran out is nothing: seed 2 makes it expire, not loop.
        world.sim.plant("next-link-expired-or-looping", json!({ "seed": 2 })).await;
        let (status, error, _) = world.sync_task(Task::ApplicationAccess).await;
        assert_eq!(status, "succeeded", "G45: {error:?}");
        assert_eq!(world.sim.bitten("next-link-expired-or-looping").await, 1);
        world.sim.clear_faults().await;

        world.sim.plant("next-link-expired-or-looping", json!({ "times": 100_000 })).await;
        let run = tokio::time::timeout(Duration::from_secs(60), world.sync_task(Task::ApplicationAccess));
        let (status, _, _) = run.await.expect("a lane that never gets on ends its run");
        assert_eq!(status, "failed", "G47");
        let bitten = world.sim.bitten("next-link-expired-or-looping").await;
        assert!(bitten <= 4, "begun again {bitten} times");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_person_whose_roster_row_could_not_be_used_is_unknown_and_the_line_is_named() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let mut lines: Vec<String> =
            String::from_utf8(world.roster.bytes()).expect("a roster is text").lines().map(str::to_owned).collect();
        // People who are employed, have nobody below them, and hold an idle seat.
        let mut chosen: Vec<(SeatKey, usize)> = Vec::new();
        for seat in world.idle_seats().await {
            let upn = world.sim.user(seat.user_id).await["user_principal_name"].as_str().expect("a name").to_owned();
            let mut rows = lines.iter().enumerate().filter(|(_, line)| line.contains(&upn));
            if let (Some((at, line)), None) = (rows.next(), rows.next())
                && line.contains(",active,")
            {
                chosen.push((seat, at));
            }
        }
        assert!(chosen.len() >= 3, "this story needs three such people");
        let [unreadable, shifted, doubled] = [chosen[0], chosen[1], chosen[2]];
        lines[unreadable.1] = lines[unreadable.1].replace(",active,", ",Aktiv,");
        lines[shifted.1] = format!("one more,{}", lines[shifted.1]);
        lines.push(lines[doubled.1].to_uppercase().replace(",ACTIVE,", ",inactive,"));
        world.roster.put(lines.join("\n") + "\n");
        let (status, error, _) = world.sync_task(Task::HrRoster).await;
        assert_eq!(status, "succeeded", "{error:?}");
        for (what, (seat, at)) in [("unreadable", unreadable), ("shifted", shifted), ("doubled", doubled)] {
            let verdict = verdict(&world, seat).await;
            assert_eq!(verdict.kind, FindingKind::InsufficientEvidence, "R5, R7: {what}: {verdict:#?}");
            let named = format!("line {} of the HR roster", at + 1);
            assert!(verdict.missing.iter().any(|missing| missing.why.contains(&named)), "{what}: {verdict:#?}");
        }
        // Whoever such a row names as a manager still has a good row of their own.
        let unknown = world
            .seats(FindingKind::InsufficientEvidence)
            .await
            .into_iter()
            .filter(|item| {
                let missing = item.finding.iter().flat_map(|finding| &finding.verdict.missing);
                missing.into_iter().any(|missing| missing.why.contains("could not be used"))
            })
            .map(|item| item.key().user_id)
            .collect::<BTreeSet<_>>();
        let expected = [unreadable, shifted, doubled].map(|(seat, _)| seat.user_id);
        assert_eq!(unknown, BTreeSet::from(expected), "nobody else is in doubt");
        world.roster.put(world.sim.roster().await);
        world.sync_task(Task::HrRoster).await;
        for (seat, _) in [unreadable, shifted, doubled] {
            assert_eq!(verdict(&world, seat).await.kind, FindingKind::Idle, "a good roster settles it");
        }
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_roster_file_that_nobody_wrote_again_grows_old_however_often_it_is_read() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let as_of = async || {
            let mut tx = world.engine().store().read().await.expect("the database answers");
            let sources = integration::list_sources(&mut tx, world.tenant_id()).await.expect("sources can be read");
            sources.into_iter().find(|row| row.source == "roster").and_then(|row| row.as_of)
        };
        let good = world.sim.roster().await;
        let written = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        world.roster.put_file(good.clone(), written);
        world.sync_task(Task::HrRoster).await;
        let first = as_of().await;
        for _ in 0..4 {
            world.advance(2 * 86_400).await;
            world.sync().await;
        }
        assert_eq!(as_of().await, first, "R8: the same file again is no change");
        assert!(world.seats(FindingKind::Idle).await.is_empty(), "after a week employment is not known");
        // Last year's file in its place.
        world.roster.put_file([good.as_slice(), b"\n"].concat(), written - Duration::from_secs(86_400));
        let (status, error, remedy) = world.sync_task(Task::HrRoster).await;
        assert_eq!(status, "failed", "R8");
        assert!(error.is_some_and(|error| error.contains("before the one in use")));
        assert!(remedy.is_some_and(|remedy| !remedy.is_empty()));
        // The same words, written anew today.
        world.roster.put_file(good, written + Duration::from_secs(8 * 86_400));
        world.sync_task(Task::HrRoster).await;
        assert!(as_of().await > first);
        assert!(!world.seats(FindingKind::Idle).await.is_empty(), "an export of today says so today");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_last_use_never_goes_backwards() {
    on_each_store(|store| async {
        const E3: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";
        let world = World::builder().on(store).build().await;
        let seats = world.idle_seats().await;
        let seat = *seats.iter().find(|seat| seat.sku_id.to_string() == E3).expect("an idle seat with services");
        let (now, long_ago) = (world.engine().now(), world.engine().now().plus_days(-400));
        world.sim.patch_user(seat.user_id, json!({ "last_sign_in": now.to_string() })).await;
        world.advance(86_400 * 3).await;
        world.roster.put(world.sim.roster().await);
        world.sync().await;
        assert_eq!(verdict(&world, seat).await.kind, FindingKind::InUse);
        let known = stored_sign_in(&world, seat).await;
        // A lagging replica, or a report made anew from less.
        world.sim.patch_user(seat.user_id, json!({ "last_sign_in": long_ago.to_string() })).await;
        world.advance(86_400 * 3).await;
        world.roster.put(world.sim.roster().await);
        world.sync().await;
        assert_eq!(stored_sign_in(&world, seat).await.last_successful, known.last_successful);
        let verdict = verdict(&world, seat).await;
        assert_eq!(verdict.kind, FindingKind::InUse, "{verdict:#?}");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_single_read_right_before_the_write_takes_nothing_back_that_the_sweep_saw() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        // Another server's sweep has just seen the person; this read meets an old replica.
        let now = world.engine().now();
        let seen = SignIn { last_successful: Some(now), ..SignIn::default() };
        let mut tx = world.engine().store().write().await.expect("the database answers");
        rounds::upsert_sign_ins(&mut tx, world.tenant_id(), &[(seat.user_id, seen)], now).await.expect("kept");
        tx.commit().await.expect("committed");
        world.drain().await;
        let state = world.state(id).await;
        assert_eq!(state, CandidateState::ClosedCanceled { why: CancelReason::ActivityReturned }, "H11, I11");
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn a_listing_of_a_server_that_lost_its_lease_is_not_published() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let rounds_published = async || {
            let mut tx = world.engine().store().read().await.expect("the database answers");
            let sources = integration::list_sources(&mut tx, world.tenant_id()).await.expect("sources can be read");
            sources.into_iter().find(|row| row.source == "people").map_or(0, |row| row.round)
        };
        let before = rounds_published().await;
        let everybody =
            world.engine().reader().expect("a reader").people_page(None).await.expect("the directory answers");
        // The listing is read; names of groups take long, and meanwhile another server takes over and
        // has read most of its own listing.
        world.sim.plant("slow", json!({ "method": "GET", "path_contains": "/groups/", "delay_ms": 1_500 })).await;
        let take_over = async {
            let now = world.engine().now();
            let later = now.plus_seconds(600);
            let mut tx = world.engine().store().write().await.expect("the database answers");
            let word = Task::ApplicationRoster.as_str();
            integration::make_task_due(&mut tx, world.tenant_id(), word, now).await.expect("made due");
            let until = later.plus_seconds(600);
            let epoch = integration::claim_task(&mut tx, world.tenant_id(), word, "other", later, until).await;
            assert!(epoch.expect("claimed").is_some(), "the lease ran out");
            rounds::clear_people_aside(&mut tx, world.tenant_id()).await.expect("begun");
            let most = &everybody.items[..everybody.items.len() - 4];
            rounds::put_people_aside(&mut tx, world.tenant_id(), most).await.expect("read");
            tx.commit().await.expect("committed");
        };
        reseat_engine::commands::sync_now(world.engine(), &world.cast.admin, Some(Task::ApplicationRoster))
            .await
            .expect("asked");
        let (pass, ()) = tokio::join!(world.tick(), once_bitten(&world, "slow", take_over));
        pass.expect("losing the lease is no failure");
        assert_eq!(rounds_published().await, before, "a partial listing is never published");
        world.finish().await;
    })
    .await;
}

// --- approvals ------------------------------------------------------------------------------------

async fn disable(world: &World, caller: &Caller) {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let account = accounts::find_account(&mut tx, caller.account_id).await.expect("read").expect("there");
    drop(tx);
    let change = AccountChange { roles: None, enabled: Some(false) };
    change_account(world.engine(), &world.cast.admin, account.id, change, account.version).await.expect("changed");
}

async fn take_role(world: &World, caller: &Caller, roles: &[Role]) {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let account = accounts::find_account(&mut tx, caller.account_id).await.expect("read").expect("there");
    drop(tx);
    let change = AccountChange { roles: Some(roles.iter().copied().collect()), enabled: None };
    change_account(world.engine(), &world.cast.admin, account.id, change, account.version).await.expect("changed");
}

#[tokio::test]
async fn an_approval_by_somebody_who_may_no_longer_approve_needs_another_approver() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seats = world.idle_seats().await;
        let gone = world.reclaim(seats[0]).await;
        let other = world.propose(seats[1]).await;
        world.act(&world.cast.second_approver, other, Action::Approve).await.expect("an approver may approve");
        disable(&world, &world.cast.approver).await;
        take_role(&world, &world.cast.second_approver, &[Role::Auditor]).await;
        world.drain().await;
        for (id, seat) in [(gone, seats[0]), (other, seats[1])] {
            assert_eq!(world.state_name(id).await, StateName::AwaitingApproval, "H7");
            assert_eq!(world.removals_of(seat).await, 0, "I1");
            assert!(verbs_of(&world, id).await.contains(&"candidate.approval_lapses".to_owned()));
        }
        take_role(&world, &world.cast.second_approver, &[Role::Approver]).await;
        world.advance(1).await;
        world.act(&world.cast.second_approver, gone, Action::Approve).await.expect("somebody else approves");
        world.drain().await;
        assert_eq!(world.state_name(gone).await, StateName::ClosedComplete, "the new approval is planned and written");
        assert_eq!(world.candidate(gone).await.approvals.len(), 2);
        assert_eq!(world.finish().await.removals, 1);
    })
    .await;
}

#[tokio::test]
async fn an_approver_who_is_disabled_while_the_write_reads_the_person_approves_nothing() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        let path = format!("users/{}", seat.user_id);
        world.sim.plant("slow", json!({ "method": "GET", "path_contains": path, "delay_ms": 1_500 })).await;
        let leave = once_bitten(&world, "slow", disable(&world, &world.cast.approver));
        let (pass, ()) = tokio::join!(world.tick(), leave);
        pass.expect("a pass");
        world.drain().await;
        assert_eq!(
            world.state_name(id).await,
            StateName::AwaitingApproval,
            "H7: looked at in the intent's transaction"
        );
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn two_accounts_of_one_person_are_one_person() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seats: Vec<SeatKey> = world.idle_seats().await.into_iter().take(12).collect();
        assert_eq!(seats.len(), 12, "this story needs twelve idle seats");
        let person = seats[11];
        let manages = account_of(&world, "ada manages", &[Role::LicenseManager], person).await;
        let approves = account_of(&world, "ada approves", &[Role::Approver], person).await;
        let mut ids = Vec::new();
        for seat in &seats[..11] {
            ids.push(world.open(*seat).await);
        }
        act_on_many(world.engine(), &manages, &ids, Action::Start, &ActionInput::default(), Some(11))
            .await
            .expect("the count is typed");
        let own = world.act(&approves, ids[0], Action::Approve).await;
        assert!(matches!(own, Err(CommandError::Forbidden(_))), "X32: people, not accounts: {own:?}");
        let held = world.propose(person).await;
        let own = world.act(&approves, held, Action::Approve).await;
        assert!(matches!(own, Err(CommandError::Forbidden(_))), "nobody about their own license: {own:?}");

        freeze(world.engine(), &manages, "wait").await.expect("anyone may freeze");
        assert_eq!(thaw(world.engine(), &manages, None).await.expect("asked"), Thaw::Asked);
        let same = thaw(world.engine(), &approves, None).await;
        assert!(matches!(same, Err(CommandError::NotAllowed(_))), "H10: one person is not two: {same:?}");
        world.drain().await;
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn a_wish_to_thaw_by_somebody_who_may_no_longer_wish_it_counts_for_nothing() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        freeze(world.engine(), &world.cast.auditor, "wait").await.expect("anyone may freeze");
        thaw(world.engine(), &world.cast.approver, None).await.expect("asked");
        disable(&world, &world.cast.approver).await;
        let second = thaw(world.engine(), &world.cast.manager, None).await.expect("asked anew");
        assert_eq!(second, Thaw::Asked, "two who may, not one and a memory");
        let third = thaw(world.engine(), &world.cast.second_approver, None).await.expect("the second of two");
        assert_eq!(third, Thaw::Thawed);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn nobody_gives_themselves_a_role_through_a_second_account() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let person = world.idle_seats().await[0];
        let admin = account_of(&world, "ada administers", &[Role::Admin], person).await;
        let second = account_of(&world, "ada looks", &[Role::Auditor], person).await;
        let change = AccountChange { roles: Some([Role::Approver].into()), enabled: None };
        let own = change_account(world.engine(), &admin, second.account_id, change, 1).await;
        assert!(matches!(own, Err(CommandError::NotAllowed(_))), "X10: {own:?}");
        let new = NewAccount {
            name: "ada approves".to_owned(),
            password_hash: None,
            roles: [Role::Approver].into(),
            user_id: Some(person.user_id),
        };
        let own = create_account(world.engine(), &admin, new).await;
        assert!(matches!(own, Err(CommandError::NotAllowed(_))), "X10: {own:?}");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn when_keep_and_approve_come_at_the_same_moment_the_result_is_keep() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seats: Vec<SeatKey> = world.idle_seats().await.into_iter().take(12).collect();
        for seat in seats {
            let id = world.propose(seat).await;
            let approve = world.act(&world.cast.approver, id, Action::Approve);
            let keep = world.act(&world.cast.second_approver, id, Action::Keep);
            let (_, kept) = tokio::join!(approve, keep);
            kept.expect("keep wins (I12, H9)");
            assert_eq!(world.state_name(id).await, StateName::ClosedSkipped);
        }
        world.drain().await;
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

// --- writes ---------------------------------------------------------------------------------------

async fn why_no_write(engine: &Engine) -> Option<String> {
    let mut tx = engine.store().read().await.expect("the database answers");
    write_back::why_no_write(engine, &mut tx).await.expect("asked")
}

#[tokio::test]
async fn a_server_without_a_writer_leaves_what_is_approved_waiting_and_says_why() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        let observer = server_beside(&world, "observer", &[Purpose::Reader]).await;
        for _ in 0..20 {
            observer.tick().await.expect("a pass");
            world.advance(11).await;
        }
        assert_eq!(world.state_name(id).await, StateName::AwaitingRevocation);
        assert!(world.candidate(id).await.writes.is_empty(), "nothing is begun that cannot be sent");
        let why = why_no_write(&observer).await.expect("there is a reason");
        assert!(why.contains("writer"), "{why}");
        assert_eq!(why_no_write(world.engine()).await, None);
        freeze(world.engine(), &world.cast.auditor, "the roster looks wrong").await.expect("anyone may freeze");
        let why = why_no_write(world.engine()).await.expect("there is a reason");
        assert!(why.contains("the roster looks wrong"), "{why}");
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn three_forbidden_in_a_row_open_the_breaker_although_earlier_removals_are_proven_in_between() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seats = world.idle_seats().await;
        world.reclaim(seats[0]).await;
        world.tick().await.expect("the first is sent");
        world.advance(1).await;
        world.sim.plant("403-on-one", json!({ "path_contains": "assignLicense", "times": 100 })).await;
        for seat in &seats[1..3] {
            world.reclaim(*seat).await;
        }
        world.tick().await.expect("two are refused");
        for _ in 0..4 {
            world.advance(4).await;
            world.tick().await.expect("the first is proven");
        }
        world.reclaim(seats[3]).await;
        world.tick().await.expect("a third is refused");
        assert_eq!(world.sim.bitten("403-on-one").await, 3);
        let mut tx = world.engine().store().read().await.expect("the database answers");
        let open = reseat_store::circuits::find_circuit(&mut tx, world.tenant_id()).await.expect("read");
        assert!(open.is_some(), "G15: the right is gone, whatever was proven meanwhile");
        drop(tx);
        world.sim.clear_faults().await;
        let id = world.reclaim(seats[4]).await;
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::AwaitingRevocation);
        assert_eq!(world.finish().await.removals, 1);
    })
    .await;
}

#[tokio::test]
async fn a_freeze_that_comes_while_the_person_is_read_stops_that_write() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        let path = format!("users/{}", seat.user_id);
        world.sim.plant("slow", json!({ "method": "GET", "path_contains": path, "delay_ms": 1_500 })).await;
        let stop = async {
            freeze(world.engine(), &world.cast.auditor, "stop").await.expect("anyone may freeze");
        };
        let (pass, ()) = tokio::join!(world.tick(), once_bitten(&world, "slow", stop));
        pass.expect("a pass");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::AwaitingRevocation, "I9");
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn a_late_answer_to_a_write_that_was_settled_meanwhile_moves_nothing() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.sim.plant("5xx-before-effect", json!({ "path_contains": "assignLicense" })).await;
        world.drain().await;
        let detail = world.candidate(id).await;
        assert_eq!((world.state_name(id).await, detail.writes.len()), (StateName::ClosedComplete, 2));
        let first: IntentId = detail.writes[0].id.parse().expect("an id");
        let mut tx = world.engine().store().read().await.expect("the database answers");
        let intent = intents::find_intent(&mut tx, world.tenant_id(), first).await.expect("read").expect("there");
        drop(tx);
        // A server that slept through its lease wakes up and sends at last.
        let late = server_beside(&world, "late", &[Purpose::Reader, Purpose::Writer]).await;
        write_back::send(&late, id, &intent).await.expect("an answer nobody waits for is only noted");
        let after = world.candidate(id).await;
        assert_eq!(after.item.state, detail.item.state);
        assert_eq!(after.writes[0].state, detail.writes[0].state, "what evidence settled stays settled");
        assert_eq!(world.finish().await.removals, 1);
    })
    .await;
}

#[tokio::test]
async fn a_write_that_cannot_be_begun_keeps_nobody_elses_proof_waiting() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seats = world.idle_seats().await;
        let proven = world.reclaim(seats[0]).await;
        world.tick().await.expect("the first is sent");
        let path = format!("users/{}", seats[1].user_id);
        world.sim.plant("5xx-before-effect", json!({ "method": "GET", "path_contains": path, "times": 1_000 })).await;
        world.reclaim(seats[1]).await;
        world.advance(4).await;
        let pass = world.tick().await;
        assert!(pass.is_err(), "the second person cannot be read");
        assert_eq!(world.candidate(proven).await.writes[0].agreeing_reads, 1, "the first was read all the same");
        world.sim.clear_faults().await;
        world.drain().await;
        assert_eq!(world.finish().await.removals, 2);
    })
    .await;
}

async fn sends_of_restores(world: &World, id: CandidateId) -> Vec<i64> {
    let writes = world.candidate(id).await.writes;
    writes.iter().filter(|write| write.kind == "restore").map(|write| write.sends).collect()
}

#[tokio::test]
async fn a_restore_that_microsoft_accepted_is_never_sent_again_by_looking_again() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.drain().await;
        // Replicas that show, for a month, that the license is gone.
        world.advance(32 * 86_400).await;
        world.sim.settings(json!({ "read_lag_ms": 30 * 86_400_000_i64 })).await;
        world.act(&world.cast.manager, id, Action::Restore).await.expect("a manager may restore");
        // The first try may meet a token that ran out in that month.
        for _ in 0..2 {
            world.tick().await.expect("it is sent");
            world.advance(11).await;
        }
        assert_eq!(world.restores_of(seat).await, 1);
        let sent = sends_of_restores(&world, id).await;
        for _ in 0..3 {
            world.advance(13 * 3_600).await;
            let _ = world.tick().await;
        }
        match world.state(id).await {
            CandidateState::AttentionRequired { cause: Attention::NotProven, .. } => {}
            other => panic!("the readings never agreed: {other:?}"),
        }
        world.act(&world.cast.manager, id, Action::Retry).await.expect("a manager may look again");
        for _ in 0..10 {
            world.advance(10).await;
            let _ = world.tick().await;
        }
        let again = sends_of_restores(&world, id).await;
        assert_eq!(again, sent, "accepted is accepted; another try is another restore, with its own yes");
        world.sim.settings(json!({ "read_lag_ms": 1_000 })).await;
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedRestored);
        let judgement = world.finish().await;
        assert_eq!((judgement.removals, judgement.restores), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_seat_with_a_newer_open_candidate_is_not_restored_by_an_old_one() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let licenses = direct_licenses(&world, seat).await;
        let old = world.reclaim(seat).await;
        world.drain().await;
        world.sim.give(seat.user_id, json!(licenses)).await;
        world.advance(32 * 86_400).await;
        world.roster.put(world.sim.roster().await);
        world.sync().await;
        let new = world.open(seat).await;
        assert_ne!(new, old);
        let refused = world.act(&world.cast.manager, old, Action::Restore).await;
        assert!(matches!(refused, Err(CommandError::NotAllowed(_))), "{refused:?}");
        assert_eq!(world.state_name(old).await, StateName::ClosedComplete);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn every_answer_of_microsoft_has_its_entry_in_the_trail() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.sim.plant("5xx-after-effect", json!({ "path_contains": "assignLicense" })).await;
        world.tick().await.expect("a pass");
        assert_eq!(world.state_name(id).await, StateName::Revoking);
        assert_eq!(verbs_of(&world, id).await.last().map(String::as_str), Some("candidate.write_unknown"), "I7");
        world.drain().await;
        world.act(&world.cast.manager, id, Action::Restore).await.expect("a manager may restore");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedRestored);
        let verbs = verbs_of(&world, id).await;
        let counted: BTreeMap<&str, usize> = verbs.iter().fold(BTreeMap::new(), |mut counted, verb| {
            *counted.entry(verb.as_str()).or_default() += 1;
            counted
        });
        for verb in ["candidate.restore", "candidate.restore_sent", "candidate.restore_accepted"] {
            assert_eq!(counted.get(verb), Some(&1), "I7: {verbs:?}");
        }
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_gone_proves_no_removal_that_nobody_knows_of() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.sim.plant("5xx-before-effect", json!({ "path_contains": "assignLicense" })).await;
        world.tick().await.expect("a pass");
        assert_eq!(world.state_name(id).await, StateName::Revoking);
        world.sim.delete_user(seat.user_id).await;
        world.drain().await;
        match world.state(id).await {
            CandidateState::AttentionRequired { cause: Attention::NotProven, .. } => {}
            other => panic!("G34: nobody can tell any more whether it was ours: {other:?}"),
        }
        assert!(world.candidate(id).await.savings.is_empty(), "no saving of ours");
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_published_while_seats_are_judged_is_judged_next() {
    on_each_store(|store| async {
        let world = World::builder().on(store).users(1_200).build().await;
        let tenant_id = world.tenant_id();
        let roster = String::from_utf8(world.roster.bytes()).expect("a roster is text");
        // The first seats that are judged, and somebody among their holders who is employed.
        let mut found = None;
        for seat in world.idle_seats().await {
            let upn = world.sim.user(seat.user_id).await["user_principal_name"].as_str().expect("a name").to_owned();
            let row = roster.lines().find(|line| line.split(',').nth(1) == Some(upn.as_str()));
            if let Some(row) = row.filter(|row| row.contains(",active,")) {
                found = Some((seat, row.to_owned()));
                break;
            }
        }
        let (seat, row) = found.expect("this story needs somebody employed with an idle seat");
        let away = roster.replace(&row, &row.replace(",active,", ",on leave,"));
        let mut tx = world.engine().store().write().await.expect("the database answers");
        integration::request_detection(&mut tx, tenant_id).await.expect("asked");
        tx.commit().await.expect("committed");
        let import = import_roster(world.engine(), &world.cast.manager, away.as_bytes());
        let (pass, imported) = tokio::join!(world.tick(), import);
        pass.expect("a pass");
        imported.expect("a good roster");
        world.tick().await.expect("a pass");
        assert_eq!(verdict(&world, seat).await.kind, FindingKind::InUse, "on leave: every seat is kept");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn seats_on_their_way_raise_no_limit() {
    on_each_store(|store| async {
        let probe = World::builder().users(300).build().await;
        let mut idle: BTreeMap<_, Vec<SeatKey>> = BTreeMap::new();
        for seat in probe.idle_seats().await {
            idle.entry(seat.sku_id).or_default().push(seat);
        }
        let mut holders: BTreeMap<_, u32> = BTreeMap::new();
        for item in probe.all_seats().await {
            *holders.entry(item.key().sku_id).or_default() += 1;
        }
        probe.finish().await;
        // A share that the limit just reaches, so that counting those on their way twice would pass it.
        let mut wanted = None;
        for (sku_id, seats) in &idle {
            let held = holders[sku_id];
            let tight = |percent: &u32| {
                let limit = share(*percent, held);
                limit >= 2 && (limit as usize) < seats.len().min(5) && share(*percent, held + limit) > limit
            };
            wanted = wanted.or((1..=50).find(tight).map(|percent| (percent, share(percent, held), seats.clone())));
        }
        let (percent, limit, seats) = wanted.expect("a license type with enough idle seats");
        let builder = World::builder().on(store).users(300);
        let world = builder.settings(|settings| settings.budget.per_30_days_percent = percent).build().await;
        for seat in &seats[..limit as usize + 1] {
            world.reclaim(*seat).await;
        }
        for _ in 0..30 {
            world.tick().await.expect("a pass");
            world.advance(4).await;
        }
        assert_eq!(world.finish().await.removals, limit as usize, "I5: {percent} percent");
    })
    .await;
}
