//! One question to a web server, with its redirects, the second try after a refusal, and plain HTTP where that is allowed.

use std::error::Error as StdError;

use gomod_module::text::Printable;
use thiserror::Error;

use gomod_module::url::{GoUrl, UrlReason};

use super::reference::resolve;
use super::repo_url::redacted;

/// How many requests a question may lead through.
const MAX_REQUESTS: usize = 10;

/// How much of a server's own text an error holds, in characters.
const MAX_DETAIL: usize = 500;

/// A GET request that a [`Discovery`](crate::Discovery) needs.
///
/// The client that makes it follows no redirects, decodes gzip, and answers with the first
/// [`MAX_PAGE`](crate::MAX_PAGE) bytes and one more, if there are more.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PageRequest {
    /// The URL, https or, where GOINSECURE allows it, http.
    pub url: String,
    /// Whether the certificate is not checked, as GOINSECURE says. Go gives such a request, with its redirects, 5 seconds.
    pub unverified: bool,
    /// Whether the server has answered this question with a status from 400 to 499: it is asked once again, with whatever
    /// credentials there are for the URL by then (GOAUTH).
    pub is_retry: bool,
    /// Whether credentials for its host may be sent: over https, and until a redirect has led to another server, whose credentials
    /// are not for whoever redirects there (`AddCredentials` in cmd/go).
    pub may_authenticate: bool,
}

impl PageRequest {
    /// The URL for people: without user name and password, and without a query, in which a redirect may have put a secret, but
    /// `go-get=1`.
    pub fn shown(&self) -> String {
        shown(&self.url)
    }
}

fn shown(url: &str) -> String {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let query = if query == "go-get=1" { "?go-get=1" } else { "" };
    format!("{}{query}", redacted(place))
}

/// What came of a [`PageRequest`].
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "there is no third outcome")]
pub enum PageAnswer {
    /// The server answered.
    Page(Page),
    /// There is no answer: no connection, no valid certificate, an answer that breaks off.
    Failed(Box<dyn StdError + Send + Sync>),
}

/// What a server answered.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Page {
    /// The status. Any may come with a page that counts.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The `Content-Type` header. It matters only for what an error says.
    pub content_type: Option<String>,
    /// The first [`MAX_PAGE`](crate::MAX_PAGE) bytes of the body, and one more, if there are more.
    pub body: Vec<u8>,
}

impl Page {
    /// A page with a status and a body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), ..Self::default() }
    }

    /// Sets the `Location` header.
    #[must_use]
    pub fn location(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// Sets the `Content-Type` header.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// What the server says about its status, if it is a text for people.
    pub(super) fn detail(&self) -> String {
        let kind = self.content_type.as_deref().unwrap_or_default().split(';').next().unwrap_or_default();
        if !kind.trim().eq_ignore_ascii_case("text/plain") {
            return String::new();
        }
        Printable::new(self.body.trim_ascii()).max_chars(MAX_DETAIL).to_string()
    }

    fn redirect(&self) -> Option<&str> {
        let is_redirect = matches!(self.status, 301 | 302 | 303 | 307 | 308);
        self.location.as_deref().filter(|location| is_redirect && !location.is_empty())
    }
}

/// Why there is no page.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The request failed.
    #[error("the request failed")]
    Request(#[source] Box<dyn StdError + Send + Sync>),
    /// Too many redirects.
    #[error("stopped after {MAX_REQUESTS} redirects")]
    TooManyRedirects,
    /// A redirect from https to something else, where GOINSECURE does not match.
    #[error("redirected from a secure URL to {0}")]
    InsecureRedirect(String),
    /// A redirect to something that is no URL of a web server.
    #[error("redirected to {to:?}")]
    Redirect {
        /// The place, without credentials.
        to: String,
        /// Why it is none, where it is no URL at all.
        source: Option<UrlReason>,
    },
}

/// How far a question is.
#[derive(Debug)]
pub(super) struct Fetch {
    /// Host and path.
    place: String,
    is_insecure: bool,
    /// Whether it is asked by http by now.
    is_plain: bool,
    request: PageRequest,
    /// How many requests were made since the question was asked first, or again.
    requests: usize,
}

/// What a question has come to.
#[derive(Debug)]
pub(super) enum Fetched {
    /// Another request is needed.
    Asking,
    Page(Page),
    Failed(FetchError),
}

impl Fetch {
    /// Asks for `place`, which is host and path, by https and, if that may be, http.
    pub(super) fn new(place: String, is_insecure: bool) -> Self {
        let request = PageRequest {
            url: format!("https://{place}"),
            unverified: is_insecure,
            is_retry: false,
            may_authenticate: true,
        };
        Self { place, is_insecure, is_plain: false, request, requests: 1 }
    }

