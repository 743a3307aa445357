//! Where the go.mod file of a module lies, and whether it fits.

use gomod_module::path::{path_major_prefix, split_path_version};

use super::error::{GoModReason, LookupReason};
use super::repository::ModuleRepository;

/// What the first module line of a go.mod file says, empty where there is none (`modfile.ModulePath`).
fn module_path(go_mod: &[u8]) -> String {
    for line in go_mod.split(|&b| b == b'\n') {
        let comment = line.windows(2).position(|pair| pair == b"//").unwrap_or(line.len());
        let line = line.get(..comment).unwrap_or_default();
        let Some(rest) = trim(line).strip_prefix(b"module") else { continue };
        let path = trim(rest);
        if path.is_empty() || path.len() == rest.len() {
            continue;
        }
        let text = String::from_utf8_lossy(path);
        let quoted = ['"', '`'].into_iter().find(|quote| text.starts_with(*quote));
        return match quoted {
            None => text.into_owned(),
            // What is escaped is no module path.
            Some(quote) => {
                let inner = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
                inner.filter(|inner| !inner.contains([quote, '\\'])).unwrap_or_default().to_owned()
            }
        };
    }
    String::new()
}

/// Without white space around, as Unicode has it.
fn trim(line: &[u8]) -> &[u8] {
    match str::from_utf8(line) {
        Ok(text) => text.trim().as_bytes(),
        Err(_) => line.trim_ascii(),
    }
}

/// Whether a module line fits a suffix of the path: only the major version counts, as a replacement may have another path
/// (`isMajor` of the go command).
fn is_major(declared: &str, path_major: &str) -> bool {
    let Some((_, declared_major)) = split_path_version(declared).filter(|_| !declared.is_empty()) else {
        return false;
    };
    if path_major.is_empty() {
        return matches!(path_major_prefix(declared_major), None | Some("" | "v0" | "v1"));
    }
    !declared_major.is_empty() && declared_major.get(1..) == path_major.get(1..)
}

/// Where a module lies in a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The commit.
    pub(super) hash: String,
    /// The directory, empty for the root.
    pub(super) dir: String,
    /// Its go.mod file; `None` where the module is from before there were any.
    pub(super) go_mod: Option<Vec<u8>>,
}

fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

impl ModuleRepository {
    /// Where the module lies in a version: in its directory, or in that of its major version below (`findDir` of the go
    /// command).
    pub(super) fn place(&mut self, version: &str) -> Result<Place, LookupReason> {
        let revision = self.revision_name(version);
        let hash = self.revisions.find(&revision)?.hash;
        let wrong = |reason| LookupReason::GoMod { version: version.to_owned(), reason };
        let major = self.major_suffix().to_owned();
        let dir = self.code_dir.clone();
        let file = join(&dir, "go.mod");
        let go_mod = self.revisions.repository.read_file(&hash, &file)?;
        let declared = go_mod.as_deref().map(module_path);
        let fits = declared.as_deref().is_some_and(|declared| {
            // Go once took any suffix for a replacement of a path without one, and still does for gopkg.in.
            is_major(declared, &major) || major.is_empty() && declared.starts_with("gopkg.in/")
        });
        let below = self.major_dir().map(|below| join(&dir, &below));
        if let Some(below) = &below {
            let file_below = join(below, "go.mod");
            if let Some(go_mod_below) = self.revisions.repository.read_file(&hash, &file_below)? {
                let declared = module_path(&go_mod_below);
                return match is_major(&declared, &major) {
                    true if fits => {
                        Err(wrong(GoModReason::Both(format!("{file} and {file_below}"), revision)))
                    }
                    true => Ok(Place { hash, dir: below.clone(), go_mod: Some(go_mod_below) }),
                    false if declared.is_empty() => Err(wrong(GoModReason::NoPath(file_below, revision))),
                    false => Err(wrong(GoModReason::OtherMajor { file: file_below, declared, revision })),
                };
            }
        }
        match declared {
            Some(_) if fits => Ok(Place { hash, dir, go_mod }),
            Some(declared) if declared.is_empty() => Err(wrong(GoModReason::NoPath(file, revision))),
            Some(declared) => Err(wrong(GoModReason::OtherMajor { file, declared, revision })),
            None if dir.is_empty() && (major.is_empty() || major.starts_with('.')) => {
                Ok(Place { hash, dir, go_mod: None })
            }
            None => {
                let files = match below {
                    Some(below) => format!("{file} and {}", join(&below, "go.mod")),
                    None => file,
                };
                Err(wrong(GoModReason::Missing(files, revision)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_major, module_path};

    #[test]
    fn module_lines() {
        for (go_mod, path) in [
            ("module a.test/x", "a.test/x"),
            ("// c\n\n\tmodule  \"a.test/x\" // c\ngo 1.20", "a.test/x"),
            ("module `a.test/x`", "a.test/x"),
            ("modulea.test\nmodule\nmodule b", "b"),
            ("module \"a\nmodule b", ""),
            ("module (\n", "("),
            ("\u{feff}module a", ""),
            ("", ""),
        ] {
            assert_eq!(module_path(go_mod.as_bytes()), path, "{go_mod:?}");
        }
    }

    #[test]
    fn only_major_versions_count() {
        for (declared, major, fits) in [
            ("a.test/x", "", true),
            ("b.test/y", "", true),
            ("a.test/x/v2", "", false),
            ("gopkg.in/x.v1", "", true),
            ("a.test/x", "/v2", false),
            ("b.test/y/v2", "/v2", true),
            ("gopkg.in/x.v2", "/v2", true),
            ("a.test/x/v1", "", false),
            ("", "", false),
        ] {
            assert_eq!(is_major(declared, major), fits, "{declared} {major}");
        }
    }
}
