use thiserror::Error;

use super::Source;
use crate::modfile::GoModError;
use crate::path::InvalidPathError;
use crate::{ErrorChain, ModuleError, ModuleVersion};

/// Why there is no module set.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModuleSetError {
    /// The main go.mod has no `module` line.
    #[error("missing module declaration")]
    NoModuleDeclaration,
    /// A member of a workspace has a path that no module may have.
    #[error(transparent)]
    Path(#[from] InvalidPathError),
    /// A member of a workspace has the path `go` or `toolchain`.
    #[error("invalid module path: {0:?}")]
    ReservedPath(String),
    /// Two `replace` lines say different things about the same module.
    #[error("line {line}: conflicting replacements for {path}")]
    ConflictingReplacements {
        /// The second line.
        line: usize,
        /// The module.
        path: String,
    },
    /// A requirement or replacement names no valid module.
    #[error("{}line {line}", .origin.as_ref().map_or_else(String::new, |origin| format!("{}: parsing go.mod: ", place(origin))))]
    Module {
        /// Whose go.mod; `None` for a main module's.
        origin: Option<Source>,
        /// The line.
        line: usize,
        /// What is wrong with the name.
        #[source]
        source: Box<ModuleError>,
    },
    /// A dependency's go.mod cannot be read.
    #[error("{}: parsing go.mod", place(.origin))]
    GoMod {
        /// Whose go.mod.
        origin: Source,
        /// The lines.
        #[source]
        source: GoModError,
    },
    /// A dependency's go.mod has no `module` line.
    #[error("{}: parsing go.mod: missing module line", place(.0))]
    NoModuleLine(Source),
    /// A dependency needs a later version of Go than [there is](super::ModuleSet::running).
    #[error("{} requires go >= {version} (running go {running})", place(.origin))]
    NewerGo {
        /// Whose go.mod.
        origin: Source,
        /// What it says.
        version: String,
        /// What there is.
        running: String,
    },
    /// A dependency's go.mod is that of another module.
    #[error("{}: parsing go.mod: module declares its path as {declared} but was required as {required}", place(.origin))]
    OtherPath {
        /// Whose go.mod.
        origin: Source,
        /// What it says.
        declared: String,
        /// What was asked for.
        required: String,
    },
    /// A workspace has no members.
    #[error("no modules were found in the workspace")]
    NoMembers,
    /// Members of a workspace cannot be used: each with its reason, in their order.
    #[error("{}", lines(.0))]
    Members(Vec<Self>),
    /// A member of a workspace cannot be used.
    #[error("cannot load module {directory} listed in go.work file")]
    Member {
        /// The member's directory.
        directory: String,
        /// Why not.
        #[source]
        source: Box<Self>,
    },
    /// Two `use` lines lead to one directory.
    #[error("path {0} appears multiple times in workspace")]
    RepeatedDirectory(String),
    /// A member asks for a later Go, from 1.21 on, than go.work does, which asks for 1.18 where it has no `go` line.
    #[error("module {directory} listed in go.work file requires go >= {version}, but go.work {}; `go work use` updates it", lists(.listed.as_deref()))]
    OldGoWork {
        /// The member's directory.
        directory: String,
        /// What it asks for.
        version: String,
        /// What go.work asks for.
        listed: Option<String>,
    },
    /// Two members replace the same by different things, and go.work does not replace that path.
    #[error(
        "conflicting replacements for {replaced}: {first} and {second}; `go work edit -replace {replaced}=…` decides"
    )]
    ConflictingMembers {
        /// A module path, or `path@version`.
        replaced: String,
        /// What an earlier member has for it.
        first: String,
        /// What a later one has.
        second: String,
    },
    /// Two members of a workspace have one module path.
    #[error("module {0} appears multiple times in workspace")]
    RepeatedMember(String),
    /// go.work replaces all versions of a member.
    #[error("workspace module {0} is replaced at all versions in the go.work file")]
    ReplacedMember(String),
    /// A member replaces a version that is required, and an earlier member replaces it by something else.
    #[error(
        "conflicting replacements found for {module} in workspace modules defined by {first}/go.mod and {second}/go.mod"
    )]
    ConflictingVersion {
        /// The required module.
        module: ModuleVersion,
        /// The directory of the earlier member.
        first: String,
        /// The directory of the later one.
        second: String,
    },
}

impl ModuleSetError {
    pub(super) fn module(origin: Option<Source>, line: usize, error: ModuleError) -> Self {
        Self::Module { origin, line, source: Box::new(error) }
    }
}

pub(super) fn place(origin: &Source) -> String {
    match origin {
        Source::Module(module) => module.to_string(),
        Source::Directory(directory) => directory.clone(),
    }
}

fn lists(version: Option<&str>) -> String {
    version.map_or_else(|| "implicitly requires go 1.18".to_owned(), |version| format!("lists go {version}"))
}

/// How many errors a text names.
const MAX_ERRORS: usize = 10;

fn lines(errors: &[ModuleSetError]) -> String {
    let lines = errors.iter().take(MAX_ERRORS).map(|error| ErrorChain::new(error).to_string());
    let more = errors.len().saturating_sub(MAX_ERRORS);
    let more = (more > 0).then(|| format!("and {more} more"));
    lines.chain(more).collect::<Vec<_>>().join("\n")
}
