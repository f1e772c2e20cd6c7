"""The system's own clocks on a real ledger, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from server.claims.refusals import Refused
from server.command import migrate as migration
from server.command.audit import audit
from server.command.engine import Engine
from server.command.migrate import bump, put_policy
from server.command.timers import Clocks
from tests.server.command.office import START, Office
from tests.server.command.support import rows, running

EVENTS = "SELECT event_type, actor, role FROM claimflow.claim_event ORDER BY claim_id, version"


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


@pytest.fixture
async def clocks(office: Office, database: str) -> AsyncIterator[Clocks]:
    kept = Clocks(engine=office.engine, database_url=database, clock=lambda: office.now)
    yield kept
    await kept.close()


def states(database: str) -> list[str]:
    return [row["state"] for row in rows(database, "SELECT state FROM claimflow.claim")]


async def test_nothing_is_done_before_its_time(
    office: Office, clocks: Clocks, database: str
) -> None:
    claim_id = UUID((await office.submit())["claim"])
    await office.give(office.asking(claim_id, days=10))
    office.later(10)

    assert await clocks.round() == 0

    assert states(database) == ["INFO_REQUESTED"]


async def test_a_request_for_information_expires_the_day_after_it_was_due(
    office: Office, clocks: Clocks, database: str
) -> None:
    claim_id = UUID((await office.submit())["claim"])
    await office.give(office.asking(claim_id, days=10))
    office.now = (START + timedelta(days=11)).replace(hour=0)

    assert await clocks.round() == 1

    assert states(database) == ["ACCEPTED"]
    last = rows(database, EVENTS)[-1]
    assert last == {
        "event_type": "InformationRequestExpired", "actor": "claimflow", "role": "SYSTEM",
    }  # fmt: skip
    assert await clocks.round() == 0


async def test_k1_a_late_decision_is_noted_once(
    office: Office, clocks: Clocks, database: str
) -> None:
    await office.submit()
    office.now = (START + timedelta(days=30)).replace(hour=23)
    assert await clocks.round() == 0
    office.now = (START + timedelta(days=31)).replace(hour=0)

    assert await clocks.round() == 1
    assert await clocks.round() == 0

    assert [row["event_type"] for row in rows(database, EVENTS)].count("ClaimBreached") == 1
    assert states(database) == ["ACCEPTED"]


async def test_a_paid_claim_is_closed_when_all_windows_have_elapsed(
    office: Office, clocks: Clocks, database: str
) -> None:
    await office.paid()
    office.later(365)
    assert await clocks.round() == 0
    office.later(1)

    assert await clocks.round() == 1

    assert states(database) == ["CLOSED"]
    (reason,) = rows(
        database,
        "SELECT reason_code FROM claimflow.claim_event WHERE event_type = 'ClaimClosed'",
    )
    assert reason["reason_code"] == "WINDOWS_ELAPSED"
    assert audit(database).sound


async def test_several_timers_do_each_thing_once(office: Office, database: str) -> None:
    for _ in range(20):
        await office.submit()
    office.later(31)
    async with running(database) as one, running(database) as other:
        pair = [
            Clocks(engine=engine, database_url=database, clock=lambda: office.now)
            for engine in (office.engine, one, other)
        ]
        await asyncio.gather(*(each.round() for each in pair))
        await asyncio.gather(*(each.close() for each in pair))

    kinds = [row["event_type"] for row in rows(database, EVENTS)]
    assert kinds.count("ClaimBreached") == 20
    assert audit(database).sound


async def test_what_refuses_rests_and_others_go_on(
    office: Office, clocks: Clocks, database: str
) -> None:
    held = UUID((await office.submit())["claim"])
    with psycopg.connect(database) as connection:  # an operator's slip: woken for nothing
        connection.execute(
            "UPDATE claimflow.claim SET wake_at = '2020-01-01' WHERE claim_id = %s", (held,)
        )
    await office.submit()
    office.later(31)

    assert await clocks.round() == 2

    with psycopg.connect(database) as connection:
        connection.execute(
            "UPDATE claimflow.claim SET wake_at = '2020-01-01' WHERE claim_id = %s", (held,)
        )
    assert await clocks.round() == 0
    assert held in {key[1] for key in clocks._resting}


async def test_accepted_claims_are_priced_when_the_policy_says_so(
    office: Office, clocks: Clocks, database: str
) -> None:
    file = Path(migration.__file__).parent / "policies" / "strict.json"
    body = json.loads(file.read_text("utf-8")) | {"auto_adjudicate": True}
    with psycopg.connect(database) as connection:
        put_policy(connection, "strict", "*", "*", START.date(), body, reason="a test")
        bump(connection)
    await office.submit()

    assert await clocks.round() == 1

    # No plan is known for the member: a person has to look.
    assert states(database) == ["PENDED"]
    assert rows(database, EVENTS)[-1] == {
        "event_type": "ClaimPended", "actor": "claimflow", "role": "SYSTEM",
    }  # fmt: skip
    with pytest.raises(Refused):
        await office.give(office.pricing(UUID(int=5)))
