"""The people, facts and commands of the stories; all are made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from server.claims.commands import (
    AddAttachment,
    AddNote,
    AdjudicateClaim,
    ApproveAdjudication,
    AssignClaim,
    CloseClaim,
    DecideAppeal,
    DismissAppeal,
    ExpireInformationRequest,
    FileAppeal,
    FinalizeClaim,
    IssueRemittance,
    NewAttachment,
    PendClaim,
    PlaceHold,
    Reason,
    ReceiveInformation,
    RecordBreach,
    RecordOverpayment,
    RecoupOverpayment,
    RedactNote,
    ReleaseClaim,
    ReleaseHold,
    ReopenClaim,
    ReportPaymentFailure,
    RequestInformation,
    ResolvePend,
    ReturnForRework,
    SubmitClaim,
    TakeNextClaim,
    TransferClaim,
    VoidClaim,
    WithdrawAppeal,
)
from server.claims.document import (
    Adjustment,
    ClaimDocument,
)
from server.claims.facts import Facts
from server.claims.model import (
    AdjudicationLine,
    AdjudicationMode,
    AppealOutcome,
    Claim,
    InformationItem,
    InformationParty,
    NoteKind,
)
from server.claims.policy import Policy, policy_from_json
from tests.server.claims.documents import money, professional, service_line

__all__ = ["money", "professional", "service_line"]  # stories take them from here as well

POLICIES = Path(__file__).resolve().parents[3] / "server" / "command" / "policies"


@dataclass(frozen=True)
class Tables:
    """Code tables: system to code to the first and last day it may be billed."""

    loaded: Mapping[str, Mapping[str, tuple[date, date]]] = field(default_factory=dict)

    def valid(self, system: str, code: str, on: date) -> bool | None:
        if system not in self.loaded:
            return None
        first, last = self.loaded[system].get(code, (date.max, date.min))
        return first <= on <= last


def shipped(name: str) -> Policy:
    return policy_from_json((POLICIES / f"{name}.json").read_text("utf-8"), 7)


STRICT = Facts(shipped("strict"), Tables())
SANDBOX = Facts(shipped("sandbox"), Tables())


def with_policy(facts: Facts = STRICT, **changes: Any) -> Facts:
    return replace(facts, policy=replace(facts.policy, **changes))


def with_tables(loaded: Mapping[str, Mapping[str, tuple[date, date]]]) -> Facts:
    return Facts(STRICT.policy, Tables(loaded))


@dataclass(frozen=True)
class Who:
    """A credential: a subject in a role."""

    actor: str
    role: str


CLARA = Who("clara", "SUBMITTER")
OTTO = Who("otto", "SUBMITTER")
IDA = Who("ida", "INTAKE")
ANA = Who("ana", "EXAMINER")
ABE = Who("abe", "EXAMINER")
MIA = Who("mia", "MEDICAL_REVIEWER")
SUE = Who("sue", "SUPERVISOR")
BOB = Who("bob", "APPROVER")
BEA = Who("bea", "APPROVER")
FAY = Who("fay", "FINANCE")
SID = Who("sid", "SIU")
CORA = Who("cora", "COB_SPECIALIST")
AMY = Who("amy", "APPEALS_ANALYST")
AXEL = Who("axel", "APPEALS_ANALYST")
MAX = Who("max", "MEMBER")
TIMER = Who("timer", "SYSTEM")
ADAM = Who("adam", "ADMIN")
AUDREY = Who("audrey", "AUDITOR")

CLAIM_ID = UUID(int=1)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
BECAUSE = Reason(code="SOME_REASON")

SECOND_CLAIM = UUID(int=2)
NO_CLAIM = UUID(int=0)  # what a command of many claims is about
FIRST_REQUEST = UUID(int=0x61)
FIRST_NOTE = UUID(int=0x71)
FIRST_APPEAL = UUID(int=0xA1)
SECOND_APPEAL = UUID(int=0xA2)
FIRST_REMITTANCE = UUID(int=0xD1)
SECOND_REMITTANCE = UUID(int=0xD2)
THIRD_REMITTANCE = UUID(int=0xD3)
FIRST_OVERPAYMENT = UUID(int=0xE1)
FIRST_ENTRY = UUID(int=0xF1)
ONE_DAY = timedelta(days=1)
PAYDAY = NOW + timedelta(days=14)  # the first one after the receipt (K3)


def asked(who: Who, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "claim_id": CLAIM_ID,
        "actor": who.actor,
        "role": who.role,
        "now": NOW,
        "reason": BECAUSE,
        **fields,
    }


def submit(
    document: ClaimDocument | None = None, who: Who = CLARA, numbered: int = 1, **fields: Any
) -> SubmitClaim:
    """Submit the claim of a number, which its id and its claim number tell."""
    given = {
        "claim_id": UUID(int=numbered),
        "claim_number": f"CF{numbered - 1:013d}",
        "document": document or professional(),
    }
    return SubmitClaim(**asked(who, given | fields))


def pend(code: str = "SUSPECT_DUPLICATE", who: Who = ANA, **fields: Any) -> PendClaim:
    return PendClaim(**asked(who, {"pend_code": code, **fields}))


def resolve(code: str = "SUSPECT_DUPLICATE", who: Who = ANA, **fields: Any) -> ResolvePend:
    return ResolvePend(**asked(who, {"pend_code": code, **fields}))


def request_information(
    request_id: UUID = FIRST_REQUEST, who: Who = ANA, **fields: Any
) -> RequestInformation:
    given: dict[str, Any] = {
        "information_request_id": request_id,
        "control_number": f"CN{request_id.int}",
        "party": InformationParty.PROVIDER,
        "items": (InformationItem(report_type_code="11504-8", text="operative report"),),
        "due_date": TODAY + timedelta(days=30),
    }
    return RequestInformation(**asked(who, given | fields))


def new_attachment(number: int = 1, **changes: Any) -> NewAttachment:
    fields: dict[str, Any] = {
        "attachment_id": UUID(int=0x8000 + number),
        "sha256": f"{number:064x}",
        "media_type": "application/pdf",
        "size_bytes": 1024,
        "transmission_code": "EL",
        "control_number": "ACN-1",
    }
    return NewAttachment(**(fields | changes))


def receive_information(
    request_id: UUID = FIRST_REQUEST, who: Who = IDA, **fields: Any
) -> ReceiveInformation:
    given: dict[str, Any] = {
        "information_request_id": request_id,
        "control_number": f"CN{request_id.int}",
        "attachments": (new_attachment(request_id.int),),
    }
    return ReceiveInformation(**asked(who, given | fields))


def expire(
    request_id: UUID = FIRST_REQUEST, who: Who = TIMER, **fields: Any
) -> ExpireInformationRequest:
    given = {"information_request_id": request_id, "now": NOW + timedelta(days=31)}
    return ExpireInformationRequest(**asked(who, given | fields))


def adjusted(code: str, amount: str) -> Adjustment:
    group, reason = code.split("-")
    return Adjustment(group_code=group, reason_code=reason, amount=money(amount))


def decided(
    number: int,
    charge: str,
    allowed: str,
    paid: str,
    adjustments: Mapping[str, str] | None = None,
    **changes: Any,
) -> AdjudicationLine:
    """The determination of a line; adjustments as in {"CO-45": "20.00"}."""
    return AdjudicationLine(
        line_number=number,
        charge=money(charge),
        allowed=money(allowed),
        paid=money(paid),
        adjustments=tuple(adjusted(*one) for one in (adjustments or {}).items()),
        **changes,
    )


def denied(number: int, charge: str, code: str = "CO-29") -> AdjudicationLine:
    return decided(number, charge, "0.00", "0.00", {code: charge}, denied=True)


PAYS_ALL = (decided(1, "100.00", "100.00", "100.00"), decided(2, "50.00", "50.00", "50.00"))
PAYS_SOME = (
    decided(1, "100.00", "80.00", "80.00", {"CO-45": "20.00"}),
    denied(2, "50.00", "CO-97"),
)
PAYS_NOTHING = (denied(1, "100.00", "CO-97"), denied(2, "50.00", "CO-97"))


def adjudicate(
    *lines: AdjudicationLine,
    adjustments: Mapping[str, str] | None = None,
    who: Who = ANA,
    **fields: Any,
) -> AdjudicateClaim:
    """Determinations with the payment and patient responsibility that follow from them."""
    chosen = lines or PAYS_ALL
    claim_level = tuple(adjusted(*one) for one in (adjustments or {}).items())
    every = [one for line in chosen for one in line.adjustments] + list(claim_level)
    given: dict[str, Any] = {
        "lines": chosen,
        "adjustments": claim_level,
        "paid": _sum([line.paid for line in chosen]) - _sum([one.amount for one in claim_level]),
        "patient_responsibility": _sum([one.amount for one in every if one.group_code == "PR"]),
    }
    return AdjudicateClaim(**asked(who, given | fields))


def _sum(amounts: Sequence[Decimal]) -> Decimal:
    return sum(amounts, Decimal("0.00"))


def approve(claim: Claim | None, who: Who = BOB, **fields: Any) -> ApproveAdjudication:
    """Approve what stands on a claim."""
    current = claim.adjudication if claim else None
    given = {
        "adjudication_number": current.number if current else 1,
        "adjudication_hash": current.hash if current else "",
    }
    return ApproveAdjudication(**asked(who, given | fields))


def rework(who: Who = BOB, **fields: Any) -> ReturnForRework:
    return ReturnForRework(**asked(who, fields))


def finalize(who: Who = ANA, **fields: Any) -> FinalizeClaim:
    return FinalizeClaim(**asked(who, fields))


def close(who: Who = ANA, **fields: Any) -> CloseClaim:
    return CloseClaim(**asked(who, fields))


def assign(assignee: str = "", who: Who = ANA, **fields: Any) -> AssignClaim:
    return AssignClaim(**asked(who, {"assignee": assignee, **fields}))


def take_next(queue: str = "GENERAL", who: Who = ANA, **fields: Any) -> TakeNextClaim:
    return TakeNextClaim(**asked(who, {"queue": queue, **fields}))


def release(who: Who = ANA, **fields: Any) -> ReleaseClaim:
    return ReleaseClaim(**asked(who, fields))


def transfer(queue: str = "SIU", who: Who = ANA, **fields: Any) -> TransferClaim:
    return TransferClaim(**asked(who, {"queue": queue, **fields}))


def note(note_id: UUID = FIRST_NOTE, who: Who = ANA, **fields: Any) -> AddNote:
    given: dict[str, Any] = {
        "note_id": note_id,
        "kind": NoteKind.INTERNAL,
        "text": "called the practice",
        "salt": bytes(range(16)),
    }
    return AddNote(**asked(who, given | fields))


def redact(note_id: UUID = FIRST_NOTE, who: Who = ANA, **fields: Any) -> RedactNote:
    return RedactNote(**asked(who, {"note_id": note_id, **fields}))


def attach(number: int = 1, who: Who = IDA, **changes: Any) -> AddAttachment:
    return AddAttachment(**asked(who, {"attachment": new_attachment(number, **changes)}))


def correction(of: Claim, frequency: str = "7", **changes: Any) -> ClaimDocument:
    """The bill of a claim once more, to take its place (7) or to take it back (8)."""
    fields: dict[str, Any] = {
        "frequency_code": frequency,
        "original_claim_number": of.claim_number,
    }
    return replace(of.document, **(fields | changes))


def correct(of: Claim, frequency: str = "7", number: int = 2, **fields: Any) -> SubmitClaim:
    """Submit a replacement or void of a claim, as the claim of this number."""
    return submit(numbered=number, document=correction(of, frequency), **fields)


def void(who: Who = SUE, **fields: Any) -> VoidClaim:
    return VoidClaim(**asked(who, fields))


def issue(
    *claims: Claim | UUID, remittance_id: UUID = FIRST_REMITTANCE, who: Who = FAY, **fields: Any
) -> IssueRemittance:
    """Pay claims; the trace number follows from the remittance's id."""
    given: dict[str, Any] = {
        "claim_id": NO_CLAIM,
        "now": PAYDAY,
        "remittance_id": remittance_id,
        "trace_number": f"T{remittance_id.int:X}",
        "claim_ids": tuple(one if isinstance(one, UUID) else one.claim_id for one in claims),
    }
    given["payment_date"] = (given | fields)["now"].date()
    return IssueRemittance(**asked(who, given | fields))


