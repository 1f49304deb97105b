use super::*;
use crate::directory::OpenWord;
use crate::plan::after_write;
use crate::time::Timestamp;

fn id(number: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(number)
}

fn user() -> UserId {
    UserId::from_uuid(id(1))
}

fn sku(number: u128) -> SkuId {
    SkuId::from_uuid(id(100 + number))
}

fn group(number: u128) -> GroupId {
    GroupId::from_uuid(id(200 + number))
}

fn plan(number: u128) -> ServicePlanId {
    ServicePlanId::from_uuid(id(300 + number))
}

fn path(via: Via, off: &[u128]) -> Path {
    Path {
        via,
        disabled_plans: off.iter().map(|number| plan(*number)).collect(),
        state: OpenWord("Active".to_owned()),
        last_updated: Some(Timestamp::from_micros(5)),
    }
}

fn licensed(number: u128, kind: GroupKind, skus: &[u128]) -> GroupTerms {
    GroupTerms {
        group_id: group(number),
        display_name: format!("G{number}"),
        kind,
        skus: skus.iter().map(|number| (sku(*number), BTreeSet::new())).collect(),
    }
}

/// A person, their groups and a catalog, from what is assigned directly and which groups they are in.
#[derive(Debug, Clone)]
struct World {
    state: LicenseState,
    groups: BTreeMap<GroupId, GroupTerms>,
    catalog: BTreeMap<SkuId, Vec<SkuPlan>>,
    hold: MailboxHold,
}

impl World {
    fn new(direct: &[(u128, &[u128])], groups: Vec<GroupTerms>) -> Self {
        let mut paths: Paths = BTreeMap::new();
        for (number, off) in direct {
            paths.entry(sku(*number)).or_default().push(path(Via::Direct, off));
        }
        for member in &groups {
            for (sku_id, off) in &member.skus {
                let given = Path { disabled_plans: off.clone(), ..path(Via::Group { group_id: member.group_id }, &[]) };
                paths.entry(*sku_id).or_default().push(given);
            }
        }
        let assigned = paths.iter().map(|(sku, paths)| (*sku, effective(paths).expect("a path"))).collect();
        let memberships = groups.iter().map(|group| group.group_id).collect();
        let state = LicenseState {
            user_id: user(),
            account_enabled: true,
            usage_location: Some("DE".to_owned()),
            assigned,
            paths,
            groups: Some(memberships),
        };
        let groups = groups.into_iter().map(|group| (group.group_id, group)).collect();
        Self { state, groups, catalog: BTreeMap::new(), hold: MailboxHold::NotOnHold }
    }

    fn with_plans(mut self, of: u128, names: &[(u128, &str)]) -> Self {
        let plans = names.iter().map(|(number, name)| SkuPlan { plan_id: plan(*number), name: (*name).to_owned() });
        self.catalog.insert(sku(of), plans.collect());
        self
    }

    fn solve(&self, number: u128) -> Result<RemovalPath, NoPath> {
        let facts = Facts { state: &self.state, groups: &self.groups, catalog: &self.catalog, hold: self.hold };
        removal_path(&facts, sku(number))
    }

    fn obstacles(&self, number: u128) -> Vec<GroupObstacle> {
        match self.solve(number) {
            Err(NoPath::Groups { groups, .. }) => groups.into_iter().map(|(_, obstacle)| obstacle).collect(),
            other => panic!("{other:?}"),
        }
    }
}

fn direct(number: u128) -> Write {
    Write::RemoveLicense { user_id: user(), sku_id: sku(number) }
}

fn leave(number: u128) -> Write {
    Write::LeaveGroup { user_id: user(), group_id: group(number) }
}

fn writes(path: &RemovalPath) -> Vec<Write> {
    path.writes().cloned().collect()
}

