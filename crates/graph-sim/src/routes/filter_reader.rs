//! Reads `$filter` on people and refuses what Graph refuses.

use crate::catalogue::find_sku;
use crate::clock::{Millis, parse_moment};
use crate::errors::GraphError;
use crate::routes::filter::{Filter, MomentField, Order, SignInField, TextField, TextTest, TruthField};
use crate::routes::filter_words::{Word, words};
use crate::world::World;
use std::collections::BTreeSet;
use uuid::Uuid;

fn unsupported(text: impl Into<String>) -> GraphError {
    GraphError::new(400, "Request_UnsupportedQuery", text)
}

fn invalid(text: &str) -> GraphError {
    GraphError::new(400, "BadRequest", format!("Invalid filter clause: {text}"))
}

fn clause(property: &str) -> GraphError {
    unsupported(format!(
        "Unsupported or invalid query filter clause specified for property '{property}' of resource 'User'."
    ))
}

/// A filter on its way from text to tree.
struct Reader<'a> {
    world: &'a World,
    words: Vec<Word>,
    at: usize,
    /// Whether the request has the advanced parameters.
    advanced: bool,
}

impl Filter {
    /// Reads `$filter`; what Graph refuses is refused here.
    pub fn parse(world: &World, text: Option<&str>, advanced: bool) -> Result<Self, GraphError> {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(Self::Everyone) };
        let words = words(text).ok_or_else(|| invalid(&format!("Syntax error in '{text}'.")))?;
        let mut reader = Reader { world, words, at: 0, advanced };
        let filter = reader.any()?;
        if reader.at < reader.words.len() {
            return Err(invalid(&format!("Syntax error at position {} in '{text}'.", reader.at)));
        }
        // Sign-ins lie elsewhere: no other predicate may join them.
        if filter.asks_sign_ins() && !matches!(filter, Self::SignedIn(..)) {
            return Err(clause("signInActivity"));
        }
        Ok(filter)
    }
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Word> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word
    }

    fn skip(&mut self, wanted: &str) -> bool {
        let found = matches!(self.words.get(self.at), Some(Word::Name(name)) if name == wanted);
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self, wanted: char) -> Result<(), GraphError> {
        match self.next() {
            Some(Word::Sign(found)) if found == wanted => Ok(()),
            other => Err(invalid(&format!("'{wanted}' expected, found {other:?}."))),
        }
    }

    fn any(&mut self) -> Result<Filter, GraphError> {
        let mut parts = vec![self.all()?];
        while self.skip("or") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() > 1 { joined(parts) } else { parts.remove(0) })
    }

    fn all(&mut self) -> Result<Filter, GraphError> {
        let mut parts = vec![self.one()?];
        while self.skip("and") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() > 1 { Filter::All(parts) } else { parts.remove(0) })
    }

    fn needs_advanced(&self, what: &str) -> Result<(), GraphError> {
        if self.advanced {
            return Ok(());
        }
        Err(unsupported(format!(
            "{what} is not supported without the header 'ConsistencyLevel: eventual' and the query parameter '$count=true'. Refer to https://aka.ms/graph-docs/advanced-queries for more information."
        )))
    }

    fn one(&mut self) -> Result<Filter, GraphError> {
        if self.skip("not") {
            self.needs_advanced("Operator 'Not'")?;
            return Ok(Filter::Not(Box::new(self.one()?)));
        }
        match self.next() {
            Some(Word::Sign('(')) => {
                let inner = self.any()?;
                self.sign(')')?;
                Ok(inner)
            }
            Some(Word::Name(name)) => match name.as_str() {
                "startsWith" | "startswith" => self.function(&name, true),
                "endsWith" | "endswith" => {
                    self.needs_advanced("Function 'endsWith'")?;
                    self.function(&name, false)
                }
                "contains" => Err(unsupported("Function 'contains' is not supported for this resource.")),
                _ => self.comparison(&name),
            },
            other => Err(invalid(&format!("A property was expected, found {other:?}."))),
        }
    }

    fn text(&mut self) -> Result<String, GraphError> {
        match self.next() {
            Some(Word::Text(text)) => Ok(text.to_lowercase()),
            other => Err(invalid(&format!("A text was expected, found {other:?}."))),
        }
    }

    fn function(&mut self, name: &str, start: bool) -> Result<Filter, GraphError> {
        self.sign('(')?;
        let Some(Word::Name(property)) = self.next() else {
            return Err(invalid(&format!("'{name}' needs a property.")));
        };
        self.sign(',')?;
        let text = self.text()?;
        self.sign(')')?;
        let field = TextField::named(&property).filter(|field| !field.is_plain()).ok_or_else(|| clause(&property))?;
        let ends = matches!(field, TextField::UserPrincipalName | TextField::Mail);
        match start {
            true => Ok(Filter::Text(field, TextTest::StartsWith(text))),
            false if ends => Ok(Filter::Text(field, TextTest::EndsWith(text))),
            false => Err(clause(&property)),
        }
    }

    fn comparison(&mut self, property: &str) -> Result<Filter, GraphError> {
        if let Some(collection) = property.strip_suffix("/any") {
            return self.collection(collection);
        }
        let operator = match self.next() {
            Some(Word::Name(name)) => name,
            other => return Err(invalid(&format!("An operator was expected, found {other:?}."))),
        };
        if operator == "in" {
            return self.one_of(property);
        }
        let order = match operator.as_str() {
            "eq" => Order::Equal,
            "ne" => Order::NotEqual,
            "ge" => Order::AtLeast,
            "le" => Order::AtMost,
            _ => return Err(clause(property)),
        };
        if order == Order::NotEqual {
            self.needs_advanced("Operator 'NotEqualsMatch'")?;
        }
        let value = self.next().ok_or_else(|| invalid("A value was expected."))?;
        self.compared(property, order, value)
    }

    fn compared(&self, property: &str, order: Order, value: Word) -> Result<Filter, GraphError> {
        let plain = matches!(order, Order::Equal | Order::NotEqual);
        let turned = |filter: Filter| if order == Order::NotEqual { Filter::Not(Box::new(filter)) } else { filter };
        if let Some(date) = property.strip_prefix("signInActivity/") {
            let field = match date {
                "lastSignInDateTime" => SignInField::Interactive,
                "lastNonInteractiveSignInDateTime" => SignInField::NonInteractive,
                "lastSuccessfulSignInDateTime" => SignInField::Successful,
                _ => return Err(clause("signInActivity")),
            };
            return Ok(Filter::SignedIn(field, order, moment(&value)?));
        }
        if let Some(field) = TextField::named(property) {
            if field.is_plain() && !plain {
                return Err(clause(property));
            }
            let wanted = match value {
                Word::Text(text) => Some(text.to_lowercase()),
                Word::Name(null) if null == "null" => None,
                other => return Err(invalid(&format!("'{property}' is compared with {other:?}."))),
            };
            return Ok(Filter::Text(field, TextTest::Is(order, wanted)));
        }
        let truth = match &value {
            Word::Name(name) if name == "true" => Some(Some(true)),
            Word::Name(name) if name == "false" => Some(Some(false)),
            Word::Name(name) if name == "null" => Some(None),
            _ => None,
        };
        match (property, plain, truth) {
            ("id", true, _) => {
                let Word::Text(id) = value else { return Err(invalid("'id' is compared with a text.")) };
                Ok(turned(Filter::Ids(self.world.find_user(&id).into_iter().collect())))
            }
            ("accountEnabled", true, Some(wanted)) => Ok(turned(Filter::Truth(TruthField::AccountEnabled, wanted))),
            ("onPremisesSyncEnabled", true, Some(wanted)) => Ok(turned(Filter::Truth(TruthField::Synced, wanted))),
            ("createdDateTime", _, _) => Ok(Filter::Moment(MomentField::Created, order, moment(&value)?)),
            ("employeeHireDate", _, _) => Ok(Filter::Moment(MomentField::Hired, order, moment(&value)?)),
            ("employeeLeaveDateTime", _, _) => Ok(Filter::Moment(MomentField::Leaving, order, moment(&value)?)),
            ("assignedLicenses/$count", true, _) => {
                self.needs_advanced("'$count' of a collection")?;
                match value {
                    Word::Name(zero) if zero == "0" => Ok(Filter::Licensed(order == Order::NotEqual)),
                    _ => Err(clause("assignedLicenses")),
                }
            }
            _ => Err(clause(property)),
        }
    }

    fn one_of(&mut self, property: &str) -> Result<Filter, GraphError> {
        self.sign('(')?;
        let mut list = Vec::new();
        loop {
            match self.next() {
                Some(Word::Text(text)) => list.push(text),
                other => return Err(invalid(&format!("A text was expected, found {other:?}."))),
            }
            match self.next() {
                Some(Word::Sign(',')) => {}
                Some(Word::Sign(')')) => break,
                other => return Err(invalid(&format!("')' expected, found {other:?}."))),
            }
        }
        // More than fifteen values in one expression are refused.
        if list.len() > 15 {
            return Err(unsupported(
                "Too many child clauses specified in search filter expression containing 'OR' operators: the maximum allowed is 15.",
            ));
        }
        if property == "id" {
            return Ok(Filter::Ids(list.iter().filter_map(|id| self.world.find_user(id)).collect()));
        }
        let field = TextField::named(property).ok_or_else(|| clause(property))?;
        Ok(Filter::Text(field, TextTest::In(list.iter().map(|text| text.to_lowercase()).collect())))
    }

    /// `name/any(x:x/property eq value)`, and for plans `… and x/capabilityStatus eq 'Enabled'`.
    fn collection(&mut self, collection: &str) -> Result<Filter, GraphError> {
        self.sign('(')?;
        let mut inside: Vec<Word> = Vec::new();
        let mut depth = 1;
        loop {
            let word = self.next().ok_or_else(|| invalid("')' expected."))?;
            match word {
                Word::Sign('(') => depth += 1,
                Word::Sign(')') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            inside.push(word);
        }
        let guid = |words: &[Word], property: &str| {
            let [Word::Name(name), Word::Name(operator), value, ..] = words else { return None };
            let (Word::Name(text) | Word::Text(text)) = value else { return None };
            (name.ends_with(property) && operator == "eq").then(|| text.parse::<Uuid>().ok()).flatten()
        };
        // The variable and its colon come first.
        let inside = inside.get(2..).unwrap_or_default();
        match collection {
            "assignedLicenses" => {
                if !self.world.settings.any_license_filter {
                    self.needs_advanced("'any' of assignedLicenses")?;
                }
                let sku = guid(inside, "/skuId").ok_or_else(|| clause(collection))?;
                Ok(find_sku(sku).map_or(Filter::Any(Vec::new()), Filter::HoldsSku))
            }
            "assignedPlans" => {
                self.needs_advanced("'any' of assignedPlans")?;
                guid(inside, "/servicePlanId").map(Filter::HasPlan).ok_or_else(|| clause(collection))
            }
            "proxyAddresses" => match inside {
                [
                    Word::Name(function),
                    Word::Sign('('),
                    Word::Name(_),
                    Word::Sign(','),
                    Word::Text(text),
                    Word::Sign(')'),
                ] if function.eq_ignore_ascii_case("startsWith") => Ok(Filter::Address(text.to_lowercase())),
                [Word::Name(_), Word::Name(operator), Word::Text(text)] if operator == "eq" => {
                    Ok(Filter::Address(text.to_lowercase()))
                }
                _ => Err(clause(collection)),
            },
            _ => Err(clause(collection)),
        }
    }
}

/// Named people joined by `or` are one set, found without looking at everybody.
fn joined(parts: Vec<Filter>) -> Filter {
    if !parts.iter().all(|part| matches!(part, Filter::Ids(_))) {
        return Filter::Any(parts);
    }
    let ids = parts.into_iter().flat_map(|part| if let Filter::Ids(ids) = part { ids } else { BTreeSet::new() });
    Filter::Ids(ids.collect())
}

fn moment(value: &Word) -> Result<Millis, GraphError> {
    let (Word::Name(text) | Word::Text(text)) = value else { return Err(invalid("A moment was expected.")) };
    parse_moment(text).ok_or_else(|| invalid(&format!("'{text}' is no date.")))
}
