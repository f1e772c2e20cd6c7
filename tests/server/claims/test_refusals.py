"""A story for every refusal of the rules, and more where it has several causes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from server.claims.benefits import Used
from server.claims.commands import Reason
from server.claims.document import Adjustment, Payer, Provider, Source
from server.claims.events import ClaimPended, InformationRequested
from server.claims.facts import Facts, Other
from server.claims.model import (
    AdjudicationLine,
    AppealOutcome,
    Claim,
    InformationItem,
    InformationRequest,
)
from server.claims.policy import PendReason, Tier
from server.claims.refusals import Refusal
from tests.server.claims.cast import (
    ABE,
    AMY,
    ANA,
    AXEL,
    BEA,
    BECAUSE,
    BOB,
    CLARA,
    FAY,
    IDA,
    MAX,
    MIA,
    NOW,
    ONE_DAY,
    OTTO,
    PAYDAY,
    PAYS_ALL,
    PAYS_NOTHING,
    SANDBOX,
    SECOND_APPEAL,
    SERVICE_DAY,
    SID,
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
    breach,
    close,
    correct,
    decide_appeal,
    decided,
    denied,
    dismiss,
    expire,
    fail,
    file_appeal,
    finalize,
    hold,
    issue,
    money,
    new_attachment,
    note,
    overpaid,
    pend,
    prior_line,
    prior_payer,
    professional,
    receive_information,
    record_prior_payer,
    recoup,
    redact,
    release,
    release_hold,
    reopen,
    request_information,
    resolve,
    rework,
    service_line,
    submit,
    take_next,
    transfer,
    void,
    with_policy,
    with_tables,
    withdraw,
)
from tests.server.claims.dsl import Story, given, play, remittance_of
from tests.server.claims.pasts import (
    ACCEPTED,
    ADJUDICATED,
    APPROVED,
    BIG_LINE,
    DENIED,
    INFO_REQUESTED,
    MIDDLE_LINE,
    PAID,
    PARTIAL,
    PENDED,
    PENDING_APPROVAL,
    PENDING_ONE_APPROVAL,
    REJECTED,
    REPLACED,
    TOLD,
    VOIDED,
)
from tests.server.claims.rates import POLICY, YEAR, Loaded

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
HELD = play(hold(), claim=ACCEPTED)
OVERPAID = play(overpaid(), claim=PAID)
APPEALED = play(file_appeal(), claim=DENIED)
UPHELD = play(decide_appeal(), claim=APPEALED)
SECOND_LEVEL = play(file_appeal(2, SECOND_APPEAL), claim=UPHELD)
THIRD_LEVEL_NEXT = play(decide_appeal(appeal_id=SECOND_APPEAL, who=AXEL), claim=SECOND_LEVEL)
OVERTURNED = play(decide_appeal(AppealOutcome.OVERTURNED), claim=APPEALED)
DENIED_AFTER_PAYMENT = play(reopen(), adjudicate(*PAYS_NOTHING), finalize(), claim=PAID)
DENIED_AS_LATE = play(
    adjudicate(denied(1, "100.00"), denied(2, "50.00")), finalize(), claim=ACCEPTED
)
HALF_LATE = play(
    adjudicate(denied(1, "100.00", "CO-97"), denied(2, "50.00")), finalize(), claim=ACCEPTED
)
# A reduction to nothing of so large a payment needs approvals.
_REOPENED_BIG = replace(play(reopen(), claim=DENIED), final_paid=money("6000.00"))
_PENDING_DENIAL = play(adjudicate(*PAYS_NOTHING), claim=_REOPENED_BIG)
DENIED_BIG = play(approve(_PENDING_DENIAL), claim=_PENDING_DENIAL)
ALWAYS_APPROVED = with_policy(
    tiers=(Tier(basis_from=money("0.00"), approvals=1, roles=("APPROVER",)),)
)
OVERTURNED_PENDING = play(adjudicate(), claim=OVERTURNED, facts=ALWAYS_APPROVED)
PAID_IN_FULL = play(finalize(), issue(ADJUDICATED), claim=ADJUDICATED)
AFTER_FILING = datetime(2027, 2, 11, 9, tzinfo=UTC)  # a year and a day after the services
ON_PAPER = play(submit(professional(source=Source(system="Paper"))), adjudicate(), finalize())
NAMELESS = play(
    submit(professional(billing_provider=None)), adjudicate(), finalize(), facts=SANDBOX
)


def approved(**changes: Any) -> Claim:
    """Another claim to be paid."""
    ready = play(submit(professional(**changes), numbered=OTHER.int))
    lines = adjudicate(claim_id=OTHER), finalize(claim_id=OTHER)
    return play(*lines, claim=ready)


# Claims that are not paid together with another one.
STRANGERS = {
    "another provider": approved(billing_provider=Provider(npi="1993999998")),
    "another to be paid": approved(pay_to_provider=Provider(npi="1993999998")),
    "another payer": approved(payer=Payer(payer_id="PAYER2")),
    "another payer by name": approved(payer=Payer(name="PAYER2")),
    "another currency": approved(currency_code="EUR"),
}


def with_plan(deductible: str = "0.00", out_of_pocket: str = "0.00") -> Facts:
    """A plan with limits of 500.00 and 4000.00, of which so much is used."""
    used = Used(deductible=money(deductible), out_of_pocket=money(out_of_pocket))
    return Facts(POLICY, STRICT.codes, benefits=Loaded(), used={("PLAN", YEAR): used})


DEDUCTIBLE_40 = decided(1, "100.00", "100.00", "60.00", {"PR-1": "40.00"})
COINSURANCE_40 = decided(1, "100.00", "100.00", "60.00", {"PR-2": "40.00"})
FREE_OF_SHARE = decided(2, "50.00", "50.00", "40.00", {"PR-1": "10.00"})


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
        "another submitter's, voided": given(ACCEPTED).when(void(who=OTTO)),
        "a member's without number": given(DENIED).when(file_appeal(who=MAX)),
        "another member's": given(DENIED).when(file_appeal(who=MAX, member_number="M-2")),
        "one of a remittance": given(PARTIAL).when(issue(PARTIAL, OTHER)),
    },
    Refusal.CLAIM_ALREADY_EXISTS: {"submitted": given(ACCEPTED).when(submit())},
    Refusal.ORIGINAL_NOT_REPLACEABLE: {
        "rejected": given(REJECTED).when(correct(REJECTED)),
        "voided": given(VOIDED).when(correct(VOIDED)),
        "replaced": given(REPLACED).when(correct(REPLACED)),
        "a void of what is voided": given(VOIDED).when(correct(VOIDED, "8")),
    },
    Refusal.ORIGINAL_BEYOND_FILING_LIMIT: {
        "every line": given(ACCEPTED).when(correct(ACCEPTED, now=AFTER_FILING))
    },
    Refusal.APPEAL_OPEN: {
        "replaced": given(APPEALED).when(correct(APPEALED)),
        "voided by its provider": given(APPEALED).when(correct(APPEALED, "8")),
        "voided by its payer": given(APPEALED).when(void()),
        "reopened": given(APPEALED).when(reopen()),
    },
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
        "an examiner pays": given(PARTIAL).when(issue(PARTIAL, who=ANA)),
        "a supervisor reports a failure": given(PAID).when(fail(who=SUE)),
        "an examiner voids": given(ACCEPTED).when(void(who=ANA)),
        "an analyst reopens": given(DENIED).when(reopen(who=AMY)),
        "an examiner decides an appeal": given(APPEALED).when(decide_appeal(who=ANA)),
        "an analyst withdraws": given(APPEALED).when(withdraw(who=AMY)),
        "an examiner holds": given(ACCEPTED).when(hold(who=ANA)),
        "a submitter tells of a payer": given(ACCEPTED).when(record_prior_payer(who=CLARA)),
        "an examiner recovers": given(PAID).when(overpaid(who=ANA)),
        "an examiner notes a breach": given(ACCEPTED).when(breach(who=ANA)),
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
        "close": given(TOLD).when(close(reason=None)),
        "redact": given(NOTED).when(redact(reason=None)),
        "void": given(ACCEPTED).when(void(reason=None)),
        "fail": given(PAID).when(fail(reason=None)),
        "reopen": given(PAID).when(reopen(reason=None)),
        "withdraw": given(APPEALED).when(withdraw(reason=None)),
        "dismiss": given(APPEALED).when(dismiss(reason=None)),
        "decide": given(APPEALED).when(decide_appeal(reason=None)),
        "hold": given(ACCEPTED).when(hold(reason=None)),
        "release a hold": given(HELD).when(release_hold(reason=None)),
        "overpaid": given(PAID).when(overpaid(reason=None)),
        "recoup": given(OVERPAID).when(recoup(reason=None)),
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
                        "3.00", service_lines=(service_line(1, "1.00"), service_line(1, "2.00"))
                    )
                ),
                facts=with_policy(severities={"E01": "WARN"}),
            )
        ).when(adjudicate(decided(1, "2.00", "2.00", "2.00"))),
    },
    Refusal.LINE_UNKNOWN: {
        "adjudicated": given(ACCEPTED).when(
            adjudicate(*PAYS_ALL, decided(3, "1.00", "1.00", "1.00"))
        ),
        "asked about": given(ACCEPTED).when(
            request_information(items=(InformationItem(report_type_code="OZ", line_number=3),))
        ),
        "appealed": given(DENIED).when(file_appeal(line_numbers=(1, 3))),
        "appealed twice": given(DENIED).when(file_appeal(line_numbers=(2, 2))),
        "decided by an earlier payer": given(ACCEPTED).when(
            record_prior_payer(
                prior_payer(), prior_line(1, "100.00", {}), prior_line(3, "1.00", {})
            )
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
        "an overpayment": given(PAID).when(overpaid("0.001")),
        "a recoupment": given(OVERPAID).when(recoup("NaN")),
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
        "less than no deductible": given(ACCEPTED, facts=with_plan()).when(
            adjudicate(*PAYS_ALL, adjustments={"PR-1": "-0.01"})
        ),
        "more deductible than patient's share": given(ACCEPTED, facts=with_plan()).when(
            adjudicate(PAYS_ALL[0], FREE_OF_SHARE, adjustments={"PR-3": "-0.01"})
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
        "an appeal": given(APPEALED).when(close()),
        "a hold": given(play(hold(), claim=PAID)).when(close()),
        "a recovery": given(OVERPAID).when(close()),
        "a payment that the decision has changed": given(DENIED_AFTER_PAYMENT).when(close()),
        "a denial that no remittance has told": given(DENIED).when(close()),
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
    Refusal.ADJUDICATOR_DECIDED_APPEAL: {
        "adjudicates": given(OVERTURNED).when(replace(adjudicate(), actor=AMY.actor)),
        "approves": given(OVERTURNED_PENDING, facts=ALWAYS_APPROVED).when(
            replace(approve(OVERTURNED_PENDING), actor=AMY.actor)
        ),
        "finalizes": given(play(adjudicate(), claim=OVERTURNED)).when(
            replace(finalize(), actor=AMY.actor)
        ),
    },
    Refusal.DEDUCTIBLE_EXCEEDED: {
        "by a cent": given(ACCEPTED, facts=with_plan("460.01", "460.01")).when(
            adjudicate(DEDUCTIBLE_40, SECOND)
        )
    },
    Refusal.OUT_OF_POCKET_EXCEEDED: {
        "by a cent": given(ACCEPTED, facts=with_plan("0.00", "3960.01")).when(
            adjudicate(COINSURANCE_40, SECOND)
        )
    },
    Refusal.REMITTANCE_CLAIMS_REQUIRED: {"none": given(PARTIAL).when(issue())},
    Refusal.REMITTANCE_CLAIM_REPEATED: {"twice": given(PARTIAL).when(issue(PARTIAL, PARTIAL))},
    Refusal.ALREADY_REMITTED: {"a denial": given(TOLD).when(issue(TOLD))},
    Refusal.PAYEE_MISMATCH: {
        name: given(
            PARTIAL, facts=replace(STRICT, others={OTHER: Other(claim, STRICT.policy)})
        ).when(issue(PARTIAL, claim))
        for name, claim in STRANGERS.items()
    }
    | {"nobody": given(NAMELESS).when(issue(NAMELESS))},
    Refusal.PAYMENT_ON_HOLD: {
        "a payment": given(play(hold(), claim=PARTIAL)).when(issue(PARTIAL)),
        "a denial": given(play(hold(), claim=DENIED)).when(issue(DENIED)),
    },
    Refusal.PAYMENT_DATE_OUT_OF_RANGE: {
        "yesterday": given(PARTIAL).when(issue(PARTIAL, payment_date=(PAYDAY - ONE_DAY).date())),
        "too far ahead": given(PARTIAL).when(
            issue(PARTIAL, payment_date=(PAYDAY + 11 * ONE_DAY).date())
        ),
    },
    Refusal.PAYMENT_FLOOR_NOT_REACHED: {
        "by wire": given(PARTIAL).when(issue(PARTIAL, now=PAYDAY - ONE_DAY)),
        "on paper": given(ON_PAPER).when(issue(ON_PAPER, now=NOW + timedelta(days=28))),
    },
    Refusal.TRACE_NUMBER_USED: {
        "by another": given(PARTIAL, facts=replace(STRICT, trace_number_used=True)).when(
            issue(PARTIAL)
        )
    },
    Refusal.TRACE_NUMBER_MISMATCH: {"another": given(PAID).when(fail(trace_number="T0"))},
    Refusal.REMITTANCE_NOT_FOUND: {"unknown": given().when(fail())},
    Refusal.PAYMENT_ALREADY_FAILED: {
        "twice": given(PAID, facts=replace(STRICT, payment_failed=True)).when(fail())
    },
    Refusal.NOTHING_WAS_PAID: {
        "an advice": given(
            PAID,
            facts=replace(
                STRICT, remittance=replace(remittance_of(PAID, fail()), amount=money("0.00"))
            ),
        ).when(fail())
    },
    Refusal.REOPENING_WINDOW_PASSED: {
        "a day late": given(PAID).when(
            reopen(now=NOW + timedelta(days=STRICT.policy.reopening_days + 1))
        )
    },
    Refusal.DECISION_NOT_APPEALABLE: {
        "filed late": given(DENIED_AS_LATE).when(file_appeal()),
        "the late line alone": given(HALF_LATE).when(file_appeal(line_numbers=(2,))),
    },
    Refusal.APPEAL_LEVEL_OUT_OF_ORDER: {
        "the second first": given(DENIED).when(file_appeal(2)),
        "the first again": given(UPHELD).when(file_appeal(1)),
        "the third after the first": given(UPHELD).when(file_appeal(3)),
        "another line was never appealed": given(
            play(file_appeal(line_numbers=(1,)), decide_appeal(), claim=DENIED)
        ).when(file_appeal(2, SECOND_APPEAL)),
        "there is no sixth": given(
            UPHELD, facts=with_policy(appeals=replace(STRICT.policy.appeals, levels=()))
        ).when(file_appeal(2)),
    },
    Refusal.APPEAL_ALREADY_OPEN: {
        "on the claim": given(APPEALED).when(file_appeal(1, SECOND_APPEAL)),
        "on one of the lines": given(play(file_appeal(line_numbers=(2,)), claim=DENIED)).when(
            file_appeal(1, SECOND_APPEAL)
        ),
        "not yet overdue": given(SECOND_LEVEL).when(
            file_appeal(3, OTHER, now=NOW + timedelta(days=60))
        ),
        "overdue at a level that is not left": given(APPEALED).when(
            file_appeal(2, OTHER, now=NOW + timedelta(days=61))
        ),
        "overdue, but not of the level before": given(SECOND_LEVEL).when(
            file_appeal(4, OTHER, now=NOW + timedelta(days=61))
        ),
    },
    Refusal.APPEAL_DEADLINE_PASSED: {
        "a day late": given(DENIED).when(file_appeal(now=NOW + timedelta(days=126)))
    },
    Refusal.APPEAL_AMOUNT_TOO_SMALL: {
        "paid in full": given(PAID_IN_FULL).when(file_appeal()),
        "below the minimum": given(THIRD_LEVEL_NEXT).when(file_appeal(3, OTHER)),
    },
    Refusal.GOOD_CAUSE_UNKNOWN: {
        "not in the policy": given(DENIED).when(file_appeal(good_cause_code="FORGOT")),
    },
    Refusal.APPEAL_NOT_OPEN: {
        "withdrawn, none is": given(DENIED).when(withdraw()),
        "dismissed, none is": given(DENIED).when(dismiss()),
        "decided, none is": given(DENIED).when(decide_appeal()),
        "withdrawn, another is": given(APPEALED).when(withdraw(OTHER)),
        "dismissed, another is": given(APPEALED).when(dismiss(OTHER)),
        "decided, another is": given(APPEALED).when(decide_appeal(appeal_id=OTHER)),
        "decided before": given(UPHELD).when(decide_appeal(who=AXEL)),
    },
    Refusal.APPELLANT_IS_ANOTHER: {
        "a member's": given(play(file_appeal(who=MAX, member_number="M-1"), claim=DENIED)).when(
            withdraw()
        )
    },
    Refusal.APPEAL_DECIDER_TOOK_PART: {
        "adjudicated": given(APPEALED).when(replace(decide_appeal(), actor=ANA.actor)),
        "approved": given(play(file_appeal(), claim=DENIED_BIG)).when(
            replace(decide_appeal(), actor=BOB.actor)
        ),
        "finalized": given(
            play(adjudicate(*PAYS_NOTHING), finalize(ABE), file_appeal(), claim=ACCEPTED)
        ).when(replace(decide_appeal(), actor=ABE.actor)),
        "decided the level before": given(SECOND_LEVEL).when(
            decide_appeal(appeal_id=SECOND_APPEAL)
        ),
    },
    Refusal.HOLD_KIND_UNKNOWN: {"no kind of ours": given(ACCEPTED).when(hold("WHIM"))},
    Refusal.HOLD_ROLE_NOT_ALLOWED: {
        "finance suspects fraud": given(ACCEPTED).when(hold("FRAUD")),
        "finance ends a suspicion": given(play(hold("FRAUD", SID), claim=ACCEPTED)).when(
            release_hold("FRAUD")
        ),
        "a kind that left the policy": given(HELD, facts=with_policy(hold_kinds={})).when(
            release_hold(who=SID)
        ),
    },
    Refusal.HOLD_ALREADY_PLACED: {"twice": given(HELD).when(hold(who=SID))},
    Refusal.HOLD_NOT_PLACED: {
        "none": given(ACCEPTED).when(release_hold()),
        "another": given(HELD).when(release_hold("COB")),
        "released": given(play(release_hold(), claim=HELD)).when(release_hold()),
    },
    Refusal.PRIOR_PAYER_UNKNOWN: {
        "no payer": given(ACCEPTED).when(record_prior_payer(prior_payer(payer=None))),
        "no id": given(ACCEPTED).when(
            record_prior_payer(prior_payer(payer=Payer(name="Another Plan")))
        ),
        "a line of another": given(ACCEPTED).when(
            record_prior_payer(
                prior_payer(),
                prior_line(1, "100.00", {}),
                prior_line(2, "50.00", {}, payer_id="LATER"),
            )
        ),
    },
    Refusal.PRIOR_PAYER_ALREADY_RECORDED: {
        "twice": given(play(record_prior_payer(), claim=ACCEPTED)).when(record_prior_payer())
    },
    Refusal.PRIOR_PAYER_NOT_BALANCED: {
        "the claim": given(ACCEPTED).when(record_prior_payer(prior_payer("120.01"))),
        "a line": given(ACCEPTED).when(
            record_prior_payer(
                prior_payer("150.00", {}),
                prior_line(1, "99.99", {}),
                prior_line(2, "50.01", {}),
            )
        ),
    },
    Refusal.AMOUNT_NOT_POSITIVE: {
        "nothing overpaid": given(PAID).when(overpaid("0.00")),
        "nothing recouped": given(OVERPAID).when(recoup("0.00")),
        "less than nothing": given(PAID).when(overpaid("-0.01")),
    },
    Refusal.OVERPAYMENT_EXCEEDS_PAID: {
        "at once": given(PAID).when(overpaid("80.01")),
        "together": given(OVERPAID).when(overpaid("50.01", OTHER)),
        "nothing was paid": given(play(close(), claim=TOLD)).when(overpaid("0.01")),
    },
    Refusal.OVERPAYMENT_NOT_FOUND: {
        "none": given(PAID).when(recoup()),
        "another": given(OVERPAID).when(recoup(overpayment_id=OTHER)),
    },
    Refusal.RECOUPMENT_EXCEEDS_OVERPAYMENT: {
        "at once": given(OVERPAID).when(recoup("30.01")),
        "together": given(play(recoup("20.00"), claim=OVERPAID)).when(
            recoup("10.01", entry_id=OTHER)
        ),
    },
    Refusal.BREACH_NOT_DUE: {
        "on the last day": given(ACCEPTED).when(breach(now=NOW + timedelta(days=30))),
        "noted before": given(play(breach(), claim=ACCEPTED)).when(breach()),
        "decided before": given(play(reopen(), claim=DENIED)).when(breach()),
        "paused": given(INFO_REQUESTED).when(breach(now=NOW + timedelta(days=999))),
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

# What a refusal tells, by refusal or by refusal and cause: metadata, and the field of the request.
# All others tell their name alone.
TELLS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "CLAIM_NOT_FOUND one of a remittance": ({}, "claim_ids[1]"),
    "ORIGINAL_NOT_REPLACEABLE": ({"state": "VOIDED"}, "document.original_claim_number"),
    "ORIGINAL_NOT_REPLACEABLE rejected": ({"state": "REJECTED"}, "document.original_claim_number"),
    "ORIGINAL_NOT_REPLACEABLE replaced": ({"state": "REPLACED"}, "document.original_claim_number"),
    "ORIGINAL_BEYOND_FILING_LIMIT": ({}, "document.original_claim_number"),
    "APPEAL_OPEN": ({}, "document.original_claim_number"),
    "APPEAL_OPEN voided by its payer": ({}, ""),
    "APPEAL_OPEN reopened": ({}, ""),
    "VERSION_MISMATCH": ({"current_version": "2"}, ""),
    "TRANSITION_NOT_ALLOWED": (
        {
            "state": "REJECTED",
            "command": "PendClaim",
            "allowed": "ACCEPTED,PENDED,INFO_REQUESTED,ADJUDICATED",
        },
        "",
    ),
    "TRANSITION_NOT_ALLOWED approved": (
        {"state": "APPROVED", "command": "AdjudicateClaim", "allowed": "ACCEPTED,ADJUDICATED"},
        "",
    ),
    "PERMISSION_MISSING": ({"permission": "CLAIM_PEND"}, ""),
    "PERMISSION_MISSING finance adjudicates": ({"permission": "CLAIM_ADJUDICATE"}, ""),
    "PERMISSION_MISSING an examiner pays": ({"permission": "REMITTANCE_ISSUE"}, ""),
    "PERMISSION_MISSING a supervisor reports a failure": (
        {"permission": "PAYMENT_FAILURE_REPORT"},
        "",
    ),
    "PERMISSION_MISSING an examiner voids": ({"permission": "CLAIM_VOID"}, ""),
    "PERMISSION_MISSING an analyst reopens": ({"permission": "CLAIM_REOPEN"}, ""),
    "PERMISSION_MISSING an examiner decides an appeal": ({"permission": "APPEAL_DECIDE"}, ""),
    "PERMISSION_MISSING an analyst withdraws": ({"permission": "APPEAL_FILE"}, ""),
    "PERMISSION_MISSING an examiner holds": ({"permission": "CLAIM_HOLD"}, ""),
    "PERMISSION_MISSING a submitter tells of a payer": ({"permission": "PRIOR_PAYER_RECORD"}, ""),
    "PERMISSION_MISSING an examiner recovers": ({"permission": "OVERPAYMENT_RECOVER"}, ""),
    "PERMISSION_MISSING an examiner notes a breach": ({"permission": "BREACH_RECORD"}, ""),
    "REASON_REQUIRED": ({}, "reason.code"),
    "PEND_CODE_UNKNOWN": ({}, "pend_code"),
    "PEND_ALREADY_OPEN": ({}, "pend_code"),
    "PEND_NOT_OPEN": ({}, "pend_code"),
    "INFORMATION_ITEMS_REQUIRED": ({}, "items"),
    "DUE_DATE_OUT_OF_RANGE": ({}, "due_date"),
    "INFORMATION_REQUEST_NOT_OPEN": ({}, "information_request_id"),
    "ATTACHMENT_REQUIRED": ({}, "attachments"),
    "CONTROL_NUMBER_MISMATCH": ({}, "control_number"),
    "LINES_INCOMPLETE": ({"line_number": "0"}, "lines"),
    "LINES_INCOMPLETE missing": ({"line_number": "2"}, "lines"),
    "LINES_INCOMPLETE twice": ({"line_number": "2"}, "lines[1]"),
    "LINE_UNKNOWN": ({"line_number": "3"}, "lines[2].line_number"),
    "LINE_UNKNOWN asked about": ({"line_number": "3"}, "items[0].line_number"),
    "LINE_UNKNOWN appealed": ({"line_number": "3"}, "line_numbers[1]"),
    "LINE_UNKNOWN appealed twice": ({"line_number": "2"}, "line_numbers[1]"),
    "LINE_UNKNOWN decided by an earlier payer": ({"line_number": "3"}, "lines[1].line_number"),
    "LINE_CHARGE_CHANGED": ({"line_number": "1"}, "lines[0].charge"),
    "AMOUNT_OUT_OF_RANGE": ({"line_number": "1"}, "lines[0].adjustments[0].amount"),
    "AMOUNT_OUT_OF_RANGE three decimals": ({"line_number": "1"}, "lines[0].paid"),
    "AMOUNT_OUT_OF_RANGE too large": ({"line_number": "1"}, "lines[0].allowed"),
    "AMOUNT_OUT_OF_RANGE no number": ({"line_number": "1"}, "lines[0].allowed"),
    "AMOUNT_OUT_OF_RANGE the claim's payment": ({"line_number": "0"}, "paid"),
    "AMOUNT_OUT_OF_RANGE the patient's": ({"line_number": "0"}, "patient_responsibility"),
    "AMOUNT_OUT_OF_RANGE a claim-level adjustment": ({"line_number": "0"}, "adjustments[0].amount"),
    "AMOUNT_OUT_OF_RANGE an overpayment": ({}, "amount"),
    "AMOUNT_OUT_OF_RANGE a recoupment": ({}, "amount"),
    "LINE_NOT_BALANCED": ({"line_number": "1"}, "lines[0]"),
    "CLAIM_NOT_BALANCED": ({}, "paid"),
    "PATIENT_RESPONSIBILITY_MISMATCH": ({}, "patient_responsibility"),
    "ALLOWED_MISMATCH": ({"line_number": "1"}, "lines[0].allowed"),
    "CONTRACTUAL_MISMATCH": ({"line_number": "1"}, "lines[0]"),
    "ADJUSTMENT_ZERO": ({"line_number": "1"}, "lines[0]"),
    "ADJUSTMENT_ZERO on the claim": ({"line_number": "0"}, "adjustments"),
    "ADJUSTMENT_REPEATED": ({"line_number": "1"}, "lines[0]"),
    "DENIED_LINE_INVALID": ({"line_number": "1"}, "lines[0]"),
    "ADJUSTMENT_REASON_REQUIRED": ({"line_number": "1"}, "lines[0].adjustments"),
    "REMARK_REQUIRED": ({"line_number": "1", "reason_code": "16"}, "lines[0]"),
    "REMARK_REQUIRED on the claim": ({"line_number": "0", "reason_code": "A1"}, "adjustments"),
    "GROUP_CODE_NOT_ALLOWED": ({"line_number": "1", "reason_code": "18"}, "lines[0]"),
    "GROUP_CODE_NOT_ALLOWED 1 outside PR": ({"line_number": "1", "reason_code": "1"}, "lines[0]"),
    "GROUP_CODE_NOT_ALLOWED 23 outside OA": ({"line_number": "1", "reason_code": "23"}, "lines[0]"),
    "GROUP_CODE_NOT_ALLOWED 45 in OA": ({"line_number": "1", "reason_code": "45"}, "lines[0]"),
    "GROUP_CODE_NOT_ALLOWED no group of ours": (
        {"line_number": "1", "reason_code": "29"},
        "lines[0]",
    ),
    "AMOUNT_OUT_OF_BOUNDS": ({"line_number": "1"}, "lines[0]"),
    "AMOUNT_OUT_OF_BOUNDS the claim takes back more than it pays": ({"line_number": "0"}, "paid"),
    "AMOUNT_OUT_OF_BOUNDS less than no deductible": ({"line_number": "0"}, ""),
    "AMOUNT_OUT_OF_BOUNDS more deductible than patient's share": ({"line_number": "0"}, ""),
    "REASON_CODE_UNKNOWN": ({"line_number": "1"}, "lines[0]"),
    "REASON_CODE_UNKNOWN a remark without shape": ({"line_number": "1"}, "lines[0].remark_codes"),
    "REASON_CODE_UNKNOWN a remark not in the table": (
        {"line_number": "1"},
        "lines[0].remark_codes",
    ),
    "MEDICAL_REVIEW_REQUIRED": ({"line_number": "1"}, "lines[0]"),
    "ADJUDICATION_CHANGED": ({}, "adjudication_hash"),
    "APPROVALS_REQUIRED": ({"approvals_needed": "1"}, ""),
    "ASSIGNEE_NOT_ALLOWED": ({}, "assignee"),
    "QUEUE_UNKNOWN": ({}, "queue"),
    "NOTE_NOT_FOUND": ({}, "note_id"),
    "NOTE_ALREADY_REDACTED": ({}, "note_id"),
    "ATTACHMENT_NOT_ALLOWED": ({}, "attachment.size_bytes"),
    "ATTACHMENT_NOT_ALLOWED media type": ({}, "attachment.media_type"),
    "ATTACHMENT_NOT_ALLOWED no hash": ({}, "attachment.sha256"),
    "ATTACHMENT_NOT_ALLOWED with an answer": ({}, "attachments[0].media_type"),
    "ATTACHMENT_ALREADY_LINKED": ({}, "attachment.sha256"),
    "ATTACHMENT_ALREADY_LINKED twice in one answer": ({}, "attachments[1].sha256"),
    "ATTACHMENT_CONTROL_NUMBER_INVALID": ({}, "attachment.control_number"),
    "DEDUCTIBLE_EXCEEDED": ({"benefit_year": "2026"}, ""),
    "OUT_OF_POCKET_EXCEEDED": ({"benefit_year": "2026"}, ""),
    "REMITTANCE_CLAIMS_REQUIRED": ({}, "claim_ids"),
    "REMITTANCE_CLAIM_REPEATED": ({}, "claim_ids[1]"),
    "ALREADY_REMITTED": ({}, "claim_ids[0]"),
    "PAYEE_MISMATCH": ({}, "claim_ids[1]"),
    "PAYEE_MISMATCH nobody": ({}, "claim_ids[0]"),
    "PAYMENT_ON_HOLD": ({}, "claim_ids[0]"),
    "PAYMENT_DATE_OUT_OF_RANGE": ({}, "payment_date"),
    "PAYMENT_FLOOR_NOT_REACHED": ({"earliest_payment_date": "2026-03-16"}, "claim_ids[0]"),
    "PAYMENT_FLOOR_NOT_REACHED on paper": ({"earliest_payment_date": "2026-03-31"}, "claim_ids[0]"),
    "TRACE_NUMBER_USED": ({}, "trace_number"),
    "TRACE_NUMBER_MISMATCH": ({}, "trace_number"),
    "REMITTANCE_NOT_FOUND": ({}, "remittance_id"),
    "REOPENING_WINDOW_PASSED": ({"last_day": "2027-03-02"}, ""),
    "DECISION_NOT_APPEALABLE": ({}, "line_numbers"),
    "APPEAL_LEVEL_OUT_OF_ORDER": ({"last_decided_level": "1"}, "level"),
    "APPEAL_LEVEL_OUT_OF_ORDER the second first": ({"last_decided_level": "0"}, "level"),
    "APPEAL_LEVEL_OUT_OF_ORDER another line was never appealed": (
        {"last_decided_level": "0"},
        "level",
    ),
    "APPEAL_DEADLINE_PASSED": ({"deadline": "2026-07-05"}, ""),
    "APPEAL_AMOUNT_TOO_SMALL": ({}, "line_numbers"),
    "GOOD_CAUSE_UNKNOWN": ({}, "good_cause_code"),
    "APPEAL_NOT_OPEN withdrawn, another is": ({}, "appeal_id"),
    "APPEAL_NOT_OPEN dismissed, another is": ({}, "appeal_id"),
    "APPEAL_NOT_OPEN decided, another is": ({}, "appeal_id"),
    "HOLD_KIND_UNKNOWN": ({}, "kind"),
    "HOLD_ROLE_NOT_ALLOWED": ({}, "kind"),
    "HOLD_ALREADY_PLACED": ({}, "kind"),
    "HOLD_NOT_PLACED": ({}, "kind"),
    "PRIOR_PAYER_UNKNOWN": ({}, "prior_payer.payer.payer_id"),
    "PRIOR_PAYER_UNKNOWN a line of another": ({}, "lines[1].decision.payer_id"),
    "PRIOR_PAYER_ALREADY_RECORDED": ({}, "prior_payer.payer.payer_id"),
    "PRIOR_PAYER_NOT_BALANCED": ({}, "prior_payer"),
    "PRIOR_PAYER_NOT_BALANCED a line": ({}, "lines"),
    "AMOUNT_NOT_POSITIVE": ({}, "amount"),
    "OVERPAYMENT_EXCEEDS_PAID": ({}, "amount"),
    "OVERPAYMENT_NOT_FOUND": ({}, "overpayment_id"),
    "RECOUPMENT_EXCEEDS_OVERPAYMENT": ({}, "amount"),
}

# Raised where the figures of other records are looked up, before the rules are asked.
NOT_OF_THE_RULES = {Refusal.LINE_OF_BUSINESS_UNKNOWN}

CASES = [
    pytest.param(refusal, cause, id=f"{refusal}-{cause.replace(' ', '_')}")
    for refusal, stories in STORIES.items()
    for cause in stories
]


@pytest.mark.parametrize(("refusal", "cause"), CASES)
def test_it_is_refused(refusal: Refusal, cause: str) -> None:
    refused = STORIES[refusal][cause].refuses(refusal)
    facts, path = TELLS.get(f"{refusal} {cause}", TELLS.get(refusal, ({}, "")))
    assert (refused.facts, refused.field_path) == (facts, path)


def test_what_is_told_is_told_of_a_story() -> None:
    known = {f"{refusal} {cause}" for refusal, told in STORIES.items() for cause in told}
    assert set(TELLS) <= known | set(Refusal)


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
