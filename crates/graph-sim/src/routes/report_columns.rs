//! The usage reports: which rows and columns each has, header lines exactly as published.

use crate::activity::Workload;
use crate::catalogue::{
    EXCHANGE_S_DESKLESS, EXCHANGE_S_ENTERPRISE, EXCHANGE_S_STANDARD, M365_COPILOT_APPS, MCOIMP, MCOSTANDARD,
    OFFICESUBSCRIPTION, PROJECT_CLIENT_SUBSCRIPTION, Plan, SHAREPOINTDESKLESS, SHAREPOINTENTERPRISE,
    SHAREPOINTSTANDARD, SKUS, TEAMS1, VISIO_CLIENT_SUBSCRIPTION, YAMMER_ENTERPRISE,
};
use crate::clock::{DAY, day_text};
use crate::holdings::{Holdings, report_names};
use crate::people::{Kind, Person};
use crate::routes::report_headers::Shape;
use crate::seed::Topic;
use crate::world::World;
use serde_json::{Value, json};

/// A report function we have the data for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    ActiveUsers,
    Apps,
    Activations,
    Mailboxes,
    Teams,
    OneDrive,
    Email,
    Copilot,
}

/// One value of a report row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    /// Seconds; empty while there is none.
    Day(Option<i64>),
    /// `True` or `False`.
    Truth(bool),
    /// `Yes` or `No`.
    YesNo(bool),
    Number(u64),
    Products(Vec<&'static str>),
}

/// What one pull of a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pull {
    pub report: Report,
    /// Seconds, midnight: the last day the report knows.
    pub refreshed: i64,
    /// Days of the window; none for a report of one day or without a window.
    pub period: Option<i64>,
    /// Only people active on the refreshed day.
    pub one_day: bool,
    pub concealed: bool,
    pub shape: Shape,
}

impl Report {
    /// The report behind a function's name.
    pub fn named(function: &str) -> Option<Self> {
        Some(match function {
            "getOffice365ActiveUserDetail" => Self::ActiveUsers,
            "getM365AppUserDetail" => Self::Apps,
            "getOffice365ActivationsUserDetail" => Self::Activations,
            "getMailboxUsageDetail" => Self::Mailboxes,
            "getTeamsUserActivityUserDetail" => Self::Teams,
            "getOneDriveActivityUserDetail" => Self::OneDrive,
            "getEmailActivityUserDetail" => Self::Email,
            "getMicrosoft365CopilotUsageUserDetail" => Self::Copilot,
            _ => return None,
        })
    }

    /// Whether `(period='…')` may be asked.
    pub fn has_period(self) -> bool {
        self != Self::Activations
    }

    /// Whether `(date=…)` may be asked.
    pub fn has_date(self) -> bool {
        matches!(self, Self::ActiveUsers | Self::Apps | Self::Teams | Self::OneDrive | Self::Email)
    }
}

/// What a row is made from.
struct Source<'a> {
    world: &'a World,
    person: Person,
    holdings: Holdings,
    pull: &'a Pull,
    /// Seconds; when the object was deleted, if the report knows.
    deleted: Option<i64>,
}

impl Source<'_> {
    /// The last activity day the report shows: generated, or set by hand as soon as the report reaches that day.
    fn day(&self, workload: Workload) -> Option<i64> {
        let set = self.world.set_sign_in(self.person.index).map(|at| at.div_euclid(DAY) * DAY);
        let found = match set.filter(|day| *day <= self.pull.refreshed) {
            Some(day) => Some(day),
            None => self.world.population.report_day(self.person.index, workload, self.pull.refreshed),
        };
        found.filter(|day| !self.pull.one_day || *day == self.pull.refreshed)
    }

    fn active_in_window(&self, workload: Workload) -> bool {
        let days = self.pull.period.unwrap_or(1);
        self.day(workload).is_some_and(|day| day > self.pull.refreshed - days * DAY)
    }

    /// A count that is zero without activity in the window.
    fn count(&self, workload: Workload, salt: u64, limit: u64) -> Cell {
        let drawn = self.world.population.seed.below(self.person.index ^ (salt << 40), Topic::Report, limit);
        Cell::Number(if self.active_in_window(workload) { 1 + drawn } else { 0 })
    }

    fn has(&self, plans: &[&Plan]) -> bool {
        self.assigned(plans).is_some()
    }

    /// When a path first gave one of these plans.
    fn assigned(&self, plans: &[&Plan]) -> Option<i64> {
        let direct = self.holdings.direct.iter().map(|path| (path.sku, &path.disabled, path.updated));
        let inherited = self.holdings.inherited.iter().map(|path| (path.sku, &path.disabled, path.updated));
        direct
            .chain(inherited)
            .filter(|(sku, disabled, _)| {
                plans.iter().any(|plan| SKUS[*sku].plans.contains(plan) && !disabled.contains(&plan.id))
            })
            .map(|(_, _, updated)| updated)
            .min()
    }

    fn name(&self, shown: &str, salt: u64) -> Cell {
        if !self.pull.concealed {
            return Cell::Text(shown.to_owned());
        }
        let seed = self.world.population.seed;
        // A new pseudonym with each refresh: nothing may be joined through it.
        let pull =
            if self.pull.shape.stable_pseudonyms { 0 } else { self.pull.refreshed.unsigned_abs().rotate_left(24) };
        let index = self.person.index ^ pull ^ (salt << 60);
        Cell::Text(format!("{:016X}{:016X}", seed.draw(index, Topic::Conceal), seed.draw(!index, Topic::Conceal)))
    }

    fn upn(&self) -> Cell {
        self.name(&self.person.upn, 1)
    }

    fn display(&self) -> Cell {
        self.name(&self.person.display, 2)
    }

    fn is_deleted(&self) -> Cell {
        Cell::Truth(self.deleted.is_some())
    }

    fn deleted_day(&self) -> Cell {
        Cell::Day(self.deleted)
    }

    fn refreshed(&self) -> Cell {
        Cell::Day(Some(self.pull.refreshed))
    }

    fn period(&self) -> Cell {
        self.pull.period.map_or(Cell::Text(String::new()), |days| Cell::Number(days.unsigned_abs()))
    }

    fn products(&self) -> Cell {
        Cell::Products(report_names(self.holdings.seats()))
    }
}

