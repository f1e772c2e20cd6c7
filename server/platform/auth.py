"""Who calls: a bearer token, verified strictly, and what the caller may do (F69).

Everything that is wrong with a token gives one and the same answer; only an expired one says so.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from claimflow.v1 import errors_pb2, options_pb2
from server.platform import telemetry
from server.platform.contract import granted_roles
from server.platform.errors import Failure
from server.platform.settings import SettingsError

log = telemetry.logger(__name__)

ALGORITHMS = ("EdDSA", "ES256", "PS256", "RS256")
TOKEN_BYTES_MAX = 8 * 1024
LEEWAY_SECONDS = 30
RSA_BITS_MIN = 2048
CACHED_TOKENS_MAX = 10_000
SUBJECT_LENGTH_MAX = 200
# In this name the system itself acts (`server.claims.decided.SYSTEM_ACTOR`); nobody else may.
RESERVED_SUBJECT = "claimflow"
# A file that can no longer be read leaves its last good keys in force for this long (F70).
LAST_GOOD_SECONDS = 24 * 3600.0
# Three parts of base64url, without padding: one token has one spelling.
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_TYPES = frozenset({"at+jwt", "application/at+jwt"})
_ROLES = {
    value.name.removeprefix("ROLE_"): value.number
    for value in options_pb2.Role.DESCRIPTOR.values
    if value.number
}


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller, as the credential says."""

    subject: str
    tenant: UUID
    roles: frozenset[int]
    npis: frozenset[str]
    member_id: str | None
    expires_at: float  # seconds since 1970


class Authenticator:
    """Verifies bearer tokens against the keys of a pinned JWKS file.

    A file that holds no usable key is a `SettingsError` at the start; later the last good keys
    stay in force, for a day at most.
    """

    def __init__(self, jwks_file: Path, *, issuer: str, audience: str) -> None:
        self._file = jwks_file
        self._issuer = issuer
        self._audience = audience
        self._stamp: tuple[int, int] = (0, 0)
        self._keys: dict[str, tuple[str, Any]] = {}
        self._cache: OrderedDict[bytes, Principal] = OrderedDict()
        self._checked_at = self._good_at = time.monotonic()
        self._load()

    def authenticate(self, authorization: str | None) -> Principal:
        """Return the caller of an `authorization` value; a CREDENTIALS_* failure otherwise."""
        if not authorization:
            raise Failure(errors_pb2.ERROR_REASON_CREDENTIALS_MISSING)
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or len(token) > TOKEN_BYTES_MAX:
            raise _invalid()
        if _COMPACT.fullmatch(token) is None:
            raise _invalid()
        self._reload()
        digest = hashlib.sha256(token.encode()).digest()
        known = self._cache.get(digest)
        if known is not None:
            if known.expires_at + LEEWAY_SECONDS <= time.time():
                del self._cache[digest]
                raise Failure(errors_pb2.ERROR_REASON_CREDENTIALS_EXPIRED)
            return known
        principal = self._verify(token)
        self._cache[digest] = principal
        if len(self._cache) > CACHED_TOKENS_MAX:
            self._cache.popitem(last=False)
        return principal

    def _verify(self, token: str) -> Principal:
        try:
            header = jwt.get_unverified_header(token)
            algorithm, key = self._key(header)
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
        except jwt.ExpiredSignatureError:
            raise Failure(errors_pb2.ERROR_REASON_CREDENTIALS_EXPIRED) from None
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            raise _invalid() from None
        return _principal(claims, self._issuer)

    def _key(self, header: Mapping[str, Any]) -> tuple[str, Any]:
        kid = header.get("kid")
        typ = header.get("typ")
        if "crit" in header or not isinstance(kid, str) or not isinstance(typ, str):
            raise _invalid()
        if typ.lower() not in _TYPES or kid not in self._keys:
            raise _invalid()
        algorithm, key = self._keys[kid]
        if header.get("alg") != algorithm:
            raise _invalid()
        return algorithm, key

    def _reload(self) -> None:
        # A file's stamp is looked at most once a second: rotation without restart, no cost a call.
        now = time.monotonic()
        if now - self._checked_at < 1.0:
            return
        self._checked_at = now
        try:
            status = self._file.stat()
            if (status.st_mtime_ns, status.st_ino) != self._stamp:
                self._load()
        except (OSError, ValueError) as error:
            telemetry.log_exception(log, "the key file cannot be read", error)
            if now - self._good_at > LAST_GOOD_SECONDS:
                self._keys = {}
                self._cache.clear()
            return
        self._good_at = now

    def _load(self) -> None:
        """Read the keys; `SettingsError` when there are none."""
        status = self._file.stat()
        self._keys = read_keys(self._file.read_text())
        self._stamp = (status.st_mtime_ns, status.st_ino)
        self._cache.clear()


