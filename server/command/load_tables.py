"""Loads fees, plans and coverage from files.

Fees are CSV with the header schedule_id,code,modifier,category,amount,effective_from,effective_to,
coverage is CSV with member_id,plan_id,from_date,through_date, and plans are a JSON list of
`server.claims.benefits.Plan` without versions. A load is one transaction: every bad row is told by
its line, and then nothing is loaded. What a row says of a member stands in no message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

import psycopg
from psycopg import sql

from server.claims import codec
from server.claims.benefits import CostShare, Plan
from server.claims.services import member_key
from server.command.files import BadFile, csv_rows, day, json_tree
from server.command.migrate import bump

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_CODE: Final = re.compile(r"[0-9A-Z]{4,5}")  # a procedure, or a revenue code
_MODIFIER: Final = re.compile(r"([0-9A-Z]{2})?")
_CATEGORY: Final = re.compile(r"\*|[A-Z][A-Z0-9_]{0,31}")
_MEMBER: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z -]{1,79}")
_AMOUNT: Final = re.compile(r"[0-9]{1,8}(\.[0-9]{1,2})?")
_CENT: Final = Decimal("0.01")
_RATE_STEP: Final = Decimal("0.0001")
_AMOUNT_LIMIT: Final = Decimal(10**8)
_MONTHS: Final = range(1, 13)

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_Driver = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTable:
    """What a load has done."""

    table: str
    rows: int
    version: int


def load_fees(database_url: str, file: Path, *, replace: bool = False) -> LoadedTable:
    """Load fees; with `replace` the schedules of the file hold nothing else afterwards.

    Raises `BadFile` when a row cannot be read.
    """
    columns = ("schedule_id", "code", "modifier", "effective_from")
    more = ("category", "amount", "effective_to")
    rows = _read_csv(file, (*columns, *more), _fee)
    schedules = sorted({key[0] for key in rows})
    with psycopg.connect(database_url, application_name="claimflow load-fees") as connection:
        version = bump(connection)
        connection.execute(
            "INSERT INTO claimflow.fee_schedule (schedule_id, version)"
            " SELECT unnest(%s::text[]), %s ON CONFLICT (schedule_id)"
            " DO UPDATE SET version = excluded.version, loaded_at = now()",
            (schedules, version),
        )
        if replace:
            connection.execute(
                "DELETE FROM claimflow.fee WHERE schedule_id = ANY (%s)", (schedules,)
            )
        put_rows(connection, "fee", columns, more, ((*key, *row) for key, row in rows.items()))
    return LoadedTable(table="fee", rows=len(rows), version=version)


def load_plans(database_url: str, file: Path, *, replace: bool = False) -> LoadedTable:
    """Load terms of plans; with `replace` there are no others afterwards.

    Raises `BadFile` when an entry is no plan or names a fee schedule that is not loaded.
    """
    with psycopg.connect(database_url, application_name="claimflow load-plans") as connection:
        plans = _read_plans(file, _ids(connection, "fee_schedule", "schedule_id"))
        version = bump(connection)
        if replace:
            connection.execute("DELETE FROM claimflow.plan")
        with connection.cursor() as cursor:
            # Cost shares go and come with their terms.
            cursor.executemany(
                "DELETE FROM claimflow.plan WHERE plan_id = %s AND effective_from = %s",
                [(one.plan_id, one.effective_from) for one in plans],
            )
            _insert(cursor, "plan", [_plan_row(one, version) for one in plans])
            _insert(cursor, "cost_share", [row for one in plans for row in _cost_share_rows(one)])
    return LoadedTable(table="plan", rows=len(plans), version=version)


def load_coverage(
    database_url: str, tenant_id: UUID, file: Path, *, replace: bool = False
) -> LoadedTable:
    """Load a tenant's coverage; with `replace` its members have no other afterwards.

    Raises `BadFile` when a row cannot be read or names a plan that is not loaded.
    """
    columns, more = ("tenant_id", "member_key", "plan_id", "from_date"), ("through_date",)
    required = ("member_id", "plan_id", "from_date", "through_date")
    with psycopg.connect(database_url, application_name="claimflow load-coverage") as connection:
        plans = _ids(connection, "plan", "plan_id")
        rows = _read_csv(file, required, lambda row: _coverage(row, plans))
        version = bump(connection)
        connection.execute(
            "INSERT INTO claimflow.coverage_load (tenant_id, version) VALUES (%s, %s)"
            " ON CONFLICT (tenant_id) DO UPDATE"
            " SET version = excluded.version, loaded_at = now()",
            (tenant_id, version),
        )
        if replace:
            connection.execute("DELETE FROM claimflow.coverage WHERE tenant_id = %s", (tenant_id,))
        spans = ((tenant_id, *key, *row) for key, row in rows.items())
        put_rows(connection, "coverage", columns, more, spans)
    return LoadedTable(table="coverage", rows=len(rows), version=version)


def put_rows(
    connection: _Driver,
    table: str,
    key: Sequence[str],
    more: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Store rows of columns `key` and `more`; a row of the same key is written over."""
    names = sql.SQL(", ").join(map(sql.Identifier, (*key, *more)))
    target = sql.Identifier("claimflow", table)
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE loading (LIKE {}) ON COMMIT DROP").format(target)
    )
    with connection.cursor().copy(sql.SQL("COPY loading ({}) FROM STDIN").format(names)) as copy:
        for row in rows:
            copy.write_row(row)
    changes = sql.SQL(", ").join(
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in more
    )
    connection.execute(
        sql.SQL(
            "INSERT INTO {} ({}) SELECT {} FROM loading ON CONFLICT ({}) DO UPDATE SET {}"
        ).format(target, names, names, sql.SQL(", ").join(map(sql.Identifier, key)), changes)
    )


