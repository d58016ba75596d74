"""Certificates that a test makes for itself, by the `openssl` program: an authority, and a server it vouches
for."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    """PEM files. `ca`: the authority. `certificate`, `key`: the server's."""

    ca: Path
    certificate: Path
    key: Path


def make(folder: Path, names: str = "DNS:sip.example,IP:127.0.0.1", *, days: int = 2) -> Certificates:
    """A server's certificate with these subjectAltNames. `days` 0: expired at once."""
    ca, ca_key = folder / "ca.pem", folder / "ca.key"
    certificate, key = folder / "server.pem", folder / "server.key"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _openssl("req", "-x509", *curve, "-keyout", ca_key, "-out", ca, "-subj", "/CN=Test authority", "-days", "2")
    # Signed at once by the authority: -addext works with -x509, -CA only since OpenSSL 3.
    _openssl(
        *("req", "-x509", *curve, "-keyout", key, "-out", certificate, "-subj", "/CN=server", "-days", str(days)),
        *("-CA", ca, "-CAkey", ca_key, "-addext", f"subjectAltName={names}"),
        *("-addext", "basicConstraints=critical,CA:false"),
    )
    return Certificates(ca, certificate, key)


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=20)
