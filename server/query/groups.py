"""The shape of an aggregation: dimensions and sums in, a body out; the answer in, groups out.

What is counted are rows. With dimensions of the claim alone a row is a claim; a dimension in a
nested list makes a row of each element of that list, beside the claim's own fields. Dimensions of
the claim are therefore nested outside of those in lists, whatever their order in the request, and
all lists in one request lie on one branch (lines and their adjustments do; lines and diagnoses do
not).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.query.fields import Field, Kind

Tree = dict[str, Any]

LINES = "service_lines"
EXACT_MAX = 2**53  # whole numbers below it are exact in the doubles that sums are made of


@dataclass(frozen=True, slots=True)
class Dimension:
    """A field to group by: at most `limit` groups, or one for each `interval` of a date."""

    field: Field
    limit: int = 10
    interval: str = ""

    @property
    def place(self) -> str:
        """The nested list that the field is in; empty for the claim itself."""
        return self.field.nested[-1] if self.field.nested else ""


@dataclass(frozen=True, slots=True)
class Group:
    """One group: a key for each dimension, counts, and sums in cents."""

    keys: tuple[str, ...]
    claims: int
    lines: int
    cents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Grouped:
    """All groups, and whether some were left out by limit or counted roughly by the engine."""

    groups: list[Group]
    incomplete: bool


class Inexact(Exception):
    """A sum may be too large for the engine to be exact."""


class Plan:
    """How dimensions and sums become an aggregation, and its answer groups."""

    def __init__(self, dimensions: Sequence[Dimension], sums: Sequence[Field]) -> None:
        self.sums = tuple(sums)
        self.order = sorted(
            range(len(dimensions)), key=lambda place: len(dimensions[place].field.nested)
        )
        self.dimensions = tuple(dimensions[place] for place in self.order)
        places = [field.nested for field in self.sums] + [one.field.nested for one in dimensions]
        self.with_lines = any(LINES in nested for nested in places)
        self._rough = False

    def one_branch(self) -> bool:
        """Tell whether all lists that are grouped by lie within each other."""
        deepest = self.dimensions[-1].field.nested if self.dimensions else ()
        return all(deepest[: len(one.field.nested)] == one.field.nested for one in self.dimensions)

    def body(self) -> Tree:
        """Return the aggregations of the request."""
        return self._level(0, "")

    def _level(self, depth: int, here: str) -> Tree:
        if depth == len(self.dimensions):
            return self._measures(here)
        dimension = self.dimensions[depth]
        inner = self._level(depth + 1, dimension.place)
        absent: Tree = {"missing": {"field": dimension.field.path}}
        both = {
            "by": {**_buckets(dimension), **_with(inner)},
            "absent": {**absent, **_with(inner)},
        }
        return _move(here, dimension.place, both)

    def _measures(self, here: str) -> Tree:
        wanted: dict[str, Tree] = {}
        if here:
            wanted[""] = {}
        if self.with_lines and here != LINES:
            wanted[LINES] = {}
        for number, field in enumerate(self.sums):
            place = field.nested[-1] if field.nested else ""
            wanted.setdefault(place, {})[f"sum{number}"] = {"stats": {"field": field.path}}
        measures = wanted.pop(here, {})
        for place, inner in wanted.items():
            _merge(measures, _move(here, place, inner))
        return measures

    def read(self, answer: Mapping[str, Any], claims: int) -> Grouped:
        """Return the groups of an answer over that many claims; raises `Inexact`."""
        self._rough = False
        root = {**answer, "doc_count": claims}
        groups = [
            self._group(keys, bucket)
            for keys, bucket in self._leaves(root, 0, "", ())
            if bucket["doc_count"]
        ]
        return Grouped(groups, self._rough)

    def _leaves(
        self, bucket: Mapping[str, Any], depth: int, here: str, keys: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
        if depth == len(self.dimensions):
            yield keys, bucket
            return
        dimension = self.dimensions[depth]
        found = _arrive(bucket, here, dimension.place)
        by = found["by"]
        if by.get("sum_other_doc_count") or by.get("doc_count_error_upper_bound"):
            self._rough = True
        for each in by["buckets"]:
            key = str(each.get("key_as_string", each["key"]))
            yield from self._leaves(each, depth + 1, dimension.place, (*keys, key))
        if found["absent"]["doc_count"]:
            yield from self._leaves(found["absent"], depth + 1, dimension.place, (*keys, ""))

    def _group(self, keys: tuple[str, ...], bucket: Mapping[str, Any]) -> Group:
        here = self.dimensions[-1].place if self.dimensions else ""
        in_order = [""] * len(keys)
        for place, key in zip(self.order, keys, strict=True):
            in_order[place] = key
        sums = []
        for number, field in enumerate(self.sums):
            found = _arrive(bucket, here, field.nested[-1] if field.nested else "")
            sums.append(exact_cents(found[f"sum{number}"]))
        lines = _arrive(bucket, here, LINES)["doc_count"] if self.with_lines else 0
        claims = _arrive(bucket, here, "")["doc_count"]
        return Group(tuple(in_order), claims, lines, tuple(sums))


def _with(inner: Tree) -> Tree:
    return {"aggs": inner} if inner else {}


def _buckets(dimension: Dimension) -> Tree:
    field = dimension.field
    if field.kind in (Kind.DATE, Kind.TIME):
        return {
            "date_histogram": {
                "field": field.path,
                "calendar_interval": dimension.interval,
                "format": "yyyy-MM-dd",
                "min_doc_count": 1,
            }
        }
    # More candidates a shard than groups asked for, so that counts over shards are right.
    many = dimension.limit * 2 + 100
    return {"terms": {"field": field.path, "size": dimension.limit, "shard_size": many}}


def _steps(here: str, there: str) -> list[tuple[str, Tree]]:
    """Return the named aggregations that lead from one list to another."""
    if here == there:
        return []
    if not here or there.startswith(f"{here}."):
        return [(f"to_{there}", {"nested": {"path": there}})]
    if here.startswith(f"{there}."):
        return [(f"to_{there}", {"reverse_nested": {"path": there}})]
    out: list[tuple[str, Tree]] = [("to_", {"reverse_nested": {}})]
    return out if not there else [*out, (f"to_{there}", {"nested": {"path": there}})]


def _move(here: str, there: str, inner: Tree) -> Tree:
    for name, step in reversed(_steps(here, there)):
        inner = {name: {**step, **_with(inner)}}
    return inner


def _merge(into: Tree, other: Tree) -> None:
    """Add a tree to another one that may lead the same way for a while."""
    for name, value in other.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value


def _arrive(bucket: Mapping[str, Any], here: str, there: str) -> Mapping[str, Any]:
    for name, _ in _steps(here, there):
        bucket = bucket[name]
    return bucket


def exact_cents(stats: Mapping[str, Any]) -> int:
    """Return an exact sum of whole numbers; raises `Inexact` when it may have been rounded."""
    if not stats["count"]:
        return 0
    largest = max(abs(stats["min"]), abs(stats["max"]))
    one_sign = stats["min"] >= 0 or stats["max"] <= 0
    if stats["count"] * largest >= EXACT_MAX and not (one_sign and abs(stats["sum"]) < EXACT_MAX):
        raise Inexact
    return int(stats["sum"])
