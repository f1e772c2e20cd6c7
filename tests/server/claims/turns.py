"""What somebody may do with a claim, in character: a command, or time that passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from server.claims.commands import (
    AddAttachment,
    AddNote,
    AdjudicateClaim,
    ApproveAdjudication,
    AssignClaim,
    CloseClaim,
    Command,
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
    RecordPriorPayer,
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
from server.claims.document import ClaimDocument
from server.claims.events import DecidedLine
from server.claims.model import (
    AdjudicationMode,
    AppealOutcome,
    Claim,
    InformationItem,
    InformationParty,
    NoteKind,
    State,
)
from server.claims.payees import account_of
from server.claims.permissions import PERMISSIONS
from server.claims.services import member_number
from tests.server.claims import scenery
from tests.server.claims.scenery import STAFF, ZERO, cents
from tests.server.claims.world import NOBODY, World

Turn = Command | timedelta

CLAIMS_MAX = 7


@dataclass(frozen=True)
class Turns:
    """The turns that can be taken with one claim of a world."""

    world: World
    r: Random
    claim: Claim

    def asked(self, *roles: str, **fields: Any) -> dict[str, Any]:
        role = self.r.choice(roles)
        return {
            "claim_id": self.claim.claim_id,
            "actor": self.r.choice(STAFF[role]),
            "role": role,
            "now": self.world.now,
            "reason": Reason(code="SOME_REASON"),
            **fields,
        }

    @property
    def today(self) -> date:
        return self.world.now.astimezone(UTC).date()

    def submitter(self, **fields: Any) -> dict[str, Any]:
        return self.asked("SUBMITTER", actor=self.claim.submitted_by, **fields)

    def pend(self) -> Command:
        code = self.r.choice(("PRICING", "MEDICAL_REVIEW", "FRAUD_REVIEW", "HIGH_DOLLAR"))
        return PendClaim(**self.asked("EXAMINER", "SIU", "MEDICAL_REVIEWER", pend_code=code))

    def resolve(self) -> Command:
        code = self.r.choice([one.code for one in self.claim.open_pends] or ["PRICING"])
        roles = self.world.policy_of(self.claim).pend_reasons[code].resolvers
        return ResolvePend(**self.asked(*roles, pend_code=code))

    def request_information(self) -> Command:
        return RequestInformation(
            **self.asked("EXAMINER", "MEDICAL_REVIEWER", "APPEALS_ANALYST"),
            information_request_id=self.world.new_id(),
            control_number=f"CN{self.world.made}",
            party=self.r.choice(list(InformationParty)),
            items=(InformationItem(report_type_code="11504-8"),),
            due_date=self.today + timedelta(days=self.r.choice((1, 5, 20, 60))),
        )

    def receive_information(self) -> Command | None:
        request = self.pick(self.claim.open_information_requests)
        if request is None:
            return None
        fields = {
            "information_request_id": request.information_request_id,
            "control_number": request.control_number,
            "attachments": (self.document(),),
        }
        if self.r.random() < 0.5:
            return ReceiveInformation(**self.asked("INTAKE", **fields))
        return ReceiveInformation(**self.submitter(**fields))

    def expire(self) -> Command | timedelta | None:
        request = self.pick(self.claim.open_information_requests)
        if request is None:
            return None
        left: timedelta = request.due_date - self.today
        if left >= timedelta(0) and self.r.random() < 0.9:
            return left + timedelta(days=1)
        asked = self.asked("SYSTEM", information_request_id=request.information_request_id)
        return ExpireInformationRequest(**asked)

    def document(self) -> NewAttachment:
        return NewAttachment(
            attachment_id=self.world.new_id(),
            sha256=f"{self.world.made:064x}",
            media_type="application/pdf",
            size_bytes=1024,
            control_number="ACN-1",
        )

    def adjudicate(self) -> Command:
        asked = self.asked("EXAMINER", "EXAMINER", "MEDICAL_REVIEWER")
        if self.claim.assignee and self.r.random() < 0.8:
            asked |= {"actor": self.claim.assignee, "role": "EXAMINER"}
        lines = scenery.determinations(self.r, self.claim, asked["role"] == "MEDICAL_REVIEWER")
        of_claim = scenery.on_the_claim(self.r, lines)
        every = [*of_claim, *(one for line in lines for one in line.adjustments)]
        return AdjudicateClaim(
            **asked,
            lines=tuple(lines),
            adjustments=of_claim,
            paid=sum((line.paid for line in lines), ZERO)
            - sum((one.amount for one in of_claim), ZERO),
            patient_responsibility=sum(
                (one.amount for one in every if one.group_code == "PR"), ZERO
            ),
        )

    def price(self) -> Command:
        return AdjudicateClaim(
            **self.asked("SYSTEM", "SYSTEM", "EXAMINER", mode=AdjudicationMode.AUTO)
        )

    def finalize(self) -> Command:
        asked = self.asked("EXAMINER", "EXAMINER", "SYSTEM")
        if self.claim.assignee and self.r.random() < 0.8:
            asked |= {"actor": self.claim.assignee, "role": "EXAMINER"}
        return FinalizeClaim(**asked)

    def approve(self) -> Command | None:
        current = self.claim.adjudication
        if current is None:
            return None
        return ApproveAdjudication(
            **self.asked("APPROVER", "APPROVER", "SUPERVISOR"),
            adjudication_number=current.number,
            adjudication_hash=current.hash,
        )

    def rework(self) -> Command:
        return ReturnForRework(**self.asked("APPROVER", "SUPERVISOR"))

    def assign(self) -> Command:
        if self.r.random() < 0.3:
            return AssignClaim(
                **self.asked("SUPERVISOR", assignee=self.r.choice(STAFF["EXAMINER"]))
            )
        return AssignClaim(**self.asked("EXAMINER"))

    def take_next(self) -> Command:
        return TakeNextClaim(**self.asked("EXAMINER", claim_id=NOBODY, queue=self.claim.queue))

    def release(self) -> Command:
        asked = self.asked("EXAMINER", "SUPERVISOR")
        if asked["role"] == "EXAMINER" and self.claim.assignee:
            asked["actor"] = self.claim.assignee
        return ReleaseClaim(**asked)

    def transfer(self) -> Command:
        queues = self.world.policy_of(self.claim).queues
        return TransferClaim(**self.asked("SUPERVISOR", "EXAMINER", queue=self.r.choice(queues)))

    def note(self) -> Command:
        roles = sorted(PERMISSIONS[AddNote].roles)
        return AddNote(
            **self.asked(*roles), note_id=self.world.new_id(), kind=NoteKind.INTERNAL, text="seen"
        )

    def redact(self) -> Command | None:
        unread = [one for one in self.claim.notes if not one.redacted]
        note = self.pick(unread or self.claim.notes[:1])
        return RedactNote(**self.asked("SUPERVISOR", note_id=note.note_id)) if note else None

    def attach(self) -> Command:
        if self.r.random() < 0.5:
            return AddAttachment(**self.submitter(attachment=self.document()))
        return AddAttachment(**self.asked("INTAKE", attachment=self.document()))

    def hold(self) -> Command:
        kind = self.r.choice(("LEGAL", "FRAUD", "COB"))
        roles = self.world.policy_of(self.claim).hold_kinds[kind].roles
        if any(one.kind == kind for one in self.claim.open_holds):
            return ReleaseHold(**self.asked(*roles, kind=kind))
        return PlaceHold(**self.asked(*roles, kind=kind))

    def release_hold(self) -> Command | None:
        hold = self.pick(self.claim.open_holds)
        if hold is None:
            return None
        roles = self.world.policy_of(self.claim).hold_kinds[hold.kind].roles
        return ReleaseHold(**self.asked(*roles, kind=hold.kind))

    def earlier_payer(self) -> Command:
        name = self.r.choice(("OTHER", "THIRD"))
        lines = [
            DecidedLine(
                line_number=line.line_number,
                decision=scenery.earlier_decision(self.r, line, name),
            )
            for line in self.claim.document.service_lines
        ]
        paid = sum((one.decision.paid_amount or ZERO for one in lines), ZERO)
        return RecordPriorPayer(
            **self.asked("COB_SPECIALIST"),
            prior_payer=scenery.earlier_payer(paid, name),
            lines=tuple(lines),
        )

    def breach(self) -> Command | timedelta | None:
        if self.claim.breached_at is not None or self.claim.decided_at is not None:
            return None
        left: timedelta = self.claim.receipt_date + timedelta(days=31) - self.today
        if left > timedelta(0) and self.r.random() < 0.9:
            return left
        return RecordBreach(**self.asked("SYSTEM"))

    def void(self) -> Command:
        if self.r.random() < 0.5:
            return VoidClaim(**self.submitter())
        return VoidClaim(**self.asked("SUPERVISOR"))

    def replace(self, frequency: str = "7") -> Command | None:
        if len(self.world.claims) >= CLAIMS_MAX:
            return None
        was = self.claim.document
        changes: dict[str, Any] = {
            "frequency_code": frequency,
            "original_claim_number": self.claim.claim_number,
            "billing_provider": was.billing_provider,
            "subscriber": was.subscriber,
            "payer": was.payer,
        }
        if frequency == "8" or self.r.random() < 0.3:
            changes |= {"service_lines": was.service_lines, "total_charge": was.total_charge}
            changes |= {"prior_payers": was.prior_payers, "payer_sequence": was.payer_sequence}
            document = replace(was, **changes)
        else:
            document = scenery.bill(self.r, self.today, **changes)
        return self.arrival(document, self.claim.submitted_by)

    def void_by_claim(self) -> Command | None:
        return self.replace("8")

    def arrival(self, document: ClaimDocument, actor: str) -> Command:
        claim_id = self.world.new_id()
        return SubmitClaim(
            **self.asked("SUBMITTER", claim_id=claim_id, actor=actor),
            claim_number=self.world.new_number(),
            document=document,
        )

    def remit(self) -> Command | timedelta | None:
        """Pay this claim together with others of its account."""
        settled = not unpaid(self.claim) or bool(self.claim.open_holds)
        if settled and self.r.random() < 0.9:
            return None
        account = account_of(self.claim.document)
        together = [
            one
            for one in self.world.claims.values()
            if (account_of(one.document) == account or self.r.random() < 0.03)
            and one.state in (State.APPROVED, State.DENIED)
            and one is not self.claim
            and unpaid(one)
            and not one.open_holds
            and self.r.random() < 0.7
        ]
        chosen = [self.claim, *together]
        self.r.shuffle(chosen)
        return issue(self.world, self.r, chosen)

    def fail(self) -> Command | None:
        remitted = self.claim.remitted
        if remitted is None or self.vain(remitted.remittance_id):
            return None
        return ReportPaymentFailure(
            **self.asked("FINANCE", claim_id=NOBODY),
            remittance_id=remitted.remittance_id,
            trace_number=remitted.trace_number,
        )

    def vain(self, remittance_id: UUID) -> bool:
        """Whether nothing can have failed; now and then somebody says so all the same."""
        nothing = not self.world.remittances[remittance_id].amount
        return (nothing or remittance_id in self.world.failed) and self.r.random() < 0.9

    def fail_any(self) -> Command | None:
        remittance = self.pick(list(self.world.remittances.values()))
        if remittance is None or self.vain(remittance.remittance_id):
            return None
        return ReportPaymentFailure(
            **self.asked("FINANCE", claim_id=NOBODY),
            remittance_id=remittance.remittance_id,
            trace_number=remittance.trace_number,
        )

    def reopen(self) -> Command:
        return ReopenClaim(**self.asked("SUPERVISOR"))

    def appeal(self) -> Command | None:
        current = self.claim.adjudication
        if current is None:
            return None
        numbers = [line.line_number for line in current.lines]
        decided = [
            one.level
            for one in self.claim.appeals
            if one.status == "DECIDED" and one.adjudication_number == current.number
        ]
        level = max([*decided, *(one.level for one in self.claim.open_appeals)], default=0) + 1
        some = self.r.random() < 0.3
        fields = {
            "appeal_id": self.world.new_id(),
            "level": level,
            "line_numbers": (self.r.choice(numbers),) if some else (),
            "good_cause_code": self.r.choice(("", "", "SERIOUS_ILLNESS")),
        }
        if self.r.random() < 0.3:
            return FileAppeal(**self.member(**fields))
        return FileAppeal(**self.submitter(**fields))

    def member(self, **fields: Any) -> dict[str, Any]:
        number = member_number(self.claim.document)
        return self.asked("MEMBER", member_number=number, **fields)

    def decide_appeal(self) -> Command | None:
        appeal = self.pick(self.claim.open_appeals)
        if appeal is None:
            return None
        outcome = self.r.choice((*AppealOutcome, AppealOutcome.UPHELD, AppealOutcome.UPHELD))
        return DecideAppeal(
            **self.asked("APPEALS_ANALYST", "APPEALS_ANALYST", "MEDICAL_REVIEWER"),
            appeal_id=appeal.appeal_id,
            outcome=outcome,
        )

    def linger(self) -> Turn | None:
        """Nobody decides an appeal in time, so it goes to the next level."""
        slow = next((one for one in self.claim.open_appeals if one.level == 2), None)
        if slow is None:
            return None
        if self.today <= slow.due_date:
            return timedelta(days=61)
        fields = {"appeal_id": self.world.new_id(), "line_numbers": slow.line_numbers}
        return FileAppeal(**self.submitter(**fields), level=3)

    def dismiss_appeal(self) -> Command | None:
        appeal = self.pick(self.claim.open_appeals)
        asked = self.asked("APPEALS_ANALYST")
        return DismissAppeal(**asked, appeal_id=appeal.appeal_id) if appeal else None

    def withdraw_appeal(self) -> Command | None:
        appeal = self.pick(self.claim.open_appeals)
        if appeal is None:
            return None
        asked = self.member() if appeal.filed_by == "mona" else self.submitter()
        return WithdrawAppeal(**{**asked, "actor": appeal.filed_by}, appeal_id=appeal.appeal_id)

    def overpaid(self) -> Command | None:
        paid = int(self.claim.remitted.paid * 100) if self.claim.remitted else 0
        if not paid:
            return None
        return RecordOverpayment(
            **self.asked("FINANCE"),
            overpayment_id=self.world.new_id(),
            amount=cents(self.r.randint(1, paid)),
        )

    def recoup(self) -> Command | None:
        found = self.pick([one for one in self.claim.overpayments if one.recouped < one.amount])
        if found is None:
            return None
        left = int((found.amount - found.recouped) * 100)
        return RecoupOverpayment(
            **self.asked("FINANCE"),
            overpayment_id=found.overpayment_id,
            entry_id=self.world.new_id(),
            amount=cents(self.r.choice((left, self.r.randint(1, left)))),
        )

    def close(self) -> Command:
        return CloseClaim(**self.asked("EXAMINER", "SYSTEM"))

    def pick(self, among: Sequence[Any]) -> Any:
        return self.r.choice(among) if among else None


def unpaid(claim: Claim) -> bool:
    """Whether the final determination was not told to the payee yet."""
    current, remitted = claim.adjudication, claim.remitted
    return remitted is None or current is None or remitted.adjudication_number != current.number


def issue(world: World, r: Random, chosen: Sequence[Claim]) -> Turn:
    """A remittance of these claims, once the last of them may be paid."""
    floor = max(one.receipt_date for one in chosen) + timedelta(days=14)
    today = world.now.astimezone(UTC).date()
    if floor > today + timedelta(days=10):
        return floor - today - timedelta(days=r.randint(0, 10))
    return IssueRemittance(
        claim_id=NOBODY,
        actor="fay",
        role="FINANCE",
        now=world.now,
        remittance_id=world.new_id(),
        trace_number=f"T{world.made}",
        claim_ids=tuple(one.claim_id for one in chosen),
        payment_date=max(today, floor) + timedelta(days=r.choice((0, 0, 1)) * (floor <= today)),
    )
