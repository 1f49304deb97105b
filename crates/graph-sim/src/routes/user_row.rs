//! User objects written straight into the page: a listing of a million people must not be slower than its readers.

use crate::activity::SignIns;
use crate::catalogue::SKUS;
use crate::clock::{DAY, Millis, write_second};
use crate::holdings::Holdings;
use crate::licensing::enabled_plans;
use crate::names::DEPARTMENTS;
use crate::people::{Kind, Names};
use crate::routes::user_fields::sign_ins;
use crate::seed::Topic;
use crate::world::World;
use std::io::Write as _;
use std::sync::LazyLock;
use uuid::Uuid;

/// The selected properties, each with its key as it stands in the answer.
pub struct Shape {
    fields: Vec<(String, String)>,
    /// Whether licenses have to be looked up.
    pub licenses: bool,
}

impl Shape {
    /// For a list of known property names; the id comes always.
    pub fn new(names: &[&str]) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for name in names.iter().copied().filter(|name| *name != "manager").chain(["id"]) {
            if !fields.iter().any(|(known, _)| known == name) {
                fields.push((name.to_owned(), format!("\"{name}\":")));
            }
        }
        let licenses = fields.iter().any(|(name, _)| {
            matches!(
                name.as_str(),
                "assignedLicenses" | "licenseAssignmentStates" | "assignedPlans" | "provisionedPlans"
            )
        });
        Self { fields, licenses }
    }
}

/// What some callers and some pages do not get.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Some sign-ins are lost on such a page (9#2).
    pub blind: bool,
    /// The caller may not see when somebody leaves, and the tenant answers null then (2.2).
    pub hide_leave_date: bool,
}

/// The user object that is being written.
struct Subject<'a> {
    world: &'a World,
    index: u64,
    kind: Kind,
    names: Names,
    holdings: &'a Holdings,
    now: Millis,
    /// Text on its way into the page.
    text: String,
    options: Options,
}

/// Writes the properties of one user object, without the braces around them.
pub fn write_user(
    out: &mut Vec<u8>,
    world: &World,
    shape: &Shape,
    index: u64,
    holdings: &Holdings,
    now: Millis,
    options: Options,
) {
    let kind = world.population.kind(index);
    let names = world.population.names(index, kind);
    let mut subject = Subject { world, index, kind, names, holdings, now, text: String::new(), options };
    let mut first = true;
    for (name, key) in &shape.fields {
        let start = out.len();
        if !first {
            out.push(b',');
        }
        out.extend_from_slice(key.as_bytes());
        if subject.write(out, name) {
            first = false;
        } else {
            out.truncate(start);
        }
    }
}

/// Writes text between quotes.
pub fn write_text(out: &mut Vec<u8>, text: &str) {
    if text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        serde_json::to_writer(&mut *out, text).expect("memory takes it");
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Writes an id between quotes.
pub fn write_id(out: &mut Vec<u8>, id: Uuid) {
    let mut buffer = Uuid::encode_buffer();
    out.push(b'"');
    out.extend_from_slice(id.as_hyphenated().encode_lower(&mut buffer).as_bytes());
    out.push(b'"');
}

fn write_moment(out: &mut Vec<u8>, second: Option<i64>) {
    match second {
        None => out.extend_from_slice(b"null"),
        Some(second) => {
            out.push(b'"');
            write_second(out, second);
            out.push(b'"');
        }
    }
}

fn write_ids(out: &mut Vec<u8>, ids: &[Uuid]) {
    out.push(b'[');
    for (at, id) in ids.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_id(out, *id);
    }
    out.push(b']');
}

/// `"skuId":"…"` of every license type.
static SKU_IDS: LazyLock<Vec<String>> =
    LazyLock::new(|| SKUS.iter().map(|sku| format!("\"skuId\":\"{}\"", sku.id)).collect());