def read_keys(text: str) -> dict[str, tuple[str, Any]]:
    """Return algorithm and public key by key id of a JWKS; `SettingsError` when none is usable.

    Keys for other uses, of other algorithms, too short, private or without an id are passed over.
    """
    keys: dict[str, tuple[str, Any]] = {}
    try:
        listed = json.loads(text)["keys"]
        for one in listed:
            # A symmetric key here would let everybody sign who may read the file.
            if one.get("kty") == "oct" or one.get("use", "sig") != "sig":
                continue
            try:
                jwk = jwt.PyJWK(one)
            except jwt.PyJWTError:
                continue
            if jwk.key_id and _is_usable(jwk.algorithm_name, jwk.key):
                keys[jwk.key_id] = (jwk.algorithm_name, jwk.key)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise SettingsError("CLAIMFLOW_JWKS_FILE names no JWKS") from None
    if not keys:
        raise SettingsError("CLAIMFLOW_JWKS_FILE names a file without a usable key")
    return keys


def _is_usable(algorithm: str, key: object) -> bool:
    if algorithm == "EdDSA":
        return isinstance(key, Ed25519PublicKey)
    if algorithm == "ES256":
        return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
    return (
        algorithm in ALGORITHMS and isinstance(key, RSAPublicKey) and key.key_size >= RSA_BITS_MIN
    )


def _principal(claims: Mapping[str, Any], issuer: str) -> Principal:
    subject, roles = claims.get("sub"), claims.get("roles")
    npis, member_id = claims.get("npis", []), claims.get("member_id")
    # PyJWT takes a list of issuers for a match; the contract says one exact string.
    if claims.get("iss") != issuer or not isinstance(claims.get("iss"), str):
        raise _invalid()
    if not isinstance(subject, str) or not 1 <= len(subject) <= SUBJECT_LENGTH_MAX:
        raise _invalid()
    if not subject.isprintable() or subject.isspace():
        raise _invalid()
    # Neither case nor blanks make another name of it for who reads a history.
    if subject.strip().casefold() == RESERVED_SUBJECT:
        raise _invalid()
    if not isinstance(roles, list) or not _texts(npis):
        raise _invalid()
    if member_id is not None and not isinstance(member_id, str):
        raise _invalid()
    held = frozenset(_ROLES[role] for role in roles if isinstance(role, str) and role in _ROLES)
    if not held:
        raise _invalid()
    try:
        tenant = UUID(claims["tenant"])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise _invalid() from None
    return Principal(
        subject, tenant, held, frozenset(npis), member_id or None, float(claims["exp"])
    )


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _invalid() -> Failure:
    return Failure(errors_pb2.ERROR_REASON_CREDENTIALS_INVALID)


@cache
def roles_of(permission: int) -> tuple[int, ...]:
    """Return the roles that hold a permission, in the contract's order."""
    return granted_roles(permission)


def acting_role(principal: Principal, permission: int) -> int:
    """Return the first role of the caller that holds a permission, or `PERMISSION_MISSING`."""
    for role in roles_of(permission):
        if role in principal.roles:
            return role
    name = options_pb2.Permission.Name(permission)
    raise Failure(
        errors_pb2.ERROR_REASON_PERMISSION_MISSING,
        {"permission": name.removeprefix("PERMISSION_")},
    )
