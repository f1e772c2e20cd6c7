"""Many at once on one Postgres, through several engines as several processes have them."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.claims.commands import Command
from server.claims.document import Person
from server.claims.refusals import Refusal, Refused
from server.command.audit import audit
from server.command.engine import Engine
from server.command.requests import Done
from tests.server.command.office import START, Office
from tests.server.command.support import asked, rows, running, submission

ENGINES = 3
ROUNDS = 4


@pytest.fixture
async def engines(database: str) -> AsyncIterator[list[Engine]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(running(database)) for _ in range(ENGINES)]


async def at_once(engines: Sequence[Engine], commands: Sequence[Command]) -> list[Any]:
    """Give each command through the next engine, all at the same time."""
    return await asyncio.gather(
        *(
            engines[place % len(engines)].submit(asked(command))
            for place, command in enumerate(commands)
        ),
        return_exceptions=True,
    )


def refusals(ended: Sequence[Any]) -> Counter[Refusal]:
    assert all(isinstance(one, Done | Refused) for one in ended), ended
    return Counter(one.refusal for one in ended if isinstance(one, Refused))


def replies(ended: Sequence[Any]) -> list[dict[str, Any]]:
    return [json.loads(one.reply) for one in ended if isinstance(one, Done)]


def someone() -> Person:
    return Person(member_id=f"M-{uuid4().hex[:12]}", birth_date=date(1980, 1, 1))


async def test_e10_of_many_equal_claims_at_once_one_is_accepted(
    engines: list[Engine], database: str
) -> None:
    for _ in range(ROUNDS):
        person = someone()

        ended = await at_once(engines, [submission(subscriber=person) for _ in range(12)])

        states = Counter(one["state"] for one in replies(ended))
        assert states == {"ACCEPTED": 1, "DENIED": 11}
    assert audit(database).sound


async def test_w8_w11_of_many_replacements_at_once_one_takes_the_place(
    engines: list[Engine], database: str
) -> None:
    office = Office(engines[0])
    for _ in range(ROUNDS):
        person = someone()
        original = await office.paid(subscriber=person)
        (row,) = rows(
            database, "SELECT claim_number FROM claimflow.claim WHERE claim_id = %s", original
        )
        made = [
            submission(
                subscriber=person,
                frequency_code="7" if place % 2 else "8",
                original_claim_number=row["claim_number"],
                patient_control_number=f"PCN-{place}",
            )
            for place in range(9)
        ]

        ended = await at_once(engines, made)

        assert refusals(ended) == {Refusal.ORIGINAL_NOT_REPLACEABLE: 8}
        live = rows(
            database,
            "SELECT count(*) FILTER (WHERE state NOT IN ('REJECTED', 'VOIDED', 'REPLACED')) AS n"
            " FROM claimflow.claim WHERE family_id = %s",
            original,
        )
        assert live[0]["n"] <= 1
    report = audit(database)
    # Each round's payment has taken the reversal of the round before.
    assert report.sound and report.open_entries == 1


async def test_w5_of_many_approvals_at_once_each_person_counts_once(
    engines: list[Engine], database: str
) -> None:
    office = Office(engines[0])
    claim_id = UUID((await office.submit("30000.00"))["claim"])
    await office.give(office.paying(claim_id, "30000.00", "30000.00"))
    (row,) = rows(database, "SELECT document FROM claimflow.claim")
    current = json.loads(row["document"])["adjudication"]
    people = ["bob"] * 4 + ["bea"] * 4 + ["eve"] * 4

    ended = await at_once(
        engines,
        [office.approving(claim_id, who, current["number"], current["hash"]) for who in people],
    )

    assert len(replies(ended)) == 2
    (row,) = rows(database, "SELECT state, document FROM claimflow.claim")
    approvals = json.loads(row["document"])["adjudication"]["approvals"]
    assert row["state"] == "APPROVED"
    assert {one["approver"] for one in approvals} == {"bob", "bea"}
    assert audit(database).sound


async def test_m19_of_many_remittances_of_a_claim_at_once_one_pays(
    engines: list[Engine], database: str
) -> None:
    office = Office(engines[0])
    claims = [await office.decided(f"{10 + place}.00") for place in range(ROUNDS)]
    office.later(20)

    ended = await at_once(engines, [office.remitting(claim) for claim in claims for _ in range(6)])

    assert refusals(ended) == {Refusal.TRANSITION_NOT_ALLOWED: 5 * ROUNDS}
    report = audit(database)
    assert report.sound and report.remittances == ROUNDS
    assert report.paid == sum(10 + place for place in range(ROUNDS))


async def test_r1_of_many_remittances_to_a_payee_at_once_one_takes_what_stands_open(
    engines: list[Engine], database: str
) -> None:
    office = Office(engines[0])
    await office.give(office.voiding(await office.paid("15.00")))
    claims = [await office.decided("40.00") for _ in range(9)]
    office.later(20)

    ended = await at_once(engines, [office.remitting(claim) for claim in claims])

    amounts = Counter(one["amount"] for one in replies(ended))
    assert amounts == {"25.00": 1, "40.00": 8}
    report = audit(database)
    assert report.sound and report.open_entries == 0


async def test_m19_a_failure_that_is_reported_by_many_at_once_counts_once(
    engines: list[Engine], database: str
) -> None:
    office = Office(engines[0])
    claim = await office.decided("40.00")
    office.later(20)
    told = await office.give(office.remitting(claim, trace="T1"))

    ended = await at_once(engines, [office.failing(told["remittance"], "T1") for _ in range(6)])

    assert refusals(ended) == {Refusal.PAYMENT_ALREADY_FAILED: 5}
    await at_once(engines, [office.remitting(claim) for _ in range(6)])
    report = audit(database)
    assert report.sound and report.paid == 40


async def test_a_void_and_a_payment_at_once_never_lose_the_money(
    engines: list[Engine], database: str
) -> None:
    office = Office(engines[0])
    claims = [await office.decided("12.00") for _ in range(12)]
    office.later(20)

    commands = [give(claim) for claim in claims for give in (office.remitting, office.voiding)]
    await at_once(engines, commands)

    assert audit(database).states == {"VOIDED": 12}
    # One more payment takes back whatever was paid for them, so that it alone remains.
    office.now = START + timedelta(days=40)
    last = await office.decided("1000.00")
    office.later(20)
    await office.give(office.remitting(last))
    report = audit(database)
    assert report.sound and report.open_entries == 0
    assert report.paid == Decimal("1000.00")
