//! Paths as text, by the rules of the system that GOOS names and not of the one this code runs on.

/// The rules of `path/filepath` for one system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paths {
    Unix,
    Windows,
}

impl Paths {
    pub(super) fn of(goos: &str) -> Self {
        if goos == "windows" { Self::Windows } else { Self::Unix }
    }

    fn is_separator(self, c: char) -> bool {
        c == '/' || (c == '\\' && self == Self::Windows)
    }

    fn separator(self) -> char {
        if self == Self::Windows { '\\' } else { '/' }
    }

    /// A drive or a share at the beginning of a path, and the rest of it.
    fn split_volume(self, path: &str) -> (&str, &str) {
        if self == Self::Unix {
            return ("", path);
        }
        let length = match path.as_bytes() {
            [drive, b':', ..] if drive.is_ascii_alphabetic() => 2,
            [b'/' | b'\\', b'/' | b'\\', ..] => {
                let ends =
                    path.match_indices(|c| self.is_separator(c)).map(|(at, _)| at).filter(|at| *at > 1);
                ends.take(2).nth(1).unwrap_or(path.len())
            }
            _ => 0,
        };
        path.split_at_checked(length).unwrap_or(("", path))
    }

    /// Whether the path does not depend on a current directory (`filepath.IsAbs`).
    pub(super) fn is_absolute(self, path: &str) -> bool {
        let (volume, rest) = self.split_volume(path);
        let rooted = rest.starts_with(|c| self.is_separator(c));
        match self {
            Self::Unix => rooted,
            Self::Windows => (rooted && !volume.is_empty()) || volume.len() > 2,
        }
    }

    /// The shortest path that means the same (`filepath.Clean`).
    pub(super) fn clean(self, path: &str) -> String {
        let (volume, rest) = self.split_volume(path);
        let rooted = rest.starts_with(|c| self.is_separator(c));
        let mut elements: Vec<&str> = Vec::new();
        for element in rest.split(|c| self.is_separator(c)) {
            match (element, elements.last()) {
                ("" | ".", _) => {}
                ("..", None) if rooted => {}
                ("..", Some(last)) if *last != ".." => {
                    elements.pop();
                }
                _ => elements.push(element),
            }
        }
        let separator = self.separator();
        let mut out = if separator == '/' { volume.to_owned() } else { volume.replace('/', "\\") };
        if rooted {
            out.push(separator);
        } else if elements.is_empty() {
            out.push('.');
        }
        out.push_str(&elements.join(&*separator.to_string()));
        out
    }

    /// `below` in the directory `dir`, cleaned (`filepath.Join`).
    pub(super) fn join(self, dir: &str, below: &str) -> String {
        self.clean(&format!("{dir}/{below}"))
    }

    /// The elements of a list of paths (`filepath.SplitList`).
    pub(super) fn split_list(self, list: &str) -> Vec<String> {
        if list.is_empty() {
            return Vec::new();
        }
        if self == Self::Unix {
            return list.split(':').map(str::to_owned).collect();
        }
        let mut elements = vec![String::new()];
        let mut quoted = false;
        for c in list.chars() {
            match c {
                '"' => quoted = !quoted,
                ';' if !quoted => elements.push(String::new()),
                _ => elements.last_mut().into_iter().for_each(|element| element.push(c)),
            }
        }
        elements
    }
}

#[cfg(test)]
mod tests {
    use super::Paths::{Unix, Windows};

    #[test]
    fn clean() {
        for (path, wanted) in [
            ("/a//b/./c/..", "/a/b"),
            ("", "."),
            ("..", ".."),
            ("../../a", "../../a"),
            ("a/../..", ".."),
            ("/..", "/"),
            ("/", "/"),
            ("a/b/", "a/b"),
        ] {
            assert_eq!(Unix.clean(path), wanted, "{path}");
        }
        assert_eq!(Windows.clean("C:/a/../b/"), "C:\\b");
        assert_eq!(Windows.clean("//host/share/a"), "\\\\host\\share\\a");
    }

    #[test]
    fn absolute() {
        assert!(Unix.is_absolute("/a") && !Unix.is_absolute("C:/a") && !Unix.is_absolute(""));
        assert!(Windows.is_absolute("C:\\a") && Windows.is_absolute("\\\\host\\share\\a"));
        assert!(!Windows.is_absolute("C:a") && !Windows.is_absolute("\\a") && !Windows.is_absolute("a"));
    }

    #[test]
    fn lists() {
        assert_eq!(Unix.split_list("/a::b"), ["/a", "", "b"]);
        assert_eq!(Windows.split_list("C:\\a;\"C:\\b;c\""), ["C:\\a", "C:\\b;c"]);
        assert!(Unix.split_list("").is_empty());
    }
}
