//! The query string. A parameter that is not known, given twice or of the wrong kind is refused by
//! its name; one that is meant to be repeated (`?state=a&state=b`) may be.

use std::collections::BTreeMap;
use std::fmt;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor, value::SeqDeserializer,
    value::StringDeserializer,
};
use serde::forward_to_deserialize_any;

use crate::problem::Problem;

/// The parameters after `?`.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| Problem::unreadable("The query string cannot be read."))?;
        parse(pairs.0).map(Self)
    }
}

fn parse<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Problem> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        values.entry(name).or_default().push(value);
    }
    T::deserialize(Parameters { rest: values.into_iter(), next: None }).map_err(|wrong| match wrong.field {
        Some(field) => Problem::invalid(&field, wrong.message),
        None => Problem::unreadable(wrong.message),
    })
}

/// What is wrong, and with which parameter.
#[derive(Debug)]
struct Wrong {
    field: Option<String>,
    message: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Wrong {}

impl serde::de::Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { field: None, message: message.to_string() }
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self { field: Some(field.to_owned()), message: format!("There is no parameter {field}.") }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { field: Some(field.to_owned()), message: format!("The parameter {field} is needed.") }
    }
}

struct Parameters {
    rest: std::collections::btree_map::IntoIter<String, Vec<String>>,
    next: Option<(String, Vec<String>)>,
}

impl<'de> Deserializer<'de> for Parameters {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Parameters {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some((name, values)) = self.rest.next() else { return Ok(None) };
        let key: StringDeserializer<Wrong> = name.clone().into_deserializer();
        self.next = Some((name, values));
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        let (name, values) = self.next.take().expect("a value follows its key");
        seed.deserialize(Values(values)).map_err(|wrong| Wrong { field: Some(name), message: wrong.message })
    }
}

/// Everything given for one parameter.
struct Values(Vec<String>);

impl Values {
    fn one(self) -> Result<String, Wrong> {
        let [one] = <[String; 1]>::try_from(self.0)
            .map_err(|all| serde::de::Error::custom(format!("given {} times", all.len())))?;
        Ok(one)
    }
}

/// Reads a scalar from the parameter's text.
macro_rules! from_text {
    ($($method:ident $visit:ident $type:ty, $words:literal;)+) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
                let text = self.one()?;
                let value: $type = text
                    .parse()
                    .map_err(|_| <Wrong as serde::de::Error>::custom(format!("must be {}, not {text:?}", $words)))?;
                visitor.$visit(value)
            }
        )+
    };
}

impl<'de> Deserializer<'de> for Values {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_string(self.one()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_seq(SeqDeserializer::<_, Wrong>::new(self.0.into_iter()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let text: StringDeserializer<Wrong> = self.one()?.into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    from_text! {
        deserialize_bool visit_bool bool, "true or false";
        deserialize_u32 visit_u32 u32, "a whole number";
        deserialize_u64 visit_u64 u64, "a whole number";
        deserialize_i64 visit_i64 i64, "a whole number";
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map
        struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::extract::{Limit, Page};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        #[serde(default)]
        state: Vec<String>,
        days: Option<u32>,
        limit: Option<Limit>,
    }

    fn ask(pairs: &[(&str, &str)]) -> Result<Asked, serde_json::Value> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        parse(pairs).map_err(|problem| problem.to_json())
    }

    #[test]
    fn a_repeated_parameter_is_a_list_and_a_single_one_is_a_list_of_one() {
        assert_eq!(ask(&[("state", "a"), ("state", "b")]).expect("read").state, ["a", "b"]);
        assert_eq!(ask(&[("state", "a"), ("days", "90")]).expect("read").days, Some(90));
        assert!(ask(&[]).expect("read").state.is_empty());
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        assert_eq!(ask(&[("dayz", "1")]).expect_err("unknown")["field"], "dayz");
        assert_eq!(ask(&[("days", "many")]).expect_err("no number")["field"], "days");
        assert_eq!(ask(&[("days", "1"), ("days", "2")]).expect_err("twice")["field"], "days");
    }

    #[test]
    fn a_limit_out_of_range_is_refused_and_never_clamped() {
        for bad in ["0", "201", "-1", "x"] {
            assert_eq!(ask(&[("limit", bad)]).expect_err(bad)["field"], "limit");
        }
        assert_eq!(Page::new(ask(&[("limit", "200")]).expect("read").limit, None).limit, 200);
        assert_eq!(Page::new(None, None).limit, 50);
    }
}
