//! Every public type goes to another thread and is shared between threads; values can be compared.

use std::hash::Hash;

use gomod_module::escape::{Escaped, InvalidEscapeError};
use gomod_module::goenv::GoEnvError;
use gomod_module::modfile::GoModError;
use gomod_module::path::InvalidPathError;
use gomod_module::pattern::{BadPatternError, PatternProblem};
use gomod_module::query::{InvalidQueryError, NoPatchBaseError, QueryMatcher};
use gomod_module::text::GoString;
use gomod_module::version::InvalidVersionError;
use gomod_module::{
    GoEnv, GoMod, GoWork, H1, InvalidH1Error, InvalidTimestampError, LfsPointer, ModuleError, ModulePath,
    ModuleVersion, PrefixPatterns, PseudoVersion, Query, Timestamp, Version, module_set,
};

fn send_sync<T: Send + Sync>() {}
fn error<T: std::error::Error + Send + Sync + 'static>() {}
fn key<T: Send + Sync + Clone + Eq + Hash + std::fmt::Debug>() {}

#[test]
fn types_of_names() {
    key::<ModulePath>();
    key::<Version>();
    key::<ModuleVersion>();
    key::<H1>();
    key::<Timestamp>();
    key::<ModuleError>();
    key::<InvalidPathError>();
    key::<InvalidVersionError>();
    send_sync::<PseudoVersion<'_>>();
    send_sync::<Escaped<'_>>();
    send_sync::<LfsPointer>();
    send_sync::<GoString>();
    error::<ModuleError>();
    error::<InvalidEscapeError>();
    error::<InvalidH1Error>();
    error::<InvalidTimestampError>();
}

#[test]
fn types_of_files_queries_and_the_environment() {
    send_sync::<GoMod>();
    send_sync::<GoWork>();
    send_sync::<Query>();
    send_sync::<QueryMatcher<'_>>();
    send_sync::<PrefixPatterns>();
    send_sync::<PatternProblem>();
    send_sync::<GoEnv>();
    send_sync::<module_set::ModuleSet>();
    error::<GoModError>();
    error::<GoEnvError>();
    error::<InvalidQueryError>();
    error::<NoPatchBaseError>();
    error::<BadPatternError>();
}
