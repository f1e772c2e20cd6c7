"""Lines of an archive: JSON, a checksum before each, values exactly as the feed had them.

A line is `["<CRC-32 of the object, 8 hex digits>",{...}]`, so every line is JSON for other tools
too. Lines are numbered without a gap through all segments; a segment begins with a header. Values
that JSON has no form for are pairs of a letter and a text.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson

from projections.feed import Advance, FeedLost, Identity, Position, Row, Transaction

FORMAT: Final = 1

Item = Transaction | Advance


@dataclass(frozen=True, slots=True)
class Header:
    """What a segment begins with: whose log it is, and from where on it holds everything."""

    identity: Identity
    base: Position


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is whole."""

    number: int
    content: Header | Item


# A datetime is a date too, so it stands first.
_TO_PAIR: Final[tuple[tuple[type, str, Callable[[Any], str]], ...]] = (
    (UUID, "u", str),
    (datetime, "t", datetime.isoformat),
    (date, "d", date.isoformat),
    (bytes, "b", lambda value: b64encode(value).decode()),
    (Decimal, "n", str),
)
_FROM_PAIR: Final[dict[str, Callable[[str], Any]]] = {
    "u": UUID,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "b": b64decode,
    "n": Decimal,
}


def encode(line: Line) -> bytes:
    """Return a line as bytes, its end included."""
    body = orjson.dumps({"number": line.number, **_object(line.content)})
    return b'["%08x",%b]\n' % (zlib.crc32(body), body)


def decode(data: bytes) -> Line | None:
    """Return what a line says, None when it is not whole."""
    body = data[12:-2]
    if not data.endswith(b"]\n") or data[:12] != b'["%08x",' % zlib.crc32(body):
        return None
    found = orjson.loads(body)
    return Line(found["number"], _content(found))


def _object(content: Header | Item) -> dict[str, Any]:
    if isinstance(content, Header):
        identity = content.identity
        return {
            "kind": "header",
            "format": FORMAT,
            "store_epoch": str(identity.store_epoch),
            "system_id": identity.system_id,
            "timeline": identity.timeline,
            "base": content.base,
        }
    if isinstance(content, Advance):
        return {
            "kind": "advance",
            "position": content.position,
            "time": content.time.isoformat(),
        }
    return {
        "kind": "transaction",
        "position": content.position,
        "time": content.commit_time.isoformat(),
        "size_bytes": content.size_bytes,
        "complete": content.complete,
        "rows": [
            [row.table, {name: _plain(value) for name, value in row.values.items()}]
            for row in content.rows
        ],
    }


def _content(found: dict[str, Any]) -> Header | Item:
    if found["kind"] == "header":
        if found["format"] != FORMAT:
            raise FeedLost("the archive has a format that is not known here")
        identity = Identity(UUID(found["store_epoch"]), found["system_id"], found["timeline"])
        return Header(identity, found["base"])
    time = datetime.fromisoformat(found["time"])
    if found["kind"] == "advance":
        return Advance(found["position"], time)
    rows = [
        Row(table, {name: _value(value) for name, value in values.items()})
        for table, values in found["rows"]
    ]
    return Transaction(found["position"], time, rows, found["size_bytes"], found["complete"])


def _plain(value: Any) -> Any:
    for kind, letter, write in _TO_PAIR:
        if isinstance(value, kind):
            return [letter, write(value)]
    return value


def _value(value: Any) -> Any:
    return _FROM_PAIR[value[0]](value[1]) if isinstance(value, list) else value
