"""The balances of domain.md 1.6, and the published examples of 5.1 that apply.

What breaks each of them is in test_refusals.py; here is what holds.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from server.claims.events import AdjudicationRecorded, ApprovalRequired
from server.claims.model import Adjudication, AdjudicationLine, Decision
from server.claims.refusals import Refusal
from tests.server.claims.cast import (
    ANA,
    MIA,
    NOW,
    PAYS_ALL,
    PAYS_NOTHING,
    PAYS_SOME,
    STRICT,
    adjudicate,
    decided,
    denied,
    submit,
    with_policy,
)
from tests.server.claims.documents import money, professional
from tests.server.claims.dsl import given, play
from tests.server.claims.pasts import ACCEPTED


def adjudication_of(*lines: AdjudicationLine, **fields: Any) -> Adjudication:
    """The adjudication of a claim that charges what these lines say."""
    claim = play(submit(professional(*(str(line.charge) for line in lines))))
    recorded = given(claim).when(adjudicate(*lines, **fields)).decided()[0]
    assert isinstance(recorded, AdjudicationRecorded)
    return recorded.adjudication


def test_m1_amounts_are_kept_with_two_decimals() -> None:
    recorded = adjudication_of(decided(1, "100", "80.0", "80", {"CO-45": "20"}))
    assert str(recorded.lines[0].charge) == "100.00"
    assert str(recorded.lines[0].adjustments[0].amount) == "20.00"
    assert str(recorded.paid) == "80.00"


def test_m1_the_largest_amount_passes() -> None:
    largest = str(STRICT.policy.amount_max)
    facts = with_policy(limits={"EXAMINER": STRICT.policy.amount_max})
    claim = play(submit(professional(largest)), facts=facts)
    assert (
        given(claim, facts=facts).when(adjudicate(decided(1, largest, largest, largest))).decided()
    )


def test_m2_an_adjudication_keeps_every_charge() -> None:
    recorded = adjudication_of(*PAYS_SOME)
    assert [line.charge for line in recorded.lines] == [money("100.00"), money("50.00")]


def test_m3_m7_m8_charge_allowed_shares_and_write_off_agree() -> None:
    recorded = adjudication_of(
        decided(
            1,
            "100.00",
            "80.00",
            "49.00",
            {"CO-45": "20.00", "PR-1": "15.00", "PR-2": "6.00", "PR-3": "10.00"},
        )
    )
    assert recorded.allowed == money("80.00")
    assert recorded.patient_responsibility == money("31.00")
    assert recorded.decision is Decision.APPROVED


def test_m4_x5_a_claim_level_adjustment_lowers_the_claims_payment() -> None:
    recorded = adjudication_of(
        decided(1, "70.00", "70.00", "70.00"),
        decided(2, "15.00", "15.00", "15.00"),
        adjustments={"CO-A2": "5.00"},
    )
    assert recorded.paid == money("80.00")


def test_x1_a_secondary_payer_with_effects_on_lines_and_claim() -> None:
    recorded = adjudication_of(
        decided(1, "1800.00", "1800.00", "460.92", {"OA-23": "1339.08"}),
        decided(2, "63.00", "63.00", "33.68", {"OA-23": "29.32"}),
        adjustments={"OA-23": "395.68"},
    )
    assert recorded.paid == money("98.92")
    assert recorded.decision is Decision.APPROVED


X2_RIGHT = decided(1, "500.00", "365.00", "65.00", {"OA-23": "425.00", "CO-45": "10.00"})
X2_WRONG = decided(1, "500.00", "65.00", "65.00", {"CO-45": "435.00", "OA-23": "425.00"})


def test_x2_an_earlier_payers_effect_lies_on_both_sides_of_allowed() -> None:
    assert adjudication_of(X2_RIGHT).paid == money("65.00")


def test_x2_the_whole_difference_is_not_the_second_payers_write_off() -> None:
    claim = play(submit(professional("500.00")))
    given(claim).when(adjudicate(X2_WRONG)).refuses(Refusal.LINE_NOT_BALANCED)


@pytest.mark.parametrize("allowed", ["65.00", "365.00", "490.00"])
def test_m7_a_secondary_allowed_lies_within_the_earlier_payers_effect(allowed: str) -> None:
    assert adjudication_of(replace(X2_RIGHT, allowed=money(allowed)))


@pytest.mark.parametrize("allowed", ["490.01", "500.00"])
def test_m7_and_not_beyond_it(allowed: str) -> None:
    claim = play(submit(professional("500.00")))
    line = replace(X2_RIGHT, allowed=money(allowed))
    given(claim).when(adjudicate(line)).refuses(Refusal.ALLOWED_MISMATCH)


def test_m6_x6_patient_responsibility_counts_lines_and_claim() -> None:
    recorded = adjudication_of(
        decided(1, "100.00", "100.00", "60.00", {"PR-1": "40.00"}), adjustments={"PR-3": "5.00"}
    )
    assert recorded.patient_responsibility == money("45.00")


def test_m7_sequestration_lies_between_allowed_and_paid() -> None:
    line = decided(
        1, "100.00", "80.00", "62.72", {"CO-45": "20.00", "PR-2": "16.00", "CO-253": "1.28"}
    )
    assert adjudication_of(line).decision is Decision.APPROVED


def test_m8_what_is_not_covered_lies_between_charge_and_allowed() -> None:
    line = decided(1, "100.00", "80.00", "80.00", {"CO-45": "15.00", "CO-97": "5.00"})
    assert adjudication_of(line).decision is Decision.PARTIAL


def test_m8_a_payment_above_the_charge_is_a_negative_adjustment() -> None:
    recorded = adjudication_of(decided(1, "541.00", "550.00", "550.00", {"OA-94": "-9.00"}))
    assert recorded.decision is Decision.APPROVED


def test_m9_the_same_reason_may_stand_in_two_groups() -> None:
    line = decided(1, "100.00", "80.00", "80.00", {"CO-45": "10.00", "PR-45": "10.00"})
    assert adjudication_of(line)


def test_m10_a_denied_line_may_carry_a_patients_share_beside_its_reason() -> None:
    line = decided(1, "100.00", "0.00", "0.00", {"CO-29": "90.00", "PR-1": "10.00"}, denied=True)
    assert adjudication_of(line).decision is Decision.DENIED


@pytest.mark.parametrize("code", sorted(STRICT.policy.remark_required))
def test_m11_a_remark_satisfies_each_reason_that_demands_one(code: str) -> None:
    line = denied(1, "100.00", f"CO-{code}")
    claim = play(submit(professional("100.00")))
    given(claim).when(adjudicate(line)).refuses(Refusal.REMARK_REQUIRED)
    assert adjudication_of(replace(line, remark_codes=("N14",)))


def test_m12_a_policy_may_pair_reasons_and_groups_differently() -> None:
    facts = with_policy(reason_groups={**STRICT.policy.reason_groups, "18": ("OA", "CO")})
    given(ACCEPTED).when(adjudicate(denied(1, "100.00", "CO-18"), PAYS_ALL[1])).refuses(
        Refusal.GROUP_CODE_NOT_ALLOWED
    )
    assert (
        given(ACCEPTED, facts=facts)
        .when(adjudicate(denied(1, "100.00", "CO-18"), PAYS_ALL[1]))
        .decided()
    )


def test_m7_m12_a_program_may_put_a_deductible_on_the_provider() -> None:
    facts = with_policy(reason_groups={})
    line = decided(1, "100.00", "100.00", "90.00", {"CO-1": "10.00"})
    assert given(ACCEPTED, facts=facts).when(adjudicate(line, PAYS_ALL[1])).decided()


def test_m13_units_may_be_paid_in_part() -> None:
    assert adjudication_of(replace(PAYS_ALL[0], units_paid=money("0.5")))


def test_m13_all_of_a_charge_may_be_the_patients() -> None:
    recorded = adjudication_of(decided(1, "100.00", "100.00", "0.00", {"PR-1": "100.00"}))
    assert recorded.patient_responsibility == money("100.00")


M16 = {
    "all paid": (PAYS_ALL, {}, Decision.APPROVED),
    "all denied": (PAYS_NOTHING, {}, Decision.DENIED),
    "one denied": (PAYS_SOME, {}, Decision.PARTIAL),
    "one denied as if by contract": (
        (PAYS_ALL[0], denied(2, "50.00", "CO-45")),
        {},
        Decision.PARTIAL,
    ),
    "all to the deductible": (
        (decided(1, "100.00", "100.00", "0.00", {"PR-1": "100.00"}),),
        {},
        Decision.APPROVED,
    ),
    "an earlier payer paid it all": (
        (decided(1, "100.00", "100.00", "0.00", {"OA-23": "100.00"}),),
        {},
        Decision.APPROVED,
    ),
    "written off by contract": (
        (decided(1, "100.00", "60.00", "60.00", {"CO-45": "40.00"}),),
        {},
        Decision.APPROVED,
    ),
    "cut": (
        (decided(1, "100.00", "60.00", "60.00", {"CO-97": "40.00"}),),
        {},
        Decision.PARTIAL,
    ),
    "cut to nothing, not denied": (
        (decided(1, "100.00", "0.00", "0.00", {"CO-97": "100.00"}),),
        {},
        Decision.PARTIAL,
    ),
    "cut on the claim": (PAYS_ALL, {"CO-A2": "5.00"}, Decision.PARTIAL),
    "all denied, the claim pays all the same": (
        PAYS_NOTHING,
        {"OA-94": "-9.00"},
        Decision.PARTIAL,
    ),
}


@pytest.mark.parametrize("case", M16, ids=lambda case: case.replace(" ", "_"))
def test_m16_what_determinations_come_to(case: str) -> None:
    lines, adjustments, decision = M16[case]
    assert adjudication_of(*lines, adjustments=adjustments).decision is decision


def test_a_medical_reviewer_denies_for_medical_necessity() -> None:
    command = adjudicate(denied(1, "100.00", "CO-50"), PAYS_ALL[1], who=MIA)
    assert given(ACCEPTED).when(command).decided()


def test_a_second_adjudication_takes_the_place_of_the_first() -> None:
    again = play(adjudicate(), adjudicate(*PAYS_SOME), claim=ACCEPTED)
    assert again.adjudication is not None
    assert (again.adjudications, again.adjudication.number) == (2, 2)
    assert again.adjudication.decision is Decision.PARTIAL


def test_w5_the_hash_is_of_the_determinations_alone() -> None:
    hashes = set()
    for command in (
        adjudicate(*PAYS_SOME),
        adjudicate(*reversed(PAYS_SOME)),
        adjudicate(*PAYS_SOME, who=MIA, now=NOW + timedelta(days=1)),
    ):
        recorded = play(command, claim=ACCEPTED).adjudication
        assert recorded is not None
        hashes.add(recorded.hash)
    assert [len(bytes.fromhex(one)) for one in hashes] == [32]


@pytest.mark.parametrize(
    "other",
    [
        (decided(1, "100.00", "79.99", "79.99", {"CO-45": "20.01"}), denied(2, "50.00")),
        (PAYS_SOME[0], denied(2, "50.00", "CO-27")),
        (PAYS_SOME[0], replace(PAYS_SOME[1], remark_codes=("N14",))),
        (PAYS_SOME[0], replace(PAYS_SOME[1], pricing_method="MANUAL")),
    ],
    ids=["amount", "reason", "remark", "pricing"],
)
def test_w5_another_determination_has_another_hash(other: tuple[AdjudicationLine, ...]) -> None:
    assert adjudication_of(*other).hash != adjudication_of(*PAYS_SOME).hash


def test_w5_the_next_number_has_another_hash() -> None:
    first = play(adjudicate(), claim=ACCEPTED)
    second = play(adjudicate(), claim=first)
    assert first.adjudication and second.adjudication
    assert first.adjudication.hash != second.adjudication.hash


def test_an_adjudication_says_who_when_and_how_many_must_approve() -> None:
    claim = play(submit(professional("6000.00")))
    line = decided(1, "6000.00", "6000.00", "6000.00")
    recorded, required = given(claim).when(adjudicate(line)).decided()
    assert isinstance(recorded, AdjudicationRecorded)
    assert (recorded.adjudication.by, recorded.adjudication.at) == (ANA.actor, NOW)
    assert recorded.adjudication.approvals_needed == 1
    assert required == ApprovalRequired(number=1, approvals_needed=1)
