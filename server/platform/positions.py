"""Positions in the store's log, and the sealed tokens that carry them and pages."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from claimflow.v1 import errors_pb2
from server.platform.errors import Failure
from server.platform.settings import SettingsError

KEY_BYTES = 32
_MAC_BYTES = 16
_BODY = struct.Struct(">B16sQ")
_VERSION = 1


def read_key(path: Path) -> bytes:
    """Return the secret of a key file: exactly 32 bytes, else `SettingsError` names the file."""
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise SettingsError(f"{path.name} must hold exactly {KEY_BYTES} bytes, it has {len(key)}")
    return key


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the log of one store."""

    lsn: int

    def __str__(self) -> str:
        return f"{self.lsn >> 32:X}/{self.lsn & 0xFFFFFFFF:X}"

    @staticmethod
    def parse(text: str) -> Position:
        """Return the position of a text such as 0/16B3748."""
        high, _, low = text.partition("/")
        return Position((int(high, 16) << 32) | int(low, 16))


@dataclass(frozen=True, slots=True)
class ConsistencyToken:
    """What a caller brings to see what was written up to a position."""

    epoch: UUID
    lsn: int
    tenant: UUID


class TokenCodec:
    """Seals consistency tokens: readable for us alone, bound to a tenant."""

    def __init__(self, seal_key: bytes) -> None:
        self._key = hmac.new(seal_key, b"claimflow/consistency-token/1", hashlib.sha256).digest()

    def seal(self, token: ConsistencyToken) -> str:
        """Return the token as URL-safe text."""
        body = _BODY.pack(_VERSION, token.epoch.bytes, token.lsn)
        return _text(body + self._mac(body, token.tenant))

    def open(self, text: str, tenant: UUID) -> ConsistencyToken:
        """Return the token of a text; `TOKEN_INVALID` for any other text or tenant."""
        data = _bytes(text, errors_pb2.ERROR_REASON_TOKEN_INVALID)
        body, mac = data[: _BODY.size], data[_BODY.size :]
        if len(body) != _BODY.size or not hmac.compare_digest(mac, self._mac(body, tenant)):
            raise Failure(errors_pb2.ERROR_REASON_TOKEN_INVALID)
        version, epoch, lsn = _BODY.unpack(body)
        if version != _VERSION:
            raise Failure(errors_pb2.ERROR_REASON_TOKEN_INVALID)
        return ConsistencyToken(UUID(bytes=epoch), lsn, tenant)

    def _mac(self, body: bytes, tenant: UUID) -> bytes:
        return hmac.new(self._key, tenant.bytes + body, hashlib.sha256).digest()[:_MAC_BYTES]


class PageTokenCodec:
    """Seals page tokens: encrypted, bound to tenant, subject, method and arguments, with an end."""

    def __init__(self, seal_key: bytes) -> None:
        key = hmac.new(seal_key, b"claimflow/page-token/1", hashlib.sha256).digest()
        self._cipher = AESGCM(key)

    def seal(
        self, payload: bytes, *, tenant: UUID, subject: str, method: str, arguments: bytes,
        lifetime_s: float,
    ) -> str:  # fmt: skip
        """Return a payload as opaque text."""
        nonce = os.urandom(12)
        expires = struct.pack(">d", time.time() + lifetime_s)
        bound = _bound(tenant, subject, method, arguments)
        return _text(nonce + self._cipher.encrypt(nonce, expires + payload, bound))

    def open(
        self, text: str, *, tenant: UUID, subject: str, method: str, arguments: bytes
    ) -> bytes:
        """Return the payload; `PAGE_TOKEN_INVALID` or `PAGE_TOKEN_EXPIRED` otherwise."""
        data = _bytes(text, errors_pb2.ERROR_REASON_PAGE_TOKEN_INVALID)
        bound = _bound(tenant, subject, method, arguments)
        try:
            opened = self._cipher.decrypt(data[:12], data[12:], bound)
        except (InvalidTag, ValueError):
            raise Failure(errors_pb2.ERROR_REASON_PAGE_TOKEN_INVALID) from None
        (expires,) = struct.unpack(">d", opened[:8])
        if expires < time.time():
            raise Failure(errors_pb2.ERROR_REASON_PAGE_TOKEN_EXPIRED)
        return opened[8:]


def _bound(tenant: UUID, subject: str, method: str, arguments: bytes) -> bytes:
    digest = hashlib.sha256(tenant.bytes)
    for part in (subject.encode(), method.encode(), arguments):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str, reason: errors_pb2.ErrorReason) -> bytes:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise Failure(reason) from None
