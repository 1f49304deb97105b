//! Stories of the engine: a simulated tenant in its own process, stages ticked by hand, both
//! databases, and the simulator's journal as the judge at the end of each.

mod full_loop;
