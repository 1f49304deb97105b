//! The facts of graph-facts 0.1 and 0.2, written down a second time and by hand, and the judgement
//! over them.

use super::*;

/// Capability, least permission for an app, for a person, and what else does (0.1).
type Row = (Capability, &'static str, Option<&'static str>, &'static [&'static str]);

const DIRECTORY: &str = "Directory.Read.All";
const DIRECTORY_WRITE: &str = "Directory.ReadWrite.All";

const TABLE: &[Row] = &[
    (Capability::People, "User.Read.All", Some("User.Read.All"), &["User.ReadWrite.All", DIRECTORY, DIRECTORY_WRITE]),
    (Capability::SignInDates, "AuditLog.Read.All", Some("AuditLog.Read.All"), &[]),
    (
        Capability::LeaveDate,
        "User-LifeCycleInfo.Read.All",
        Some("User-LifeCycleInfo.Read.All"),
        &["User-LifeCycleInfo.ReadWrite.All"],
    ),
    (Capability::MailboxFacts, "MailboxSettings.Read", None, &["MailboxSettings.ReadWrite"]),
    (
        Capability::Groups,
        "GroupMember.Read.All",
        Some("GroupMember.Read.All"),
        &["Group.Read.All", "GroupMember.ReadWrite.All", "Group.ReadWrite.All", DIRECTORY, DIRECTORY_WRITE],
    ),
    (
        Capability::Skus,
        "LicenseAssignment.Read.All",
        Some("LicenseAssignment.Read.All"),
        &[
            "Organization.Read.All",
            "LicenseAssignment.ReadWrite.All",
            "Organization.ReadWrite.All",
            DIRECTORY,
            DIRECTORY_WRITE,
        ],
    ),
    (
        Capability::Subscriptions,
        "Organization.Read.All",
        Some("Organization.Read.All"),
        &["Organization.ReadWrite.All", DIRECTORY, DIRECTORY_WRITE],
    ),
    (Capability::Reports, "Reports.Read.All", Some("Reports.Read.All"), &[]),
    (
        Capability::ConcealmentSwitch,
        "ReportSettings.Read.All",
        Some("ReportSettings.Read.All"),
        &["ReportSettings.ReadWrite.All"],
    ),
    (
        Capability::LicenseWrite,
        "LicenseAssignment.ReadWrite.All",
        Some("LicenseAssignment.ReadWrite.All"),
        &["User.ReadWrite.All", DIRECTORY_WRITE],
    ),
    (
        Capability::MembershipWrite,
        "GroupMember.ReadWrite.All",
        Some("GroupMember.ReadWrite.All"),
        &["Group.ReadWrite.All", DIRECTORY_WRITE],
    ),
    (Capability::ReprocessWrite, "User.ReadWrite.All", Some("User.ReadWrite.All"), &[DIRECTORY_WRITE]),
    (Capability::MailSend, "Mail.Send", Some("Mail.Send"), &[]),
];

fn row(capability: Capability) -> &'static Row {
    TABLE.iter().find(|row| row.0 == capability).expect("every capability has a row")
}

fn grants(access: Access, permissions: &[&str], roles: Option<&[DirectoryRole]>) -> Grants {
    Grants::Token {
        access,
        permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
        roles: roles.map(|roles| roles.iter().map(|role| role.template_id()).collect()),
    }
}

fn app(permissions: &[&str]) -> Grants {
    grants(Access::Application, permissions, None)
}

fn one(work: Work, grants: &Grants) -> Rights {
    judge(&[work], grants).works.remove(0)
}

/// Every permission anybody has heard of here.
fn every_permission() -> BTreeSet<&'static str> {
    let named = TABLE.iter().flat_map(|(_, least, _, broader)| std::iter::once(*least).chain(broader.iter().copied()));
    named.chain(["User.ReadBasic.All", "Group.ReadBasic.All", "Sites.FullControl.All"]).collect()
}

#[test]
fn the_table_has_one_row_for_each_capability_and_says_what_section_0_1_says() {
    assert_eq!(TABLE.len(), Capability::ALL.len());
    for capability in Capability::ALL {
        let (_, least, delegated, broader) = row(capability);
        assert_eq!(capability.least(Access::Application), Some(*least), "{capability}");
        assert_eq!(capability.least(Access::Delegated), *delegated, "{capability}");
        assert_eq!(capability.broader(), *broader, "{capability}");
    }
}

