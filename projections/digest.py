"""A small hash of a document's id and version, the same in Python and in SQL, for proving equality.

Documents fall into 256 slices by the last byte of the id they are about, which is random in every
id that the server makes. A slice's digest is the count and the sum of its documents' hashes: 32
bits each, so that a sum stays exact as a double up to two million documents a slice.
"""

from __future__ import annotations

import hashlib
from typing import Final

from psycopg import sql

from projections.views.subject import Key

SLICES: Final = 256


def slice_of(key: Key) -> int:
    """Return the slice, 0 to 255, that the document about a thing falls into."""
    return key[1].bytes[15]


def digest_of(key: Key, version: int) -> int:
    """Return the hash, 0 to 2**32 - 1, of a document at a version."""
    text = f"{key[0]}/{key[1]}/{version}".encode()
    return int(hashlib.md5(text, usedforsecurity=False).hexdigest()[:8], 16)


# The same over columns tenant_id, id and version of a query.
SLICE_SQL: Final = sql.SQL("get_byte(uuid_send(id), 15)")
DIGEST_SQL: Final = sql.SQL(
    "('x' || left(md5(tenant_id || '/' || id || '/' || version), 8))::bit(32)::bigint"
)
