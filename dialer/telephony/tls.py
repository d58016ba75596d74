"""TLS for SIP: whom we trust, who we are, and what went wrong in words (RFC 3261 § 26.3, RFC 5922)."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from dialer.telephony.errors import CertificateUnusable


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files. `ca`: who may have signed the certificates of servers, the system's authorities when None.
    `certificate`, `key`: ours, for connections made to us and for servers that ask who we are; both or none."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


def client_context(files: TlsFiles) -> ssl.SSLContext:
    """For connections we make: TLS 1.2 at least, the certificate verified and of the host we meant, by its
    subjectAltName (RFC 5922 § 7.2; a `sip:` URI there is not looked at). Raises `CertificateUnusable`."""
    try:
        context = ssl.create_default_context(cafile=str(files.ca) if files.ca else None)
    except (OSError, ssl.SSLError) as error:
        raise CertificateUnusable(files.ca, str(error)) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False  # RFC 5922 § 7.1: a name in the subject is none where SAN stands
    if files.certificate is not None:
        _load(context, files)
    return context


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """For connections made to us; nobody is asked for a certificate. Raises `CertificateUnusable`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(context, files)
    return context


def _load(context: ssl.SSLContext, files: TlsFiles) -> None:
    if files.certificate is None or files.key is None:
        raise CertificateUnusable(files.certificate or files.key, "a certificate needs its key, and a key its own")
    try:
        context.load_cert_chain(files.certificate, files.key)
    except (OSError, ssl.SSLError) as error:
        raise CertificateUnusable(files.certificate, str(error)) from error


def in_words(error: BaseException) -> str:
    """Why a connection could not be made, and what to do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not accepted: {error.verify_message}; "
            "name the host as in the certificate, or give the authority that signed it (sip.tls_ca)"
        )
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or error}; is this its TLS port, and does it speak TLS 1.2 or later?"
    if isinstance(error, TimeoutError):
        return "no answer to the attempt to connect; is the address right, and does a firewall let us through?"
    if isinstance(error, ConnectionRefusedError):
        return "it refuses connections; does it listen on this port with this transport?"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error) or type(error).__name__
