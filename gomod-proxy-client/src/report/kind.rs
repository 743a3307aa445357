use std::fmt;

/// The kind of an [`Error`](crate::Error) or of a failed [`Attempt`](crate::report::Attempt).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ErrorKind {
    /// Status 404 or 410, no such file below a `file://` source, or a module without any version.
    NotFound,
    /// Any other status than 200, 404 and 410.
    Status,
    /// An HTTP proxy answered in place of the server, with the [`status`](crate::Error::status) of its answer.
    HttpProxy,
    /// The server's name has no address.
    Dns,
    /// No connection to the server.
    Connect,
    /// The server's certificate or the TLS handshake, or no TLS client in this program.
    Tls,
    /// This machine trusts no certificate authority, so that no https server can be asked.
    NoTrustRoots,
    /// No connection in time, or a file that was not complete in time.
    Timeout,
    /// A server that went silent.
    Stalled,
    /// The connection ended before the answer began.
    Reset,
    /// The connection ended inside the body.
    IncompleteBody,
    /// What came is no HTTP, or its transfer or gzip encoding is broken.
    Protocol,
    /// Too many redirects, or one that may not be followed.
    Redirect,
    /// A plain `http` URL with credentials, which are not sent.
    InsecureCredentials,
    /// A URL that the list's grammar admits and that names no server.
    InvalidUrl,
    /// A file above its limit.
    TooLarge,
    /// A `.info` file that cannot be read or is one of another version.
    Malformed,
    /// A source has versions of the module, but none that the query allows.
    NoMatchingVersion,
    /// A query that no source can be asked: the name of a branch with a slash, or `patch` without a current version.
    InvalidQuery,
    /// Bytes whose hash is wrong, by the caller's verdict.
    Mismatch,
    /// Bytes that are not what they should be, by the caller's verdict.
    Rejected,
    /// Bytes on which the caller's check came to no verdict
    /// ([`RejectionKind::Undecided`](crate::report::RejectionKind::Undecided)).
    Undecided,
    /// What the content was to be written into failed.
    Write,
    /// The list ended at `off`.
    Off,
    /// The list ended at `direct`, or GONOPROXY matches the path, and the client has no
    /// [`DirectSource`](crate::client::DirectSource).
    DirectUnsupported,
    /// A repository cannot be read, or the page that names it, where the list says `direct`: its server, the version control
    /// system or what it has fails.
    Repository,
    /// The blocking client was called inside a runtime, where it would stop others.
    InsideRuntime,
    /// Any other error of a `file://` source.
    Io,
}

impl ErrorKind {
    /// A stable name in snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Status => "status",
            Self::HttpProxy => "http_proxy",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::NoTrustRoots => "no_trust_roots",
            Self::Timeout => "timeout",
            Self::Stalled => "stalled",
            Self::Reset => "reset",
            Self::IncompleteBody => "incomplete_body",
            Self::Protocol => "protocol",
            Self::Redirect => "redirect",
            Self::InsecureCredentials => "insecure_credentials",
            Self::InvalidUrl => "invalid_url",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::NoMatchingVersion => "no_matching_version",
            Self::InvalidQuery => "invalid_query",
            Self::Mismatch => "mismatch",
            Self::Rejected => "rejected",
            Self::Undecided => "undecided",
            Self::Write => "write",
            Self::Off => "off",
            Self::DirectUnsupported => "direct_unsupported",
            Self::Repository => "repository",
            Self::InsideRuntime => "inside_runtime",
            Self::Io => "io",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether the same request may have another outcome soon: the one table that says so.
pub(crate) fn is_transient(kind: ErrorKind, status: Option<u16>) -> bool {
    match kind {
        // A resolver that does not answer looks like a name that does not exist.
        ErrorKind::Dns
        // A server that restarts, a full backlog.
        | ErrorKind::Connect
        // A lost packet, a slow server.
        | ErrorKind::Timeout
        | ErrorKind::Stalled
        // A server or a middlebox that went away.
        | ErrorKind::Reset
        | ErrorKind::IncompleteBody => true,
        // 408: the server saw no request in time. 429: it asks for patience. 5xx: it knows that it failed.
        ErrorKind::Status | ErrorKind::HttpProxy => matches!(status, Some(408 | 429 | 500..=599)),
        // An answer. What a proxy does not have now, a `,` list asks the next one for.
        ErrorKind::NotFound
        // A certificate stays as it is.
        | ErrorKind::Tls
        | ErrorKind::NoTrustRoots
        // A server that speaks wrongly will do so again.
        | ErrorKind::Protocol
        | ErrorKind::Redirect
        | ErrorKind::TooLarge
        | ErrorKind::Malformed
        // A source knows what it has.
        | ErrorKind::NoMatchingVersion
        // Content that earned a verdict is not asked for again.
        | ErrorKind::Mismatch
        | ErrorKind::Rejected
        // No source can help.
        | ErrorKind::Undecided
        | ErrorKind::Write
        // Configuration.
        | ErrorKind::InsecureCredentials
        | ErrorKind::InvalidUrl
        | ErrorKind::InvalidQuery
        | ErrorKind::InsideRuntime
        | ErrorKind::Off
        | ErrorKind::DirectUnsupported
        // Nothing tells a repository that is not there from a server that is not.
        | ErrorKind::Repository
        // A local disk: a directory in the way, permissions.
        | ErrorKind::Io => false,
    }
}
