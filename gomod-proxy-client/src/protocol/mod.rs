//! The protocol without its I/O: what to ask for, whom to ask next, and how a list is read.

pub(crate) mod base_url;
pub(crate) mod endpoint;
pub(crate) mod fallback;
pub(crate) mod goproxy;
pub(crate) mod percent;
pub(crate) mod url_reason;
pub(crate) mod version_list;

pub use endpoint::Endpoint;
pub use fallback::{Answer, Fallback, Next, Skip, Source, Step};
pub use goproxy::{Entry, EntryKind, GoProxy, GoProxyError, Separator};
pub use url_reason::UrlReason;
pub use version_list::versions;
