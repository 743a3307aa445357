use std::sync::Arc;

use crate::go_version;
use crate::text::GoString;
use crate::{ModuleError, ModuleVersion, semver};

/// The `module` line.
///
/// Source: [module directive](https://go.dev/ref/mod#go-mod-file-module).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Module {
    /// The module path; any text, as Go does not check it here.
    pub path: GoString,
    /// The text behind `Deprecated:` in the comments of the line.
    pub deprecated: Option<GoString>,
    /// The line of the file, counted from 1.
    pub line: usize,
}

/// The `go` line.
///
/// Source: [go directive](https://go.dev/ref/mod#go-mod-file-go).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Go {
    /// The version without `go`: `1.21`, `1.21rc1`, `1.21.0`.
    pub version: String,
    /// The line of the file, counted from 1.
    pub line: usize,
}

impl Go {
    /// Whether the version is `version` or later, by [`go_version::compare`]: `1.17rc1` is not at least `1.17`.
    pub fn at_least(&self, version: &str) -> bool {
        go_version::compare(&self.version, version).is_ge()
    }
}

/// The `toolchain` line.
///
/// Source: [toolchain directive](https://go.dev/ref/mod#go-mod-file-toolchain).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Toolchain {
    /// The name: `go1.21.0`, `go1.21.0-custom`, `default`.
    pub name: GoString,
    /// The line of the file, counted from 1.
    pub line: usize,
}

/// A `godebug` line.
///
/// Source: [godebug directive](https://go.dev/ref/mod#go-mod-file-godebug).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Godebug {
    /// What stands before the first `=`.
    pub key: GoString,
    /// What stands after the first `=`.
    pub value: GoString,
    /// The line of the file, counted from 1.
    pub line: usize,
}

/// A `require` line.
///
/// Source: [require directive](https://go.dev/ref/mod#go-mod-file-require).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Require {
    /// The module path. Only its major version suffix was checked, against the version.
    pub path: GoString,
    /// The version, in canonical form.
    pub version: String,
    /// Whether the line ends in `// indirect`.
    pub indirect: bool,
    /// The line of the file, counted from 1.
    pub line: usize,
}

impl Require {
    /// The module version that the line names.
    ///
    /// # Errors
    /// [`ModuleError`] when the path is not a valid module path: reading the file does not check that.
    pub fn module_version(&self) -> Result<ModuleVersion, ModuleError> {
        ModuleVersion::parse(&self.path, &self.version)
    }
}

/// An `exclude` line.
///
/// Source: [exclude directive](https://go.dev/ref/mod#go-mod-file-exclude).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exclude {
    /// The module path. Only its major version suffix was checked, against the version.
    pub path: GoString,
    /// The version, in canonical form.
    pub version: String,
    /// The line of the file, counted from 1.
    pub line: usize,
}

/// A `replace` line.
///
/// Source: [replace directive](https://go.dev/ref/mod#go-mod-file-replace).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replace {
    /// The module path that is replaced.
    pub old_path: GoString,
    /// The version that is replaced, in canonical form; `None` for every version.
    pub old_version: Option<String>,
    /// The path of another module, or a directory.
    pub new_path: GoString,
    /// The version of the other module, in canonical form; `None` if `new_path` is a directory.
    pub new_version: Option<String>,
    /// The line of the file, counted from 1.
    pub line: usize,
}

impl Replace {
    /// The directory that takes the module's place, absolute or relative to the file; `None` if a module does.
    pub fn directory(&self) -> Option<&GoString> {
        self.new_version.is_none().then_some(&self.new_path)
    }
}

/// A `retract` line. A single version is the interval from itself to itself.
///
/// Source: [retract directive](https://go.dev/ref/mod#go-mod-file-retract).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retract {
    /// The lowest version retracted; any text that the caller called canonical.
    pub low: GoString,
    /// The highest version retracted.
    pub high: GoString,
    /// The comments of the line, or else of its block, whose lines share it; empty if there are none.
    pub rationale: Arc<GoString>,
    /// The line of the file, counted from 1.
    pub line: usize,
}

impl Retract {
    /// Whether the interval holds this version, by precedence.
    ///
    /// ```
    /// use gomod_module::GoMod;
    ///
    /// let file = GoMod::parse(b"module m\nretract [v1.0.0, v1.1.0] // broken build\n")?;
    /// assert!(file.retract.iter().any(|line| line.contains("v1.0.5")));
    /// # Ok::<(), gomod_module::modfile::GoModError>(())
    /// ```
    pub fn contains(&self, version: &str) -> bool {
        semver::compare(&self.low, version).is_le() && semver::compare(version, &self.high).is_le()
    }
}

/// A `tool` line.
///
/// Source: [tool directive](https://go.dev/ref/mod#go-mod-file-tool).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tool {
    /// The import path of the tool's package.
    pub path: GoString,
    /// The line of the file, counted from 1.
    pub line: usize,
}

/// An `ignore` line.
///
/// Source: [ignore directive](https://go.dev/ref/mod#go-mod-file-ignore).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ignore {
    /// The directory, relative to the module's root if it begins with `./`.
    pub path: GoString,
    /// The line of the file, counted from 1.
    pub line: usize,
}

/// A `use` line of a go.work file.
///
/// Source: [use directive](https://go.dev/ref/mod#go-work-file-use).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Use {
    /// The directory of the module, absolute or relative to the go.work file.
    pub path: GoString,
    /// The line of the file, counted from 1.
    pub line: usize,
}
