//! Which credentials a request was made with, for people whom the server refuses.

use std::fmt;
use std::path::PathBuf;

use gomod_module::text::Printable;

/// Which credentials were sent with a request that was answered with status 401, 403 or 407, or why none.
///
/// `Display` is a sentence without a full stop; it names places and never a name, a password or a token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SentCredentials {
    /// The user info in the URL of the source: the server does not accept it, or refuses this request all the same.
    UserInfo,
    /// Those of this place ([`Credentials`](crate::Credentials)), a netrc entry for instance.
    #[non_exhaustive]
    Entry {
        /// The host, with its port and a path if the entry has them.
        place: String,
        /// Where they come from.
        origin: CredentialOrigin,
    },
    /// It was another server that refused, to which a redirect had led, such as a storage with signed URLs. What was sent to
    /// the source is not sent there.
    #[non_exhaustive]
    Redirected {
        /// The host with its port.
        host: String,
        /// Which credentials the source itself got, before it redirected.
        source: Box<SentCredentials>,
    },
    /// None.
    None(NotSent),
}

/// Where credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialOrigin {
    /// The caller of this crate, who did not say from where.
    Caller,
    /// This netrc file ([`Netrc::named`](crate::auth::Netrc::named)).
    Netrc(PathBuf),
    /// A command of GOAUTH: `git`, or the name of a program without its arguments, which may be secrets.
    GoAuth(String),
}

/// Why no credentials were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotSent {
    /// The URL of the source is a plain `http` one.
    #[non_exhaustive]
    PlainHttp {
        /// The place of credentials that could be meant for it.
        entry: Option<String>,
    },
    /// There are none for its host.
    #[non_exhaustive]
    NoEntry {
        /// The host as the URL has it, with its port: what an entry must name.
        host: String,
        /// A place for which there are some, and which looks like this one: another port, a path that this URL does not begin
        /// with, other letters, a host above or below it.
        near: Option<String>,
        /// Reasons that the caller gave ([`Credentials::note`](crate::Credentials::note)).
        notes: Vec<String>,
    },
}

impl SentCredentials {
    /// Whether some were sent to the server that refused.
    pub fn is_sent(&self) -> bool {
        matches!(self, Self::UserInfo | Self::Entry { .. })
    }
}

impl fmt::Display for SentCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UserInfo => f.write_str("the user info in the URL was sent"),
            Self::Entry { place, origin } => {
                write!(f, "the credentials for {}{origin} were sent", Printable::name(place))
            }
            Self::Redirected { host, source } => write!(
                f,
                "no credentials were sent to {}, to which a redirect had led: what the source gets is not for others; to the \
                 source itself, {source}",
                Printable::name(host)
            ),
            Self::None(not_sent) => write!(f, "no credentials were sent: {not_sent}"),
        }
    }
}

/// Words behind a place; none for the caller.
impl fmt::Display for CredentialOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller => Ok(()),
            Self::Netrc(path) => write!(f, " from {}", Printable::path(path)),
            Self::GoAuth(name) => write!(f, " from the GOAUTH command \"{}\"", Printable::name(name)),
        }
    }
}

impl fmt::Display for NotSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PlainHttp { entry } => {
                f.write_str("over plain http there never are any")?;
                match entry {
                    Some(place) => write!(f, ", although there are some for {}", Printable::name(place)),
                    None => Ok(()),
                }
            }
            Self::NoEntry { host, near, notes } => {
                write!(f, "there are none for {}", Printable::name(host))?;
                if let Some(near) = near {
                    let near = Printable::name(near);
                    write!(
                        f,
                        "; those for {near} do not count, because an entry must name host and port as the URL does"
                    )?;
                }
                notes.iter().try_for_each(|note| write!(f, "; {}", Printable::name(note)))
            }
        }
    }
}
