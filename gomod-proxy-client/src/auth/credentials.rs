use std::collections::HashMap;
use std::fmt;

use crate::auth::authorization::{Authorization, InvalidTokenError};
use crate::auth::netrc::Netrc;
use crate::protocol::base_url::BaseUrl;
use crate::report::secrets::Secrets;
use crate::report::sent::{CredentialOrigin, NotSent, SentCredentials};

/// What is noted of credentials is never more, and no longer.
const MAX_NOTES: usize = 8;
/// So many places the commands of GOAUTH may name in the life of a client.
#[cfg(feature = "os")]
const MAX_PLACES: usize = 10_000;

/// Names, passwords and tokens for `https` sources.
///
/// Each belongs to a host, with its port unless that is left out in the source's URL as well, and perhaps a path:
/// `goproxy.example`, `goproxy.example:8443`, `goproxy.example/team`. The longest that a request's URL begins with
/// counts, and of two for the same place the one that was added first (`loadCredential` in cmd/go). User info in the
/// URL of a source comes before all of them. They are sent with every request to their place and with no other: not
/// over plain `http`, and not after a redirect to another server.
///
/// `Debug` shows how many there are, and nothing of them.
///
/// ```
/// use gomod_proxy_client::auth::Netrc;
/// use gomod_proxy_client::{Credentials, GoProxy, ProxyClient};
///
/// let netrc = Netrc::parse(b"machine goproxy.example login me password s3cr3t\n");
/// let credentials = Credentials::new().bearer("artifacts.example", "t0k3n")?.netrc(netrc);
/// assert_eq!(format!("{credentials:?}"), "Credentials(2)");
/// let list = GoProxy::parse("https://goproxy.example,https://artifacts.example/go")?;
/// let client = ProxyClient::builder(list).credentials(credentials).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Credentials {
    /// By the beginning of URLs without `https://`.
    places: HashMap<Vec<u8>, Authorization>,
    notes: Vec<String>,
}

/// What a request is made with.
pub(crate) struct Told {
    pub(crate) authorization: Option<Authorization>,
    /// The same for people whom the server refuses.
    pub(crate) sent: SentCredentials,
    /// What no text of the server may show.
    pub(crate) secrets: Secrets,
    /// Whether the beginning of a refusal is needed.
    pub(crate) wants_head: bool,
}

impl Credentials {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the entries of a netrc file.
    #[must_use]
    pub fn netrc(mut self, netrc: Netrc) -> Self {
        let origin =
            netrc.path().map_or(CredentialOrigin::Caller, |path| CredentialOrigin::Netrc(path.to_owned()));
        for login in netrc.into_entries() {
            let authorization = Authorization::basic(&login.user, &login.password);
            self.add(
                &login.machine,
                authorization.map(|authorization| authorization.with_origin(origin.clone())),
            );
        }
        self
    }

    /// Adds a user name and a password.
    #[must_use]
    pub fn basic(mut self, place: &str, user: &str, password: &str) -> Self {
        self.add(place.as_bytes(), Authorization::basic(user.as_bytes(), password.as_bytes()));
        self
    }

    /// Adds a token (RFC 6750).
    ///
    /// # Errors
    /// [`InvalidTokenError`].
    pub fn bearer(mut self, place: &str, token: &str) -> Result<Self, InvalidTokenError> {
        let authorization = Authorization::bearer(token)?;
        self.add(place.as_bytes(), Some(authorization));
        Ok(self)
    }

