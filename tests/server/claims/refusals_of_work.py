"""Refusals of the work on a claim: intake, versions, roles, pends, documents, queues and holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from server.claims.commands import Reason
from server.claims.events import ClaimPended, InformationRequested
from server.claims.model import InformationItem, InformationRequest
from server.claims.policy import PendReason
from server.claims.refusals import Refusal
from tests.server.claims.appealed import APPEALED
from tests.server.claims.cast import (
    ABE,
    AMY,
    ANA,
    CLARA,
    FAY,
    MAX,
    NOW,
    OTTO,
    PAYS_ALL,
    PAYS_NOTHING,
    SID,
    STRICT,
    SUE,
    TODAY,
    adjudicate,
    assign,
    attach,
    breach,
    close,
    correct,
    decide_appeal,
    decided,
    dismiss,
    expire,
    fail,
    file_appeal,
    finalize,
    hold,
    issue,
    new_attachment,
    note,
    overpaid,
    pend,
    receive_information,
    recoup,
    redact,
    release,
    release_hold,
    reopen,
    request_information,
    resolve,
    rework,
    submit,
    take_next,
    transfer,
    void,
    with_policy,
    withdraw,
)
from tests.server.claims.dsl import Story, given, play
from tests.server.claims.pasts import (
    ACCEPTED,
    ADJUDICATED,
    APPROVED,
    DENIED,
    INFO_REQUESTED,
    PAID,
    PARTIAL,
    PENDED,
    PENDING_APPROVAL,
    REJECTED,
    REPLACED,
    TOLD,
    VOIDED,
)
from tests.server.claims.prior_payers import prior_line, prior_payer, record_prior_payer
from tests.server.claims.refusal_pasts import OTHER, OVERPAID

LEASED = play(assign(), claim=ACCEPTED)
NOTED = play(note(), claim=ACCEPTED)
ATTACHED = play(attach(), claim=ACCEPTED)
_ASKED = InformationRequest(
    information_request_id=OTHER,
    party=request_information().party,
    items=request_information().items,
    control_number="CN99",
    due_date=TODAY,
    requested_at=NOW,
)
HELD = play(hold(), claim=ACCEPTED)
DENIED_AFTER_PAYMENT = play(reopen(), adjudicate(*PAYS_NOTHING), finalize(), claim=PAID)
AFTER_FILING = datetime(2027, 2, 11, 9, tzinfo=UTC)  # a year and a day after the services


WORK_STORIES: Mapping[Refusal, Mapping[str, Story]] = {
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
    Refusal.BREACH_NOT_DUE: {
        "on the last day": given(ACCEPTED).when(breach(now=NOW + timedelta(days=30))),
        "noted before": given(play(breach(), claim=ACCEPTED)).when(breach()),
        "decided before": given(play(reopen(), claim=DENIED)).when(breach()),
        "paused": given(INFO_REQUESTED).when(breach(now=NOW + timedelta(days=999))),
    },
}


WORK_TELLS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "CLAIM_NOT_FOUND one of a remittance": ({}, "claim_ids[1]"),
    "ORIGINAL_NOT_REPLACEABLE": ({"state": "VOIDED"}, "document.original_claim_number"),
    "ORIGINAL_NOT_REPLACEABLE rejected": ({"state": "REJECTED"}, "document.original_claim_number"),
    "ORIGINAL_NOT_REPLACEABLE replaced": ({"state": "REPLACED"}, "document.original_claim_number"),
    "ORIGINAL_BEYOND_FILING_LIMIT": ({}, "document.original_claim_number"),
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
    "LINE_UNKNOWN": ({"line_number": "3"}, "lines[2].line_number"),
    "LINE_UNKNOWN asked about": ({"line_number": "3"}, "items[0].line_number"),
    "LINE_UNKNOWN appealed": ({"line_number": "3"}, "line_numbers[1]"),
    "LINE_UNKNOWN appealed twice": ({"line_number": "2"}, "line_numbers[1]"),
    "LINE_UNKNOWN decided by an earlier payer": ({"line_number": "3"}, "lines[1].line_number"),
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
    "HOLD_KIND_UNKNOWN": ({}, "kind"),
    "HOLD_ROLE_NOT_ALLOWED": ({}, "kind"),
    "HOLD_ALREADY_PLACED": ({}, "kind"),
    "HOLD_NOT_PLACED": ({}, "kind"),
}
