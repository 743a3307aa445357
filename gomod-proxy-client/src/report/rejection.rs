use std::error::Error;
use std::fmt;

/// The caller's verdict on bytes that a source sent: why they are not accepted.
///
/// It counts as an error of the source: it stops a `,` list and passes `|`. After [`RejectionKind::Mismatch`] the
/// client does not ask that source for the same file again for a while, and the verdict is what is reported if no source
/// has better bytes. [`RejectionKind::Undecided`] is none of that: it ends the call.
#[derive(Debug)]
pub struct Rejection {
    kind: RejectionKind,
    source: Box<dyn Error + Send + Sync>,
}

/// What is wrong with rejected bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum RejectionKind {
    /// Their hash is not the one that is known.
    Mismatch,
    /// They are not what they should be: no zip, a go.mod file that cannot be read, names that a module may not
    /// have.
    Malformed,
    /// The check came to no verdict: a disk could not be read, a checksum database gave no answer. That is no fault of the
    /// source: the call ends with it, no other source is asked, and nothing is remembered of the content.
    Undecided,
}

impl Rejection {
    /// The verdict with its cause, which [`Error::source`](std::error::Error::source) of the client's error returns.
    pub fn new(kind: RejectionKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: source.into() }
    }

    /// The verdict that a hash is not the one that is known.
    pub fn mismatch(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(RejectionKind::Mismatch, source)
    }

    /// The verdict that bytes are not what they should be.
    pub fn malformed(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(RejectionKind::Malformed, source)
    }

    /// That the check itself failed, so that nothing is known of the bytes.
    pub fn undecided(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(RejectionKind::Undecided, source)
    }

    /// What is wrong.
    pub fn kind(&self) -> RejectionKind {
        self.kind
    }

    pub(crate) fn into_parts(self) -> (RejectionKind, Box<dyn Error + Send + Sync>) {
        (self.kind, self.source)
    }
}

impl RejectionKind {
    /// A stable name in snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mismatch => "mismatch",
            Self::Malformed => "malformed",
            Self::Undecided => "undecided",
        }
    }
}

impl fmt::Display for RejectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            RejectionKind::Mismatch => "the content is not what it should be",
            RejectionKind::Malformed => "the content is malformed",
            RejectionKind::Undecided => "the content cannot be checked",
        })
    }
}

impl Error for Rejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}