    /// Adds a reason why there may be fewer than expected, such as a file that does not exist, or `GOAUTH=off`: an error is
    /// told it where a server asks for credentials that are not there. The first 8 count.
    ///
    /// ```
    /// use gomod_proxy_client::Credentials;
    ///
    /// let credentials = Credentials::new().note("there is no /home/ci/.netrc");
    /// assert!(credentials.is_empty());
    /// ```
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(note.into());
        }
        self
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// What to send to a source with the request for a file.
    pub(crate) fn of(&self, base: &BaseUrl, relative: &str) -> Option<Authorization> {
        if base.scheme != "https" {
            return None;
        }
        if let Some(user_info) = &base.user_info {
            return Authorization::of_user_info(user_info);
        }
        self.at(base, relative).map(|(_, found)| found.clone())
    }

    /// What is said of the credentials of such a request to people whom the server refuses.
    pub(crate) fn sent(&self, base: &BaseUrl, relative: &str) -> SentCredentials {
        let entry = self.at(base, relative);
        if base.scheme != "https" {
            let entry = entry.map(|(place, _)| place).or_else(|| self.near(base));
            return SentCredentials::None(NotSent::PlainHttp { entry });
        }
        if base.user_info.is_some() {
            return SentCredentials::UserInfo;
        }
        match entry {
            Some((place, found)) => SentCredentials::Entry { place, origin: found.origin().clone() },
            None => SentCredentials::None(NotSent::NoEntry {
                host: base.host().to_owned(),
                near: self.near(base),
                notes: self.notes.clone(),
            }),
        }
    }

    /// What no text may show that comes from a server: all that belongs to the hosts of these URLs, whatever their ports and
    /// paths.
    pub(crate) fn secrets<'a>(&self, urls: impl IntoIterator<Item = &'a BaseUrl>) -> Secrets {
        let urls: Vec<&BaseUrl> = urls.into_iter().collect();
        let user_infos = urls.iter().filter_map(|url| Authorization::of_user_info(url.user_info.as_ref()?));
        let of_hosts = self.places.iter().filter(|(place, _)| {
            urls.iter().any(|url| host_of(place).eq_ignore_ascii_case(url.host_name().0.as_bytes()))
        });
        let all: Vec<Authorization> =
            user_infos.chain(of_hosts.map(|(_, authorization)| authorization.clone())).collect();
        Secrets::new(all.iter().flat_map(Authorization::secrets))
    }

    /// The longest place that the URL begins with.
    fn at(&self, base: &BaseUrl, relative: &str) -> Option<(String, &Authorization)> {
        if self.is_empty() {
            return None;
        }
        let key = base.credential_key(relative)?;
        let mut prefix = key.strip_suffix('/').unwrap_or(&key);
        loop {
            if let Some(found) = self.places.get(prefix.as_bytes()) {
                return Some((prefix.to_owned(), found));
            }
            prefix = prefix.rsplit_once('/')?.0;
        }
    }

    /// A place that was perhaps meant to be this one: the same host with another port or path, or in other letters; else a
    /// host above or below it.
    fn near(&self, base: &BaseUrl) -> Option<String> {
        let name = base.host_name().0.to_ascii_lowercase();
        let distance = |place: &Vec<u8>| {
            let host = String::from_utf8_lossy(host_of(place)).to_ascii_lowercase();
            let is_below =
                |host: &str, name: &str| name.strip_suffix(host).is_some_and(|rest| rest.ends_with('.'));
            if host == name {
                return Some(0);
            }
            (host.contains('.') && (is_below(&host, &name) || is_below(&name, &host))).then_some(1)
        };
        let nearest = self.places.keys().filter_map(|place| Some((distance(place)?, place))).min();
        nearest.map(|(_, place)| String::from_utf8_lossy(place).into_owned())
    }

    /// Whether there is something for a place on this host, whatever its port.
    pub(crate) fn names(&self, host: &str) -> bool {
        self.places.keys().any(|place| {
            let rest = place.strip_prefix(host.as_bytes());
            matches!(rest.and_then(<[u8]>::first), Some(b':' | b'/')) || rest == Some(&[])
        })
    }

    fn add(&mut self, place: &[u8], authorization: Option<Authorization>) {
        if let Some(authorization) = authorization {
            self.places.entry(key(place).to_vec()).or_insert(authorization);
        }
    }

    /// Puts one in place of what there is for a place, or takes that away: `storeCredential` in cmd/go.
    #[cfg(feature = "os")]
    pub(crate) fn replace(&mut self, place: &[u8], authorization: Option<Authorization>) {
        match authorization {
            Some(_) if self.places.len() >= MAX_PLACES && !self.places.contains_key(key(place)) => {}
            Some(authorization) => _ = self.places.insert(key(place).to_vec(), authorization),
            None => _ = self.places.remove(key(place)),
        }
    }

    /// Puts all of the others in place of what there is for their places.
    #[cfg(feature = "os")]
    pub(crate) fn replace_all(&mut self, others: &Self) {
        self.places.extend(others.places.iter().map(|(place, found)| (place.clone(), found.clone())));
    }

    /// Takes these reasons in place of those that there are.
    #[cfg(feature = "os")]
    pub(crate) fn with_notes(self, notes: impl IntoIterator<Item = String>) -> Self {
        notes.into_iter().fold(Self { notes: Vec::new(), ..self }, Self::note)
    }

    /// What no text may show of any of them.
    #[cfg(feature = "os")]
    pub(crate) fn all_secrets(&self) -> Secrets {
        Secrets::new(self.places.values().flat_map(Authorization::secrets))
    }

    #[cfg(feature = "os")]
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.places.len())
    }
}

