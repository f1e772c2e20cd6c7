"""Typed binary arrays: columns of a set-based statement, in the bytes that Postgres reads.

The driver's own list adaptation picks a type by looking at the values, so that an empty or an
all-null list changes the statement; here the type is the column's, and one preparation serves.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD: Final = struct.Struct("!iiIii")  # dimensions, has nulls, element type, length, lower bound
_EMPTY: Final = struct.Struct("!iiI")
_NULL: Final = b"\xff\xff\xff\xff"
_INT4: Final = struct.Struct("!ii")
_INT8: Final = struct.Struct("!iq")
_SIZE: Final = struct.Struct("!i")
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_DAY_ZERO: Final = date(2000, 1, 1).toordinal()
_MICROSECOND: Final = timedelta(microseconds=1)


class Column:
    """The values of one column, ready to be sent."""

    __slots__ = ("data", "empty")
    element_oid: int
    array_oid: int

    def __init__(self, values: Iterable[Any]) -> None:
        pack = self.pack
        parts = [_NULL if value is None else pack(value) for value in values]
        self.empty = not parts
        if not parts:
            self.data = _EMPTY.pack(0, 0, self.element_oid)
            return
        self.data = b"".join((_HEAD.pack(1, 1, self.element_oid, len(parts), 1), *parts))

    pack: Callable[[Any], bytes]


def _sized(data: bytes) -> bytes:
    return _SIZE.pack(len(data)) + data


class Uuids(Column):
    """uuid[]."""

    element_oid, array_oid = 2950, 2951
    pack = staticmethod(lambda value: b"\x00\x00\x00\x10" + value.bytes)


class Texts(Column):
    """text[]."""

    element_oid, array_oid = 25, 1009
    pack = staticmethod(lambda value: _sized(value.encode()))


class Utf8(Column):
    """text[] of values that are UTF-8 bytes already."""

    element_oid, array_oid = 25, 1009
    pack = staticmethod(_sized)


class Blobs(Column):
    """bytea[]."""

    element_oid, array_oid = 17, 1001
    pack = staticmethod(_sized)


class Integers(Column):
    """integer[]."""

    element_oid, array_oid = 23, 1007
    pack = staticmethod(lambda value: _INT4.pack(4, value))


class Longs(Column):
    """bigint[]."""

    element_oid, array_oid = 20, 1016
    pack = staticmethod(lambda value: _INT8.pack(8, value))


class Moments(Column):
    """timestamptz[]."""

    element_oid, array_oid = 1184, 1185
    pack = staticmethod(lambda value: _INT8.pack(8, (value - _EPOCH) // _MICROSECOND))


class Dates(Column):
    """date[]."""

    element_oid, array_oid = 1082, 1182
    pack = staticmethod(lambda value: _INT4.pack(4, value.toordinal() - _DAY_ZERO))


KINDS: Final[tuple[type[Column], ...]] = (
    Uuids, Texts, Utf8, Blobs, Integers, Longs, Moments, Dates,
)  # fmt: skip


def _dumper(kind: type[Column]) -> type[Dumper]:
    class ColumnDumper(Dumper):
        oid = kind.array_oid
        format = Format.BINARY

        def dump(self, obj: Any) -> Buffer | None:
            data: bytes = obj.data
            return data

    return ColumnDumper


_DUMPERS: Final = {kind: _dumper(kind) for kind in KINDS}


def register(connection: AsyncConnection[Any]) -> None:
    """Let a connection take columns as parameters (`%b`)."""
    for kind, dumper in _DUMPERS.items():
        connection.adapters.register_dumper(kind, dumper)


def uuid_literal(values: Iterable[UUID]) -> str:
    """Return an array of ids as it stands in a statement without parameters."""
    return "'{" + ",".join(str(value) for value in values) + "}'::uuid[]"


Plan = Sequence[tuple[type[Column], Callable[[Any], Any]]]


def filled(plan: Plan, rows: Sequence[Any]) -> Iterator[Column]:
    """Yield the columns of a plan, each with its value of every row."""
    for kind, value_of in plan:
        yield kind(map(value_of, rows))
