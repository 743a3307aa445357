//! What `git credential` says and is told.

use gomod_module::url::GoUrl;
use gomod_module::url::percent::escape_path;

/// What `git credential fill` found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GitCredential {
    /// The beginning of the URLs that it is for.
    pub(crate) prefix: String,
    pub(crate) user: String,
    pub(crate) password: String,
}

/// The credential in an output, if its prefix is one of `url` (`parseGitAuth`, `runGitAuth` in cmd/go).
///
/// # Errors
/// Why there is none. It quotes nothing of the output.
pub(crate) fn parse(output: &[u8], url: &str) -> Result<GitCredential, &'static str> {
    let output = String::from_utf8_lossy(output);
    let (mut scheme, mut host, mut path) = (String::new(), String::new(), String::new());
    let (mut user, mut password, mut whole) = (String::new(), String::new(), None);
    for line in output.split('\n') {
        let Some((name, value)) = line.trim().split_once('=') else { continue };
        let value = || value.to_owned();
        match name {
            "protocol" => scheme = value(),
            "host" => host = value(),
            "path" => path = value(),
            "username" => user = value(),
            "password" => password = value(),
            "url" if GoUrl::parse(&value()).is_ok_and(|url| url.has_scheme("https")) => whole = Some(value()),
            _ => {}
        }
    }
    let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    let prefix = whole.unwrap_or_else(|| format!("{scheme}://{host}{slash}{}", escape_path(path.as_bytes())));
    if scheme.is_empty() && host.is_empty() && prefix == "://" {
        return Err("'git credential fill' named no URL");
    }
    if !prefix.starts_with("https://") || !url.starts_with(&prefix) {
        return Err("'git credential fill' provided a credential for another URL");
    }
    Ok(GitCredential { prefix, user, password })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_go_command_reads_it() {
        let url = "https://h.example:8443/team/m/@v/list";
        let read = |output: &str| parse(output.as_bytes(), url).map(|found| found.prefix);
        let whole = "protocol=https\nhost=h.example:8443\npath=team\nusername=me\npassword=a=b\n";
        let found = parse(whole.as_bytes(), url).unwrap();
        assert_eq!((found.prefix.as_str(), found.user.as_str()), ("https://h.example:8443/team", "me"));
        assert_eq!(found.password, "a=b");
        assert_eq!(read(" protocol=https \nhost=h.example:8443").unwrap(), "https://h.example:8443");
        assert_eq!(read("url=https://h.example:8443/team\n").unwrap(), "https://h.example:8443/team");
        for other in [
            "protocol=https\nhost=other.example\n",
            "protocol=http\nhost=h.example:8443\n",
            "protocol=https\nhost=h.example:8443\npath=other\n",
            "host=h.example:8443\n",
        ] {
            assert!(read(other).unwrap_err().contains("another URL"), "{other}");
        }
        assert!(read("username=me\npassword=s3cr3t\n").unwrap_err().contains("no URL"));
    }
}
