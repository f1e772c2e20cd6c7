"""An office at work on a real ledger: whole lives of claims, in few words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from server.claims.commands import (
    AdjudicateClaim,
    ApproveAdjudication,
    AssignClaim,
    Command,
    FinalizeClaim,
    IssueRemittance,
    Reason,
    RecordOverpayment,
    RecoupOverpayment,
    ReopenClaim,
    ReportPaymentFailure,
    RequestInformation,
    VoidClaim,
)
from server.claims.document import Adjustment
from server.claims.model import (
    AdjudicationLine,
    AdjudicationMode,
    InformationItem,
    InformationParty,
)
from server.command.engine import Engine
from tests.server.command.support import IDS, TENANT, asked, document, submission

BECAUSE = Reason(code="SOME_REASON")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Office:
    """Gives commands at a time that can be moved."""

    engine: Engine
    tenant: UUID = TENANT
    now: datetime = START

    def later(self, days: int) -> None:
        self.now += timedelta(days=days)

    def _asked(self, claim_id: UUID, actor: str, role: str, **fields: Any) -> dict[str, Any]:
        return {
            "claim_id": claim_id,
            "actor": actor,
            "role": role,
            "now": self.now,
            "reason": BECAUSE,
            **fields,
        }

    async def give(self, command: Command, request_id: UUID | None = None) -> dict[str, Any]:
        request = asked(command, request_id=request_id, tenant_id=self.tenant)
        shown: dict[str, Any] = json.loads((await self.engine.submit(request)).reply)
        return shown

    async def submit(self, amount: str = "100.00", **changes: Any) -> dict[str, Any]:
        command = submission(**changes) if changes else submission()
        if amount != "100.00":
            line = command.document.service_lines[0]
            changed = document(
                total_charge=Decimal(amount),
                service_lines=(type(line)(**{**_fields(line), "charge": Decimal(amount)}),),
                **changes,
            )
            command = type(command)(**{**_fields(command), "document": changed})
        return await self.give(type(command)(**{**_fields(command), "now": self.now}))

    def paying(self, claim_id: UUID, charge: str, paid: str, actor: str = "eve") -> AdjudicateClaim:
        cut = Decimal(charge) - Decimal(paid)
        line = AdjudicationLine(
            line_number=1,
            charge=Decimal(charge),
            allowed=Decimal(paid),
            paid=Decimal(paid),
            denied=Decimal(paid) == 0,
            adjustments=(
                Adjustment(
                    group_code="CO", reason_code="45" if Decimal(paid) else "29", amount=cut
                ),
            )
            if cut
            else (),
        )
        return AdjudicateClaim(
            **self._asked(claim_id, actor, "EXAMINER"),
            lines=(line,),
            paid=Decimal(paid),
            patient_responsibility=Decimal("0.00"),
        )

    def pricing(self, claim_id: UUID, actor: str = "eve") -> AdjudicateClaim:
        return AdjudicateClaim(
            **self._asked(claim_id, actor, "EXAMINER"), mode=AdjudicationMode.AUTO
        )

    def finalizing(self, claim_id: UUID, actor: str = "eve") -> FinalizeClaim:
        return FinalizeClaim(**self._asked(claim_id, actor, "EXAMINER"))

    def approving(
        self, claim_id: UUID, actor: str, number: int, digest: str
    ) -> ApproveAdjudication:
        return ApproveAdjudication(
            **self._asked(claim_id, actor, "APPROVER"),
            adjudication_number=number,
            adjudication_hash=digest,
        )

    def assigning(self, claim_id: UUID, actor: str) -> AssignClaim:
        return AssignClaim(**self._asked(claim_id, actor, "EXAMINER"))

    def asking(self, claim_id: UUID, days: int) -> RequestInformation:
        return RequestInformation(
            **self._asked(claim_id, "eve", "EXAMINER"),
            information_request_id=IDS.new(),
            control_number="IR1",
            party=InformationParty.PROVIDER,
            items=(InformationItem(report_type_code="11504-8"),),
            due_date=(self.now + timedelta(days=days)).date(),
        )

    def voiding(self, claim_id: UUID) -> VoidClaim:
        return VoidClaim(**self._asked(claim_id, "sue", "SUPERVISOR"))

    def reopening(self, claim_id: UUID) -> ReopenClaim:
        return ReopenClaim(**self._asked(claim_id, "sue", "SUPERVISOR"))

    def remitting(self, *claim_ids: UUID, trace: str = "") -> IssueRemittance:
        remittance_id = IDS.new()
        return IssueRemittance(
            **self._asked(UUID(int=0), "fay", "FINANCE"),
            remittance_id=remittance_id,
            trace_number=trace or f"T{remittance_id.hex}",
            claim_ids=claim_ids,
            payment_date=self.now.date(),
        )

    def failing(self, remittance_id: str, trace: str) -> ReportPaymentFailure:
        return ReportPaymentFailure(
            **self._asked(UUID(int=0), "fay", "FINANCE"),
            remittance_id=UUID(remittance_id),
            trace_number=trace,
        )

    def overpaying(self, claim_id: UUID, amount: str) -> RecordOverpayment:
        return RecordOverpayment(
            **self._asked(claim_id, "fay", "FINANCE"),
            overpayment_id=uuid4(),
            amount=Decimal(amount),
        )

    def recouping(self, claim_id: UUID, overpayment_id: UUID, amount: str) -> RecoupOverpayment:
        return RecoupOverpayment(
            **self._asked(claim_id, "fay", "FINANCE"),
            overpayment_id=overpayment_id,
            entry_id=IDS.new(),
            amount=Decimal(amount),
        )

    async def decided(
        self, amount: str = "100.00", paid: str | None = None, **changes: Any
    ) -> UUID:
        """A claim with a final decision; it pays what was charged unless told otherwise."""
        claim_id = UUID((await self.submit(amount, **changes))["claim"])
        await self.give(self.paying(claim_id, amount, amount if paid is None else paid))
        await self.give(self.finalizing(claim_id))
        return claim_id

    async def paid(self, amount: str = "100.00", **changes: Any) -> UUID:
        """A claim that a remittance has paid, past the payment floor."""
        claim_id = await self.decided(amount, **changes)
        self.later(20)
        await self.give(self.remitting(claim_id))
        return claim_id


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
