//! What each integration task is, which permission of Microsoft Graph it needs and which addresses it
//! calls: for the Integration tab and for whoever grants consent.

use reseat_domain::permission::{Access, Need, Work};
use reseat_engine::Task;
use reseat_engine::doctor::work_of;

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

/// Permissions of Microsoft Graph with what each is for and whether the task stops without it: the one table
/// (`reseat_domain::permission`), for an app that acts as itself (F38).
pub fn permissions(task: Task) -> Vec<(&'static str, &'static str, bool)> {
    let needs = work_of(task).map(Work::needs).unwrap_or_default();
    let least = |need: &Need| need.capability.least(Access::Application);
    needs.iter().filter_map(|need| Some((least(need)?, need.capability.words(), need.required))).collect()
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
