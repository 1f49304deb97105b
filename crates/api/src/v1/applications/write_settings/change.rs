//! `PATCH /applications/{tenant_id}/write-settings`

use axum::extract::State;
use reseat_domain::ids::TenantId;
use reseat_domain::window::Window;
use reseat_engine::CommandError;
use reseat_engine::commands::{self, WriteSettingsChange};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::{IfMatch, Json, Path};
use crate::problem::{Problem, ProblemBody};
use crate::state::ApiState;
use crate::v1::applications::write_settings::{ChangeWindow, WriteSettings};

/// What is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteSettingsPatch {
    /// Whether people may be taken out of groups to free a seat.
    pub group_removal: Option<bool>,
    /// The IANA zone that the windows are meant in.
    pub time_zone: Option<String>,
    /// When writes may start; an empty list means at any time.
    pub windows: Option<Vec<ChangeWindow>>,
}

/// Changes what may be written, and when.
#[utoipa::path(
    patch,
    path = "/applications/{tenant_id}/write-settings",
    tag = "applications",
    params(("tenant_id" = String, Path, description = "Which tenant."), IfMatch),
    request_body = WriteSettingsPatch,
    responses(
        (status = 200, description = "The settings as they are now.", body = WriteSettings),
        (status = 422, description = "A zone or a window makes no sense.", body = ProblemBody),
    ),
)]
pub async fn change_write_settings(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path(tenant_id): Path<TenantId>,
    if_match: IfMatch,
    Json(body): Json<WriteSettingsPatch>,
) -> Result<Json<WriteSettings>, Problem> {
    let before = WriteSettings::read(&state, tenant_id).await?;
    let version = if_match.check(before.version)?;
    let windows = body.windows.map(|windows| windows.into_iter().map(Window::try_from).collect::<Result<_, _>>());
    let windows = windows
        .transpose()
        .map_err(|word| Problem::from(CommandError::Invalid { field: "windows", message: word.to_string() }))?;
    let change = WriteSettingsChange { group_removal: body.group_removal, time_zone: body.time_zone, windows };
    commands::change_write_settings(&state.engine, &caller, &change, version).await?;
    Ok(Json(WriteSettings::read(&state, tenant_id).await?))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::tests::Api;

    #[tokio::test]
    async fn an_administrator_says_what_may_be_written_and_when() {
        let api = Api::synced().await;
        let path = format!("/applications/{}/write-settings", api.world.tenant_id());
        let admin = api.admin().await;
        let before = admin.get(&path).await.ok();
        assert_eq!(before["group_removal"], false, "off until somebody switches it on");
        assert_eq!((&before["windows"], &before["waits_because"]), (&json!([]), &Value::Null));
        let on = json!({ "group_removal": true });
        api.manager().await.if_match(&json!(0)).patch(&path, on.clone()).await.refused(403, "forbidden");
        admin.clone().if_match(&json!(9)).patch(&path, on.clone()).await.refused(412, "precondition_failed");
        let after = admin.clone().if_match(&before["version"]).patch(&path, on).await.ok();
        assert_eq!((&after["group_removal"], &after["version"]), (&json!(true), &json!(1)));

        // The world's clock stands still; a window that begins tomorrow is shut today.
        let tomorrow = api.world.engine().now().plus_days(1).day().to_string();
        let date: jiff::civil::Date = tomorrow.parse().expect("a day");
        let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let day = names[usize::try_from(date.weekday().to_monday_zero_offset()).expect("a day of the week")];
        let windows = json!({ "windows": [{ "days": [day], "from": "22:00", "until": "23:00" }] });
        let shut = admin.clone().if_match(&json!(1)).patch(&path, windows).await.ok();
        let why = shut["waits_because"].as_str().unwrap_or_default();
        assert!(why.contains("the next one opens at") && why.contains(&tomorrow), "{shut:#}");
        assert_eq!(shut["group_removal"], true, "what is left out stays");

        for wrong in [
            json!({ "time_zone": "Mars/Olympus" }),
            json!({ "windows": [{ "days": ["moonday"], "from": "22:00", "until": "23:00" }] }),
            json!({ "windows": [{ "days": [day], "from": "9", "until": "23:00" }] }),
        ] {
            admin.clone().if_match(&json!(2)).patch(&path, wrong).await.refused(422, "invalid");
        }
        let other = "/applications/00000000-0000-4000-8000-000000000000/write-settings";
        admin.get(other).await.refused(404, "not_found");
        api.finish().await;
    }
}
