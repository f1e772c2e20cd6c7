"""Events and folds as canonical JSON, with what names a person kept apart.

A frozen dataclass becomes two trees: the payload, and the sealed part with every field marked
`sealed` at the same path (list positions as keys). Fields at their default are left out, so fields
may be added later. Canonical means keys sorted, no spaces, UTF-8, amounts and dates as strings: the
bytes that are stored are the bytes that are hashed.

Encoders and decoders are built once for each class; nothing is looked up by name while a claim is
being written.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

Tree = Any  # JSON: dict, list, str, int, bool, None
Encoder = Callable[[Any], tuple[Tree, Tree]]
Decoder = Callable[[Tree, Tree], Any]
T = TypeVar("T")

_NOTHING = object()
_CANONICAL = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
)


def canonical(tree: Tree) -> bytes:
    """Return the canonical JSON text of a tree, as UTF-8."""
    return _CANONICAL.encode(tree).encode()


def encode(value: Any) -> tuple[Tree, Tree]:
    """Return the payload and the sealed part of a dataclass, {} when nothing is sealed."""
    kind: Any = type(value)
    payload, sealed = encoder(kind)(value)
    return payload, {} if sealed is None else sealed


def decode(kind: type[T], payload: Tree, sealed: Tree | None = None) -> T:
    """Return the value that `encode` took apart; a field in neither part has its default."""
    any_kind: Any = kind
    value: T = decoder(any_kind)(payload, sealed)
    return value


def instant(value: datetime) -> str:
    """Return an instant as ISO 8601 in UTC with microseconds."""
    plain = value if value.tzinfo is UTC else value.astimezone(UTC)
    return plain.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_instant(text: str) -> datetime:
    """Return the instant of an ISO 8601 text."""
    return datetime.fromisoformat(text)


def _scalar(convert: Callable[[Any], Tree] | None) -> Encoder:
    if convert is None:
        return lambda value: (value, None)
    return lambda value: (convert(value), None)


@cache
def encoder(kind: Any) -> Encoder:
    """Return what takes a value of a type apart."""
    kind = _without_none(kind)
    origin = get_origin(kind)
    if origin is tuple:
        return _sequence_encoder(encoder(get_args(kind)[0]))
    if origin in (dict, Mapping):
        return _mapping_encoder(encoder(get_args(kind)[1]))
    if is_dataclass(kind):
        return _class_encoder(kind)
    if isinstance(kind, type):
        if issubclass(kind, Enum):
            return _scalar(lambda value: value.value)
        if issubclass(kind, datetime):
            return _scalar(instant)
        if issubclass(kind, date):
            return _scalar(date.isoformat)
        if issubclass(kind, Decimal | UUID):
            return _scalar(str)
        if issubclass(kind, bytes):
            return _scalar(bytes.hex)
        if issubclass(kind, str | int | bool):
            return _scalar(None)
    raise TypeError(f"no storage format for {kind!r}")


def _sequence_encoder(item: Encoder) -> Encoder:
    def run(values: Any) -> tuple[Tree, Tree]:
        payload: list[Tree] = []
        sealed: dict[str, Tree] = {}
        for position, value in enumerate(values):
            one, other = item(value)
            payload.append(one)
            if other:
                sealed[str(position)] = other
        return payload, sealed or None

    return run


def _mapping_encoder(item: Encoder) -> Encoder:
    def run(values: Any) -> tuple[Tree, Tree]:
        return {key: item(value)[0] for key, value in values.items()}, None

    return run


def _class_encoder(kind: Any) -> Encoder:
    hints = get_type_hints(kind)
    plan = [
        (one.name, _default(one), encoder(hints[one.name]), bool(one.metadata.get("sealed")))
        for one in fields(kind)
    ]

    def run(value: Any) -> tuple[Tree, Tree]:
        payload: dict[str, Tree] = {}
        sealed: dict[str, Tree] = {}
        for name, default, encode_field, is_sealed in plan:
            field_value = getattr(value, name)
            if field_value is None or field_value == default:
                continue
            one, other = encode_field(field_value)
            if is_sealed:
                sealed[name] = one
                continue
            payload[name] = one
            if other:
                sealed[name] = other
        return payload, sealed or None

    return run


@cache
def decoder(kind: Any) -> Decoder:
    """Return what puts a value of a type together."""
    kind = _without_none(kind)
    origin = get_origin(kind)
    if origin is tuple:
        return _sequence_decoder(decoder(get_args(kind)[0]))
    if origin in (dict, Mapping):
        return _mapping_decoder(decoder(get_args(kind)[1]))
    if is_dataclass(kind):
        return _class_decoder(kind)
    if isinstance(kind, type):
        if issubclass(kind, datetime):
            return lambda payload, _: parse_instant(payload)
        if issubclass(kind, date):
            return lambda payload, _: date.fromisoformat(payload)
        if issubclass(kind, bytes):
            return lambda payload, _: bytes.fromhex(payload)
        if issubclass(kind, Enum):
            return _enum_decoder(kind)
        if issubclass(kind, Decimal | UUID):
            return lambda payload, _: kind(payload)
        if issubclass(kind, str | int | bool):
            return _as_it_is
    raise TypeError(f"no storage format for {kind!r}")


def _as_it_is(payload: Tree, _: Tree) -> Any:
    return payload


def _enum_decoder(kind: type[Enum]) -> Decoder:
    # The members by value: a call of the class takes ten times as long.
    members = {one.value: one for one in kind}

    def run(payload: Tree, _: Tree) -> Any:
        try:
            return members[payload]
        except (KeyError, TypeError):
            return kind(payload)  # says what is wrong

    return run


def _sequence_decoder(item: Decoder) -> Decoder:
    def run(payload: Tree, sealed: Tree) -> Any:
        if not sealed:
            return tuple([item(one, None) for one in payload])
        return tuple(item(one, sealed.get(str(place))) for place, one in enumerate(payload))

    return run


def _mapping_decoder(item: Decoder) -> Decoder:
    return lambda payload, _: {key: item(value, None) for key, value in payload.items()}


def _class_decoder(kind: Any) -> Decoder:
    hints = get_type_hints(kind)
    plan = {one.name: decoder(hints[one.name]) for one in fields(kind)}
    apart = {one.name for one in fields(kind) if one.metadata.get("sealed")}

    def run(payload: Tree, sealed: Tree) -> Any:
        values = {}
        for name, tree in payload.items():
            decode_field = plan[name]
            if decode_field is _as_it_is:
                values[name] = tree
            else:
                values[name] = decode_field(tree, sealed.get(name) if sealed else None)
        if sealed:
            for name, tree in sealed.items():
                decode_field = plan[name]  # also of a field whose own parts are sealed
                if name in apart:
                    values[name] = decode_field(tree, None)
        return kind(**values)

    return run


def _without_none(kind: Any) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        rest = [one for one in get_args(kind) if one is not type(None)]
        if len(rest) == 1:
            return rest[0]
    return kind


def _default(one: Any) -> Any:
    if one.default is not MISSING:
        return one.default
    if one.default_factory is not MISSING:
        return one.default_factory()
    return _NOTHING
