"""Keys for a deployment to try: `python -m server.embedded keys FOLDER [HOST ...]`."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.embedded.settings import write_atomically
from server.embedded.tokens import TokenMint, secret

CERTIFICATE_DAYS: Final = 90


def make_keys(folder: Path, hosts: Sequence[str]) -> None:
    """Make what `compose.yaml` mounts: issuer, secrets, a self-signed certificate, credentials.

    What is there already stays, but for the credentials, which are minted anew.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    secret(folder / "index.key")
    secret(folder / "seal.key")
    if not (folder / "tls.crt").exists():
        _self_signed(folder, hosts or ("localhost",))
    TokenMint(folder).write_tokens(folder / "tokens")


def _self_signed(folder: Path, hosts: Sequence[str]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.SubjectAlternativeName([_general(host) for host in hosts]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_atomically(folder / "tls.key", private)
    write_atomically(
        folder / "tls.crt", certificate.public_bytes(serialization.Encoding.PEM), mode=0o644
    )


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
