//! The tests of `gomod-module`.

mod errors;
mod goenv;
mod h1;
#[cfg(feature = "info")]
mod info;
mod modfile;
mod operations;
mod prop;
#[cfg(feature = "semver")]
mod semver;
#[cfg(feature = "serde")]
mod serde;
mod unicode;
mod vectors;
