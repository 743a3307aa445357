//! Whom a client trusts, and what a refused certificate says (feature `rustls`).

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

use crate::report::cause::BoxError;
use crate::report::failure::Failure;
use crate::report::refused_certificate::RefusedCertificate;
use crate::transport::handshake::resumption;
use crate::transport::issuer::issuer;

/// Certificates of authorities that are trusted besides those that the platform trusts: that of a proxy that intercepts
/// TLS, or of a company.
///
/// ```
/// use gomod_proxy_client::transport::RootCertificates;
///
/// assert!(RootCertificates::from_pem(b"no certificate").is_err());
/// assert_eq!(RootCertificates::new().len(), 0);
/// ```
#[derive(Clone, Default)]
pub struct RootCertificates {
    certificates: Vec<CertificateDer<'static>>,
}

/// A file of certificates that holds none, or one that is malformed.
#[derive(Debug, thiserror::Error)]
#[error("{}", no_roots(*line))]
#[non_exhaustive]
pub struct InvalidRootCertificatesError {
    /// The line on which the malformed certificate begins; `None` where there is no certificate at all.
    pub line: Option<usize>,
    /// What is wrong with it, where it looks like a certificate.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

fn no_roots(line: Option<usize>) -> String {
    match line {
        None => "no certificates of authorities in PEM".to_owned(),
        Some(line) => format!("line {line}: the certificate that begins here is malformed"),
    }
}

/// The line on which the certificate behind so many others begins.
fn line_of(pem: &[u8], before: usize) -> usize {
    let is_begin = |line: &[u8]| line.trim_ascii().starts_with(b"-----BEGIN CERTIFICATE-----");
    let mut lines = pem.split(|byte| *byte == b'\n').zip(1..).filter(|(line, _)| is_begin(line));
    lines.nth(before).map_or(1, |(_, number)| number)
}

impl RootCertificates {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// The certificates of a file in PEM; whatever else it holds is skipped.
    ///
    /// # Errors
    /// [`InvalidRootCertificatesError`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, InvalidRootCertificatesError> {
        let invalid = |before, source: Box<dyn std::error::Error + Send + Sync>| {
            InvalidRootCertificatesError { line: Some(line_of(pem, before)), source: Some(source) }
        };
        let mut certificates = Vec::new();
        let mut store = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let before = certificates.len();
            let certificate = certificate.map_err(|e| invalid(before, Box::new(e)))?;
            store.add(certificate.clone()).map_err(|e| invalid(before, Box::new(e)))?;
            certificates.push(certificate);
        }
        if certificates.is_empty() {
            return Err(InvalidRootCertificatesError { line: None, source: None });
        }
        Ok(Self { certificates })
    }

    /// Adds those of another file.
    pub fn extend(&mut self, others: Self) {
        self.certificates.extend(others.certificates);
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

impl fmt::Debug for RootCertificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RootCertificates").field("certificates", &self.len()).finish()
    }
}

/// The certificate of this client and its key, for servers that ask for one (mutual TLS).
///
/// It is shown to the sources of the list alone, each known by its host and port: not to a server to which a redirect leads, and
/// not to an HTTP proxy.
///
/// ```
/// use gomod_proxy_client::transport::Identity;
///
/// assert!(Identity::from_pem(b"no certificate").is_err());
/// ```
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// A file that holds no certificate or no private key, or a malformed one.
#[derive(Debug, thiserror::Error)]
#[error("{what} in PEM")]
#[non_exhaustive]
pub struct InvalidIdentityError {
    what: &'static str,
    /// What is wrong with it, where it looks like one.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Identity {
    /// The certificates, that of the client first, and the private key (PKCS #8, PKCS #1 or SEC1) of a file in PEM. Whether
    /// they belong together shows with the first https request.
    ///
    /// # Errors
    /// [`InvalidIdentityError`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, InvalidIdentityError> {
        let invalid = |what: [&'static str; 2], e: pem::Error| match e {
            pem::Error::NoItemsFound => InvalidIdentityError { what: what[0], source: None },
            e => InvalidIdentityError { what: what[1], source: Some(Box::new(e)) },
        };
        let no_certificate = ["no certificate", "a malformed certificate"];
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let chain = chain.map_err(|e| invalid(no_certificate, e))?;
        if chain.is_empty() {
            return Err(invalid(no_certificate, pem::Error::NoItemsFound));
        }
        let is_encrypted = pem.windows(9).any(|window| window == b"ENCRYPTED");
        let none =
            if is_encrypted { "an encrypted private key, which cannot be used," } else { "no private key" };
        let key = PrivateKeyDer::from_pem_slice(pem);
        Ok(Self { chain, key: key.map_err(|e| invalid([none, "a malformed private key"], e))? })
    }
}