def _ids(connection: _Driver, table: str, column: str) -> frozenset[str]:
    query = sql.SQL("SELECT {} FROM {}").format(
        sql.Identifier(column), sql.Identifier("claimflow", table)
    )
    return frozenset(row[0] for row in connection.execute(query).fetchall())


def _insert(cursor: psycopg.Cursor[Any], table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier("claimflow", table),
            sql.SQL(", ").join(map(sql.Identifier, rows[0])),
            sql.SQL(", ").join(map(sql.Placeholder, rows[0])),
        )
        cursor.executemany(statement, rows)


def _read_csv(
    file: Path,
    required: Collection[str],
    parse: Callable[[Mapping[str, str]], tuple[_Key, _Value]],
) -> dict[_Key, _Value]:
    """Return rows by key; raise `BadFile` with the line and fault of each bad row."""
    rows: dict[_Key, _Value] = {}
    problems: list[str] = []
    for line, cells in csv_rows(file, required, problems):
        try:
            key, value = parse(cells)
            _require(key not in rows, "the same row stands here twice")
        except ValueError as error:
            problems.append(f"line {line}: {error}")
            continue
        rows[key] = value
    if problems:
        raise BadFile(problems)
    return rows


def _fee(row: Mapping[str, str]) -> tuple[tuple[str, str, str, date], tuple[str, Decimal, Any]]:
    first, last = _days(row["effective_from"], row["effective_to"])
    schedule = _matched(row["schedule_id"], _ID, "the schedule must be letters, digits, _ . and -")
    code = _matched(row["code"].upper(), _CODE, "the code must be 4 or 5 letters and digits")
    modifier = _matched(row["modifier"].upper(), _MODIFIER, "a modifier has two characters")
    category = row["category"].upper() or "*"
    _matched(category, _CATEGORY, "the category must be * or capitals, digits and _")
    amount = _matched(row["amount"], _AMOUNT, "the amount must be written as 125.00")
    return (schedule, code, modifier, first), (category, Decimal(amount), last)


def _coverage(
    row: Mapping[str, str], plans: Collection[str]
) -> tuple[tuple[str, str, date], tuple[Any]]:
    first, last = _days(row["from_date"], row["through_date"])
    number = _matched(row["member_id"], _MEMBER, "the member number is none")
    if row["plan_id"] not in plans:
        raise ValueError("there is no such plan")
    return (member_key(number), row["plan_id"], first), (last,)


