//! What pages and lists show.
