//! Usage reports: asked for at Graph, downloaded from another host, which does not get the token.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::{Response, Url};
use reseat_domain::usage_report::UsageReport;
use uuid::Uuid;

use crate::directory::ReportPeriod;
use crate::error::ConnectorError;
use crate::usage::{ReportEnd, ReportRows, UsageRow};

use super::answer::{Answer, garbled};
use super::client::Reading;
use super::cloud::chain;
use super::follow::download;
use super::patience::{Patience, Tries, Trouble};
use super::reader::GraphReader;
use super::report_csv::Parser;
use super::wire;

const SCOPE: &str = "Reports.Read.All";

/// The switch has a permission of its own (9#24).
const SETTINGS_SCOPE: &str = "ReportSettings.Read.All";

/// How long a download may take in all. The report of a million people has some hundred megabytes.
const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(600);

/// How long the download host may say nothing.
const SILENCE: Duration = Duration::from_secs(40);

/// How many rows are handed on at once.
const BATCH: usize = 1_000;

/// Where an answer leads.
enum Step {
    /// The report itself, as some functions give it.
    Here(Bytes),
    /// To another host.
    At(Url),
}

/// Where a report is asked for, the first address that offers it.
fn addresses(report: UsageReport, period: ReportPeriod) -> Vec<String> {
    let of = |root: &str, function: &str, end: &str| format!("{root}/{function}(period='{}'){end}", period.as_str());
    let v1 = |function: &str| vec![of("v1.0/reports", function, "")];
    match report {
        // Clouds other than the global one offer these in beta only (5.1).
        UsageReport::ActiveUsers => {
            let function = "getOffice365ActiveUserDetail";
            vec![of("v1.0/reports", function, ""), of("beta/reports", function, "")]
        }
        UsageReport::Activations => {
            ["v1.0", "beta"].map(|root| format!("{root}/reports/getOffice365ActivationsUserDetail")).to_vec()
        }
        UsageReport::Email => v1("getEmailActivityUserDetail"),
        UsageReport::Mailboxes => v1("getMailboxUsageDetail"),
        UsageReport::Teams => v1("getTeamsUserActivityUserDetail"),
        UsageReport::OneDrive => v1("getOneDriveActivityUserDetail"),
        UsageReport::OneDriveStorage => v1("getOneDriveUsageAccountDetail"),
        UsageReport::SharePoint => v1("getSharePointActivityUserDetail"),
        UsageReport::Yammer => v1("getYammerActivityUserDetail"),
        UsageReport::SkypeForBusiness => v1("getSkypeForBusinessActivityUserDetail"),
        UsageReport::Apps => v1("getM365AppUserDetail"),
        // It moved, and answers in JSON where no format is asked for (9#39).
        UsageReport::Copilot => {
            let function = "getMicrosoft365CopilotUsageUserDetail";
            let end = "?$format=text/csv";
            vec![of("v1.0/copilot/reports", function, end), of("beta/reports", function, end)]
        }
    }
}

impl GraphReader {
    pub(super) async fn read_names_concealed(&self) -> Result<bool, ConnectorError> {
        let url = self.client.cloud.graph("v1.0/admin/reportSettings");
        let settings: wire::ReportSettings = self.client.read(&url, self.sweeping(SETTINGS_SCOPE)).await?;
        Ok(settings.display_concealed_names)
    }

    /// Asks for a report and begins its download.
    pub(super) async fn open_report(
        &self,
        report: UsageReport,
        period: ReportPeriod,
    ) -> Result<Box<dyn ReportRows>, ConnectorError> {
        let mut refused = ConnectorError::NotFound;
        for path in addresses(report, period) {
            match self.open_report_at(&self.client.cloud.graph(&path), report).await {
                Ok(rows) => return Ok(Box::new(rows)),
                Err(ConnectorError::NotFound) => refused = ConnectorError::NotFound,
                Err(error) => return Err(error),
            }
        }
        Err(refused)
    }

    async fn open_report_at(&self, url: &Url, report: UsageReport) -> Result<Coming, ConnectorError> {
        let mut tries = Tries::begin(self.sweep);
        loop {
            let spread = Uuid::new_v4();
            // A download address lives for minutes: each try asks for a new one.
            let passing = match self.begin_download(url, &tries).await {
                Ok(source) => return Ok(Coming { source, parser: Parser::new(report), waiting: Vec::new() }),
                Err(Trouble::Final(error)) => return Err(error),
                Err(Trouble::Passing(passing)) => passing,
            };
            tries.wait(passing, spread.as_u64_pair().1).await?;
        }
    }

