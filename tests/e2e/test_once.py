"""A command happens once, whoever sends it however often; of a hundred rivals one wins."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import grpc

from claimflow.cli import demo
from claimflow.client import ClaimflowError
from claimflow.v1 import command_service_pb2
from tests.e2e.conftest import System

CLIENTS = 2
RIVALS = 100


def test_p2_two_clients_with_one_request_id_make_one_claim(system: System) -> None:
    request = command_service_pb2.SubmitClaimRequest(
        request_id=str(uuid.uuid4()),
        document=demo.document("ONCE-1", datetime.now(UTC).date()),
    ).SerializeToString()
    metadata = (("authorization", f"Bearer {system.token('submitter')}"),)

    def send(_: int) -> bytes:
        with grpc.insecure_channel(system.env["CLAIMFLOW_COMMAND_ADDR"]) as channel:
            call: Any = channel.unary_unary("/claimflow.v1.CommandService/SubmitClaim")
            reply: bytes = call(request, metadata=metadata, timeout=30)
            return reply

    with ThreadPoolExecutor(CLIENTS) as pool:
        replies = list(pool.map(send, range(CLIENTS * 5)))
    assert len(set(replies)) == 1, "a repeat gets the first reply's bytes"
    with system.client("examiner") as client:
        token = command_service_pb2.SubmitClaimResponse.FromString(
            replies[0]
        ).receipt.consistency_token
        found = list(client.session(token).search_claims('patient_control_number="ONCE-1"'))
    assert len(found) == 1


def test_w9_the_same_id_with_other_content_is_refused(system: System) -> None:
    request_id = str(uuid.uuid4())
    today = datetime.now(UTC).date()
    with system.client("submitter") as client:
        client.submit_claim(demo.document("ONCE-2", today), request_id=request_id)
        try:
            client.submit_claim(demo.document("ONCE-3", today), request_id=request_id)
        except ClaimflowError as refused:
            assert refused.reason == "REQUEST_ID_REUSED"
        else:
            raise AssertionError("another content under the same id was taken")


def test_w10_of_a_hundred_with_the_same_version_one_wins(system: System) -> None:
    with system.client("submitter") as submitter, system.client("examiner") as examiner:
        claim = submitter.submit_claim(demo.document("ONCE-4", datetime.now(UTC).date())).claim

        def pend(_: int) -> str:
            try:
                examiner.pend_claim(
                    claim.claim_id,
                    pend_code="DOCUMENTS_MISSING",
                    reason="RACE",
                    expected_version=claim.version,
                )
            except ClaimflowError as refused:
                assert refused.metadata["current_version"] == str(claim.version + 1)
                return str(refused.reason)
            return "done"

        with ThreadPoolExecutor(RIVALS) as pool:
            outcomes = Counter(pool.map(pend, range(RIVALS)))
    assert outcomes == {"done": 1, "VERSION_MISMATCH": RIVALS - 1}