impl Subject<'_> {
    /// Writes one value; `false` where the key is left out, too.
    fn write(&mut self, out: &mut Vec<u8>, name: &str) -> bool {
        let employee = self.kind.is_person();
        let (world, index) = (self.world, self.index);
        let synced = employee && index.is_multiple_of(3);
        match name {
            "id" => write_id(out, world.user_id(index)),
            "displayName" => self.display(out),
            "userPrincipalName" => self.upn(out),
            "givenName" => nonempty(out, self.names.given()),
            "surname" => nonempty(out, self.names.surname()),
            "mail" => self.mail(out),
            "mailNickname" => {
                self.fill_upn();
                let end = self.text.find('@').unwrap_or(self.text.len());
                write_text(out, &self.text[..end]);
            }
            "jobTitle" => when(out, employee, DEPARTMENTS[world.population.department(index)].1),
            "department" => when(out, employee, DEPARTMENTS[world.population.department(index)].0),
            "companyName" => when(out, employee, "Contoso"),
            "officeLocation" | "city" => when(out, employee, world.population.country(index).2),
            "country" => when(out, employee, world.population.country(index).1),
            "employeeType" => when(out, employee, "Employee"),
            "preferredLanguage" => when(out, employee, "en-US"),
            "accountEnabled" => out.extend_from_slice(if world.is_enabled(index) { b"true" } else { b"false" }),
            "userType" => write_text(out, if self.kind == Kind::Guest { "Guest" } else { "Member" }),
            "createdDateTime" | "lastPasswordChangeDateTime" | "signInSessionsValidFromDateTime" => {
                write_moment(out, Some(self.created()));
            }
            "usageLocation" => match world.usage_location(index) {
                Some(code) => write_text(out, &code),
                None => null(out),
            },
            "employeeId" if employee => write(out, format_args!("\"E{:06}\"", 100_000 + index)),
            "employeeHireDate" if employee => {
                let created = self.created();
                write_moment(out, Some(created - created.rem_euclid(DAY)));
            }
            "employeeLeaveDateTime" if self.options.hide_leave_date => null(out),
            "employeeLeaveDateTime" => write_moment(out, world.population.end_of_employment(index)),
            "employeeOrgData" if employee => {
                let (division, _, center) = DEPARTMENTS[world.population.department(index)];
                write(out, format_args!("{{\"division\":\"{division}\",\"costCenter\":\"{center}\"}}"));
            }
            "onPremisesSyncEnabled" if synced => out.extend_from_slice(b"true"),
            "onPremisesSamAccountName" if synced => write(out, format_args!("\"u{index}\"")),
            "onPremisesImmutableId" if synced => write(out, format_args!("\"imm{index}==\"")),
            "onPremisesLastSyncDateTime" if synced => write_moment(out, Some(world.population.epoch - 3600)),
            "onPremisesExtensionAttributes" => {
                let tag = if index % 97 == 5 { "\"keep-licenses\"" } else { "null" };
                write(out, format_args!("{{\"extensionAttribute1\":{tag},\"extensionAttribute2\":null}}"));
            }
            "externalUserState" if self.kind == Kind::Guest => write_text(out, "Accepted"),
            "creationType" if self.kind == Kind::Guest => write_text(out, "Invitation"),
            "assignedLicenses" => write_assigned(out, self.holdings),
            "licenseAssignmentStates" => self.states(out),
            "assignedPlans" => self.plans(out),
            "provisionedPlans" => self.provisioned(out),
            "businessPhones" | "imAddresses" | "identities" => out.extend_from_slice(b"[]"),
            "proxyAddresses" => self.addresses(out),
            "signInActivity" => return self.sign_ins(out),
            _ => null(out),
        }
        true
    }

    fn created(&self) -> i64 {
        self.world.population.created(self.index, self.kind)
    }

    fn display(&mut self, out: &mut Vec<u8>) {
        self.text.clear();
        self.names.write_display(&mut self.text);
        write_text(out, &self.text);
    }

    fn fill_upn(&mut self) {
        self.text.clear();
        self.names.write_upn(&mut self.text);
    }

    fn upn(&mut self, out: &mut Vec<u8>) {
        self.fill_upn();
        write_text(out, &self.text);
    }

    /// The mailbox address; guests keep their own, service accounts have none.
    fn mail(&mut self, out: &mut Vec<u8>) {
        match self.world.mail_of(self.index) {
            Some(mail) => write_text(out, &mail),
            None if self.kind == Kind::Service => null(out),
            None if self.kind == Kind::Guest => {
                self.fill_upn();
                let own = self.text.split("#EXT#").next().unwrap_or_default().replace('_', "@");
                write_text(out, &own);
            }
            None => self.upn(out),
        }
    }

    fn addresses(&mut self, out: &mut Vec<u8>) {
        let start = out.len();
        self.mail(out);
        let mail = out.split_off(start);
        out.push(b'[');
        if mail != b"null" {
            out.extend_from_slice(b"\"SMTP:");
            out.extend_from_slice(&mail[1..]);
        }
        out.push(b']');
    }

    fn states(&self, out: &mut Vec<u8>) {
        let none = if self.world.settings.state_error_none { "\"None\"" } else { "null" };
        out.push(b'[');
        let mut first = true;
        let mut open = |out: &mut Vec<u8>, sku: usize, disabled: &[Uuid]| {
            out.extend_from_slice(if first { b"{" } else { b",{" });
            first = false;
            out.extend_from_slice(SKU_IDS[sku].as_bytes());
            out.extend_from_slice(b",\"disabledPlans\":");
            write_ids(out, disabled);
        };
        for path in &self.holdings.direct {
            if self.world.is_stateless(self.index, path.sku) {
                continue;
            }
            open(out, path.sku, &path.disabled);
            out.extend_from_slice(b",\"assignedByGroup\":null,\"state\":\"Active\",\"error\":");
            out.extend_from_slice(none.as_bytes());
            out.extend_from_slice(b",\"lastUpdatedDateTime\":");
            write_moment(out, Some(path.updated));
            out.push(b'}');
        }
        for path in &self.holdings.inherited {
            open(out, path.sku, &path.disabled);
            out.extend_from_slice(b",\"assignedByGroup\":");
            write_id(out, self.world.group_id(path.group));
            let (state, error) = path.state.on_the_wire();
            match error {
                None => write(out, format_args!(",\"state\":\"{state}\",\"error\":{none}")),
                Some(error) => write(out, format_args!(",\"state\":\"{state}\",\"error\":\"{error}\"")),
            }
            out.extend_from_slice(b",\"lastUpdatedDateTime\":");
            write_moment(out, Some(path.updated));
            out.push(b'}');
        }
        out.push(b']');
    }

    fn plans(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (at, plan) in enabled_plans(self.holdings).iter().enumerate() {
            out.extend_from_slice(if at > 0 { b",{" } else { b"{" });
            out.extend_from_slice(b"\"assignedDateTime\":");
            write_moment(out, Some(self.created()));
            out.extend_from_slice(b",\"capabilityStatus\":\"Enabled\",\"service\":");
            write_text(out, crate::catalogue::service_of(*plan));
            out.extend_from_slice(b",\"servicePlanId\":");
            write_id(out, *plan);
            out.push(b'}');
        }
        out.push(b']');
    }

    fn provisioned(&self, out: &mut Vec<u8>) {
        let mut services: Vec<&str> =
            enabled_plans(self.holdings).into_iter().map(crate::catalogue::service_of).collect();
        services.sort_unstable();
        services.dedup();
        out.push(b'[');
        for (at, service) in services.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            write(
                out,
                format_args!(
                    "{comma}{{\"capabilityStatus\":\"Enabled\",\"provisioningStatus\":\"Success\",\"service\":\"{service}\"}}"
                ),
            );
        }
        out.push(b']');
    }

    /// The whole object is absent for somebody who never signed in.
    fn sign_ins(&self, out: &mut Vec<u8>) -> bool {
        let Some(found) = sign_ins(self.world, self.index, self.now) else { return false };
        let lost = self.options.blind && self.world.population.seed.below(self.index, Topic::Blind, 20) == 0;
        write_sign_ins(out, if lost { SignIns::default() } else { found });
        true
    }
}

