//! What a go.sum file says about a hash.

use gomod_module::{H1, ModuleVersion};
use thiserror::Error;

use super::entry::{GoSumLine, Kind};
use super::parse::GoSum;

/// What the lines of one key say about a hash that they do not refuse: only [`Match`](Self::Match) proves anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[must_use = "only `Match` proves anything"]
#[expect(clippy::exhaustive_enums, reason = "a caller must decide about each")]
pub enum Verdict {
    /// The hash is recorded.
    Match,
    /// There are only hashes of algorithms other than `h1:`. They prove nothing: the go command treats this as
    /// [`Absent`](Self::Absent), with a warning when it adds its own hash.
    UnknownAlgorithm,
    /// There is no line.
    Absent,
}

/// What the lines of one key say about a hash, in the raw layer: [`GoSum::check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[must_use = "only `Match` proves anything"]
#[expect(clippy::exhaustive_enums, reason = "a caller must decide about each")]
pub enum Check<'a> {
    /// This line records the hash.
    Match(GoSumLine<'a>),
    /// This line records another `h1:` hash, and no line before it the one asked about.
    Mismatch(GoSumLine<'a>),
    /// There are only hashes of other algorithms.
    UnknownAlgorithm,
    /// There is no line.
    Absent,
}

/// The one hash recorded for a key: [`GoSum::recorded_sum`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "a caller must decide about each")]
pub enum Recorded<'a> {
    /// No `h1:` hash.
    None,
    /// This `h1:` hash, on one line or on several.
    One(GoSumLine<'a>),
    /// Two lines that hold different `h1:` hashes.
    Conflict(GoSumLine<'a>, GoSumLine<'a>),
}

impl GoSum {
    /// Says that the file proves the hash that `module` was found to have: a line of it records this hash.
    ///
    /// As [`lookup`](Self::lookup), but where nothing is recorded that could prove it, that is an error as well.
    ///
    /// ```
    /// use gomod_sum::{GoSum, Kind, VerifyError, hash_go_mod};
    ///
    /// let (module, found) = ("x.y/m@v1.0.0".parse()?, hash_go_mod(b"module x.y/m\n"));
    /// let unproven = GoSum::default().verify(&module, Kind::GoMod, &found).unwrap_err();
    /// assert!(matches!(unproven, VerifyError::Missing(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`VerifyError::Mismatch`]: the content must not be used, nor asked for again where it came from.
    /// [`VerifyError::Missing`] and [`VerifyError::UnknownAlgorithm`]: nothing is known of it.
    #[doc(alias = "checkModSum")]
    pub fn verify(&self, module: &ModuleVersion, kind: Kind, found: &H1) -> Result<(), VerifyError> {
        VerifyError::unless_match(self.lookup(module, kind, found)?, module, kind)
    }

    /// Returns what the file says about the hash that `module` was found to have, for a caller who has something else to
    /// ask where it says nothing: the checksum database.
    ///
    /// The lines of the module are asked in the order of the file and the first `h1:` line decides: the right hash and
    /// then a wrong one is a match, the other way round it is a mismatch. Other algorithms are passed over. This is
    /// `haveModSumLocked` of cmd/go; no environment variable of Go makes a mismatch pass.
    ///
    /// # Errors
    /// [`Mismatch`]: the content must not be used, nor asked for again where it came from.
    #[doc(alias = "haveModSumLocked")]
    pub fn lookup(&self, module: &ModuleVersion, kind: Kind, found: &H1) -> Result<Verdict, Mismatch> {
        let (path, version) = key(module, kind);
        match self.check(path, version.as_bytes(), found.to_string().as_bytes()) {
            Check::Match(_) => Ok(Verdict::Match),
            Check::UnknownAlgorithm => Ok(Verdict::UnknownAlgorithm),
            Check::Absent => Ok(Verdict::Absent),
            Check::Mismatch(entry) => Err(Mismatch::new(module, kind, &entry, found)),
        }
    }

    /// Returns the lines about a module in the order of the file.
    pub fn hashes<'a>(
        &'a self,
        module: &ModuleVersion,
        kind: Kind,
    ) -> impl Iterator<Item = GoSumLine<'a>> + use<'a> {
        let (path, version) = key(module, kind);
        self.lines(path, version.as_bytes())
    }

    /// Returns whether the file holds an `h1:` hash of the module, whatever follows `h1:`.
    #[doc(alias = "HaveSum")]
    #[must_use]
    pub fn have_sum(&self, module: &ModuleVersion, kind: Kind) -> bool {
        self.hashes(module, kind).any(|entry| entry.is_h1())
    }

    /// Says that the file holds an `h1:` hash of the module: what the go command asks under `-mod=readonly`, its
    /// default in most commands, before it downloads anything.
    ///
    /// ```
    /// use gomod_sum::{GoSum, Kind};
    ///
    /// let missing = GoSum::default().require_sum(&"x.y/m@v1.0.0".parse()?, Kind::GoMod).unwrap_err();
    /// assert_eq!(missing.to_string(), "missing go.sum entry: x.y/m v1.0.0/go.mod");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Missing`] when it holds none. Hashes of other algorithms do not count.
    pub fn require_sum(&self, module: &ModuleVersion, kind: Kind) -> Result<(), Missing> {
        if self.have_sum(module, kind) { Ok(()) } else { Err(Missing::new(module.clone(), kind)) }
    }

    /// Returns the `h1:` hash recorded for the module, if there is just one.
    #[doc(alias = "RecordedSum")]
    pub fn recorded_sum(&self, module: &ModuleVersion, kind: Kind) -> Recorded<'_> {
        let (path, version) = key(module, kind);
        self.recorded(path, version.as_bytes())
    }

    /// As [`lookup`](Self::lookup), for any bytes. `version` holds the `/go.mod` of lines for go.mod files.
    #[doc(alias = "haveModSumLocked")]
    pub fn check(&self, path: &[u8], version: &[u8], hash: &[u8]) -> Check<'_> {
        let mut verdict = Check::Absent;
        for entry in self.lines(path, version) {
            if entry.hash == hash {
                return Check::Match(entry);
            }
            if entry.is_h1() {
                return Check::Mismatch(entry);
            }
            verdict = Check::UnknownAlgorithm;
        }
        verdict
    }

    /// As [`recorded_sum`](Self::recorded_sum), for any bytes. `version` holds the `/go.mod` of lines for go.mod files.
    pub fn recorded(&self, path: &[u8], version: &[u8]) -> Recorded<'_> {
        let mut lines = self.lines(path, version).filter(GoSumLine::is_h1);
        match lines.next() {
            None => Recorded::None,
            Some(first) => match lines.find(|entry| entry.hash != first.hash) {
                None => Recorded::One(first),
                Some(other) => Recorded::Conflict(first, other),
            },
        }
    }
}

