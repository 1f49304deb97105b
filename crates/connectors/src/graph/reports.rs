//! Usage reports: asked for at Graph, downloaded from another host, which does not get the token.

use bytes::Bytes;
use reqwest::Url;
use uuid::Uuid;

use crate::directory::{ActiveUserReport, ReportPeriod};
use crate::error::ConnectorError;

use super::active_users::{ends_whole, parse};
use super::answer::{Answer, garbled};
use super::client::Reading;
use super::follow::download;
use super::patience::{Passing, Patience, Tries, Trouble};
use super::reader::GraphReader;
use super::wire;

const SCOPE: &str = "Reports.Read.All";

/// The switch has a permission of its own (9#24).
const SETTINGS_SCOPE: &str = "ReportSettings.Read.All";

/// A report that is cut is fetched again this often in all: reports are scarce, 14 in ten minutes.
const TRIES_WHEN_CUT: u32 = 3;

/// Where an answer leads.
enum Step {
    /// The report itself, as some functions give it.
    Here(Bytes),
    /// To another host.
    At(Url),
}

impl GraphReader {
    pub(super) async fn read_names_concealed(&self) -> Result<bool, ConnectorError> {
        let url = self.client.cloud.graph("v1.0/admin/reportSettings");
        let settings: wire::ReportSettings = self.client.read(&url, self.sweeping(SETTINGS_SCOPE)).await?;
        Ok(settings.display_concealed_names)
    }

    pub(super) async fn read_active_users(&self, period: ReportPeriod) -> Result<ActiveUserReport, ConnectorError> {
        let path = format!("v1.0/reports/getOffice365ActiveUserDetail(period='{}')", period.as_str());
        let url = self.client.cloud.graph(&path);
        let mut tries = Tries::begin(self.sweep);
        loop {
            let spread = Uuid::new_v4();
            // A download address lives for minutes: each try asks for a new one.
            let passing = match self.download_report(&url, &tries).await {
                Ok(bytes) => return parse(&bytes),
                Err(Trouble::Final(error)) => return Err(error),
                Err(Trouble::Passing(passing)) => passing,
            };
            tries.wait(passing, spread.as_u64_pair().1).await?;
        }
    }

    async fn download_report(&self, url: &Url, tries: &Tries) -> Result<Bytes, Trouble> {
        let judge = |answer: &Answer| self.report_step(answer);
        let reading = Reading { scope: SCOPE, patience: Patience { total: tries.left(), ..self.sweep } };
        let bytes = match self.client.read_with(url, reading, judge).await? {
            Step::Here(bytes) => bytes,
            Step::At(address) => {
                let answer = self.client.get(&address, None, Uuid::new_v4(), tries.left()).await?;
                downloaded(&answer)?
            }
        };
        if ends_whole(&bytes) {
            return Ok(bytes);
        }
        let error = ConnectorError::Malformed("the active-user report was cut off".to_owned());
        Err(Trouble::Passing(Passing { tries: TRIES_WHEN_CUT, ..Passing::new(error) }))
    }

    fn report_step(&self, answer: &Answer) -> Result<Step, Trouble> {
        match (answer.status, answer.location()) {
            (200, _) if answer.says_html() => Err(answer.reading_trouble(SCOPE)),
            (200, _) => Ok(Step::Here(answer.body.clone())),
            (302, Some(location)) => Ok(Step::At(download(&self.client.cloud, location)?)),
            _ => Err(answer.reading_trouble(SCOPE)),
        }
    }
}

/// What the download host gave. It knows neither Graph's errors nor our token, so anything but a
/// file means: ask Graph again.
fn downloaded(answer: &Answer) -> Result<Bytes, Trouble> {
    if answer.status == 200 && !answer.says_html() && !answer.says_json() {
        return Ok(answer.body.clone());
    }
    Err(garbled(format!("the report could not be downloaded: status {}", answer.status)))
}
