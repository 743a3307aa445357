use std::time::Duration;

use crate::timeouts::LowestSpeed;

/// A limit of the client that ended a request: which one, and its value.
///
/// A tool that has a flag for it can name it: [`Error::limit`](crate::Error::limit),
/// [`Attempt::limit`](crate::Attempt::limit).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// [`Timeouts::connect`](crate::Timeouts::connect).
    Connect(Duration),
    /// [`Timeouts::stall`](crate::Timeouts::stall) before the first byte of an answer: longer than what was set where tries
    /// before it had run into it.
    FirstByte(Duration),
    /// [`Timeouts::stall`](crate::Timeouts::stall) within the content.
    Stall(Duration),
    /// [`Timeouts::total`](crate::Timeouts::total).
    Total(Duration),
    /// [`Timeouts::lowest_speed`](crate::Timeouts::lowest_speed).
    LowestSpeed(LowestSpeed),
    /// The size of a file in bytes, one of [`Limits`](crate::Limits).
    Size(u64),
}
