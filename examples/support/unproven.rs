//! What a go.mod file must be that nothing proves: a module's own.

use gomod_module::modfile::GoModError;
use gomod_module::{GoMod, ModulePath, ModuleVersion};
use gomod_sum::explain::LooksLike;
use thiserror::Error;

/// The module path that a go.mod file declares must be that of its module or, for the target of a `replace` line, that of
/// the module it stands for: `goModSummary` of cmd/go.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way to be used")]
pub enum Declares<'a> {
    /// The module graph needs the file for this path.
    For(&'a ModulePath),
    /// Nothing is built from it: a fork keeps the path of what it was forked from.
    Any,
}

/// Why content is not the go.mod file of a module.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NotItsGoMod {
    /// Nothing came.
    #[error("it is empty")]
    Empty,
    /// What came is certainly something else.
    #[error("it is {0}")]
    LooksLike(LooksLike),
    /// Its statements.
    #[error("it cannot be read")]
    Malformed(#[from] GoModError),
    /// It names no module.
    #[error("it has no module line")]
    NoModuleLine,
    /// What it names cannot be a module.
    #[error("it declares its path as {0:?}, which no module has")]
    NoModulePath(String),
    /// It names another module.
    #[error("it declares its path as {declared}, and was required as {required}")]
    OtherPath {
        /// What it says.
        declared: ModulePath,
        /// What was asked for.
        required: ModulePath,
    },
}

/// The other path that the go.mod file of a module allowed, if it declares one.
///
/// # Errors
/// [`NotItsGoMod`].
pub fn check_go_mod(
    content: &[u8],
    module: &ModuleVersion,
    allowed: Declares<'_>,
) -> Result<Option<ModulePath>, NotItsGoMod> {
    if content.is_empty() {
        return Err(NotItsGoMod::Empty);
    }
    if let Some(looks_like) = LooksLike::of(content) {
        return Err(NotItsGoMod::LooksLike(looks_like));
    }
    let line = GoMod::parse_lax(content)?.module.ok_or(NotItsGoMod::NoModuleLine)?;
    let Ok(declared) = ModulePath::new(&*line.path) else {
        return Err(NotItsGoMod::NoModulePath(line.path.to_string()));
    };
    match allowed {
        _ if declared == *module.path() => Ok(None),
        Declares::For(required) if declared != *required => {
            Err(NotItsGoMod::OtherPath { declared, required: required.clone() })
        }
        _ => Ok(Some(declared)),
    }
}
