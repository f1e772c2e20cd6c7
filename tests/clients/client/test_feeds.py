"""Watches and exports that go on by themselves, in both colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from typing import Any

import grpc
import pytest

from claimflow.client import (
    STRONG,
    ClaimflowError,
    Client,
    RetryPolicy,
    TransportError,
    at_least_as_fresh,
    connect,
    connect_async,
    errors,
)
from claimflow.client.feeds import CaughtUp, Heartbeat, Matched, Removed, Restarted, WatchItem
from claimflow.v1 import query_service_pb2 as pb
from claimflow.v1.claim_pb2 import Claim
from claimflow.v1.common_pb2 import Freshness

AT_ONCE = RetryPolicy(
    attempts_max=2, stream_attempts_max=4, pause_seconds_first=0.0, pause_seconds_max=0.0
)
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
OUT_OF_RANGE = grpc.StatusCode.OUT_OF_RANGE
EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.fixture
def client(servers: Any) -> Iterator[Client]:
    with connect(
        command_addr=servers.address, query_addr=servers.address, token="t", retry=AT_ONCE
    ) as client:
        yield client


def message(event: str, token: str, *versions: int, removed: int = 0) -> pb.WatchClaimsResponse:
    return pb.WatchClaimsResponse(
        event=f"WATCH_EVENT_{event}",
        claims=[Claim(claim_id=f"c{number}", version=number) for number in versions],
        removed=[pb.RemovedClaim(claim_id="gone", version=removed)] if removed else [],
        resume_token=token,
        freshness=Freshness(consistency_token=f"F{token}"),
    )


def take(watch: Any, count: int) -> list[WatchItem]:
    with closing(iter(watch)) as items:
        return list(islice(items, count))


def tokens(servers: Any) -> list[str]:
    return [one.resume_token for one in servers.requests("WatchClaims")]


def test_items_carry_the_token_up_to_which_everything_is_told(servers: Any, client: Client) -> None:
    servers.on(
        "WatchClaims",
        [
            message("SNAPSHOT", "T1", 1, 2),
            message("CAUGHT_UP", "T2"),
            message("CHANGES", "T3", 3, removed=4),
            message("HEARTBEAT", "T4"),
        ],
    )
    items = take(client.watch_claims("state = PENDED", page_size=7), 6)
    assert [type(one) for one in items] == [
        Matched, Matched, CaughtUp, Matched, Removed, Heartbeat
    ]  # fmt: skip
    assert [one.resume_token for one in items] == ["", "T1", "T2", "T2", "T3", "T4"]
    assert [one.in_snapshot for one in items if isinstance(one, Matched)] == [True, True, False]
    gone = items[4]
    assert isinstance(gone, Removed)
    assert (gone.claim_id, gone.version) == ("gone", 4)
    (request,) = servers.requests("WatchClaims")
    assert (request.filter, request.page_size) == ("state = PENDED", 7)


@pytest.mark.parametrize("lost", ["", "SHUTTING_DOWN", "WATCH_TOO_SLOW", "DEADLINE_PASSED"])
def test_a_lost_watch_goes_on_from_its_last_token(
    servers: Any, client: Client, refusal: Any, lost: str
) -> None:
    codes = {"WATCH_TOO_SLOW": EXHAUSTED, "DEADLINE_PASSED": grpc.StatusCode.DEADLINE_EXCEEDED}
    cut = refusal(codes.get(lost, UNAVAILABLE), lost)
    servers.on(
        "WatchClaims",
        [message("SNAPSHOT", "T1", 1), cut],
        cut,
        [message("SNAPSHOT", "T2", 2), message("CAUGHT_UP", "T3")],
        [message("HEARTBEAT", "T4")],
    )
    items = take(client.watch_claims(resume_token="T0"), 4)
    assert [one.resume_token for one in items] == ["T1", "T2", "T3", "T4"]
    assert tokens(servers) == ["T0", "T1", "T1", "T3"]


def test_a_watch_gives_up_after_failures_in_a_row(
    servers: Any, client: Client, refusal: Any
) -> None:
    servers.on("WatchClaims", refusal(UNAVAILABLE, "INDEX_UNAVAILABLE"))
    with pytest.raises(errors.IndexUnavailable):
        take(client.watch_claims(), 1)
    assert len(servers.requests("WatchClaims")) == AT_ONCE.stream_attempts_max


def test_what_cannot_go_on_is_raised(servers: Any, client: Client, refusal: Any) -> None:
    servers.on(
        "WatchClaims",
        [
            message("CAUGHT_UP", "T1"),
            refusal(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_MISSING"),
        ],
    )
    with pytest.raises(errors.PermissionMissing):
        take(client.watch_claims(), 2)
    assert len(servers.requests("WatchClaims")) == 1


@pytest.mark.parametrize("reason", ["TOKEN_COMPACTED", "TOKEN_EPOCH_MISMATCH"])
def test_an_outdated_token_begins_again_with_a_snapshot_and_says_so(
    servers: Any, client: Client, refusal: Any, reason: str
) -> None:
    servers.on(
        "WatchClaims",
        [message("CHANGES", "T1", 1), refusal(OUT_OF_RANGE, reason)],
        [message("SNAPSHOT", "T2", 2)],
    )
    watch = client.watch_claims("x", skip_snapshot=True, consistency=at_least_as_fresh("old"))
    items = take(watch, 3)
    assert [type(one) for one in items] == [Matched, Restarted, Matched]
    restarted = items[1]
    assert isinstance(restarted, Restarted)
    assert restarted.cause.reason == reason
    again = servers.requests("WatchClaims")[1]
    assert (again.filter, again.resume_token, again.skip_snapshot) == ("x", "", False)
    assert not again.HasField("consistency")


def test_a_consistency_token_that_is_outdated_is_the_callers_affair(
    servers: Any, client: Client, refusal: Any
) -> None:
    servers.on("WatchClaims", refusal(OUT_OF_RANGE, "TOKEN_EPOCH_MISMATCH"))
    with pytest.raises(errors.TokenEpochMismatch):
        take(client.watch_claims(consistency=at_least_as_fresh("old")), 1)


def test_an_expired_credential_is_renewed_once(servers: Any, refusal: Any) -> None:
    expired = refusal(grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_EXPIRED")
    servers.on("WatchClaims", [message("CAUGHT_UP", "T1"), expired], [message("HEARTBEAT", "T2")])
    credentials = iter(["first", "second"])
    with connect(
        command_addr=servers.address,
        query_addr=servers.address,
        token_provider=lambda: next(credentials),
        retry=AT_ONCE,
    ) as client:
        take(client.watch_claims(), 2)
    sent = [one["authorization"] for one in servers.metadata("WatchClaims")]
    assert sent == ["Bearer first", "Bearer second"]


def test_a_watch_lasts_no_longer_than_its_timeout(servers: Any, refusal: Any) -> None:
    servers.on("WatchClaims", refusal(UNAVAILABLE, "SHUTTING_DOWN"))
    patient = RetryPolicy(pause_seconds_first=0.2)
    with (
        connect(
            command_addr=servers.address, query_addr=servers.address, token="t", retry=patient
        ) as client,
        pytest.raises(ClaimflowError),
    ):
        take(client.watch_claims(timeout=0.5), 1)
    assert len(servers.requests("WatchClaims")) <= 4


def test_a_session_watches_from_what_it_has_seen(servers: Any, client: Client) -> None:
    servers.on("WatchClaims", [message("CAUGHT_UP", "T1")])
    take(client.session("S1").watch_claims(), 1)
    take(client.session("S1").watch_claims(consistency=STRONG), 1)
    first, second = servers.requests("WatchClaims")
    assert first.consistency.at_least_as_fresh.token == "S1"
    assert second.consistency.HasField("strong")


def batch(token: str, *versions: int, total: int = 0) -> pb.ExportClaimsResponse:
    reply = pb.ExportClaimsResponse(
        claims=[Claim(claim_id=f"c{number}", version=number) for number in versions],
        resume_token=token,
    )
    if total:
        reply.summary.claim_count = total
    return reply


def test_an_export_goes_on_from_its_last_batch_to_its_summary(
    servers: Any, client: Client, refusal: Any
) -> None:
    servers.on(
        "ExportClaims",
        [batch("T1", 1, 2), refusal(UNAVAILABLE)],
        [batch("T2", 3)],  # ended without a summary
        [batch("T3", 4), batch("T3", total=4)],
    )
    export = client.export_claims("x", batch_size=2)
    assert [claim.version for claim in export] == [1, 2, 3, 4]
    assert export.summary is not None
    assert export.summary.claim_count == 4
    assert export.resume_token == "T3"
    sent = [one.resume_token for one in servers.requests("ExportClaims")]
    assert sent == ["", "T1", "T2"]


@pytest.mark.parametrize(
    "begin", [lambda client: client.watch_claims(), lambda client: client.export_claims()]
)
def test_a_server_that_is_not_there_is_told(begin: Callable[[Client], Any]) -> None:
    gone = RetryPolicy(stream_attempts_max=2, pause_seconds_first=0.0)
    with (
        connect(
            command_addr="127.0.0.1:1", query_addr="127.0.0.1:1", token="t", retry=gone
        ) as client,
        pytest.raises(TransportError),
    ):
        next(iter(begin(client)))


async def test_the_asynchronous_ones_are_the_same(servers: Any, refusal: Any) -> None:
    cut = refusal(UNAVAILABLE)
    servers.on("WatchClaims", [message("SNAPSHOT", "T1", 1), cut], [message("CAUGHT_UP", "T2")])
    servers.on("ExportClaims", [batch("T1", 1), cut], [batch("T2", 2), batch("T2", total=2)])
    async with connect_async(
        command_addr=servers.address, query_addr=servers.address, token="t", retry=AT_ONCE
    ) as client:
        items = []
        async for item in client.watch_claims():
            items.append(item)
            if isinstance(item, CaughtUp):
                break
        assert [one.resume_token for one in items] == ["T1", "T2"]
        export = client.export_claims()
        assert [claim.version async for claim in export] == [1, 2]
        assert export.summary is not None