    async fn begin_download(&self, url: &Url, tries: &Tries) -> Result<Source, Trouble> {
        let judge = |answer: &Answer| self.report_step(answer);
        let reading = Reading { scope: SCOPE, patience: Patience { total: tries.left(), ..self.sweep } };
        let address = match self.client.read_with(url, reading, judge).await? {
            Step::Here(bytes) => return Ok(Source::Here(Some(bytes))),
            Step::At(address) => address,
        };
        // Without the token: the host is another one, and the address alone opens it.
        let request = self.client.http.get(address).timeout(DOWNLOAD_TIMEOUT).send();
        let lost = |why: String| garbled(format!("the report could not be downloaded: {why}"));
        let response = match tokio::time::timeout(tries.left().min(SILENCE), request).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(lost(chain(&error))),
            Err(_) => return Err(lost("no answer in time".to_owned())),
        };
        // The download host knows neither Graph's errors nor our token, so anything but a file means:
        // ask Graph again.
        let kind = response.headers().get(reqwest::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().to_ascii_lowercase();
        if response.status() != 200 || kind.contains("html") || kind.contains("json") {
            return Err(lost(format!("status {}", response.status().as_u16())));
        }
        Ok(Source::There(response))
    }

    fn report_step(&self, answer: &Answer) -> Result<Step, Trouble> {
        match (answer.status, answer.location()) {
            (200, _) if answer.says_html() || answer.says_json() => {
                Err(garbled("the report came in another form than a table; is there a proxy?".to_owned()))
            }
            (200, _) => Ok(Step::Here(answer.body.clone())),
            (302, Some(location)) => Ok(Step::At(download(&self.client.cloud, location)?)),
            // How Graph says that a function does not exist here.
            (400, _)
                if answer.graph_error().is_some_and(|error| error.message.contains("not found for the segment")) =>
            {
                Err(ConnectorError::NotFound.into())
            }
            _ => Err(answer.reading_trouble(SCOPE)),
        }
    }
}

/// Where a report comes from.
enum Source {
    Here(Option<Bytes>),
    There(Response),
}

impl Source {
    async fn chunk(&mut self) -> Result<Option<Bytes>, ConnectorError> {
        let lost = |why: String| ConnectorError::Transient(format!("the report was cut off: {why}"));
        match self {
            Self::Here(bytes) => Ok(bytes.take()),
            Self::There(response) => match tokio::time::timeout(SILENCE, response.chunk()).await {
                Ok(chunk) => chunk.map_err(|error| lost(chain(&error))),
                Err(_) => Err(lost("nothing more came".to_owned())),
            },
        }
    }
}

/// A report while it comes in.
struct Coming {
    source: Source,
    parser: Parser,
    waiting: Vec<UsageRow>,
}

#[async_trait]
impl ReportRows for Coming {
    async fn next(&mut self) -> Result<Option<Vec<UsageRow>>, ConnectorError> {
        while self.waiting.len() < BATCH {
            let Some(chunk) = self.source.chunk().await? else { break };
            self.waiting.extend(self.parser.feed(&chunk)?);
        }
        let rows = std::mem::take(&mut self.waiting);
        Ok((!rows.is_empty()).then_some(rows))
    }

    fn end(self: Box<Self>) -> Result<ReportEnd, ConnectorError> {
        self.parser.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_report_is_asked_for_by_its_function_and_period() {
        let first = |report| addresses(report, ReportPeriod::D180).remove(0);
        assert_eq!(first(UsageReport::Teams), "v1.0/reports/getTeamsUserActivityUserDetail(period='D180')", "5.2");
        assert_eq!(first(UsageReport::Activations), "v1.0/reports/getOffice365ActivationsUserDetail", "5.2");
        let copilot = addresses(UsageReport::Copilot, ReportPeriod::D90);
        assert!(copilot[0].starts_with("v1.0/copilot/reports/") && copilot[1].starts_with("beta/reports/"), "9#39");
        let all: std::collections::BTreeSet<_> =
            UsageReport::ALL.iter().flat_map(|report| addresses(*report, ReportPeriod::D7)).collect();
        assert_eq!(all.len(), UsageReport::ALL.len() + 3, "no two are the same");
    }
}
