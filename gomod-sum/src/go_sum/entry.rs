//! One line of a go.sum file.

use std::cmp::Ordering;

use gomod_module::{H1, ModuleVersion, compare_modules};

/// What a line of go.sum is the hash of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "go.sum has these two kinds of lines")]
pub enum Kind {
    /// The files of the module: the version stands alone.
    Zip,
    /// The module's go.mod file: the version ends in `/go.mod`.
    GoMod,
}

impl Kind {
    /// Returns what follows the version in a line of this kind: nothing, or `/go.mod`.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Zip => "",
            Self::GoMod => "/go.mod",
        }
    }
}

/// One entry of a go.sum file, as written: nothing in it was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct GoSumLine<'a> {
    /// The first field.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serial::lossy"))]
    pub path: &'a [u8],
    /// The second field, with its `/go.mod` where it has one.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serial::lossy"))]
    pub version: &'a [u8],
    /// The third field.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serial::lossy"))]
    pub hash: &'a [u8],
    /// The number of the line, starting at 1.
    pub line: usize,
}

impl<'a> GoSumLine<'a> {
    /// The order of the lines in a file that the go command wrote.
    pub(crate) fn compare(&self, other: &GoSumLine<'_>) -> Ordering {
        compare_modules(self.key(), other.key()).then_with(|| self.hash.cmp(other.hash))
    }

    pub(crate) fn key(&self) -> (&'a [u8], &'a [u8]) {
        (self.path, self.version)
    }

    pub(crate) fn fields(&self) -> [&'a [u8]; 3] {
        [self.path, self.version, self.hash]
    }

    /// Returns what the entry is about, or `None` where its first two fields do not name a module.
    ///
    /// ```
    /// use gomod_sum::{GoSum, Kind};
    ///
    /// let sum = GoSum::parse(b"x.y/m v1.0.0/go.mod h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=\n")?;
    /// let modules: Vec<_> = sum.entries().filter_map(|entry| entry.module()).collect();
    /// assert_eq!(modules, [("x.y/m@v1.0.0".parse()?, Kind::GoMod)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn module(&self) -> Option<(ModuleVersion, Kind)> {
        let path = str::from_utf8(self.path).ok()?;
        let version = str::from_utf8(self.version).ok()?;
        let (version, kind) = match version.strip_suffix(Kind::GoMod.suffix()) {
            Some(version) => (version, Kind::GoMod),
            None => (version, Kind::Zip),
        };
        Some((ModuleVersion::parse(path, version).ok()?, kind))
    }

    /// Returns the hash as a value, or `None` where it is not a well-formed `h1:` hash.
    pub fn h1(&self) -> Option<H1> {
        str::from_utf8(self.hash).ok()?.parse().ok()
    }

    /// Whether the go command knows the algorithm; what follows `h1:` is not looked at.
    pub(crate) fn is_h1(&self) -> bool {
        self.hash.starts_with(b"h1:")
    }
}