/// Every single permission against every work: what does is granted, what does not is missing.
#[test]
fn each_permission_alone_gives_exactly_what_the_table_says() {
    for work in Work::ALL {
        for permission in every_permission() {
            let rights = one(work, &app(&[permission]));
            for need in work.needs() {
                let (_, least, _, broader) = row(need.capability);
                let does = *least == permission || broader.contains(&permission);
                let found = rights.granted.iter().find(|granted| granted.capability == need.capability);
                assert_eq!(found.is_some(), does, "{work}: {permission} and {}", need.capability);
                let missing = rights.missing.iter().find(|missing| missing.capability == need.capability);
                assert_eq!(missing.is_some(), !does, "{work}: {permission} and {}", need.capability);
                assert_eq!(missing.map(|missing| missing.permission), (!does).then_some(Some(*least)));
            }
            assert_eq!(rights.granted.len() + rights.missing.len(), work.needs().len());
            assert!(rights.unknown.is_empty(), "a token leaves nothing unknown");
        }
    }
}

#[test]
fn the_least_permissions_are_enough_and_nothing_of_them_is_too_broad() {
    for access in [Access::Application, Access::Delegated] {
        for work in Work::ALL {
            let least = least_for(access, &[work]);
            let judged = judge(&[work], &grants(access, &least, Some(&[DirectoryRole::GlobalAdministrator])));
            let rights = &judged.works[0];
            assert!(rights.can_run(), "{work} {access:?}");
            assert!(rights.missing.iter().all(|missing| missing.permission.is_none()), "{work} {access:?}");
            assert_eq!((&rights.broader_than_needed, &judged.unused), (&Vec::new(), &Vec::new()), "{work} {access:?}");
        }
    }
    assert_eq!(least_for(Access::Application, &[Work::Reclamation]), ["LicenseAssignment.ReadWrite.All"], "X8");
}

#[test]
fn without_an_indispensable_permission_a_work_stops_and_without_another_it_goes_on() {
    for work in Work::ALL {
        let all = least_for(Access::Application, &[work]);
        for without in &all {
            let rest: Vec<&str> = all.iter().copied().filter(|name| name != without).collect();
            let rights = one(work, &app(&rest));
            // What another need asks for may do for this one too, as Organization.Read.All does (9#31).
            let gone: Vec<&Need> = work
                .needs()
                .iter()
                .filter(|need| row(need.capability).1 == *without)
                .filter(|need| !row(need.capability).3.iter().any(|broader| rest.contains(broader)))
                .collect();
            let stops = gone.iter().any(|need| need.required);
            let names_it = rights.missing.iter().any(|missing| missing.permission == Some(without));
            assert_eq!(rights.can_run(), !stops, "{work} without {without}");
            assert_eq!(names_it, !gone.is_empty(), "{work} names {without}");
        }
    }
}

#[test]
fn the_directory_wide_grants_replace_neither_sign_ins_nor_reports_nor_mail() {
    for capability in [
        Capability::SignInDates,
        Capability::Reports,
        Capability::ConcealmentSwitch,
        Capability::MailboxFacts,
        Capability::MailSend,
    ] {
        assert!(!capability.broader().contains(&DIRECTORY), "0.1: {capability}");
        assert!(!capability.broader().contains(&DIRECTORY_WRITE), "0.1: {capability}");
    }
    assert!(!Capability::ConcealmentSwitch.broader().contains(&"Reports.Read.All"), "9#24");
}

