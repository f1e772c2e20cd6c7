"""Kinds of fields of an index: only types of Elasticsearch's core.

An amount is two fields: the exact decimal text, for showing only, and integer cents, for comparing
and adding up.
"""

from __future__ import annotations

from typing import Any, Final

Properties = dict[str, Any]

SHOWN: Final = {"type": "keyword", "index": False, "doc_values": False}
_DATE: Final = {"type": "date", "format": "strict_date"}
_TIME: Final = {"type": "date", "format": "strict_date_optional_time"}


def keywords(*names: str) -> Properties:
    """Return fields that are matched whole."""
    return {name: {"type": "keyword"} for name in names}


def longs(*names: str) -> Properties:
    """Return fields of integers."""
    return {name: {"type": "long"} for name in names}


def amounts(*names: str) -> Properties:
    """Return fields of amounts, each with its cents."""
    shown = {name: SHOWN for name in names}
    return shown | longs(*(f"{name}_cents" for name in names))


def dates(*names: str) -> Properties:
    """Return fields of days."""
    return dict.fromkeys(names, _DATE)


def times(*names: str) -> Properties:
    """Return fields of instants."""
    return dict.fromkeys(names, _TIME)


def nested(properties: Properties) -> Properties:
    """Return a list of things that are matched one by one."""
    return {"type": "nested", "properties": properties}
