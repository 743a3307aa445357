//! The protocol without its I/O: what to ask for and what a request asks for, whom to ask next, and what an answer means.
//!
//! It needs no other feature, and with `default-features = false` nothing else is compiled: for servers, and for clients with an
//! HTTP stack of their own.

pub(crate) mod base_url;
pub(crate) mod endpoint;
pub(crate) mod fallback;
pub(crate) mod goproxy;
pub(crate) mod info;
pub(crate) mod version_list;

pub use endpoint::{Endpoint, InvalidEndpointError, Target};
pub use fallback::{Answer, Fallback, Next, Skip, Source, Step};
pub use goproxy::{Entry, EntryKind, GoProxy, GoProxyError, Separator};
pub use info::{WrongVersionError, check_info};
pub use version_list::{latest_from_list, versions};
