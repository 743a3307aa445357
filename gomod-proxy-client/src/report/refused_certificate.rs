/// A server's certificate that was refused, and why.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}; it was issued by {}{}", issuer.as_deref().unwrap_or("nobody who is named"), advice(*is_unknown_issuer))]
pub(crate) struct RefusedCertificate {
    pub(crate) reason: String,
    pub(crate) issuer: Option<String>,
    pub(crate) is_unknown_issuer: bool,
}

fn advice(is_unknown_issuer: bool) -> &'static str {
    if is_unknown_issuer {
        ", which this machine does not trust: if a proxy on the way intercepts TLS, add its authority to the trusted \
         certificates (SSL_CERT_FILE)"
    } else {
        ""
    }
}
