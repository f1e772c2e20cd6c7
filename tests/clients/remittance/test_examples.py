"""The published files and the worked examples of the domain, each with its known answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from claimflow.remittance import (
    Malformation,
    Reading,
    Remittance,
    Sums,
    check,
    forward_balance,
    in_writing_order,
    is_balanced,
    read,
    sums,
    write,
)
from tests.clients.remittance.support import (
    INTERCHANGE,
    PAYER,
    claim,
    found,
    line,
    provider_adjustment,
    remittance,
)

MANAGED_CARE = "linuxforhealth-x12/835_005010X221A1/managed-care.835"
MEDICARE = "linuxforhealth-x12/835_005010X221A1/medicare-part-a.835"
CONTRACTUAL = "linuxforhealth-x12/835_005010X221A1/cob-contractural-adjustment.835"
ZERO_PAY = "pyx12/835_mult_loops.txt"
FILES = (MANAGED_CARE, MEDICARE, CONTRACTUAL, ZERO_PAY)

# What their text has wrong, all of it told and none of it money.
MALFORMED = {
    # Printed so: the year 2000, the month 23.
    MANAGED_CARE: [(Malformation.DATE, 4, "BPR16 is not a date")],
    CONTRACTUAL: [
        # One asterisk is missing, so the date stands as BPR15.
        (Malformation.ELEMENT_MISSING, 4, "BPR16 is empty"),
        (Malformation.COMPOSITE, 21, "SVC01 is not separated as the interchange declares"),
    ],
}


def read_file(path: Path) -> Reading:
    with path.open("rb") as content:
        return read(content)


def only(path: Path) -> Remittance:
    (one,) = read_file(path).remittances
    return one


@pytest.mark.parametrize("name", FILES)
def test_every_published_file_is_balanced_and_its_flaws_are_told(
    shared_data: Path, name: str
) -> None:
    reading = read_file(shared_data / name)
    told = [(problem.kind, problem.segment, problem.message) for problem in reading.problems]
    assert told == MALFORMED.get(name, [])
    assert reading.is_whole
    (one,) = reading.remittances
    assert check(one) == []


@pytest.mark.parametrize("name", FILES)
def test_every_published_file_is_no_longer_balanced_by_a_cent(shared_data: Path, name: str) -> None:
    one = only(shared_data / name)
    short = replace(one, amount=one.amount + Decimal("0.01"))
    assert list(found(check(short))) == [("M5", "ERROR", (None, None), one.amount, short.amount)]


@pytest.mark.parametrize("name", FILES)
def test_every_published_file_is_written_and_read_again(shared_data: Path, name: str) -> None:
    one = only(shared_data / name)
    if name in MALFORMED:
        one = replace(one, payment_date=date(2005, 3, 18))
    if name == CONTRACTUAL:
        one = replace(one, transfer=None)  # the misplaced date
    reading = read(write([one], INTERCHANGE))
    assert (reading.remittances, reading.problems) == ((in_writing_order(one),), ())


def test_m6_managed_care_balances_with_adjustments_of_claims(shared_data: Path) -> None:
    one = only(shared_data / MANAGED_CARE)
    assert [claim.paid for claim in one.claims] == [Decimal("450.00"), Decimal("495.00")]
    assert one.amount == Decimal("945.00")
    own = [(each.group_code, each.reason_code, each.amount) for each in one.claims[1].adjustments]
    assert own == [("CO", "A2", Decimal("55.00"))]
    assert [claim.patient_responsibility for claim in one.claims] == [300, 600]
    (service,) = one.claims[0].lines
    assert (service.procedure_system, service.procedure_code) == ("HC", "99211")
    assert (service.service_from, service.service_through) == (date(2002, 3, 1), date(2002, 3, 4))
    assert (one.payee.identifier_qualifier, one.payee.identifier) == ("XX", "5544667733")
    assert one.transfer is not None
    assert one.transfer.receiver.bank == "111333555"


def test_m5_medicare_part_a_is_paid_more_by_a_provider_adjustment(shared_data: Path) -> None:
    one = only(shared_data / MEDICARE)
    zero = Decimal("0.00")
    assert sums(one) == Sums(
        line_charge=zero, line_adjusted=zero, line_paid=zero,
        claim_charge=Decimal("226366.97"),
        claim_adjusted=Decimal("76368.24"),
        claim_paid=Decimal("138018.40") + Decimal("11980.33"),
        provider_adjusted=Decimal("-1.27"),
        amount=Decimal("150000.00"),
    )  # fmt: skip
    (entry,) = one.provider_adjustments
    assert (entry.reason_code, entry.reference, entry.fiscal_date) == (
        "CV", "CP", date(2002, 12, 31),
    )  # fmt: skip
    assert [(claim.inpatient, claim.remark_codes) for claim in one.claims] == [
        (True, ()), (False, ("MA02",)),
    ]  # fmt: skip


def test_m8_a_case_rate_above_the_charge_is_a_negative_adjustment(shared_data: Path) -> None:
    (one,) = only(shared_data / CONTRACTUAL).claims
    (service,) = one.lines
    assert [(each.reason_code, each.amount) for each in service.adjustments] == [
        ("23", Decimal("516.00")), ("94", Decimal("-9.00")),
    ]  # fmt: skip
    assert (service.procedure_code, service.allowed) == ("55669", Decimal("550.00"))


def test_m11_a_zero_payment_has_its_reasons_and_remarks(shared_data: Path) -> None:
    one = only(shared_data / ZERO_PAY)
    (zero_paid,) = one.claims
    assert zero_paid.charge == Decimal("915.39")
    assert zero_paid.paid == one.amount == 0
    assert [service.remark_codes for service in zero_paid.lines] == [("N14",)] * 3
    assert [service.units_paid for service in zero_paid.lines] == [68, 16, 36]
    bare = replace(
        zero_paid, lines=tuple(replace(each, remark_codes=()) for each in zero_paid.lines)
    )
    told = check(replace(one, claims=(bare,)))
    assert list(found(told)) == [("M11", "WARNING", (0, 0), None, None)]  # CO-16, not OA-A7


X1 = claim(
    "1863.00", "98.92", "OA-23 395.68",
    lines=[
        line("1800.00", "460.92", "OA-23 1339.08"),
        line("63.00", "33.68", "OA-23 29.32"),
    ],
    status_code="2",
)  # fmt: skip


def test_x1_m4_what_earlier_payers_paid_counts_at_line_and_claim() -> None:
    assert check(remittance(X1)) == []


def test_x1_m4_without_the_adjustment_of_the_claim_the_lines_pay_more() -> None:
    told = check(remittance(replace(X1, adjustments=())))
    figures = Decimal("494.60"), Decimal("98.92")
    assert list(found(told)) == [("M4", "ERROR", (0, None), *figures)]


PRIMARY = claim("500.00", "300.00", "PR-1 75.00", "CO-45 125.00", responsible="75.00")
SECONDARY = claim("500.00", "65.00", "OA-23 425.00", "CO-45 10.00", status_code="2")


def test_x2_c5_a_secondary_payer_reports_the_full_charge_and_the_earlier_effect() -> None:
    assert check(remittance(PRIMARY)) == []
    assert check(remittance(SECONDARY)) == []


def test_x2_c5_the_earlier_effect_as_contractual_is_told_though_it_balances() -> None:
    wrong = claim("500.00", "65.00", "CO-45 435.00", status_code="2")
    told = check(remittance(wrong))
    assert list(found(told)) == [("C5", "WARNING", (0, None), None, None)]
    assert is_balanced(told)


def test_x3_m3_what_was_paid_to_the_patient_counts() -> None:
    service = line("11.28", "0.00", "PR-100 7.85", "PR-2 1.96", "PR-45 1.47")
    whole = claim("11.28", "0.00", lines=[service], responsible="11.28")
    assert check(remittance(whole)) == []


def test_x3_m3_without_it_nothing_balances() -> None:
    service = line("11.28", "0.00", "PR-2 1.96", "PR-45 1.47")
    told = check(remittance(claim("11.28", "0.00", lines=[service], responsible="11.28")))
    assert list(found(told)) == [
        ("M3", "ERROR", (0, 0), Decimal("7.85"), 0),
        ("M4", "ERROR", (0, None), Decimal("7.85"), 0),
        ("M6", "ERROR", (0, None), Decimal("3.43"), Decimal("11.28")),
    ]


X4 = remittance(
    claim("40.00", "0.00", "CO-45 40.00"),
    claim("-30.00", "-25.00", "CO-45 -5.00", status_code="22", payer_claim_control_number="N2"),
    amount=Decimal("0.00"),
    payer=PAYER,
)


def test_x4_m5_less_than_nothing_cannot_be_paid() -> None:
    (problem,) = check(X4)
    assert list(found([problem])) == [("M5", "ERROR", (None, None), Decimal("-25.00"), 0)]
    assert "forward balance (FB) of -25.00" in problem.message
    # Stating the negative payment does not mend it.
    (problem,) = check(replace(X4, amount=Decimal("-25.00")))
    assert problem.rule == "M5"
    assert problem.expected == problem.actual == -25


def test_x4_m5_a_forward_balance_mends_it() -> None:
    assert forward_balance(X4) == Decimal("-25.00")
    entry = provider_adjustment("FB", "-25.00", reference="CARRIED")
    mended = replace(X4, provider_adjustments=(entry,))
    assert check(mended) == []
    assert forward_balance(mended) is None


def test_x5_m4_an_adjustment_of_the_claim_reduces_what_the_lines_pay() -> None:
    services = [line("70.00", "70.00"), line("15.00", "15.00")]
    assert check(remittance(claim("85.00", "80.00", "CO-A2 5.00", lines=services))) == []
    told = check(remittance(claim("85.00", "85.00", "CO-A2 5.00", lines=services)))
    assert list(found(told)) == [("M4", "ERROR", (0, None), 80, 85)]


@pytest.mark.parametrize("stated", [None, "9.99", "-10.00"])
def test_x6_m6_the_patients_part_is_the_sum_of_pr(stated: str | None) -> None:
    told = check(remittance(claim("100.00", "90.00", "PR-1 10.00", responsible=stated)))
    figures = Decimal("10.00"), Decimal(stated or "0.00")
    assert list(found(told)) == [("M6", "ERROR", (0, None), *figures)]


def test_x6_m6_a_reversal_need_not_state_it() -> None:
    taken_back = claim("-100.00", "-90.00", "PR-1 -10.00", status_code="22")
    other = claim("200.00", "200.00", payer_claim_control_number="N2")
    assert check(remittance(taken_back, other)) == []
