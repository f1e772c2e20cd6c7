"""The write path on a real Postgres: once, in order, and nothing half."""

from __future__ import annotations

import asyncio
import json
from functools import reduce
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server.claims import chain, codec, records
from server.claims.model import Claim
from server.claims.refusals import Refusal, Refused
from server.claims.workflow import evolve
from server.command.engine import Engine, Limits
from server.command.ledger import Ledger
from server.command.requests import Done, NotDone, Trouble
from tests.server.command.support import (
    OTHER_TENANT,
    TENANT,
    asked,
    count,
    note,
    rows,
    running,
    submission,
    take_next,
)


async def outcomes(engine: Engine, requests: list[Any]) -> list[Any]:
    return await asyncio.gather(
        *(engine.submit(request) for request in requests), return_exceptions=True
    )


async def test_a_submission_is_one_claim_its_events_and_a_receipt(
    engine: Engine, database: str
) -> None:
    done = await engine.submit(asked(submission()))

    shown = json.loads(done.reply)
    assert shown["state"] == "ACCEPTED"
    assert shown["events"] == ["ClaimReceived", "ClaimAccepted"]
    assert done.lsn is not None
    counts = {
        table: count(database, table) for table in ("claim", "claim_event", "command_receipt")
    }
    assert counts == {"claim": 1, "claim_event": 2, "command_receipt": 1}


async def test_w3_the_row_is_the_fold_of_its_events_and_the_chain_verifies(
    engine: Engine, database: str
) -> None:
    command = submission()
    await engine.submit(asked(command))
    for number in range(3):
        await engine.submit(asked(note(command.claim_id, f"note {number}")))

    history = rows(database, "SELECT * FROM claimflow.claim_event ORDER BY version")
    (row,) = rows(database, "SELECT * FROM claimflow.claim")
    fold: Claim | None = reduce(evolve, (records.recorded(one).event for one in history), None)
    sealed = json.loads(row["sealed"]) if row["sealed"] else None
    assert codec.decode(Claim, json.loads(row["document"]), sealed) == fold
    previous = chain.genesis_hash(TENANT, command.claim_id)
    for one in history:
        assert one["prev_hash"] == previous
        assert one["hash"] == chain.event_hash(records.link(one))
        previous = one["hash"]
    assert (row["version"], row["head_hash"]) == (5, previous)


async def test_several_commands_on_one_claim_in_a_batch_see_each_other(
    engine: Engine, database: str
) -> None:
    command = submission()
    requests = [asked(command), *(asked(note(command.claim_id)) for _ in range(20))]

    done = await outcomes(engine, requests)

    # The first was taken alone or with the rest; the notes came after it either way.
    versions = [json.loads(one.reply)["version"] for one in done]
    assert versions == [2, *range(3, 23)]


async def test_a_refused_command_costs_its_neighbours_nothing(
    engine: Engine, database: str
) -> None:
    command = submission()
    await engine.submit(asked(command))
    good = [asked(note(command.claim_id)) for _ in range(10)]
    bad = [asked(note(uuid4())) for _ in range(10)]

    done = await outcomes(engine, [one for pair in zip(good, bad, strict=True) for one in pair])

    assert all(isinstance(one, Done) for one in done[::2])
    assert [one.refusal for one in done[1::2]] == [Refusal.CLAIM_NOT_FOUND] * 10
    assert count(database, "command_receipt") == 11


async def test_w10_of_100_commands_with_one_expected_version_one_has_an_effect(
    database: str,
) -> None:
    async with running(database) as one, running(database) as other:
        command = submission()
        await one.submit(asked(command))
        done = await asyncio.gather(
            outcomes(one, [asked(note(command.claim_id, expected_version=2)) for _ in range(50)]),
            outcomes(other, [asked(note(command.claim_id, expected_version=2)) for _ in range(50)]),
        )

    ended = [*done[0], *done[1]]
    assert sum(isinstance(one, Done) for one in ended) == 1
    refused = [one for one in ended if isinstance(one, Refused)]
    assert {(one.refusal, one.facts["current_version"]) for one in refused} == {
        (Refusal.VERSION_MISMATCH, "3")
    }
    assert len(refused) == 99
    assert count(database, "claim_event") == 3


async def test_w9_a_repeat_gets_the_first_reply_from_another_process_too(database: str) -> None:
    request = asked(submission(), request_id=uuid4(), content="one")
    async with running(database) as engine:
        first = await engine.submit(request)
    async with running(database) as engine:
        again = [await engine.submit(request) for _ in range(2)]

    for one in again:
        assert (one.reply, one.lsn, one.replayed) == (first.reply, first.lsn, True)
    assert count(database, "claim") == 1


