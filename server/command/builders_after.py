"""Requests of the wire to commands: what comes after a decision, and what goes beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from server.claims.commands import (
    Command,
    DecideAppeal,
    DismissAppeal,
    FileAppeal,
    IssueRemittance,
    PlaceHold,
    RecordOverpayment,
    RecordPriorPayer,
    RecoupOverpayment,
    ReleaseHold,
    ReopenClaim,
    ReportPaymentFailure,
    VoidClaim,
    WithdrawAppeal,
)
from server.claims.document import PriorPayer, PriorPayerLine
from server.claims.events import DecidedLine
from server.claims.model import AppealOutcome
from server.claims.payees import PaymentMethod
from server.command.builders import Asking, Build, code_text, plain
from server.command.shape import enum, read

_REMITTANCE_CLAIMS_MAX: Final = 500
_LINES_MAX: Final = 999
_TRACE_MAX: Final = 50  # characters of TRN02


def _issue_remittance(asking: Asking) -> Command:
    request, shape = asking.request, asking.shape
    shape.length("claim_ids", request.claim_ids, _REMITTANCE_CLAIMS_MAX, 1)
    remittance_id = asking.ids.new()
    trace = shape.text("trace_number", request.trace_number, _TRACE_MAX)
    method = PaymentMethod.ACH
    if request.method:
        method = enum(PaymentMethod, request.method, "method", shape)
    today = asking.common["now"].date()
    return IssueRemittance(
        **asking.common,
        remittance_id=remittance_id,
        trace_number=trace or f"CF{remittance_id.hex.upper()}",
        claim_ids=tuple(
            shape.uuid(f"claim_ids[{place}]", claim_id)
            for place, claim_id in enumerate(request.claim_ids[:_REMITTANCE_CLAIMS_MAX])
        ),
        payment_date=shape.day("payment_date", request.payment_date)
        if request.HasField("payment_date")
        else today,
        method=method,
    )


def _report_payment_failure(asking: Asking) -> Command:
    request, shape = asking.request, asking.shape
    return ReportPaymentFailure(
        **asking.common,
        remittance_id=shape.uuid("remittance_id", request.remittance_id),
        trace_number=shape.text("trace_number", request.trace_number, _TRACE_MAX),
    )


def _file_appeal(asking: Asking) -> Command:
    request, shape = asking.request, asking.shape
    shape.length("line_numbers", request.line_numbers, _LINES_MAX)
    return FileAppeal(
        **asking.common,
        appeal_id=asking.ids.new(),
        level=shape.whole("level", request.level, 99, 1),
        line_numbers=tuple(request.line_numbers),
        good_cause_code=code_text(asking, "good_cause_code", least=0),
    )


def _on_appeal(kind: Callable[..., Command]) -> Build:
    return lambda asking: kind(
        **asking.common, appeal_id=asking.shape.uuid("appeal_id", asking.request.appeal_id)
    )


def _decide_appeal(asking: Asking) -> Command:
    request, shape = asking.request, asking.shape
    return DecideAppeal(
        **asking.common,
        appeal_id=shape.uuid("appeal_id", request.appeal_id),
        outcome=enum(AppealOutcome, request.outcome, "outcome", shape),
    )


def _on_hold(kind: Callable[..., Command]) -> Build:
    return lambda asking: kind(**asking.common, kind=code_text(asking, "kind"))


def _record_prior_payer(asking: Asking) -> Command:
    request, shape = asking.request, asking.shape
    if not request.HasField("prior_payer"):
        shape.bad("prior_payer", "must be given")
    shape.length("lines", request.lines, _LINES_MAX)
    return RecordPriorPayer(
        **asking.common,
        prior_payer=read(PriorPayer, request.prior_payer, "prior_payer", shape),
        lines=tuple(
            DecidedLine(
                line_number=one.line_number,
                decision=read(PriorPayerLine, one.decision, f"lines[{place}].decision", shape),
            )
            for place, one in enumerate(request.lines[:_LINES_MAX])
        ),
    )


def _record_overpayment(asking: Asking) -> Command:
    amount = asking.shape.amount("amount", asking.request.amount)
    return RecordOverpayment(**asking.common, overpayment_id=asking.ids.new(), amount=amount)


def _recoup_overpayment(asking: Asking) -> Command:
    request, shape = asking.request, asking.shape
    return RecoupOverpayment(
        **asking.common,
        overpayment_id=shape.uuid("overpayment_id", request.overpayment_id),
        entry_id=asking.ids.new(),
        amount=shape.amount("amount", request.amount),
    )


BUILDERS_AFTER: Final[Mapping[str, Build]] = {
    "VoidClaim": plain(VoidClaim),
    "IssueRemittance": _issue_remittance,
    "ReportPaymentFailure": _report_payment_failure,
    "ReopenClaim": plain(ReopenClaim),
    "FileAppeal": _file_appeal,
    "WithdrawAppeal": _on_appeal(WithdrawAppeal),
    "DismissAppeal": _on_appeal(DismissAppeal),
    "DecideAppeal": _decide_appeal,
    "PlaceHold": _on_hold(PlaceHold),
    "ReleaseHold": _on_hold(ReleaseHold),
    "RecordPriorPayer": _record_prior_payer,
    "RecordOverpayment": _record_overpayment,
    "RecoupOverpayment": _recoup_overpayment,
}
