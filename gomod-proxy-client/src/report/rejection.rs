use std::error::Error;
use std::fmt;

/// The caller's verdict on bytes that a source sent: why they are not accepted.
///
/// It counts as an error of the source: it stops a `,` list and passes `|`. After [`RejectionKind::Mismatch`] the
/// client never asks that source for the same file again, and the verdict is what is reported if no source has
/// better bytes.
#[derive(Debug)]
pub struct Rejection {
    kind: RejectionKind,
    source: Box<dyn Error + Send + Sync>,
}

/// What is wrong with rejected bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectionKind {
    /// Their hash is not the one that is known.
    Mismatch,
    /// They are not what they should be: no zip, a go.mod file that cannot be read, names that a module may not
    /// have.
    Malformed,
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
        }
    }
}

impl fmt::Display for RejectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
