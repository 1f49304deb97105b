//! Whole databases: copying one into another of either engine, and the digest that tells whether
//! two hold the same. Works from the schema the database itself reports, so a new table needs
//! nothing here.

use sha2::{Digest, Sha256};
use sqlx::{QueryBuilder, Row};

use crate::error::StoreError;
use crate::pool::{Store, Tx, on_either};

/// Rows of one page of a table.
const PAGE: usize = 500;

/// Bound values of one statement stay below this; SQLite takes 32,766.
const MOST_BINDS: usize = 30_000;

/// Tables that others refer to; they are filled first.
const REFERRED_TO: [&str; 1] = ["accounts"];

/// What a database holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Its tables with their numbers of rows, by name.
    pub tables: Vec<(String, u64)>,
    /// SHA-256 over every table, row and value in order: the same on either engine.
    pub digest: String,
}

impl Contents {
    /// All rows.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|(_, rows)| rows).sum()
    }
}

/// A value as either engine keeps it; a boolean is 0 or 1.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Null,
    Integer(i64),
    Text(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Boolean,
    Text,
}

#[derive(Debug, Clone)]
struct Column {
    name: String,
    kind: Kind,
    /// Place in the primary key, from 1; 0 for others.
    key: i64,
}

#[derive(Debug, Clone)]
struct Table {
    name: String,
    columns: Vec<Column>,
}

