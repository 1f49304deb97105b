//! Header lines of the usage reports, exactly as published, and the columns some tenants have or lack.

use crate::routes::report_columns::{Pull, Report};

/// Which columns this tenant's reports have where sources disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    pub recipient_type: bool,
    pub short_mailboxes: bool,
    pub copilot_v2: bool,
    /// Durations as plain seconds.
    pub plain_durations: bool,
    /// China has neither Yammer nor Teams.
    pub china: bool,
    pub stable_pseudonyms: bool,
}

impl Pull {
    /// Positions of the columns this pull really has.
    pub fn kept(&self) -> Vec<usize> {
        let shape = self.shape;
        let dropped = |column: &str| match (self.report, column) {
            (Report::Mailboxes, "Recipient Type") => !shape.recipient_type,
            (Report::Mailboxes, "Deleted Item Quota (Byte)" | "Has Archive") => shape.short_mailboxes,
            (Report::Copilot, "Prompt Count" | "Active Usage Days") => !shape.copilot_v2,
            (Report::ActiveUsers, column) => shape.china && (column.contains("Yammer") || column.contains("Teams")),
            _ => false,
        };
        let columns = self.report.header().split(',').enumerate();
        columns.filter(|(_, column)| !dropped(column)).map(|(at, _)| at).collect()
    }

    /// The header line as sent.
    pub fn header_line(&self) -> String {
        let columns: Vec<&str> = self.report.header().split(',').collect();
        self.kept().into_iter().map(|at| columns[at]).collect::<Vec<_>>().join(",")
    }
}

impl Report {
    /// Every column any tenant's report has.
    pub fn header(self) -> &'static str {
        match self {
            Self::ActiveUsers => {
                "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,Has Exchange License,Has OneDrive License,Has SharePoint License,Has Skype For Business License,Has Yammer License,Has Teams License,Exchange Last Activity Date,OneDrive Last Activity Date,SharePoint Last Activity Date,Skype For Business Last Activity Date,Yammer Last Activity Date,Teams Last Activity Date,Exchange License Assign Date,OneDrive License Assign Date,SharePoint License Assign Date,Skype For Business License Assign Date,Yammer License Assign Date,Teams License Assign Date,Assigned Products"
            }
            Self::Apps => {
                "Report Refresh Date,User Principal Name,Last Activation Date,Last Activity Date,Report Period,Windows,Mac,Mobile,Web,Outlook,Word,Excel,PowerPoint,OneNote,Teams,Outlook (Windows),Word (Windows),Excel (Windows),PowerPoint (Windows),OneNote (Windows),Teams (Windows),Outlook (Mac),Word (Mac),Excel (Mac),PowerPoint (Mac),OneNote (Mac),Teams (Mac),Outlook (Mobile),Word (Mobile),Excel (Mobile),PowerPoint (Mobile),OneNote (Mobile),Teams (Mobile),Outlook (Web),Word (Web),Excel (Web),PowerPoint (Web),OneNote (Web),Teams (Web)"
            }
            Self::Activations => {
                "Report Refresh Date,User Principal Name,Display Name,Product Type,Last Activated Date,Windows,Mac,Windows 10 Mobile,iOS,Android,Activated On Shared Computer"
            }
            Self::Mailboxes => {
                "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,Created Date,Last Activity Date,Item Count,Storage Used (Byte),Issue Warning Quota (Byte),Prohibit Send Quota (Byte),Prohibit Send/Receive Quota (Byte),Deleted Item Count,Deleted Item Size (Byte),Deleted Item Quota (Byte),Has Archive,Recipient Type,Report Period"
            }
            Self::Teams => {
                "Report Refresh Date,Tenant Display Name,Shared Channel Tenant Display Names,User Id,User Principal Name,Last Activity Date,Is Deleted,Deleted Date,Assigned Products,Team Chat Message Count,Private Chat Message Count,Call Count,Meeting Count,Post Messages,Reply Messages,Urgent Messages,Meetings Organized Count,Meetings Attended Count,Ad Hoc Meetings Organized Count,Ad Hoc Meetings Attended Count,Scheduled One-time Meetings Organized Count,Scheduled One-time Meetings Attended Count,Scheduled Recurring Meetings Organized Count,Scheduled Recurring Meetings Attended Count,Audio Duration,Video Duration,Screen Share Duration,Audio Duration In Seconds,Video Duration In Seconds,Screen Share Duration In Seconds,Has Other Action,Is Licensed,Report Period"
            }
            Self::OneDrive => {
                "Report Refresh Date,User Principal Name,Is Deleted,Deleted Date,Last Activity Date,Viewed Or Edited File Count,Synced File Count,Shared Internally File Count,Shared Externally File Count,Assigned Products,Report Period"
            }
            Self::Email => {
                "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,Last Activity Date,Send Count,Receive Count,Read Count,Meeting Created Count,Meeting Interacted Count,Assigned Products,Report Period"
            }
            Self::Copilot => {
                "Report Refresh Date,Report Period,User Principal Name,Display Name,Last Activity Date,Microsoft Teams Copilot Last Activity Date,Word Copilot Last Activity Date,Excel Copilot Last Activity Date,PowerPoint Copilot Last Activity Date,Outlook Copilot Last Activity Date,OneNote Copilot Last Activity Date,Loop Copilot Last Activity Date,Copilot Chat Last Activity Date,Prompt Count,Active Usage Days"
            }
        }
    }
}
