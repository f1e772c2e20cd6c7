"""Messages of Postgres' logical decoding plugin `pgoutput` (protocol 1, binary), as values.

See "Logical Replication Message Formats" in Postgres' manual. A relation is described once before
its first row; descriptions stay good until the next of the same relation.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from projections.feed import Row

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
EPOCH_MICROSECONDS: Final = 946_684_800_000_000
_EPOCH_DAY: Final = date(2000, 1, 1)
_BEGIN = struct.Struct(">QqI")  # final LSN, commit time, transaction id
_COMMIT = struct.Struct(">BQQq")  # flags, commit LSN, end LSN, commit time
_LENGTH = struct.Struct(">I")


class ProtocolError(Exception):
    """A message that this reader does not understand; names kinds and types, never values."""


@dataclass(frozen=True, slots=True)
class Begin:
    """A committed transaction starts."""

    final_lsn: int
    commit_time: datetime


@dataclass(frozen=True, slots=True)
class Commit:
    """It ends; the log goes on at `end_lsn`."""

    end_lsn: int
    commit_time: datetime


Message = Begin | Commit | Row | None


def moment(microseconds: int) -> datetime:
    """Return the instant of a count of microseconds since 2000."""
    return _EPOCH + timedelta(microseconds=microseconds)


def _instant(data: bytes) -> datetime:
    return moment(int.from_bytes(data, "big", signed=True))


def _integer(data: bytes) -> int:
    return int.from_bytes(data, "big", signed=True)


def _text(data: bytes) -> str:
    return data.decode()


def _day(data: bytes) -> date:
    return _EPOCH_DAY + timedelta(days=_integer(data))


# By type OID of pg_type.
_BINARY: Final[dict[int, Callable[[bytes], Any]]] = {
    16: lambda data: data == b"\x01",
    17: bytes,
    20: _integer,
    21: _integer,
    23: _integer,
    25: _text,
    1043: _text,
    1082: _day,
    1184: _instant,
    2950: lambda data: UUID(bytes=data),
}


@dataclass(frozen=True, slots=True)
class _Relation:
    table: str
    columns: tuple[tuple[str, Callable[[bytes], Any]], ...]


class Decoder:
    """Turns messages into values; holds the descriptions of relations."""

    def __init__(self) -> None:
        self._relations: dict[int, _Relation] = {}

    def decode(self, body: bytes) -> Message:
        """Return what a message says, None when it says nothing of rows."""
        kind = body[:1]
        if kind == b"I":
            return self._insert(body)
        if kind == b"B":
            final_lsn, commit_time, _ = _BEGIN.unpack_from(body, 1)
            return Begin(final_lsn, moment(commit_time))
        if kind == b"C":
            _, _, end_lsn, commit_time = _COMMIT.unpack_from(body, 1)
            return Commit(end_lsn, moment(commit_time))
        if kind == b"R":
            self._describe(body)
            return None
        if kind in (b"Y", b"O"):  # a type's name, an origin: nothing to keep
            return None
        raise ProtocolError(f"unexpected message {kind!r}: the publication must be of inserts only")

    def _describe(self, body: bytes) -> None:
        (oid,) = struct.unpack_from(">I", body, 1)
        schema_end = body.index(b"\0", 5)
        name_end = body.index(b"\0", schema_end + 1)
        table = f"{body[5:schema_end].decode()}.{body[schema_end + 1 : name_end].decode()}"
        (count,) = struct.unpack_from(">H", body, name_end + 2)  # after the replica identity
        at = name_end + 4
        columns = []
        for _ in range(count):
            end = body.index(b"\0", at + 1)  # after the flags
            name = body[at + 1 : end].decode()
            (type_oid,) = struct.unpack_from(">I", body, end + 1)
            read = _BINARY.get(type_oid)
            if read is None:
                raise ProtocolError(f"no reader for type {type_oid} of {table}.{name}")
            columns.append((name, read))
            at = end + 9
        self._relations[oid] = _Relation(table, tuple(columns))

    def _insert(self, body: bytes) -> Row:
        (oid,) = _LENGTH.unpack_from(body, 1)
        relation = self._relations[oid]
        at = 8  # after kind, relation, "N" and the number of columns
        values: dict[str, Any] = {}
        for name, read in relation.columns:
            tag = body[at]
            at += 1
            if tag == 110:  # n: null
                values[name] = None
                continue
            if tag != 98:  # b: binary
                raise ProtocolError(f"column {relation.table}.{name} did not come in binary form")
            (length,) = _LENGTH.unpack_from(body, at)
            at += 4
            values[name] = read(body[at : at + length])
            at += length
        return Row(relation.table, values)
