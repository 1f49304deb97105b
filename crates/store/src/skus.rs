//! Skus, license terms and groups of a tenant.

use reseat_domain::directory::{OpenWord, Service, Sku, SkuPlan};
use reseat_domain::ids::{GroupId, SkuId, TenantId};
use reseat_domain::licensing::GroupLicense;
use reseat_domain::money::Price;
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use crate::dialect::storable;
use crate::error::{StoreError, parse, parse_json, to_json};
use crate::pool::{Tx, on_either};

#[derive(FromRow)]
struct SkuRow {
    sku_id: String,
    part_number: String,
    name: String,
    assignable_to_people: bool,
    capability_status: String,
    enabled_units: i64,
    warning_units: i64,
    suspended_units: i64,
    consumed_units: i64,
    plans: String,
}

/// A sku with the name people read.
#[derive(Debug, Clone)]
pub struct NamedSku {
    /// What the tenant says.
    pub sku: Sku,
    /// Friendly name, or the part number.
    pub name: String,
}

/// All skus of a tenant.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_skus(tx: &mut Tx, tenant_id: TenantId) -> Result<Vec<NamedSku>, StoreError> {
    let rows: Vec<SkuRow> = on_either!(tx, conn =>
        sqlx::query_as(
            "select sku_id, part_number, name, assignable_to_people, capability_status, enabled_units, warning_units,
                    suspended_units, consumed_units, plans
             from skus where tenant_id = $1 order by sku_id",
        )
        .bind(tenant_id.to_string())
        .fetch_all(conn)
        .await)?;
    rows.into_iter()
        .map(|row| {
            Ok(NamedSku {
                sku: Sku {
                    sku_id: parse("skus", "sku_id", &row.sku_id)?,
                    part_number: row.part_number,
                    assignable_to_people: row.assignable_to_people,
                    capability_status: OpenWord(row.capability_status),
                    enabled_units: row.enabled_units,
                    warning_units: row.warning_units,
                    suspended_units: row.suspended_units,
                    consumed_units: row.consumed_units,
                    plans: parse_json::<Vec<SkuPlan>>("skus", "plans", &row.plans)?,
                },
                name: row.name,
            })
        })
        .collect()
}

/// Replaces the skus of a tenant by what a complete reading gave.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn replace_skus(tx: &mut Tx, tenant_id: TenantId, skus: &[NamedSku]) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("delete from skus where tenant_id = $1").bind(tenant_id.to_string()).execute(conn).await.map(|_| ()))?;
    for chunk in skus.chunks(500) {
        on_either!(tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into skus (tenant_id, sku_id, part_number, name, assignable_to_people, capability_status,
                                   enabled_units, warning_units, suspended_units, consumed_units, plans, services) ",
            );
            query.push_values(chunk, |mut row, item| {
                let services: Vec<Service> = Service::of_sku(&item.sku.plans).into_iter().collect();
                row.push_bind(tenant_id.to_string())
                    .push_bind(item.sku.sku_id.to_string())
                    .push_bind(storable(&item.sku.part_number))
                    .push_bind(storable(&item.name))
                    .push_bind(item.sku.assignable_to_people)
                    .push_bind(storable(&item.sku.capability_status.0))
                    .push_bind(item.sku.enabled_units)
                    .push_bind(item.sku.warning_units)
                    .push_bind(item.sku.suspended_units)
                    .push_bind(item.sku.consumed_units)
                    .push_bind(to_json(&item.sku.plans))
                    .push_bind(to_json(&services));
            });
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// How many people hold a sku, as of the last published round.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn count_holders(tx: &mut Tx, tenant_id: TenantId, sku_id: SkuId) -> Result<i64, StoreError> {
    let (count,): (i64,) = on_either!(tx, conn =>
        sqlx::query_as("select count(*) from seats where tenant_id = $1 and sku_id = $2")
            .bind(tenant_id.to_string())
            .bind(sku_id.to_string())
            .fetch_one(conn)
            .await)?;
    Ok(count)
}

/// What a seat of a sku costs, if that was entered.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_price(tx: &mut Tx, tenant_id: TenantId, sku_id: SkuId) -> Result<Option<Price>, StoreError> {
    let row: Option<(i64, String, String)> = on_either!(tx, conn =>
        sqlx::query_as(
            "select price_millionths, currency, payment_frequency from license_terms
             where tenant_id = $1 and sku_id = $2",
        )
        .bind(tenant_id.to_string())
        .bind(sku_id.to_string())
        .fetch_optional(conn)
        .await)?;
    row.map(|(millionths, currency, frequency)| {
        Ok(Price::from_millionths(
            millionths,
            parse("license_terms", "currency", &currency)?,
            parse("license_terms", "payment_frequency", &frequency)?,
        ))
    })
    .transpose()
}

/// Enters what a seat of a sku costs.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn set_price(
    tx: &mut Tx,
    tenant_id: TenantId,
    id: &str,
    sku_id: SkuId,
    price: Price,
    now: Timestamp,
) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into license_terms (tenant_id, id, sku_id, price_millionths, currency, payment_frequency, quantity,
                                        purchase_id, effective_on, expires_on, owner_mail, created_at, version)
             values ($1, $2, $3, $4, $5, $6, null, null, null, null, null, $7, 1)
             on conflict (tenant_id, sku_id) do update set price_millionths = excluded.price_millionths,
                 currency = excluded.currency, payment_frequency = excluded.payment_frequency,
                 version = license_terms.version + 1",
        )
        .bind(tenant_id.to_string())
        .bind(id.to_owned())
        .bind(sku_id.to_string())
        .bind(price.millionths())
        .bind(price.currency.to_string())
        .bind(price.frequency.as_str())
        .bind(now.as_micros())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Takes the price of a sku away.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn delete_price(tx: &mut Tx, tenant_id: TenantId, sku_id: SkuId) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query("delete from license_terms where tenant_id = $1 and sku_id = $2")
            .bind(tenant_id.to_string())
            .bind(sku_id.to_string())
            .execute(conn)
            .await
            .map(|_| ()))?;
    Ok(())
}

