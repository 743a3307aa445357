//! What may be left out of a zip.

/// Files that not all tools, nor all versions of Go, put into a module zip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum LeftOut {
    /// Entries for directories, which the go command never writes and other zip tools do.
    Directories,
    /// What lies below a directory called `vendor`, except `vendor/modules.txt`.
    Vendored,
    /// What lies below a directory with a go.mod file of its own.
    NestedModules,
    /// The directories of version control systems: `.git`, `.hg`, `.svn`, `.bzr`.
    VersionControl,
    /// The file `LICENSE` in the root, which the go command takes from the repository's root if the module has none.
    License,
    /// The file `go.mod` in the root.
    GoMod,
}

impl LeftOut {
    pub(super) const ALL: [Self; 6] = [
        Self::Directories,
        Self::Vendored,
        Self::NestedModules,
        Self::VersionControl,
        Self::License,
        Self::GoMod,
    ];

    /// Whether the entry, named without the module's prefix, is left out.
    pub(super) fn has(self, name: &[u8], nested: &NestedModules) -> bool {
        let mut dirs = name.split(|&byte| byte == b'/').rev().skip(1);
        match self {
            Self::Directories => name.ends_with(b"/"),
            Self::Vendored => name != b"vendor/modules.txt" && dirs.any(|dir| dir == b"vendor"),
            Self::NestedModules => nested.hold(name),
            Self::VersionControl => dirs.any(|dir| [&b".git"[..], b".hg", b".svn", b".bzr"].contains(&dir)),
            Self::License => name == b"LICENSE",
            Self::GoMod => name == b"go.mod",
        }
    }
}

/// The directories of nested modules, with a slash at the end, sorted, and none in another: so each name has at most one
/// that could hold it, the last before it.
pub(super) struct NestedModules(Vec<Vec<u8>>);

impl NestedModules {
    pub(super) fn of(names: &[Vec<u8>]) -> Self {
        let mut dirs: Vec<_> = names
            .iter()
            .filter(|name| name.ends_with(b"/go.mod"))
            .filter_map(|name| name.strip_suffix(b"go.mod"))
            .map(<[u8]>::to_vec)
            .collect();
        dirs.sort();
        dirs.dedup_by(|dir, outer| dir.starts_with(outer));
        Self(dirs)
    }

    fn hold(&self, name: &[u8]) -> bool {
        let after = self.0.partition_point(|dir| dir.as_slice() <= name);
        self.0.get(..after).and_then(<[_]>::last).is_some_and(|dir| name.starts_with(dir))
    }
}
