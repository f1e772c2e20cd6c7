"""Plausible remittances: amounts that balance, everything else at will."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from hypothesis import strategies as st

from claimflow.remittance import (
    Account,
    Adjustment,
    Party,
    Patient,
    ProviderAdjustment,
    Remittance,
    RemittanceLine,
    RemittedClaim,
    Transfer,
    forward_balance,
    reversal_of,
    sums,
)
from tests.clients.remittance.support import FISCAL_DATE, provider_adjustment

T = TypeVar("T")

_TEXTS = [
    "1",
    "0",
    "A",
    "-",
    "X>Y",
    "0007",
    "#12",
    "A B",
    "it's",
    "ISA",
    "1234567893",
    "a&b (c), d/e",
]
_REASONS = ["1", "2", "3", "16", "18", "23", "45", "94", "96", "97", "100", "A1", "A7", "B7", "P12"]
_DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


def cents(low: int, high: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda number: Decimal(number).scaleb(-2))


def texts(length_max: int) -> st.SearchStrategy[str]:
    """Return texts as they may stand in an element; few, since a remittance has many."""
    return st.sampled_from([text for text in _TEXTS if len(text) <= length_max])


def optional(length_max: int) -> st.SearchStrategy[str]:
    return st.just("") | texts(length_max)


def total(amounts: list[Decimal]) -> Decimal:
    return sum(amounts, Decimal("0.00"))


@st.composite
def adjustments(draw: st.DrawFn) -> tuple[Adjustment, ...]:
    """Draw adjustments as M9 allows them: none of zero, none twice."""
    keys = st.tuples(st.sampled_from(["CO", "OA", "PI", "PR"]), st.sampled_from(_REASONS))
    # Sometimes more than one CAS holds.
    many = st.permutations(_REASONS).map(lambda reasons: [("CO", each) for each in reasons[:8]])
    names = draw(st.lists(keys, max_size=3, unique=True) | many)
    quantities = st.sampled_from([None, None, Decimal("2"), Decimal("-1.5")])
    return tuple(
        Adjustment(
            group_code=group,
            reason_code=reason,
            amount=draw(cents(-5_000, 50_000).filter(bool)),
            quantity=draw(quantities),
        )
        for group, reason in names
    )


@st.composite
def lines(draw: st.DrawFn) -> RemittanceLine:
    charge, why = draw(cents(0, 100_000)), draw(adjustments())
    begin = draw(st.none() | _DAYS)
    service = draw(st.sampled_from(["procedure", "revenue", "both"]))
    return RemittanceLine(
        charge=charge,
        paid=charge - total([each.amount for each in why]),
        procedure_system="" if service == "revenue" else draw(st.sampled_from(["HC", "AD", "N4"])),
        procedure_code="" if service == "revenue" else draw(texts(11)),
        modifiers=()
        if service == "revenue"
        else draw(st.sampled_from([(), ("25",), ("RT", "59"), ("25", "59", "RT", "LT")])),
        revenue_code="" if service == "procedure" else draw(texts(4)),
        units_paid=draw(st.none() | st.integers(-9_999, 9_999).map(lambda n: Decimal(n) / 8)),
        service_from=begin,
        service_through=draw(st.none() | _DAYS) if begin else None,
        allowed=draw(st.none() | cents(-100, 100_000)),
        adjustments=why,
        remark_codes=draw(st.sampled_from([(), ("N14",), ("M15", "MA02")])),
        control_number=draw(optional(20)),
    )


def patients() -> st.SearchStrategy[Patient]:
    identifier = st.one_of(st.just(("", "")), st.tuples(st.just("MI"), texts(20)))
    return st.builds(
        lambda last, first, suffix, identified: Patient(
            last_name=last,
            first_name=first,
            suffix=suffix,
            identifier_qualifier=identified[0],
            identifier=identified[1],
        ),
        texts(20), optional(20), optional(5), identifier,
    )  # fmt: skip


@st.composite
def claims(draw: st.DrawFn, number: int) -> RemittedClaim:
    """Draw a claim that balances; the number makes its payer's number its own."""
    services, why = draw(st.lists(lines(), max_size=2)), draw(adjustments())
    charge = total([line.charge for line in services]) if services else draw(cents(0, 99_999))
    every = [*why, *(each for line in services for each in line.adjustments)]
    responsible = total([each.amount for each in every if each.group_code == "PR"])
    inpatient = draw(st.booleans())
    remarks = st.lists(st.sampled_from(["N14", "MA02"]), max_size=10 if inpatient else 5)
    begin = draw(st.none() | _DAYS)
    return RemittedClaim(
        patient_control_number=draw(texts(20)),
        status_code=draw(st.sampled_from(["1", "2", "3", "4", "19"])),
        charge=charge,
        paid=charge - total([each.amount for each in every]),
        patient_responsibility=responsible or draw(st.sampled_from([None, Decimal("0.00")])),
        filing_indicator=draw(st.sampled_from(["12", "MB"])),
        payer_claim_control_number=f"N{number}",
        facility_type_code=draw(st.sampled_from(["", "11"])),
        frequency_code=draw(st.sampled_from(["", "1", "7"])),
        patient=draw(st.none() | patients()),
        adjustments=why,
        remark_codes=tuple(draw(remarks)),
        inpatient=inpatient,
        statement_from=begin,
        statement_through=draw(st.none() | _DAYS) if begin else None,
        received=draw(st.none() | _DAYS),
        lines=tuple(services),
    )


