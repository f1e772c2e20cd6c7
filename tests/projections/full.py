"""Values with every field filled in, and a mark in whatever names a person."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

CANARY = "zqcanary"
# Not stored apart, yet nothing that an index may hold in the clear.
NAMES_A_PERSON = frozenset({"patient_control_number"})


def full(kind: Any, name: str = "", *, marked: bool = False) -> Any:
    """Return a value of a type with nothing left at its default."""
    if get_origin(kind) in (Union, types.UnionType):
        (kind,) = (one for one in get_args(kind) if one is not type(None))
    if get_origin(kind) is tuple:
        return (full(get_args(kind)[0], name, marked=marked),)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        make: Any = kind
        return make(
            **{
                one.name: full(
                    hints[one.name],
                    one.name,
                    marked=marked or bool(one.metadata.get("sealed")) or one.name in NAMES_A_PERSON,
                )
                for one in fields(kind)
            }
        )
    return _scalar(kind, name, marked)


def _scalar(kind: Any, name: str, marked: bool) -> Any:
    if issubclass(kind, Enum):
        return list(kind)[-1]
    if issubclass(kind, bool):
        return True
    if issubclass(kind, datetime):
        return datetime(2026, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
    if issubclass(kind, date):
        return date(1931, 7, 13) if marked else date(2026, 2, 3)
    if issubclass(kind, str):
        return f"{CANARY}{name}" if marked else f"some {name}"
    plain = {int: 1, Decimal: Decimal("12.34"), UUID: UUID(int=7), bytes: b"\x01" * 32}
    return plain[kind]