    pub(super) fn request(&self) -> &PageRequest {
        &self.request
    }

    /// The URL that was asked first.
    pub(super) fn url(&self) -> String {
        format!("https://{}", self.place)
    }

    pub(super) fn answer(&mut self, answer: PageAnswer) -> Fetched {
        match answer {
            PageAnswer::Failed(e) => self.failed(FetchError::Request(e)),
            PageAnswer::Page(page) => match page.redirect() {
                Some(location) => match self.redirected(location) {
                    Ok(url) => {
                        self.requests += 1;
                        self.request.may_authenticate &= self.is_first_server(&url);
                        self.request.url = url;
                        Fetched::Asking
                    }
                    Err(e) => self.failed(e),
                },
                None if (400..500).contains(&page.status) && !self.is_plain && !self.request.is_retry => {
                    self.start("https", true);
                    Fetched::Asking
                }
                None => Fetched::Page(page),
            },
        }
    }

    fn redirected(&self, location: &str) -> Result<String, FetchError> {
        let to = || shown(location);
        let url = resolve(&self.request.url, location)
            .map_err(|source| FetchError::Redirect { to: to(), source: Some(source) })?;
        let parts =
            GoUrl::parse(&url).map_err(|source| FetchError::Redirect { to: to(), source: Some(source) })?;
        if !self.is_insecure && !parts.has_scheme("https") {
            return Err(FetchError::InsecureRedirect(shown(&url)));
        }
        let is_web = parts.has_scheme("https") || parts.has_scheme("http");
        if !is_web || parts.host.is_none_or(str::is_empty) {
            return Err(FetchError::Redirect { to: to(), source: None });
        }
        if self.requests >= MAX_REQUESTS {
            return Err(FetchError::TooManyRedirects);
        }
        Ok(url)
    }

    /// Without an answer by https, http is tried where GOINSECURE allows it.
    fn failed(&mut self, error: FetchError) -> Fetched {
        if self.is_insecure && !self.is_plain {
            self.start("http", false);
            return Fetched::Asking;
        }
        Fetched::Failed(error)
    }

    fn start(&mut self, scheme: &str, is_retry: bool) {
        self.is_plain = scheme == "http";
        self.requests = 1;
        self.request.url = format!("{scheme}://{}", self.place);
        self.request.unverified = self.is_insecure && !self.is_plain;
        self.request.is_retry = is_retry;
        self.request.may_authenticate = !self.is_plain;
    }

    /// Whether this is the server that was asked first, over https.
    fn is_first_server(&self, url: &str) -> bool {
        let first = self.place.split(['/', '?']).next().unwrap_or_default();
        GoUrl::parse(url).is_ok_and(|url| {
            url.has_scheme("https") && url.host.is_some_and(|host| host.eq_ignore_ascii_case(first))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(fetch: &mut Fetch, status: u16, location: &str) -> (String, bool) {
        let answer = fetch.answer(PageAnswer::Page(Page::new(status, "").location(location)));
        assert!(matches!(answer, Fetched::Asking), "{answer:?}");
        (fetch.request().shown(), fetch.request().may_authenticate)
    }

    #[test]
    fn no_server_gets_credentials_because_another_one_says_so() {
        let mut fetch = Fetch::new("m.test/x?go-get=1".to_owned(), true);
        assert!(fetch.request().may_authenticate);
        assert_eq!(asked(&mut fetch, 302, "/y?t=s3cr3t"), ("https://m.test/y".to_owned(), true));
        assert_eq!(asked(&mut fetch, 302, "https://M.test/z"), ("https://M.test/z".to_owned(), true));
        assert_eq!(asked(&mut fetch, 302, "https://corp.test/q"), ("https://corp.test/q".to_owned(), false));
        assert_eq!(asked(&mut fetch, 302, "https://m.test/x"), ("https://m.test/x".to_owned(), false));
        // The question put once more, and by http.
        assert_eq!(asked(&mut fetch, 401, ""), ("https://m.test/x?go-get=1".to_owned(), true));
        assert!(matches!(fetch.answer(PageAnswer::Failed("gone".into())), Fetched::Asking));
        assert_eq!(fetch.request().url, "http://m.test/x?go-get=1");
        assert!(!fetch.request().may_authenticate);
        assert!(!asked(&mut fetch, 302, "https://m.test/x").1, "whoever is on the way led there");
    }
}