/// The set both seeds ask for (F38, X8).
#[test]
fn the_seed_permission_set_runs_everything_and_is_broader_than_needed() {
    let seed = ["Directory.Read.All", "Reports.Read.All", "User.ReadWrite.All"];
    let works = [
        Work::ApplicationRoster,
        Work::ApplicationAccess,
        Work::LicenseDifferentiation,
        Work::LicenseInformation,
        Work::Reclamation,
    ];
    let judged = judge(&works, &app(&seed));
    assert!(judged.works.iter().all(Rights::can_run), "{judged:#?}");
    assert!(judged.unused.is_empty());
    let broader = |work: Work| {
        let rights = judged.works.iter().find(|rights| rights.work == work).expect("judged");
        rights.broader_than_needed.clone()
    };
    let found = |permission: &str, instead: &[&'static str]| Broader {
        permission: permission.to_owned(),
        instead: instead.to_vec(),
        too_broad: false,
    };
    assert_eq!(
        broader(Work::Reclamation),
        [found("User.ReadWrite.All", &["LicenseAssignment.ReadWrite.All"])],
        "X8: accepted, and said"
    );
    assert_eq!(
        broader(Work::LicenseInformation),
        [found("Directory.Read.All", &["LicenseAssignment.Read.All", "Organization.Read.All"])]
    );
    assert_eq!(
        broader(Work::ApplicationRoster),
        [
            found("Directory.Read.All", &["GroupMember.Read.All", "User.Read.All"]),
            found("User.ReadWrite.All", &["User.Read.All"])
        ]
    );
    assert_eq!(broader(Work::ApplicationAccess), [], "Reports.Read.All is the least there is");
}

#[test]
fn rewriting_the_directory_is_too_broad_for_a_live_tenant() {
    let rights = one(Work::Reclamation, &app(&[DIRECTORY_WRITE]));
    assert!(rights.can_run(), "it does");
    assert_eq!(rights.broader_than_needed.len(), 1);
    assert!(rights.broader_than_needed[0].too_broad);
    for outright in ["RoleManagement.ReadWrite.Directory", "Application.ReadWrite.All"] {
        let unused = judge(&[Work::Reclamation], &app(&["LicenseAssignment.ReadWrite.All", outright])).unused;
        assert_eq!(unused.len(), 1, "{outright}");
        assert!(unused[0].too_broad && unused[0].permission == outright);
    }
}

#[test]
fn what_one_work_needs_is_not_too_broad_for_another() {
    let both = [Work::LicenseInformation, Work::Reclamation];
    let judged = judge(&both, &app(&["LicenseAssignment.ReadWrite.All", "Organization.Read.All"]));
    assert!(judged.works.iter().all(|rights| rights.broader_than_needed.is_empty()), "{judged:#?}");
    let reader = judge(&[Work::LicenseInformation], &app(&["LicenseAssignment.ReadWrite.All"]));
    assert_eq!(reader.works[0].broader_than_needed.len(), 1, "a reader that may write");
}

#[test]
fn a_permission_nobody_needs_is_named() {
    let judged = judge(&[Work::Mail], &app(&["Mail.Send", "Sites.FullControl.All", "User.Read.All"]));
    let names: Vec<&str> = judged.unused.iter().map(|unused| unused.permission.as_str()).collect();
    assert_eq!(names, ["Sites.FullControl.All", "User.Read.All"]);
    let signed_in = grants(Access::Delegated, &["Mail.Send", "openid", "profile", "email", "User.Read"], Some(&[]));
    assert!(judge(&[Work::Mail], &signed_in).unused.is_empty(), "what sign-in brings along is no right");
}

/// 0.2, for every role and every capability that needs one.
#[test]
fn a_signed_in_person_needs_one_of_the_documented_roles() {
    use DirectoryRole as Role;
    let table: &[(Capability, &[Role])] = &[
        (
            Capability::Reports,
            &[
                Role::ReportsReader,
                Role::ExchangeAdministrator,
                Role::SharePointAdministrator,
                Role::SkypeForBusinessAdministrator,
                Role::TeamsAdministrator,
                Role::TeamsCommunicationsAdministrator,
            ],
        ),
        (
            Capability::SignInDates,
            &[Role::ReportsReader, Role::SecurityReader, Role::SecurityAdministrator, Role::GlobalReader],
        ),
        (Capability::LicenseWrite, &[Role::LicenseAdministrator, Role::UserAdministrator, Role::DirectoryWriters]),
        (Capability::ReprocessWrite, &[Role::LicenseAdministrator, Role::UserAdministrator, Role::DirectoryWriters]),
        (Capability::MembershipWrite, &[Role::GroupsAdministrator, Role::UserAdministrator, Role::DirectoryWriters]),
    ];
    for work in Work::ALL {
        let least = least_for(Access::Delegated, &[work]);
        for role in Role::ALL {
            let rights = one(work, &grants(Access::Delegated, &least, Some(&[role])));
            for (capability, enough) in table {
                let needed = work.needs().iter().any(|need| need.capability == *capability);
                let lacks = rights.roles_missing.iter().any(|missing| missing.capability == *capability);
                let has = role == Role::GlobalAdministrator || enough.contains(&role);
                assert_eq!(lacks, needed && !has, "{work}, {capability}: {}", role.name());
            }
        }
    }
}

