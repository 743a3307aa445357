use crate::report::trace::Trace;

/// An answer, and how it was obtained.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Fetched<T> {
    /// The answer.
    pub value: T,
    /// All requests that were made; the last one gave the answer.
    pub trace: Trace,
}

impl<T> Fetched<T> {
    /// The answer alone.
    pub fn into_value(self) -> T {
        self.value
    }
}