impl Table {
    fn list(&self) -> String {
        self.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The columns of the primary key, in its order.
    fn key(&self) -> Vec<usize> {
        let mut key: Vec<usize> = (0..self.columns.len()).filter(|&at| self.columns[at].key > 0).collect();
        key.sort_by_key(|&at| self.columns[at].key);
        key
    }

    fn key_list(&self) -> String {
        self.key().iter().map(|&at| self.columns[at].name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Copies everything `from` holds into `to`, in one transaction: whole or not at all.
///
/// # Errors
/// [`StoreError::Unfit`] when `to` holds anything already or has another schema.
pub async fn copy_all(from: &Store, to: &Store) -> Result<Contents, StoreError> {
    let mut source = from.read().await?;
    let mut target = to.write().await?;
    same_schema(&mut source, &mut target).await?;
    let tables = sources(&mut source).await?;
    let targets = self::tables(&mut target).await?;
    for table in &targets {
        if !read_page(&mut target, table, None).await?.is_empty() {
            return Err(StoreError::Unfit(format!(
                "the target holds data already (table {}); give an empty database",
                table.name
            )));
        }
    }
    copy_tables(&mut source, &mut target, &tables, &targets).await?;
    target.commit().await?;
    drop(source);
    let copied = contents(to).await?;
    let original = contents(from).await?;
    if copied != original {
        return Err(StoreError::Unfit(
            "the source changed while it was copied; stop its servers and copy into an empty database again".to_owned(),
        ));
    }
    Ok(copied)
}

/// What a database holds, in one consistent picture.
///
/// # Errors
/// [`StoreError`].
pub async fn contents(store: &Store) -> Result<Contents, StoreError> {
    let mut tx = store.read().await?;
    let mut hasher = Sha256::new();
    let mut counts = Vec::new();
    for table in tables(&mut tx).await? {
        hash_text(&mut hasher, &table.name);
        let mut names: Vec<usize> = (0..table.columns.len()).collect();
        // Engines may list the columns in another order.
        names.sort_by_key(|&at| table.columns[at].name.clone());
        let (mut last, mut rows) = (None, 0);
        loop {
            let page = read_page(&mut tx, &table, last.as_deref()).await?;
            let Some(end) = page.last() else { break };
            last = Some(end.clone());
            rows += page.len() as u64;
            for row in &page {
                for &at in &names {
                    hash_text(&mut hasher, &table.columns[at].name);
                    hash_value(&mut hasher, &row[at]);
                }
            }
        }
        counts.push((table.name, rows));
    }
    let digest = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Contents { tables: counts, digest })
}

fn hash_text(hasher: &mut Sha256, text: &str) {
    hasher.update((text.len() as u64).to_be_bytes());
    hasher.update(text.as_bytes());
}

fn hash_value(hasher: &mut Sha256, value: &Value) {
    match value {
        Value::Null => hasher.update([0]),
        Value::Integer(number) => {
            hasher.update([1]);
            hasher.update(number.to_be_bytes());
        }
        Value::Text(text) => {
            hasher.update([2]);
            hash_text(hasher, text);
        }
    }
}

async fn same_schema(source: &mut Tx, target: &mut Tx) -> Result<(), StoreError> {
    let (theirs, ours) = (schema_version(source).await?, schema_version(target).await?);
    if theirs == ours {
        return Ok(());
    }
    Err(StoreError::Unfit(format!(
        "the source is at migration {theirs} and the target at {ours}; run `reseat migrate` on the older one"
    )))
}

/// The last migration a database has had; 0 when it was never migrated.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn schema_version(tx: &mut Tx) -> Result<i64, StoreError> {
    let sql = match tx {
        Tx::Sqlite(_) => "select count(*) from sqlite_schema where name = '_sqlx_migrations'",
        Tx::Postgres(_) => {
            "select count(*) from information_schema.tables
             where table_schema = current_schema() and table_name = '_sqlx_migrations'"
        }
    };
    let (there,): (i64,) = on_either!(tx, conn => sqlx::query_as(sql).fetch_one(conn).await?);
    if there == 0 {
        return Ok(0);
    }
    let sql = "select coalesce(max(version), 0) from _sqlx_migrations";
    let (version,): (i64,) = on_either!(tx, conn => sqlx::query_as(sql).fetch_one(conn).await?);
    Ok(version)
}

async fn tables(tx: &mut Tx) -> Result<Vec<Table>, StoreError> {
    let sql = match tx {
        Tx::Sqlite(_) => {
            "select m.name, c.name, lower(c.type), cast(c.pk as integer)
             from sqlite_schema m join pragma_table_info(m.name) c
             where m.type = 'table' and m.name not like 'sqlite_%' and m.name <> '_sqlx_migrations'
             order by m.name, c.cid"
        }
        Tx::Postgres(_) => {
            "select c.table_name::text, c.column_name::text, c.data_type::text,
                    coalesce(array_position(i.indkey::int2[], c.ordinal_position::int2) + 1, 0)::bigint
             from information_schema.columns c
             join information_schema.tables t
               on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
             left join pg_index i
               on i.indrelid = (quote_ident(c.table_schema) || '.' || quote_ident(c.table_name))::regclass
              and i.indisprimary
             where c.table_schema = current_schema() and c.table_name <> '_sqlx_migrations'
             order by c.table_name collate \"C\", c.ordinal_position"
        }
    };
    let rows: Vec<(String, String, String, i64)> = on_either!(tx, conn => sqlx::query_as(sql).fetch_all(conn).await?);
    let mut tables: Vec<Table> = Vec::new();
    for (table, name, declared, key) in rows {
        let kind = match declared.as_str() {
            "integer" | "bigint" => Kind::Integer,
            "boolean" => Kind::Boolean,
            "text" => Kind::Text,
            other => return Err(StoreError::Unfit(format!("column {table}.{name} has the unknown type {other}"))),
        };
        let column = Column { name, kind, key };
        match tables.last_mut().filter(|last| last.name == table) {
            Some(last) => last.columns.push(column),
            None => tables.push(Table { name: table, columns: vec![column] }),
        }
    }
    Ok(tables)
}

/// The tables in the order in which they can be filled.
async fn sources(tx: &mut Tx) -> Result<Vec<Table>, StoreError> {
    let mut tables = tables(tx).await?;
    tables.sort_by_key(|table| (!REFERRED_TO.contains(&table.name.as_str()), table.name.clone()));
    Ok(tables)
}

async fn copy_tables(from: &mut Tx, to: &mut Tx, sources: &[Table], targets: &[Table]) -> Result<(), StoreError> {
    for table in sources {
        let into = targets
            .iter()
            .find(|target| target.name == table.name)
            .ok_or_else(|| StoreError::Unfit(format!("the target has no table {}", table.name)))?;
        let mut last = None;
        loop {
            let rows = read_page(from, table, last.as_deref()).await?;
            let Some(end) = rows.last() else { break };
            last = Some(end.clone());
            write_rows(to, table, into, &rows).await?;
        }
    }
    Ok(())
}

/// The next rows in the order of the primary key.
async fn read_page(tx: &mut Tx, table: &Table, after: Option<&[Value]>) -> Result<Vec<Vec<Value>>, StoreError> {
    let (columns, name, key) = (table.list(), &table.name, table.key_list());
    macro_rules! page {
        ($conn:expr, $database:ty) => {{
            let mut query: QueryBuilder<$database> = QueryBuilder::new(format!("select {columns} from {name}"));
            if let Some(last) = after {
                query.push(format!(" where ({key}) > ("));
                let mut binds = query.separated(", ");
                for at in table.key() {
                    match &last[at] {
                        Value::Text(text) => binds.push_bind(text.clone()),
                        Value::Integer(number) => binds.push_bind(*number),
                        Value::Null => binds.push_bind(None::<String>),
                    };
                }
                query.push(")");
            }
            query.push(format!(" order by {key} limit {PAGE}"));
            let rows = query.build().fetch_all($conn).await?;
            let mut page = Vec::with_capacity(rows.len());
            for row in rows {
                let mut values = Vec::with_capacity(table.columns.len());
                for (at, column) in table.columns.iter().enumerate() {
                    values.push(match column.kind {
                        Kind::Integer => row.try_get::<Option<i64>, _>(at)?.map_or(Value::Null, Value::Integer),
                        Kind::Boolean => {
                            row.try_get::<Option<bool>, _>(at)?.map_or(Value::Null, |yes| Value::Integer(yes.into()))
                        }
                        Kind::Text => row.try_get::<Option<String>, _>(at)?.map_or(Value::Null, Value::Text),
                    });
                }
                page.push(values);
            }
            Ok(page)
        }};
    }
    match tx {
        Tx::Sqlite(transaction) => page!(&mut **transaction, sqlx::Sqlite),
        Tx::Postgres(transaction) => page!(&mut **transaction, sqlx::Postgres),
    }
}

/// Writes rows read from `table` into the same table of another engine.
async fn write_rows(tx: &mut Tx, table: &Table, into: &Table, rows: &[Vec<Value>]) -> Result<(), StoreError> {
    let mut kinds = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        let target = into.columns.iter().find(|target| target.name == column.name).ok_or_else(|| {
            StoreError::Unfit(format!("the target's table {} has no column {}", table.name, column.name))
        })?;
        kinds.push(target.kind);
    }
    let start = format!("insert into {} ({}) ", table.name, table.list());
    macro_rules! insert {
        ($conn:expr, $database:ty, $rows:expr) => {{
            let mut query: QueryBuilder<$database> = QueryBuilder::new(start.clone());
            query.push_values($rows, |mut row, values| {
                for (value, kind) in values.iter().zip(&kinds) {
                    match (kind, value) {
                        (Kind::Text, Value::Text(text)) => row.push_bind(text.clone()),
                        (Kind::Text, Value::Null | Value::Integer(_)) => row.push_bind(None::<String>),
                        (Kind::Integer, Value::Integer(number)) => row.push_bind(*number),
                        (Kind::Integer, Value::Null | Value::Text(_)) => row.push_bind(None::<i64>),
                        (Kind::Boolean, Value::Integer(number)) => row.push_bind(*number != 0),
                        (Kind::Boolean, Value::Null | Value::Text(_)) => row.push_bind(None::<bool>),
                    };
                }
            });
            query.build().execute($conn).await?;
        }};
    }
    for rows in rows.chunks((MOST_BINDS / kinds.len().max(1)).clamp(1, PAGE)) {
        match tx {
            Tx::Sqlite(transaction) => insert!(&mut **transaction, sqlx::Sqlite, rows),
            Tx::Postgres(transaction) => insert!(&mut **transaction, sqlx::Postgres, rows),
        }
    }
    Ok(())
}

/// Writes a copy of everything into a new SQLite file while servers go on working.
///
/// # Errors
/// [`StoreError::Unfit`] when `file` exists already.
pub async fn snapshot_into(store: &Store, file: &std::path::Path) -> Result<(), StoreError> {
    if file.exists() {
        return Err(StoreError::Unfit(format!("{} exists already", file.display())));
    }
    let mut tx = store.read().await?;
    if let Tx::Sqlite(_) = tx {
        drop(tx);
        return store.vacuum_into(file).await;
    }
    // One picture of PostgreSQL, however long the copying takes.
    let target = Store::open(&format!("sqlite:{}", file.display())).await?;
    target.migrate().await?;
    let mut into = target.write().await?;
    same_schema(&mut tx, &mut into).await?;
    let targets = tables(&mut into).await?;
    let sources = sources(&mut tx).await?;
    copy_tables(&mut tx, &mut into, &sources, &targets).await?;
    into.commit().await?;
    target.close().await;
    Ok(())
}
