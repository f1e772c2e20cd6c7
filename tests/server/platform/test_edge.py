"""The edge before broken, slow and hostile clients (F50-F59, R1, R2, P13, P16, P17, P20)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from claimflow.v1 import command_service_pb2 as wire
from claimflow.v1 import errors_pb2
from server.platform.call import Call
from server.platform.errors import Failure
from tests.server.platform.conftest import Site
from tests.server.platform.desk import CANARY
from tests.server.platform.rawclient import framed, raw_client

PEND = "/claimflow.v1.CommandService/PendClaim"
INVALID_ARGUMENT, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNIMPLEMENTED = 3, 4, 8, 12
INTERNAL, UNAUTHENTICATED = 13, 16


# What is sent, and what the caller is told.
BODIES: dict[str, tuple[bytes, int, str]] = {
    "garbage": (framed(b"\xff" * 10), INVALID_ARGUMENT, "VALIDATION_FAILED"),
    "bad UTF-8": (framed(b"\x0a\x02\xc3\x28"), INVALID_ARGUMENT, "VALIDATION_FAILED"),
    "no message": (b"", INVALID_ARGUMENT, "VALIDATION_FAILED"),
    "two messages": (framed(b"") * 2, INVALID_ARGUMENT, "VALIDATION_FAILED"),
    "length beyond body": (framed(b"abc", declared=10), INVALID_ARGUMENT, "VALIDATION_FAILED"),
    "half a prefix": (b"\x00\x00", INVALID_ARGUMENT, "VALIDATION_FAILED"),
    "above our limit": (framed(bytes(100_000)), RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE"),
    "5 MiB": (framed(bytes(5 << 20)), RESOURCE_EXHAUSTED, ""),
    "4 GiB declared": (framed(b"abc", declared=2**32 - 1), RESOURCE_EXHAUSTED, ""),
    # A group of field 100 in a group of field 100, as deep as the limit lets it.
    "10,000 levels": (framed(b"\xa3\x06" * 10_000), INVALID_ARGUMENT, "VALIDATION_FAILED"),
    "compressed without saying how": (b"\x01" + framed(b"abc")[1:], INTERNAL, ""),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_bad_body_is_refused_and_has_no_effect(site: Site, name: str) -> None:
    body, code, reason = BODIES[name]

    answer = await site.raw.call(PEND, body, site.metadata())

    assert (answer.code, answer.reason) == (code, reason)
    assert site.desk.calls == []
    assert await succeeds(site)


@pytest.mark.parametrize("name", BODIES)
async def test_without_a_credential_nothing_is_said_about_a_decodable_frame(
    site: Site, name: str
) -> None:
    body, code, _ = BODIES[name]
    if name in ("garbage", "bad UTF-8", "above our limit", "10,000 levels"):
        code = UNAUTHENTICATED

    answer = await site.raw.call(PEND, body)

    assert answer.code == code
    assert answer.reason != "MESSAGE_TOO_LARGE"
    assert site.desk.calls == []


PATHS = [
    "/nothing.at.All/X",
    "/claimflow.v1.CommandService/Nope",
    "/claimflow.v1.CommandService/pendclaim",
    "/claimflow.v1.CommandService/PendClaim/",
    "/claimflow.v1.CommandService/%50endClaim",
    "/claimflow.v1.CommandService/../CommandService/PendClaim",
    "claimflow.v1.CommandService/PendClaim",
    "//",
]


@pytest.mark.parametrize("path", PATHS)
async def test_an_odd_path_is_no_method(site: Site, path: str) -> None:
    answer = await site.raw.call(path, framed(b""), site.metadata())

    assert answer.code == UNIMPLEMENTED
    assert site.desk.calls == []
    assert await succeeds(site)


METADATA: dict[str, tuple[tuple[str, str], int]] = {
    "bad time-out": (("grpc-timeout", "soon"), INTERNAL),
    "bad base64": (("x-bin", "%%%"), INTERNAL),
    "above our limit": (("x", "a" * 20_000), RESOURCE_EXHAUSTED),
    "above the core's": (("x", "a" * 200_000), RESOURCE_EXHAUSTED),
    "two credentials": (("authorization", "Bearer x"), UNAUTHENTICATED),
}


@pytest.mark.parametrize("name", METADATA)
async def test_bad_metadata_is_refused(site: Site, name: str) -> None:
    more, code = METADATA[name]

    answer = await site.raw.call(PEND, framed(b""), (*site.metadata(), more))

    assert answer.code == code
    assert site.desk.calls == []
    assert await succeeds(site)


async def test_a_nul_character_is_named_by_its_path(site: Site) -> None:
    request = wire.SubmitClaimRequest(
        document={"service_lines": [{"note": "a"}, {"note": f"{CANARY}\0"}]}
    )

    answer = await site.raw.call(
        "/claimflow.v1.CommandService/SubmitClaim",
        framed(request.SerializeToString()),
        site.metadata("SUBMITTER"),
    )

    assert answer.fields == ["document.service_lines[1].note"]
    assert CANARY not in answer.all_text


async def test_a_body_that_does_not_come_ends_the_call(site: Site) -> None:
    answer = await site.raw.answer(await site.raw.begin(PEND, site.metadata()))

    assert (answer.code, answer.reason) == (DEADLINE_EXCEEDED, "DEADLINE_PASSED")


async def test_a_message_without_an_end_ends_the_call(site: Site) -> None:
    stream = await site.raw.begin(PEND, site.metadata())
    await site.raw.send(stream, framed(b""))

    answer = await site.raw.answer(stream)

    assert (answer.code, site.desk.calls) == (DEADLINE_EXCEEDED, [])


async def test_silent_calls_deny_nobody_service(site: Site) -> None:
    async with AsyncExitStack() as doors:
        # Given eight times as many calls as there are places, all headers and nothing more
        idle = []
        for _ in range(8):
            client = await doors.enter_async_context(raw_client(site.server.port))
            idle += [(client, await client.begin(PEND, site.metadata())) for _ in range(4)]

        # When somebody works meanwhile
        worked = [await succeeds(site) for _ in range(20)]

        # Then all of that succeeds, and the silent ones are ended
        assert all(worked)
        answers = [await client.answer(stream) for client, stream in idle]
        assert {answer.code for answer in answers} == {DEADLINE_EXCEEDED}


async def test_what_a_handler_did_not_expect_stays_inside(site: Site) -> None:
    async def break_down(request: Any, call: Call) -> Any:
        raise ValueError(f"duplicate key (last_name)=({CANARY})")

    site.desk.work = break_down

    answer = await site.raw.call(PEND, framed(b""), site.metadata())
    await logged(site, '"call"')

    assert (answer.code, answer.reason) == (INTERNAL, "UNEXPECTED")
    assert CANARY not in answer.all_text
    assert "ValueError" not in answer.all_text
    assert CANARY not in site.log.getvalue()
    assert answer.info.metadata["correlation_id"] in site.log.getvalue()
    assert '"error_type": "ValueError"' in site.log.getvalue()


async def test_the_time_out_of_a_handlers_own_is_no_deadline(site: Site) -> None:
    async def time_out(request: Any, call: Call) -> Any:
        raise TimeoutError

    site.desk.work = time_out

    answer = await site.raw.call(PEND, framed(b""), site.metadata())

    assert answer.reason == "UNEXPECTED"


async def test_a_failure_tells_reason_fields_and_delay(site: Site) -> None:
    async def fail(request: Any, call: Call) -> Any:
        raise Failure(
            errors_pb2.ERROR_REASON_VERSION_MISMATCH,
            {"current_version": "7", "not_declared": CANARY},
            retry_after_s=1.5,
        )

    site.desk.work = fail

    answer = await site.raw.call(PEND, framed(b""), site.metadata())

    assert answer.code == grpc.StatusCode.ABORTED.value[0]
    assert dict(answer.info.metadata) == {"current_version": "7"}
    assert answer.info.domain == "claimflow"
    assert any("RetryInfo" in detail.type_url for detail in answer.status.details)


async def test_no_work_starts_without_room_and_the_caller_hears_when_to_come_back(
    site: Site,
) -> None:
    # Given all places of this tenant taken by calls that wait
    release = asyncio.Event()

    async def wait(request: Any, call: Call) -> Any:
        await release.wait()
        return wire.PendClaimResponse()

    site.desk.work = wait
    under_way = [
        asyncio.ensure_future(site.stub.PendClaim(request(), metadata=site.metadata()))
        for _ in range(3)
    ]
    while len(site.desk.calls) < 3:
        await asyncio.sleep(0.01)

    # When one more comes
    answer = await site.raw.call(PEND, framed(b""), site.metadata())

    # Then it is told to come back, while another tenant still finds a place
    assert (answer.code, answer.reason) == (RESOURCE_EXHAUSTED, "RATE_LIMITED")
    assert any("RetryInfo" in detail.type_url for detail in answer.status.details)
    other = site.metadata("EXAMINER", tenant="00000000-0000-7000-8000-000000000002")
    await site.stub.ListEdits(wire.ListEditsRequest(), metadata=other)
    release.set()
    await asyncio.gather(*under_way)
    assert site.server.edge.calls.taken == 0


async def test_work_ends_at_the_deadline_and_gives_its_place_back(site: Site) -> None:
    async def sleep(request: Any, call: Call) -> Any:
        await asyncio.sleep(60)

    site.desk.work = sleep

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await site.stub.PendClaim(request(), metadata=site.metadata(), timeout=0.3)

    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    await until(lambda: site.server.edge.calls.taken == 0)


async def test_a_call_without_a_deadline_gets_one(site: Site) -> None:
    await site.stub.PendClaim(request(), metadata=site.metadata())

    assert 0 < site.desk.calls[0].seconds_left <= 30


async def test_a_caller_who_leaves_gives_the_place_back(site: Site) -> None:
    async def sleep(request: Any, call: Call) -> Any:
        await asyncio.sleep(60)

    site.desk.work = sleep
    stream = await site.raw.begin(PEND, site.metadata())
    await site.raw.send(stream, framed(b""), end=True)
    await until(lambda: site.server.edge.calls.taken == 1)

    await site.raw.reset(stream)

    await until(lambda: site.server.edge.calls.taken == 0)
    await logged(site, '"CANCELLED"')


async def test_the_handler_sees_who_calls_and_the_reply_is_redacted(site: Site) -> None:
    metadata = (*site.metadata("AUDITOR", "SIU"), ("claimflow-purpose", "HOPERAT"))

    as_siu = await site.stub.PendClaim(request(), metadata=metadata)
    as_system = await site.stub.PendClaim(request(), metadata=site.metadata("SYSTEM"))

    call = site.desk.calls[0]
    assert call.metadata["claimflow-purpose"] == "HOPERAT"
    assert call.method == PEND
    assert as_siu.claim.document.subscriber.last_name == CANARY
    assert list(as_siu.claim.redacted_fields) == []
    assert CANARY not in str(as_system)
    assert set(as_system.claim.redacted_fields) == {
        "claim_number",
        "document.total_charge",
        "document.subscriber.last_name",
    }


async def test_metadata_that_a_handler_gives_comes_with_the_answer(site: Site) -> None:
    async def answer(request: Any, call: Call) -> bytes:
        call.reply_metadata["claimflow-replayed"] = "true"
        return wire.PendClaimResponse(receipt={"version": 9}).SerializeToString()

    site.desk.work = answer

    call = site.stub.PendClaim(request(), metadata=site.metadata())

    assert (await call).receipt.version == 9
    assert dict(await call.initial_metadata())["claimflow-replayed"] == "true"


async def test_a_stream_is_answered_batch_by_batch(site: Site) -> None:
    call = site.stub.IngestClaims(metadata=site.metadata("SUBMITTER"))
    for name in ("a", "b"):
        await call.write(wire.IngestClaimsRequest(batch_id=name))
        assert (await call.read()).batch_id == name
    await call.done_writing()

    assert await call.read() is grpc.aio.EOF
    assert dict(await call.initial_metadata())["claimflow-test"] == "first"
    assert site.server.edge.streams.taken == 0


async def test_a_bad_batch_ends_the_stream_with_its_reason(site: Site) -> None:
    path = "/claimflow.v1.CommandService/IngestClaims"

    answer = await site.raw.call(path, framed(b"\xff"), site.metadata("SUBMITTER"))

    assert (answer.code, answer.reason) == (INVALID_ARGUMENT, "VALIDATION_FAILED")


async def test_who_leaves_a_stream_gives_its_place_back(site: Site) -> None:
    path = "/claimflow.v1.CommandService/IngestClaims"
    stream = await site.raw.begin(path, site.metadata("SUBMITTER"))
    await until(lambda: site.server.edge.streams.taken == 1)

    await site.raw.reset(stream)

    await until(lambda: site.server.edge.streams.taken == 0)


async def flood(requests: Any, call: Call) -> AsyncIterator[Any]:
    """Answer the first batch with more than anybody takes at once."""
    call.patience_s = 0.3
    async for _ in requests:
        for number in range(1000):
            yield wire.IngestClaimsResponse(batch_id=f"{number} " + "x" * 100_000)
            call.resume_token = f"after {number}"


async def test_a_reader_that_takes_nothing_is_ended_with_its_last_token(site: Site) -> None:
    site.desk.stream = flood
    call = site.stub.IngestClaims(metadata=site.metadata("SUBMITTER"))
    await call.write(wire.IngestClaimsRequest(batch_id="a"))
    await until(lambda: site.server.edge.streams.taken == 1)
    await until(lambda: site.server.edge.streams.taken == 0)  # given back while it sleeps

    taken = []
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        while True:
            taken.append((await call.read()).batch_id.split()[0])

    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    info = info_of(refused.value)
    assert info.reason == "WATCH_TOO_SLOW"
    token = info.metadata["resume_token"]
    assert token == f"after {len(taken) - 2}"  # and the one that lay in between
    assert taken == [str(number) for number in range(len(taken))]


async def test_the_request_log_says_who_and_how_but_not_what(site: Site) -> None:
    with pytest.raises(grpc.aio.AioRpcError):
        await site.stub.PendClaim(request(CANARY), metadata=site.metadata("MEMBER"))

    line = await logged(site, '"call"')

    for part in (PEND, "PERMISSION_DENIED", "PERMISSION_MISSING", "correlation_id", "d3e0"):
        assert part in line
    assert CANARY not in site.log.getvalue()


def request(text: str = "") -> wire.PendClaimRequest:
    return wire.PendClaimRequest(pend_code="X", reason={"text": text})


async def succeeds(site: Site) -> bool:
    """Say whether a good client is served."""
    reply = await site.stub.ListEdits(wire.ListEditsRequest(), metadata=site.metadata())
    return bool(reply.policy_version == 7)


def info_of(refused: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo:
    trailers = dict(refused.trailing_metadata() or ())
    info = error_details_pb2.ErrorInfo()
    body = trailers["grpc-status-details-bin"]
    assert isinstance(body, bytes)
    status_pb2.Status.FromString(body).details[0].Unpack(info)
    return info


async def until(holds: Any) -> None:
    """Wait for a condition; fail after some seconds."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


async def logged(site: Site, part: str) -> str:
    """Return the first line of the log that has a part, once it is there."""
    await until(lambda: part in site.log.getvalue())
    return next(line for line in site.log.getvalue().splitlines() if part in line)
