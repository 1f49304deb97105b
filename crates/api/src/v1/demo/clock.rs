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
