"""A story for every refusal of the rules, and more where it has several causes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from server.claims.commands import Reason
from server.claims.document import Adjustment
from server.claims.events import ClaimPended, InformationRequested
from server.claims.model import AdjudicationLine, InformationItem, InformationRequest
from server.claims.policy import PendReason
from server.claims.refusals import Refusal
from tests.server.claims.cast import (
    ABE,
    AMY,
    ANA,
    BEA,
    BECAUSE,
    BOB,
    CLARA,
    FAY,
    IDA,
    MIA,
    NOW,
    OTTO,
    PAYS_ALL,
    SERVICE_DAY,
    STRICT,
    SUE,
    TIMER,
    TODAY,
    Who,
    adjudicate,
    adjusted,
    approve,
    assign,
    attach,
    close,
    decided,
    denied,
    expire,
    finalize,
    money,
    new_attachment,
    note,
    pend,
    professional,
    receive_information,
    redact,
    release,
    request_information,
    resolve,
    rework,
    service_line,
    submit,
    take_next,
    transfer,
    with_policy,
    with_tables,
)
from tests.server.claims.dsl import Story, given, play
from tests.server.claims.pasts import (
    ACCEPTED,
    ADJUDICATED,
    APPROVED,
    BIG_LINE,
    DENIED,
    INFO_REQUESTED,
    MIDDLE_LINE,
    PENDED,
    PENDING_APPROVAL,
    PENDING_ONE_APPROVAL,
    REJECTED,
)

OTHER = UUID(int=99)
LEASED = play(assign(), claim=ACCEPTED)
NOTED = play(note(), claim=ACCEPTED)
ATTACHED = play(attach(), claim=ACCEPTED)
ONCE_APPROVED = play(approve(PENDING_APPROVAL), claim=PENDING_APPROVAL)
VERY_BIG = play(
    submit(professional("200000.00")),
    adjudicate(decided(1, "200000.00", "200000.00", "200000.00")),
)
BIGGEST = play(
    submit(professional("250000.01")),
    adjudicate(decided(1, "250000.01", "250000.01", "250000.01")),
)
NO_CARC_29 = with_tables({"CARC": {"45": (SERVICE_DAY, TODAY)}})
NO_RARC = with_tables({"RARC": {"N14": (SERVICE_DAY, TODAY)}})
_ASKED = InformationRequest(
    information_request_id=OTHER,
    party=request_information().party,
    items=request_information().items,
    control_number="CN99",
    due_date=TODAY,
    requested_at=NOW,
)
SECOND = PAYS_ALL[1]


def deciding(
    first: AdjudicationLine, second: AdjudicationLine | None = SECOND, **fields: Any
) -> Story:
    """The adjudication of a claim of 100.00 and 50.00."""
    lines = tuple(one for one in (first, second) if one is not None)
    return given(ACCEPTED).when(adjudicate(*lines, **fields))


STORIES: Mapping[Refusal, Mapping[str, Story]] = {
    Refusal.CLAIM_NOT_FOUND: {
        "no such claim": given().when(pend()),
        "another submitter's": given(ACCEPTED).when(attach(who=OTTO)),
        "another submitter's, in a state that forbids it": given(REJECTED).when(attach(who=OTTO)),
    },
    Refusal.CLAIM_ALREADY_EXISTS: {"submitted": given(ACCEPTED).when(submit())},
    Refusal.VERSION_MISMATCH: {
        "older": given(ACCEPTED).when(pend(expected_version=1)),
        "newer": given(ACCEPTED).when(pend(expected_version=3)),
        "before the state": given(REJECTED).when(pend(expected_version=9)),
    },
    Refusal.TRANSITION_NOT_ALLOWED: {
        "rejected": given(REJECTED).when(pend()),
        "before the reason": given(REJECTED).when(pend(reason=None)),
        "approved": given(APPROVED).when(adjudicate()),
    },
    Refusal.PERMISSION_MISSING: {
        "finance adjudicates": given(ACCEPTED).when(adjudicate(who=FAY)),
        "a submitter pends": given(ACCEPTED).when(pend(who=CLARA)),
        "before the claim is looked for": given().when(pend(who=CLARA)),
    },
    Refusal.QUEUE_EMPTY: {
        "none found": given().when(take_next()),
        "leased": given(LEASED).when(take_next(who=ABE)),
        "in another queue": given(ACCEPTED).when(take_next("SIU")),
    },
    Refusal.REASON_REQUIRED: {
        "none": given(ACCEPTED).when(pend(reason=None)),
        "without code": given(ACCEPTED).when(pend(reason=Reason(text="because"))),
        "resolve": given(PENDED).when(resolve(reason=None)),
        "request": given(ACCEPTED).when(request_information(reason=None)),
        "rework": given(PENDING_APPROVAL).when(rework(reason=None)),
        "close": given(DENIED).when(close(reason=None)),
        "redact": given(NOTED).when(redact(reason=None)),
    },
    Refusal.PEND_CODE_UNKNOWN: {"unknown": given(ACCEPTED).when(pend("NO_SUCH_CODE"))},
    Refusal.PEND_ALREADY_OPEN: {"twice": given(PENDED).when(pend())},
    Refusal.PEND_NOT_OPEN: {
        "another": given(PENDED).when(resolve("PRICING")),
        "resolved": given(
            play(pend("PRICING"), resolve(), claim=PENDED),
        ).when(resolve()),
    },
    Refusal.PEND_RESOLVER_NOT_ALLOWED: {
        "not the code's": given(play(pend("MEDICAL_REVIEW"), claim=ACCEPTED)).when(
            resolve("MEDICAL_REVIEW")
        ),
        "a code that left the policy": given(
            PENDED,
            facts=with_policy(pend_reasons={"X": PendReason(description="", resolvers=())}),
        ).when(resolve()),
    },
    Refusal.INFORMATION_ITEMS_REQUIRED: {
        "none": given(ACCEPTED).when(request_information(items=())),
        "an empty one": given(ACCEPTED).when(request_information(items=(InformationItem(),))),
    },
    Refusal.DUE_DATE_OUT_OF_RANGE: {
        "today": given(ACCEPTED).when(request_information(due_date=TODAY)),
        "too late": given(ACCEPTED).when(
            request_information(
                due_date=TODAY + timedelta(days=STRICT.policy.information_due_days_max + 1)
            )
        ),
    },
    Refusal.INFORMATION_REQUEST_NOT_OPEN: {
        "unknown, received": given(INFO_REQUESTED).when(receive_information(OTHER)),
        "unknown, expired": given(INFO_REQUESTED).when(expire(OTHER)),
        "answered": given(
            play(request_information(OTHER), receive_information(), claim=INFO_REQUESTED)
        ).when(expire()),
    },
    Refusal.ATTACHMENT_REQUIRED: {
        "none": given(INFO_REQUESTED).when(receive_information(attachments=())),
        "no hash": given(INFO_REQUESTED).when(
            receive_information(attachments=(new_attachment(sha256=""),))
        ),
    },
    Refusal.CONTROL_NUMBER_MISMATCH: {
        "another": given(INFO_REQUESTED).when(receive_information(control_number="CN98"))
    },
    Refusal.INFORMATION_REQUEST_NOT_DUE: {
        "on the due date": given(INFO_REQUESTED).when(expire(now=NOW + timedelta(days=30)))
    },
    Refusal.ASSIGNED_TO_ANOTHER: {
        "adjudicates": given(LEASED).when(adjudicate(who=ABE)),
        "assigns": given(LEASED).when(assign(who=ABE)),
        "releases": given(LEASED).when(release(who=ABE)),
        "transfers": given(LEASED).when(transfer(who=ABE)),
        "finalizes": given(play(assign(), claim=ADJUDICATED)).when(finalize(who=ABE)),
    },
    Refusal.LINES_INCOMPLETE: {
        "missing": deciding(PAYS_ALL[0], None),
        "twice": given(ACCEPTED).when(adjudicate(*PAYS_ALL, PAYS_ALL[1])),
        "no lines at all": given(
            play(
                submit(professional("0.00", service_lines=())),
                facts=with_policy(severities={"E01": "WARN", "E04": "WARN"}),
            )
        ).when(replace(adjudicate(), lines=())),
        "line numbers repeat": given(
            play(
                submit(
                    professional(
                        "2.00", service_lines=(service_line(1, "1.00"), service_line(1, "1.00"))
                    )
                ),
                facts=with_policy(severities={"E01": "WARN"}),
            )
        ).when(adjudicate(decided(1, "1.00", "1.00", "1.00"))),
    },
    Refusal.LINE_UNKNOWN: {
        "adjudicated": given(ACCEPTED).when(
            adjudicate(*PAYS_ALL, decided(3, "1.00", "1.00", "1.00"))
        ),
        "asked about": given(ACCEPTED).when(
            request_information(items=(InformationItem(report_type_code="OZ", line_number=3),))
        ),
    },
    Refusal.LINE_CHARGE_CHANGED: {"less": deciding(decided(1, "99.00", "99.00", "99.00"))},
    Refusal.AMOUNT_OUT_OF_RANGE: {
        "three decimals": deciding(decided(1, "100.00", "100.00", "99.999", {"CO-45": "0.001"})),
        "an adjustment": deciding(decided(1, "100.00", "100.00", "99.99", {"CO-45": "0.010001"})),
        "too large": deciding(decided(1, "100.00", "100000000.00", "100.00")),
        "too small": deciding(decided(1, "100.00", "100.00", "100.00", {"OA-94": "-1E+30"})),
        "no number": deciding(decided(1, "100.00", "NaN", "100.00")),
        "the claim's payment": deciding(PAYS_ALL[0], paid=Decimal("Infinity")),
        "the patient's": deciding(PAYS_ALL[0], patient_responsibility=money("0.001")),
        "a claim-level adjustment": deciding(
            PAYS_ALL[0], adjustments={"CO-97": "0.005", "CO-A2": "0.005"}
        ),
    },
    Refusal.LINE_NOT_BALANCED: {
        "a cent off": deciding(decided(1, "100.00", "80.00", "80.00", {"CO-45": "19.99"}))
    },
    Refusal.CLAIM_NOT_BALANCED: {
        "a cent off": deciding(PAYS_ALL[0], paid=money("149.99")),
        "without the claim's own adjustment": deciding(
            PAYS_ALL[0], adjustments={"CO-A2": "5.00"}, paid=money("150.00")
        ),
    },
    Refusal.PATIENT_RESPONSIBILITY_MISMATCH: {
        "too little": deciding(
            decided(1, "100.00", "100.00", "90.00", {"PR-1": "10.00"}),
            patient_responsibility=money("0.00"),
        ),
        "too much": deciding(PAYS_ALL[0], patient_responsibility=money("0.01")),
        "a claim-level one": deciding(
            PAYS_ALL[0], adjustments={"PR-1": "5.00"}, patient_responsibility=money("0.00")
        ),
    },
    Refusal.ALLOWED_MISMATCH: {
        "more than explained": deciding(decided(1, "100.00", "90.00", "80.00", {"CO-45": "20.00"})),
        "less than paid and shares": deciding(
            decided(1, "100.00", "80.00", "80.00", {"PR-2": "20.00"})
        ),
    },
    Refusal.CONTRACTUAL_MISMATCH: {
        "negative": deciding(decided(1, "100.00", "110.00", "110.00", {"CO-45": "-10.00"})),
        "beyond charge less allowed": deciding(
            decided(1, "100.00", "90.00", "90.00", {"CO-45": "15.00", "OA-94": "-5.00"})
        ),
    },
    Refusal.ADJUSTMENT_ZERO: {
        "on a line": deciding(decided(1, "100.00", "100.00", "100.00", {"CO-45": "0.00"})),
        "on the claim": deciding(PAYS_ALL[0], adjustments={"CO-A2": "0.00"}),
    },
    Refusal.ADJUSTMENT_REPEATED: {
        "on a line": deciding(
            replace(
                decided(1, "100.00", "80.00", "80.00"),
                adjustments=(adjusted("CO-45", "10.00"), adjusted("CO-45", "10.00")),
            )
        )
    },
    Refusal.DENIED_LINE_INVALID: {
        "pays": deciding(decided(1, "100.00", "1.00", "1.00", {"CO-29": "99.00"}, denied=True)),
        "the patient's share alone": deciding(
            decided(1, "100.00", "0.00", "0.00", {"PR-1": "100.00"}, denied=True)
        ),
    },
    Refusal.ADJUSTMENT_REASON_REQUIRED: {
        "paid less, said nothing": deciding(decided(1, "100.00", "80.00", "80.00"))
    },
    Refusal.REMARK_REQUIRED: {
        "on a line": deciding(denied(1, "100.00", "CO-16")),
        "on the claim": deciding(PAYS_ALL[0], adjustments={"CO-A1": "5.00"}),
    },
    Refusal.GROUP_CODE_NOT_ALLOWED: {
        "18 outside OA": deciding(denied(1, "100.00", "CO-18")),
        "1 outside PR": deciding(decided(1, "100.00", "90.00", "90.00", {"CO-1": "10.00"})),
        "23 outside OA": deciding(decided(1, "100.00", "90.00", "90.00", {"PI-23": "10.00"})),
        "45 in OA": deciding(decided(1, "100.00", "90.00", "90.00", {"OA-45": "10.00"})),
        "no group of ours": deciding(denied(1, "100.00", "CR-29")),
    },
    Refusal.AMOUNT_OUT_OF_BOUNDS: {
        "paid above allowed": deciding(decided(1, "100.00", "70.00", "80.00", {"CO-45": "20.00"})),
        "negative payment": deciding(decided(1, "100.00", "0.00", "-1.00", {"CO-45": "101.00"})),
        "patient above charge": deciding(
            decided(1, "100.00", "110.00", "0.00", {"PR-1": "110.00", "OA-94": "-10.00"})
        ),
        "patient below nothing": deciding(
            decided(1, "100.00", "100.00", "100.00", {"PR-1": "-10.00", "CO-97": "10.00"})
        ),
        "negative units": deciding(replace(PAYS_ALL[0], units_paid=Decimal(-1))),
        "the claim takes back more than it pays": deciding(
            PAYS_ALL[0], adjustments={"CO-A2": "150.01"}
        ),
        "a denied line too": deciding(
            decided(1, "100.00", "-1.00", "0.00", {"CO-29": "100.00"}, denied=True)
        ),
    },
    Refusal.REASON_CODE_UNKNOWN: {
        "no shape": deciding(
            replace(
                denied(1, "100.00"),
                adjustments=(
                    Adjustment(group_code="CO", reason_code="29X", amount=money("100.00")),
                ),
            )
        ),
        "not in the table": given(ACCEPTED, facts=NO_CARC_29).when(
            adjudicate(denied(1, "100.00"), SECOND)
        ),
        "no longer in the table": given(ACCEPTED, facts=NO_CARC_29).when(
            adjudicate(
                decided(1, "100.00", "90.00", "90.00", {"CO-45": "10.00"}),
                SECOND,
                now=NOW + timedelta(days=1),
            )
        ),
        "a remark without shape": deciding(replace(PAYS_ALL[0], remark_codes=("X1",))),
        "a remark not in the table": given(ACCEPTED, facts=NO_RARC).when(
            adjudicate(replace(PAYS_ALL[0], remark_codes=("N15",)), SECOND)
        ),
    },
    Refusal.MEDICAL_REVIEW_REQUIRED: {
        "an examiner denies": deciding(denied(1, "100.00", "CO-50")),
        "or cuts": deciding(decided(1, "100.00", "90.00", "90.00", {"CO-50": "10.00"})),
    },
    Refusal.ADJUDICATION_CHANGED: {
        "another number": given(PENDING_APPROVAL).when(
            approve(PENDING_APPROVAL, adjudication_number=2)
        ),
        "another hash": given(PENDING_APPROVAL).when(
            approve(PENDING_APPROVAL, adjudication_hash="0" * 64)
        ),
    },
    Refusal.APPROVER_IS_ADJUDICATOR: {
        "in another role": given(PENDING_APPROVAL).when(
            replace(approve(PENDING_APPROVAL), actor=ANA.actor)
        )
    },
    Refusal.APPROVER_ALREADY_COUNTED: {
        "twice": given(ONCE_APPROVED).when(approve(ONCE_APPROVED)),
        "in another role": given(ONCE_APPROVED).when(
            replace(approve(ONCE_APPROVED), role="SUPERVISOR")
        ),
    },
    Refusal.APPROVER_ROLE_NOT_ALLOWED: {
        "not the tier's": given(PENDING_APPROVAL).when(approve(PENDING_APPROVAL, MIA))
    },
    Refusal.APPROVALS_REQUIRED: {
        # An adjudication that needs approval is in PENDING_APPROVAL, where FinalizeClaim is not
        # allowed; the guard holds should a state ever lie.
        "the state lies": given(replace(PENDING_ONE_APPROVAL, state=ADJUDICATED.state)).when(
            finalize()
        )
    },
    Refusal.CLAIM_HAS_OPEN_WORK: {
        "a pend after the decision": given(
            DENIED, ClaimPended(code="PRICING", by="ana", at=NOW)
        ).when(close()),
        "a request after the decision": given(DENIED, InformationRequested(request=_ASKED)).when(
            close()
        ),
    },
    Refusal.ASSIGNEE_NOT_ALLOWED: {
        "an examiner assigns another": given(ACCEPTED).when(assign(ABE.actor))
    },
    Refusal.CLAIM_NOT_ASSIGNED: {
        "nobody": given(ACCEPTED).when(release()),
        "expired": given(LEASED).when(
            release(now=NOW + timedelta(minutes=STRICT.policy.lease_minutes))
        ),
    },
    Refusal.QUEUE_UNKNOWN: {
        "transferred": given(ACCEPTED).when(transfer("NOWHERE")),
        "taken from": given(ACCEPTED).when(take_next("NOWHERE")),
        "taken from, none found": given().when(take_next("NOWHERE")),
    },
    Refusal.NOTE_NOT_FOUND: {"unknown": given(NOTED).when(redact(OTHER))},
    Refusal.NOTE_ALREADY_REDACTED: {"twice": given(play(redact(), claim=NOTED)).when(redact())},
    Refusal.ATTACHMENT_NOT_ALLOWED: {
        "media type": given(ACCEPTED).when(attach(media_type="application/x-sh")),
        "empty": given(ACCEPTED).when(attach(size_bytes=0)),
        "too large": given(ACCEPTED).when(
            attach(size_bytes=STRICT.policy.attachment_bytes_max + 1)
        ),
        "no hash": given(ACCEPTED).when(attach(sha256="ABC")),
        "with an answer": given(INFO_REQUESTED).when(
            receive_information(attachments=(new_attachment(media_type="x/y"),))
        ),
    },
    Refusal.ATTACHMENT_ALREADY_LINKED: {
        "again": given(ATTACHED).when(attach()),
        "twice in one answer": given(INFO_REQUESTED).when(
            receive_information(attachments=(new_attachment(), new_attachment()))
        ),
    },
    Refusal.ATTACHMENT_CONTROL_NUMBER_INVALID: {
        "none": given(ACCEPTED).when(attach(control_number="")),
        "short": given(ACCEPTED).when(attach(control_number="A")),
        "long": given(ACCEPTED).when(attach(control_number="A" * 81)),
        "forbidden": given(ACCEPTED).when(attach(transmission_code="AA")),
    },
    Refusal.AMOUNT_AUTHORITY_EXCEEDED: {
        "approver": given(BIGGEST).when(approve(BIGGEST)),
        "supervisor": given(VERY_BIG).when(approve(VERY_BIG, SUE)),
        "system finalizes": given(
            play(
                submit(professional("1000.01")),
                adjudicate(decided(1, "1000.01", "1000.01", "1000.01")),
            )
        ).when(finalize(TIMER)),
        "no limit at all": given(ADJUDICATED, facts=with_policy(limits={})).when(finalize()),
    },
}

# Raised where the figures of other records are looked up, before the rules are asked.
NOT_OF_THE_RULES = {Refusal.LINE_OF_BUSINESS_UNKNOWN}

CASES = [
    pytest.param(refusal, story, id=f"{refusal}-{cause.replace(' ', '_')}")
    for refusal, stories in STORIES.items()
    for cause, story in stories.items()
]


@pytest.mark.parametrize(("refusal", "story"), CASES)
def test_it_is_refused(refusal: Refusal, story: Story) -> None:
    story.refuses(refusal)


def test_every_refusal_has_a_story() -> None:
    assert set(STORIES) == set(Refusal) - NOT_OF_THE_RULES


def test_w10_a_mismatch_tells_the_current_version() -> None:
    refused = given(ACCEPTED).when(pend(expected_version=1)).refuses(Refusal.VERSION_MISMATCH)
    assert refused.facts == {"current_version": "2"}


def test_w10_of_two_commands_on_one_version_the_second_is_refused() -> None:
    seen = ACCEPTED.version
    after = play(pend(expected_version=seen), claim=ACCEPTED)
    given(after).when(pend("PRICING", who=ABE, expected_version=seen)).refuses(
        Refusal.VERSION_MISMATCH
    )


def test_a_refusal_tells_lines_and_codes_but_no_amounts() -> None:
    refused = deciding(denied(1, "100.00", "CO-16")).refuses(Refusal.REMARK_REQUIRED)
    assert refused.facts == {"line_number": "1", "reason_code": "16"}
    assert refused.field_path == "lines[0]"


def test_w4_a_reason_lets_a_command_through() -> None:
    for story in STORIES[Refusal.REASON_REQUIRED].values():
        assert given(story.claim).when(replace(story.command, reason=BECAUSE)).decided()


@pytest.mark.parametrize("who", [BOB, BEA, SUE, IDA, AMY], ids=lambda who: who.role)
def test_w5_who_may_not_adjudicate(who: Who) -> None:
    command = replace(adjudicate(), role=who.role)
    given(ACCEPTED).when(command).refuses(Refusal.PERMISSION_MISSING)


def test_w5_big_lines_wait_for_two_and_middle_ones_for_one() -> None:
    assert PENDING_APPROVAL.adjudication is not None
    assert PENDING_ONE_APPROVAL.adjudication is not None
    assert PENDING_APPROVAL.adjudication.approvals_needed == 2
    assert PENDING_ONE_APPROVAL.adjudication.approvals_needed == 1
    assert BIG_LINE.paid > MIDDLE_LINE.paid
