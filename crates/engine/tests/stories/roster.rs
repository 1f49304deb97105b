//! The HR roster: mistakes are held back whole, bad rows are set apart, and the last good one stays.

use reseat_domain::detect::FindingKind;
use reseat_engine::commands::import_roster;
use reseat_engine::{CommandError, Task};
use reseat_testkit::{World, on_each_store};

fn text(world: &World) -> String {
    String::from_utf8(world.roster.bytes()).expect("a roster is text")
}

async fn leavers(world: &World) -> usize {
    let items = world.seats(FindingKind::Idle).await;
    let left = |item: &&reseat_store::read::seats::SeatItem| {
        item.finding
            .as_ref()
            .is_some_and(|finding| finding.verdict.justifications.contains(&reseat_domain::rule::Justification::Leaver))
    };
    items.iter().filter(left).count()
}

#[tokio::test]
async fn a_roster_that_cannot_be_right_is_held_and_the_last_good_one_stays() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let good = text(&world);
        let (idle_before, leavers_before) = (world.seats(FindingKind::Idle).await.len(), leavers(&world).await);
        assert!(leavers_before > 0, "the world has leavers");
        let header = good.lines().next().expect("a header").to_owned();
        let half: Vec<&str> = good.lines().take(good.lines().count() / 2).collect();
        let mistakes = [
            ("R1: empty", String::new()),
            ("R2: header only", format!("{header}\n")),
            ("R3: half a file", half.join("\n") + "\n"),
            ("R6: everybody left", good.replace(",active,", ",inactive,")),
            ("R9: another company", good.replace("@contoso.example", "@fabrikam.example")),
        ];
        for (what, roster) in mistakes {
            world.roster.put(roster);
            let (status, error, remedy) = world.sync_task(Task::HrRoster).await;
            assert_ne!(status, "succeeded", "{what}");
            assert!(error.is_some_and(|error| error.len() > 20), "{what}: the message says what is wrong");
            assert!(remedy.is_some_and(|remedy| !remedy.is_empty()), "{what}: and what to do");
            assert_eq!(leavers(&world).await, leavers_before, "{what}");
            assert_eq!(world.seats(FindingKind::Idle).await.len(), idle_before, "{what}");
        }
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn everybody_inactive_in_the_very_first_roster_is_not_believed_either() {
    on_each_store(|store| async {
        let world = World::builder().on(store).unsynced().build().await;
        let everybody = text(&world).replace(",active,", ",inactive,");
        world.roster.put(everybody);
        world.sync().await;
        assert_eq!(leavers(&world).await, 0, "R6");
        // With a roster connected and none that can be believed, employment is not known.
        assert_eq!(world.seats(FindingKind::Idle).await.len(), 0, "I11");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn bad_rows_are_set_apart_with_line_and_reason_and_the_rest_is_used() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let mut lines: Vec<String> = text(&world).lines().map(str::to_owned).collect();
        // The third line of the file loses its address.
        let broken = lines[2].split(',').map(|cell| if cell.contains('@') { "nobody" } else { cell });
        lines[2] = broken.collect::<Vec<_>>().join(",");
        let file = lines.join("\n") + "\n";
        let imported =
            import_roster(world.engine(), &world.cast.manager, file.as_bytes()).await.expect("the rest is good");
        assert_eq!(imported.quarantined.len(), 1, "{:?}", imported.quarantined);
        assert_eq!(imported.quarantined[0].0, 3, "the line in the file");
        assert!(imported.quarantined[0].1.contains("nobody"), "{}", imported.quarantined[0].1);
        assert_eq!(imported.accepted as usize, lines.len() - 2);
        let refused = import_roster(world.engine(), &world.cast.auditor, file.as_bytes()).await;
        assert!(matches!(refused, Err(CommandError::Forbidden(_))));
        let nothing = import_roster(world.engine(), &world.cast.manager, b"").await;
        assert!(matches!(nothing, Err(CommandError::Held { .. })), "R1: {nothing:?}");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn from_the_first_imported_roster_on_employment_is_asked_of_every_seat() {
    on_each_store(|store| async {
        let world = World::builder().on(store).without_roster().build().await;
        assert_eq!(world.seats(FindingKind::NeedsPerson).await.len(), 0, "no roster, no question");
        let roster = world.sim.roster().await;
        import_roster(world.engine(), &world.cast.manager, &roster).await.expect("a good roster");
        world.tick().await.expect("a pass");
        assert!(!world.seats(FindingKind::NeedsPerson).await.is_empty(), "who has no row needs a person");
        assert!(leavers(&world).await > 0);
        world.finish().await;
    })
    .await;
}