async def test_w9_other_content_under_a_used_request_id_is_refused(
    engine: Engine, database: str
) -> None:
    request_id = uuid4()
    await engine.submit(asked(submission(), request_id=request_id, content="one"))

    with pytest.raises(NotDone) as refused:
        await engine.submit(asked(submission(), request_id=request_id, content="two"))

    assert refused.value.trouble is Trouble.REQUEST_ID_REUSED
    assert count(database, "claim") == 1


async def test_p2_equal_calls_at_the_same_time_in_two_processes_have_one_effect(
    database: str,
) -> None:
    async with running(database) as one, running(database) as other:
        for _ in range(20):
            request_id = uuid4()
            calls = [
                engine.submit(asked(submission(), request_id=request_id))
                for engine in (one, other)
                for _ in range(3)
            ]
            done = await asyncio.gather(*calls)
            assert len({(each.reply, each.lsn) for each in done}) == 1
            assert sum(not each.replayed for each in done) == 1

    assert count(database, "claim") == 20


async def test_a_replay_whose_position_was_lost_agrees_with_all_later_ones(
    engine: Engine, database: str
) -> None:
    request = asked(submission())
    await engine.submit(request)
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM claimflow.commit_position")

    again = [await engine.submit(request) for _ in range(2)]

    assert again[0].lsn is not None
    assert again[0].lsn == again[1].lsn


async def test_r6_a_replay_commits_a_touch_and_is_audited(engine: Engine, database: str) -> None:
    request = asked(submission())
    await engine.submit(request)
    before = rows(database, "SELECT touched_at FROM claimflow.command_receipt")

    await engine.submit(request)

    after = rows(database, "SELECT touched_at FROM claimflow.command_receipt")
    assert after[0]["touched_at"] > before[0]["touched_at"]
    (audit,) = rows(database, "SELECT * FROM claimflow.read_audit")
    assert audit["claim_ids"] == [request.command.claim_id]
    assert audit["classes"] == ["FINANCIAL", "CLINICAL"]


async def test_validate_only_shows_the_claim_and_writes_none_of_it(
    engine: Engine, database: str
) -> None:
    done = await engine.submit(asked(submission(), validate_only=True))

    assert json.loads(done.reply)["state"] == "ACCEPTED"
    assert (done.batch_id, done.lsn) == (None, None)
    assert [count(database, one) for one in ("claim", "claim_event", "command_receipt")] == [0] * 3


async def test_p14_a_claim_of_another_tenant_is_not_there(engine: Engine) -> None:
    command = submission()
    await engine.submit(asked(command))

    with pytest.raises(Refused) as refused:
        await engine.submit(asked(note(command.claim_id), tenant_id=OTHER_TENANT))

    assert refused.value.refusal is Refusal.CLAIM_NOT_FOUND


async def test_w12_two_people_never_get_the_same_next_claim(database: str) -> None:
    async with running(database) as one, running(database) as other:
        await outcomes(one, [asked(submission()) for _ in range(40)])
        done = await asyncio.gather(
            outcomes(one, [asked(take_next(f"a{number}")) for number in range(25)]),
            outcomes(other, [asked(take_next(f"b{number}")) for number in range(25)]),
        )

    ended = [*done[0], *done[1]]
    taken = [json.loads(each.reply)["claim"] for each in ended if isinstance(each, Done)]
    assert len(taken) == len(set(taken)) <= 40
    assert {each.refusal for each in ended if isinstance(each, Refused)} <= {Refusal.QUEUE_EMPTY}
    # What was passed by because the other process had it locked is there for the next who asks.
    async with running(database) as engine:
        rest = await outcomes(engine, [asked(take_next(f"c{number}")) for number in range(40)])
    taken += [json.loads(each.reply)["claim"] for each in rest if isinstance(each, Done)]
    assert len(set(taken)) == len(taken) == 40


async def test_take_next_gives_the_longest_waiting_claim_first(engine: Engine) -> None:
    first = submission()
    await engine.submit(asked(first))
    await engine.submit(asked(submission()))

    done = await engine.submit(asked(take_next()))

    assert json.loads(done.reply)["claim"] == str(first.claim_id)


async def test_a_queue_without_claims_and_an_unknown_queue_are_told_apart(engine: Engine) -> None:
    done = await outcomes(engine, [asked(take_next()), asked(take_next(queue="NOWHERE"))])

    assert [one.refusal for one in done] == [Refusal.QUEUE_EMPTY, Refusal.QUEUE_UNKNOWN]


