"""What an event changed: the difference of two messages, leaf by leaf, as a caller may see it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from claimflow.v1 import claim_pb2, query_service_pb2
from server.platform.contract import phi_class
from server.platform.redaction import Sight

_DATE = "google.type.Date"
_TIMESTAMP = "google.protobuf.Timestamp"
# They change with every event, and the event itself says them.
_ENVELOPE = frozenset({"version", "head_hash", "update_time", "policy_version", "redacted_fields"})

Leaf = tuple[str, Any]  # JSON text and the field's description in the contract


def changes(
    before: claim_pb2.Claim | None, after: claim_pb2.Claim, sight: Sight
) -> list[query_service_pb2.FieldChange]:
    """Return the fields that differ, by path; values only where the caller sees them."""
    old = dict(_leaves(before, "", top=True)) if before is not None else {}
    new = dict(_leaves(after, "", top=True))
    listed = []
    for path in sorted(old.keys() | new.keys(), key=_in_order):
        was, now = old.get(path), new.get(path)
        if was == now:
            continue
        seen = _seen((now or was or ("", None))[1], sight)
        listed.append(
            query_service_pb2.FieldChange(
                field_path=path,
                before=was[0] if was and seen else "",
                after=now[0] if now and seen else "",
            )
        )
    return listed


def _seen(field: Any, sight: Sight) -> bool:
    phi = phi_class(field)
    return not phi or phi in sight.classes or field.full_name in sight.also


def _in_order(path: str) -> list[tuple[str, int]]:
    """Sort places in lists as numbers."""
    order = []
    for part in path.split("."):
        name, _, place = part.partition("[")
        order.append((name, int(place[:-1]) if place else -1))
    return order


def _leaves(message: Any, path: str, *, top: bool = False) -> Iterator[tuple[str, Leaf]]:
    for field, value in message.ListFields():
        if top and field.name in _ENVELOPE:
            continue
        here = f"{path}.{field.name}" if path else field.name
        if not field.is_repeated:
            yield from _leaf(field, value, here)
            continue
        for place, each in enumerate(value):
            yield from _leaf(field, each, f"{here}[{place}]")


def _leaf(field: Any, value: Any, path: str) -> Iterator[tuple[str, Leaf]]:
    kind = field.message_type
    if kind is None:
        if field.enum_type is not None:
            name = field.enum_type.values_by_number[value].name
            prefix = field.enum_type.values_by_number[0].name.removesuffix("UNSPECIFIED")
            value = name.removeprefix(prefix)
        yield path, (json.dumps(value, ensure_ascii=False), field)
    elif kind.full_name == _DATE:
        yield path, (f'"{value.year:04}-{value.month:02}-{value.day:02}"', field)
    elif kind.full_name == _TIMESTAMP:
        yield path, (json.dumps(value.ToJsonString()), field)
    else:
        yield from _leaves(value, path)
