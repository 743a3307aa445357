use std::collections::HashMap;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::HeaderValue;

use crate::base_url::{BaseUrl, UserInfo};
use crate::netrc::Netrc;

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
/// use gomod_proxy_client::{Credentials, GoProxy, Netrc, ProxyClient};
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
}

/// A token that no header can hold: it is empty, or has other characters than visible ASCII. It is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bearer token is empty or has characters that no header can hold")]
#[non_exhaustive]
pub struct InvalidToken {}

/// What a request says of who makes it.
#[derive(Clone)]
pub(crate) struct Authorization {
    header: HeaderValue,
    /// What no message may quote.
    secrets: Vec<String>,
}

impl Credentials {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the entries of a netrc file.
    #[must_use]
    pub fn netrc(mut self, netrc: Netrc) -> Self {
        for login in netrc.into_entries() {
            self.add(&login.machine, Authorization::basic(&login.user, &login.password));
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
    /// [`InvalidToken`].
    pub fn bearer(mut self, place: &str, token: &str) -> Result<Self, InvalidToken> {
        let authorization = Authorization::bearer(token)?;
        self.add(place.as_bytes(), Some(authorization));
        Ok(self)
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
        if let Some(UserInfo { user, password }) = &base.user_info {
            return Authorization::basic(user.as_bytes(), password.as_deref().unwrap_or_default().as_bytes());
        }
        if self.is_empty() {
            return None;
        }
        let key = base.credential_key(relative)?;
        let mut prefix = key.strip_suffix('/').unwrap_or(&key);
        loop {
            if let Some(found) = self.places.get(prefix.as_bytes()) {
                return Some(found.clone());
            }
            prefix = prefix.rsplit_once('/')?.0;
        }
    }

    /// Whether there is something for a place on this host, whatever its port.
    pub(crate) fn names(&self, host: &str) -> bool {
        self.places.keys().any(|place| {
            let rest = place.strip_prefix(host.as_bytes());
            matches!(rest.and_then(<[u8]>::first), Some(b':' | b'/')) || rest == Some(&[])
        })
    }

    fn add(&mut self, place: &[u8], authorization: Option<Authorization>) {
        let place = place.strip_prefix(b"https://").unwrap_or(place);
        let place = place.strip_suffix(b"/").unwrap_or(place);
        if let Some(authorization) = authorization {
            self.places.entry(place.to_vec()).or_insert(authorization);
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.places.len())
    }
}

impl Authorization {
    /// Never `None`: base64 is always a header's value.
    fn basic(user: &[u8], password: &[u8]) -> Option<Self> {
        let encoded = BASE64_STANDARD.encode([user, b":", password].concat());
        let header = sensitive(&format!("Basic {encoded}"))?;
        // A lone user name is a token.
        let secret = if password.is_empty() { user } else { password };
        Some(Self { header, secrets: vec![encoded, String::from_utf8_lossy(secret).into_owned()] })
    }

    fn bearer(token: &str) -> Result<Self, InvalidToken> {
        let visible = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        let header = sensitive(&format!("Bearer {token}")).filter(|_| visible).ok_or(InvalidToken {})?;
        Ok(Self { header, secrets: vec![token.to_owned()] })
    }

    /// The value of the header.
    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// Whether a text that a server sent quotes it.
    pub(crate) fn is_quoted_in(&self, text: &str) -> bool {
        self.secrets.iter().any(|secret| !secret.is_empty() && text.contains(secret))
    }
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}
