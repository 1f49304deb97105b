//! The two schemas are one: same tables, columns, nullability and keys; and every table but the
//! installation's belongs to a tenant.

use std::collections::BTreeMap;

use reseat_domain::ids::TenantId;
use reseat_store::{Store, Tx};

use crate::engines::Database;

/// Tables that belong to no tenant, by name. The trail is one of them because a log is named by its
/// tenant or is the installation's own.
const INSTALLATION: [&str; 10] = [
    "accounts",
    "api_tokens",
    "audit_entries",
    "audit_heads",
    "audit_readable",
    "bootstrap_codes",
    "idempotency_keys",
    "sessions",
    "settings",
    "_sqlx_migrations",
];

/// Rows of a select that runs on both databases.
macro_rules! rows {
    ($store:expr, $sql:expr $(, $bind:expr)*) => {{
        let mut tx = $store.read().await?;
        match &mut tx {
            Tx::Sqlite(transaction) => sqlx::query_as($sql)$(.bind($bind))*.fetch_all(&mut **transaction).await?,
            Tx::Postgres(transaction) => sqlx::query_as($sql)$(.bind($bind))*.fetch_all(&mut **transaction).await?,
        }
    }};
}

/// Kind, subject, from, until and value of all history, in order.
pub async fn history(
    store: &Store,
    tenant_id: TenantId,
) -> anyhow::Result<Vec<(String, String, i64, Option<i64>, String)>> {
    Ok(rows!(
        store,
        "select kind, subject, from_at, until_at, value from history where tenant_id = $1
         order by kind, subject, from_at",
        tenant_id.to_string()
    ))
}

/// How many rows PostgreSQL believes a table to have; `None` on SQLite, which believes nothing.
pub async fn counted_rows(store: &Store, table: &str) -> anyhow::Result<Option<i64>> {
    if !store.is_postgres() {
        return Ok(None);
    }
    let counted: Vec<(i64,)> = rows!(
        store,
        "select c.reltuples::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = current_schema() and c.relname = $1",
        table.to_owned()
    );
    Ok(Some(counted[0].0))
}

#[derive(Debug, PartialEq, Eq)]
struct Table {
    /// Name, kind and whether it may be absent.
    columns: Vec<(String, &'static str, bool)>,
    primary_key: Vec<String>,
    /// Columns and condition of every unique index.
    unique: Vec<(Vec<String>, bool)>,
    /// Columns of every other index.
    indexes: Vec<Vec<String>>,
}

type Schema = BTreeMap<String, Table>;

/// What the store puts into a column of this type.
fn kind(declared: &str) -> &'static str {
    match declared.to_lowercase().as_str() {
        "text" => "text",
        "integer" | "bigint" | "boolean" => "number or truth",
        other => panic!("a column of type {other}"),
    }
}

async fn sqlite_schema(store: &Store) -> anyhow::Result<Schema> {
    let tables: Vec<(String, String)> =
        rows!(store, "select name, sql from sqlite_schema where type = 'table' and name not like 'sqlite_%'");
    let mut schema = Schema::new();
    for (name, sql) in tables {
        assert!(name.starts_with('_') || sql.ends_with("strict"), "{name} is not strict");
        let columns: Vec<(String, String, bool, i64)> = rows!(
            store,
            "select name, type, \"notnull\" = 0, pk from pragma_table_info($1) order by cid",
            name.clone()
        );
        let mut key: Vec<(i64, String)> =
            columns.iter().filter(|column| column.3 > 0).map(|column| (column.3, column.0.clone())).collect();
        key.sort();
        let indexes: Vec<(String, bool, String, bool)> =
            rows!(store, "select name, \"unique\", origin, partial from pragma_index_list($1)", name.clone());
        let (mut unique, mut plain) = (Vec::new(), Vec::new());
        for (index, is_unique, origin, partial) in indexes {
            let parts: Vec<(String,)> = rows!(store, "select name from pragma_index_info($1) order by seqno", index);
            let parts: Vec<String> = parts.into_iter().map(|part| part.0).collect();
            match (origin.as_str(), is_unique) {
                ("pk", _) => {}
                (_, true) => unique.push((parts, partial)),
                (_, false) => plain.push(parts),
            }
        }
        unique.sort();
        plain.sort();
        if name.starts_with('_') {
            continue;
        }
        let columns = columns.into_iter().map(|column| (column.0, kind(&column.1), column.2)).collect();
        let primary_key = key.into_iter().map(|part| part.1).collect();
        schema.insert(name, Table { columns, primary_key, unique, indexes: plain });
    }
    Ok(schema)
}

