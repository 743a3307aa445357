//! Several go.sum files that are asked together, as in a workspace.

use std::sync::Arc;

use gomod_module::{H1, ModuleVersion};

use super::entry::{GoSumLine, Kind};
use super::parse::GoSum;
use super::verify::{Mismatch, Missing, Verdict, VerifyError};

/// The go.sum files of a workspace: go.work.sum, and after it the go.sum of each member.
///
/// Outside of a workspace a project has one file only, and [`GoSum`] does. See
/// <https://go.dev/ref/mod#workspaces> and `haveModSumLocked` of cmd/go.
///
/// ```
/// use gomod_sum::{GoSum, GoSumFiles, Kind, hash_go_mod};
///
/// let member = GoSum::parse(b"x.y/m v1.0.0/go.mod h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=\n")?;
/// let files = GoSumFiles::new("go.work.sum", GoSum::default()).with("/w/a/go.sum", member);
/// let module = "x.y/m@v1.0.0".parse()?;
/// files.require_sum(&module, Kind::GoMod)?;
/// let mismatch = files.lookup(&module, Kind::GoMod, &hash_go_mod(b"module x.y/n\n")).unwrap_err();
/// assert_eq!((mismatch.file.as_str(), mismatch.line), ("/w/a/go.sum", 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoSumFiles {
    main: (String, GoSum),
    members: Vec<(String, GoSum)>,
}

/// No file at all.
impl Default for GoSumFiles {
    fn default() -> Self {
        GoSum::default().into()
    }
}

/// The go.sum file of a project that is no workspace.
impl From<GoSum> for GoSumFiles {
    fn from(go_sum: GoSum) -> Self {
        Self::new("go.sum", go_sum)
    }
}

/// So that a function takes one file or several, and shares them.
impl From<GoSum> for Arc<GoSumFiles> {
    fn from(go_sum: GoSum) -> Self {
        Self::new(go_sum.into())
    }
}

impl GoSumFiles {
    /// Returns the main file alone: the one that the go command writes, go.work.sum in a workspace. Its name is for
    /// people to read.
    pub fn new(name: impl Into<String>, main: GoSum) -> Self {
        Self { main: (name.into(), main), members: Vec::new() }
    }

    /// Adds the go.sum file of a member of the workspace.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, member: GoSum) -> Self {
        self.members.push((name.into(), member));
        self
    }

    /// Returns all files with their names, the main one first.
    pub fn files(&self) -> impl Iterator<Item = (&str, &GoSum)> {
        std::iter::once(&self.main).chain(&self.members).map(|(name, sum)| (name.as_str(), sum))
    }

    /// Returns the file of this name: of a [`Mismatch`], the one that holds the line.
    pub fn file(&self, name: &str) -> Option<&GoSum> {
        self.files().find(|(other, _)| *other == name).map(|(_, sum)| sum)
    }

    /// Returns the main file.
    pub fn main(&self) -> &GoSum {
        &self.main.1
    }

    /// Returns the main file, to write to.
    pub fn main_mut(&mut self) -> &mut GoSum {
        &mut self.main.1
    }

    /// Says that the files together prove the hash that `module` was found to have.
    ///
    /// # Errors
    /// [`VerifyError`], as [`GoSum::verify`].
    #[doc(alias = "checkModSum")]
    pub fn verify(&self, module: &ModuleVersion, kind: Kind, found: &H1) -> Result<(), VerifyError> {
        VerifyError::unless_match(self.lookup(module, kind, found)?, module, kind)
    }

    /// Returns what the files together say about the hash that `module` was found to have, for a caller who has something
    /// else to ask where they say nothing.
    ///
    /// First the main file decides, as [`GoSum::lookup`] says. Only where it holds no `h1:` hash the members are asked: one
    /// line of one of them that holds another `h1:` hash is a mismatch, whatever the others hold. Go asks the members in no
    /// particular order, here it is that in which they were given: it decides which file a mismatch names.
    ///
    /// # Errors
    /// [`Mismatch`], with the name of the file.
    #[doc(alias = "haveModSumLocked")]
    pub fn lookup(&self, module: &ModuleVersion, kind: Kind, found: &H1) -> Result<Verdict, Mismatch> {
        let (name, main) = &self.main;
        let mut verdict = main.lookup(module, kind, found).map_err(|mismatch| mismatch.in_file(name))?;
        if verdict == Verdict::Match {
            return Ok(verdict);
        }
        let text = found.to_string();
        for (name, entry) in self
            .members
            .iter()
            .flat_map(|(name, sum)| sum.hashes(module, kind).map(move |entry| (name, entry)))
        {
            if entry.hash == text.as_bytes() {
                verdict = Verdict::Match;
            } else if entry.is_h1() {
                return Err(Mismatch::new(module, kind, &entry, found).in_file(name));
            } else if verdict == Verdict::Absent {
                verdict = Verdict::UnknownAlgorithm;
            }
        }
        Ok(verdict)
    }

    /// Returns the lines about a module with the names of their files, those of the main file first.
    pub fn hashes(&self, module: &ModuleVersion, kind: Kind) -> impl Iterator<Item = (&str, GoSumLine<'_>)> {
        self.files().flat_map(move |(name, sum)| sum.hashes(module, kind).map(move |entry| (name, entry)))
    }

    /// Returns whether one of the files holds an `h1:` hash of the module, whatever follows `h1:`.
    #[doc(alias = "HaveSum")]
    #[must_use]
    pub fn have_sum(&self, module: &ModuleVersion, kind: Kind) -> bool {
        self.files().any(|(_, sum)| sum.have_sum(module, kind))
    }

    /// Says that one of the files holds an `h1:` hash of the module.
    ///
    /// # Errors
    /// [`Missing`] when none does.
    pub fn require_sum(&self, module: &ModuleVersion, kind: Kind) -> Result<(), Missing> {
        if self.have_sum(module, kind) { Ok(()) } else { Err(Missing::new(module.clone(), kind)) }
    }

    /// Records the hash of a module in the main file, if no file holds it, and returns whether the main file has a new
    /// line, as [`GoSum::insert`] does for one file.
    ///
    /// # Errors
    /// [`Mismatch`] when one of the files holds another hash.
    pub fn insert(&mut self, module: &ModuleVersion, kind: Kind, hash: &H1) -> Result<bool, Mismatch> {
        if self.lookup(module, kind, hash)? == Verdict::Match {
            return Ok(false);
        }
        self.main.1.insert(module, kind, hash)
    }

    /// Takes all lines about what a member's file mentions out of the main file and returns how many there were: the go
    /// command does so whenever it writes go.work.sum.
    #[doc(alias = "sumInWorkspaceModulesLocked")]
    pub fn remove_repeated(&mut self) -> usize {
        let members = &self.members;
        self.main.1.retain(|entry| {
            let (path, version) = entry.key();
            members.iter().all(|(_, sum)| sum.lines(path, version).next().is_none())
        })
    }
}
