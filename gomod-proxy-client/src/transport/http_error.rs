//! What an error of the HTTP library means.

use std::error::Error;
use std::io;

use crate::report::kind::ErrorKind;
#[cfg(feature = "rustls-no-provider")]
use crate::report::refused_certificate::RefusedCertificate;
use crate::transport::http_transport::TransportError;
#[cfg(feature = "rustls-no-provider")]
use crate::transport::tls;

/// An error before the headers of an answer were complete.
pub(crate) fn get_kind(error: &reqwest::Error) -> ErrorKind {
    if error.is_connect() {
        return if error.is_dns() {
            ErrorKind::Dns
        } else if error.is_timeout() {
            ErrorKind::Timeout
        } else if find(error, is_tls).is_some() {
            ErrorKind::Tls
        } else {
            ErrorKind::Connect
        };
    }
    let kind = find(error, |cause| {
        if let Some(error) = cause.downcast_ref::<hyper::Error>() {
            return error.is_parse().then_some(ErrorKind::Protocol);
        }
        // TLS alerts that arrive late, such as the refusal of a missing client certificate.
        is_tls(cause)
    });
    kind.unwrap_or(ErrorKind::Reset)
}

/// An error in the body.
pub(crate) fn read_kind(error: &reqwest::Error) -> ErrorKind {
    let kind = find(error, |cause| {
        if let Some(error) = cause.downcast_ref::<TransportError>() {
            return Some(error.kind());
        }
        if let Some(error) = cause.downcast_ref::<hyper::Error>() {
            return (error.is_parse() && !error.is_incomplete_message()).then_some(ErrorKind::Protocol);
        }
        let error = cause.downcast_ref::<io::Error>()?;
        // Chunk sizes that are no numbers, and gzip streams that are none or whose checksum is wrong.
        let broken = matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput);
        broken.then_some(ErrorKind::Protocol)
    });
    kind.unwrap_or(ErrorKind::IncompleteBody)
}

/// Whether it is the connection's, not that of a decoder behind it.
pub(crate) fn is_of_connection(error: &reqwest::Error) -> bool {
    find(error, |cause| cause.is::<hyper::Error>().then_some(())).is_some()
}

/// What broke HTTP/2, where that is the error.
pub(crate) fn http2_error(error: &reqwest::Error) -> Option<&h2::Error> {
    find(error, |cause| cause.downcast_ref())
}

/// TLS libraries report through I/O errors of this kind, plain connections do not.
fn is_tls(cause: &(dyn Error + 'static)) -> Option<ErrorKind> {
    let error = cause.downcast_ref::<io::Error>()?;
    (error.kind() == io::ErrorKind::InvalidData).then_some(ErrorKind::Tls)
}

/// The certificate that was refused, where that is the error.
#[cfg(feature = "rustls-no-provider")]
pub(crate) fn refused(error: &reqwest::Error) -> Option<RefusedCertificate> {
    find(error, |cause| tls::refused(cause.downcast_ref()?).cloned())
}

/// The first answer of `look` among the error and its causes. An I/O error hides the error that it wraps from
/// `source()`.
fn find<'a, T>(
    error: &'a (dyn Error + 'static),
    look: impl Fn(&'a (dyn Error + 'static)) -> Option<T>,
) -> Option<T> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(found) = look(cause) {
            return Some(found);
        }
        let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        };
    }
    None
}
