/// Why a text is no URL, in the words of Go's `net/url`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum UrlReason {
    /// A byte below 0x20, or 0x7F.
    #[error("net/url: invalid control character in URL")]
    ControlCharacter,
    /// It starts with a colon.
    #[error("missing protocol scheme")]
    MissingScheme,
    /// No scheme, and a colon before the first slash.
    #[error("first path segment in URL cannot contain colon")]
    ColonInFirstSegment,
    /// What stands before the `@` holds a character that must be escaped.
    #[error("net/url: invalid userinfo")]
    Userinfo,
    /// A `[` that opens no IPv6 address.
    #[error("invalid IP-literal")]
    IpLiteral,
    /// A `[` without its `]`.
    #[error("missing ']' in host")]
    MissingBracket,
    /// What follows the host's colon is no number.
    #[error("invalid port {0:?} after host")]
    Port(String),
    /// A `%` without two hexadecimal digits, or where none may stand.
    #[error("invalid URL escape {0:?}")]
    Escape(String),
    /// A character that no host name holds.
    #[error("invalid character {0:?} in host name")]
    HostCharacter(String),
}

impl UrlReason {
    /// Returns the same reason, quoting nothing that the redacted URL `shown` hides: `https://u:pw/x@h` has the port `pw`.
    #[must_use]
    pub fn redacted_as(self, shown: &str) -> Self {
        let hidden = |text: String| if shown.contains(&text) { text } else { "xxxxx".to_owned() };
        match self {
            Self::Port(text) => Self::Port(hidden(text)),
            Self::Escape(text) => Self::Escape(hidden(text)),
            Self::HostCharacter(text) => Self::HostCharacter(hidden(text)),
            other => other,
        }
    }
}
