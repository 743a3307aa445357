use std::fmt;
use std::sync::Arc;

use url::Url;

use crate::protocol::base_url::redacted::redacted_text;
use crate::protocol::base_url::{BaseUrl, UserInfo};
use crate::report::cause::BoxError;
use gomod_module::url::UrlReason;

/// An HTTP proxy, without its credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpProxy {
    setting: String,
    shown: String,
    /// What the HTTP library takes, credentials included.
    url: Url,
    pub(crate) user_info: Option<UserInfo>,
}

/// An HTTP proxy's URL that cannot be used. Credentials in it are redacted.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{setting} is no HTTP proxy: {url:?}")]
#[non_exhaustive]
pub struct HttpProxyError {
    /// What it is called: a variable.
    pub setting: String,
    /// The text.
    pub url: String,
    /// What is wrong with it.
    #[source]
    pub source: Arc<dyn std::error::Error + Send + Sync>,
}

impl HttpProxy {
    /// What it was set by: a variable, such as `HTTPS_PROXY`.
    pub fn setting(&self) -> &str {
        &self.setting
    }

    /// Its URL: scheme, host and port.
    pub fn url(&self) -> &str {
        &self.shown
    }

    /// With the credentials.
    pub(crate) fn full_url(&self) -> &Url {
        &self.url
    }

    /// Whether it speaks HTTP: `https` goes through it by CONNECT, and what it says of `http` looks like a server's answer.
    pub(crate) fn is_http(&self) -> bool {
        matches!(self.url.scheme(), "http" | "https")
    }

    /// The proxy that the text `value` of the setting `name` means, if it means one.
    pub(crate) fn parse(value: &str, name: &str) -> Result<Option<Self>, HttpProxyError> {
        if value.is_empty() {
            return Ok(None);
        }
        let shown = redacted_text(value);
        let fail = |source: BoxError| HttpProxyError {
            setting: name.to_owned(),
            url: shown.clone(),
            source: Arc::from(source),
        };
        let reason = |reason: UrlReason| fail(Box::new(reason.redacted_as(&shown)));
        let base = if value.contains("://") {
            BaseUrl::parse(value)
        } else {
            BaseUrl::parse(&format!("http://{value}"))
        };
        let base = base.map_err(reason)?;
        match base.scheme.as_str() {
            // Without TLS the library would speak plain HTTP to it, credentials included.
            "https" if cfg!(not(feature = "rustls-no-provider")) => {
                return Err(fail("https needs the feature `rustls`".into()));
            }
            "http" | "https" | "socks5" | "socks5h" => {}
            _ => return Err(fail("its scheme is none of http, https, socks5 and socks5h".into())),
        }
        let mut url = base.join("").map_err(|e| fail(Box::new(e)))?;
        url.set_path("");
        url.set_query(None);
        let shown = url[..url::Position::BeforePath].to_owned();
        if base.scheme == "socks5" {
            // For the go command both leave the name to the proxy, for the library only this one.
            let text = url.as_str().replacen("socks5:", "socks5h:", 1);
            url = Url::parse(&text).map_err(|e| fail(Box::new(e)))?;
        }
        let user_info = base.user_info;
        if let Some(user_info) = &user_info {
            // Fails for URLs that cannot have any.
            let _ = url.set_username(&user_info.user);
            let _ = url.set_password(user_info.password.as_deref());
        }
        Ok(Some(Self { setting: name.to_owned(), shown, url, user_info }))
    }
}

/// Such as `http://proxy.corp:3128 (HTTPS_PROXY)`.
impl fmt::Display for HttpProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.shown, self.setting)
    }
}

impl fmt::Debug for HttpProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpProxy({self})")
    }
}
