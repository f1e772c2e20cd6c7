"""A session reads its own writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import grpc

from claimflow.client import STRONG
from claimflow.v1.command_service_pb2 import ListEditsResponse, PendClaimResponse
from claimflow.v1.common_pb2 import Freshness, Receipt
from claimflow.v1.query_service_pb2 import GetClaimResponse

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def wrote(token: str, at: datetime = NOON) -> PendClaimResponse:
    reply = PendClaimResponse(receipt=Receipt(consistency_token=token))
    reply.receipt.commit_time.FromDatetime(at)
    return reply


def pend(talk: Any, session: Any, reply: PendClaimResponse) -> None:
    call = talk.begin(lambda: session.pend_claim("c-1", pend_code="X"))
    talk.answer("PendClaim", reply)
    call.result()


def asked_token(talk: Any, session: Any, told: str = "", **options: Any) -> Any:
    call = talk.begin(lambda: session.get_claim("c-1", **options))
    reply = GetClaimResponse(freshness=Freshness(consistency_token=told))
    request, _ = talk.answer("GetClaim", reply)
    call.result()
    return request.consistency


def test_a_query_after_a_write_asks_for_it(talk: Any) -> None:
    session = talk.client.session()
    pend(talk, session, wrote("T1"))
    assert asked_token(talk, session).at_least_as_fresh.token == "T1"


def test_the_first_query_asks_for_nothing(talk: Any) -> None:
    assert asked_token(talk, talk.client.session()).WhichOneof("requirement") is None


def test_a_session_can_begin_where_another_ended(talk: Any) -> None:
    assert asked_token(talk, talk.client.session("T0")).at_least_as_fresh.token == "T0"


def test_a_query_goes_no_further_back_than_the_one_before(talk: Any) -> None:
    session = talk.client.session()
    asked_token(talk, session, told="T1")
    assert asked_token(talk, session).at_least_as_fresh.token == "T1"


def test_a_consistency_of_the_querys_own_stays(talk: Any) -> None:
    session = talk.client.session("T0")
    asked = asked_token(talk, session, consistency=STRONG)
    assert asked.WhichOneof("requirement") == "strong"


def test_a_replayed_receipt_does_not_set_the_session_back(talk: Any) -> None:
    session = talk.client.session()
    pend(talk, session, wrote("T2"))
    pend(talk, session, wrote("T1", NOON - timedelta(hours=1)))
    assert session.consistency_token == "T2"


def test_validate_only_leaves_the_token(talk: Any) -> None:
    session = talk.client.session("T0")
    pend(talk, session, PendClaimResponse())
    assert session.consistency_token == "T0"


def test_an_answer_older_than_a_write_meanwhile_is_not_remembered(talk: Any) -> None:
    session = talk.client.session("T0")
    query = talk.begin(lambda: session.get_claim("c-1"))
    _, _, slow = talk.take("GetClaim")
    pend(talk, session, wrote("T2"))
    slow.send_initial_metadata(())
    reply = GetClaimResponse(freshness=Freshness(consistency_token="T1"))
    slow.terminate(reply, (), grpc.StatusCode.OK, "")
    query.result()
    assert session.consistency_token == "T2"


def test_the_token_of_the_metadata_serves_where_the_reply_has_none(talk: Any) -> None:
    session = talk.client.session()
    call = talk.begin(session.list_edits)
    metadata = (("claimflow-consistency-token", "T3"),)
    talk.answer("ListEdits", ListEditsResponse(), metadata)
    call.result()
    assert session.consistency_token == "T3"


def test_a_client_without_session_remembers_nothing(talk: Any) -> None:
    pend(talk, talk.client, wrote("T1"))
    assert asked_token(talk, talk.client).WhichOneof("requirement") is None
