"""The demo is the first thing a newcomer sees: it must hold."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from claimflow.cli import demo
from claimflow.client import STRONG, ClaimflowError
from claimflow.v1.query_service_pb2 import CLAIM_VIEW_FULL
from tests.e2e.conftest import System


def test_a_claim_goes_from_submission_to_found(system: System) -> None:
    said: list[str] = []
    with ExitStack() as stack:
        people = {who: stack.enter_context(system.client(who)) for who in demo.PEOPLE}
        number = demo.play(people, said.append, datetime.now(UTC).date())
    assert number
    assert any("ACCEPTED" in line for line in said)
    assert any("CLAIM_NOT_BALANCED" in line for line in said)
    assert "APPROVED" in said[-4] and "27,900.00" in said[-3] and said[-3].endswith("PAID")
    assert said[-1].endswith("valid")


def test_p13_no_log_of_any_part_names_a_person(system: System) -> None:
    claim = demo.document("CANARY-1", datetime.now(UTC).date())
    canaries = {
        "member": "QZXMEMBER7741",
        "last": "Quizzaciously",
        "first": "Xylographer",
        "street": "17 Vexillology Lane",
        "note": "zymurgy remark",
    }
    claim.subscriber.member_id = canaries["member"]
    claim.subscriber.last_name = canaries["last"]
    claim.subscriber.first_name = canaries["first"]
    claim.subscriber.address.lines.append(canaries["street"])
    claim.notes.append(canaries["note"])
    with system.client("submitter") as submitter, system.client("examiner") as examiner:
        stored = submitter.submit_claim(claim).claim
        claim.service_lines[0].charge = canaries["last"]
        with pytest.raises(ClaimflowError) as refused:
            submitter.submit_claim(claim)
        assert not any(canary in str(refused.value) for canary in canaries.values())
        examiner.get_claim(stored.claim_id, view=CLAIM_VIEW_FULL, consistency=STRONG)
        member = canaries["member"]
        assert list(examiner.search_claims(f'member_id="{member}"', consistency=STRONG)), (
            "the claim is found by the keyed hash of its member"
        )
        with pytest.raises(ClaimflowError):
            list(examiner.search_claims(f'nothing.like.this="{member}"'))
    logs = {path.name: path.read_text(errors="replace") for path in system.home.glob("log/*.log")}
    assert {"postgres.log", "command.log", "query.log", "worker.log", "timers.log"} <= logs.keys()
    found = {
        (name, kind)
        for name, text in logs.items()
        for kind, canary in canaries.items()
        if canary.lower() in text.lower()
    }
    assert not found


def test_make_demo_prints_every_step(system: System) -> None:
    shown = system.cli("demo")
    assert shown.returncode == 0, shown.stderr.decode()
    assert b"PAID" in shown.stdout
