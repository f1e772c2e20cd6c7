"""Earlier payers that become known after intake: command 24, rules C1 to C3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from server.claims.commands import RecordPriorPayer
from server.claims.document import ClaimDocument, PriorPayer, ServiceLine
from server.claims.edits_cob import cob_faults
from server.claims.events import DecidedLine, Event, PriorPayerRecorded
from server.claims.model import Claim
from server.claims.refusals import Refusal, require


def record(command: RecordPriorPayer, claim: Claim) -> list[Event]:
    """Command 24: note what an earlier payer decided; it must balance with the claim (C1-C3)."""
    payer_id = _payer_id(command.prior_payer)
    require(bool(payer_id), Refusal.PRIOR_PAYER_UNKNOWN, field_path="prior_payer.payer.payer_id")
    known = {_payer_id(one) for one in claim.document.prior_payers}
    require(
        payer_id not in known,
        Refusal.PRIOR_PAYER_ALREADY_RECORDED,
        field_path="prior_payer.payer.payer_id",
    )
    numbers = {line.line_number for line in claim.document.service_lines}
    for place, one in enumerate(command.lines):
        require(
            one.line_number in numbers,
            Refusal.LINE_UNKNOWN,
            {"line_number": str(one.line_number)},
            f"lines[{place}].line_number",
        )
        require(
            one.decision.payer_id == payer_id,
            Refusal.PRIOR_PAYER_UNKNOWN,
            field_path=f"lines[{place}].decision.payer_id",
        )
    event = PriorPayerRecorded(prior_payer=command.prior_payer, lines=command.lines)
    known_faults = set(cob_faults(claim.document))  # let pass at intake
    for fault in cob_faults(with_prior_payer(claim.document, event)):
        path = "lines" if fault[0].startswith("service_lines") else "prior_payer"
        require(fault in known_faults, Refusal.PRIOR_PAYER_NOT_BALANCED, field_path=path)
    return [event]


def with_prior_payer(document: ClaimDocument, event: PriorPayerRecorded) -> ClaimDocument:
    """Return a document with an earlier payer's decision."""
    decided: dict[int, list[DecidedLine]] = {}
    for one in event.lines:
        decided.setdefault(one.line_number, []).append(one)
    return replace(
        document,
        prior_payers=(*document.prior_payers, event.prior_payer),
        service_lines=tuple(_line(line, decided) for line in document.service_lines),
    )


def _line(line: ServiceLine, decided: Mapping[int, Iterable[DecidedLine]]) -> ServiceLine:
    more = tuple(one.decision for one in decided.get(line.line_number, ()))
    return replace(line, prior_payer_lines=(*line.prior_payer_lines, *more)) if more else line


def _payer_id(prior: PriorPayer) -> str:
    return prior.payer.payer_id if prior.payer else ""
