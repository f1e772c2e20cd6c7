"""A batch's payments and limits as the columns of `statements.WRITE_MONEY`, in its order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from server.claims.payees import content_hash
from server.command.arrays import (
    Blobs,
    Dates,
    Integers,
    Moments,
    Plan,
    Texts,
    Utf8,
    Uuids,
    filled,
)
from server.command.books import Money, Told, stored

_USED: Final[Plan] = (
    (Uuids, lambda one: one[0][0]),
    (Texts, lambda one: one[0][1]),
    (Texts, lambda one: one[0][2][0]),
    (Integers, lambda one: one[0][2][1]),
    (Texts, lambda one: str(one[1].deductible)),
    (Texts, lambda one: str(one[1].out_of_pocket)),
)
_ISSUED: Final[Plan] = (
    (Uuids, lambda one: one.request.tenant_id),
    (Uuids, lambda one: one.remittance.remittance_id),
    (Texts, lambda one: one.remittance.trace_number),
    (Texts, lambda one: one.remittance.payee),
    (Texts, lambda one: one.remittance.payer_id),
    (Texts, lambda one: one.remittance.currency_code),
    (Dates, lambda one: one.remittance.payment_date),
    (Texts, lambda one: one.remittance.method.value),
    (Texts, lambda one: str(one.remittance.amount)),
    (Texts, lambda one: str(one.remittance.claims_paid)),
    (Texts, lambda one: str(one.remittance.adjusted)),
    (Utf8, lambda one: stored(one.remittance)[0]),
    (Blobs, lambda one: stored(one.remittance)[1]),
    (Blobs, lambda one: bytes.fromhex(content_hash(one.remittance))),
    (Texts, lambda one: one.request.command.actor),
    (Texts, lambda one: one.request.command.role),
    (Uuids, lambda one: one.request.request_id),
    (Integers, lambda one: one.policy_version),
    (Moments, lambda one: one.request.command.now),
)
_CLAIMS: Final[Plan] = (
    (Uuids, lambda row: row[0].request.tenant_id),
    (Uuids, lambda row: row[0].remittance.remittance_id),
    (Integers, lambda row: row[1]),
    (Uuids, lambda row: row[2].claim_id),
    (Integers, lambda row: row[2].adjudication_number),
    (Integers, lambda row: int(row[2].reverses)),
    (Texts, lambda row: str(row[2].paid)),
)
_ADJUSTMENTS: Final[Plan] = (
    (Uuids, lambda row: row[0].request.tenant_id),
    (Uuids, lambda row: row[0].remittance.remittance_id),
    (Integers, lambda row: row[1]),
    (Texts, lambda row: row[2].reason_code),
    (Texts, lambda row: row[2].reference),
    (Texts, lambda row: str(row[2].amount)),
    (Uuids, lambda row: row[2].entry_id),
    (Uuids, lambda row: row[2].claim_id),
)
_FAILED: Final[Plan] = (
    (Uuids, lambda one: one.request.tenant_id),
    (Uuids, lambda one: one.remittance.remittance_id),
    (Texts, lambda one: one.request.command.reason.code),
    (Texts, lambda one: one.request.command.actor),
    (Texts, lambda one: one.request.command.role),
    (Uuids, lambda one: one.request.request_id),
    (Moments, lambda one: one.request.command.now),
)
_OPENED: Final[Plan] = (
    (Uuids, lambda row: row[0].tenant_id),
    (Uuids, lambda row: row[1].entry_id),
    (Texts, lambda row: row[1].account.payee),
    (Texts, lambda row: row[1].kind.value),
    (Texts, lambda row: row[1].reference),
    (Texts, lambda row: str(row[1].amount)),
    (Uuids, lambda row: row[1].claim_id),
    (Uuids, lambda row: row[1].remittance_id),
    (Utf8, lambda row: stored(row[1])[0]),
    (Blobs, lambda row: stored(row[1])[1]),
    (Uuids, lambda row: row[1].reopens),
    (Uuids, lambda row: row[0].request_id),
    (Moments, lambda row: row[1].opened_at),
    (Uuids, lambda row: row[2]),
    (Uuids, lambda row: row[3]),
)
_ENDED: Final[Plan] = (
    (Uuids, lambda row: row[0]),
    (Texts, lambda row: row[1]),
    (Uuids, lambda row: row[2]),
    (Uuids, lambda row: row[3]),
    (Uuids, lambda row: row[4]),
)


def money_columns_of(money: Money) -> tuple[list[Any], int]:
    """Return the parameters of `statements.WRITE_MONEY`, and how many entries it has to end."""
    keys = [
        (request.tenant_id, entry.account.payee, entry.entry_id) for request, entry in money.opened
    ]
    opened = [
        (request, entry, money.taken.get(key), money.cancelled.get(key))
        for (request, entry), key in zip(money.opened, keys, strict=True)
    ]
    opened_here = set(keys)
    ended = [
        (*key, money.taken.get(key), money.cancelled.get(key))
        for key in sorted(money.taken.keys() | money.cancelled.keys())
        if key not in opened_here
    ]
    columns = [
        *filled(_USED, sorted(money.used.items())),
        *filled(_ISSUED, money.issued),
        *filled(_CLAIMS, list(_rows(money.issued, "claims"))),
        *filled(_ADJUSTMENTS, list(_rows(money.issued, "provider_adjustments"))),
        *filled(_FAILED, money.failed),
        *filled(_OPENED, opened),
        *filled(_ENDED, ended),
    ]
    return columns, len(ended)


def _rows(told: Sequence[Told], name: str) -> Iterator[tuple[Told, int, Any]]:
    for one in told:
        for position, row in enumerate(getattr(one.remittance, name)):
            yield one, position, row