def fail(
    remittance_id: UUID = FIRST_REMITTANCE, who: Who = FAY, **fields: Any
) -> ReportPaymentFailure:
    given = {
        "claim_id": NO_CLAIM,
        "now": PAYDAY + ONE_DAY,
        "remittance_id": remittance_id,
        "trace_number": f"T{remittance_id.int:X}",
    }
    return ReportPaymentFailure(**asked(who, given | fields))


def reopen(who: Who = SUE, **fields: Any) -> ReopenClaim:
    return ReopenClaim(**asked(who, fields))


def file_appeal(
    level: int = 1, appeal_id: UUID = FIRST_APPEAL, who: Who = CLARA, **fields: Any
) -> FileAppeal:
    return FileAppeal(**asked(who, {"level": level, "appeal_id": appeal_id, **fields}))


def withdraw(appeal_id: UUID = FIRST_APPEAL, who: Who = CLARA, **fields: Any) -> WithdrawAppeal:
    return WithdrawAppeal(**asked(who, {"appeal_id": appeal_id, **fields}))


def dismiss(appeal_id: UUID = FIRST_APPEAL, who: Who = AMY, **fields: Any) -> DismissAppeal:
    return DismissAppeal(**asked(who, {"appeal_id": appeal_id, **fields}))


def decide_appeal(
    outcome: AppealOutcome = AppealOutcome.UPHELD,
    appeal_id: UUID = FIRST_APPEAL,
    who: Who = AMY,
    **fields: Any,
) -> DecideAppeal:
    return DecideAppeal(**asked(who, {"appeal_id": appeal_id, "outcome": outcome, **fields}))


