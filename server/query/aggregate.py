"""AggregateClaims: counts and sums of the claims that match a filter.

Groups below 11 claims are left out for callers who hold no role but ANALYST that may aggregate, and
with them whatever would let the missing count be worked out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import prod

from claimflow.v1 import query_service_pb2
from server.query.caller import Caller
from server.query.conditions import Node
from server.query.faults import Complaints
from server.query.fields import FIELDS, Field, Kind
from server.query.groups import Dimension, Group, Inexact, Plan
from server.query.index import Index, TooManyGroups
from server.query.queries import Translator
from server.query.search import total

DIMENSIONS_MAX = 3
SUMS_MAX = 10
LIMIT_DEFAULT = 10
LIMIT_MAX = 1000
GROUPS_MAX = 10_000
SMALL_CELL = 11

_INTERVALS = {
    query_service_pb2.CALENDAR_INTERVAL_DAY: "day",
    query_service_pb2.CALENDAR_INTERVAL_WEEK: "week",
    query_service_pb2.CALENDAR_INTERVAL_MONTH: "month",
    query_service_pb2.CALENDAR_INTERVAL_QUARTER: "quarter",
    query_service_pb2.CALENDAR_INTERVAL_YEAR: "year",
}


@dataclass(frozen=True, slots=True)
class Aggregated:
    """The groups of an aggregation and how many claims there are in all."""

    groups: list[Group]
    claims: int
    incomplete: bool


def plan(request: query_service_pb2.AggregateClaimsRequest, caller: Caller) -> Plan:
    """Return how to group and sum; VALIDATION_FAILED names every bad field."""
    complaints = Complaints()
    if len(request.group_by) > DIMENSIONS_MAX:
        complaints.add("group_by", f"at most {DIMENSIONS_MAX} dimensions")
    if len(request.sums) > SUMS_MAX:
        complaints.add("sums", f"at most {SUMS_MAX} sums")
    dimensions = [
        dimension
        for place, group_by in enumerate(request.group_by[:DIMENSIONS_MAX])
        if (dimension := _dimension(group_by, f"group_by[{place}]", caller, complaints))
    ]
    sums = [
        field
        for place, name in enumerate(request.sums[:SUMS_MAX])
        if (field := _sum(name, f"sums[{place}]", caller, complaints))
    ]
    made = Plan(dimensions, sums)
    if not made.one_branch():
        complaints.add("group_by", "lists that are grouped by lie within each other")
    if len({one.field.path for one in dimensions}) < len(dimensions):
        complaints.add("group_by", "no field twice")
    if prod(one.limit for one in dimensions if not one.interval) > GROUPS_MAX:
        complaints.add("group_by", f"the limits multiply to at most {GROUPS_MAX} groups")
    complaints.refuse()
    return made


def _dimension(
    group_by: query_service_pb2.GroupBy, path: str, caller: Caller, complaints: Complaints
) -> Dimension | None:
    field = FIELDS.get(group_by.field)
    if field is None or not field.groupable or not field.visible_to(caller.sight):
        complaints.add(f"{path}.field", "no field that the caller may group by")
        return None
    dated = field.kind in (Kind.DATE, Kind.TIME)
    if dated != bool(group_by.interval) or group_by.interval not in (0, *_INTERVALS):
        complaints.add(f"{path}.interval", "dates and times have an interval, others have none")
        return None
    if not 0 <= group_by.limit <= LIMIT_MAX:
        complaints.add(f"{path}.limit", f"from 0 to {LIMIT_MAX}")
        return None
    return Dimension(field, group_by.limit or LIMIT_DEFAULT, _INTERVALS.get(group_by.interval, ""))


def _sum(name: str, path: str, caller: Caller, complaints: Complaints) -> Field | None:
    field = FIELDS.get(name)
    if field is None or not field.summable or not field.visible_to(caller.sight):
        complaints.add(path, "no amount that the caller may sum")
        return None
    return field


async def aggregate(
    index: Index, made: Plan, node: Node, caller: Caller, timeout: float
) -> Aggregated:
    """Return the groups; VALIDATION_FAILED for too many, or a sum too large to be exact."""
    translator = Translator(datetime.now(UTC).date(), caller.blind)
    body = {
        "query": translator.scoped(caller.scope, node),
        "size": 0,
        "track_total_hits": True,
        "aggs": made.body(),
    }
    try:
        answer = await index.search(body, timeout)
        claims = total(answer)
        grouped = made.read(answer.get("aggregations", {}), claims)
    except TooManyGroups:
        raise Complaints.of(
            "group_by", "too many groups, narrow the filter or the limits"
        ) from None
    except Inexact:
        raise Complaints.of("sums", "too large to be exact, narrow the filter") from None
    result = Aggregated(grouped.groups, claims, grouped.incomplete)
    return without_small_cells(result) if caller.small_cells_hidden else result


def without_small_cells(result: Aggregated) -> Aggregated:
    """Leave out groups below 11 claims, and a total that would tell how many those are."""
    shown = [group for group in result.groups if group.claims >= SMALL_CELL]
    if len(shown) == len(result.groups) and result.claims >= SMALL_CELL:
        return result
    rest = result.claims - sum(group.claims for group in shown)
    tells = result.claims < SMALL_CELL or 0 < rest < SMALL_CELL
    return Aggregated(shown, 0 if tells else result.claims, True)


def money(cents: int) -> str:
    """Return cents as an amount with two decimals."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


def reply(result: Aggregated, sums: Sequence[Field]) -> query_service_pb2.AggregateClaimsResponse:
    """Return the groups as a message."""
    return query_service_pb2.AggregateClaimsResponse(
        groups=[
            query_service_pb2.AggregateGroup(
                keys=group.keys,
                claim_count=group.claims,
                line_count=group.lines,
                sums=[
                    query_service_pb2.Sum(field=field.name, amount=money(cents))
                    for field, cents in zip(sums, group.cents, strict=True)
                ],
            )
            for group in result.groups
        ],
        claim_count=result.claims,
        incomplete=result.incomplete,
    )
