use crate::{ModulePath, Version};

use super::error::{GoModError, Problem, Problems};
use super::syntax::{Directive, Syntax};
use super::{
    Exclude, Go, Godebug, Ignore, Module, ProblemReason, Replace, Require, Retract, Tool, Toolchain,
};

/// The largest go.mod or go.work file that is read, in bytes: 16 MiB, as in module zips.
#[doc(alias = "MaxGoMod")]
pub const MAX_GO_MOD: u64 = 16 << 20;

/// The statements of a go.mod file.
///
/// Source: [go.mod files](https://go.dev/ref/mod#go-mod-file).
///
/// ```
/// use gomod_module::GoMod;
///
/// let file = GoMod::parse(b"module example.com/hello\n\ngo 1.21\n\nrequire rsc.io/quote v1.5.2 // indirect\n")?;
/// let quote = &file.require[0];
/// assert_eq!((&*quote.path, &*quote.version, quote.line), ("rsc.io/quote", "v1.5.2", 5));
/// assert!(quote.indirect && file.go_at_least("1.17"));
/// assert_eq!(quote.module_version()?.to_string(), "rsc.io/quote@v1.5.2");
///
/// let error = GoMod::parse(b"module example.com/hello\nrequire rsc.io/quote latest\n").unwrap_err();
/// assert_eq!(error.errors()[0].line, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "File")]
pub struct GoMod {
    /// The module's own path.
    pub module: Option<Module>,
    /// The version of Go the module is written for.
    pub go: Option<Go>,
    /// The toolchain suggested for work on the module; never present in what [`parse_lax`](Self::parse_lax) returns.
    pub toolchain: Option<Toolchain>,
    /// Settings for programs built in the module; empty from `parse_lax`.
    pub godebug: Vec<Godebug>,
    /// The required modules. One path may stand in several lines.
    pub require: Vec<Require>,
    /// The versions not to use; empty from `parse_lax`.
    pub exclude: Vec<Exclude>,
    /// The replacements; empty from `parse_lax`.
    pub replace: Vec<Replace>,
    /// The versions of the module itself that should not be used.
    pub retract: Vec<Retract>,
    /// The packages that are tools of the module; empty from `parse_lax`.
    pub tool: Vec<Tool>,
    /// The directories that hold no packages of the module.
    pub ignore: Vec<Ignore>,
    /// The first line of `require`, `exclude` or `replace` where a version is not written in canonical form, such as
    /// `v1.2`. The fields above hold `v1.2.0` for it, as x/mod's readers do; the go command takes it for a query in a
    /// main module's file, and asks which version that is.
    pub shortened: Option<usize>,
}

impl GoMod {
    /// The statements of a main module's go.mod. Every version must be canonical: nothing is asked to find out what
    /// `latest` is (x/mod's `Parse` without a version fixer).
    ///
    /// # Errors
    /// [`GoModError`] with the first syntax error, or with every unknown or malformed statement; a file larger than
    /// [`MAX_GO_MOD`] is one error in line 1.
    #[doc(alias = "Parse")]
    pub fn parse(data: &[u8]) -> Result<Self, GoModError> {
        Self::parse_as(data, false)
    }

    /// The statements of a dependency's go.mod that matter to its users: `module`, `go`, `require`, `retract` and
    /// `ignore`. Everything else may say what it likes, and an old-fashioned go version such as `v1.12.x` is read as
    /// its language version (x/mod's `ParseLax` without a version fixer).
    ///
    /// # Errors
    /// As [`parse`](Self::parse), for these statements.
    ///
    /// ```
    /// use gomod_module::GoMod;
    ///
    /// let file = GoMod::parse_lax(b"module example.com/m\ngo 1.12.x\nsomething new\n")?;
    /// assert_eq!(file.go.map(|go| go.version).as_deref(), Some("1.12"));
    /// # Ok::<(), gomod_module::modfile::GoModError>(())
    /// ```
    #[doc(alias = "ParseLax")]
    pub fn parse_lax(data: &[u8]) -> Result<Self, GoModError> {
        Self::parse_as(data, true)
    }