/// X7: set-up done, the account reduced to Reports Reader, and reclamation is left without a right.
#[test]
fn an_account_reduced_to_reports_reader_reads_reports_and_takes_nothing_back() {
    let works = [Work::ApplicationAccess, Work::Reclamation];
    let least = least_for(Access::Delegated, &works);
    let judged = judge(&works, &grants(Access::Delegated, &least, Some(&[DirectoryRole::ReportsReader])));
    assert!(judged.works[0].can_run(), "F42");
    assert!(!judged.works[1].can_run(), "X7: read-only");
    let missing = &judged.works[1].roles_missing;
    assert!(missing.len() == 1 && missing[0].any_of.contains(&DirectoryRole::LicenseAdministrator), "F40: {missing:?}");
}

#[test]
fn an_app_needs_no_role_and_an_unreadable_role_is_not_a_missing_one() {
    let works = [Work::Reclamation];
    let least = least_for(Access::Application, &works);
    let as_app = one(Work::Reclamation, &app(&least));
    assert!(as_app.can_run() && as_app.roles_missing.is_empty() && !as_app.roles_unknown, "X7");
    let silent = one(Work::Reclamation, &grants(Access::Delegated, &least, None));
    assert!(silent.can_run() && silent.roles_unknown);
}

#[test]
fn other_peoples_mailboxes_are_closed_to_a_signed_in_person() {
    let everything: Vec<&str> = every_permission().into_iter().collect();
    let roster = one(Work::ApplicationRoster, &grants(Access::Delegated, &everything, Some(&[])));
    let mailbox = roster.missing.iter().find(|missing| missing.capability == Capability::MailboxFacts);
    assert_eq!(mailbox.map(|missing| (missing.permission, missing.required)), Some((None, false)));
    assert!(roster.can_run());
}

#[test]
fn an_opaque_token_is_judged_by_what_answered() {
    let answers = BTreeMap::from([(Capability::Reports, true), (Capability::SignInDates, false)]);
    let judged =
        judge(&[Work::ApplicationAccess, Work::Reclamation], &Grants::Probed { access: Access::Application, answers });
    let access = &judged.works[0];
    assert_eq!(access.granted.len(), 1);
    assert_eq!(access.missing[0].permission, Some("AuditLog.Read.All"));
    assert_eq!(access.unknown.len(), 1, "the switch was not asked");
    assert!(access.can_run());
    let reclamation = &judged.works[1];
    assert!(reclamation.can_run() && reclamation.unknown.len() == 1, "a write is never tried out");
    assert!(judged.unused.is_empty() && access.broader_than_needed.is_empty());
}

/// More is never less.
#[test]
fn granting_one_more_permission_never_takes_a_capability_away() {
    for work in Work::ALL {
        for base in every_permission() {
            let before = one(work, &app(&[base]));
            for more in every_permission() {
                let after = one(work, &app(&[base, more]));
                assert!(after.missing.len() <= before.missing.len(), "{work}: {base} and {more}");
                assert!(after.can_run() || !before.can_run(), "{work}: {base} and {more}");
            }
        }
    }
}

#[test]
fn words_and_template_ids_are_each_once() {
    let roles: BTreeSet<Uuid> = DirectoryRole::ALL.iter().map(|role| role.template_id()).collect();
    assert_eq!(roles.len(), DirectoryRole::ALL.len());
    for role in DirectoryRole::ALL {
        assert_eq!(DirectoryRole::of_template(role.template_id()), Some(role));
    }
    assert_eq!(DirectoryRole::of_template(Uuid::from_u128(1)), None);
    let works: BTreeSet<&str> = Work::ALL.iter().map(|work| work.as_str()).collect();
    let words: BTreeSet<&str> = Capability::ALL.iter().map(|capability| capability.as_str()).collect();
    assert_eq!((works.len(), words.len()), (Work::ALL.len(), Capability::ALL.len()));
}
