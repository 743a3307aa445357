//! The lines of go.mod and go.work files, each as its own type.
//!
//! [`GoMod`] and [`GoWork`] hold them.

mod directive;
mod error;
mod go_mod;
mod go_work;
mod lexer;
#[cfg(feature = "os")]
mod read;
mod reason;
mod rules;
mod syntax;
mod unquote;
mod vendor;

pub use directive::{Exclude, Go, Godebug, Ignore, Module, Replace, Require, Retract, Tool, Toolchain, Use};
pub use error::{GoModError, Problem};
pub use go_mod::{GoMod, MAX_GO_MOD};
pub use go_work::GoWork;
#[cfg(feature = "os")]
pub use read::{ReadGoModError, read_go_mod};
pub use reason::{InvalidWord, ProblemReason, VersionProblem};
pub use vendor::VendorRule;