    /// The versions of a module path that the `exclude` lines name.
    ///
    /// ```
    /// use gomod_module::{GoMod, Version};
    ///
    /// let file = GoMod::parse(b"module m\nexclude example.com/a v1.0.0\nexclude example.com/b v1.2.0\n")?;
    /// assert_eq!(file.excluded(&"example.com/b".parse()?), [Version::new("v1.2.0")?]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn excluded(&self, path: &ModulePath) -> Vec<Version> {
        let of_path = self.exclude.iter().filter(|exclude| *exclude.path == *path.as_str());
        of_path.filter_map(|exclude| Version::new(exclude.version.as_str()).ok()).collect()
    }

    /// Whether the file has a `go` line of this version or later.
    ///
    /// `go_at_least("1.17")` tells whether the module graph is pruned below this module: only then does its go.mod
    /// list everything it needs. See [Module graph pruning](https://go.dev/ref/mod#graph-pruning).
    pub fn go_at_least(&self, version: &str) -> bool {
        self.go.as_ref().is_some_and(|go| go.at_least(version))
    }

    fn parse_as(data: &[u8], lax: bool) -> Result<Self, GoModError> {
        check_size(data)?;
        let syntax = Syntax::parse(data)?;
        let mut file = Self::default();
        let mut problems = Problems::default();
        let _ = syntax.visit(is_block, |directive| {
            let result = match directive {
                Ok(directive) if lax && !is_for_users(directive.verb) => Ok(()),
                Ok(directive) => file.add(&directive, lax).map_err(|reason| directive.problem(reason)),
                Err(_) if lax => Ok(()),
                Err(problem) => Err(problem),
            };
            problems.note(result)
        });
        problems.or(file)
    }

    fn add(&mut self, directive: &Directive<'_, '_>, lax: bool) -> Result<(), ProblemReason> {
        match directive.verb {
            b"go" => {
                once("go", self.go.as_ref())?;
                self.go = Some(directive.go(lax)?);
            }
            b"toolchain" => {
                once("toolchain", self.toolchain.as_ref())?;
                self.toolchain = Some(directive.toolchain()?);
            }
            b"module" => {
                once("module", self.module.as_ref())?;
                // Malformed or not, the next one repeats it.
                self.module = Some(Module::default());
                self.module = Some(directive.module()?);
            }
            b"require" | b"exclude" | b"replace"
                if self.shortened.is_none() && directive.shortens_a_version() =>
            {
                self.shortened = Some(directive.line_number());
                return self.add(directive, lax);
            }
            b"godebug" => self.godebug.push(directive.godebug()?),
            b"require" => self.require.push(directive.require()?),
            b"exclude" => self.exclude.push(directive.exclude()?),
            b"replace" => self.replace.push(directive.replace()?),
            b"retract" => match directive.retract(lax) {
                Ok(retract) => self.retract.push(retract),
                // A later Go may know more kinds of intervals.
                Err(_) if lax => {}
                Err(reason) => return Err(reason),
            },
            b"tool" => self.tool.push(directive.tool()?),
            b"ignore" => self.ignore.push(directive.ignore()?),
            _ => return Err(directive.unknown()),
        }
        Ok(())
    }
}

fn is_block(verb: &[u8]) -> bool {
    matches!(
        verb,
        b"module" | b"godebug" | b"require" | b"exclude" | b"replace" | b"retract" | b"tool" | b"ignore"
    )
}

/// Whether a directive of a dependency matters to its users.
fn is_for_users(verb: &[u8]) -> bool {
    matches!(verb, b"go" | b"module" | b"retract" | b"require" | b"ignore")
}

pub(super) fn once<T>(directive: &'static str, seen: Option<&T>) -> Result<(), ProblemReason> {
    if seen.is_some() { Err(ProblemReason::Repeated(directive)) } else { Ok(()) }
}

pub(super) fn check_size(data: &[u8]) -> Result<(), Problem> {
    let length = data.len() as u64;
    if length <= MAX_GO_MOD {
        return Ok(());
    }
    Err(Problem::new(1, 1, ProblemReason::TooLarge(length)))
}
