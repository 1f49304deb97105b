//! Microsoft's usage reports by person: which there are, and which service each speaks of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::directory::{Service, words};
use crate::time::Day;

/// A usage report with a row for each person (graph-facts 5.2). Its word is also the name of its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UsageReport {
    /// Last activity by service, in one row. The report that every other one only adds to.
    ActiveUsers,
    /// Mail sent, read and received.
    Email,
    /// Sizes of mailboxes.
    Mailboxes,
    /// Teams.
    Teams,
    /// Files of a person.
    OneDrive,
    /// Sizes of those.
    OneDriveStorage,
    /// Sites.
    SharePoint,
    /// Yammer, now Viva Engage.
    Yammer,
    /// Skype for Business.
    SkypeForBusiness,
    /// Programs of Microsoft 365, by platform.
    Apps,
    /// On which computers those were activated, by product.
    Activations,
    /// Microsoft 365 Copilot.
    Copilot,
}
words!(UsageReport {
    ActiveUsers => "usage_report",
    Email => "email_report",
    Mailboxes => "mailbox_report",
    Teams => "teams_report",
    OneDrive => "onedrive_report",
    OneDriveStorage => "onedrive_storage_report",
    SharePoint => "sharepoint_report",
    Yammer => "yammer_report",
    SkypeForBusiness => "skype_report",
    Apps => "apps_report",
    Activations => "activations_report",
    Copilot => "copilot_report",
});

impl UsageReport {
    /// Its name for people, as it stands in a sentence.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ActiveUsers => "active-user report",
            Self::Email => "e-mail report",
            Self::Mailboxes => "mailbox report",
            Self::Teams => "Teams report",
            Self::OneDrive => "OneDrive report",
            Self::OneDriveStorage => "OneDrive storage report",
            Self::SharePoint => "SharePoint report",
            Self::Yammer => "Viva Engage report",
            Self::SkypeForBusiness => "Skype for Business report",
            Self::Apps => "Microsoft 365 Apps report",
            Self::Activations => "activations report",
            Self::Copilot => "Copilot report",
        }
    }

    /// The one service whose use its rows show. The active-user report shows several; sizes and
    /// activations are facts about an account and no use: mail comes into a mailbox that nobody opens,
    /// and a program once activated may never be started again (5.4).
    pub const fn shows_use_of(self) -> Option<Service> {
        match self {
            Self::Email => Some(Service::Exchange),
            Self::Teams => Some(Service::Teams),
            Self::OneDrive => Some(Service::OneDrive),
            Self::SharePoint => Some(Service::SharePoint),
            Self::Yammer => Some(Service::Yammer),
            Self::SkypeForBusiness => Some(Service::SkypeForBusiness),
            Self::Apps => Some(Service::Apps),
            Self::Copilot => Some(Service::Copilot),
            Self::ActiveUsers | Self::Mailboxes | Self::OneDriveStorage | Self::Activations => None,
        }
    }

    /// The reports of single services that show the use of one.
    pub fn showing(service: Service) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |report| report.shows_use_of() == Some(service))
    }
}

impl Service {
    /// Whether the active-user report has a column for it. For the others their own report is the only
    /// one that shows their use.
    pub const fn in_active_users(self) -> bool {
        match self {
            Self::Exchange
            | Self::OneDrive
            | Self::SharePoint
            | Self::SkypeForBusiness
            | Self::Yammer
            | Self::Teams => true,
            Self::Apps | Self::Copilot => false,
        }
    }
}

/// A person's row of the report of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportUse {
    /// The day up to which the report knows.
    pub refreshed: Day,
    /// Over how many refreshes the row has been seen; two stand for more.
    pub refreshes: u32,
    /// The last day with use; `None` means no use seen in the report's window.
    pub last: Option<Day>,
}

/// What a row says beside the last day: facts about the account, each only if the report has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportDetails {
    /// Bytes in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_bytes: Option<u64>,
    /// Mails or files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<u64>,
    /// Whether the mailbox has an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_archive: Option<bool>,
    /// What kind of mailbox it is, in Microsoft's word, which some tenants get.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient_type: Option<String>,
    /// Whether a program was used on a computer rather than in the browser or on a phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desktop: Option<bool>,
    /// Activated products with the last day of it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub products: BTreeMap<String, Option<Day>>,
}

impl ReportDetails {
    /// Both rows of one person together: the later and the larger of each, so that neither hides what
    /// the other shows (U5).
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.storage_bytes = self.storage_bytes.max(other.storage_bytes);
        self.items = self.items.max(other.items);
        self.has_archive = self.has_archive.max(other.has_archive);
        self.recipient_type = self.recipient_type.or(other.recipient_type);
        self.desktop = self.desktop.max(other.desktop);
        for (product, day) in other.products {
            let known = self.products.entry(product).or_default();
            *known = (*known).max(day);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_has_a_report_that_covers_it() {
        for &service in Service::ALL {
            assert!(service.in_active_users() || UsageReport::showing(service).count() == 1, "5.4: {service}");
        }
        assert_eq!(UsageReport::showing(Service::Exchange).collect::<Vec<_>>(), [UsageReport::Email]);
    }

    #[test]
    fn two_rows_of_a_person_keep_the_larger_of_each() {
        let day = |text: &str| text.parse::<Day>().ok();
        let first = ReportDetails {
            storage_bytes: Some(9),
            has_archive: Some(false),
            products: BTreeMap::from([("Visio".to_owned(), day("2026-01-01")), ("Office".to_owned(), None)]),
            ..ReportDetails::default()
        };
        let second = ReportDetails {
            storage_bytes: Some(3),
            has_archive: Some(true),
            items: Some(1),
            products: BTreeMap::from([("Visio".to_owned(), day("2025-01-01"))]),
            ..ReportDetails::default()
        };
        let both = first.clone().with(second.clone());
        assert_eq!((both.storage_bytes, both.has_archive, both.items), (Some(9), Some(true), Some(1)), "U5");
        assert_eq!(both.products["Visio"], day("2026-01-01"));
        assert_eq!(both.products, second.with(first).products);
        assert_eq!(serde_json::to_string(&ReportDetails::default()).expect("JSON"), "{}");
    }
}