def _days(first: str, last: str) -> tuple[date, date | None]:
    begins, ends = day(first), day(last)
    if begins is None:
        raise ValueError("a first day is needed")
    if ends is not None and ends < begins:
        raise ValueError("the last day is before the first")
    return begins, ends


def _matched(text: str, shape: re.Pattern[str], fault: str) -> str:
    if shape.fullmatch(text) is None:
        raise ValueError(fault)
    return text


def _read_plans(file: Path, schedules: Collection[str]) -> list[Plan]:
    """Return plans; raise `BadFile` with the place and fault of each that is none."""
    entries = json_tree(file)
    if not isinstance(entries, list) or not entries:
        raise BadFile(["line 1: the file must be a list of plans"])
    plans: dict[tuple[str, date], Plan] = {}
    problems = []
    for place, entry in enumerate(entries, 1):
        try:
            found = _plan(entry)
            key = (found.plan_id, found.effective_from)
            _require(found.fee_schedule_id in schedules, "its fee schedule is not loaded")
            _require(key not in plans, "the same terms stand here twice")
        except ValueError as error:
            problems.append(f"plan {place}: {error}")
            continue
        plans[key] = found
    if problems:
        raise BadFile(problems)
    return list(plans.values())


def _plan(entry: Any) -> Plan:
    _require(isinstance(entry, dict), "a plan is an object")
    needed = {one.name for one in fields(Plan) if one.default is MISSING} - {"version"}
    if missing := sorted(needed - entry.keys()):
        raise ValueError(f"{missing[0]} is needed")
    if unknown := sorted(entry.keys() - ({one.name for one in fields(Plan)} - {"version"})):
        raise ValueError(f"there is no {unknown[0]}")
    try:
        plan = codec.decode(Plan, {**entry, "version": 0})
    except (TypeError, KeyError, ValueError, ArithmeticError, AttributeError) as error:
        raise ValueError(f"a value is not of its field's kind ({error})") from None
    _require(_is(_ID, plan.plan_id) and _is(_ID, plan.fee_schedule_id), "an id is none")
    _require(_amount(plan.deductible), "deductible is no amount")
    _require(_amount(plan.out_of_pocket_max), "out_of_pocket_max is no amount")
    _require(plan.benefit_year_begins_month in _MONTHS, "benefit_year_begins_month is no month")
    _require(_rate(plan.unlisted_rate), "unlisted_rate is no rate")
    _require(_flags(plan.copay_first, plan.fee_above_charge), "a flag is true or false")
    for category, share in plan.cost_shares.items():
        _require(_is(_CATEGORY, category), "a category is * or capitals, digits and _")
        _require(_amount(share.copay), f"{category}: copay is no amount")
        _require(_rate(share.coinsurance_rate), f"{category}: coinsurance_rate is no rate")
        flags = (share.deductible_applies, share.covered, share.authorization_required)
        _require(_flags(*flags), f"{category}: a flag is true or false")
    return plan


def _require(fine: bool, fault: str) -> None:
    if not fine:
        raise ValueError(fault)


def _is(shape: re.Pattern[str], text: Any) -> bool:
    return isinstance(text, str) and shape.fullmatch(text) is not None


def _amount(amount: Decimal) -> bool:
    return amount.is_finite() and 0 <= amount < _AMOUNT_LIMIT and amount % _CENT == 0


def _rate(rate: Decimal) -> bool:
    return rate.is_finite() and 0 <= rate <= 1 and rate % _RATE_STEP == 0


def _flags(*flags: Any) -> bool:
    return all(isinstance(flag, bool) for flag in flags)


def _plan_row(plan: Plan, version: int) -> dict[str, Any]:
    named = {one.name: getattr(plan, one.name) for one in fields(Plan)}
    del named["cost_shares"]
    return {**named, "version": version, "unlisted": plan.unlisted.value}


def _cost_share_rows(plan: Plan) -> Iterable[dict[str, Any]]:
    key = {"plan_id": plan.plan_id, "effective_from": plan.effective_from}
    for category, share in plan.cost_shares.items():
        terms = {one.name: getattr(share, one.name) for one in fields(CostShare)}
        yield {**key, "category": category, **terms}
