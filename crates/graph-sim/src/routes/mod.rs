//! Where a request goes.

pub mod assign_license;
pub mod authorize;
pub mod batch;
pub mod control;
pub mod control_pages;
pub mod delegated;
pub mod deleted;
pub mod delta;
pub mod directory_roles;
pub mod discovery;
pub mod filter;
pub mod filter_reader;
pub mod filter_words;
pub mod groups;
pub mod listing;
pub mod mail;
pub mod pages;
pub mod report_columns;
pub mod report_headers;
pub mod reports;
pub mod subscribed_skus;
pub mod token;
pub mod user_fields;
pub mod user_row;
pub mod users;

use crate::errors::GraphError;
use crate::request::{Reply, Request};
use crate::sim::{Call, Sim};
use serde_json::json;

/// The identity platform.
pub fn identity(sim: &Sim, request: &Request, segments: &[&str]) -> Reply {
    match (request.method.as_str(), segments) {
        ("POST", [tenant, "oauth2", "v2.0", "token"]) => token::issue(sim, request, tenant),
        ("GET", [tenant, "v2.0", ".well-known", "openid-configuration"]) => discovery::discovery(sim, request, tenant),
        ("GET", [_, "discovery", "v2.0", "keys"]) => Reply::json(200, &json!({"keys": [sim.keys.jwk]})),
        ("GET", ["common", "discovery", "instance"]) => discovery::instance_discovery(request),
        ("GET", [tenant, "oauth2", "v2.0", "authorize"]) => authorize::authorize(sim, request, tenant),
        ("GET", ["oidc", "userinfo"]) => discovery::user_info(sim, request),
        ("GET", [tenant, "adminconsent"]) => authorize::admin_consent(sim, request, tenant),
        ("GET", [tenant, "v2.0", "adminconsent"]) if sim.read_world().settings.v2_admin_consent => {
            authorize::admin_consent(sim, request, tenant)
        }
        ("GET", [_, "oauth2", "v2.0", "logout"]) => {
            Reply::with_type(200, "text/html", b"<!DOCTYPE html><p>You are signed out.</p>".to_vec())
        }
        _ => Reply::json(
            404,
            &json!({"error": "not_found", "error_description": "no such page in the simulated identity platform"}),
        ),
    }
}

/// Microsoft Graph, behind authentication.
pub fn graph(call: &Call<'_>, segments: &[&str]) -> Result<Reply, GraphError> {
    match (call.request.method.as_str(), segments) {
        ("POST", ["$batch"]) => batch::run(call),
        ("GET", ["organization"]) => subscribed_skus::organization(call),
        ("GET", ["me"]) => users::me(call),
        ("GET", ["me", "memberOf", ..]) => groups::of_myself(call, false),
        ("GET", ["me", "transitiveMemberOf", ..]) => groups::of_myself(call, true),
        ("POST", ["me", "sendMail" | "microsoft.graph.sendMail"]) => {
            let key = users::myself(call)?;
            let id = call.sim.read_world().user_id(key).to_string();
            mail::send(call, &id)
        }
        ("GET", ["users"]) => listing::list(call),
        ("GET", ["users", "$count"]) => listing::count(call),
        ("GET", ["users", "delta" | "delta()" | "microsoft.graph.delta()"]) => delta::delta(call),
        ("GET", ["users", key]) => users::get(call, key),
        ("DELETE", ["users", key]) => assign_license::delete_user(call, key),
        ("GET", ["users", key, "manager"]) => users::manager(call, key),
        ("GET", ["users", key, "licenseDetails"]) => users::license_details(call, key),
        ("GET", ["users", key, "memberOf", ..]) => groups::member_of(call, key, false),
        ("GET", ["users", key, "transitiveMemberOf", ..]) => groups::member_of(call, key, true),
        ("GET", ["users", key, "mailboxSettings", ..]) => users::mailbox_settings(call, key),
        ("POST", ["users", key, "assignLicense"]) => assign_license::for_user(call, key),
        ("POST", ["users", key, "reprocessLicenseAssignment"]) => assign_license::reprocess(call, key),
        ("POST", ["users", key, "sendMail" | "microsoft.graph.sendMail"]) => mail::send(call, key),
        ("POST", ["users", key, "teamwork", "sendActivityNotification"]) => mail::notify(call, key),
        ("GET", ["subscribedSkus"]) => subscribed_skus::list(call),
        ("GET", ["subscribedSkus", id]) => subscribed_skus::get(call, id),
        ("POST", ["teamwork", "sendActivityNotificationToRecipients"]) => mail::notify_many(call),
        ("GET", ["directory", "deletedItems", "microsoft.graph.user"]) => deleted::list(call),
        ("GET", ["directory", "deletedItems", key]) => deleted::get(call, key),
        ("POST", ["directory", "deletedItems", key, "restore"]) => deleted::restore(call, key),
        ("DELETE", ["directory", "deletedItems", key]) => deleted::purge(call, key),
        ("POST", ["directoryObjects", "getByIds"]) => groups::by_ids(call),
        ("GET", ["directoryRoles"]) => directory_roles::list(call),
        ("GET", ["directoryRoles", key, "members"]) => directory_roles::members(call, key),
        ("GET", ["roleManagement", "directory", "roleAssignments"]) => directory_roles::assignments(call),
        ("GET", ["directory", "subscriptions"]) => subscribed_skus::subscriptions(call),
        ("GET", ["groups"]) => groups::list(call),
        ("GET", ["groups", key]) => groups::get(call, key),
        ("GET", ["groups", key, "members", ..]) => groups::members(call, key, groups::Whom::Direct),
        ("GET", ["groups", key, "transitiveMembers", ..]) => groups::members(call, key, groups::Whom::Transitive),
        ("GET", ["groups", key, "membersWithLicenseErrors"]) => groups::members(call, key, groups::Whom::WithErrors),
        ("POST", ["groups", key, "members", "$ref"]) => assign_license::add_member(call, key),
        ("DELETE", ["groups", key, "members", user, "$ref"]) => assign_license::remove_member(call, key, user),
        // Without `/$ref` the call means the user object itself.
        ("DELETE", ["groups", _, "members", user]) => assign_license::delete_user(call, user),
        ("POST", ["groups", key, "assignLicense"]) => assign_license::for_group(call, key),
        ("GET", ["admin", "reportSettings"]) => reports::get_settings(call),
        ("PATCH", ["admin", "reportSettings"]) => reports::patch_settings(call),
        ("GET", ["reports", function] | ["copilot", "reports", function]) => reports::report(call, function),
        (_, [first, ..]) => {
            Err(GraphError::new(400, "BadRequest", format!("Resource not found for the segment '{first}'.")))
        }
        (_, []) => Err(GraphError::new(400, "BadRequest", "Resource not found for the segment ''.")),
    }
}
