//! What the tools share: the order in which the crates are composed, not knowledge of their own.
#![forbid(unsafe_code)]

pub mod module_set;