const EXCHANGE: &[&Plan] = &[&EXCHANGE_S_ENTERPRISE, &EXCHANGE_S_STANDARD, &EXCHANGE_S_DESKLESS];
const SHAREPOINT: &[&Plan] = &[&SHAREPOINTENTERPRISE, &SHAREPOINTSTANDARD, &SHAREPOINTDESKLESS];
const SKYPE: &[&Plan] = &[&MCOSTANDARD, &MCOIMP];
const YAMMER: &[&Plan] = &[&YAMMER_ENTERPRISE];
const TEAMS: &[&Plan] = &[&TEAMS1];
const OFFICE: &[&Plan] = &[&OFFICESUBSCRIPTION];
const COPILOT: &[&Plan] = &[&M365_COPILOT_APPS];

/// Rows of one person: none, one, or one a product.
pub fn rows(world: &World, index: u64, pull: &Pull) -> Vec<Vec<Cell>> {
    let known_until = (pull.refreshed + DAY) * 1000;
    let deletion = world.deletion(index, known_until);
    let gone = deletion.is_some_and(|(_, purged)| purged);
    if gone || !world.population.has_report_row(index) {
        return Vec::new();
    }
    let source = Source {
        world,
        person: world.population.person(index),
        holdings: world.holdings_or_kept(index),
        pull,
        deleted: deletion.filter(|(at, _)| *at < known_until).map(|(at, _)| at / 1000),
    };
    match pull.report {
        Report::ActiveUsers => active_user(&source).into_iter().collect(),
        Report::Apps => apps(&source).into_iter().collect(),
        Report::Activations => activations(&source),
        Report::Mailboxes => mailbox(&source).into_iter().collect(),
        Report::Teams => teams(&source).into_iter().collect(),
        Report::OneDrive => one_drive(&source).into_iter().collect(),
        Report::Email => email(&source).into_iter().collect(),
        Report::Copilot => copilot(&source).into_iter().collect(),
    }
}

fn active_user(source: &Source<'_>) -> Option<Vec<Cell>> {
    let licensed = [EXCHANGE, SHAREPOINT, SHAREPOINT, SKYPE, YAMMER, TEAMS];
    let workloads = [
        Some(Workload::Exchange),
        Some(Workload::OneDrive),
        Some(Workload::SharePoint),
        None,
        Some(Workload::Yammer),
        Some(Workload::Teams),
    ];
    let days: Vec<Option<i64>> = workloads
        .iter()
        .zip(licensed)
        .map(|(workload, plans)| workload.filter(|_| source.has(plans)).and_then(|workload| source.day(workload)))
        .collect();
    if source.pull.one_day && days.iter().all(Option::is_none) {
        return None;
    }
    let mut row = vec![source.refreshed(), source.upn(), source.display(), source.is_deleted(), source.deleted_day()];
    row.extend(licensed.map(|plans| Cell::Truth(source.has(plans))));
    row.extend(days.into_iter().map(Cell::Day));
    row.extend(licensed.map(|plans| Cell::Day(source.assigned(plans))));
    row.push(source.products());
    Some(row)
}

