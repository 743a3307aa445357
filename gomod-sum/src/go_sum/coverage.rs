//! What a go.sum file holds of what is needed.

use gomod_module::ModuleVersion;

use super::entry::{GoSumLine, Kind};
use super::parse::GoSum;
use super::verify::{Missing, key};

/// What a go.sum file holds too much and too little for a set of modules: [`GoSum::coverage`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Coverage<'a> {
    /// The lines about anything else, in the order of the file.
    pub unneeded: Vec<GoSumLine<'a>>,
    /// What has no line with an `h1:` hash, in the order it was asked for.
    pub missing: Vec<Missing>,
}

impl GoSum {
    /// Returns the lines that `needed` does not need, and what of it has no line.
    ///
    /// Which lines a project needs is for its module graph to say (<https://go.dev/ref/mod#go-sum-files>): as a rule the
    /// go.mod file of every module in it, and the zips of those that hold packages of the build. A line of an unknown
    /// algorithm is none that proves something, so its module can be missing without the line being unneeded.
    ///
    /// ```
    /// use gomod_sum::{GoSum, Kind};
    ///
    /// let sum = GoSum::parse(b"x.y/m v1.0.0 h1:a\nx.y/m v1.0.0/go.mod h1:b\n")?;
    /// let (m, n) = ("x.y/m@v1.0.0".parse()?, "x.y/n@v1.0.0".parse()?);
    /// let coverage = sum.coverage([(&m, Kind::GoMod), (&n, Kind::GoMod)]);
    /// assert_eq!(coverage.unneeded[0].line, 1);
    /// assert_eq!(coverage.missing[0].to_string(), "missing go.sum entry: x.y/n v1.0.0/go.mod");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn coverage<'a>(&self, needed: impl IntoIterator<Item = (&'a ModuleVersion, Kind)>) -> Coverage<'_> {
        let mut missing = Vec::new();
        let mut is_needed = vec![false; self.entries.len()];
        for (module, kind) in needed {
            let (path, version) = key(module, kind);
            let mut proven = false;
            for &(_, position) in self.positions(path, version.as_bytes()) {
                is_needed[position] = true;
                proven |= self.entry(&self.entries[position]).is_h1();
            }
            if !proven {
                missing.push(Missing::new(module.clone(), kind));
            }
        }
        let unneeded = self.entries().zip(is_needed).filter(|(_, needed)| !needed).map(|(entry, _)| entry);
        Coverage { unneeded: unneeded.collect(), missing }
    }
}
