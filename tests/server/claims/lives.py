"""What sensible people may ask of a claim next: the steps of plausible histories."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from server.claims.commands import Command
from server.claims.document import Adjustment
from server.claims.model import AdjudicationLine, Claim
from tests.server.claims.cast import (
    ABE,
    ANA,
    BEA,
    BOB,
    FIRST_NOTE,
    IDA,
    NOW,
    SUE,
    adjudicate,
    approve,
    assign,
    attach,
    close,
    expire,
    finalize,
    note,
    pend,
    receive_information,
    redact,
    release,
    request_information,
    resolve,
    rework,
    take_next,
    transfer,
)

_REQUESTS = (UUID(int=0x61), UUID(int=0x62))


def next_steps(claim: Claim) -> list[Command]:
    """Commands in character; the rules may still refuse some of them."""
    requests = [one.information_request_id for one in claim.information_requests]
    steps: list[Command] = [
        pend("SUSPECT_DUPLICATE"),
        pend("PRICING"),
        resolve("SUSPECT_DUPLICATE"),
        resolve("PRICING", SUE),
        *(request_information(one) for one in _REQUESTS if one not in requests),
        *(receive_information(one) for one in requests),
        *(expire(one) for one in requests),
        adjudicate(*(_paid_in_full(*line) for line in charges(claim))),
        adjudicate(*(_cut(*line) for line in charges(claim))),
        adjudicate(*(_refused(*line) for line in charges(claim))),
        approve(claim, BOB),
        approve(claim, BEA),
        approve(claim, SUE),
        rework(BEA),
        finalize(ANA),
        close(ABE),
        assign(who=ANA),
        take_next(who=ABE),
        release(SUE, now=NOW + timedelta(minutes=1)),
        transfer("SIU", SUE),
        note(),
        redact(FIRST_NOTE),
        attach(1, IDA),
    ]
    return steps


def charges(claim: Claim) -> list[tuple[int, Decimal]]:
    """The numbers and charges of the lines."""
    return [
        (line.line_number, line.charge or Decimal("0.00")) for line in claim.document.service_lines
    ]


def _paid_in_full(number: int, charge: Decimal) -> AdjudicationLine:
    return AdjudicationLine(line_number=number, charge=charge, allowed=charge, paid=charge)


def _cut(number: int, charge: Decimal) -> AdjudicationLine:
    cut = (charge / 10).quantize(Decimal("0.01"))
    return AdjudicationLine(
        line_number=number,
        charge=charge,
        allowed=charge - cut,
        paid=charge - cut,
        adjustments=(Adjustment(group_code="CO", reason_code="97", amount=cut),) if cut else (),
    )


def _refused(number: int, charge: Decimal) -> AdjudicationLine:
    return AdjudicationLine(
        line_number=number,
        charge=charge,
        denied=True,
        adjustments=(Adjustment(group_code="CO", reason_code="29", amount=charge),),
    )
