//! What came of the requests: errors, their kinds, and the trace of every attempt.

pub(crate) mod cause;
pub(crate) mod error;
pub(crate) mod error_report;
pub(crate) mod failure;
pub(crate) mod http_proxy;
pub(crate) mod kind;
pub(crate) mod limit;
pub(crate) mod next_step;
pub(crate) mod outcome;
pub(crate) mod page;
pub(crate) mod pending;
pub(crate) mod refusal;
#[cfg(feature = "rustls-no-provider")]
pub(crate) mod refused_certificate;
pub(crate) mod rejection;
pub(crate) mod secrets;
pub(crate) mod sent;
#[cfg(feature = "serde")]
pub(crate) mod serial;
pub(crate) mod server_response;
pub(crate) mod text;
pub(crate) mod trace;

pub use error::Error;
pub use error_report::ErrorReport;
pub use http_proxy::{HttpProxy, HttpProxyError};
pub use kind::ErrorKind;
pub use limit::{Limit, MinThroughput};
pub use pending::{Pending, Phase};
pub use rejection::{Rejection, RejectionKind};
pub use sent::{CredentialOrigin, NotSent, SentCredentials};
pub use trace::{Attempt, Trace};
