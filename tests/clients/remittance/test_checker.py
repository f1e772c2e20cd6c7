"""The checker: each rule broken on purpose, and what must not break one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from claimflow import remittance as package
from claimflow.remittance import (
    CodePolicy,
    Place,
    Problem,
    Remittance,
    RemittedClaim,
    Severity,
    check,
    check_all,
    is_balanced,
    reversal_of,
    sums,
)
from tests.clients.remittance.support import (
    SOUND,
    adjusted,
    claim,
    found,
    line,
    provider_adjustment,
    remittance,
)

PAID = SOUND.claims[0]
PAID_BACK = reversal_of(PAID)
OTHER = claim("500.00", "500.00", payer_claim_control_number="N9")


def with_line(change: Mapping[str, Any], base: RemittedClaim = PAID) -> RemittedClaim:
    """Return a claim whose second line is changed."""
    first, second = base.lines
    return replace(base, lines=(first, replace(second, **change)))


def back(wrong: RemittedClaim) -> Remittance:
    """Return a remittance that pays a claim and takes it back wrongly."""
    return remittance(PAID, wrong, OTHER)


def D(text: str) -> Decimal:  # noqa: N802
    return Decimal(text)


# A remittance and all that is found: rule, severity, place, expected, actual.
STORIES: Mapping[str, tuple[Remittance, list[tuple[Any, ...]]]] = {
    "M1 three decimals": (
        remittance(claim("10.005", "10.005")),
        [
            ("M1", "ERROR", (None, None), None, None),
            ("M1", "ERROR", (0, None), None, None),
            ("M1", "ERROR", (0, None), None, None),
        ],
    ),
    "M1 eleven digits": (
        remittance(claim("1.00", "1.00", lines=[line("1.00", "1.00", allowed=D("1E8"))])),
        [("M1", "ERROR", (0, 0), None, None)],
    ),
    "M1 no number": (
        remittance(provider=[provider_adjustment("WO", "NaN")], amount=D("0.00")),
        [("M1", "ERROR", (None, None), None, None)],
    ),
    "M2 a line is missing": (
        remittance(claim("100.00", "90.00", "CO-45 10.00", lines=[line("60.00", "60.00")])),
        [("M2", "WARNING", (0, None), D("60.00"), D("100.00"))],
    ),
    "M3 a line": (
        replace(SOUND, claims=(with_line({"paid": D("30.01")}), SOUND.claims[1])),
        [
            ("M3", "ERROR", (0, 1), D("30.00"), D("30.01")),
            ("M4", "ERROR", (0, None), D("70.01"), D("70.00")),
        ],
    ),
    "M4 a claim": (
        remittance(claim("100.00", "80.00", "CO-45 19.00")),
        [("M4", "ERROR", (0, None), D("81.00"), D("80.00"))],
    ),
    "M4 an adjustment at both levels": (
        remittance(
            claim("50.00", "40.00", "CO-45 10.00", lines=[line("50.00", "40.00", "CO-45 10.00")])
        ),
        [("M4", "ERROR", (0, None), D("30.00"), D("40.00"))],
    ),
    "M4 the lines are paid more": (
        remittance(
            claim(
                "85.00", "80.00", "CO-A2 5.00",
                lines=[line("70.00", "71.00"), line("15.00", "15.00")],
            ),
        ),
        [
            ("M3", "ERROR", (0, 0), D("70.00"), D("71.00")),
            ("M11", "ERROR", (0, 0), None, None),
            ("M4", "ERROR", (0, None), D("81.00"), D("80.00")),
        ],
    ),
    "M5 too much": (
        replace(SOUND, amount=D("102.00")),
        [("M5", "ERROR", (None, None), D("101.00"), D("102.00"))],
    ),
    "M5 below zero": (
        remittance(provider=[provider_adjustment("WO", "5.00")], amount=D("0.00")),
        [("M5", "ERROR", (None, None), D("-5.00"), D("0.00"))],
    ),
    "M6 the patient's part": (
        replace(SOUND, claims=(replace(PAID, patient_responsibility=D("9.00")), SOUND.claims[1])),
        [("M6", "ERROR", (0, None), D("10.00"), D("9.00"))],
    ),
    "M9 an adjustment of zero": (
        remittance(
            claim("10.00", "10.00", "CO-45 0.00", lines=[line("10.00", "10.00", "PI-97 0")])
        ),
        [("M9", "ERROR", (0, 0), None, None), ("M9", "ERROR", (0, None), None, None)],
    ),
    "M9 the same reason twice": (
        remittance(
            claim("10.00", "7.00", lines=[line("10.00", "7.00", "CO-45 1.00", "CO-45 2.00")])
        ),
        [("M9", "ERROR", (0, 0), None, None)],
    ),
    "M11 no reason": (
        remittance(claim("10.00", "7.00", lines=[line("10.00", "7.00")])),
        [
            ("M3", "ERROR", (0, 0), D("10.00"), D("7.00")),
            ("M11", "ERROR", (0, 0), None, None),
            ("M4", "ERROR", (0, None), D("10.00"), D("7.00")),
            ("M11", "ERROR", (0, None), None, None),
        ],
    ),
    "M11 no remark": (
        remittance(claim("10.00", "7.00", "CO-252 3.00")),
        [("M11", "WARNING", (0, None), None, None)],
    ),
    "M12 a duplicate is nobody's obligation": (
        remittance(claim("10.00", "0.00", "CO-18 10.00")),
        [("M12", "WARNING", (0, None), None, None)],
    ),
    "M12 the deductible is the patient's": (
        remittance(claim("10.00", "0.00", "CO-1 10.00")),
        [("M12", "WARNING", (0, None), None, None)],
    ),
    "M12 earlier payers are OA": (
        remittance(claim("10.00", "4.00", lines=[line("10.00", "4.00", "CO-23 6.00")])),
        [("M12", "WARNING", (0, 0), None, None)],
    ),
    "M12 a fee schedule is not OA": (
        remittance(claim("10.00", "4.00", "OA-45 6.00")),
        [("M12", "WARNING", (0, None), None, None)],
    ),
    "M13 a reversal that pays": (
        remittance(claim("10.00", "10.00", status_code="22")),
        [("M13", "ERROR", (0, None), None, D("10.00"))],
    ),
    "M17 a charge": (
        back(claim(
            "-60.00", "-40.00", "CO-45 -20.00", status_code="22",
        )),
        [
            ("M17", "ERROR", (1, None), D("-100.00"), D("-60.00")),
            ("M17", "ERROR", (1, None), D("-70.00"), D("-40.00")),
            ("M17", "ERROR", (1, None), D("0.00"), D("-20.00")),
            ("M17", "ERROR", (1, None), None, None),
        ],
    ),
    "M17 an adjustment of a line": (
        back(with_line({"adjustments": adjusted("CO-45 -10.00")}, PAID_BACK)),
        [
            ("M17", "ERROR", (1, 1), D("-10.00"), D("0.00")),
            ("M17", "ERROR", (1, 1), D("0.00"), D("-10.00")),
        ],
    ),
    "M17 the amounts of a line": (
        back(with_line({"charge": D("-41.00"), "paid": D("-31.00")}, PAID_BACK)),
        [
            ("M2", "WARNING", (1, None), D("-101.00"), D("-100.00")),
            ("M17", "ERROR", (1, 1), D("-40.00"), D("-41.00")),
            ("M17", "ERROR", (1, 1), D("-30.00"), D("-31.00")),
        ],
    ),
    "M17 another service": (
        back(with_line({"procedure_code": "99214"}, PAID_BACK)),
        [("M17", "ERROR", (1, 1), None, None)],
    ),
    "M17 the patient's part": (
        back(replace(PAID_BACK, patient_responsibility=D("10.00"))),
        [("M17", "ERROR", (1, None), D("-10.00"), D("10.00"))],
    ),
    "M20 interest": (
        remittance(OTHER, provider=[provider_adjustment("L6", "1.00")]),
        [("M20", "WARNING", (None, None), None, D("1.00"))],
    ),
    "C5 a later payer": (
        remittance(claim("10.00", "7.00", "CO-45 3.00", status_code="3")),
        [("C5", "WARNING", (0, None), None, None)],
    ),
}  # fmt: skip


def test_a_sound_remittance_breaks_no_rule() -> None:
    assert check(SOUND) == []
    assert sums(SOUND).due == SOUND.amount == D("101.00")


@pytest.mark.parametrize("story", STORIES)
def test_a_broken_rule_is_found_where_it_is_and_nothing_else(story: str) -> None:
    broken, expected = STORIES[story]
    assert list(found(check(broken))) == expected
    assert story.split()[0] in {rule for rule, *_ in expected}


def test_every_rule_of_the_checker_has_a_story() -> None:
    folder = Path(package.__path__[0])
    text = "".join(path.read_text() for path in folder.glob("*.py"))
    assert set(re.findall(r'"([MC]\d+)"', text)) == {story.split()[0] for story in STORIES}


TINY = D("0.001")
EVERY_AMOUNT: Mapping[str, tuple[RemittedClaim, tuple[int | None, int | None]]] = {
    "CLP03": (replace(PAID, charge=TINY), (0, None)),
    "CLP04": (replace(PAID, paid=TINY), (0, None)),
    "CLP05": (replace(PAID, patient_responsibility=TINY), (0, None)),
    "CAS of a claim": (replace(PAID, adjustments=adjusted("CO-45 0.001")), (0, None)),
    "SVC02": (with_line({"charge": TINY}), (0, 1)),
    "SVC03": (with_line({"paid": TINY}), (0, 1)),
    "AMT of a line": (with_line({"allowed": TINY}), (0, 1)),
    "CAS of a line": (with_line({"adjustments": adjusted("PR-1 0.001")}), (0, 1)),
}


@pytest.mark.parametrize("where", EVERY_AMOUNT)
def test_m1_every_amount_has_two_decimals(where: str) -> None:
    wrong, place = EVERY_AMOUNT[where]
    told = check(remittance(wrong, amount=D("0.00")))
    assert [(each.place.claim, each.place.line) for each in told if each.rule == "M1"] == [place]


def test_m13_a_reversal_of_nothing_is_a_reversal() -> None:
    assert check(remittance(claim("0.00", "0.00", status_code="22"))) == []
    told = check(remittance(claim("0.01", "0.01", status_code="22")))
    assert [problem.rule for problem in told] == ["M13"]


def test_m20_interest_increases_the_payment() -> None:
    for amount in ("-0.01", "0.00"):
        assert check(remittance(OTHER, provider=[provider_adjustment("L6", amount)])) == []
    told = check(remittance(OTHER, provider=[provider_adjustment("L6", "0.01")]))
    assert [problem.rule for problem in told] == ["M20"]


@pytest.mark.parametrize("severity", Severity)
def test_only_errors_decide_the_verdict(severity: Severity) -> None:
    problem = Problem(rule="M3", severity=severity, place=Place(), message="")
    assert is_balanced([problem]) == (severity is Severity.WARNING)
    assert is_balanced([])


def test_m3_zero_charges_and_zero_payments_balance() -> None:
    free = line("0.00", "0.00")
    denied = line("20.00", "0.00", "CO-50 20.00")
    assert check(remittance(claim("20.00", "0.00", lines=[free, denied]))) == []


def test_m4_a_claim_without_lines_has_its_own_adjustments() -> None:
    assert check(remittance(claim("50.00", "30.00", "CO-45 20.00"))) == []


def test_m8_a_negative_adjustment_pays_more_than_was_charged() -> None:
    more = line("541.00", "550.00", "OA-94 -9.00", allowed=D("550.00"))
    assert check(remittance(claim("541.00", "550.00", lines=[more]))) == []


def test_m9_the_same_reason_may_stand_in_another_group_line_or_at_the_claim() -> None:
    lines = [line("10.00", "7.00", "CO-45 2.00", "PR-45 1.00"), line("10.00", "9.00", "CO-45 1.00")]
    whole = claim("20.00", "15.00", "CO-45 1.00", lines=lines, responsible="1.00")
    assert check(remittance(whole)) == []


@pytest.mark.parametrize("reason", ["16", "96", "129", "226", "227", "252", "A1"])
def test_m11_a_remark_of_the_line_or_of_its_claim_is_enough(reason: str) -> None:
    def told(claim_remarks: tuple[str, ...], line_remarks: tuple[str, ...]) -> list[str]:
        denied = line("10.00", "0.00", f"CO-{reason} 10.00", remark_codes=line_remarks)
        whole = claim("10.00", "0.00", lines=[denied], remark_codes=claim_remarks)
        return [problem.rule for problem in check(remittance(whole))]

    assert told((), ("N14",)) == told(("N14",), ()) == []
    assert told((), ()) == ["M11"]


def test_m11_a_remark_of_a_line_explains_no_adjustment_of_the_claim() -> None:
    whole = claim(
        "10.00", "0.00", "CO-16 10.00", lines=[line("10.00", "10.00", remark_codes=("N14",))]
    )
    assert [problem.rule for problem in check(remittance(whole))] == ["M11"]


def test_m12_the_codes_are_a_policy() -> None:
    remitted = remittance(claim("10.00", "0.00", "CO-1 10.00"))
    assert check(remitted, policy=CodePolicy(groups={"1": frozenset({"CO", "PR"})})) == []
    other = CodePolicy(remark_required=frozenset({"1"}), groups={})
    assert [problem.rule for problem in check(remitted, policy=other)] == ["M11"]
    assert [problem.rule for problem in check_all([remitted], policy=other)[0]] == ["M11"]


def test_m17_a_reversal_negates_what_stands_before_it() -> None:
    assert check(back(PAID_BACK)) == []
    assert (PAID_BACK.charge, PAID_BACK.paid) == (D("-100.00"), D("-70.00"))
    assert PAID_BACK.lines[1].adjustments == adjusted("PR-1 -10.00")


@pytest.mark.parametrize("stated", [None, D("0.00")])
def test_m17_a_reversal_may_leave_the_patients_part_out(stated: Decimal | None) -> None:
    assert check(back(replace(PAID_BACK, patient_responsibility=stated))) == []


def test_m17_lines_may_come_in_another_order() -> None:
    assert check(back(replace(PAID_BACK, lines=PAID_BACK.lines[::-1]))) == []


def test_m17_the_original_may_stand_in_an_earlier_remittance_of_the_file() -> None:
    short = replace(PAID_BACK, payer_claim_control_number="N1", lines=PAID_BACK.lines[:1])
    wrong = remittance(short, OTHER)
    earlier = remittance(PAID)
    assert "M17" not in {problem.rule for problem in check(wrong)}
    unrelated, told = check_all([earlier, wrong])
    assert unrelated == []
    assert "M17" in {problem.rule for problem in told}
    assert check_all([earlier, remittance(PAID_BACK, OTHER)]) == [[], []]


def test_m17_each_original_is_taken_back_once() -> None:
    corrected = replace(
        PAID, charge=D("40.00"), paid=D("40.00"), patient_responsibility=None,
        lines=(line("40.00", "40.00"),),
    )  # fmt: skip
    # Paid, taken back, paid anew, taken back: each reversal has its own original.
    series = remittance(PAID, PAID_BACK, corrected, reversal_of(corrected), OTHER)
    assert check(series) == []
    # What was paid first is still there to be taken back after the latest.
    nested = remittance(PAID, corrected, reversal_of(corrected), PAID_BACK, OTHER)
    assert check(nested) == []
    # A third reversal has no original left to compare with.
    assert check(remittance(PAID, PAID_BACK, PAID_BACK, OTHER)) == []


def test_m17_claims_without_a_payers_number_are_not_compared() -> None:
    nameless = replace(PAID, payer_claim_control_number="")
    short = claim("-1.00", "-1.00", status_code="22", payer_claim_control_number="")
    assert check(remittance(nameless, short)) == []


@pytest.mark.parametrize("status", ["2", "3", "20", "21"])
def test_c5_a_later_payer_with_the_earlier_effect_is_sound(status: str) -> None:
    lines = [line("10.00", "1.00", "OA-23 9.00")]
    assert check(remittance(claim("10.00", "1.00", lines=lines, status_code=status))) == []


def test_messages_name_codes_only_where_they_look_like_codes() -> None:
    def messages(reason: str) -> str:
        twice = replace(adjusted("CO-45 1.00")[0], reason_code=reason)
        broken = replace(claim("3.00", "1.00"), adjustments=(twice, twice))
        return " ".join(problem.message for problem in check(remittance(broken)))

    assert "CO-45" in messages("45")
    assert "JANE" not in messages("JANE")
    assert "CO-?" in messages("JANE")
    group = replace(adjusted("CO-45 0.00")[0], group_code="DOE")
    told = check(remittance(replace(claim("1.00", "1.00"), adjustments=(group,))))
    assert ["?-45" in problem.message for problem in told] == [True, True]
    assert "DOE" not in " ".join(problem.message for problem in told)
