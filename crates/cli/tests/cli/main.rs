//! The shipped program from outside: what it prints, how it ends, what it leaves in the tenant.

mod audit;
mod backup;
mod configuration;
mod doctor;
mod exit_codes;
mod harness;
mod help;
mod killed;
mod once;
mod scan;
mod served;
mod supervised;