async def test_f18_a_backend_killed_in_the_middle_costs_no_command_and_doubles_none(
    database: str,
) -> None:
    stop = asyncio.Event()

    async def kill() -> None:
        while not stop.is_set():
            await asyncio.sleep(0.05)
            rows(
                database,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'claimflow command' AND datname = current_database()",
            )

    async with running(database) as engine:
        killer = asyncio.create_task(kill())
        done = []
        for _ in range(20):
            done += await outcomes(engine, [asked(submission()) for _ in range(20)])
        stop.set()
        await killer

    acknowledged = {json.loads(one.reply)["claim"] for one in done if isinstance(one, Done)}
    stored = {str(row["claim_id"]) for row in rows(database, "SELECT * FROM claimflow.claim")}
    refused = [one for one in done if not isinstance(one, Done)]
    assert {one.trouble for one in refused} <= {Trouble.DATABASE_UNAVAILABLE}
    assert acknowledged == stored


async def test_a_batch_that_fails_as_a_whole_is_run_one_by_one(
    engine: Engine, database: str
) -> None:
    taken = submission()
    await engine.submit(asked(taken))
    clash = submission()
    clash = type(clash)(
        **{name: getattr(clash, name) for name in clash.__dataclass_fields__}
        | {"claim_number": taken.claim_number}
    )
    requests = [asked(submission()), asked(clash), asked(submission())]

    done = await outcomes(engine, requests)

    assert isinstance(done[0], Done) and isinstance(done[2], Done)
    assert done[1].trouble is Trouble.WRITE_CONFLICT
    assert count(database, "claim") == 3


async def test_p20_a_command_whose_deadline_has_passed_is_not_begun(
    engine: Engine, database: str
) -> None:
    with pytest.raises(NotDone) as late:
        await engine.submit(asked(submission(), seconds=-1))

    assert late.value.trouble is Trouble.DEADLINE_PASSED
    assert count(database, "claim") == 0


async def test_a_full_queue_sheds_with_a_delay(database: str) -> None:
    engine = Engine(Ledger(database), Limits(queue_commands_max=2))
    await engine.start()
    done = await outcomes(engine, [asked(submission()) for _ in range(5)])
    await engine.stop()

    shed = [one for one in done if isinstance(one, NotDone)]
    assert len(shed) == 3
    assert all(one.trouble is Trouble.SERVER_OVERLOADED for one in shed)
    assert all(one.retry_after_seconds for one in shed)


async def test_r3_a_cancelled_call_takes_no_work_with_it(engine: Engine, database: str) -> None:
    call = asyncio.create_task(engine.submit(asked(submission())))
    await asyncio.sleep(0)
    neighbour = asyncio.create_task(engine.submit(asked(submission())))
    await asyncio.sleep(0.001)
    call.cancel()

    assert isinstance(await neighbour, Done)
    assert isinstance(await engine.submit(asked(submission())), Done)


async def test_stopping_carries_out_what_waits_and_takes_no_more(database: str) -> None:
    engine = Engine(Ledger(database))
    await engine.start()
    waiting = engine.enqueue([asked(submission()) for _ in range(300)])

    await engine.stop()

    assert all(isinstance(one.result(), Done) for one in waiting)
    with pytest.raises(NotDone) as refused:
        await engine.submit(asked(submission()))
    assert refused.value.trouble is Trouble.SHUTTING_DOWN


async def test_w2_time_never_runs_backwards_within_a_claim(engine: Engine, database: str) -> None:
    command = submission()
    await engine.submit(asked(command))
    late = note(command.claim_id)
    earlier = type(late)(
        **{name: getattr(late, name) for name in late.__dataclass_fields__}
        | {"now": command.now.replace(year=2020)}
    )

    await engine.submit(asked(earlier))

    moments = rows(database, "SELECT recorded_at FROM claimflow.claim_event ORDER BY version")
    times = [one["recorded_at"] for one in moments]
    assert times == sorted(times)


async def test_a_batch_reads_its_own_claims_whatever_else_is_stored(
    engine: Engine, database: str
) -> None:
    # Nobody has analyzed the tables: plans that were made when they were empty must do.
    for _ in range(40):
        await outcomes(engine, [asked(submission()) for _ in range(25)])

    with psycopg.connect(database, autocommit=True) as connection:
        for pid in connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'claimflow command'"
            " AND datname = current_database()"
        ).fetchall():
            connection.execute(
                "SELECT pg_terminate_backend(%s, 5000)", pid
            )  # it reports at its end
    read = rows(
        database,
        "SELECT sum(idx_tup_read)::bigint AS n FROM pg_stat_user_indexes"
        " WHERE schemaname = 'claimflow' AND relname <> 'claim_transition'",
    )[0]["n"]
    assert read < 10 * count(database, "claim_event")
