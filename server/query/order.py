"""The order of a search, AIP-132: fields in order, `desc` behind those that go down."""

from __future__ import annotations

import re
from typing import Any

from server.platform.redaction import Sight
from server.query.conditions import Unreadable
from server.query.fields import FIELDS

FIELDS_MAX = 4
LENGTH_MAX = 400

_PART = re.compile(r"\s*([A-Za-z_.]+)(?:\s+(asc|desc))?\s*", re.ASCII)
_TIE_BREAK = {"claim_id": {"order": "asc"}}

Sort = list[dict[str, Any]]


def parse_order(text: str, sight: Sight, *, ranked: bool) -> Sort:
    """Return the sort of a search; empty text: best match first when ranked, else newest first.

    Raises `Unreadable` with the position of the part that cannot be read.
    """
    if not text.strip():
        first: Sort = [{"_score": {"order": "desc"}}] if ranked else []
        return [*first, {"receive_time": {"order": "desc", "missing": "_last"}}, _TIE_BREAK]
    if len(text) > LENGTH_MAX:
        raise Unreadable(LENGTH_MAX, f"an order has at most {LENGTH_MAX} characters")
    sort: Sort = []
    named: set[str] = set()
    at = 0
    for part in text.split(","):
        found = _PART.fullmatch(part)
        if found is None:
            raise Unreadable(at, "a field's name and asc or desc, separated by commas")
        name, direction = found[1], found[2] or "asc"
        start = at + found.start(1)
        field = FIELDS.get(name)
        if field is None or not field.sortable:
            raise Unreadable(start, "there is no field of this name to order by")
        if not field.visible_to(sight):
            raise Unreadable(start, "the caller may not order by this field")
        if name in named or len(named) == FIELDS_MAX:
            raise Unreadable(start, f"an order has at most {FIELDS_MAX} fields, none twice")
        named.add(name)
        sort.append({field.path: {"order": direction, "missing": "_last"}})
        at += len(part) + 1
    return sort if "claim_id" in named else [*sort, _TIE_BREAK]