/// A group seats are inherited from.
#[derive(Debug, Clone)]
pub struct GroupName {
    /// Its id.
    pub group_id: GroupId,
    /// Shown name.
    pub display_name: String,
    /// What kind of group it is, as JSON.
    pub kind: String,
}

/// Keeps names and kinds of groups.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn upsert_groups(tx: &mut Tx, tenant_id: TenantId, groups: &[GroupName]) -> Result<(), StoreError> {
    for chunk in groups.chunks(500) {
        on_either!(tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into directory_groups (tenant_id, group_id, display_name, kind) ",
            );
            query.push_values(chunk, |mut row, item| {
                row.push_bind(tenant_id.to_string())
                    .push_bind(item.group_id.to_string())
                    .push_bind(storable(&item.display_name))
                    .push_bind(item.kind.clone());
            });
            query.push(
                " on conflict (tenant_id, group_id) do update set display_name = excluded.display_name, kind = excluded.kind",
            );
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// The names of groups, by id; a group never read keeps its id as its name.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn group_names(tx: &mut Tx, tenant_id: TenantId, ids: &[GroupId]) -> Result<Vec<String>, StoreError> {
    let mut names = Vec::with_capacity(ids.len());
    for id in ids {
        let row: Option<(String,)> = on_either!(tx, conn =>
            sqlx::query_as("select display_name from directory_groups where tenant_id = $1 and group_id = $2")
                .bind(tenant_id.to_string())
                .bind(id.to_string())
                .fetch_optional(conn)
                .await)?;
        names.push(row.map_or_else(|| id.to_string(), |row| row.0));
    }
    Ok(names)
}

/// A group that gives licenses to its members, as a complete reading gave it.
#[derive(Debug, Clone)]
pub struct LicensedGroup {
    /// Its id.
    pub group_id: GroupId,
    /// Shown name.
    pub display_name: String,
    /// What kind of group it is, in one word.
    pub kind: String,
    /// The rule that fills it, for a dynamic one.
    pub membership_rule: Option<String>,
    /// What it gives.
    pub licenses: Vec<GroupLicense>,
}

/// Replaces what groups give by what a complete reading gave. Groups that give nothing any more keep
/// their names, because seats may still name them.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn replace_licensed_groups(
    tx: &mut Tx,
    tenant_id: TenantId,
    groups: &[LicensedGroup],
) -> Result<(), StoreError> {
    for sql in [
        "delete from group_licenses where tenant_id = $1",
        "update directory_groups set membership_rule = null where tenant_id = $1 and membership_rule is not null",
    ] {
        on_either!(&mut *tx, conn =>
            sqlx::query(sql).bind(tenant_id.to_string()).execute(conn).await.map(|_| ()))?;
    }
    for chunk in groups.chunks(500) {
        on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into directory_groups (tenant_id, group_id, display_name, kind, membership_rule) ",
            );
            query.push_values(chunk, |mut row, item| {
                row.push_bind(tenant_id.to_string())
                    .push_bind(item.group_id.to_string())
                    .push_bind(storable(&item.display_name))
                    .push_bind(item.kind.clone())
                    .push_bind(item.membership_rule.as_deref().map(storable));
            });
            query.push(
                " on conflict (tenant_id, group_id) do update set display_name = excluded.display_name,
                     kind = excluded.kind, membership_rule = excluded.membership_rule",
            );
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    let licenses: Vec<&GroupLicense> = groups.iter().flat_map(|group| &group.licenses).collect();
    for chunk in licenses.chunks(500) {
        on_either!(&mut *tx, conn => {
            let mut query =
                sqlx::QueryBuilder::new("insert into group_licenses (tenant_id, group_id, sku_id, disabled_plans) ");
            query.push_values(chunk, |mut row, item| {
                row.push_bind(tenant_id.to_string())
                    .push_bind(item.group_id.to_string())
                    .push_bind(item.sku_id.to_string())
                    .push_bind(to_json(&item.disabled_plans));
            });
            // The same sku twice on one group is one license.
            query.push(
                " on conflict (tenant_id, group_id, sku_id) do update set disabled_plans = excluded.disabled_plans",
            );
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

#[derive(FromRow)]
struct GroupLicenseRow {
    group_id: String,
    sku_id: String,
    disabled_plans: String,
}

/// What these groups give to their members, as of the last complete reading. A group without an entry
/// gives nothing as far as is known, or was never read: source `groups` says when.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_group_licenses(
    tx: &mut Tx,
    tenant_id: TenantId,
    group_ids: &[GroupId],
) -> Result<Vec<GroupLicense>, StoreError> {
    let mut found = Vec::new();
    for chunk in group_ids.chunks(500) {
        let rows: Vec<GroupLicenseRow> = on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "select group_id, sku_id, disabled_plans from group_licenses where tenant_id = ",
            );
            query.push_bind(tenant_id.to_string());
            query.push(" and group_id in (");
            let mut ids = query.separated(", ");
            for id in chunk {
                ids.push_bind(id.to_string());
            }
            query.push(") order by group_id, sku_id");
            query.build_query_as().fetch_all(conn).await
        })?;
        for row in rows {
            found.push(GroupLicense {
                group_id: parse("group_licenses", "group_id", &row.group_id)?,
                sku_id: parse("group_licenses", "sku_id", &row.sku_id)?,
                disabled_plans: parse_json("group_licenses", "disabled_plans", &row.disabled_plans)?,
            });
        }
    }
    Ok(found)
}