async fn postgres_schema(store: &Store) -> anyhow::Result<Schema> {
    let columns: Vec<(String, String, String, bool)> = rows!(
        store,
        "select table_name::text, column_name::text, data_type::text, is_nullable = 'YES'
         from information_schema.columns where table_schema = current_schema() order by table_name, ordinal_position"
    );
    let collations: Vec<(String, String)> = rows!(
        store,
        "select table_name::text, column_name::text from information_schema.columns
         where table_schema = current_schema() and data_type = 'text' and collation_name is distinct from 'C'
           and table_name not like '\\_%'"
    );
    assert_eq!(collations, [], "every text sorts by its bytes");
    let indexes: Vec<(String, String, bool, bool, bool)> = rows!(
        store,
        "select t.relname::text,
                (select string_agg(a.attname, ',' order by k.place) from unnest(i.indkey) with ordinality k(number, place)
                 join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number),
                i.indisprimary, i.indisunique, i.indpred is not null
         from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
         where n.nspname = current_schema()"
    );
    let mut schema = Schema::new();
    for (table, column, data_type, nullable) in columns {
        if table.starts_with('_') {
            continue;
        }
        let entry = schema.entry(table).or_insert_with(|| Table {
            columns: Vec::new(),
            primary_key: Vec::new(),
            unique: Vec::new(),
            indexes: Vec::new(),
        });
        entry.columns.push((column, kind(&data_type), nullable));
    }
    for (table, parts, primary, unique, partial) in indexes {
        let Some(entry) = schema.get_mut(&table) else { continue };
        let parts: Vec<String> = parts.split(',').map(str::to_owned).collect();
        match (primary, unique) {
            (true, _) => entry.primary_key = parts,
            (false, true) => entry.unique.push((parts, partial)),
            (false, false) => entry.indexes.push(parts),
        }
    }
    for table in schema.values_mut() {
        table.unique.sort();
        table.indexes.sort();
    }
    Ok(schema)
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_and_keys() -> anyhow::Result<()> {
    let sqlite = Database::sqlite().await?;
    let found = sqlite_schema(&sqlite.store).await?;
    assert!(found.len() > 30, "{} tables", found.len());
    let Some(postgres) = Database::postgres().await? else { return Ok(()) };
    let other = postgres_schema(&postgres.store).await?;
    assert_eq!(found.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, table) in &found {
        assert_eq!(table, &other[name], "table {name}");
    }
    Ok(())
}

#[tokio::test]
async fn every_table_but_the_installation_s_begins_its_key_with_the_tenant() -> anyhow::Result<()> {
    let sqlite = Database::sqlite().await?;
    let schema = sqlite_schema(&sqlite.store).await?;
    for name in INSTALLATION.iter().filter(|name| !name.starts_with('_')) {
        assert!(schema.contains_key(*name), "{name} is listed and does not exist");
    }
    for (name, table) in schema {
        assert!(!table.primary_key.is_empty(), "{name} has no primary key");
        if !INSTALLATION.contains(&name.as_str()) {
            assert_eq!(table.primary_key.first().map(String::as_str), Some("tenant_id"), "{name}");
        }
    }
    Ok(())
}
