//! What one person holds through which paths, and the terms of the groups that give it, as of the last
//! published rounds: what the removal-path solver looks at before anything is read afresh.

use std::collections::BTreeMap;

use reseat_domain::directory::HeldSeat;
use reseat_domain::ids::{GroupId, TenantId, UserId};
use reseat_domain::plan::GroupTerms;

use crate::error::{StoreError, parse, parse_json};
use crate::pool::{Tx, on_either};

/// Every seat of a person, each with its paths.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_seats_of_person(
    tx: &mut Tx,
    tenant_id: TenantId,
    user_id: UserId,
) -> Result<Vec<HeldSeat>, StoreError> {
    let rows: Vec<(String, String)> = on_either!(tx, conn =>
        sqlx::query_as("select sku_id, paths from seats where tenant_id = $1 and user_id = $2 order by sku_id")
            .bind(tenant_id.to_string())
            .bind(user_id.to_string())
            .fetch_all(conn)
            .await)?;
    rows.iter()
        .map(|(sku_id, paths)| {
            Ok(HeldSeat { sku_id: parse("seats", "sku_id", sku_id)?, paths: parse_json("seats", "paths", paths)? })
        })
        .collect()
}

/// The terms of the given groups. A group of which nothing is known that it gives is left out: it was not
/// read, or gives nothing any more, and a fresh reading tells which.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_group_terms(
    tx: &mut Tx,
    tenant_id: TenantId,
    ids: &[GroupId],
) -> Result<BTreeMap<GroupId, GroupTerms>, StoreError> {
    let mut found: BTreeMap<GroupId, GroupTerms> = BTreeMap::new();
    for id in ids {
        let rows: Vec<(String, String, String, String)> = on_either!(&mut *tx, conn =>
            sqlx::query_as(
                "select g.display_name, g.kind, l.sku_id, l.disabled_plans from group_licenses l
                 join directory_groups g on g.tenant_id = l.tenant_id and g.group_id = l.group_id
                 where l.tenant_id = $1 and l.group_id = $2 order by l.sku_id",
            )
            .bind(tenant_id.to_string())
            .bind(id.to_string())
            .fetch_all(conn)
            .await)?;
        for (display_name, kind, sku_id, off) in rows {
            // A kind of a later version is no kind that may be left.
            let Ok(kind) = kind.parse() else { continue };
            let terms = found.entry(*id).or_insert_with(|| GroupTerms {
                group_id: *id,
                display_name,
                kind,
                skus: BTreeMap::new(),
            });
            terms.skus.insert(
                parse("group_licenses", "sku_id", &sku_id)?,
                parse_json("group_licenses", "disabled_plans", &off)?,
            );
        }
    }
    Ok(found)
}
