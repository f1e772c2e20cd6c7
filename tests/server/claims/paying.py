"""Claims that are approved, paid and decided anew, and what a remittance tells of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from server.claims.commands import Command
from server.claims.document import Person
from server.claims.payees import Account, Remittance
from tests.server.claims.cast import (
    CLAIM_ID,
    FIRST_REMITTANCE,
    NOW,
    PAYS_SOME,
    adjudicate,
    decided,
    denied,
    fail,
    finalize,
    issue,
    reopen,
    submit,
)
from tests.server.claims.documents import money, professional
from tests.server.claims.dsl import House, house

NPI = "1234567893"
ACCOUNT = Account(payer_id="PAYER1", payee=NPI, currency_code="USD")


def number_of(claim: int) -> UUID:
    return UUID(int=claim)


def submitted(claim: int, *charges: str, **changes: Any) -> Command:
    """A claim of a person of its own, so that it is no duplicate."""
    person = Person(member_id=f"M-{claim}", birth_date=date(1970, 1, 1))
    document = professional(*charges, **({"subscriber": person} | changes))
    return submit(document, numbered=claim)


def decision(claim: int, paid: str, charge: str = "100.00") -> list[Command]:
    """Pay so much of a claim and write the rest off; deny it for nothing."""
    cut = money(charge) - money(paid)
    line = decided(1, charge, paid, paid, {"CO-45": str(cut)} if cut else {})
    if not money(paid):
        line = denied(1, charge, "CO-97")
    about: dict[str, Any] = {"claim_id": number_of(claim)}
    return [adjudicate(line, **about), finalize(**about)]


def approved(claim: int, paid: str, charge: str = "100.00", **changes: Any) -> list[Command]:
    return [submitted(claim, charge, **changes), *decision(claim, paid, charge)]


def pay(*claims: int, by: UUID = FIRST_REMITTANCE, **fields: Any) -> Command:
    return issue(*map(number_of, claims), remittance_id=by, **fields)


def anew(claim: int, paid: str, charge: str = "100.00") -> list[Command]:
    """Decide a claim again."""
    return [reopen(claim_id=number_of(claim)), *decision(claim, paid, charge)]


def paid_by(told: Remittance) -> list[tuple[int, str, str, bool]]:
    """Its claims: number, status, payment, and whether it is taken back."""
    return [(one.claim_id.int, one.status_code, str(one.paid), one.reverses) for one in told.claims]


def adjusted_by(told: Remittance) -> list[tuple[str, str, str]]:
    return [(one.reason_code, one.reference, str(one.amount)) for one in told.provider_adjustments]


def paid_after(days: int) -> House:
    return house(*approved(1, "80.00"), pay(1, now=NOW + timedelta(days=days)))


def failed(lives: House, by: UUID = FIRST_REMITTANCE) -> House:
    return lives.after(fail(by))


def paid_house(*more: Any) -> House:
    """A house with one claim of 150.00, of which 80.00 is paid."""
    paid = house(submit(), adjudicate(*PAYS_SOME), finalize(), issue(CLAIM_ID))
    return paid.after(*more)