#[test]
fn groups_are_left_first_and_the_direct_assignment_goes_last() {
    let world =
        World::new(&[(1, &[])], vec![licensed(1, GroupKind::Static, &[1]), licensed(2, GroupKind::Microsoft365, &[1])]);
    let path = world.solve(1).expect("there is a way");
    assert_eq!(writes(&path), [leave(1), leave(2), direct(1)], "4.4");
    assert!(
        matches!(&path.also_lost[..], [AlsoLost::TeamAndSite { .. }, AlsoLost::Membership { .. }]),
        "the gravest first: {:?}",
        path.also_lost
    );
    let alone = World::new(&[(1, &[])], vec![]).solve(1).expect("held directly");
    assert_eq!((writes(&alone), alone.binding()), (vec![direct(1)], None));
    assert!(path.binding().is_some());
}

#[test]
fn each_kind_of_group_is_left_or_refused_as_it_must_be() {
    for kind in GroupKind::ALL {
        let world = World::new(&[], vec![licensed(1, *kind, &[1])]);
        let leaves = matches!(kind, GroupKind::Static | GroupKind::Microsoft365);
        match world.solve(1) {
            Ok(path) => assert!(leaves && writes(&path) == [leave(1)], "4.4: {kind}"),
            Err(NoPath::Groups { also_direct: false, groups }) => {
                assert_eq!(groups, [(group(1), GroupObstacle::Kind(*kind))], "4.4");
                assert!(!leaves, "{kind}");
            }
            Err(other) => panic!("{kind}: {other:?}"),
        }
    }
}

#[test]
fn a_group_that_gives_more_is_left_only_where_the_rest_is_held_otherwise() {
    let bundle = || licensed(1, GroupKind::Static, &[1, 2]);
    assert_eq!(World::new(&[], vec![bundle()]).obstacles(1), [GroupObstacle::CarriesMore(vec![sku(2)])]);
    let otherwise = World::new(&[(2, &[])], vec![bundle()]);
    assert_eq!(writes(&otherwise.solve(1).expect("2 stays")), [leave(1)]);
    let fewer_plans = World::new(&[(2, &[7])], vec![bundle()]);
    assert_eq!(fewer_plans.obstacles(1), [GroupObstacle::CarriesMore(vec![sku(2)])], "a plan of it would go");
    // Held through a second bundle that is left too.
    let both = World::new(&[], vec![bundle(), licensed(2, GroupKind::Static, &[1, 2])]);
    assert_eq!(both.obstacles(1).len(), 2);
    // The other path is in error: nobody may count on it.
    let mut broken = World::new(&[(2, &[])], vec![bundle()]);
    for path in broken.state.paths.get_mut(&sku(2)).expect("held") {
        if path.via == Via::Direct {
            path.state = OpenWord("Error".to_owned());
        }
    }
    assert_eq!(broken.obstacles(1), [GroupObstacle::CarriesMore(vec![sku(2)])]);
    // What the group carries has not reached the person yet, and would.
    let mut pending = World::new(&[], vec![bundle()]);
    pending.state.paths.remove(&sku(2));
    pending.state.assigned.remove(&sku(2));
    assert_eq!(pending.obstacles(1), [GroupObstacle::CarriesMore(vec![sku(2)])]);
}

#[test]
fn every_group_in_the_way_is_named_with_its_reason() {
    let mut world = World::new(
        &[(1, &[])],
        vec![
            licensed(1, GroupKind::Dynamic, &[1]),
            licensed(2, GroupKind::Static, &[1, 3]),
            licensed(3, GroupKind::Static, &[1]),
            licensed(4, GroupKind::Static, &[1]),
        ],
    );
    world.groups.remove(&group(3));
    world.groups.get_mut(&group(4)).expect("there").skus.clear();
    let NoPath::Groups { also_direct, groups } = world.solve(1).expect_err("four in the way") else { panic!() };
    assert!(also_direct, "G26");
    assert_eq!(
        groups,
        [
            (group(1), GroupObstacle::Kind(GroupKind::Dynamic)),
            (group(2), GroupObstacle::CarriesMore(vec![sku(3)])),
            (group(3), GroupObstacle::Unread),
            (group(4), GroupObstacle::CarriesNotThis),
        ]
    );
}

