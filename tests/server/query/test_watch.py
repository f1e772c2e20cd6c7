"""WatchClaims on a real index that moves on: snapshot, changes, resumption, limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from elasticsearch import Elasticsearch

from claimflow.v1 import claim_pb2
from server.platform.positions import ConsistencyToken, TokenCodec
from server.query.freshness import LAZY_SECONDS
from server.query.process import open_service
from server.query.service import QueryService
from tests.server.query import sample
from tests.server.query.feeding import (
    CAUGHT_UP,
    CHANGES,
    HEARTBEAT,
    SNAPSHOT,
    Listener,
    Worker,
    changed,
    told,
)
from tests.server.query.whole import SEAL_KEY, Base, reads, reason_of


@pytest.fixture
def worker(base: Base) -> Iterator[Worker]:
    with Elasticsearch(base.elasticsearch_url) as client:
        yield Worker(client, base)


def versions(documents: list[sample.Document]) -> dict[str, int]:
    return {one["claim_id"]: one["version"] for one in documents}


async def test_a_watch_tells_what_matches_then_every_change(
    base: Base, service: QueryService, worker: Worker
) -> None:
    stream = Listener(service).watch(page_size=7)
    messages = await stream.until(CAUGHT_UP)
    assert [one.event for one in messages] == [SNAPSHOT] * 5 + [CAUGHT_UP]
    assert told(messages) == versions(base.documents)
    assert messages[-1].freshness.consistency_token
    assert not messages[0].HasField("freshness")
    assert [bool(one.resume_token) for one in messages] == [True] * 6

    first, second = changed(base.documents[3]), changed(base.documents[1])
    worker.commit(first, second)
    message = (await stream.until(CHANGES))[-1]
    assert [claim.claim_id for claim in message.claims] == [first["claim_id"], second["claim_id"]]
    assert [claim.version for claim in message.claims] == [first["version"], second["version"]]
    await stream.close()


async def test_the_filter_is_repeated_once(base: Base, service: QueryService) -> None:
    stream = Listener(service).watch(filter="state=DENIED", page_size=1)
    messages = await stream.until(CAUGHT_UP)
    assert [one.normalized_filter for one in messages][:2] == ['state = "DENIED"', ""]
    await stream.close()


async def test_claims_enter_and_leave_a_filter(
    base: Base, service: QueryService, worker: Worker
) -> None:
    stream = Listener(service).watch(filter='state = PENDED AND payer_id = "P1"')
    await stream.until(CAUGHT_UP)
    one = next(each for each in base.documents if each["state"] == "DENIED")
    enters = changed(one, state="PENDED", payer_id="P1")
    worker.commit(enters)
    message = (await stream.until(CHANGES))[-1]
    assert [claim.claim_id for claim in message.claims] == [one["claim_id"]]
    assert not message.removed

    worker.commit(changed(enters, state="ACCEPTED"))
    message = (await stream.until(CHANGES))[-1]
    assert not message.claims
    assert [(gone.claim_id, gone.version) for gone in message.removed] == [
        (one["claim_id"], enters["version"] + 1)
    ]
    await stream.close()


async def test_versions_between_two_looks_come_as_the_newest(
    base: Base, service: QueryService, worker: Worker
) -> None:
    stream = Listener(service).watch(skip_snapshot=True)
    await stream.until(CAUGHT_UP)
    one = base.documents[0]
    for _ in range(3):
        one = {**changed(one), "position": worker.position + 10}
        worker.index([one])
    worker.advance(one["position"])
    message = (await stream.until(CHANGES))[-1]
    assert [claim.version for claim in message.claims] == [one["version"]]
    await stream.close()


async def test_what_progress_does_not_cover_is_not_told(
    base: Base, service: QueryService, worker: Worker
) -> None:
    stream = Listener(service).watch(skip_snapshot=True)
    await stream.until(CAUGHT_UP)
    early, late = changed(base.documents[0]), changed(base.documents[1])
    worker.index([{**early, "position": 5010}, {**late, "position": 5020}])
    worker.advance(5010)
    message = (await stream.until(CHANGES))[-1]
    assert [claim.claim_id for claim in message.claims] == [early["claim_id"]]
    worker.advance(5020)
    message = (await stream.until(CHANGES))[-1]
    assert [claim.claim_id for claim in message.claims] == [late["claim_id"]]
    await stream.close()


async def test_claims_of_one_position_are_told_over_pages(
    base: Base, service: QueryService, worker: Worker
) -> None:
    listener = Listener(service)
    stream = listener.watch(skip_snapshot=True, page_size=4)
    await stream.until(CAUGHT_UP)
    batch = [{**changed(one), "position": 5010} for one in base.documents[:10]]
    worker.index(batch)
    worker.advance(5010)
    messages = [await anext(stream) for _ in range(3)]
    assert [len(one.claims) for one in messages] == [4, 4, 2]
    assert told(messages) == versions(batch)
    assert [one.HasField("freshness") for one in messages] == [False, False, True]
    await stream.close()

    again = listener.watch(resume_token=messages[0].resume_token, page_size=4)
    resumed = await again.until(CAUGHT_UP)
    assert told([messages[0]]) | told(resumed) == versions(batch)
    assert not told([messages[0]]).keys() & told(resumed).keys()
    await again.close()


async def test_a_quiet_watch_has_a_heartbeat_with_a_newer_token(base: Base, worker: Worker) -> None:
    settings = replace(base.settings, watch_heartbeat_s=0.3)
    async with open_service(settings) as service:
        listener = Listener(service)
        stream = listener.watch(skip_snapshot=True)
        await stream.until(CAUGHT_UP)
        began = time.monotonic()
        beat = await anext(stream)
        assert beat.event == HEARTBEAT
        assert 0.2 < time.monotonic() - began < 5.0
        worker.advance(6000)  # of other tenants: nothing to tell
        await asyncio.sleep(0.2)
        beat = await anext(stream)
        assert beat.event == HEARTBEAT
        token = TokenCodec(SEAL_KEY).open(beat.freshness.consistency_token, sample.TENANT)
        assert token.lsn == 6000
        await stream.close()


async def test_a_cut_snapshot_goes_on_and_what_changed_meanwhile_is_told(
    base: Base, service: QueryService, worker: Worker
) -> None:
    listener = Listener(service)
    stream = listener.watch(page_size=10)
    first = await anext(stream)
    await stream.close()
    known = told([first])
    before = next(one for one in base.documents if one["claim_id"] in known)
    behind = next(one for one in base.documents if one["claim_id"] not in known)
    worker.commit(changed(before), changed(behind))
    await asyncio.sleep(LAZY_SECONDS)
    again = listener.watch(resume_token=first.resume_token, page_size=10)
    messages = await again.until(CAUGHT_UP)
    assert [one.event for one in messages] == [SNAPSHOT] * 3 + [CHANGES, CAUGHT_UP]
    expected = versions(base.documents)
    expected |= {before["claim_id"]: before["version"] + 1}
    expected |= {behind["claim_id"]: behind["version"] + 1}
    assert known | told(messages) == expected
    await again.close()


async def test_a_watch_is_resumed_at_another_server(
    base: Base, service: QueryService, worker: Worker
) -> None:
    stream = Listener(service).watch()
    token = (await stream.until(CAUGHT_UP))[-1].resume_token
    await stream.close()
    one = changed(base.documents[0])
    worker.commit(one)
    async with open_service(base.settings) as other:
        again = Listener(other).watch(resume_token=token)
        messages = await again.until(CAUGHT_UP)
        assert told(messages) == versions([one])
        await again.close()


async def test_changes_since_a_search_follow_from_its_freshness(
    base: Base, service: QueryService, worker: Worker
) -> None:
    position = ConsistencyToken(base.epoch, 5000, sample.TENANT)
    token = TokenCodec(SEAL_KEY).seal(position)
    one = changed(base.documents[0])
    worker.commit(one)
    stream = Listener(service).watch(
        skip_snapshot=True, consistency={"at_least_as_fresh": {"token": token}}
    )
    assert told(await stream.until(CAUGHT_UP)) == versions([one])
    await stream.close()


async def test_other_tenants_claims_never_appear(
    base: Base, service: QueryService, worker: Worker
) -> None:
    stream = Listener(service).watch()
    assert str(base.others.claim_id) not in told(await stream.until(CAUGHT_UP))
    foreign = sample.documents(3, seed=9, tenant=sample.OTHER_TENANT)
    mine = changed(base.documents[0])
    worker.commit(*foreign, mine, *[changed(one) for one in foreign])
    message = (await stream.until(CHANGES))[-1]
    assert told([message]) == versions([mine])
    assert not message.removed
    await stream.close()


async def test_people_outside_watch_their_own_claims(
    base: Base, service: QueryService, worker: Worker
) -> None:
    stream = Listener(service, ("SUBMITTER",), "submitter-1").watch(filter="state = PENDED")
    messages = await stream.until(CAUGHT_UP)
    mine = [one for one in base.documents if one["submitted_by"] == "submitter-1"]
    others = [one for one in base.documents if one["submitted_by"] != "submitter-1"]
    assert told(messages) == versions([one for one in mine if one["state"] == "PENDED"])
    worker.commit(changed(others[0], state="PENDED"), changed(others[1], state="DENIED"))
    worker.commit(changed(mine[0], state="DENIED"))
    message = (await stream.until(CHANGES))[-1]
    assert [gone.claim_id for gone in message.removed] == [mine[0]["claim_id"]]
    assert not message.claims
    await stream.close()


async def test_what_a_role_may_not_see_is_taken_out_and_reads_are_on_record(
    base: Base, service: QueryService, worker: Worker
) -> None:
    stream = Listener(service, ("FINANCE",), "finance-1").watch()
    (await stream.until(CAUGHT_UP))
    worker.commit(changed(base.documents[0]))
    claim: claim_pb2.Claim = (await stream.until(CHANGES))[-1].claims[0]
    assert not any(one.code for one in claim.document.diagnoses)
    assert "document.diagnoses[0].code" in claim.redacted_fields
    assert claim.document.total_charge
    recorded = reads(base)
    assert recorded[-1][:2] == ("finance-1", "FINANCE")
    assert recorded[-1][3] == "/claimflow.v1.QueryService/WatchClaims"
    assert recorded[-1][4] == [UUID(base.documents[0]["claim_id"])]
    assert len(recorded[0][4]) == len(base.documents)
    await stream.close()


@pytest.mark.parametrize(
    "other",
    [
        {"subject": "examiner-2"},
        {"tenant": sample.OTHER_TENANT},
        {"roles": ("SUBMITTER",)},
    ],
)
async def test_a_token_is_its_callers_alone(
    base: Base, service: QueryService, other: dict[str, Any]
) -> None:
    stream = Listener(service).watch()
    token = (await stream.until(CAUGHT_UP))[-1].resume_token
    await stream.close()
    again = Listener(service, **other).watch(resume_token=token)
    assert await reason_of(anext(again)) == "TOKEN_INVALID"


@pytest.mark.parametrize("asked", [{"filter": "state = DENIED"}, {"resume_token": "nonsense"}])
async def test_a_token_is_of_its_filter(
    base: Base, service: QueryService, asked: dict[str, Any]
) -> None:
    stream = Listener(service).watch()
    token = (await stream.until(CAUGHT_UP))[-1].resume_token
    await stream.close()
    again = Listener(service).watch(**{"resume_token": token, **asked})
    assert await reason_of(anext(again)) == "TOKEN_INVALID"


async def test_a_filter_that_cannot_be_read_is_refused(service: QueryService) -> None:
    async def refused() -> None:
        await anext(Listener(service).watch(filter="no_such = 1"))

    assert await reason_of(refused()) == "FILTER_INVALID"


async def test_another_store_ends_a_watch_and_refuses_its_token(base: Base, worker: Worker) -> None:
    # The database cannot be asked, or it would say first that the view follows another one.
    settings = replace(base.settings, database_url="postgresql://127.0.0.1:1/none")
    async with open_service(settings) as service:
        listener = Listener(service)
        stream = listener.watch(skip_snapshot=True)
        token = (await stream.until(CAUGHT_UP))[-1].resume_token
        waiting = asyncio.ensure_future(reason_of(anext(stream)))
        worker.advance(9000, epoch=sample.EPOCH)
        assert await waiting == "TOKEN_EPOCH_MISMATCH"
        again = listener.watch(resume_token=token)
        assert await reason_of(anext(again)) == "TOKEN_EPOCH_MISMATCH"


async def test_a_generation_that_reaches_back_far_enough_is_watched_on(
    base: Base, service: QueryService, worker: Worker
) -> None:
    listener = Listener(service)
    stream = listener.watch()
    token = (await stream.until(CAUGHT_UP))[-1].resume_token
    one = {**changed(base.documents[0]), "position": 5010}
    worker.serve_generation(5000, [*base.documents, one], 5010)
    assert told(await stream.until(CHANGES)) == versions([one])
    await stream.close()
    again = listener.watch(resume_token=token)
    assert told(await again.until(CAUGHT_UP)) == versions([one])
    await again.close()


async def test_a_generation_filled_later_than_the_token_compacts_it(
    base: Base, service: QueryService, worker: Worker
) -> None:
    listener = Listener(service)
    stream = listener.watch()
    token = (await stream.until(CAUGHT_UP))[-1].resume_token
    worker.serve_generation(5005, base.documents, 5010)
    assert await reason_of(anext(stream)) == "TOKEN_COMPACTED"
    again = listener.watch(resume_token=token)
    assert await reason_of(anext(again)) == "TOKEN_COMPACTED"


async def test_a_view_set_back_is_waited_for(base: Base, worker: Worker) -> None:
    settings = replace(base.settings, watch_heartbeat_s=0.2)
    async with open_service(settings) as service:
        listener = Listener(service)
        worker.advance(6000)
        stream = listener.watch()
        token = (await stream.until(CAUGHT_UP))[-1].resume_token
        await stream.close()
        worker.advance(5500)  # an older generation serves again and follows
        await asyncio.sleep(LAZY_SECONDS)
        again = listener.watch(resume_token=token)
        assert (await anext(again)).event == HEARTBEAT  # and not caught up
        one = {**changed(base.documents[0]), "position": 6010}
        worker.index([one])
        worker.advance(6010)
        assert told(await again.until(CAUGHT_UP)) == versions([one])
        await again.close()


async def test_a_watch_ends_when_the_server_drains(base: Base, service: QueryService) -> None:
    listener = Listener(service)
    stream = listener.watch()
    last = (await stream.until(CAUGHT_UP))[-1]
    waiting = asyncio.ensure_future(reason_of(anext(stream)))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    listener.call.draining.set()
    assert await waiting == "SHUTTING_DOWN"
    assert listener.call.resume_token == last.resume_token


async def test_a_watch_does_not_outlive_its_credential(base: Base) -> None:
    settings = replace(base.settings, watch_heartbeat_s=0.1)
    async with open_service(settings) as service:
        listener = Listener(service, expires_at=time.time() - 29)
        stream = listener.watch()
        await stream.until(CAUGHT_UP)

        async def listen() -> None:
            async for message in stream:
                assert message.event == HEARTBEAT

        assert await reason_of(listen()) == "CREDENTIALS_EXPIRED"


async def test_an_index_that_goes_away_ends_a_watch_which_goes_on_later(
    base: Base, service: QueryService, worker: Worker
) -> None:
    listener = Listener(service)
    stream = listener.watch()
    token = (await stream.until(CAUGHT_UP))[-1].resume_token
    progress_index, service.index.progress_index = service.index.progress_index, "no-such-index"
    assert await reason_of(anext(stream)) == "INDEX_UNAVAILABLE"
    service.index.progress_index = progress_index
    one = changed(base.documents[0])
    worker.commit(one)
    await asyncio.sleep(LAZY_SECONDS)
    again = listener.watch(resume_token=token)
    assert told(await again.until(CAUGHT_UP)) == versions([one])
    await again.close()


async def test_a_lost_point_in_time_is_opened_anew(
    base: Base, service: QueryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    open_point = service.index.open_point

    async def noted(*arguments: Any) -> str:
        opened.append(await open_point(*arguments))
        return opened[-1]

    monkeypatch.setattr(service.index, "open_point", noted)
    stream = Listener(service).watch(page_size=10)
    messages = [await anext(stream)]
    await service.index.close_point(opened[0])
    messages += await stream.until(CAUGHT_UP)
    assert told(messages) == versions(base.documents)
    await stream.close()
