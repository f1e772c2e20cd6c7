"""Whether a JSON tree has the form of a class: every value of its field's kind.

The codec trusts what it has written itself; what a person has written may hold 0.1 for an amount,
"yes" for a flag, a word for a list of words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, get_args, get_origin, get_type_hints

_AMOUNT: Final = re.compile(r"[0-9]{1,13}(\.[0-9]{1,6})?", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that cannot work: the paths of the fields it is about, and why."""

    fields: tuple[str, ...]
    what: str

    def __str__(self) -> str:
        return f"{', '.join(self.fields)}: {self.what}"


def misfits(
    kind: Any, tree: Any, path: str, given_elsewhere: Collection[str] = ()
) -> Iterator[Fault]:
    """Yield what in a tree is not of a class's form; what is `given_elsewhere` must not be in it.

    Amounts are text of digits, not negative.
    """
    origin = get_origin(kind)
    if origin is tuple:
        if not isinstance(tree, list):
            yield Fault((path,), "must be a list")
            return
        for place, one in enumerate(tree):
            yield from misfits(get_args(kind)[0], one, f"{path}[{place}]")
    elif origin in (dict, Mapping):
        if not isinstance(tree, dict):
            yield Fault((path,), "must be an object")
            return
        for name, one in tree.items():
            yield from misfits(get_args(kind)[1], one, f"{path}.{name}")
    elif is_dataclass(kind):
        yield from _of_class(kind, tree, path, given_elsewhere)
    elif (wanted := _scalar(kind, tree)) is not None:
        yield Fault((path,), f"must be {wanted}")


def _of_class(kind: Any, tree: Any, path: str, given_elsewhere: Collection[str]) -> Iterator[Fault]:
    if not isinstance(tree, dict):
        yield Fault((path or "policy",), "must be an object")
        return
    hints = get_type_hints(kind)
    known = {one.name: one for one in fields(kind) if one.name not in given_elsewhere}
    for name, one in known.items():
        at = f"{path}.{name}".removeprefix(".")
        if name in tree:
            yield from misfits(hints[name], tree[name], at)
        elif one.default is MISSING and one.default_factory is MISSING:
            yield Fault((at,), "is needed")
    for name in sorted(tree.keys() - known.keys()):
        yield Fault((f"{path}.{name}".removeprefix("."),), "there is no such field")


def _scalar(kind: Any, tree: Any) -> str | None:
    """Return what a value must be, None when it is that."""
    if kind is bool:
        return None if isinstance(tree, bool) else "true or false"
    if kind is int:
        return None if type(tree) is int and 0 <= tree < 2**63 else "a whole number"
    if kind is Decimal:
        fine = isinstance(tree, str) and _AMOUNT.fullmatch(tree) is not None
        return None if fine else 'an amount in quotes, such as "125.00"'
    if kind is date:
        return None if isinstance(tree, str) and _is_day(tree) else "a day such as 2026-01-31"
    if kind is str:
        return None if isinstance(tree, str) else "text"
    raise TypeError(f"no form is known of {kind!r}")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return _DAY.fullmatch(text) is not None