#[test]
fn what_others_need_is_not_taken_from_under_them() {
    let suite = [(1, "SHAREPOINTENTERPRISE"), (2, "EXCHANGE_S_ENTERPRISE")];
    let project = [(3, "SHAREPOINT_PROJECT"), (4, "SHAREPOINTENTERPRISE")];
    let world = |off: &[u128]| World::new(&[(1, &[]), (2, off)], vec![]).with_plans(1, &suite).with_plans(2, &project);
    assert!(world(&[]).solve(1).is_ok(), "it brings its own");
    assert_eq!(world(&[4]).solve(1), Err(NoPath::NeededBy(vec![sku(2)])), "G30, 4.5");
    assert!(world(&[3, 4]).solve(1).is_ok(), "what is switched off needs nothing");
    assert!(world(&[4]).solve(2).is_ok(), "the add-on itself can go");
    // Nobody knows how the add-on is held: it may need the suite.
    let mut unknown = world(&[4]);
    unknown.state.paths.remove(&sku(2));
    unknown.catalog.insert(sku(2), vec![SkuPlan { plan_id: plan(3), name: "SHAREPOINT_PROJECT".to_owned() }]);
    unknown.state.assigned.insert(sku(2), BTreeSet::new());
    assert_eq!(unknown.solve(1), Err(NoPath::NeededBy(vec![sku(2)])));
}

#[test]
fn the_last_license_that_keeps_a_hold_stays_and_an_unknown_hold_is_told() {
    let world = |hold| {
        let world = World::new(&[(1, &[]), (2, &[])], vec![]).with_plans(1, &[(2, "EXCHANGE_S_ENTERPRISE")]);
        World { hold, ..world }
    };
    assert_eq!(world(MailboxHold::OnHold).solve(1), Err(NoPath::KeepsHold), "4.6");
    assert_eq!(world(MailboxHold::NotOnHold).solve(1).expect("no hold").also_lost, []);
    assert_eq!(world(MailboxHold::Unknown).solve(1).expect("told").also_lost, [AlsoLost::HoldUnknown]);
    assert_eq!(world(MailboxHold::Unknown).solve(2).expect("no mailbox").also_lost, []);
    let second = world(MailboxHold::OnHold).with_plans(2, &[(2, "EXCHANGE_S_ENTERPRISE")]);
    assert!(second.solve(1).is_ok(), "the other one keeps the hold");
}

#[test]
fn what_is_not_known_is_not_removed() {
    assert_eq!(World::new(&[], vec![]).solve(1), Err(NoPath::NotHeld));
    let mut undated = World::new(&[(1, &[])], vec![licensed(1, GroupKind::Static, &[1])]);
    for path in undated.state.paths.get_mut(&sku(1)).expect("held") {
        if path.via != Via::Direct {
            path.last_updated = None;
        }
    }
    assert_eq!(undated.solve(1), Err(NoPath::Unknown), "G25: told from no other");
    let mut unexplained = World::new(&[(1, &[])], vec![]);
    unexplained.state.paths.clear();
    assert_eq!(unexplained.solve(1), Err(NoPath::Unknown));
}

#[test]
fn a_group_is_bound_by_what_it_gives_and_not_by_its_name() {
    let path = |group| World::new(&[], vec![group]).solve(1).expect("a way");
    let plain = path(licensed(1, GroupKind::Static, &[1]));
    let renamed = path(GroupTerms { display_name: "other".to_owned(), ..licensed(1, GroupKind::Static, &[1]) });
    assert_eq!(plain.binding(), renamed.binding());
    let mut fewer = licensed(1, GroupKind::Static, &[1]);
    fewer.skus.insert(sku(1), [plan(9)].into());
    assert_ne!(plain.binding(), path(fewer).binding(), "other plans");
    assert_ne!(plain.binding(), path(licensed(1, GroupKind::Microsoft365, &[1])).binding(), "another kind");
}

