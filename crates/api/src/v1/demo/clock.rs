//! `POST /demo/clock`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extract::Json;
use crate::problem::Problem;
use crate::scalar::Moment;
use crate::state::ApiState;

/// 366 days: further at once, every source would be too old to be believed.
const LONGEST_SECONDS: i64 = 366 * 86_400;

/// How far to move.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockMove {
    /// Seconds, 1 to 31,622,400 (366 days).
    #[schema(minimum = 1, maximum = 31_622_400)]
    pub advance_s: i64,
}

/// What time it is now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DemoClock {
    /// In the simulated world.
    pub now: Moment,
}

/// Moves the clock of the demo. There is no such address on a real server.
#[utoipa::path(
    post,
    path = "/demo/clock",
    tag = "demo",
    request_body = ClockMove,
    responses((status = 200, description = "Moved.", body = DemoClock)),
)]
pub async fn move_demo_clock(
    State(state): State<ApiState>,
    Json(body): Json<ClockMove>,
) -> Result<Json<DemoClock>, Problem> {
    let demo = state.demo.as_ref().ok_or_else(|| Problem::not_found("address"))?;
    if !(1..=LONGEST_SECONDS).contains(&body.advance_s) {
        return Err(Problem::invalid("advance_s", format!("Move on by 1 to {LONGEST_SECONDS} seconds.")));
    }
    let now = demo.advance(body.advance_s).await.map_err(Problem::unavailable)?;
    // Whatever became due meanwhile is looked at now, not at the next pass.
    state.engine.nudge();
    Ok(Json(DemoClock { now: now.into() }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;
    use reseat_domain::time::Timestamp;
    use reseat_engine::clock::{Clock as _, FixedClock};
    use reseat_testkit::World;
    use serde_json::{Value, json};

    use crate::DemoControl;
    use crate::tests::Api;

    struct Bar(Arc<FixedClock>);

    #[async_trait]
    impl DemoControl for Bar {
        fn mail_url(&self) -> String {
            "http://127.0.0.1:1/_sim/mail".to_owned()
        }

        fn sim_url(&self) -> String {
            "http://127.0.0.1:1".to_owned()
        }

        async fn advance(&self, seconds: i64) -> Result<Timestamp, String> {
            self.0.advance_seconds(seconds);
            Ok(self.0.now())
        }
    }

    #[tokio::test]
    async fn a_real_server_has_no_clock_to_move() {
        let api = Api::unsynced().await;
        let manager = api.manager().await;
        manager.post("/demo/clock", json!({"advance_s": 3600})).await.refused(404, "not_found");
        assert_eq!(manager.get("/session").await.ok()["demo"], Value::Null);
        api.finish().await;
    }

    #[tokio::test]
    async fn the_demos_clock_moves_and_signs_nobody_out() {
        let world = World::builder().users(20).unsynced().build().await;
        let clock = Arc::clone(&world.clock);
        let api = Api::with(world, |parts| parts.demo = Some(Arc::new(Bar(clock))));
        let manager = api.manager().await;
        let before = api.world.engine().now();
        let moved = manager.post("/demo/clock", json!({"advance_s": 86_400})).await.ok();
        assert_eq!(moved["now"], before.plus_days(1).to_string());
        let session = manager.get("/session").await.ok();
        assert_eq!(session["demo"]["now"], moved["now"]);
        for bad in [0, -1, 40_000_000] {
            let refused = manager.post("/demo/clock", json!({"advance_s": bad})).await.refused(422, "invalid");
            assert_eq!(refused["field"], "advance_s");
        }
        api.auditor().await.post("/demo/clock", json!({"advance_s": 1})).await.refused(403, "forbidden");
        api.finish().await;
    }
}
