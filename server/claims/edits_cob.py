"""The intake edit E12: what earlier payers decided balances with the charge (C1-C4, C6, C7).

What an earlier payer allowed, or left to the patient, is told for information and never enters a
balance (C4). Every payer is balanced against the one total charge of the claim, so versions of
the bill with another charge are found as well (C7).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from server.claims.document import (
    ZERO,
    Adjustment,
    ClaimDocument,
    PriorPayer,
    PriorPayerLine,
    ServiceLine,
)
from server.claims.edits import Fault, Submission

# SBR01: primary, secondary, tertiary, then the fourth to the eleventh payer. The unknown place (U)
# comes after none.
PAYER_ORDER = ("P", "S", "T", "A", "B", "C", "D", "E", "F", "G", "H")


def cob_balanced(submission: Submission) -> Iterator[Fault]:
    """E12: a claim to a later payer has each earlier payer's decision, and every one balances."""
    document = submission.document
    if document.payer_sequence in PAYER_ORDER:
        earlier = PAYER_ORDER[: PAYER_ORDER.index(document.payer_sequence)]
        told = {prior.payer_sequence for prior in document.prior_payers}
        if not told.issuperset(earlier):
            yield "prior_payers", "the decision of an earlier payer is missing"
    yield from cob_faults(document)


def cob_faults(document: ClaimDocument) -> Iterator[Fault]:
    """Yield what does not balance in the decisions of earlier payers (C1-C3, C6).

    An amount that is not given counts as nothing paid; a charge that is not given is E01's fault.
    """
    for place, prior in enumerate(document.prior_payers):
        yield from _claim_level(document, prior, f"prior_payers[{place}].paid_amount")
    known = {_payer_id(prior) for prior in document.prior_payers} - {""}
    for place, line in enumerate(document.service_lines):
        for at, decision in enumerate(line.prior_payer_lines):
            if decision.payer_id not in known:
                path = f"service_lines[{place}].prior_payer_lines[{at}].payer_id"
                yield path, "C3: the decision is of no earlier payer of the claim"
        yield from _line_level(line, f"service_lines[{place}].prior_payer_lines")
    paid = sum((prior.paid_amount or ZERO for prior in document.prior_payers), ZERO)
    told = document.prior_payers and document.total_charge is not None
    if told and paid > (document.total_charge or ZERO):
        yield "prior_payers", "C6: earlier payers together paid more than the total charge"


def _claim_level(document: ClaimDocument, prior: PriorPayer, path: str) -> Iterator[Fault]:
    payer_id = _payer_id(prior)
    decisions = [
        decision
        for line in document.service_lines
        for decision in line.prior_payer_lines
        if decision.payer_id == payer_id
    ]
    paid = prior.paid_amount or ZERO
    on_claim = _total(prior.adjustments)
    on_lines = sum((_total(decision.adjustments) for decision in decisions), ZERO)
    if document.total_charge is not None and document.total_charge != paid + on_claim + on_lines:
        yield path, "C1: paid and adjusted amounts do not add up to the total charge"
    if decisions:
        paid_on_lines = sum((decision.paid_amount or ZERO for decision in decisions), ZERO)
        if paid != paid_on_lines - on_claim:
            yield path, "C2: the payment is not that of the lines less the claim's adjustments"


def _line_level(line: ServiceLine, path: str) -> Iterator[Fault]:
    # A payer that took a line apart has decided on it more than once.
    by_payer: dict[str, list[tuple[int, PriorPayerLine]]] = {}
    for at, decision in enumerate(line.prior_payer_lines):
        by_payer.setdefault(decision.payer_id, []).append((at, decision))
    for decisions in by_payer.values():
        told = sum(
            ((one.paid_amount or ZERO) + _total(one.adjustments) for _, one in decisions), ZERO
        )
        if line.charge is not None and line.charge != told:
            yield (
                f"{path}[{decisions[0][0]}].paid_amount",
                "C3: paid and adjusted amounts do not add up to the charge of the line",
            )


def _total(adjustments: Iterable[Adjustment]) -> Decimal:
    return sum((adjustment.amount for adjustment in adjustments), ZERO)


def _payer_id(prior: PriorPayer) -> str:
    return prior.payer.payer_id if prior.payer else ""