/// The small model of Graph's licensing: what a person holds follows from direct assignments and from
/// memberships of groups, and a write changes either.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Model {
    direct: BTreeMap<SkuId, BTreeSet<ServicePlanId>>,
    member_of: BTreeSet<GroupId>,
}

impl Model {
    /// `None` where Graph would refuse.
    fn apply(&self, write: &Write, groups: &BTreeMap<GroupId, GroupTerms>) -> Option<Self> {
        let mut next = self.clone();
        match write {
            Write::RemoveLicense { sku_id, .. } => next.direct.remove(sku_id).map(|_| ())?,
            Write::LeaveGroup { group_id, .. } => {
                let may = groups[group_id].kind.why_not().is_none();
                (may && next.member_of.remove(group_id)).then_some(())?;
            }
            other => panic!("the solver never writes {other:?}"),
        }
        Some(next)
    }

    fn held(&self, groups: &BTreeMap<GroupId, GroupTerms>) -> Holdings {
        let mut paths: Paths = BTreeMap::new();
        for (sku_id, off) in &self.direct {
            paths.entry(*sku_id).or_default().push(Path { disabled_plans: off.clone(), ..path(Via::Direct, &[]) });
        }
        for group_id in &self.member_of {
            for (sku_id, off) in &groups[group_id].skus {
                let via = Via::Group { group_id: *group_id };
                paths.entry(*sku_id).or_default().push(Path { disabled_plans: off.clone(), ..path(via, &[]) });
            }
        }
        paths.iter().map(|(sku, paths)| (*sku, effective(paths).expect("a path"))).collect()
    }
}

/// Plans as the catalog of the small worlds has them: sku 2 needs sku 1's SharePoint when its own is off.
fn small_catalog(world: World) -> World {
    world
        .with_plans(1, &[(1, "SHAREPOINTENTERPRISE"), (2, "EXCHANGE_S_ENTERPRISE")])
        .with_plans(2, &[(3, "SHAREPOINT_PROJECT"), (4, "SHAREPOINTENTERPRISE")])
}

fn has_orphan(held: &Holdings, world: &World) -> bool {
    let on: BTreeSet<&str> = held
        .iter()
        .flat_map(|(sku, off)| world.catalog.get(sku).into_iter().flatten().filter(|plan| !off.contains(&plan.plan_id)))
        .map(|plan| plan.name.as_str())
        .collect();
    on.iter().any(|plan| lacks_its_base(plan, &on))
}

/// The smallest set of writes that frees exactly the sku, by trying every subset of every possible write.
fn brute_force(world: &World, number: u128) -> Option<BTreeSet<String>> {
    let start = Model {
        direct: world
            .state
            .paths
            .iter()
            .filter_map(|(sku, paths)| {
                let direct = paths.iter().find(|path| path.via == Via::Direct)?;
                Some((*sku, direct.disabled_plans.clone()))
            })
            .collect(),
        member_of: world.groups.keys().copied().collect(),
    };
    let before = start.held(&world.groups);
    let mut possible: Vec<Write> =
        start.direct.keys().map(|&sku_id| Write::RemoveLicense { user_id: user(), sku_id }).collect();
    possible.extend(start.member_of.iter().map(|&group_id| Write::LeaveGroup { user_id: user(), group_id }));
    let mut wanted = before.clone();
    wanted.remove(&sku(number))?;
    let mut best: Option<BTreeSet<String>> = None;
    for subset in 1_u32..1 << possible.len() {
        let chosen: Vec<&Write> =
            possible.iter().enumerate().filter(|(bit, _)| subset >> bit & 1 == 1).map(|(_, write)| write).collect();
        let end = chosen.iter().try_fold(start.clone(), |model, write| model.apply(write, &world.groups));
        let Some(end) = end else { continue };
        let after = end.held(&world.groups);
        if after != wanted || (has_orphan(&after, world) && !has_orphan(&before, world)) {
            continue;
        }
        let chosen: BTreeSet<String> = chosen.into_iter().map(|write| format!("{write:?}")).collect();
        if best.as_ref().is_none_or(|best| chosen.len() < best.len()) {
            best = Some(chosen);
        }
    }
    best
}

