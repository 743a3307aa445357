//! Certificates that are made for one test: an authority of its own for each proxy.

use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use serde::Deserialize;

/// The certificate that a proxy shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Certificate {
    /// For 127.0.0.1 and `localhost`, and in force.
    Good,
    /// For `other.example` alone.
    OtherName,
    /// It ended in the year 2001.
    Expired,
    /// Signed by another authority than the one that [`LoopbackProxy::ca_pem`](crate::LoopbackProxy::ca_pem) names.
    UnknownRoot,
}

/// What a proxy needs to speak TLS.
#[derive(Debug)]
pub(crate) struct Tls {
    config: Arc<ServerConfig>,
    pub(crate) ca_pem: String,
    /// Where clients must show a certificate: one that is taken, with its key.
    pub(crate) client_pem: Option<String>,
}

impl Tls {
    pub(crate) fn new(certificate: Certificate, mutual: bool) -> Self {
        let names = match certificate {
            Certificate::OtherName => vec!["other.example".to_owned()],
            Certificate::Good | Certificate::Expired | Certificate::UnknownRoot => {
                vec![Ipv4Addr::LOCALHOST.to_string(), "localhost".to_owned()]
            }
        };
        let authority = authority();
        let stranger = (certificate == Certificate::UnknownRoot).then(self::authority);
        let mut params = CertificateParams::new(names).expect("names that certificates may hold");
        if certificate == Certificate::Expired {
            params.not_before = date_time_ymd(2000, 1, 1);
            params.not_after = date_time_ymd(2001, 1, 1);
        }
        let key = key();
        let shown = params.signed_by(&key, stranger.as_ref().unwrap_or(&authority)).expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("protocol versions that the provider knows");
        let (config, client_pem) = if mutual {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der().clone()).expect("an authority");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            let config = config.with_client_cert_verifier(verifier.expect("a verifier"));
            (config, Some(client_pem(&authority)))
        } else {
            (config.with_no_client_auth(), None)
        };
        let config = config
            .with_single_cert(vec![shown.into()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .expect("a key that belongs to its certificate");
        Self { config: Arc::new(config), ca_pem: pem("CERTIFICATE", authority.der()), client_pem }
    }

    /// The server's side of connections that may speak any of these protocols.
    #[cfg(feature = "http2")]
    pub(crate) fn offering(&self, protocols: &[&[u8]]) -> Arc<ServerConfig> {
        let mut config = ServerConfig::clone(&self.config);
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Arc::new(config)
    }

    /// The server's side of a new connection; the handshake is made with the first read.
    pub(crate) fn accept<'a>(&self, stream: &'a TcpStream) -> StreamOwned<ServerConnection, &'a TcpStream> {
        let connection = ServerConnection::new(Arc::clone(&self.config)).expect("a usable configuration");
        StreamOwned::new(connection, stream)
    }
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let key = key();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Two authorities have two names.
    let name = BASE64_STANDARD.encode(key.public_key_raw());
    params.distinguished_name.push(DnType::OrganizationName, name);
    CertifiedIssuer::self_signed(params, key).expect("a certificate")
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

/// A client's certificate, signed by this authority, and its key.
fn client_pem(authority: &CertifiedIssuer<'static, KeyPair>) -> String {
    let key = key();
    let params = CertificateParams::new(vec!["client.example".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, authority).expect("a certificate");
    format!("{}{}", pem("CERTIFICATE", certificate.der()), pem("PRIVATE KEY", &key.serialize_der()))
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