fn apps(source: &Source<'_>) -> Option<Vec<Cell>> {
    let assigned = source.assigned(OFFICE)?;
    let day = source.day(Workload::Apps);
    if source.pull.one_day && day.is_none() {
        return None;
    }
    let used = source.active_in_window(Workload::Apps);
    let bits = source.world.population.seed.draw(source.person.index, Topic::Report);
    let activated = source.world.population.report_day(source.person.index, Workload::Apps, source.pull.refreshed);
    let mut row =
        vec![source.refreshed(), source.upn(), Cell::Day(activated.map(|_| assigned)), Cell::Day(day), source.period()];
    // Platforms a person has; every program of a platform is used by some.
    let platforms = [true, bits & 8 == 0, bits & 1 == 0, bits & 2 == 0];
    let on =
        |platform: usize, program: usize| used && platforms[platform] && bits >> (8 + platform * 6 + program) & 3 != 0;
    row.extend((0..4).map(|platform| Cell::YesNo((0..6).any(|program| on(platform, program)))));
    row.extend((0..6).map(|program| Cell::YesNo((0..4).any(|platform| on(platform, program)))));
    for platform in 0..4 {
        row.extend((0..6).map(|program| Cell::YesNo(on(platform, program))));
    }
    Some(row)
}

fn activations(source: &Source<'_>) -> Vec<Vec<Cell>> {
    let products: [(&[&Plan], &str); 3] = [
        (OFFICE, "Microsoft 365 Apps for enterprise"),
        (&[&VISIO_CLIENT_SUBSCRIPTION], "Visio Online Plan 2"),
        (&[&PROJECT_CLIENT_SUBSCRIPTION], "Project Online Professional"),
    ];
    let used = source.day(Workload::Apps).is_some();
    products
        .into_iter()
        .filter_map(|(plans, product)| source.assigned(plans).map(|assigned| (product, assigned)))
        .map(|(product, assigned)| {
            let installs = u64::from(used);
            let mut row = vec![source.refreshed(), source.upn(), source.display(), Cell::Text(product.to_owned())];
            row.push(Cell::Day(used.then_some(assigned.min(source.pull.refreshed))));
            row.extend([installs, 0, 0, 0, 0].map(Cell::Number));
            row.push(Cell::Truth(false));
            row
        })
        .collect()
}

fn mailbox(source: &Source<'_>) -> Option<Vec<Cell>> {
    if !source.has(EXCHANGE) && source.person.kind != Kind::Shared {
        return None;
    }
    const GIB: u64 = 1 << 30;
    let drawn =
        |salt: u64, limit| source.world.population.seed.below(source.person.index ^ (salt << 40), Topic::Report, limit);
    Some(vec![
        source.refreshed(),
        source.upn(),
        source.display(),
        source.is_deleted(),
        source.deleted_day(),
        Cell::Day(Some(source.person.created)),
        Cell::Day(source.day(Workload::Exchange)),
        Cell::Number(drawn(1, 90_000)),
        Cell::Number(drawn(2, 60 * GIB)),
        Cell::Number(98 * GIB),
        Cell::Number(99 * GIB),
        Cell::Number(100 * GIB),
        Cell::Number(drawn(3, 4_000)),
        Cell::Number(drawn(4, GIB)),
        Cell::Number(30 * GIB),
        Cell::Truth(drawn(5, 10) == 0),
        Cell::Text(
            match source.person.kind {
                Kind::Shared => "Shared",
                Kind::Room => "Room",
                _ => "User",
            }
            .to_owned(),
        ),
        source.period(),
    ])
}

fn teams(source: &Source<'_>) -> Option<Vec<Cell>> {
    let day = source.day(Workload::Teams);
    if !source.has(TEAMS) || (source.pull.one_day && day.is_none()) {
        return None;
    }
    let id = source.name(&source.person.id.to_string(), 3);
    let mut row =
        vec![source.refreshed(), Cell::Text("Contoso".to_owned()), Cell::Text(String::new()), id, source.upn()];
    row.extend([Cell::Day(day), source.is_deleted(), source.deleted_day(), source.products()]);
    row.extend((0..15).map(|salt| source.count(Workload::Teams, salt + 1, if salt < 2 { 200 } else { 20 })));
    let seconds: Vec<Cell> = (0..3).map(|salt| source.count(Workload::Teams, salt + 20, 20_000)).collect();
    let plain = source.pull.shape.plain_durations;
    row.extend(seconds.iter().map(|cell| match cell {
        Cell::Number(seconds) if !plain => {
            Cell::Text(format!("PT{}H{}M{}S", seconds / 3600, seconds / 60 % 60, seconds % 60))
        }
        Cell::Number(_) | Cell::Text(_) | Cell::Day(_) | Cell::Truth(_) | Cell::YesNo(_) | Cell::Products(_) => {
            cell.clone()
        }
    }));
    row.extend(seconds);
    row.extend([Cell::YesNo(false), Cell::YesNo(true), source.period()]);
    Some(row)
}

