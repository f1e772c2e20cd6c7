"""Reads from a real Postgres: as it is, as it was, what changed, and whether it holds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, timedelta
from uuid import UUID, uuid4

import pytest

from claimflow.v1 import claim_pb2, errors_pb2
from server.command.migrate import migrate
from server.platform.errors import Failure
from server.platform.redaction import Sight
from server.query.fields import DIRECT_ID
from server.query.history import History, open_history
from server.query.history_pages import history_page, verification
from tests.server.query import sample, store
from tests.server.query.store import Written

ALL = Sight(frozenset(range(7)))
NO_NAMES = Sight(ALL.classes - {DIRECT_ID})


@dataclass(frozen=True)
class Base:
    """A migrated database with a claim of each of two tenants."""

    url: str
    mine: Written
    other: Written


@pytest.fixture
def base(create_database: Callable[[], str]) -> Base:
    url = create_database()
    migrate(url)
    mine = store.write(url, sample.TENANT, store.life(uuid4(), "CMINE1"))
    other = store.write(url, sample.OTHER_TENANT, store.life(uuid4(), "COTHER1"))
    return Base(url, mine, other)


@pytest.fixture
async def history(base: Base) -> AsyncIterator[History]:
    async with open_history(base.url) as history:
        yield history


async def test_the_claim_row_is_the_whole_claim(base: Base, history: History) -> None:
    found, snapshot = await history.claims(sample.TENANT, [base.mine.claim_id])
    message = found[base.mine.claim_id].message()
    assert message.state == claim_pb2.CLAIM_STATE_APPROVED
    assert message.version == 7
    assert message.head_hash == base.mine.rows[-1]["hash"].hex()
    assert message.document.subscriber.last_name == "CANARYNAME"
    assert message.document.service_lines[0].charge == "125.00"
    assert message.adjudication.lines[0].adjustments[0].amount == "25.00"
    assert message.notes[0].text == "CANARYTEXT"
    assert message.update_time.ToDatetime(UTC) == base.mine.rows[-1]["recorded_at"]
    assert snapshot.lsn > 0


async def test_a_claim_is_found_by_its_number(base: Base, history: History) -> None:
    found, _ = await history.claim_by_number(sample.TENANT, "cmine1")
    assert found is not None and found.claim.claim_id == base.mine.claim_id


async def test_another_tenants_claim_does_not_exist(base: Base, history: History) -> None:
    found, _ = await history.claims(sample.TENANT, [base.other.claim_id])
    assert not found
    assert (await history.claim_by_number(sample.TENANT, "COTHER1"))[0] is None
    events, row, _ = await history.events(sample.TENANT, base.other.claim_id)
    assert not events and row is None


@pytest.mark.parametrize("version", range(1, 8))
async def test_as_of_a_version_it_is_the_fold_of_its_events(
    base: Base, history: History, version: int
) -> None:
    found, _ = await history.claim_as_of(sample.TENANT, base.mine.claim_id, version, None)
    assert found is not None and found.claim == base.mine.folds[version - 1]
    assert found.message().head_hash == base.mine.rows[version - 1]["hash"].hex()


async def test_as_of_a_time_it_is_as_the_last_event_before_left_it(
    base: Base, history: History
) -> None:
    time = base.mine.rows[2]["recorded_at"] + timedelta(minutes=1)
    found, _ = await history.claim_as_of(sample.TENANT, base.mine.claim_id, None, time)
    assert found is not None and found.claim == base.mine.folds[2]


@pytest.mark.parametrize(
    ("version", "early"), [(8, False), (0, False), (None, True)], ids=["beyond", "zero", "before"]
)
async def test_what_was_not_yet_is_not_found(
    base: Base, history: History, version: int | None, early: bool
) -> None:
    time = store.BEGAN if early else None
    with pytest.raises(Failure) as refused:
        await history.claim_as_of(sample.TENANT, base.mine.claim_id, version, time)
    assert refused.value.reason == errors_pb2.ERROR_REASON_VERSION_NOT_FOUND


async def test_history_says_who_when_why_and_what_changed(base: Base, history: History) -> None:
    events, more, _ = await history_page(history, sample.TENANT, base.mine.claim_id, 0, 100, ALL)
    assert not more
    assert [event.version for event in events] == list(range(1, 8))
    pended = events[2]
    assert pended.event_type == "ClaimPended" and pended.actor == "examiner-1"
    assert pended.reason.code == "DOCUMENTS_MISSING" and pended.reason.text == "CANARYREASON"
    changed = {change.field_path: (change.before, change.after) for change in pended.changes}
    assert changed["state"] == ('"ACCEPTED"', '"PENDED"')
    assert changed["pends[0].code"] == ("", '"DOCUMENTS"')
    assert pended.previous_hash == events[1].hash
    received = {change.field_path: change.after for change in events[0].changes}
    assert received["document.service_lines[0].charge"] == '"125.00"'
    assert received["document.subscriber.birth_date"] == '"1950-01-02"'


async def test_history_names_hidden_fields_but_not_their_values(
    base: Base, history: History
) -> None:
    events, _, _ = await history_page(history, sample.TENANT, base.mine.claim_id, 0, 100, NO_NAMES)
    received = {change.field_path: change.after for change in events[0].changes}
    assert received["document.subscriber.last_name"] == ""
    assert received["document.diagnoses[0].code"] == '"E119"'
    assert "CANARY" not in str(events)


async def test_pages_of_a_history_join(base: Base, history: History) -> None:
    whole, _, _ = await history_page(history, sample.TENANT, base.mine.claim_id, 0, 100, ALL)
    joined = []
    after, more = 0, True
    while more:
        page, more, _ = await history_page(
            history, sample.TENANT, base.mine.claim_id, after, 2, ALL
        )
        joined += page
        after = page[-1].version
    assert joined == whole


async def test_a_history_of_nothing_is_not_found(history: History) -> None:
    for read in (
        history_page(history, sample.TENANT, UUID(int=9), 0, 10, ALL),
        verification(history, sample.TENANT, UUID(int=9)),
    ):
        with pytest.raises(Failure) as refused:
            await read
        assert refused.value.reason == errors_pb2.ERROR_REASON_CLAIM_NOT_FOUND


async def problems(history: History, base: Base) -> list[tuple[int, str]]:
    reply, _ = await verification(history, sample.TENANT, base.mine.claim_id)
    assert reply.valid == (not reply.problems)
    return [(one.version, one.problem) for one in reply.problems]


async def test_an_untouched_history_holds(base: Base, history: History) -> None:
    assert await problems(history, base) == []
    reply, _ = await verification(history, sample.TENANT, base.mine.claim_id)
    assert reply.event_count == 7
    assert reply.head_hash == base.mine.rows[-1]["hash"].hex()


EVENT = "UPDATE claimflow.claim_event SET {} WHERE claim_id = '{}' AND version = {}"
CLAIM = "UPDATE claimflow.claim SET {} WHERE claim_id = '{}'"


@pytest.mark.parametrize(
    ("change", "version", "problem"),
    [
        ("payload = replace(payload, '125.00', '925.00')", 1, "hash does not match its columns"),
        ("payload = replace(payload, '125.00', 'many')", 1, "event cannot be applied"),
        ("actor = 'somebody'", 4, "hash does not match its columns"),
        ("recorded_at = recorded_at + interval '1 us'", 4, "hash does not match its columns"),
        ("sealed = sealed || '\\x20'", 5, "hash does not match its columns"),
        ("prev_hash = sha256('x')", 4, "previous hash is not the hash of the event before"),
        ("hash = sha256('x')", 4, "hash does not match its columns"),
        ("event_type = 'ClaimClosed'", 4, "transition not legal"),
        ("to_state = 'PAID'", 4, "to state is not the state of the fold"),
    ],
)
async def test_a_tampered_event_is_found(
    base: Base, history: History, change: str, version: int, problem: str
) -> None:
    store.tamper(base.url, EVENT.format(change, base.mine.claim_id, version))
    found = await problems(history, base)
    assert any(place == version and told.startswith(problem) for place, told in found), found


async def test_a_deleted_event_is_found(base: Base, history: History) -> None:
    where = f"claim_id = '{base.mine.claim_id}' AND version = 3"
    store.tamper(base.url, f"DELETE FROM claimflow.claim_event WHERE {where}")
    assert (3, "version missing") in await problems(history, base)


async def test_a_cut_tail_is_found_by_the_row(base: Base, history: History) -> None:
    where = f"claim_id = '{base.mine.claim_id}' AND version = 7"
    store.tamper(base.url, f"DELETE FROM claimflow.claim_event WHERE {where}")
    assert (6, "row is not the fold (version)") in await problems(history, base)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("state = 'PAID'", "state"),
        ("queue = 'ELSEWHERE'", "queue"),
        ("assignee = 'me', lease_until = now()", "assignee"),
        ("document = replace(document, '100.00', '900.00')", "document"),
        ("sealed = replace(convert_from(sealed, 'UTF8'), 'NAME', 'GAME')::bytea", "sealed"),
        ("head_hash = sha256('x')", "head_hash"),
        ("submitted_by = 'me'", "submitted_by"),
        ("policy_version = 9", "policy_version"),
        ("receipt_date = receipt_date + 1", "receipt_date"),
    ],
)
async def test_a_tampered_row_is_found(
    base: Base, history: History, change: str, column: str
) -> None:
    store.tamper(base.url, CLAIM.format(change, base.mine.claim_id))
    assert (7, f"row is not the fold ({column})") in await problems(history, base)


async def test_a_history_that_cannot_be_applied_is_broken(base: Base, history: History) -> None:
    change = "payload = replace(payload, '125.00', 'many')"
    store.tamper(base.url, EVENT.format(change, base.mine.claim_id, 1))
    with pytest.raises(Failure) as refused:
        await history_page(history, sample.TENANT, base.mine.claim_id, 0, 10, ALL)
    assert refused.value.reason == errors_pb2.ERROR_REASON_HISTORY_BROKEN
