//! Which columns of which report mean what. Columns are found by name, never by place; one that is not
//! listed here means nothing, and one that is needed and not there stops its report (5.2, F37).

use reseat_domain::directory::Service;
use reseat_domain::usage_report::UsageReport;

/// What a column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// The day up to which the report knows.
    Refreshed,
    /// The person's sign-in name.
    Name,
    /// The person's account.
    UserId,
    /// Whether the account is deleted.
    Deleted,
    /// The last day with use of a service. Whatever is in there and no such day spoils the row.
    UseOf(Service),
    /// A last day with use; of several the latest counts.
    Use,
    /// A day that is good to know and proves nothing.
    Day,
    /// Bytes in use.
    Storage,
    /// Mails or files.
    Items,
    /// Whether there is an archive.
    Archive,
    /// What kind of mailbox it is.
    RecipientType,
    /// Whether a program was used on a computer.
    Desktop,
    /// An activated product; its day is in the column [`Means::Day`].
    Product,
}

/// Whether a report without the column is worth anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// No: nothing of it is used.
    Must,
    /// Yes: some tenants do not get it.
    May,
}

/// A column of a report.
pub(super) type Column = (&'static str, Means, Need);

use Means::{
    Archive, Day, Deleted, Desktop, Items, Name, Product, RecipientType, Refreshed, Storage, Use, UseOf, UserId,
};
use Need::{May, Must};

const REFRESHED: Column = ("Report Refresh Date", Refreshed, Must);
const NAME: Column = ("User Principal Name", Name, Must);
const DELETED: Column = ("Is Deleted", Deleted, May);
const LAST: Column = ("Last Activity Date", Use, Must);

/// Every service has to be there: one whose column is missing would look unused by everybody.
const ACTIVE_USERS: &[Column] = &[
    REFRESHED,
    NAME,
    ("Is Deleted", Deleted, Must),
    ("Exchange Last Activity Date", UseOf(Service::Exchange), Must),
    ("OneDrive Last Activity Date", UseOf(Service::OneDrive), Must),
    ("SharePoint Last Activity Date", UseOf(Service::SharePoint), Must),
    ("Skype For Business Last Activity Date", UseOf(Service::SkypeForBusiness), Must),
    ("Yammer Last Activity Date", UseOf(Service::Yammer), Must),
    ("Teams Last Activity Date", UseOf(Service::Teams), Must),
];
const ACTIVITY: &[Column] = &[REFRESHED, NAME, DELETED, LAST];
const TEAMS: &[Column] = &[REFRESHED, NAME, ("User Id", UserId, May), DELETED, LAST];
/// The page's list and its sample disagree about the archive (9#23).
const MAILBOXES: &[Column] = &[
    REFRESHED,
    NAME,
    DELETED,
    ("Last Activity Date", Day, May),
    ("Storage Used (Byte)", Storage, Must),
    ("Item Count", Items, May),
    ("Has Archive", Archive, May),
    ("Recipient Type", RecipientType, May),
];
const ONEDRIVE_STORAGE: &[Column] = &[
    REFRESHED,
    ("Owner Principal Name", Name, Must),
    DELETED,
    ("Last Activity Date", Day, May),
    ("Storage Used (Byte)", Storage, Must),
    ("File Count", Items, May),
];
/// The day of the last activation is left out: it moves when a license is given anew, without anybody
/// doing anything.
const APPS: &[Column] = &[REFRESHED, NAME, LAST, ("Windows", Desktop, May), ("Mac", Desktop, May)];
const ACTIVATIONS: &[Column] = &[REFRESHED, NAME, ("Product Type", Product, Must), ("Last Activated Date", Day, Must)];
const COPILOT: &[Column] = &[REFRESHED, NAME, LAST];

/// The columns of a report.
pub(super) const fn columns(report: UsageReport) -> &'static [Column] {
    match report {
        UsageReport::ActiveUsers => ACTIVE_USERS,
        UsageReport::Teams => TEAMS,
        UsageReport::Mailboxes => MAILBOXES,
        UsageReport::OneDriveStorage => ONEDRIVE_STORAGE,
        UsageReport::Apps => APPS,
        UsageReport::Activations => ACTIVATIONS,
        UsageReport::Copilot => COPILOT,
        UsageReport::Email
        | UsageReport::OneDrive
        | UsageReport::SharePoint
        | UsageReport::Yammer
        | UsageReport::SkypeForBusiness => ACTIVITY,
    }
}

/// What a column means that is not listed: Copilot's has one for each program, and gets new ones
/// without notice (9#39).
pub(super) fn other(report: UsageReport, header: &str) -> Option<Means> {
    let of_a_program = report == UsageReport::Copilot && header.to_ascii_lowercase().ends_with(" last activity date");
    of_a_program.then_some(Use)
}
