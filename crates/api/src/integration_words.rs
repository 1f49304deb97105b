//! What each integration task is, which permission of Microsoft Graph it needs and which addresses it
//! calls: for the Integration tab and for whoever grants consent.

use reseat_engine::Task;

/// A task's shown name.
pub const fn label(task: Task) -> &'static str {
    match task {
        Task::ApplicationRoster => "Application Roster",
        Task::ApplicationAccess => "Application Access",
        Task::LicenseDifferentiation => "License Differentiation",
        Task::LicenseInformation => "License Information",
        Task::Reclamation => "Reclamation",
        Task::HrRoster => "HR Roster",
    }
}

/// What a task does, in one sentence.
pub const fn description(task: Task) -> &'static str {
    match task {
        Task::ApplicationRoster => {
            "Reads people, their accounts and their licenses with every path they are held through."
        }
        Task::ApplicationAccess => "Reads the last activity by service and the last sign-ins.",
        Task::LicenseDifferentiation => "Tells people apart by license type; follows from the Application Roster.",
        Task::LicenseInformation => "Reads license types and purchased quantities.",
        Task::Reclamation => "Takes approved seats back and proves it. While off, nothing is written.",
        Task::HrRoster => "Reads who is employed, on leave, or gone.",
    }
}

/// Whether a person may switch it: what follows from another task cannot be switched by itself, and
/// without people and license types there is nothing to judge.
pub const fn can_toggle(task: Task) -> bool {
    match task {
        Task::ApplicationAccess | Task::Reclamation | Task::HrRoster => true,
        Task::ApplicationRoster | Task::LicenseInformation | Task::LicenseDifferentiation => false,
    }
}

/// Permissions of Microsoft Graph with what each is for.
pub const fn permissions(task: Task) -> &'static [(&'static str, &'static str)] {
    match task {
        Task::ApplicationRoster => &[
            ("User.Read.All", "People, their manager, their licenses and how each is held."),
            ("GroupMember.Read.All", "The names of groups that give licenses."),
        ],
        Task::ApplicationAccess => &[
            ("AuditLog.Read.All", "The last sign-in of each person; together with User.Read.All."),
            ("Reports.Read.All", "The last activity of each person by service."),
            ("ReportSettings.Read.All", "Whether names in the reports are concealed."),
        ],
        Task::LicenseInformation => &[("LicenseAssignment.Read.All", "License types and purchased quantities.")],
        Task::Reclamation => &[(
            "LicenseAssignment.ReadWrite.All",
            "Removing and giving back one license at a time; held by the writer's own app registration.",
        )],
        Task::LicenseDifferentiation | Task::HrRoster => &[],
    }
}

/// Addresses of Microsoft Graph that a task calls.
pub const fn endpoints(task: Task) -> &'static [(&'static str, &'static str)] {
    match task {
        Task::ApplicationRoster => &[("GET", "/v1.0/users"), ("GET", "/v1.0/groups/{id}")],
        Task::ApplicationAccess => &[
            ("GET", "/v1.0/users?$select=id,signInActivity"),
            ("GET", "/v1.0/reports/getOffice365ActiveUserDetail(period='D180')"),
            ("GET", "/v1.0/admin/reportSettings"),
        ],
        Task::LicenseInformation => &[("GET", "/v1.0/subscribedSkus")],
        Task::Reclamation => &[("GET", "/v1.0/users/{id}"), ("POST", "/v1.0/users/{id}/assignLicense")],
        Task::LicenseDifferentiation | Task::HrRoster => &[],
    }
}
