"""E12: what earlier payers decided balances with the claim (C1-C4, C6, C7, X3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimflow.importers import detect
from server.claims.document import ClaimDocument, Payer, PriorPayer, PriorPayerLine, ServiceLine
from server.claims.edits import Fault, Submission
from server.claims.edits_cob import cob_balanced, cob_faults
from server.command.shape import Shape, read
from tests.server.claims.cast import STRICT, TODAY, adjusted
from tests.server.claims.documents import money, professional, service_line

C1 = "C1: paid and adjusted amounts do not add up to the total charge"
C2 = "C2: the payment is not that of the lines less the claim's adjustments"
C3 = "C3: paid and adjusted amounts do not add up to the charge of the line"
C3_UNKNOWN = "C3: the decision is of no earlier payer of the claim"
C6 = "C6: earlier payers together paid more than the total charge"
MISSING = ("prior_payers", "the decision of an earlier payer is missing")
PAID = "prior_payers[0].paid_amount"
LINE_PAID = "service_lines[0].prior_payer_lines[0].paid_amount"


def payer(
    paid: str | None,
    adjustments: Mapping[str, str] | None = None,
    name: str = "A",
    sequence: str = "P",
    **changes: Any,
) -> PriorPayer:
    """What an earlier payer decided on a claim; adjustments as in {"CO-45": "20.00"}."""
    return PriorPayer(
        payer=Payer(payer_id=name),
        payer_sequence=sequence,
        paid_amount=None if paid is None else money(paid),
        adjustments=tuple(adjusted(*one) for one in (adjustments or {}).items()),
        **changes,
    )


def decided(
    paid: str | None, adjustments: Mapping[str, str] | None = None, name: str = "A"
) -> PriorPayerLine:
    return PriorPayerLine(
        payer_id=name,
        paid_amount=None if paid is None else money(paid),
        adjustments=tuple(adjusted(*one) for one in (adjustments or {}).items()),
    )


def line(charge: str, *decisions: PriorPayerLine, number: int = 1) -> ServiceLine:
    return service_line(number, charge, prior_payer_lines=decisions)


def secondary(
    total: str | None,
    *prior: PriorPayer,
    lines: Sequence[ServiceLine] = (),
    **changes: Any,
) -> ClaimDocument:
    fields: dict[str, Any] = {
        "payer_sequence": "S",
        "total_charge": None if total is None else money(total),
        "prior_payers": prior,
        "service_lines": tuple(lines) or (line(total or "0.00"),),
    }
    return professional(**(fields | changes))


def faults(document: ClaimDocument) -> list[Fault]:
    return list(cob_balanced(Submission(document, TODAY, STRICT.policy, STRICT.codes)))


# The published example, rule C2: 40.00 + 15.00 + 21.04 - 36.89 = 39.15.
EXAMPLE_LINES = (
    line("43.00", decided("40.00", {"CO-42": "3.00"})),
    line("15.00", decided("15.00"), number=2),
    line("21.04", decided("21.04"), number=3),
)
EXAMPLE = secondary(
    "79.04", payer("39.15", {"PR-1": "21.89", "PR-2": "15.00"}), lines=EXAMPLE_LINES
)


def test_x3_a_payment_to_the_patient_counts_as_an_adjustment() -> None:
    shares = {"PR-100": "7.85", "PR-2": "1.96", "PR-45": "1.47"}
    assert faults(secondary("11.28", payer("0.00", shares))) == []
    del shares["PR-100"]
    assert faults(secondary("11.28", payer("0.00", shares))) == [(PAID, C1)]


@pytest.mark.parametrize(("paid", "is_balanced"), [("79.99", False), ("80.00", True)])
def test_c1_a_payer_balances_on_the_claim(paid: str, is_balanced: bool) -> None:
    found = faults(secondary("100.00", payer(paid, {"CO-45": "15.00", "PR-2": "5.00"})))
    assert found == ([] if is_balanced else [(PAID, C1)])


def test_c1_a_payer_without_an_id_has_decided_what_names_none() -> None:
    nameless = replace(payer("80.00"), payer=None)
    lines = (line("100.00", decided("80.00", {"CO-45": "20.00"}, name="")),)
    told = faults(secondary("100.00", nameless, lines=lines))
    assert told == [("service_lines[0].prior_payer_lines[0].payer_id", C3_UNKNOWN)]


def test_c1_adjustments_of_claim_and_lines_both_count() -> None:
    assert faults(EXAMPLE) == []
    assert (PAID, C1) in faults(replace(EXAMPLE, total_charge=money("79.05")))


def test_c1_a_negative_adjustment_raises_the_payment() -> None:
    # The published 835 of that kind: 541.00 - 516.00 - (-9.00) = 34.00.
    balanced = payer("34.00", {"CO-45": "516.00", "OA-94": "-9.00"})
    assert faults(secondary("541.00", balanced)) == []
    assert faults(secondary("541.00", payer("34.00", {"CO-45": "516.00"}))) == [(PAID, C1)]


def test_c1_nothing_told_is_nothing_paid() -> None:
    assert faults(secondary("10.00", payer(None))) == [(PAID, C1)]
    assert faults(secondary("10.00", payer(None, {"CO-45": "10.00"}))) == []


def test_c1_a_total_that_is_not_given_is_left_to_e01() -> None:
    assert faults(secondary(None, payer("10.00"))) == []


def test_c2_a_payment_is_that_of_its_lines_less_what_the_claim_is_adjusted_by() -> None:
    lines = (line("100.00", decided("90.00", {"CO-45": "10.00"})),)
    claim_level = {"PR-1": "30.00"}
    assert faults(secondary("100.00", payer("60.00", claim_level), lines=lines)) == []
    # A cent off on the claim breaks both balances of the claim.
    assert faults(secondary("100.00", payer("59.99", claim_level), lines=lines)) == [
        (PAID, C1),
        (PAID, C2),
    ]


def test_c2_shows_where_the_amounts_of_claim_and_lines_part() -> None:
    # The line leaves a cent open, which an adjustment of the claim takes up: C1 alone is content.
    lines = (line("100.00", decided("89.99", {"CO-45": "10.00"})),)
    document = secondary("100.00", payer("60.00", {"PR-1": "30.00"}), lines=lines)
    assert faults(document) == [(PAID, C2), (LINE_PAID, C3)]


def test_c2_lines_without_a_payment_count_as_unpaid() -> None:
    lines = (
        line("60.00", decided("50.00", {"CO-45": "10.00"})),
        line("40.00", decided(None, {"CO-96": "40.00"}), number=2),
    )
    assert faults(secondary("100.00", payer("50.00"), lines=lines)) == []


def test_c2_without_lines_the_claim_stands_alone() -> None:
    others = (line("100.00", decided("100.00", name="B")),)
    document = secondary(
        "100.00",
        payer("90.00", {"CO-45": "10.00"}),
        payer("100.00", name="B", sequence="S"),
        lines=others,
        payer_sequence="T",
    )
    assert faults(document) == [("prior_payers", C6)]


@pytest.mark.parametrize(("charge", "is_balanced"), [("43.00", True), ("43.01", False)])
def test_c3_a_payer_balances_on_each_line(charge: str, is_balanced: bool) -> None:
    lines = (replace(EXAMPLE_LINES[0], charge=money(charge)), *EXAMPLE_LINES[1:])
    found = faults(replace(EXAMPLE, service_lines=lines))
    assert found == ([] if is_balanced else [(LINE_PAID, C3)])


def test_c3_the_fault_is_where_the_payer_first_stands_on_the_line() -> None:
    decisions = (decided("10.00", name="B"), decided("4.00"), decided("5.00"))
    document = secondary(
        "10.00",
        payer("9.00", {"CO-45": "1.00"}),
        payer("10.00", name="B", sequence="S"),
        lines=(line("0.00", number=1), line("10.00", *decisions, number=2)),
        payer_sequence="T",
    )
    assert faults(document) == [
        (PAID, C2),
        ("service_lines[1].prior_payer_lines[1].paid_amount", C3),
        ("prior_payers", C6),
    ]


def test_c3_a_line_that_a_payer_took_apart_balances_as_a_whole() -> None:
    parts = (decided("40.00", {"CO-45": "10.00"}), decided("30.00", {"CO-45": "20.00"}))
    assert faults(secondary("100.00", payer("70.00"), lines=(line("100.00", *parts),))) == []


def test_c3_the_same_amounts_are_not_told_at_both_levels() -> None:
    lines = (line("100.00", decided("80.00", {"PR-2": "20.00"})),)
    document = secondary("100.00", payer("80.00", {"PR-2": "20.00"}), lines=lines)
    assert faults(document) == [(PAID, C1), (PAID, C2)]


def test_c3_a_charge_that_is_not_given_is_left_to_e01() -> None:
    lines = (replace(line("0.00", decided("10.00")), charge=None),)
    assert faults(secondary("10.00", payer("10.00"), lines=lines)) == []


@pytest.mark.parametrize("stranger", ["B", ""])
def test_c3_a_decision_is_of_an_earlier_payer_of_the_claim(stranger: str) -> None:
    decisions = (decided("10.00"), decided("10.00", name=stranger))
    lines = (line("0.00"), line("10.00", *decisions, number=2))
    assert faults(secondary("10.00", payer("10.00"), lines=lines)) == [
        ("service_lines[1].prior_payer_lines[1].payer_id", C3_UNKNOWN)
    ]


def test_c3_a_payer_without_number_has_no_lines() -> None:
    nameless = PriorPayer(payer_sequence="P", paid_amount=money("10.00"))
    assert faults(secondary("10.00", nameless)) == []
    lines = (line("10.00", decided("10.00", name="")),)
    assert faults(secondary("10.00", nameless, lines=lines)) == [
        ("service_lines[0].prior_payer_lines[0].payer_id", C3_UNKNOWN)
    ]


def test_c3_decisions_without_any_earlier_payer_are_told() -> None:
    lines = (line("10.00", decided("10.00")),)
    assert faults(secondary("10.00", lines=lines, payer_sequence="P")) == [
        ("service_lines[0].prior_payer_lines[0].payer_id", C3_UNKNOWN)
    ]


@pytest.mark.parametrize("left", ["0.00", "36.89", "1000.00"])
def test_c4_what_is_left_to_the_patient_never_enters(left: str) -> None:
    (prior,) = EXAMPLE.prior_payers
    told = replace(prior, remaining_patient_liability=money(left))
    assert faults(replace(EXAMPLE, prior_payers=(told,))) == []


@pytest.mark.parametrize(("second", "is_within"), [("40.00", True), ("40.01", False)])
def test_c6_earlier_payers_pay_no_more_than_the_charge(second: str, is_within: bool) -> None:
    document = secondary(
        "100.00",
        payer("60.00", {"CO-45": "10.00", "PR-1": "30.00"}),
        payer(second, {"OA-23": str(money("100.00") - money(second))}, "B", "S"),
        payer_sequence="T",
    )
    assert faults(document) == ([] if is_within else [("prior_payers", C6)])


def test_c6_one_payer_alone_may_pay_too_much() -> None:
    document = secondary("100.00", payer("120.00", {"OA-94": "-20.00"}))
    assert faults(document) == [("prior_payers", C6)]


def test_c7_all_payers_balance_against_the_one_charge() -> None:
    first, second = payer("60.00", {"CO-45": "40.00"}), payer("10.00", {"OA-23": "90.00"}, "B", "S")
    assert faults(secondary("100.00", first, second, payer_sequence="T")) == []
    other_bill = payer("10.00", {"OA-23": "80.00"}, "B", "S")
    assert faults(secondary("100.00", first, other_bill, payer_sequence="T")) == [
        ("prior_payers[1].paid_amount", C1)
    ]


def test_e12_a_later_payer_is_told_what_each_earlier_one_decided() -> None:
    order = "PSTABCDEFGH"
    for place, sequence in enumerate(order):
        told = [payer("0.00", {"CO-45": "1.00"}, name, name) for name in order]
        document = secondary("1.00", *told[:place], payer_sequence=sequence)
        assert faults(document) == []
        for missing in range(place):
            some = (*told[:missing], *told[missing + 1 : place])
            assert faults(replace(document, prior_payers=some)) == [MISSING]


@pytest.mark.parametrize("sequence", ["P", "", "U", "ST"])
def test_e12_a_first_or_unknown_payer_needs_no_earlier_one(sequence: str) -> None:
    assert faults(secondary("1.00", payer_sequence=sequence)) == []


def test_e12_the_decision_of_a_later_payer_does_not_stand_in() -> None:
    later = payer("0.00", {"CO-45": "1.00"}, sequence="T")
    assert faults(secondary("1.00", later)) == [MISSING]


def test_e12_whatever_earlier_payers_there_are_must_balance() -> None:
    assert faults(secondary("1.00", payer("0.99"), payer_sequence="P")) == [(PAID, C1)]


def test_e12_a_record_of_one_payer_is_balanced_without_the_others() -> None:
    document = secondary("1.00", payer("1.00"), payer_sequence="T")
    assert faults(document) == [MISSING]
    assert list(cob_faults(document)) == []


CENTS = st.integers(-5_000, 500_000)


def amount(cents: int) -> str:
    return str((Decimal(cents) / 100).quantize(Decimal("0.01")))


@st.composite
def adjudications(draw: st.DrawFn) -> ClaimDocument:
    """A balanced claim: each line paid and adjusted, then the claim."""
    lines, paid, total = [], 0, 0
    for number in range(1, draw(st.integers(1, 4)) + 1):
        line_paid = draw(st.integers(0, 500_000))
        reduced = draw(st.lists(CENTS, max_size=3))
        charge = line_paid + sum(reduced)
        stated = {f"CO-{place}": amount(cents) for place, cents in enumerate(reduced)}
        lines.append(line(amount(charge), decided(amount(line_paid), stated), number=number))
        paid, total = paid + line_paid, total + charge
    on_claim = draw(st.integers(max(paid - total, 0), max(paid - total, 0) + 500_000))
    prior = payer(amount(paid - on_claim), {"PR-1": amount(on_claim)})
    return secondary(amount(total), prior, lines=lines)


@given(adjudications())
def test_c1_c2_c3_what_is_paid_and_adjusted_balances_at_both_levels(
    document: ClaimDocument,
) -> None:
    assert faults(document) == []


@given(adjudications(), st.integers(1, 1_000), st.data())
def test_c1_c2_c3_no_single_amount_can_be_changed(
    document: ClaimDocument, off: int, data: st.DataObject
) -> None:
    more = Decimal(off) / 100
    (prior,) = document.prior_payers
    place = data.draw(st.integers(0, len(document.service_lines) - 1))
    changed = document.service_lines[place]
    (decision,) = changed.prior_payer_lines
    paid = decision.paid_amount
    assert paid is not None and prior.paid_amount is not None and document.total_charge is not None
    other = replace(changed, prior_payer_lines=(replace(decision, paid_amount=paid + more),))
    lines = (*document.service_lines[:place], other, *document.service_lines[place + 1 :])
    assert faults(replace(document, service_lines=lines))
    dearer = replace(prior, paid_amount=prior.paid_amount + more)
    assert faults(replace(document, prior_payers=(dearer,)))
    assert faults(replace(document, total_charge=document.total_charge + more))


def sample(shared_data: Path, name: str) -> ClaimDocument:
    path = shared_data / "linuxforhealth-x12" / "837_005010X222A2" / f"{name}.837"
    (record,) = detect(path).records(path)
    assert record.document is not None
    shape = Shape()
    document = read(ClaimDocument, record.document, "", shape)
    shape.done()
    return document


@pytest.mark.parametrize(
    "name", ["demo.cob.example3.A", "demo.cob.example3.B", "demo.cob.example4"]
)
def test_c1_c2_c3_the_published_examples_balance(shared_data: Path, name: str) -> None:
    assert faults(sample(shared_data, name)) == []


def test_c1_c2_c3_the_published_example_has_the_numbers_of_the_rules(shared_data: Path) -> None:
    document = sample(shared_data, "demo.cob.example3.B")
    (prior,) = document.prior_payers
    assert (document.total_charge, prior.paid_amount) == (money("79.04"), money("39.15"))
    assert [one.charge for one in document.service_lines] == [
        one.charge for one in EXAMPLE.service_lines
    ]
    assert prior.adjustments == EXAMPLE.prior_payers[0].adjustments
    cheaper = replace(prior, paid_amount=money("39.14"))
    assert faults(replace(document, prior_payers=(cheaper,))) == [(PAID, C1), (PAID, C2)]


def test_c7_the_published_versions_of_a_bill_have_one_number_and_charge(shared_data: Path) -> None:
    first = sample(shared_data, "demo.cob.example3.A")
    second = sample(shared_data, "demo.cob.example3.B")
    assert (first.payer_sequence, second.payer_sequence) == ("P", "S")
    assert first.patient_control_number == second.patient_control_number
    assert first.total_charge == second.total_charge
