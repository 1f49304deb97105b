//! Version 1 of the REST interface: every address, and who may use it.

use axum::extract::DefaultBodyLimit;
use reseat_domain::role::Permission as P;
use utoipa_axum::router::UtoipaMethodRouterExt as _;
use utoipa_axum::routes;

use crate::ROSTER_LIMIT;
use crate::routes::Access::{Needs, Public, SignedIn};
use crate::routes::{Route, command, route, secret};

pub mod accounts;
pub mod applications;
pub mod audit;
pub mod candidates;
pub mod connections;
pub mod demo;
pub mod findings;
pub mod freeze;
pub mod overview;
pub mod people;
pub mod plans;
pub mod roster;
pub mod rules;
pub mod seats;
pub mod session;
pub mod setup;
pub mod skus;
pub mod state_machine;
pub mod syncs;
pub mod tokens;

/// Every route of version 1.
pub fn table() -> Vec<Route> {
    vec![
        route(Public, routes!(setup::read::read_setup)),
        secret(Public, routes!(setup::bootstrap::bootstrap)),
        secret(Public, routes!(session::create::sign_in)),
        route(SignedIn, routes!(session::read::read_session)),
        route(SignedIn, routes!(session::remove::sign_out)),
        route(Needs(P::Administer), routes!(accounts::list::list_accounts)),
        command(Needs(P::Administer), routes!(accounts::create::create_account)),
        route(Needs(P::Administer), routes!(accounts::change::change_account)),
        route(SignedIn, routes!(tokens::list::list_tokens)),
        secret(SignedIn, routes!(tokens::create::create_token)),
        route(SignedIn, routes!(tokens::remove::revoke_token)),
        route(Needs(P::Read), routes!(overview::read::read_overview)),
        // Anyone with a role may freeze, so anyone may see whether it is frozen.
        route(SignedIn, routes!(freeze::read::read_freeze)),
        command(Needs(P::Freeze), routes!(freeze::create::freeze)),
        command(Needs(P::Thaw), routes!(freeze::thaw::thaw)),
        route(Needs(P::Read), routes!(applications::list::list_applications)),
        route(Needs(P::Read), routes!(applications::read::read_application)),
        route(Needs(P::Administer), routes!(applications::change_task::change_task)),
        route(Needs(P::Read), routes!(applications::quarantine::list_quarantine)),
        route(Needs(P::Read), routes!(applications::write_settings::read::read_write_settings)),
        route(Needs(P::Administer), routes!(applications::write_settings::change::change_write_settings)),
        route(Needs(P::Read), routes!(applications::doctor::read_doctor)),
        route(Needs(P::Read), routes!(applications::connections::list::list_all_connections)),
        route(Needs(P::Read), routes!(applications::connections::read::read_connection)),
        // Whole and repeatable: the same entry twice is the same connection.
        route(Needs(P::Administer), routes!(applications::connections::save::save_connection)),
        route(Needs(P::Administer), routes!(applications::connections::remove::remove_connection)),
        command(Needs(P::Administer), routes!(applications::connections::check::check_connection)),
        // The answer carries the state of one sign-in.
        secret(Needs(P::Administer), routes!(applications::connections::authorize::begin_authorization)),
        route(Needs(P::Administer), routes!(applications::connections::consent_link::read_consent_link)),
        // Microsoft sends a browser here; it is bound to the state and the session it was begun in.
        route(Public, routes!(connections::callback::finish_connection)),
        command(Needs(P::Sync), routes!(syncs::create::create_sync)),
        route(Needs(P::Read), routes!(syncs::list::list_syncs)),
        route(Needs(P::Read), routes!(syncs::read::read_sync)),
        // Importing the same file twice gives the same roster, so no answer is kept for it.
        route(Needs(P::Sync), routes!(roster::create::import_roster).layer(DefaultBodyLimit::max(ROSTER_LIMIT))),
        route(Needs(P::Read), routes!(skus::list::list_skus)),
        route(Needs(P::Read), routes!(skus::read::read_sku)),
        route(Needs(P::ManagePrices), routes!(skus::set_price::set_price)),
        route(Needs(P::ManagePrices), routes!(skus::clear_price::clear_price)),
        route(Needs(P::Read), routes!(seats::list::list_seats)),
        route(Needs(P::Read), routes!(seats::read::read_seat)),
        route(Needs(P::Read), routes!(people::list::list_people)),
        route(Needs(P::Read), routes!(people::read::read_person)),
        route(Needs(P::Read), routes!(findings::list::list_findings)),
        route(Needs(P::Read), routes!(findings::read::read_finding)),
        route(Needs(P::Read), routes!(candidates::list::list_candidates)),
        route(Needs(P::Read), routes!(candidates::read::read_candidate)),
        command(Needs(P::ManageCandidates), routes!(candidates::create::create_candidates)),
        // Which role is needed follows from the action, the state and the person: the command decides.
        command(SignedIn, routes!(candidates::act::act_on_candidate)),
        command(SignedIn, routes!(candidates::act_on_many::act_on_candidates)),
        route(Needs(P::Read), routes!(state_machine::read::read_state_machine)),
        command(Needs(P::ManagePlans), routes!(plans::create::create_plan)),
        route(Needs(P::Read), routes!(plans::list::list_plans)),
        route(Needs(P::Read), routes!(plans::read::read_plan)),
        command(Needs(P::ManagePlans), routes!(plans::apply::apply_plan)),
        route(Needs(P::Read), routes!(rules::list::list_rules)),
        route(Needs(P::Read), routes!(rules::read::read_rule)),
        route(Needs(P::ReadTrail), routes!(audit::list::list_audit)),
        route(Needs(P::ReadTrail), routes!(audit::verify::verify_audit)),
        route(Needs(P::ReadTrail), routes!(audit::read::read_audit)),
        command(Needs(P::MoveDemoClock), routes!(demo::clock::move_demo_clock)),
    ]
}
