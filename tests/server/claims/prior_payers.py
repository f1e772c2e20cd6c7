"""What earlier payers decided of a claim, and a plan that pays what they leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.claims.benefits import CostShare
from server.claims.commands import RecordPriorPayer
from server.claims.document import (
    Adjustment,
    ClaimDocument,
    Payer,
    PriorPayer,
    PriorPayerLine,
    ServiceLine,
)
from server.claims.events import DecidedLine
from server.claims.pricing import Priced
from tests.server.claims.cast import CORA, Who, adjusted, asked
from tests.server.claims.documents import money
from tests.server.claims.rates import FEES, Loaded, bill, line, plan, reasons


def adjustments(stated: Mapping[str, str]) -> tuple[Adjustment, ...]:
    return tuple(adjusted(*one) for one in stated.items())


def prior(
    paid: str | None, stated: Mapping[str, str] | None = None, payer: str = "FIRST", **changes: Any
) -> PriorPayer:
    fields: dict[str, Any] = {
        "payer": Payer(payer_id=payer),
        "payer_sequence": "P",
        "paid_amount": None if paid is None else money(paid),
        "adjustments": adjustments(stated or {}),
    }
    return PriorPayer(**(fields | changes))


def on_line(
    paid: str | None, stated: Mapping[str, str] | None = None, payer: str = "FIRST"
) -> PriorPayerLine:
    return PriorPayerLine(
        payer_id=payer,
        paid_amount=None if paid is None else money(paid),
        adjustments=adjustments(stated or {}),
    )


def after(*priors: PriorPayer, lines: tuple[ServiceLine, ...], **changes: Any) -> ClaimDocument:
    return bill(*lines, **({"payer_sequence": "S", "prior_payers": priors} | changes))


def told(*decisions: PriorPayerLine, number: int = 1, charge: str = "500.00") -> ServiceLine:
    return line(number, charge, "99214", prior_payer_lines=decisions)


PRIMARY = {"PR-1": "75.00", "CO-45": "125.00"}


def paying(allowed: str, deductible: str = "0.00", **changes: Any) -> dict[str, Any]:
    """A plan that allows so much for 99214 and, after the deductible, pays it."""
    terms = plan(deductible=money(deductible), cost_shares={"*": CostShare()}, **changes)
    fees = {**FEES, "99214": (allowed, "*")}
    return {"plan": terms, "benefits": Loaded(plans=(terms,), fees=fees)}


def effects(answer: Priced) -> list[str]:
    return [reasons(one).get("OA-23", "0.00") for one in answer.lines]


def prior_payer(
    paid: str = "120.00", adjustments: Mapping[str, str] | None = None, **changes: Any
) -> PriorPayer:
    """What an earlier payer decided on a claim of 150.00."""
    given = {"CO-45": "30.00"} if adjustments is None else adjustments
    fields: dict[str, Any] = {
        "payer": Payer(payer_id="EARLIER"),
        "payer_sequence": "P",
        "paid_amount": money(paid),
        "adjustments": tuple(adjusted(*one) for one in given.items()),
    }
    return PriorPayer(**(fields | changes))


def prior_line(
    number: int, paid: str, adjustments: Mapping[str, str], payer_id: str = "EARLIER"
) -> DecidedLine:
    """What an earlier payer decided on a line."""
    return DecidedLine(
        line_number=number,
        decision=PriorPayerLine(
            payer_id=payer_id,
            paid_amount=money(paid),
            adjustments=tuple(adjusted(*one) for one in adjustments.items()),
        ),
    )


def record_prior_payer(
    told: PriorPayer | None = None, *lines: DecidedLine, who: Who = CORA, **fields: Any
) -> RecordPriorPayer:
    given = {"prior_payer": told or prior_payer(), "lines": lines}
    return RecordPriorPayer(**asked(who, given | fields))
