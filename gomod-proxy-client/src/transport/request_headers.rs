//! What requests say besides what they ask for.

use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, HOST, HeaderMap, HeaderName,
    HeaderValue, IF_RANGE, PROXY_AUTHORIZATION, RANGE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
};
use url::Url;

const DEFAULT_USER_AGENT: &str = concat!("gomod-proxy-client/", env!("CARGO_PKG_VERSION"));

/// What is the client's alone to say: what it asks for, and to whom it says who asks.
const RESERVED: [HeaderName; 14] = [
    ACCEPT_ENCODING,
    AUTHORIZATION,
    CONNECTION,
    CONTENT_LENGTH,
    COOKIE,
    HOST,
    IF_RANGE,
    PROXY_AUTHORIZATION,
    RANGE,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    USER_AGENT,
];

/// A header that requests cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHeaderError {
    /// The user agent is empty, or has other characters than visible ASCII and spaces.
    #[error("the user agent cannot be a header")]
    UserAgent,
    /// The client sets this one itself, or never sends it.
    #[error("the header {name} is not for callers to set")]
    Reserved {
        /// Its name.
        name: String,
    },
}

/// The user agent, and the headers of the caller.
#[derive(Clone)]
pub(crate) struct RequestHeaders {
    pub(crate) user_agent: HeaderValue,
    more: HeaderMap,
}

impl RequestHeaders {
    pub(crate) fn new() -> Self {
        Self { user_agent: HeaderValue::from_static(DEFAULT_USER_AGENT), more: HeaderMap::new() }
    }

    pub(crate) fn user_agent(&mut self, text: &str) -> Result<(), InvalidHeaderError> {
        let is_visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        let is_valid = !text.is_empty() && text.bytes().all(is_visible);
        let value = HeaderValue::from_str(text).ok().filter(|_| is_valid);
        self.user_agent = value.ok_or(InvalidHeaderError::UserAgent)?;
        Ok(())
    }

    pub(crate) fn set(&mut self, headers: HeaderMap) -> Result<(), InvalidHeaderError> {
        if let Some(name) = headers.keys().find(|name| RESERVED.contains(name)) {
            return Err(InvalidHeaderError::Reserved { name: name.to_string() });
        }
        self.more = headers;
        Ok(())
    }

    /// Those of the caller, for a request to `url` of which redirects have led away from `first` or not: none are sent to another
    /// server, and secret ones over https alone.
    pub(crate) fn add(&self, headers: &mut HeaderMap, url: &Url, first: &Url) {
        if url.origin() != first.origin() {
            return;
        }
        for (name, value) in &self.more {
            if url.scheme() == "https" || !value.is_sensitive() {
                headers.append(name, value.clone());
            }
        }
    }

    /// What no text of a server may show.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        self.more.values().filter(|value| value.is_sensitive()).map(HeaderValue::as_bytes)
    }
}
