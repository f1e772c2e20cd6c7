"""ExportClaims on a real index: batches over one point in time, resumption, the summary."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from elasticsearch import Elasticsearch

from server.platform.positions import TokenCodec
from server.query.process import open_service
from server.query.service import QueryService
from tests.server.query import sample
from tests.server.query.feeding import Listener, Worker, changed
from tests.server.query.whole import SEAL_KEY, Base, reads, reason_of


@pytest.fixture
def worker(base: Base) -> Iterator[Worker]:
    with Elasticsearch(base.elasticsearch_url) as client:
        yield Worker(client, base)


def ids(messages: list[Any]) -> list[str]:
    return [claim.claim_id for message in messages for claim in message.claims]


async def test_an_export_tells_all_by_id_and_how_many(base: Base, service: QueryService) -> None:
    messages = [one async for one in Listener(service).export(batch_size=10)]
    assert ids(messages) == sorted(one["claim_id"] for one in base.documents)
    assert [len(one.claims) for one in messages] == [10, 10, 10, 1, 0]
    assert [one.HasField("summary") for one in messages] == [False] * 4 + [True]
    summary = messages[-1].summary
    assert (summary.claim_count, summary.position) == (31, "0/1388")
    assert summary.one_point_in_time
    token = TokenCodec(SEAL_KEY).open(messages[-1].freshness.consistency_token, sample.TENANT)
    assert token.lsn == 5000


async def test_an_export_takes_what_matches(base: Base, service: QueryService) -> None:
    messages = [one async for one in Listener(service).export(filter="state=DENIED")]
    denied = [one["claim_id"] for one in base.documents if one["state"] == "DENIED"]
    assert ids(messages) == sorted(denied)
    assert [one.normalized_filter for one in messages] == ['state = "DENIED"', ""]


async def test_an_export_of_nothing_has_a_summary(base: Base, service: QueryService) -> None:
    messages = [one async for one in Listener(service).export(filter="claim_number = NONE")]
    assert len(messages) == 1
    assert messages[0].summary.claim_count == 0


async def test_an_export_is_of_one_point_in_time_also_when_it_is_resumed(
    base: Base, service: QueryService, worker: Worker
) -> None:
    listener = Listener(service)
    stream = listener.export(batch_size=10)
    first = await anext(stream)
    await stream.close()
    late = max(base.documents, key=lambda one: one["claim_id"])
    worker.commit(changed(late))
    async with open_service(base.settings) as other:
        rest = [one async for one in Listener(other).export(resume_token=first.resume_token)]
    assert ids([first, *rest]) == sorted(one["claim_id"] for one in base.documents)
    versions = {claim.claim_id: claim.version for one in rest for claim in one.claims}
    assert versions[late["claim_id"]] == late["version"]
    assert rest[-1].summary.claim_count == len(base.documents)
    assert rest[-1].summary.position == "0/1388"
    assert rest[-1].summary.one_point_in_time


async def test_an_export_goes_on_over_another_point_and_says_so(
    base: Base, service: QueryService, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    open_point = service.index.open_point

    async def noted(*arguments: Any) -> str:
        opened.append(await open_point(*arguments))
        return opened[-1]

    monkeypatch.setattr(service.index, "open_point", noted)
    listener = Listener(service)
    stream = listener.export(batch_size=10)
    first = await anext(stream)
    await stream.close()
    await service.index.close_point(opened[0])
    late = max(base.documents, key=lambda one: one["claim_id"])
    worker.commit(changed(late))
    rest = [one async for one in listener.export(resume_token=first.resume_token)]
    assert ids([first, *rest]) == sorted(one["claim_id"] for one in base.documents)
    assert rest[-1].summary.claim_count == len(base.documents)
    assert not rest[-1].summary.one_point_in_time


async def test_an_export_goes_on_over_another_generation(
    base: Base, service: QueryService, worker: Worker
) -> None:
    listener = Listener(service)
    stream = listener.export(batch_size=10)
    messages = [await anext(stream)]
    worker.serve_generation(5005, base.documents, 5010)
    messages += [one async for one in stream]
    assert ids(messages) == sorted(one["claim_id"] for one in base.documents)


async def test_another_store_refuses_an_exports_token(
    base: Base, service: QueryService, worker: Worker
) -> None:
    listener = Listener(service)
    first = await anext(listener.export(batch_size=10))
    worker.advance(9000, epoch=sample.EPOCH)
    # The service knows the database's identity: such a view is not used at all.
    again = listener.export(resume_token=first.resume_token)
    await asyncio.sleep(0.25)
    assert await reason_of(anext(again)) == "INDEX_UNAVAILABLE"


@pytest.mark.parametrize(
    ("other", "asked"),
    [
        ({"subject": "examiner-2"}, {}),
        ({"tenant": sample.OTHER_TENANT}, {}),
        ({}, {"filter": "state = DENIED"}),
    ],
)
async def test_a_token_is_of_its_caller_and_filter(
    base: Base, service: QueryService, other: dict[str, Any], asked: dict[str, Any]
) -> None:
    first = await anext(Listener(service).export(batch_size=10))
    again = Listener(service, **other).export(resume_token=first.resume_token, **asked)
    assert await reason_of(anext(again)) == "TOKEN_INVALID"


async def test_a_watchs_token_is_not_an_exports(base: Base, service: QueryService) -> None:
    listener = Listener(service)
    first = await anext(listener.watch())
    again = listener.export(resume_token=first.resume_token)
    assert await reason_of(anext(again)) == "TOKEN_INVALID"


async def test_people_outside_export_their_own_claims(base: Base, service: QueryService) -> None:
    stream = Listener(service, ("SUBMITTER",), "submitter-1").export()
    mine = [one for one in base.documents if one["submitted_by"] == "submitter-1"]
    assert ids([one async for one in stream]) == sorted(one["claim_id"] for one in mine)


async def test_what_was_exported_is_on_record(base: Base, service: QueryService) -> None:
    stream = Listener(service, ("FINANCE",), "finance-1").export(batch_size=20)
    messages = [one async for one in stream]
    assert "document.diagnoses[0].code" in messages[0].claims[0].redacted_fields
    recorded = reads(base)
    assert [len(one[4]) for one in recorded] == [20, 11]
    assert recorded[0][4] == [UUID(each) for each in ids(messages)[:20]]
    assert recorded[0][3] == "/claimflow.v1.QueryService/ExportClaims"


async def test_an_export_ends_when_the_server_drains(base: Base, service: QueryService) -> None:
    listener = Listener(service)
    stream = listener.export(batch_size=10)
    await anext(stream)
    listener.call.draining.set()
    assert await reason_of(anext(stream)) == "SHUTTING_DOWN"
    assert listener.call.resume_token


async def test_a_negative_batch_size_is_refused(service: QueryService) -> None:
    async def refused() -> None:
        await anext(Listener(service).export(batch_size=-1))

    assert await reason_of(refused()) == "VALIDATION_FAILED"
