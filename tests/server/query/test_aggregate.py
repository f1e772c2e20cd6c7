"""Counts and sums of a real index are those that Python comes to over the same documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from claimflow.v1 import errors_pb2, query_service_pb2
from server.platform.errors import Failure
from server.platform.redaction import Sight
from server.query import aggregate
from server.query.caller import Caller
from server.query.conditions import EVERYTHING
from server.query.fields import CLINICAL, FIELDS, Field, Kind
from server.query.groups import EXACT_MAX, Group, Inexact, exact_cents
from server.query.index import Index
from server.query.queries import Scope, as_list
from tests.server.query import sample
from tests.server.query.conftest import Site
from tests.server.query.test_search import ALL, caller_of

Row = dict[str, Any]
MONTH = query_service_pb2.CALENDAR_INTERVAL_MONTH


def request(
    *dimensions: str, sums: Sequence[str] = (), limit: int = 20, interval: int = MONTH
) -> query_service_pb2.AggregateClaimsRequest:
    asked = query_service_pb2.AggregateClaimsRequest(sums=sums)
    for name in dimensions:
        dated = FIELDS[name].kind in (Kind.DATE, Kind.TIME)
        asked.group_by.add(field=name, limit=limit, interval=interval if dated else 0)
    return asked


async def run(
    index: Index, asked: query_service_pb2.AggregateClaimsRequest, caller: Caller | None = None
) -> aggregate.Aggregated:
    caller = caller or caller_of()
    plan = aggregate.plan(asked, caller)
    return await aggregate.aggregate(index, plan, EVERYTHING, caller, 10.0)


def elements(document: Row, nested: Sequence[str]) -> Iterator[tuple[Row, ...]]:
    """Yield the chains of elements of nested lists within a document."""
    if not nested:
        yield ()
        return
    for outer in document.get(nested[0].rpartition(".")[2]) or ():
        for inner in elements(outer, nested[1:]):
            yield (outer, *inner)


def values(field: Field, document: Row, chain: tuple[Row, ...]) -> list[str]:
    """Return the keys that a row falls under by a field."""
    holder: Any = document
    path = field.path
    if field.nested:
        holder = chain[len(field.nested) - 1]
        path = path.removeprefix(field.nested[-1] + ".")
    for part in path.split("."):
        holder = (holder or {}).get(part)
    found = as_list(holder) or [""]
    if field.kind in (Kind.DATE, Kind.TIME):
        return [one and f"{one[:7]}-01" for one in found]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in found]


def brute_force(
    documents: list[Row], names: Sequence[str], sums: Sequence[str]
) -> dict[tuple[str, ...], tuple[int, int, tuple[int, ...]]]:
    fields = [FIELDS[name] for name in names]
    deepest = max((field.nested for field in fields), key=len, default=())
    claims: dict[tuple[str, ...], set[str]] = defaultdict(set)
    rows: dict[tuple[str, ...], list[tuple[Row, tuple[Row, ...]]]] = defaultdict(list)
    for document in documents:
        for chain in elements(document, deepest):
            for keys in product(*(values(field, document, chain) for field in fields)):
                claims[keys].add(document["claim_id"])
                rows[keys].append((document, chain))
    return {
        keys: (
            len(claims[keys]),
            line_count(found, deepest, names, sums),
            tuple(total(found, deepest, FIELDS[name]) for name in sums),
        )
        for keys, found in rows.items()
    }


def holders(
    found: list[tuple[Row, tuple[Row, ...]]], deepest: Sequence[str], nested: Sequence[str]
) -> list[Row]:
    """Return the different elements at a level that belong to rows."""
    seen: dict[int, Row] = {}
    for document, chain in found:
        if list(deepest[: len(nested)]) == list(nested):
            chosen = [chain[len(nested) - 1] if nested else document]
        else:
            start = document if not deepest or deepest[0] != nested[0] else chain[-1]
            rest = nested if start is document else nested[len(deepest) :]
            chosen = [one[-1] for one in elements(start, rest)]
        for one in chosen:
            seen[id(one)] = one
    return list(seen.values())


def total(found: list[tuple[Row, tuple[Row, ...]]], deepest: Sequence[str], field: Field) -> int:
    name = field.path.rpartition(".")[2]
    return sum(one.get(name, 0) for one in holders(found, deepest, field.nested))


def line_count(
    found: list[tuple[Row, tuple[Row, ...]]],
    deepest: Sequence[str],
    names: Sequence[str],
    sums: Sequence[str],
) -> int:
    if not any("service_lines" in FIELDS[name].nested for name in [*names, *sums]):
        return 0
    return len(holders(found, deepest, ("service_lines",)))


CASES = [
    ((), ("total_charge", "service_lines.charge")),
    (("state",), ("total_charge", "paid")),
    (("state", "billing_npi", "payer_id"), ("total_charge",)),
    (("decision",), ()),
    (("receive_time",), ("total_charge",)),
    (("decide_time", "state"), ()),
    (("edit_ids",), ("total_charge",)),
    (("diagnoses.code",), ("total_charge", "service_lines.paid")),
    (("service_lines.procedure_code",), ("service_lines.charge", "service_lines.paid")),
    (("service_lines.procedure_code", "state"), ("service_lines.charge", "total_charge")),
    (("service_lines.place_of_service_code", "receipt_date"), ("service_lines.charge",)),
    (("service_lines.denied",), ()),
    (("remark_codes",), ("service_lines.paid",)),
    (("service_lines.modifiers", "payer_id"), ()),
    (
        ("state", "service_lines.procedure_code", "service_lines.adjustments.reason_code"),
        ("service_lines.adjustments.amount", "service_lines.charge", "total_charge"),
    ),
    (("state",), ("service_lines.adjustments.amount",)),
]


@pytest.mark.parametrize(("names", "sums"), CASES, ids=lambda case: "+".join(case) or "none")
async def test_groups_are_those_of_brute_force(
    site: Site, index: Index, names: Sequence[str], sums: Sequence[str]
) -> None:
    result = await run(index, request(*names, sums=sums))
    found = {group.keys: (group.claims, group.lines, group.cents) for group in result.groups}
    assert found == brute_force(site.mine, names, sums)
    assert result.claims == len(site.mine)
    assert not result.incomplete


async def test_the_largest_groups_are_kept_and_the_rest_is_told(site: Site, index: Index) -> None:
    result = await run(index, request("state", limit=2))
    expected = sorted(brute_force(site.mine, ["state"], []).values(), reverse=True)
    assert [group.claims for group in result.groups] == [one[0] for one in expected[:2]]
    assert result.incomplete


async def test_weeks_begin_on_mondays(index: Index) -> None:
    weekly = request("receipt_date", interval=query_service_pb2.CALENDAR_INTERVAL_WEEK)
    result = await run(index, weekly)
    assert result.groups
    assert all(date.fromisoformat(group.keys[0]).weekday() == 0 for group in result.groups)


async def test_other_tenants_are_in_no_count(site: Site, index: Index) -> None:
    theirs = await run(index, request("state"), caller_of(Scope(sample.OTHER_TENANT)))
    assert theirs.claims == len(site.others)
    assert sum(group.claims for group in theirs.groups) == len(site.others)


async def test_own_claims_only_are_counted(site: Site, index: Index) -> None:
    scope = Scope(sample.TENANT, (("submitted_by", ("submitter-1",)),))
    result = await run(index, request("service_lines.procedure_code"), caller_of(scope))
    own = [one for one in site.mine if one["submitted_by"] == "submitter-1"]
    assert result.claims == len(own)
    found = {group.keys: (group.claims, group.lines, group.cents) for group in result.groups}
    assert found == brute_force(own, ["service_lines.procedure_code"], [])


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (request("patient_control_number"), "group_by[0].field"),
        (request("service_date"), "group_by[0].field"),
        (query_service_pb2.AggregateClaimsRequest(sums=["state"]), "sums[0]"),
        (request("state", limit=1001), "group_by[0].limit"),
        (request("state", limit=-1), "group_by[0].limit"),
        (request("state", "type", "queue", "payer_id"), "group_by"),
        (request("state", "payer_id", "queue", limit=1000), "group_by"),
        (request("state", "state"), "group_by"),
        (request("diagnoses.code", "service_lines.procedure_code"), "group_by"),
        (
            query_service_pb2.AggregateClaimsRequest(
                group_by=[query_service_pb2.GroupBy(field="receive_time")]
            ),
            "group_by[0].interval",
        ),
    ],
)
def test_what_cannot_be_grouped_is_named(
    asked: query_service_pb2.AggregateClaimsRequest, path: str
) -> None:
    with pytest.raises(Failure) as refused:
        aggregate.plan(asked, caller_of())
    assert refused.value.reason == errors_pb2.ERROR_REASON_VALIDATION_FAILED
    assert path in [violation.field for violation in refused.value.violations]


def test_nobody_groups_by_what_they_may_not_see() -> None:
    blind = caller_of(sight=Sight(ALL.classes - {CLINICAL}))
    with pytest.raises(Failure):
        aggregate.plan(request("diagnoses.code"), blind)


async def test_an_analyst_sees_no_small_group(site: Site, index: Index) -> None:
    analyst = replace(caller_of(), small_cells_hidden=True)
    days = request("receipt_date", interval=query_service_pb2.CALENDAR_INTERVAL_DAY)
    result = await run(index, days, analyst)
    assert not [group for group in result.groups if group.claims < aggregate.SMALL_CELL]
    assert result.incomplete
    large = await run(index, request("type"), analyst)
    assert [group.claims for group in large.groups] == [len(site.mine)] and not large.incomplete


def test_a_single_hidden_group_cannot_be_worked_out() -> None:
    shown, hidden = Group(("A",), 40, 0, ()), Group(("B",), 3, 0, ())
    result = aggregate.without_small_cells(aggregate.Aggregated([shown, hidden], 43, False))
    assert result == aggregate.Aggregated([shown], 0, True)


def test_a_sum_that_may_be_rounded_is_refused() -> None:
    half = EXACT_MAX / 2
    assert exact_cents({"count": 1, "min": 1.0, "max": half, "sum": half + 1}) == half + 1
    with pytest.raises(Inexact):
        exact_cents({"count": 4, "min": half, "max": half, "sum": half * 4})
    with pytest.raises(Inexact):
        exact_cents({"count": 4, "min": -half, "max": half, "sum": 0.0})


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (12345, "123.45")]
)
def test_cents_are_money(cents: int, text: str) -> None:
    assert aggregate.money(cents) == text
