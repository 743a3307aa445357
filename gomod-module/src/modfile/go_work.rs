use super::error::{GoModError, Problems};
use super::go_mod::{check_size, once};
use super::syntax::{Directive, Syntax};
use super::{Go, Godebug, ProblemReason, Replace, Toolchain, Use};

/// The statements of a go.work file.
///
/// Source: [go.work files](https://go.dev/ref/mod#go-work-file).
///
/// ```
/// use gomod_module::GoWork;
///
/// let file = GoWork::parse(b"go 1.21\n\nuse (\n\t.\n\t./tools\n)\n")?;
/// let directories: Vec<&str> = file.use_modules.iter().map(|line| &*line.path).collect();
/// assert_eq!(directories, [".", "./tools"]);
/// # Ok::<(), gomod_module::modfile::GoModError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "WorkFile")]
pub struct GoWork {
    /// The version of Go the workspace is written for.
    pub go: Option<Go>,
    /// The toolchain suggested for work in the workspace.
    pub toolchain: Option<Toolchain>,
    /// Settings for programs built in the workspace.
    pub godebug: Vec<Godebug>,
    /// The directories of the main modules.
    #[doc(alias = "Use")]
    pub use_modules: Vec<Use>,
    /// The replacements, which take precedence over those of the modules.
    pub replace: Vec<Replace>,
}

impl GoWork {
    /// The statements of a go.work file (x/mod's `ParseWork` without a version fixer).
    ///
    /// # Errors
    /// [`GoModError`] with the first syntax error, or with every unknown or malformed statement; a file larger than
    /// [`MAX_GO_MOD`](crate::modfile::MAX_GO_MOD) is one error in line 1.
    #[doc(alias = "ParseWork")]
    pub fn parse(data: &[u8]) -> Result<Self, GoModError> {
        check_size(data)?;
        let syntax = Syntax::parse(data)?;
        let mut file = Self::default();
        let mut problems = Problems::default();
        let _ = syntax.visit(is_block, |directive| {
            let result = directive
                .and_then(|directive| file.add(&directive).map_err(|reason| directive.problem(reason)));
            problems.note(result)
        });
        problems.or(file)
    }

    fn add(&mut self, directive: &Directive<'_, '_>) -> Result<(), ProblemReason> {
        match directive.verb {
            b"go" => {
                once("go", self.go.as_ref())?;
                self.go = Some(directive.go(false)?);
            }
            b"toolchain" => {
                once("toolchain", self.toolchain.as_ref())?;
                self.toolchain = Some(directive.toolchain()?);
            }
            b"godebug" => self.godebug.push(directive.godebug()?),
            b"use" => self.use_modules.push(directive.use_module()?),
            b"replace" => self.replace.push(directive.replace()?),
            _ => return Err(directive.unknown()),
        }
        Ok(())
    }
}

fn is_block(verb: &[u8]) -> bool {
    matches!(verb, b"godebug" | b"use" | b"replace")
}
