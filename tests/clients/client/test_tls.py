"""TLS: a server is trusted by the authority that the client names, and by no other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from claimflow.client import Client, RetryPolicy, Tls, TransportError, connect
from claimflow.v1.query_service_pb2 import GetClaimResponse

ONCE = RetryPolicy(attempts_max=1)


def certificate(key: ec.EllipticCurvePrivateKey, name: str) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    return tmp_path / "roots.pem"


@pytest.fixture
def address(roots: Path) -> Iterator[str]:
    """A TLS server under the name claims.example, whose authority stands in `roots`."""
    key = ec.generate_private_key(ec.SECP256R1())
    roots.write_bytes(certificate(key, "claims.example"))
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    handler: Any = grpc.unary_unary_rpc_method_handler(
        lambda request, context: GetClaimResponse(),
        response_serializer=GetClaimResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("claimflow.v1.QueryService", {"GetClaim": handler}),)
    )
    credentials = grpc.ssl_server_credentials([(secret, roots.read_bytes())])
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(grace=None).wait()


def client(address: str, tls: Tls | bool | None) -> Client:
    return connect(command_addr=address, query_addr=address, token="t", tls=tls, retry=ONCE)


def test_a_server_of_the_named_authority_is_trusted(address: str, roots: Path) -> None:
    with client(address, Tls(root_certificates=roots, server_name="claims.example")) as trusting:
        assert trusting.get_claim("c-1") == GetClaimResponse()


def test_a_server_of_another_name_is_not(address: str, roots: Path) -> None:
    with client(address, Tls(root_certificates=roots)) as strict, pytest.raises(TransportError):
        strict.get_claim("c-1")


def test_a_server_of_an_unknown_authority_is_not(address: str) -> None:
    with client(address, True) as strict, pytest.raises(TransportError):
        strict.get_claim("c-1")
