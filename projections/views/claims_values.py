"""How values are written into a document: what is empty is left out, an amount is two fields."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from projections.views.view import Document
from server.claims import codec
from server.claims.document import Adjustment

_CENT = Decimal("0.01")


def time(moment: datetime) -> str:
    """Return an instant as the index has it: ISO 8601 in UTC."""
    return codec.instant(moment)


def put(target: Document, name: str, value: str) -> None:
    """Write a text, or nothing when it is empty."""
    if value:
        target[name] = value


def put_day(target: Document, name: str, day: date | None) -> None:
    """Write a date, or nothing when there is none."""
    if day is not None:
        target[name] = day.isoformat()


def put_time(target: Document, name: str, moment: datetime | None) -> None:
    """Write an instant, or nothing when there is none."""
    if moment is not None:
        target[name] = time(moment)


def put_amount(target: Document, name: str, amount: Decimal | None) -> None:
    """Write an amount as exact text and as integer cents, or nothing when there is none.

    Text keeps what was sent; cents of an amount with more decimals (a rejected claim may have one)
    round half up.
    """
    if amount is None:
        return
    in_cents = amount.quantize(_CENT, ROUND_HALF_UP)
    target[name] = f"{in_cents if in_cents == amount else amount:f}"
    target[f"{name}_cents"] = int(in_cents.scaleb(2))


def adjustments(values: Iterable[Adjustment]) -> list[Document]:
    """Return adjustments as the index has them."""
    written = []
    for one in values:
        entry: Document = {"group_code": one.group_code, "reason_code": one.reason_code}
        put_amount(entry, "amount", one.amount)
        written.append(entry)
    return written
