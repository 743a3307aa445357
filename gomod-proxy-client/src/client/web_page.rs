use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, LOCATION};
use url::{Position, Url};

use crate::auth::credentials::Told;
use crate::client::proxy_client::ProxyClient;
use crate::policy::clock::Clock;
use crate::protocol::base_url::BaseUrl;
use crate::report::error::Error;
use crate::report::failure::Failure;
use crate::report::kind::ErrorKind;
use crate::report::trace::Trace;
use crate::transport::redirect::{redacted, without_userinfo};

/// What a web server answers to one request, whatever its status: from [`ProxyClient::web_page`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebPage {
    /// The status.
    pub status: u16,
    /// The `Location` header: where a redirect leads, which was not followed.
    pub location: Option<String>,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The beginning of the content, decoded.
    pub body: Bytes,
}

impl ProxyClient {
    /// Makes one request for what is no file of the protocol, such as the pages with `go-import` tags that a
    /// [`DirectSource`](crate::client::DirectSource) needs ([Finding a repository for a module path](https://go.dev/ref/mod#vcs-find)):
    /// with the HTTP proxies, the trust and the limits in time of this client, and `with_credentials` with its credentials, over
    /// https alone: not where another server's redirect led there. No
    /// redirect is followed, and nothing is tried again. User info in the URL is not sent, and
    /// neither is what [`default_headers`](crate::ProxyClientBuilder::default_headers) sets for sources. Content beyond `limit` bytes and one
    /// more is not read.
    ///
    /// Such a request counts for no limit of those in flight: it is part of another one.
    ///
    /// # Errors
    /// [`Error`] where no answer came, or its content broke off.
    pub async fn web_page(&self, url: &str, limit: usize, with_credentials: bool) -> Result<WebPage, Error> {
        let invalid = |source: Box<dyn std::error::Error + Send + Sync>| {
            let failure = Failure::Get { url: String::new(), kind: ErrorKind::InvalidUrl, at: None, source };
            Error::new("page".to_owned(), failure, Trace::default())
        };
        let url = without_userinfo(&Url::parse(url).map_err(|e| invalid(e.into()))?);
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("neither http nor https".into()));
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        self.page(&url, limit, with_credentials)
            .await
            .map_err(|failure| Error::new(host, failure.cleansed(&self.shared.secrets()), Trace::default()))
    }

    async fn page(&self, url: &Url, limit: usize, with_credentials: bool) -> Result<WebPage, Failure> {
        let shared = &self.shared;
        let query = url.query().filter(|query| *query == "go-get=1");
        let shown = query.map_or_else(|| redacted(url), |query| format!("{}?{query}", redacted(url)));
        let base = BaseUrl::parse(&url[..Position::AfterPath]).unwrap_or_default();
        let clock = Clock::start(&shared.timeouts);
        #[cfg(feature = "os")]
        if with_credentials {
            clock.within_total(&shown, shared.credentials.prepare(&base)).await?;
        }
        let credentials = shared.credentials.current();
        let told = Told {
            authorization: with_credentials.then(|| credentials.of(&base, "")).flatten(),
            sent: credentials.sent(&base, ""),
            secrets: credentials.secrets([&base]).and(&shared.secrets()),
            wants_head: false,
        };
        let http = shared.http.current().map_err(|source| Failure::Client { url: shown.clone(), source })?;
        let (status, mut body) = http.page(url, &shown, &told, &clock).await?;
        let text = |headers: &HeaderMap, name: HeaderName| {
            headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let (location, content_type) = (text(body.headers(), LOCATION), text(body.headers(), CONTENT_TYPE));
        let mut content = BytesMut::new();
        while content.len() <= limit
            && let Some(chunk) = clock.wait(&shown, body.chunk(&shown)).await.flatten()?
        {
            content.extend_from_slice(&chunk);
        }
        content.truncate(limit.saturating_add(1));
        let mut body = content.freeze();
        // What may be shown as the server's own words.
        if content_type.as_deref().is_some_and(|kind| kind.trim_start().starts_with("text/plain")) {
            body = told.secrets.hide(&String::from_utf8_lossy(&body)).into_owned().into();
        }
        Ok(WebPage { status, location, content_type, body })
    }
}
