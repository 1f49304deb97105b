//! `GET /audit`

use axum::extract::State;
use reseat_domain::ids::TenantId;
use reseat_store::read::audit::{AuditCursor, AuditFilter, list_entries};
use reseat_store::trail::Log;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::extract::{Json, Limit, Page, Query, next_cursor};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::audit::AuditItem;
use crate::v1::audit::AuditList;

/// Which log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditLog {
    /// What concerns the tenant.
    #[default]
    Tenant,
    /// Accounts, sign-ins, settings.
    Installation,
}

/// Which entries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Only about this kind of thing; together with `object_id`.
    pub object_kind: Option<String>,
    /// Only about this thing; together with `object_kind`.
    pub object_id: Option<String>,
    /// Which log; the tenant's when left out.
    #[param(inline)]
    pub log: Option<AuditLog>,
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<u32>)]
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Entries of the trail, newest first.
#[utoipa::path(
    get,
    path = "/audit",
    tag = "audit",
    params(AuditQuery),
    responses((status = 200, description = "Entries.", body = AuditList)),
)]
pub async fn list_audit(
    State(state): State<ApiState>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditList>, Problem> {
    let page = Page::new(query.limit, query.cursor);
    let after: Option<AuditCursor> = page.place()?;
    let log = query.log.unwrap_or_default().of(state.engine.tenant_id());
    let filter = AuditFilter { object_kind: query.object_kind, object_id: query.object_id, user_id: None };
    let mut tx = state.engine.store().read().await?;
    let found = list_entries(&mut tx, log, &filter, after.as_ref(), page.limit).await?;
    let items = found.items.into_iter().map(AuditItem::from).collect();
    Ok(Json(AuditList { items, next_cursor: next_cursor(found.next) }))
}

impl AuditLog {
    /// The log itself.
    pub const fn of(self, tenant_id: TenantId) -> Log {
        match self {
            Self::Tenant => Log::Tenant(tenant_id),
            Self::Installation => Log::Installation,
        }
    }
}
