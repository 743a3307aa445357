//! The URL of a source.

use gomod_module::url::percent::{Part, escape_path, unescape};
use gomod_module::url::{GoUrl, UrlReason};

#[cfg(feature = "client")]
pub(crate) mod join;
pub(crate) mod redacted;

/// A base URL, taken apart.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct BaseUrl {
    /// Lower case.
    pub(crate) scheme: String,
    /// What follows the scheme where that is no slash.
    opaque: Option<String>,
    pub(crate) user_info: Option<UserInfo>,
    /// Whether `//` follows the scheme.
    authority: bool,
    /// As written, with its port.
    host: String,
    /// Decoded.
    path: Vec<u8>,
    /// As written, where that is not the default encoding of the path.
    raw_path: String,
    query: Option<String>,
    fragment: Option<String>,
}

/// The text before the `@`, decoded.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct UserInfo {
    pub(crate) user: String,
    pub(crate) password: Option<String>,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, UrlReason> {
        let parts = GoUrl::parse(text)?;
        let path = unescape(parts.path, Part::Other)?;
        let is_default = escape_path(&path) == parts.path;
        Ok(Self {
            scheme: parts.scheme.to_ascii_lowercase(),
            opaque: parts.opaque.map(str::to_owned),
            user_info: parts.user_info.map(UserInfo::parse).transpose()?,
            authority: parts.host.is_some(),
            host: parts.host.unwrap_or_default().to_owned(),
            path,
            raw_path: if is_default { String::new() } else { parts.path.to_owned() },
            query: parts.query.map(str::to_owned),
            fragment: parts.fragment.filter(|fragment| !fragment.is_empty()).map(str::to_owned),
        })
    }

    /// Whether it is scheme and path only, with the slashes of `file:///`.
    pub(crate) fn is_plain_file(&self) -> bool {
        self.authority
            && self.host.is_empty()
            && self.opaque.is_none()
            && self.user_info.is_none()
            && self.query.is_none()
            && self.fragment.is_none()
    }
}

impl UserInfo {
    fn parse(user_info: &str) -> Result<Self, UrlReason> {
        let decode =
            |text: &str| String::from_utf8(unescape(text, Part::Other)?).map_err(|_| UrlReason::Userinfo);
        Ok(match user_info.split_once(':') {
            Some((user, password)) => Self { user: decode(user)?, password: Some(decode(password)?) },
            None => Self { user: decode(user_info)?, password: None },
        })
    }
}

#[cfg(test)]
#[cfg(feature = "client")]
mod tests;
