//! A wrong hash, as people need it.

use std::fmt;

use gomod_module::H1;
use gomod_module::text::Printable;

use super::verify::Mismatch;

/// The longest text of a go.sum file that is shown.
const MAX_RECORDED: usize = 200;

/// A verdict on a hash as people need it: what is wrong, both hashes, the line that has one of them, and what to do. From
/// [`Mismatch::report`] and, with the checksum database, `ChecksumError::report` and `VerifierError::report`.
///
/// Nothing in it can steer a terminal, and it is short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecksumReport {
    pub(crate) headline: String,
    /// The recorded hash, where it stands, and the one that was found.
    pub(crate) hashes: Option<(String, String, H1)>,
    pub(crate) next: Option<&'static str>,
}

impl Mismatch {
    /// Returns what is wrong and what to do about it, for people: several lines.
    ///
    /// ```
    /// use gomod_sum::{GoSum, Kind, VerifyError, hash_go_mod};
    ///
    /// let sum = GoSum::parse(b"x.y/m v1.0.0/go.mod h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=\n")?;
    /// let found = hash_go_mod(b"module x.y/other\n");
    /// let error = sum.verify(&"x.y/m@v1.0.0".parse()?, Kind::GoMod, &found).unwrap_err();
    /// let report = error.mismatch().unwrap().report().to_string();
    /// let lines: Vec<_> = report.lines().collect();
    /// assert_eq!(lines[0], "verifying x.y/m@v1.0.0/go.mod: checksum mismatch");
    /// assert_eq!(lines[1], "  recorded: h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM= (go.sum line 1)");
    /// assert_eq!(lines[2], format!("     found: {found}"));
    /// assert!(lines[3].starts_with("      next: do not build"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn report(&self) -> ChecksumReport {
        let place = format!("{} line {}", self.file, self.line);
        let next = if self.recorded.parse::<H1>().is_ok() {
            "do not build from these bytes: ask another source for the same version and compare; if that agrees with them, \
             the line is wrong"
        } else {
            "see who wrote that line: what it records cannot be the hash of any module"
        };
        ChecksumReport {
            headline: self.to_string(),
            hashes: Some((self.recorded.clone(), place, self.found)),
            next: Some(next),
        }
    }
}

impl fmt::Display for ChecksumReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline)?;
        if let Some((recorded, place, found)) = &self.hashes {
            let recorded = Printable::new(recorded).max_chars(MAX_RECORDED);
            let place = Printable::name(place);
            write!(f, "\n  recorded: {recorded} ({place})\n     found: {found}")?;
        }
        match self.next {
            Some(next) => write!(f, "\n      next: {next}"),
            None => Ok(()),
        }
    }
}