fn one_drive(source: &Source<'_>) -> Option<Vec<Cell>> {
    let day = source.day(Workload::OneDrive);
    if !source.has(SHAREPOINT) || (source.pull.one_day && day.is_none()) {
        return None;
    }
    let mut row = vec![source.refreshed(), source.upn(), source.is_deleted(), source.deleted_day(), Cell::Day(day)];
    row.extend((1..5).map(|salt| source.count(Workload::OneDrive, salt, 80)));
    row.extend([source.products(), source.period()]);
    Some(row)
}

fn email(source: &Source<'_>) -> Option<Vec<Cell>> {
    let day = source.day(Workload::Exchange);
    if !source.has(EXCHANGE) || (source.pull.one_day && day.is_none()) {
        return None;
    }
    let mut row = vec![
        source.refreshed(),
        source.upn(),
        source.display(),
        source.is_deleted(),
        source.deleted_day(),
        Cell::Day(day),
    ];
    row.push(source.count(Workload::Exchange, 1, 120));
    // Mail arrives whether or not somebody reads it.
    row.push(Cell::Number(5 + source.world.population.seed.below(source.person.index, Topic::Report, 300)));
    row.extend((3..6).map(|salt| source.count(Workload::Exchange, salt, 150)));
    row.extend([source.products(), source.period()]);
    Some(row)
}

fn copilot(source: &Source<'_>) -> Option<Vec<Cell>> {
    if !source.has(COPILOT) {
        return None;
    }
    let day = source.day(Workload::Copilot);
    let mut row = vec![source.refreshed(), source.period(), source.upn(), source.display(), Cell::Day(day)];
    let bits = source.world.population.seed.draw(source.person.index, Topic::Copilot);
    // The program used last carries the last day; some of the others were used before, some never.
    row.extend((0..8).map(|program| match (program, bits >> (8 + program) & 3) {
        (0, _) => Cell::Day(day),
        (_, 0 | 1) => Cell::Day(None),
        (_, back) => Cell::Day(day.map(|day| day - DAY * i64::try_from(back * 3).unwrap_or(0))),
    }));
    row.push(source.count(Workload::Copilot, 1, 60));
    row.push(source.count(Workload::Copilot, 2, 20));
    Some(row)
}

impl Cell {
    /// As the CSV prints it.
    pub fn csv(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Day(day) => day.map(day_text).unwrap_or_default(),
            Self::Truth(truth) => if *truth { "True" } else { "False" }.to_owned(),
            Self::YesNo(truth) => if *truth { "Yes" } else { "No" }.to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Products(products) => products.join("+"),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.clone()),
            Self::Day(day) => day.map(day_text).map_or(Value::Null, Value::from),
            Self::Truth(truth) | Self::YesNo(truth) => Value::from(*truth),
            Self::Number(number) => Value::from(*number),
            Self::Products(products) => json!(products),
        }
    }
}

/// A column's name in JSON: `Outlook (Windows)` becomes `outlookWindows`.
fn json_name(column: &str) -> String {
    let mut name = String::new();
    for word in column.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let (first, rest) = word.split_at(1);
        name.push_str(&if name.is_empty() { first.to_lowercase() } else { first.to_uppercase() });
        name.push_str(rest);
    }
    name
}

/// A row as JSON; two reports nest what belongs to the period.
pub fn json_row(pull: &Pull, row: &[Cell], moments: bool) -> Value {
    let report = pull.report;
    let mut object = serde_json::Map::new();
    let columns: Vec<&str> = report.header().split(',').collect();
    for at in pull.kept() {
        let value = match &row[at] {
            Cell::Day(Some(day)) if moments => Value::from(crate::clock::second_text(day.div_euclid(DAY) * DAY)),
            cell => cell.json(),
        };
        object.insert(json_name(columns[at]), value);
    }
    let (nest, nested): (&str, Vec<String>) = match report {
        Report::Apps => {
            ("details", object.keys().filter(|name| !APPS_OUTSIDE.contains(&name.as_str())).cloned().collect())
        }
        Report::Copilot => ("copilotActivityUserDetailsByPeriod", vec!["reportPeriod".to_owned()]),
        Report::ActiveUsers
        | Report::Activations
        | Report::Mailboxes
        | Report::Teams
        | Report::OneDrive
        | Report::Email => {
            return Value::Object(object);
        }
    };
    let inner: serde_json::Map<String, Value> =
        nested.into_iter().filter_map(|name| object.remove(&name).map(|value| (name, value))).collect();
    object.insert(nest.to_owned(), json!([inner]));
    Value::Object(object)
}

const APPS_OUTSIDE: &[&str] = &["reportRefreshDate", "userPrincipalName", "lastActivationDate", "lastActivityDate"];