def hold(kind: str = "LEGAL", who: Who = FAY, **fields: Any) -> PlaceHold:
    return PlaceHold(**asked(who, {"kind": kind, **fields}))


def release_hold(kind: str = "LEGAL", who: Who = FAY, **fields: Any) -> ReleaseHold:
    return ReleaseHold(**asked(who, {"kind": kind, **fields}))


def overpaid(
    amount: str = "30.00",
    overpayment_id: UUID = FIRST_OVERPAYMENT,
    who: Who = FAY,
    **fields: Any,
) -> RecordOverpayment:
    given = {"amount": money(amount), "overpayment_id": overpayment_id, "now": PAYDAY}
    return RecordOverpayment(**asked(who, given | fields))


def recoup(
    amount: str = "30.00",
    overpayment_id: UUID = FIRST_OVERPAYMENT,
    entry_id: UUID = FIRST_ENTRY,
    who: Who = FAY,
    **fields: Any,
) -> RecoupOverpayment:
    given = {
        "amount": money(amount),
        "overpayment_id": overpayment_id,
        "entry_id": entry_id,
        "now": PAYDAY,
    }
    return RecoupOverpayment(**asked(who, given | fields))


def breach(who: Who = TIMER, **fields: Any) -> RecordBreach:
    return RecordBreach(**asked(who, {"now": NOW + timedelta(days=31), **fields}))


def price(who: Who = TIMER, **fields: Any) -> AdjudicateClaim:
    """Let the rules price a claim."""
    return AdjudicateClaim(**asked(who, {"mode": AdjudicationMode.AUTO, **fields}))
