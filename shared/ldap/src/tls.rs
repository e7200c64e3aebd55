//! TLS to the directory: rustls with aws-lc, as everywhere in this project.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::{Settings, SettingsError};

/// How to talk TLS under these settings. Reads the system's certificates from disk where they are needed.
pub(crate) fn config(settings: &Settings) -> Result<Arc<ClientConfig>, SettingsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    // The provider is named, so no other crate's choice can make this panic.
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("aws-lc knows the default protocol versions");
    let config = if settings.verify_cert {
        builder.with_root_certificates(roots(&settings.ca_certificates)?).with_no_client_auth()
    } else {
        let anybody = Arc::new(Anybody(provider));
        builder.dangerous().with_custom_certificate_verifier(anybody).with_no_client_auth()
    };
    Ok(Arc::new(config))
}

/// The certificates of a PEM text, if there is at least one and all can be read.
pub(crate) fn certificates(pem: &str) -> Option<Vec<CertificateDer<'static>>> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().ok()?;
    let mut scratch = RootCertStore::empty();
    let are_good = found.iter().all(|certificate| scratch.add(certificate.clone()).is_ok());
    (are_good && !found.is_empty()).then_some(found)
}

fn roots(pem: &str) -> Result<RootCertStore, SettingsError> {
    let mut roots = RootCertStore::empty();
    let trusted = if pem.trim().is_empty() {
        // Some of the system's files may be unreadable; what is left decides, at worst nobody is trusted.
        rustls_native_certs::load_native_certs().certs
    } else {
        certificates(pem).ok_or(SettingsError::Certificates)?
    };
    roots.add_parsable_certificates(trusted);
    Ok(roots)
}

/// Takes any certificate, but not one whose key the server does not have.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
