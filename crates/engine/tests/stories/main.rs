//! Stories of the engine: a simulated tenant in its own process, stages ticked by hand, both
//! databases, and the simulator's journal as the judge at the end of each.

mod accounts;
mod activity;
mod budget;
mod freeze;
mod full_loop;
mod keep;
mod obstacles;
mod one_person;
mod plans;
mod races;
mod restore;
mod review;
mod roster;
mod sources;
mod tenants;
mod trail;
mod unknown;
