use std::time::Duration;

/// A limit of the client that ended a request: which one, and its value.
///
/// A tool that has a flag for it can name it: [`Error::limit`](crate::Error::limit),
/// [`Attempt::limit`](crate::report::Attempt::limit).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Limit {
    /// [`Timeouts::connect`](crate::policy::Timeouts::connect).
    Connect(
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::report::serial::seconds"))] Duration,
    ),
    /// [`Timeouts::stall`](crate::policy::Timeouts::stall) before the first byte of an answer: longer than what was set where tries
    /// before it had run into it.
    FirstByte(
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::report::serial::seconds"))] Duration,
    ),
    /// [`Timeouts::stall`](crate::policy::Timeouts::stall) within the content.
    Stall(#[cfg_attr(feature = "serde", serde(serialize_with = "crate::report::serial::seconds"))] Duration),
    /// [`Timeouts::total`](crate::policy::Timeouts::total).
    Total(#[cfg_attr(feature = "serde", serde(serialize_with = "crate::report::serial::seconds"))] Duration),
    /// [`Timeouts::min_throughput`](crate::policy::Timeouts::min_throughput).
    MinThroughput(MinThroughput),
    /// The size of a file in bytes, one of [`Limits`](crate::policy::Limits).
    Size(u64),
}

/// How slow a body may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(clippy::exhaustive_structs, reason = "a speed is bytes and time")]
pub struct MinThroughput {
    /// The fewest bytes a second.
    pub bytes_per_second: u64,
    /// The time over which they are counted, again and again. Only waits for the source are.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "window_seconds", serialize_with = "crate::report::serial::seconds")
    )]
    pub window: Duration,
}

/// What it means that no byte came in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silence {
    /// In the content.
    InBody,
    /// Before the first byte, where each try has the same time.
    BeforeAnswer,
    /// Before the first byte, and another try has more time.
    GetsLonger,
    /// Before the first byte, with the longest time that any try has.
    Final,
}
