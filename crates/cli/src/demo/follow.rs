//! The demo's server follows the clock of its simulated tenant. Before the clock shows a new day the
//! HR roster is that day's, so that a sync that becomes due reads today's file.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use reseat_domain::time::{Day, Timestamp};
use reseat_engine::clock::FollowedClock;
use tokio::sync::Mutex;

use crate::demo::simulator::{ClockReading, Control};

/// How often the clock is read.
const EVERY: Duration = Duration::from_millis(200);

/// Follows one simulator.
pub struct Follower {
    control: Control,
    clock: Arc<FollowedClock>,
    roster: Option<PathBuf>,
    /// The day of the roster in the file; held while it is renewed.
    roster_day: Mutex<Option<Day>>,
}

impl Follower {
    /// Waits for the simulator and takes its time.
    pub async fn begin(sim_url: &str, roster: Option<PathBuf>) -> anyhow::Result<Self> {
        let control = Control::new(sim_url)?;
        let mut tries = 0;
        let reading = loop {
            match control.clock().await {
                Ok(reading) => break reading,
                // It may be just coming back; both are started by the same parent.
                Err(_) if tries < 100 => tries += 1,
                Err(error) => return Err(error).context("the simulator does not tell the time"),
            }
            tokio::time::sleep(EVERY).await;
        };
        let clock = Arc::new(FollowedClock::new(reading.now));
        let follower = Self { control, clock, roster, roster_day: Mutex::new(None) };
        follower.take(reading).await?;
        Ok(follower)
    }

    /// The clock that is moved.
    pub fn clock(&self) -> Arc<FollowedClock> {
        Arc::clone(&self.clock)
    }

    /// Keeps following; never ends. A simulator that is away leaves the clock running by itself.
    pub async fn keep_following(&self) {
        loop {
            tokio::time::sleep(EVERY).await;
            let Ok(reading) = self.control.clock().await else { continue };
            if let Err(error) = self.take(reading).await {
                tracing::warn!(error = %error, "the simulated time is not taken yet");
            }
        }
    }

    /// Moves the simulated time on, and ours with it.
    pub async fn advance(&self, seconds: i64) -> anyhow::Result<Timestamp> {
        let reading = self.control.advance(seconds).await.context("the simulator's clock does not move")?;
        self.take(reading).await?;
        Ok(reading.now)
    }

    async fn take(&self, reading: ClockReading) -> anyhow::Result<()> {
        let today = reading.now.day();
        let mut roster_day = self.roster_day.lock().await;
        if let Some(path) = &self.roster
            && *roster_day != Some(today)
        {
            self.control.write_roster(path).await.context("the roster of today is not there")?;
            *roster_day = Some(today);
        }
        self.clock.set(reading.now, reading.rate);
        Ok(())
    }
}