/// A place as it is kept.
fn key(place: &[u8]) -> &[u8] {
    let place = place.strip_prefix(b"https://").unwrap_or(place);
    place.strip_suffix(b"/").unwrap_or(place)
}

/// The host of a place, which may be written with a scheme that no place has.
fn host_of(place: &[u8]) -> &[u8] {
    let start = place.windows(3).position(|window| window == b"://").map_or(0, |at| at + 3);
    let rest = place.get(start..).unwrap_or_default();
    let end = match rest.first() {
        Some(b'[') => rest.iter().position(|byte| *byte == b']').map(|at| at + 1),
        _ => rest.iter().position(|byte| matches!(byte, b':' | b'/')),
    };
    end.and_then(|end| rest.get(..end)).unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(places: &[&str], url: &str) -> String {
        let add = |credentials: Credentials, place: &&str| credentials.basic(place, "bob", "hush");
        let credentials = places.iter().fold(Credentials::new().note("there is no netrc"), add);
        credentials.sent(&BaseUrl::parse(url).unwrap(), "example.com/m/@v/list").to_string()
    }

    /// What an operator mistyped is named; what was sent is named by its place alone.
    #[test]
    fn near_misses_are_named() {
        let url = "https://goproxy.corp.test:8443/team";
        for (place, near) in [
            ("goproxy.corp.test", true),
            ("goproxy.corp.test:443", true),
            ("goproxy.corp.test:8443/other", true),
            ("GoProxy.corp.test:8443", true),
            ("http://goproxy.corp.test:8443", true),
            ("corp.test", true),
            ("a.goproxy.corp.test", true),
            ("test", false),
            ("goproxy.example.org", false),
            ("xgoproxy.corp.test", false),
        ] {
            let said = said(&[place], url);
            assert!(
                said.starts_with("no credentials were sent: there are none for goproxy.corp.test:8443"),
                "{said}"
            );
            assert_eq!(said.contains(&format!("those for {place} do not count")), near, "{said}");
            assert!(
                said.ends_with("there is no netrc") && !said.contains("hush") && !said.contains("bob"),
                "{said}"
            );
        }
        for place in
            ["goproxy.corp.test:8443", "goproxy.corp.test:8443/team", "https://goproxy.corp.test:8443/"]
        {
            assert!(said(&[place], url).ends_with("were sent"), "{place}");
        }
        assert_eq!(said(&[], "https://bob:hush@h"), "the user info in the URL was sent");
        let plain = said(&["goproxy.corp.test:8443"], &url.replace("https", "http"));
        assert!(plain.contains("over plain http") && plain.contains("goproxy.corp.test:8443"), "{plain}");
    }

    #[test]
    fn hosts_of_places() {
        for (place, host) in [
            ("h", "h"),
            ("h:1/p", "h"),
            ("h/p:1", "h"),
            ("http://h:1", "h"),
            ("[::1]:8443/x", "[::1]"),
            ("", ""),
            ("[", "["),
        ] {
            assert_eq!(host_of(place.as_bytes()), host.as_bytes(), "{place}");
        }
    }
}
