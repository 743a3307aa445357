//! What a request says of who makes it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use crate::protocol::base_url::UserInfo;
use crate::report::sent::CredentialOrigin;

/// A token that no header can hold: it is empty, or has other characters than visible ASCII. It is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bearer token is empty or has characters that no header can hold")]
#[non_exhaustive]
pub struct InvalidTokenError {}

/// The headers that a request gets, which are secret.
#[derive(Clone)]
pub(crate) struct Authorization {
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What no message may quote.
    secrets: Vec<Vec<u8>>,
    origin: CredentialOrigin,
}

impl Authorization {
    pub(crate) fn of_user_info(UserInfo { user, password }: &UserInfo) -> Option<Self> {
        Self::basic(user.as_bytes(), password.as_deref().unwrap_or_default().as_bytes())
    }

    /// Never `None`: base64 is always a header's value.
    pub(crate) fn basic(user: &[u8], password: &[u8]) -> Option<Self> {
        let encoded = BASE64_STANDARD.encode([user, b":", password].concat());
        let value = HeaderValue::from_str(&format!("Basic {encoded}")).ok()?;
        // A lone user name is a token.
        let secret = if password.is_empty() { user } else { password };
        Some(Self::new(vec![(AUTHORIZATION, value)], vec![encoded.into_bytes(), secret.to_vec()]))
    }

    pub(crate) fn bearer(token: &str) -> Result<Self, InvalidTokenError> {
        let visible = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        let value = HeaderValue::from_str(&format!("Bearer {token}")).ok().filter(|_| visible);
        let value = value.ok_or(InvalidTokenError {})?;
        Ok(Self::new(vec![(AUTHORIZATION, value)], vec![token.as_bytes().to_vec()]))
    }

    /// Headers that a program gave.
    #[cfg(feature = "os")]
    pub(crate) fn of_headers(headers: &[(HeaderName, HeaderValue)]) -> Self {
        let secrets = headers.iter().flat_map(|(name, value)| secrets_in(name, value.as_bytes())).collect();
        Self::new(headers.to_vec(), secrets)
    }

    fn new(mut headers: Vec<(HeaderName, HeaderValue)>, secrets: Vec<Vec<u8>>) -> Self {
        for (_, value) in &mut headers {
            value.set_sensitive(true);
        }
        Self { headers, secrets, origin: CredentialOrigin::Caller }
    }

    /// The same, with where it comes from.
    pub(crate) fn with_origin(self, origin: CredentialOrigin) -> Self {
        Self { origin, ..self }
    }

    /// Where it comes from.
    pub(crate) fn origin(&self) -> &CredentialOrigin {
        &self.origin
    }

    /// The value of the first header, for those that have one alone.
    #[cfg(feature = "rustls-no-provider")]
    pub(crate) fn into_value(self) -> Option<HeaderValue> {
        self.headers.into_iter().next().map(|(_, value)| value)
    }

    /// Says in these headers who asks.
    pub(crate) fn add(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
    }

    /// Whether a server is told the same.
    #[cfg(feature = "os")]
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.headers == other.headers
    }

    /// What no message may quote.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        self.secrets.iter().map(Vec::as_slice)
    }
}

/// What is secret in a header: behind the scheme of `Authorization`, and the password in what that encodes.
#[cfg(feature = "os")]
fn secrets_in(name: &HeaderName, value: &[u8]) -> Vec<Vec<u8>> {
    let space = value.iter().position(|byte| *byte == b' ');
    let scheme = space.filter(|_| *name == AUTHORIZATION).and_then(|at| value.split_at_checked(at));
    let Some((scheme, credentials)) = scheme else { return vec![value.to_vec()] };
    let credentials = credentials.trim_ascii();
    let mut secrets = vec![credentials.to_vec()];
    if scheme.eq_ignore_ascii_case(b"basic")
        && let Ok(decoded) = BASE64_STANDARD.decode(credentials)
        && let Some(colon) = decoded.iter().position(|byte| *byte == b':')
    {
        let (user, password) = decoded.split_at(colon);
        let password = password.get(1..).unwrap_or_default();
        secrets.push(if password.is_empty() { user } else { password }.to_vec());
    }
    secrets
}
