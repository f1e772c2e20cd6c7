"""The whole workflow over real gRPC: every kind of command on claims of one member."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from os import environ
from typing import Any

import pytest

from claimflow.cli import demo
from claimflow.client import STRONG, Client, errors
from claimflow.v1.claim_pb2 import Claim, ClaimState
from claimflow.v1.query_service_pb2 import CLAIM_VIEW_FULL
from tests.e2e.conftest import ROOT, System

TODAY = datetime.now(UTC).date()
ROLES = (
    "submitter", "examiner", "examiner-2", "supervisor", "finance", "siu", "cob_specialist",
    "appeals_analyst", "auditor", "approver",
)  # fmt: skip


@pytest.fixture(scope="module")
def people(system: System) -> Iterator[dict[str, Client]]:
    with ExitStack() as stack:
        yield {who: stack.enter_context(system.client(who)) for who in ROLES}


def document(charge: str = "200.00", **changes: Any) -> Any:
    """One office visit of a member of its own."""
    made = demo.document(f"E2E-{uuid.uuid4().hex[:10]}", TODAY)
    del made.service_lines[1:]
    made.service_lines[0].procedure.code = "99213"
    made.service_lines[0].charge = charge
    made.total_charge = charge
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def state(claim: Claim) -> str:
    return ClaimState.Name(claim.state).removeprefix("CLAIM_STATE_")


def now(people: dict[str, Client], claim_id: str) -> Claim:
    reply = people["auditor"].get_claim(claim_id, view=CLAIM_VIEW_FULL, consistency=STRONG)
    return reply.claim


def decided(people: dict[str, Client], made: Any = None) -> Claim:
    claim = people["submitter"].submit_claim(made or document()).claim
    return people["examiner"].adjudicate_claim(claim.claim_id, mode="AUTO").claim


def test_the_rules_price_a_claim_and_say_why(people: dict[str, Client]) -> None:
    claim = decided(people)

    assert state(claim) == "APPROVED"
    current = now(people, claim.claim_id).adjudication
    (line,) = current.lines
    # 84.00 of 200.00 are allowed; the plan's member pays a tenth of it.
    assert (line.allowed, line.paid) == ("84.00", "75.60")
    assert [(one.group_code, one.reason_code, one.amount) for one in line.adjustments] == [
        ("CO", "45", "116.00"), ("PR", "2", "8.40"),
    ]  # fmt: skip
    assert list(line.edit_ids) == ["FEE_SCHEDULE"]
    assert current.provenance.plan_id == "DEMO-OPEN"
    assert current.provenance.fee_schedule_versions[0].startswith("DEMO@")
    assert current.shares[0].out_of_pocket == "8.40"


def test_m14_a_member_reads_what_is_used_of_the_plan(people: dict[str, Client]) -> None:
    made = document()
    decided(people, made)

    told = people["supervisor"].get_member_accumulators(made.subscriber.member_id)

    (one,) = told.accumulators
    assert (one.plan_id, one.out_of_pocket_used, one.deductible_used) == (
        "DEMO-OPEN", "8.40", "0.00",
    )  # fmt: skip


def test_a_hold_stops_payment_until_it_is_released(people: dict[str, Client]) -> None:
    claim = decided(people)
    people["siu"].place_hold(claim.claim_id, kind="FRAUD", reason="TIP")

    with pytest.raises(errors.PaymentOnHold):
        people["finance"].issue_remittance([claim.claim_id])
    with pytest.raises(errors.HoldRoleNotAllowed):
        people["finance"].release_hold(claim.claim_id, kind="FRAUD", reason="IMPATIENT")

    people["siu"].release_hold(claim.claim_id, kind="FRAUD", reason="CLEARED")
    told = people["finance"].issue_remittance([claim.claim_id])
    assert (told.remittance.amount, told.claims[0].state) == (
        "75.60",
        ClaimState.Value("CLAIM_STATE_PAID"),
    )


def test_m17_an_appeal_that_succeeds_ends_in_reversal_and_correction(
    people: dict[str, Client],
) -> None:
    claim = decided(people)
    people["finance"].issue_remittance([claim.claim_id])
    appealed = people["submitter"].file_appeal(claim.claim_id, level=1).claim
    appeal_id = appealed.appeals[0].appeal_id
    with pytest.raises(errors.AppealAlreadyOpen):
        people["submitter"].file_appeal(claim.claim_id, level=1)
    with pytest.raises(errors.AppealOpen):
        people["supervisor"].reopen_claim(claim.claim_id, reason="SLIP")

    reopened = people["appeals_analyst"].decide_appeal(
        claim.claim_id, appeal_id=appeal_id, outcome="OVERTURNED", reason="CONTRACT"
    )

    assert state(reopened.claim) == "ACCEPTED"
    line = {"line_number": 1, "charge": Decimal("200.00"), "allowed": Decimal("200.00"),
            "paid": Decimal("200.00")}  # fmt: skip
    people["examiner-2"].adjudicate_claim(
        claim.claim_id, lines=[line], paid=Decimal("200.00"), patient_responsibility=Decimal("0.00")
    )
    people["examiner-2"].finalize_claim(claim.claim_id)
    told = people["finance"].issue_remittance([claim.claim_id]).remittance
    assert [(one.reverses, one.paid) for one in told.claims] == [
        (True, "-75.60"),
        (False, "200.00"),
    ]
    assert told.amount == "124.40"
    read = people["finance"].get_remittance(trace_number=told.trace_number).remittance
    assert read.content_hash == told.content_hash


def test_w11_a_replacement_takes_the_place_and_the_void_takes_back(
    people: dict[str, Client],
) -> None:
    made = document()
    original = decided(people, made)
    people["finance"].issue_remittance([original.claim_id])
    number = now(people, original.claim_id).claim_number
    made.frequency_code, made.original_claim_number = "7", number

    replacement = people["submitter"].submit_claim(made).claim

    assert state(replacement) == "ACCEPTED"
    assert replacement.link.prior_claim_number == number
    assert state(now(people, original.claim_id)) == "REPLACED"
    with pytest.raises(errors.OriginalNotReplaceable):
        people["submitter"].submit_claim(made)
    people["supervisor"].void_claim(replacement.claim_id, reason="WITHDRAWN")
    assert state(now(people, replacement.claim_id)) == "VOIDED"
    # What was paid for the original is taken from whatever is paid next to the same provider.
    other = decided(people)
    told = people["finance"].issue_remittance([other.claim_id]).remittance
    reversed_ = [one for one in told.claims if one.reverses]
    assert [(one.claim_id, one.paid) for one in reversed_] == [(original.claim_id, "-75.60")]


def test_r1_m19_money_that_did_not_arrive_and_money_that_was_too_much(
    people: dict[str, Client],
) -> None:
    claim = decided(people)
    first = people["finance"].issue_remittance([claim.claim_id]).remittance
    with pytest.raises(errors.TraceNumberMismatch):
        people["finance"].report_payment_failure(
            first.remittance_id, trace_number="OTHER", reason="RETURNED"
        )
    failed = people["finance"].report_payment_failure(
        first.remittance_id, trace_number=first.trace_number, reason="RETURNED"
    )
    assert failed.remittance.HasField("fail_time")
    people["finance"].issue_remittance([claim.claim_id])
    paid = people["finance"].record_overpayment(
        claim.claim_id, amount=Decimal("5.60"), reason="TWICE"
    )
    overpayment = paid.claim.payment.overpayments[0].overpayment_id
    people["finance"].recoup_overpayment(
        claim.claim_id, overpayment_id=overpayment, amount=Decimal("5.60"), reason="TWICE"
    )
    told = people["finance"].issue_remittance([decided(people).claim_id]).remittance
    withheld = {one.reference: one.amount for one in told.provider_adjustments}
    assert withheld[overpayment] == "5.60"


def test_c1_an_earlier_payers_decision_must_balance(people: dict[str, Client]) -> None:
    claim = people["submitter"].submit_claim(document()).claim
    payer = {"payer": {"payer_id": "FIRST"}, "payer_sequence": "P", "paid_amount": "150.00"}
    with pytest.raises(errors.PriorPayerNotBalanced):
        people["cob_specialist"].record_prior_payer(claim.claim_id, prior_payer=payer)

    adjustments = [
        {"group_code": "CO", "reason_code": "45", "amount": "30.00"},
        {"group_code": "PR", "reason_code": "2", "amount": "20.00"},
    ]
    people["cob_specialist"].record_prior_payer(
        claim.claim_id, prior_payer=payer | {"adjustments": adjustments}
    )

    priced = people["examiner"].adjudicate_claim(claim.claim_id, mode="AUTO").claim
    line = now(people, priced.claim_id).adjudication.lines[0]
    assert ("OA", "23", "180.00") in [
        (one.group_code, one.reason_code, one.amount) for one in line.adjustments
    ]
    assert Decimal(line.paid) <= Decimal("20.00")


def test_bad_input_is_told_field_by_field(people: dict[str, Client]) -> None:
    with pytest.raises(errors.ValidationFailed) as refused:
        people["finance"].issue_remittance(["no id", str(uuid.uuid4())], trace_number="x" * 51)
    assert {one.field_path for one in refused.value.field_violations} == {
        "claim_ids[0]",
        "trace_number",
    }
    claim = people["submitter"].submit_claim(document()).claim
    with pytest.raises(errors.ValidationFailed) as refused:
        people["examiner"].adjudicate_claim(
            claim.claim_id,
            mode="AUTO",
            paid=Decimal("1.00"),
            patient_responsibility=Decimal("0.00"),
        )
    assert {one.field_path for one in refused.value.field_violations} >= {"paid"}


def test_what_may_be_done_now_names_every_command(people: dict[str, Client]) -> None:
    claim = decided(people)

    told = people["finance"].list_allowed_actions(claim.claim_id)

    by_name = {one.command: one.blocked_by for one in told.actions}
    assert by_name["IssueRemittance"] == ""
    assert by_name["VoidClaim"] == "PERMISSION_MISSING"
    assert by_name["PlaceHold"] == ""
    assert by_name["RecordOverpayment"] == "TRANSITION_NOT_ALLOWED"


def test_the_store_is_sound_after_all_of_this(system: System) -> None:
    proven = subprocess.run(
        [sys.executable, "-m", "server.command", "audit"],
        cwd=ROOT,
        env={**environ, **system.env},
        capture_output=True,
        text=True,
    )
    assert proven.returncode == 0, proven.stdout


def test_a_day_of_service_years_ago_is_told_as_late(people: dict[str, Client]) -> None:
    made = document()
    old = TODAY - timedelta(days=800)
    made.service_lines[0].service_from_date.CopyFrom(_date(old))

    claim = people["submitter"].submit_claim(made).claim

    assert "E09" in {finding.edit_id for finding in claim.findings}


def _date(day: date) -> Any:
    from google.type.date_pb2 import Date

    return Date(year=day.year, month=day.month, day=day.day)
