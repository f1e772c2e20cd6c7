"""Credentials of the demo tenant: an issuer of its own, on this machine, for this installation."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.embedded.settings import write_atomically

ISSUER: Final = "claimflow-embedded"
AUDIENCE: Final = "claimflow"
DEMO_TENANT: Final = "00000000-0000-7000-8000-00000000d3e0"
LIFETIME_SECONDS: Final = 24 * 3600
REMINT_SECONDS: Final = 3600

ROLES: Final = (
    "SUBMITTER", "INTAKE", "EXAMINER", "MEDICAL_REVIEWER", "SUPERVISOR", "APPROVER", "FINANCE",
    "APPEALS_ANALYST", "COB_SPECIALIST", "SIU", "MEMBER", "PROVIDER_READER", "AUDITOR",
    "PRIVACY_OFFICER", "ADMIN", "INDEXER", "ANALYST", "SYSTEM",
)  # fmt: skip
# Decisions of two people need a second person of the role.
SECOND_PEOPLE: Final = ("EXAMINER", "APPROVER")
# The one token of the `env` file: enough to submit, to decide and to look around.
DEMO_SUBJECT: Final = "demo"
DEMO_ROLES: Final = ("SUBMITTER", "EXAMINER", "SUPERVISOR")


class TokenMint:
    """Signs credentials with the key of a folder, made when missing.

    Besides the key (`signing.pem`) the folder gets `jwks.json`, the public half that servers pin.
    """

    def __init__(self, keys: Path, *, issuer: str = ISSUER, audience: str = AUDIENCE) -> None:
        keys.mkdir(parents=True, exist_ok=True)
        self.issuer = issuer
        self.audience = audience
        self.jwks_file = keys / "jwks.json"
        self._key = _signing_key(keys / "signing.pem")
        public = self._key.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        jwk = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(public)}
        self.key_id = _thumbprint(jwk)
        listed = {**jwk, "kid": self.key_id, "use": "sig", "alg": "EdDSA"}
        write_atomically(self.jwks_file, json.dumps({"keys": [listed]}) + "\n", mode=0o644)

    def mint(
        self,
        roles: str | Iterable[str],
        *,
        subject: str | None = None,
        tenant: str = DEMO_TENANT,
        lifetime_seconds: int = LIFETIME_SECONDS,
        now: float | None = None,
        overrides: Mapping[str, object] | None = None,
    ) -> str:
        """Return a signed access token; the subject is the first role's person number one.

        `now` (epoch seconds) and `overrides` (claims to replace, None removes one) are for tests
        of what a server must not accept.
        """
        held = [roles] if isinstance(roles, str) else list(roles)
        issued = int(time.time() if now is None else now)
        claims: dict[str, object] = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": subject or f"{file_name(held[0])}-1",
            "tenant": tenant,
            "roles": held,
            "iat": issued,
            "nbf": issued,
            "exp": issued + lifetime_seconds,
            "jti": str(uuid.uuid4()),
            **(overrides or {}),
        }
        present = {name: value for name, value in claims.items() if value is not None}
        headers = {"typ": "at+jwt", "kid": self.key_id}
        return jwt.encode(present, self._key, algorithm="EdDSA", headers=headers)

    def write_tokens(self, folder: Path) -> str:
        """Write a fresh token for each role (`examiner`, `examiner-2`, ...); return the demo one.

        The caller puts that into the `env` file.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for role in ROLES:
            write_atomically(folder / file_name(role), self.mint(role) + "\n")
        for role in SECOND_PEOPLE:
            name = f"{file_name(role)}-2"
            write_atomically(folder / name, self.mint(role, subject=name) + "\n")
        return self.mint(DEMO_ROLES, subject=DEMO_SUBJECT)


def file_name(role: str) -> str:
    """Return a role's name as its token file has it."""
    return role.lower()


def secret(path: Path) -> Path:
    """Return the path of a random 32-byte secret, made when missing."""
    if not path.exists():
        write_atomically(path, os.urandom(32))
    return path


def _signing_key(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        write_atomically(
            path,
            Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey), "the folder's signing key is of another kind"
    return key


def _thumbprint(jwk: Mapping[str, str]) -> str:
    """Return the key's identity after RFC 7638."""
    canonical = json.dumps(jwk, sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