fn write_sign_ins(out: &mut Vec<u8>, found: SignIns) {
    let dates = [
        ("lastSignIn", found.interactive),
        ("lastNonInteractiveSignIn", found.non_interactive),
        ("lastSuccessfulSignIn", found.successful),
    ];
    for (at, (name, second)) in dates.into_iter().enumerate() {
        out.extend_from_slice(if at > 0 { b",\"" } else { b"{\"" });
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"DateTime\":");
        write_moment(out, second);
        out.extend_from_slice(b",\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"RequestId\":");
        match second {
            None => null(out),
            Some(second) => write_id(out, Uuid::from_u64_pair(0x4000, second.unsigned_abs())),
        }
    }
    out.push(b'}');
}

/// `assignedLicenses`: one entry a license type, whatever the paths.
pub fn write_assigned(out: &mut Vec<u8>, holdings: &Holdings) {
    let seats = holdings.seats();
    out.push(b'[');
    let mut first = true;
    for sku in (0..SKUS.len()).filter(|sku| seats >> sku & 1 == 1) {
        out.extend_from_slice(if first { b"{" } else { b",{" });
        first = false;
        out.extend_from_slice(b"\"disabledPlans\":");
        write_ids(out, &holdings.disabled_plans(sku));
        out.push(b',');
        out.extend_from_slice(SKU_IDS[sku].as_bytes());
        out.push(b'}');
    }
    out.push(b']');
}

fn null(out: &mut Vec<u8>) {
    out.extend_from_slice(b"null");
}

fn nonempty(out: &mut Vec<u8>, text: &str) {
    when(out, !text.is_empty(), text);
}

fn when(out: &mut Vec<u8>, there: bool, text: &str) {
    if there { write_text(out, text) } else { null(out) }
}

fn write(out: &mut Vec<u8>, arguments: std::fmt::Arguments<'_>) {
    out.write_fmt(arguments).expect("memory takes it");
}
