use std::fmt;
use std::net::IpAddr;

use gomod_module::ModulePath;

use crate::base_url::BaseUrl;
use crate::client::ProxyClient;
use crate::goproxy::EntryKind;

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

impl ProxyClient {
    /// Whether asking for this module tells a public source a path that looks private. Call it before the first
    /// request; the client does not.
    ///
    /// A source is public unless it is told who asks, or its host is an address, an internal name, one with a port, or
    /// of the same domain as the module's.
    ///
    /// ```
    /// use gomod_module::{ModulePath, PrefixPatterns};
    /// use gomod_proxy_client::{GoProxy, PrivacyReason, ProxyClient};
    ///
    /// let list = GoProxy::parse("https://goproxy.corp.example,https://proxy.golang.org")?;
    /// let path = ModulePath::new("git.corp.internal/team/m")?;
    /// let warning = ProxyClient::builder(list.clone()).build()?.privacy_warning(&path).unwrap();
    /// assert_eq!(warning.reason, PrivacyReason::InternalName);
    /// let private = PrefixPatterns::parse("*.corp.internal");
    /// assert_eq!(ProxyClient::builder(list).gonoproxy(private).build()?.privacy_warning(&path), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn privacy_warning(&self, module: &ModulePath) -> Option<PrivacyWarning> {
        let shared = &self.shared;
        let host = module.as_str().split('/').next().unwrap_or_default();
        if shared.gonoproxy.matches(module.as_str()) {
            return None;
        }
        let urls = || shared.list.entries().iter().filter(|entry| entry.kind() == EntryKind::Url);
        let is_own = |url: &BaseUrl| url.user_info.is_some() && url.host_name().0 == host;
        let reason = if is_internal(host) {
            PrivacyReason::InternalName
        } else if shared.credentials.names(host) || urls().filter_map(|entry| entry.url.as_ref()).any(is_own)
        {
            PrivacyReason::Credentials
        } else {
            return None;
        };
        let is_public = |url: &BaseUrl| {
            let (name, has_port) = url.host_name();
            let is_known = has_port || is_internal(name) || !name.contains('.') || is_address(name);
            let is_told = url.user_info.is_some() || shared.credentials.of(url, "").is_some();
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
