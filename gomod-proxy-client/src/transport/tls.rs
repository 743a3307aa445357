//! Whom a client trusts, and what a refused certificate says (feature `rustls`).

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

use crate::report::refused_certificate::RefusedCertificate;
use crate::transport::handshake::resumption;
use crate::transport::issuer::issuer;

/// Authorities whose certificates are trusted besides those that the platform trusts: that of a proxy that intercepts
/// TLS, or of a company.
///
/// ```
/// use gomod_proxy_client::transport::Authorities;
///
/// assert!(Authorities::from_pem(b"no certificate").is_err());
/// assert_eq!(Authorities::new().len(), 0);
/// ```
#[derive(Clone, Default)]
pub struct Authorities {
    certificates: Vec<CertificateDer<'static>>,
}

/// A file of certificates that holds none, or one that is malformed.
#[derive(Debug, thiserror::Error)]
#[error("no certificates of authorities in PEM")]
#[non_exhaustive]
pub struct InvalidAuthorities {
    /// What is wrong with it, where it looks like a certificate.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Authorities {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// The certificates of a file in PEM; whatever else it holds is skipped.
    ///
    /// # Errors
    /// [`InvalidAuthorities`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, InvalidAuthorities> {
        let invalid =
            |source: Box<dyn std::error::Error + Send + Sync>| InvalidAuthorities { source: Some(source) };
        let mut certificates = Vec::new();
        let mut store = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|e| invalid(Box::new(e)))?;
            store.add(certificate.clone()).map_err(|e| invalid(Box::new(e)))?;
            certificates.push(certificate);
        }
        if certificates.is_empty() {
            return Err(InvalidAuthorities { source: None });
        }
        Ok(Self { certificates })
    }

    /// Adds those of another file.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.certificates.extend(others.certificates);
        self
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.certificates.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorities").field("certificates", &self.len()).finish()
    }
}

/// What connections are made with, in HTTP/2 or HTTP/1.1. It reads the certificates of this machine.
///
/// # Errors
/// Where nobody is trusted.
pub(crate) fn config(more: &Authorities) -> Result<ClientConfig, Error> {
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let more = more.certificates.iter().cloned();
    let platform = rustls_platform_verifier::Verifier::new_with_extra_roots(more, Arc::clone(&provider))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier { platform }))
        .with_no_client_auth();
    config.resumption = resumption();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The platform's verdict, and whom it is about.
#[derive(Debug)]
struct Verifier {
    platform: rustls_platform_verifier::Verifier,
}

/// The refused certificate that a TLS error stands for.
pub(crate) fn refused(error: &Error) -> Option<&RefusedCertificate> {
    match error {
        Error::InvalidCertificate(CertificateError::Other(OtherError(error))) => error.downcast_ref(),
        _ => None,
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict =
            self.platform.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        verdict.map_err(|reason| {
            let is_unknown_issuer =
                matches!(reason, Error::InvalidCertificate(CertificateError::UnknownIssuer));
            let reason = reason.to_string();
            let refused = RefusedCertificate { reason, issuer: issuer(end_entity), is_unknown_issuer };
            CertificateError::Other(OtherError(Arc::new(refused))).into()
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.platform.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.platform.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.platform.supported_verify_schemes()
    }
}
