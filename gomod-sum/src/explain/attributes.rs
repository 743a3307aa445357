//! What the `.gitattributes` files of a module say about its files.

use gomod_module::pattern::path_match;

/// The most that is done for one zip: patterns times files.
const MOST: usize = 10_000_000;

/// The attributes that decide what is in a file of an archive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Attributes {
    /// `filter=lfs`: the repository has a pointer where the work tree has the file.
    pub(super) lfs: bool,
    /// `export-subst`: `git archive` writes the commit into it, and the go command does not.
    pub(super) export_subst: bool,
}

/// The lines of `.gitattributes` files that matter here, later ones deciding.
#[derive(Debug, Default)]
pub(super) struct GitAttributes(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    /// The directory of the file, with a slash at its end unless it is the root.
    dir: String,
    pattern: String,
    lfs: Option<bool>,
    export_subst: Option<bool>,
}

impl GitAttributes {
    /// The rules of `.gitattributes` files, each with its name in the module.
    pub(super) fn of<'a>(files: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) -> Self {
        let mut rules = Vec::new();
        let files = files.into_iter().filter_map(|(name, text)| {
            let dir = str::from_utf8(name).ok()?.strip_suffix(".gitattributes")?;
            Some((dir, str::from_utf8(text).ok()?))
        });
        let mut files: Vec<_> = files.collect();
        // What a deeper directory says decides.
        files.sort_by_key(|(dir, _)| dir.len());
        for (dir, text) in files {
            rules.extend(text.lines().filter_map(|line| Rule::of(dir, line)));
        }
        Self(rules)
    }

    /// The attributes of each of these files, or none at all where there are too many of them.
    pub(super) fn of_files(&self, names: &[Vec<u8>]) -> Vec<Attributes> {
        if self.0.is_empty() || self.0.len().saturating_mul(names.len()) > MOST {
            return vec![Attributes::default(); names.len()];
        }
        names.iter().map(|name| self.of_file(name)).collect()
    }

    fn of_file(&self, name: &[u8]) -> Attributes {
        let mut attributes = Attributes::default();
        let Ok(name) = str::from_utf8(name) else { return attributes };
        for rule in &self.0 {
            if name.strip_prefix(&*rule.dir).is_some_and(|inner| rule.matches(inner)) {
                attributes.lfs = rule.lfs.unwrap_or(attributes.lfs);
                attributes.export_subst = rule.export_subst.unwrap_or(attributes.export_subst);
            }
        }
        attributes
    }
}

impl Rule {
    fn of(dir: &str, line: &str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let pattern = words.next().filter(|pattern| !pattern.starts_with(['#', '!', '[', '"']))?;
        let mut rule =
            Self { dir: dir.to_owned(), pattern: pattern.to_owned(), lfs: None, export_subst: None };
        for word in words {
            match word {
                "filter=lfs" => rule.lfs = Some(true),
                _ if word.starts_with("filter=") => rule.lfs = Some(false),
                "-filter" | "!filter" => rule.lfs = Some(false),
                "export-subst" => rule.export_subst = Some(true),
                "-export-subst" | "!export-subst" => rule.export_subst = Some(false),
                _ => {}
            }
        }
        (rule.lfs.is_some() || rule.export_subst.is_some()).then_some(rule)
    }

    /// Git's rules for patterns, but for quoted ones and `**` in the midst of one.
    fn matches(&self, path: &str) -> bool {
        let matches = |pattern: &str, name: &str| path_match(pattern, name).unwrap_or(false);
        let base = path.rsplit('/').next().unwrap_or(path);
        match &*self.pattern {
            pattern if !pattern.contains('/') => matches(pattern, base),
            pattern if pattern.starts_with("**/") => {
                let pattern = pattern.trim_start_matches("**/");
                let tails = path.match_indices('/').map(|(slash, _)| &path[slash + 1..]);
                std::iter::once(path).chain(tails).any(|tail| matches(pattern, tail))
            }
            pattern => {
                let pattern = pattern.trim_start_matches('/');
                match pattern.strip_suffix("/**") {
                    Some(dir) => path.match_indices('/').any(|(slash, _)| matches(dir, &path[..slash])),
                    None => matches(pattern, path),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Attributes, GitAttributes};

    #[test]
    fn patterns_are_gits() {
        let text =
            b"# *.go filter=lfs\n*.png filter=lfs -text\nassets/** filter=lfs\n/version.txt export-subst\n\
            **/gen/*.bin filter=lfs\nsmall.png -filter\ndocs/*.md export-subst\n";
        let attributes = GitAttributes::of([(b".gitattributes".as_slice(), text.as_slice())]);
        let of = |name: &str| attributes.of_file(name.as_bytes());
        let lfs = Attributes { lfs: true, export_subst: false };
        let subst = Attributes { lfs: false, export_subst: true };
        for (name, expected) in [
            ("a.png", lfs),
            ("x/y/a.png", lfs),
            ("small.png", Attributes::default()),
            ("assets/a/b", lfs),
            ("assets", Attributes::default()),
            ("version.txt", subst),
            ("x/version.txt", Attributes::default()),
            ("gen/a.bin", lfs),
            ("x/y/gen/a.bin", lfs),
            ("docs/a.md", subst),
            ("docs/x/a.md", Attributes::default()),
            ("a.go", Attributes::default()),
        ] {
            assert_eq!(of(name), expected, "{name}");
        }
        let below = GitAttributes::of([
            (b"sub/.gitattributes".as_slice(), b"*.png -filter\n".as_slice()),
            (b".gitattributes", b"*.png filter=lfs\n"),
        ]);
        assert!(below.of_file(b"a.png").lfs && !below.of_file(b"sub/a.png").lfs);
    }
}
