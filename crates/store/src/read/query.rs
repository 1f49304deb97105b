//! SQL that grows with the filters asked for, with the values it binds, for either engine.

use sqlx::FromRow;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use crate::dialect::storable;
use crate::error::StoreError;
use crate::pool::{Tx, on_either};

/// A value to bind.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    Truth(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(storable(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(storable(&text))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Truth(truth)
    }
}

/// A statement in the making.
#[derive(Debug, Clone)]
pub(super) struct Query {
    sql: String,
    values: Vec<Value>,
}

impl Query {
    /// Begins with SQL that binds nothing yet.
    pub(super) fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), values: Vec::new() }
    }

    /// Adds SQL in which each `?` stands for the next of `values`.
    pub(super) fn push<const N: usize>(&mut self, sql: &str, values: [Value; N]) -> &mut Self {
        let mut parts = sql.split('?');
        self.sql.push_str(parts.next().unwrap_or_default());
        let mut values = values.into_iter();
        for part in parts {
            self.values.push(values.next().expect("as many values as question marks"));
            self.sql.push('$');
            self.sql.push_str(&self.values.len().to_string());
            self.sql.push_str(part);
        }
        debug_assert!(values.next().is_none(), "as many question marks as values");
        self
    }

    /// Adds ` and <condition>` when there is a value to compare with.
    pub(super) fn filter(&mut self, condition: &str, value: Option<impl Into<Value>>) -> &mut Self {
        if let Some(value) = value {
            self.push(&format!(" and {condition}"), [value.into()]);
        }
        self
    }

    /// Runs it.
    pub(super) async fn fetch<T>(self, tx: &mut Tx) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let Self { sql, values } = self;
        Ok(on_either!(tx, conn => {
            let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
            for value in values {
                query = match value {
                    Value::Text(text) => query.bind(text),
                    Value::Number(number) => query.bind(number),
                    Value::Truth(truth) => query.bind(truth),
                };
            }
            query.fetch_all(conn).await
        })?)
    }

    /// Runs it and gives the first row.
    pub(super) async fn fetch_one<T>(self, tx: &mut Tx) -> Result<Option<T>, StoreError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        Ok(self.fetch(tx).await?.into_iter().next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_mark_becomes_the_next_placeholder() {
        let mut query = Query::new("select 1 from t where true");
        query.push(" and a = ? and b < ?", ["x".into(), 2.into()]);
        query.filter("c = ?", None::<i64>).filter("d = ?", Some(true));
        assert_eq!(query.sql, "select 1 from t where true and a = $1 and b < $2 and d = $3");
        assert_eq!(query.values.len(), 3);
    }
}