/// The first two fields of the lines about a module.
pub(crate) fn key(module: &ModuleVersion, kind: Kind) -> (&[u8], String) {
    (module.path().as_str().as_bytes(), format!("{}{}", module.version().as_str(), kind.suffix()))
}

/// A module has not the hash that go.sum records: a security verdict.
///
/// The content was changed at its source or on its way, or the line of go.sum is wrong. Say both hashes to people:
/// `found` was computed, `recorded` stands in line `line` of go.sum. [`explain`](Self::explain) says what can be said about
/// the reason.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[error("verifying {module}{}: checksum mismatch", kind.suffix())]
#[non_exhaustive]
pub struct Mismatch {
    /// The module, boxed so that results with this error stay small.
    pub module: Box<ModuleVersion>,
    /// Whether its files or its go.mod file were hashed.
    pub kind: Kind,
    /// The hash field of the line that decided, as written. It may be no well-formed hash; bytes that are not UTF-8 are
    /// replaced.
    pub recorded: String,
    /// The hash of what was there.
    pub found: H1,
    /// The name of the file: `go.sum`, or what [`GoSumFiles`](crate::GoSumFiles) was told.
    pub file: String,
    /// The number of the line in it, starting at 1.
    pub line: usize,
}

impl Mismatch {
    pub(crate) fn new(module: &ModuleVersion, kind: Kind, recorded: &GoSumLine<'_>, found: &H1) -> Self {
        Self {
            module: Box::new(module.clone()),
            kind,
            recorded: String::from_utf8_lossy(recorded.hash).into_owned(),
            found: *found,
            file: "go.sum".into(),
            line: recorded.line,
        }
    }

    pub(crate) fn in_file(self, name: &str) -> Self {
        Self { file: name.into(), ..self }
    }
}

/// Why [`GoSum::verify`] does not prove a hash.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Another hash is recorded: a security verdict.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// There is no line.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// There are only hashes of algorithms other than `h1:`, which prove nothing.
    #[error("go.sum has only hashes of unknown algorithms: {} {}{}", module.path(), module.version(), kind.suffix())]
    #[non_exhaustive]
    UnknownAlgorithm {
        /// The module.
        module: Box<ModuleVersion>,
        /// Whether the hash of its files or of its go.mod file was asked for.
        kind: Kind,
    },
}

impl VerifyError {
    /// Returns the two hashes, where there are two.
    pub fn mismatch(&self) -> Option<&Mismatch> {
        match self {
            Self::Mismatch(mismatch) => Some(mismatch),
            Self::Missing(_) | Self::UnknownAlgorithm { .. } => None,
        }
    }

    pub(crate) fn unless_match(verdict: Verdict, module: &ModuleVersion, kind: Kind) -> Result<(), Self> {
        match verdict {
            Verdict::Match => Ok(()),
            Verdict::Absent => Err(Missing::new(module.clone(), kind).into()),
            Verdict::UnknownAlgorithm => {
                Err(Self::UnknownAlgorithm { module: Box::new(module.clone()), kind })
            }
        }
    }
}

/// go.sum has no line that could prove a module.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[error("missing go.sum entry: {} {}{}", module.path(), module.version(), kind.suffix())]
#[non_exhaustive]
pub struct Missing {
    /// The module.
    pub module: ModuleVersion,
    /// Whether the line for its files or for its go.mod file is missing.
    pub kind: Kind,
}

impl Missing {
    /// Returns the error for a missing line.
    pub fn new(module: ModuleVersion, kind: Kind) -> Self {
        Self { module, kind }
    }
}
