"""What holds for every history that plausible people make with several claims, persons and payees.

Histories are played once, and every rule is held against every step; each rule has its test here.
CLAIMFLOW_HISTORIES says how many (`make test-long`: 10,000), CLAIMFLOW_SEED which. A rule that is
broken is told with the shortest history that breaks it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.claims.model import State
from server.claims.refusals import Refusal
from server.claims.workflow import ALLOWED
from tests.server.claims import planted
from tests.server.claims.games import CHECKS, NUMBERS_MAX, Tally, play, play_many, story

HISTORIES = int(os.environ.get("CLAIMFLOW_HISTORIES", "300"))
SEED = int(os.environ.get("CLAIMFLOW_SEED", "1"))
LONG = HISTORIES > 1_000
SHARE_MIN = 0.02  # of the histories that every command is carried out in
# What is rare, and where rules of money went wrong before.
SITUATIONS = {
    "FORWARD_BALANCE opened",
    "FORWARD_BALANCE opened again",
    "FB of FORWARD_BALANCE",
    "INTEREST opened",
    "L6 of INTEREST",
    "L6 of a claim",
    "OVERPAYMENT opened",
    "OVERPAYMENT opened again",
    "OVERPAYMENT opened below zero",
    "WO of OVERPAYMENT",
    "WO of a claim",
    "REVERSAL opened",
    "REVERSAL opened again",
    "reversal told",
    "reversed in vain",
    "remittance of nothing",
    "entry cancelled",
    "failed",
    "payment failed, reversal undone",
    "denied on arrival",
    "appeal escalated",
}


@pytest.fixture(scope="module")
def tally() -> Iterator[Tally]:
    """Every history, played and held against every rule."""
    began = time.process_time()
    played = play_many(HISTORIES, SEED)
    seconds = time.process_time() - began
    print(f"\n{HISTORIES} histories, {HISTORIES / seconds:.0f} a second of CPU")
    print(f"{'command':28}{'accepted':>10}{'refused':>10}{'of histories':>14}")
    for name in sorted(kind.__name__ for kind in ALLOWED):
        share = played.in_histories[name] / HISTORIES
        print(f"{name:28}{played.accepted[name]:>10}{played.refused[name]:>10}{share:>14.0%}")
    print("claims that were ever:", dict(played.states))
    print("rare:", dict(sorted(played.situations.items())))
    yield played


def holds(tally: Tally, rule: str) -> None:
    """The rule was held against something, and nothing broke it."""
    if rule in tally.broken:
        pytest.fail(story(rule, tally.broken[rule][0]), pytrace=False)
    assert tally.looked_at[rule] > 0


def test_m1_every_amount_has_two_decimals_and_fits(tally: Tally) -> None:
    holds(tally, "M1")


def test_m2_what_is_decided_and_told_has_the_charges_of_the_claim(tally: Tally) -> None:
    holds(tally, "M2")


def test_m3_every_line_balances(tally: Tally) -> None:
    holds(tally, "M3")


def test_m4_every_claim_balances(tally: Tally) -> None:
    holds(tally, "M4")


def test_m5_every_remittance_balances_and_never_pays_less_than_nothing(tally: Tally) -> None:
    holds(tally, "M5")


def test_m6_the_patients_responsibility_is_the_sum_of_pr(tally: Tally) -> None:
    holds(tally, "M6")


def test_m7_what_is_allowed_is_explained(tally: Tally) -> None:
    holds(tally, "M7")


def test_m8_the_contractual_write_off_is_what_is_not_allowed(tally: Tally) -> None:
    holds(tally, "M8")


def test_m9_no_adjustment_is_nothing_or_said_twice(tally: Tally) -> None:
    holds(tally, "M9")


def test_m10_a_denied_line_pays_nothing_and_says_why(tally: Tally) -> None:
    holds(tally, "M10")


def test_m11_what_is_cut_has_its_reason_and_remark(tally: Tally) -> None:
    holds(tally, "M11")


def test_m12_a_reason_stands_in_its_group(tally: Tally) -> None:
    holds(tally, "M12")


def test_m13_amounts_stay_within_bounds(tally: Tally) -> None:
    holds(tally, "M13")


def test_m14_accumulators_are_the_fold_of_all_claims_and_within_limits(tally: Tally) -> None:
    holds(tally, "M14")


def test_m15_the_rules_take_the_deductible_that_is_left_and_exact_coinsurance(
    tally: Tally,
) -> None:
    holds(tally, "M15")


def test_m16_a_decision_is_called_what_it_is(tally: Tally) -> None:
    holds(tally, "M16")


def test_m17_a_reversal_and_what_it_reverses_sum_to_nothing(tally: Tally) -> None:
    holds(tally, "M17")


def test_m18_a_family_is_paid_what_its_live_member_is_paid(tally: Tally) -> None:
    holds(tally, "M18")


def test_m19_money_moves_once(tally: Tally) -> None:
    holds(tally, "M19")


def test_m20_interest_stands_apart_and_is_what_is_due(tally: Tally) -> None:
    holds(tally, "M20")


def test_r1_every_reference_returns_to_nothing(tally: Tally) -> None:
    holds(tally, "R1")


def test_w1_every_step_is_in_the_table(tally: Tally) -> None:
    holds(tally, "W1")


def test_w2_events_are_numbered_without_a_gap_in_time(tally: Tally) -> None:
    holds(tally, "W2")


def test_w4_everything_has_an_actor_who_may_and_a_reason(tally: Tally) -> None:
    holds(tally, "W4")


def test_w5_every_final_decision_has_its_approvals(tally: Tally) -> None:
    holds(tally, "W5")


def test_w6_a_terminal_claim_gets_notes_and_nothing_else(tally: Tally) -> None:
    holds(tally, "W6")


def test_w7_the_state_follows_from_what_is_open(tally: Tally) -> None:
    holds(tally, "W7")


def test_w8_families_are_paths_with_one_live_member(tally: Tally) -> None:
    holds(tally, "W8")


def test_w10_a_decision_is_on_the_version_that_was_read(tally: Tally) -> None:
    holds(tally, "W10")


def test_w11_a_replacement_and_what_it_replaces_are_one_step(tally: Tally) -> None:
    holds(tally, "W11")


def test_w12_a_leased_claim_is_its_assignees(tally: Tally) -> None:
    holds(tally, "W12")


def test_w13_appeals_go_level_by_level_before_people_who_took_no_part(tally: Tally) -> None:
    holds(tally, "W13")


def test_k1_a_breach_is_of_the_days_that_were_not_paused(tally: Tally) -> None:
    holds(tally, "K1")


def test_k3_nothing_is_paid_before_its_floor_or_on_hold(tally: Tally) -> None:
    holds(tally, "K3")


def test_k4_pauses_are_the_days_of_open_requests(tally: Tally) -> None:
    holds(tally, "K4")


def test_c1_every_earlier_payers_decision_balances(tally: Tally) -> None:
    holds(tally, "C1")


def test_c6_all_payers_together_pay_no_more_than_the_charge(tally: Tally) -> None:
    holds(tally, "C6")


def test_closed_claims_have_no_open_work_and_reopen_in_time(tally: Tally) -> None:
    holds(tally, "CLOSED")


def test_reopened_claims_keep_what_was_remitted(tally: Tally) -> None:
    holds(tally, "REOPENED")


def test_keys_of_the_database_stay_unique(tally: Tally) -> None:
    holds(tally, "KEYS")


def test_refused_commands_change_nothing(tally: Tally) -> None:
    holds(tally, "REFUSED")


def test_fold_of_the_stored_events_is_the_claim(tally: Tally) -> None:
    holds(tally, "FOLD")


def test_stuck_is_no_history(tally: Tally) -> None:
    holds(tally, "STUCK")


def test_settled_every_payee_has_what_is_due(tally: Tally) -> None:
    holds(tally, "SETTLED")


def test_breakdown_is_no_answer(tally: Tally) -> None:
    holds(tally, "BREAKDOWN")


def test_every_rule_has_its_test() -> None:
    beside = ("FOLD", "REFUSED", "STUCK", "SETTLED", "BREAKDOWN")
    missing = [
        rule
        for rule in (*CHECKS, *beside)
        if not any(name.startswith(f"test_{rule.lower()}_") for name in globals())
    ]
    assert not missing


def test_every_command_is_carried_out_in_a_sound_share_of_histories(tally: Tally) -> None:
    shares = {kind.__name__: tally.in_histories[kind.__name__] / HISTORIES for kind in ALLOWED}
    assert {name: share for name, share in shares.items() if share < SHARE_MIN} == {}
    assert {kind.__name__ for kind in ALLOWED} == set(tally.accepted)


def test_every_state_is_reached(tally: Tally) -> None:
    assert set(tally.states) == {state.value for state in State}


def test_what_is_rare_is_reached(tally: Tally) -> None:
    assert set(tally.situations) >= SITUATIONS


def test_most_rules_refuse_something(tally: Tally) -> None:
    assert len(tally.refusals) > len(Refusal) / 2


@settings(
    max_examples=max(100, HISTORIES // 10),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(st.integers(0, NUMBERS_MAX), min_size=10, max_size=60))
def test_nothing_is_broken_by_a_history_that_hypothesis_makes(numbers: list[int]) -> None:
    assert play(numbers, Tally(), mischief=0.2).faults == {}


@pytest.mark.parametrize("name", planted.PLANTED if LONG else planted.QUICK)
def test_a_planted_bug_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, rule = planted.PLANTED[name]
    plant(monkeypatch)
    most = planted.HISTORIES_MAX
    assert planted.histories_until_noticed(rule, most) <= most


@pytest.mark.parametrize(
    "refusal",
    planted.FORGOTTEN if LONG else planted.QUICKLY_MISSED,
    ids=lambda refusal: refusal.name,
)
def test_a_forgotten_rule_is_missed(refusal: Refusal, monkeypatch: pytest.MonkeyPatch) -> None:
    planted.without(refusal)(monkeypatch)
    most = planted.HISTORIES_MAX
    assert planted.histories_until_noticed(planted.FORGOTTEN[refusal], most) <= most
