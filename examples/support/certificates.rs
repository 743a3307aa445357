//! The flags that say which certificates are trusted, and which one is shown.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use gomod_proxy_client::transport::{
    Identity, InvalidIdentityError, InvalidRootCertificatesError, RootCertificates,
};
use gomod_proxy_client::{Error, ErrorKind, ProxyClientBuilder};
use thiserror::Error as ThisError;

use crate::settings::SettingsError;

/// The certificates of all authorities of a system come to a quarter of a mebibyte.
const MAX_FILE: u64 = 16 << 20;

/// Whom a tool trusts besides the authorities of the machine, and what it shows of itself.
#[derive(Debug, Clone, Default, Args)]
#[non_exhaustive]
pub struct Certificates {
    /// Trust the certificates of authorities in this PEM file as well. May be given more than once.
    #[arg(long, global = true, value_name = "FILE")]
    pub ca: Vec<PathBuf>,

    /// Show this certificate to sources that ask for one: a PEM file with the certificate, others up to its authority, and the
    /// private key.
    #[arg(long, global = true, value_name = "FILE")]
    pub client_cert: Option<PathBuf>,

    /// The PEM file with the private key, where --client-cert has none.
    #[arg(long, global = true, value_name = "FILE", requires = "client_cert")]
    pub client_key: Option<PathBuf>,
}

/// What is wrong with a file of certificates.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum CertificatesError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// It holds no certificates of authorities.
    #[error(transparent)]
    Roots(#[from] InvalidRootCertificatesError),
    /// It holds no certificate with its key.
    #[error(transparent)]
    Identity(#[from] InvalidIdentityError),
}

impl Certificates {
    /// The builder of a client with them.
    ///
    /// # Errors
    /// [`SettingsError::Certificates`].
    pub(crate) fn add_to(
        &self,
        mut builder: ProxyClientBuilder,
    ) -> Result<ProxyClientBuilder, SettingsError> {
        if !self.ca.is_empty() {
            let mut roots = RootCertificates::new();
            for path in &self.ca {
                roots.extend(in_file("--ca", path, |pem| Ok(RootCertificates::from_pem(&pem)?))?);
            }
            builder = builder.root_certificates(roots);
        }
        if let Some(path) = &self.client_cert {
            let identity = in_file("--client-cert", path, |mut pem| {
                if let Some(key) = &self.client_key {
                    pem.push(b'\n');
                    pem.extend(read(key)?);
                }
                Ok(Identity::from_pem(&pem)?)
            });
            builder = builder.identity(identity?);
        }
        Ok(builder)
    }
}

fn in_file<T>(
    flag: &'static str,
    path: &Path,
    of: impl FnOnce(Vec<u8>) -> Result<T, CertificatesError>,
) -> Result<T, SettingsError> {
    let found = read(path).map_err(CertificatesError::from).and_then(of);
    found.map_err(|source| SettingsError::Certificates { flag, path: path.to_owned(), source })
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut content)?;
    if content.len() as u64 > MAX_FILE {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(content)
}

/// What to do where a server's certificate is of an authority that is not trusted, or none is.
pub fn next_step(error: &Error) -> Option<String> {
    if !error.is_unknown_issuer() && error.kind() != ErrorKind::NoTrustRoots {
        return None;
    }
    let step = "if the server is the right one, name a PEM file with the certificate of its authority: --ca FILE, or \
                SSL_CERT_FILE in the environment";
    Some(step.to_owned())
}