def parties(*, payer: bool) -> st.SearchStrategy[Party]:
    address = st.lists(texts(30), min_size=int(payer), max_size=2).map(tuple)
    identified = st.tuples(st.sampled_from(["XX", "FI", "XV"]), texts(20))
    return st.builds(
        lambda name, lines, city, contact, number: Party(
            name=name,
            identifier_qualifier=number[0],
            identifier=number[1],
            address_lines=lines,
            city=city,
            state="MD" if city else "",
            postal_code="20705" if city else "",
            contact_name=contact if payer else "",
            contact_telephone="5551234567" if payer and contact else "",
        ),
        texts(30),
        address,
        texts(20) if payer else optional(20),
        optional(20),
        st.just(("", "")) | identified if payer else identified,
    )


def accounts() -> st.SearchStrategy[Account]:
    return st.builds(
        Account,
        bank_qualifier=st.just("01"),
        bank=texts(12),
        account_qualifier=st.just("DA"),
        account=texts(20),
    )


def transfers() -> st.SearchStrategy[Transfer]:
    return st.builds(
        Transfer,
        format_code=st.sampled_from(["CCP", "CTX"]),
        sender=accounts(),
        originator=texts(10),
        originator_supplement=optional(9),
        receiver=accounts(),
    )


def provider_adjustments() -> st.SearchStrategy[ProviderAdjustment]:
    return st.builds(
        ProviderAdjustment,
        provider_id=st.sampled_from(["1234567893", "1993999998"]),
        fiscal_date=st.sampled_from([FISCAL_DATE, date(2026, 12, 31)]),
        reason_code=st.sampled_from(["WO", "L6", "CV", "72"]),
        reference=optional(20),
        amount=cents(-10_000, 10_000),
    )


def _few_or_many(entries: st.SearchStrategy[T]) -> st.SearchStrategy[list[T]]:
    """Return lists of some; sometimes more than one PLB holds."""
    return st.lists(entries, max_size=2) | st.lists(entries, min_size=7, max_size=8)


@st.composite
def remittances(draw: st.DrawFn) -> Remittance:
    """Draw a remittance that balances: reversals negate, a negative payment is carried forward."""
    paid = [draw(claims(number)) for number in range(draw(st.integers(0, 2)))]
    takes_back: bool = draw(st.booleans())
    if paid and takes_back:
        paid.append(reversal_of(draw(st.sampled_from(paid))))
    transfer = draw(st.none() | transfers())
    whole = Remittance(
        payer=draw(parties(payer=True)),
        payee=draw(parties(payer=False)),
        trace_number=draw(texts(20)),
        trace_originator=draw(texts(10)),
        payment_date=draw(_DAYS),
        amount=Decimal("0.00"),
        handling_code=draw(st.sampled_from(["C", "D", "H", "I", "P", "U", "X"])),
        method_code=draw(st.sampled_from(["CHK", "NON"])) if transfer is None else "ACH",
        credit_debit=draw(st.sampled_from(["C", "D"])),
        currency_code=draw(st.sampled_from(["USD", "USD", "AUD"])),
        transfer=transfer,
        claims=tuple(paid),
        provider_adjustments=tuple(draw(_few_or_many(provider_adjustments()))),
    )
    carried = forward_balance(whole)
    if carried is not None:
        entries = (*whole.provider_adjustments, provider_adjustment("FB", f"{carried}"))
        whole = replace(whole, provider_adjustments=entries)
    return replace(whole, amount=sums(whole).due)
