"""Keyed hashes: how a direct identifier can be looked up in an index that does not hold it (D10).

HMAC-SHA-256 under a key of the tenant, cut to 128 bits. Only for values of high entropy: member
numbers, patient control numbers. Worker and query server hold the same key; a new key means a new
generation of the index.
"""

from __future__ import annotations

import hmac
from uuid import UUID


def blind(index_key: bytes, tenant_id: UUID, kind: str, value: str) -> str:
    """Return the keyed hash of a value, 32 hex digits; case and outer spaces do not matter."""
    tenant_key = hmac.digest(index_key, tenant_id.bytes, "sha256")
    text = f"{kind}\x00{value.strip().upper()}"
    return hmac.digest(tenant_key, text.encode(), "sha256").hex()[:32]
