//! Stories of the engine: a simulated tenant in its own process, stages ticked by hand, both
//! databases, and the simulator's journal as the judge at the end of each.

mod accounts;
mod activity;
mod breaker;
mod budget;
mod connections;
mod delta;
mod doctor;
mod freeze;
mod full_loop;
mod groups;
mod keep;
mod lanes;
mod obstacles;
mod one_person;
mod plans;
mod races;
mod readings;
mod reports;
mod restore;
mod review;
mod roster;
mod sources;
mod streams;
mod tenants;
mod trail;
mod unknown;
