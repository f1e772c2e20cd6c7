"""Messages of Postgres' logical decoding plugin `pgoutput` (protocol 1, binary), as values.

See "Logical Replication Message Formats" in Postgres' manual. A relation is described once before
its first row; descriptions stay good until the next of the same relation.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from projections.feed import Position, Row, Transaction

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
EPOCH_MICROSECONDS: Final = 946_684_800_000_000
_EPOCH_DAY: Final = date(2000, 1, 1)
_BEGIN = struct.Struct(">QqI")  # final LSN, commit time, transaction id
_COMMIT = struct.Struct(">BQQq")  # flags, commit LSN, end LSN, commit time
_LENGTH = struct.Struct(">I")
_NUMERIC = struct.Struct(">HhHH")  # digits, weight of the first, sign, digits after the point
_PART_BYTES_MAX = 2 * 1024 * 1024  # a larger transaction is handed over in parts


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


def _numeric(data: bytes) -> Decimal:
    count, weight, sign, scale = _NUMERIC.unpack_from(data)
    if sign >= 0xC000:  # NaN and the infinities
        return Decimal({0xC000: "NaN", 0xD000: "Infinity", 0xF000: "-Infinity"}[sign])
    digits = struct.unpack_from(f">{count}H", data, _NUMERIC.size)  # to the base of 10,000
    whole = 0
    for digit in digits:
        whole = whole * 10_000 + digit
    shift = 4 * (weight + 1 - count) + scale
    whole = whole * 10**shift if shift >= 0 else whole // 10**-shift  # what is cut off is zeros
    return Decimal((1 if sign else 0, tuple(map(int, str(whole))), -scale))


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
    1700: _numeric,
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
            if tag == 110:  # n: null
                values[name] = None
                at += 1
                continue
            if tag != 98:  # b: binary
                raise ProtocolError(f"column {relation.table}.{name} did not come in binary form")
            begin = at + 5
            at = begin + int.from_bytes(body[at + 1 : begin], "big")
            values[name] = read(body[begin:at])
        return Row(relation.table, values)


class Assembler:
    """Puts messages together to transactions; large ones leave in parts."""

    def __init__(self, start: Position) -> None:
        # Every transaction up to here has left, or need not.
        self.received = start
        self._decoder = Decoder()
        self._begin: Begin | None = None
        self._known = False
        self._rows: list[Row] = []
        self._size_bytes = 0

    @property
    def is_open(self) -> bool:
        """Whether a transaction has begun whose end has not come yet."""
        return self._begin is not None

    def take(self, body: bytes) -> Transaction | None:
        """Return what is complete with a message, or a part; nothing of what left before."""
        if self._known and body[:1] == b"I":
            return None
        decoded = self._decoder.decode(body)
        if isinstance(decoded, Row):
            assert self._begin is not None, "rows come within a transaction"
            self._rows.append(decoded)
            self._size_bytes += len(body)
            if self._size_bytes < _PART_BYTES_MAX:
                return None
            return self._leave(self._begin.final_lsn, self._begin.commit_time, complete=False)
        if isinstance(decoded, Begin):
            self._begin = decoded
            # Its commit began before the end of something that has left, so it has left too.
            self._known = decoded.final_lsn < self.received
        elif isinstance(decoded, Commit):
            assert self._begin is not None, "a commit ends a transaction"
            self._begin = None
            if not self._known:
                self.received = decoded.end_lsn
                return self._leave(decoded.end_lsn, decoded.commit_time, complete=True)
        return None

    def _leave(self, position: int, commit_time: datetime, *, complete: bool) -> Transaction:
        rows, size_bytes = self._rows, self._size_bytes
        self._rows, self._size_bytes = [], 0
        return Transaction(position, commit_time, rows, size_bytes, complete)