impl Clone for Identity {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone(), key: self.key.clone_key() }
    }
}

/// Nothing of the key.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

/// With whom TLS is spoken, and how.
#[derive(Debug, Clone, Default)]
pub(crate) struct TlsSettings {
    pub(crate) root_certificates: RootCertificates,
    pub(crate) provider: Option<Arc<CryptoProvider>>,
    pub(crate) identity: Option<Identity>,
    /// The servers that see the identity.
    pub(crate) identified_to: HashSet<String>,
}

/// That nothing encrypts.
#[derive(Debug, thiserror::Error)]
#[error(
    "no cryptography for TLS: pass a provider to ProxyClientBuilder::crypto_provider, install one for the process, or enable the \
     feature `rustls`"
)]
struct NoProvider;

impl TlsSettings {
    /// The provider: that of the caller, else the process's, else that of the feature `rustls`.
    ///
    /// # Errors
    /// Where there is none of them.
    pub(crate) fn provider(&self) -> Result<Arc<CryptoProvider>, BoxError> {
        #[cfg(feature = "rustls")]
        let built_in = || Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
        #[cfg(not(feature = "rustls"))]
        let built_in = || None;
        let given = self.provider.clone().or_else(|| CryptoProvider::get_default().cloned());
        given.or_else(built_in).ok_or_else(|| NoProvider.into())
    }

    /// What is given to a client of servers without TLS, which would look for authorities otherwise.
    pub(crate) fn plain(&self) -> Result<ClientConfig, BoxError> {
        let config =
            ClientConfig::builder_with_provider(self.provider()?).with_safe_default_protocol_versions()?;
        Ok(config.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
    }

    /// What connections are made with, in HTTP/2 or HTTP/1.1. It reads the certificates of this machine.
    pub(crate) fn config(&self, shown: &str) -> Result<ClientConfig, Failure> {
        let no_client = |source| Failure::TlsClient { url: shown.to_owned(), source };
        let no_roots = |e: Error| Failure::NoTrustRoots { url: shown.to_owned(), source: Box::new(e) };
        let provider = self.provider().map_err(no_client)?;
        let more = self.root_certificates.certificates.iter().cloned();
        let platform = rustls_platform_verifier::Verifier::new_with_extra_roots(more, Arc::clone(&provider));
        let verifier = Arc::new(Verifier { platform: platform.map_err(no_roots)? });
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|e| no_client(e.into()))?;
        let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        config.resumption = resumption();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    /// Shows the identity in these connections.
    pub(crate) fn identify(&self, config: &mut ClientConfig, shown: &str) -> Result<(), Failure> {
        let Some(identity) = &self.identity else { return Ok(()) };
        let certified = CertifiedKey::from_der(
            identity.chain.clone(),
            identity.key.clone_key(),
            config.crypto_provider(),
        );
        let certified =
            certified.map_err(|e| Failure::TlsClient { url: shown.to_owned(), source: Box::new(e) })?;
        config.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(certified));
        // Sessions of others know another client.
        config.resumption = resumption();
        Ok(())
    }
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

#[cfg(not(feature = "rustls"))]
#[cfg(test)]
mod tests {
    use crate::client::proxy_client::ProxyClient;
    use crate::protocol::goproxy::GoProxy;

    #[test]
    fn no_provider_is_an_error_and_no_panic() {
        let build = ProxyClient::builder(GoProxy::parse("http://a.example").unwrap()).build();
        let source = std::error::Error::source(&build.unwrap_err()).unwrap().to_string();
        assert!(source.starts_with("no cryptography for TLS"), "{source}");
    }
}
