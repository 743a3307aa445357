use std::fmt;
use std::net::IpAddr;

use gomod_module::{ModulePath, PrefixPatterns};

use crate::auth::credentials::Credentials;
use crate::protocol::base_url::BaseUrl;
use crate::protocol::goproxy::{EntryKind, GoProxy};

/// Endings of names that no public server has.
const INTERNAL: [&str; 5] = [".internal", ".local", ".lan", ".corp", ".intranet"];

/// That a module path which looks private is told to a public source, because GONOPROXY, which is GOPRIVATE unless it
/// is set, does not match it ([Private modules](https://go.dev/ref/mod#private-modules)).
///
/// It is a guess from names: an answer is fetched all the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PrivacyWarning {
    /// The first element of the module path.
    pub host: String,
    /// The first public source of the list, redacted.
    pub source: String,
    /// What makes the path look private.
    pub reason: PrivacyReason,
}

/// What makes a module path look private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrivacyReason {
    /// There is a name or a token for its host.
    Credentials,
    /// Its host ends in `.internal`, `.local`, `.lan`, `.corp` or `.intranet`.
    InternalName,
}

impl PrivacyReason {
    /// A stable name in snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::InternalName => "internal_name",
        }
    }
}

impl PrivacyWarning {
    /// The warning for a module, if these settings call for one.
    pub(crate) fn of(
        module: &ModulePath,
        list: &GoProxy,
        gonoproxy: &PrefixPatterns,
        credentials: &Credentials,
    ) -> Option<Self> {
        let host = module.as_str().split('/').next().unwrap_or_default();
        if gonoproxy.matches(module.as_str()) {
            return None;
        }
        let urls = || list.entries().iter().filter(|entry| entry.kind() == EntryKind::Url);
        let is_own = |url: &BaseUrl| url.user_info.is_some() && url.host_name().0 == host;
        let reason = if is_internal(host) {
            PrivacyReason::InternalName
        } else if credentials.names(host) || urls().filter_map(|entry| entry.url.as_ref()).any(is_own) {
            PrivacyReason::Credentials
        } else {
            return None;
        };
        let is_public = |url: &BaseUrl| {
            let (name, has_port) = url.host_name();
            let is_known = has_port || is_internal(name) || !name.contains('.') || is_address(name);
            let is_told = url.user_info.is_some() || credentials.of(url, "").is_some();
            url.scheme != "file" && !is_known && !is_told && domain(name) != domain(host)
        };
        let source = urls().find(|entry| entry.url.as_ref().is_some_and(is_public))?;
        Some(PrivacyWarning { host: host.to_owned(), source: source.to_string(), reason })
    }
}

impl fmt::Display for PrivacyWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, source, reason } = self;
        let because = match reason {
            PrivacyReason::Credentials => "although there are credentials for that host",
            PrivacyReason::InternalName => "although that is an internal name",
        };
        write!(
            f,
            "module paths below {host} are told to {source}, {because}: if they are private, add it to GOPRIVATE"
        )
    }
}

fn is_internal(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    INTERNAL.iter().any(|ending| host.ends_with(ending))
}

fn is_address(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

/// The last two labels.
fn domain(host: &str) -> &str {
    let start = host.rmatch_indices('.').nth(1).map_or(0, |(at, _)| at + 1);
    host.get(start..).unwrap_or_default()
}
