/// What requests say of the program that makes them.
pub(crate) const USER_AGENT_VALUE: &str = concat!("gomod-proxy-client/", env!("CARGO_PKG_VERSION"));