/// Every world of two skus and two groups: each sku direct or not and with or without a plan off, each group
/// absent or of a kind with each choice of skus, one of them with a plan off.
fn small_worlds() -> Vec<World> {
    let directs: [Option<&[u128]>; 3] = [None, Some(&[]), Some(&[4])];
    let mut choices: Vec<Option<(GroupKind, Vec<u128>, bool)>> = vec![None];
    for kind in [GroupKind::Static, GroupKind::Microsoft365, GroupKind::Dynamic, GroupKind::RoleAssignable] {
        for skus in [vec![], vec![1], vec![2], vec![1, 2]] {
            for off in [false, true] {
                if off && !skus.contains(&2) {
                    continue;
                }
                choices.push(Some((kind, skus.clone(), off)));
            }
        }
    }
    let made = |number: u128, choice: &Option<(GroupKind, Vec<u128>, bool)>| {
        choice.as_ref().map(|(kind, skus, off)| {
            let mut group = licensed(number, *kind, skus);
            if *off {
                group.skus.insert(sku(2), [plan(4)].into());
            }
            group
        })
    };
    let mut worlds = Vec::new();
    for one in directs {
        for two in directs {
            for first in &choices {
                for second in &choices {
                    let direct: Vec<(u128, &[u128])> =
                        [(1, one), (2, two)].into_iter().filter_map(|(number, off)| Some((number, off?))).collect();
                    let groups = made(1, first).into_iter().chain(made(2, second)).collect();
                    worlds.push(small_catalog(World::new(&direct, groups)));
                }
            }
        }
    }
    worlds
}

#[test]
fn in_every_small_world_the_solver_finds_the_smallest_set_that_trying_everything_finds() {
    let (mut found, mut several, mut refused) = (0, 0, 0);
    for world in small_worlds() {
        for number in [1, 2] {
            let solved = world.solve(number);
            let best = brute_force(&world, number);
            match (&solved, &best) {
                (Ok(path), Some(best)) => {
                    let mine: BTreeSet<String> = path.writes().map(|write| format!("{write:?}")).collect();
                    assert_eq!(&mine, best, "{world:?}");
                    found += 1;
                    several += usize::from(best.len() > 1);
                }
                (Err(NoPath::NotHeld), None) => {}
                (Err(_), None) => refused += 1,
                (solved, best) => panic!("{solved:?} and {best:?} in {world:#?}"),
            }
        }
    }
    println!("{found} found, {several} of them with several writes, {refused} refused");
    assert!(found > 1_000 && several > 100 && refused > 1_000, "{found} {several} {refused}");
}

#[test]
fn applied_to_a_person_the_writes_free_the_sku_and_change_nothing_else() {
    for world in small_worlds() {
        for number in [1, 2] {
            let Ok(path) = world.solve(number) else { continue };
            let end = path.writes().fold(world.state.clone(), |state, write| after_write(&state, write, &state));
            let mut wanted = world.state.assigned.clone();
            wanted.remove(&sku(number));
            assert_eq!(end.assigned, wanted, "{world:?}");
            assert_eq!(end.seat(sku(number)), None);
            // And the undo gives back exactly what there was (I6).
            let undo = crate::plan::undo_writes(&world.state, path.writes().collect::<Vec<_>>().into_iter());
            let back = undo.expect("it can be undone");
            let back = back.iter().fold(end, |state, write| after_write(&state, write, &world.state));
            assert_eq!((back.assigned, back.groups), (world.state.assigned.clone(), world.state.groups.clone()));
        }
    }
}
