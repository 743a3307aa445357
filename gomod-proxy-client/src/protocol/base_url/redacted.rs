//! URLs as people may see them.

use std::fmt;

use super::{BaseUrl, UserInfo};
use gomod_module::url::percent::{escape_path, escape_with, is_valid_path};

impl BaseUrl {
    pub(super) fn redacted_with(&self, path: &str) -> String {
        use fmt::Write as _;
        let mut out = format!("{}:", self.scheme);
        if self.scheme.is_empty() {
            out.clear();
        }
        if let Some(opaque) = &self.opaque {
            return format!("{out}{}", redacted_text(opaque));
        }
        if self.authority {
            out.push_str("//");
        }
        match &self.user_info {
            // A lone user name is a token more often than a name.
            Some(UserInfo { password: None, .. }) => out.push_str("xxxxx@"),
            Some(UserInfo { user, .. }) => {
                let _ = write!(out, "{}:xxxxx@", escape_with(user.as_bytes(), |_| false));
            }
            None => {}
        }
        match self.host.rsplit_once(':') {
            // `https://user:12/34@h` has the port 12.
            Some((host, port)) if !port.ends_with(']') && self.has_stray_user_info() => out.push_str(host),
            _ => out.push_str(&self.host),
        }
        out.push_str(path);
        match self.query.as_deref() {
            Some("") => out.push('?'),
            Some(_) => out.push_str("?xxxxx"),
            None => {}
        }
        out
    }

    /// Whether an `@` stands where none is expected: a slash too few (`https//user:password@h`) or a password with a
    /// character that must be escaped. The `@` that begins a segment is none of them.
    fn has_stray_user_info(&self) -> bool {
        let has_at = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains('@'));
        has_at(&self.query) || has_at(&self.fragment) || self.behind_user_info().is_some()
    }

    /// What stands in the path behind such an `@`.
    pub(super) fn behind_user_info(&self) -> Option<String> {
        let path = self.written_path();
        let mut ats = path.rmatch_indices('@').map(|(at, _)| at);
        let last = ats.find(|at| path.get(..*at).is_some_and(|before| !before.ends_with('/')))?;
        path.get(last + 1..).map(str::to_owned)
    }

    /// The path as it was written or, if that is not one, encoded.
    fn written_path(&self) -> String {
        if !self.raw_path.is_empty() && is_valid_path(&self.raw_path) {
            return self.raw_path.clone();
        }
        escape_path(&self.path)
    }
}

/// Redacted, without the fragment, which is never sent.
impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = match self.behind_user_info() {
            Some(rest) => format!("/xxxxx@{rest}"),
            None => self.written_path(),
        };
        f.write_str(&self.redacted_with(&path))
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({self})")
    }
}

/// A text that is no URL, without what may be a secret in it: everything between `//` and the last `@`, and
/// everything after the first `?`.
pub(crate) fn redacted_text(text: &str) -> String {
    let start = text.find("//").map_or(0, |at| at + 2);
    let (head, rest) = text.split_at(start);
    let mut out = head.to_owned();
    let rest = match rest.rsplit_once('@') {
        Some((_, host)) => {
            out.push_str("xxxxx@");
            host
        }
        None => rest,
    };
    match rest.split_once('?') {
        Some((path, query)) if !query.is_empty() => {
            out.push_str(path);
            out.push_str("?xxxxx");
        }
        _ => out.push_str(rest),
    }
    out
}
