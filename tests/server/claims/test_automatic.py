"""Command 9 with mode AUTO: what the rules decide, and what they leave to people (K5, E10).

What a claim is worth is in test_pricing, what is decided on arrival in test_arrival.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from server.claims.commands import AdjudicateClaim
from server.claims.document import ClaimDocument
from server.claims.events import (
    AdjudicationRecorded,
    AdjudicationWithdrawn,
    ApprovalRequired,
    ClaimApproved,
    ClaimDenied,
    ClaimPartiallyApproved,
    ClaimPended,
)
from server.claims.facts import Facts
from server.claims.model import (
    Adjudication,
    AdjudicationLine,
    AdjudicationMode,
    Claim,
    Provenance,
    Share,
    State,
)
from server.claims.policy import PendReason
from server.claims.services import services_of
from tests.server.claims.auto_pricing import EARLIER, FULL, LATER, VISIT, received, recorded, worth
from tests.server.claims.cast import (
    ANA,
    CLAIM_ID,
    MIA,
    NOW,
    SUE,
    TIMER,
    adjudicate,
    adjusted,
    attach,
    decided,
    finalize,
    issue,
    pend,
    price,
    reopen,
    resolve,
    with_policy,
)
from tests.server.claims.documents import money
from tests.server.claims.dsl import given, play
from tests.server.claims.rates import POLICY, YEAR, Edits, bill, limit, line


def test_9_within_the_systems_authority_the_decision_is_final_at_once() -> None:
    first, second = given(received(), facts=FULL).when(price()).decided()
    assert isinstance(first, AdjudicationRecorded)
    assert second == ClaimApproved(number=1, by="timer", at=NOW)
    after = play(price(), claim=received(), facts=FULL)
    assert (after.state, after.final_paid) == (State.APPROVED, money("80.00"))


def test_9_what_the_rules_come_to_is_recorded_with_what_it_was_made_by() -> None:
    facts = replace(FULL, code_edits=Edits())
    found = recorded(received(bill(VISIT, line(2, "150.00", "99214"))), facts)
    assert found == Adjudication(
        number=1,
        hash=found.hash,
        lines=(
            AdjudicationLine(
                line_number=1,
                charge=money("100.00"),
                allowed=money("80.00"),
                paid=money("80.00"),
                units_paid=money("1"),
                adjustments=(adjusted("CO-45", "20.00"),),
                edit_ids=("FEE_SCHEDULE",),
                pricing_method="FEE_SCHEDULE",
                fee_schedule_reference="FEES@4",
            ),
            AdjudicationLine(
                line_number=2,
                charge=money("150.00"),
                allowed=money("120.00"),
                paid=money("0.00"),
                units_paid=money("1"),
                adjustments=(adjusted("CO-45", "30.00"), adjusted("PR-1", "120.00")),
                edit_ids=("FEE_SCHEDULE",),
                pricing_method="FEE_SCHEDULE",
                fee_schedule_reference="FEES@4",
            ),
        ),
        paid=money("80.00"),
        allowed=money("200.00"),
        patient_responsibility=money("120.00"),
        decision=found.decision,
        by="timer",
        at=NOW,
        mode=AdjudicationMode.AUTO,
        shares=(
            Share(
                plan_id="PLAN",
                benefit_year=YEAR,
                deductible=money("120.00"),
                out_of_pocket=money("120.00"),
            ),
        ),
        provenance=Provenance(
            policy_version=7,
            plan_id="PLAN",
            plan_version=3,
            fee_schedule_versions=("FEES@4",),
            code_edits_version=5,
        ),
    )


def test_9_the_same_claim_comes_to_the_same_whenever_and_by_whomever() -> None:
    claim = received()
    first = recorded(claim)
    again = recorded(claim, who=ANA, now=NOW + timedelta(days=3))
    assert first.hash == again.hash
    assert (again.by, again.at) == ("ana", NOW + timedelta(days=3))


def test_9_a_caller_who_asks_the_rules_states_nothing() -> None:
    stated = adjudicate(
        decided(1, "100.00", "100.00", "100.00"), adjustments={"CO-A2": "5.00"}, who=TIMER
    )
    found = recorded(
        received(), lines=stated.lines, adjustments=stated.adjustments, paid=stated.paid
    )
    assert (str(found.paid), found.adjustments) == ("80.00", ())


def test_9_a_person_who_states_determinations_is_not_priced() -> None:
    command: AdjudicateClaim = adjudicate(decided(1, "100.00", "100.00", "100.00"))
    (event,) = given(received(), facts=FULL).when(command).decided()
    assert isinstance(event, AdjudicationRecorded)
    found = event.adjudication
    assert (str(found.paid), found.mode) == ("100.00", AdjudicationMode.MANUAL)
    assert found.provenance == Provenance(policy_version=7, plan_id="PLAN", plan_version=3)


def test_m16_what_the_rules_deny_is_denied_and_what_they_cut_is_partial() -> None:
    duplicate = _facts_with(EARLIER)
    _, denial = given(received(), facts=duplicate).when(price()).decided()
    assert denial == ClaimDenied(number=1, by="timer", at=NOW)
    both = received(bill(VISIT, line(2, "150.00", "99214", modifiers=("25",))))
    _, part = given(both, facts=duplicate).when(price()).decided()
    assert part == ClaimPartiallyApproved(number=1, by="timer", at=NOW)


@pytest.mark.parametrize(("paid", "final"), [("1000.00", True), ("1000.01", False)])
def test_w5_the_system_decides_up_to_its_limit_and_pends_beyond(paid: str, final: bool) -> None:
    claim, facts = worth(paid)
    events = given(claim, facts=facts).when(price()).decided()
    if final:
        assert events[1:] == [ClaimApproved(number=1, by="timer", at=NOW)]
    else:
        assert events == [ClaimPended(code="HIGH_DOLLAR", by="timer", at=NOW)]


def test_w5_an_examiner_decides_up_to_their_own_limit() -> None:
    claim, facts = worth("1000.01")
    _, final = given(claim, facts=facts).when(price(ANA)).decided()
    assert final == ClaimApproved(number=1, by="ana", at=NOW)


def test_w5_a_role_without_a_limit_decides_nothing() -> None:
    facts = with_policy(FULL, limits={})
    given(received(), facts=facts).when(price()).then(
        ClaimPended(code="HIGH_DOLLAR", by="timer", at=NOW)
    )


def test_w5_a_medical_reviewer_prices_and_leaves_the_decision_to_others() -> None:
    assert len(given(received(), facts=FULL).when(price(MIA)).decided()) == 1
    assert play(price(MIA), claim=received(), facts=FULL).state is State.ADJUDICATED


def test_w5_what_needs_approval_waits_for_it_whoever_priced_it() -> None:
    claim, facts = worth("5000.00")
    _, required = given(claim, facts=facts).when(price()).decided()
    assert required == ApprovalRequired(number=1, approvals_needed=1)


def test_w5_the_change_of_an_earlier_payment_counts_against_the_limit() -> None:
    claim, facts = worth("1000.00")
    again = replace(claim, final_paid=money("2000.01"))
    given(again, facts=facts).when(price()).then(
        ClaimPended(code="HIGH_DOLLAR", by="timer", at=NOW)
    )
    assert (
        len(given(replace(again, final_paid=money("2000.00")), facts=facts).when(price()).decided())
        == 2
    )


def test_9_what_a_supervisor_has_looked_at_is_priced_and_left_to_be_finalized() -> None:
    claim, facts = worth("1000.01")
    looked_at = play(price(), resolve("HIGH_DOLLAR", SUE), claim=claim, facts=facts)
    assert looked_at.state is State.ACCEPTED
    after = play(price(), claim=looked_at, facts=facts)
    assert after.state is State.ADJUDICATED
    assert play(finalize(), claim=after, facts=facts).state is State.APPROVED


def reattaching(facts: Facts, code: str) -> Facts:
    reason = PendReason(description="", resolvers=("SUPERVISOR",), reattach=True)
    return with_policy(facts, pend_reasons={**facts.policy.pend_reasons, code: reason})


def test_9_a_pend_that_reattaches_is_raised_again() -> None:
    claim, facts = worth("1000.01")
    facts = reattaching(facts, "HIGH_DOLLAR")
    looked_at = play(price(), resolve("HIGH_DOLLAR", SUE), claim=claim, facts=facts)
    given(looked_at, facts=facts).when(price()).then(
        ClaimPended(code="HIGH_DOLLAR", by="timer", at=NOW)
    )


def test_9_a_pend_whose_code_left_the_policy_is_not_raised_again() -> None:
    claim, facts = worth("1000.01")
    looked_at = play(price(), resolve("HIGH_DOLLAR", SUE), claim=claim, facts=facts)
    gone = with_policy(facts, pend_reasons={})
    assert play(price(), claim=looked_at, facts=gone).state is State.ADJUDICATED


def test_9_an_open_pend_of_a_person_is_none_that_was_looked_at() -> None:
    claim, facts = worth("1000.01")
    other = play(pend("PRICING"), resolve("PRICING"), claim=claim, facts=facts)
    given(other, facts=facts).when(price()).then(
        ClaimPended(code="HIGH_DOLLAR", by="timer", at=NOW)
    )


UNPRICED = bill(line(1, "100.00", "99999"))


def test_9_what_the_rules_cannot_decide_they_pend_and_say_why() -> None:
    given(received(UNPRICED), facts=FULL).when(price()).then(
        ClaimPended(code="PRICING", by="timer", at=NOW)
    )
    assert play(price(), claim=received(UNPRICED), facts=FULL).state is State.PENDED


def test_9_every_reason_is_pended_once_and_in_order() -> None:
    document = bill(line(1, "50000.01", "99999"), payer_sequence="S")
    facts = with_policy(FULL, severities={**POLICY.severities, "E12": "OFF"})
    given(received(document, facts), facts=facts).when(price(ANA)).then(
        ClaimPended(code="COB_REVIEW", by="ana", at=NOW),
        ClaimPended(code="HIGH_DOLLAR", by="ana", at=NOW),
        ClaimPended(code="PRICING", by="ana", at=NOW),
    )


def test_w7_a_pend_takes_a_determination_back_that_is_not_final() -> None:
    stated = adjudicate(decided(1, "100.00", "100.00", "100.00"))
    claim = play(stated, claim=received(UNPRICED), facts=FULL)
    given(claim, facts=FULL).when(price()).then(
        AdjudicationWithdrawn(number=1), ClaimPended(code="PRICING", by="timer", at=NOW)
    )


def test_9_a_pend_that_a_person_resolved_is_not_raised_again() -> None:
    looked_at = play(price(), resolve("PRICING"), claim=received(UNPRICED), facts=FULL)
    _, denial = given(looked_at, facts=FULL).when(price()).decided()
    assert isinstance(denial, ClaimDenied)
    facts = reattaching(FULL, "PRICING")
    given(looked_at, facts=facts).when(price()).then(
        ClaimPended(code="PRICING", by="timer", at=NOW)
    )


def test_9_a_reopened_claim_is_priced_anew_under_the_next_number() -> None:
    paid = play(price(), claim=received(), facts=FULL)
    again = play(issue(paid), reopen(), claim=paid)
    found = recorded(again)
    assert (found.number, str(found.paid)) == (2, "80.00")


def _facts_with(claim_id: UUID | None, document: ClaimDocument | None = None) -> Facts:
    """Facts with the services of another claim."""
    billed = services_of(document or bill(VISIT), claim_id)
    return replace(FULL, services=billed)


def denied_by(claim: Claim, facts: Facts) -> list[tuple[str, ...]]:
    return [one.edit_ids if one.denied else () for one in recorded(claim, facts).lines]


def test_e10_of_two_equal_claims_the_later_one_is_denied() -> None:
    assert denied_by(received(), _facts_with(EARLIER)) == [("E10",)]
    assert denied_by(received(), _facts_with(LATER)) == [()]
    assert denied_by(received(), _facts_with(CLAIM_ID)) == [()]
    assert denied_by(received(), _facts_with(None)) == [()]


def test_e10_a_line_that_repeats_an_earlier_claims_is_denied_by_itself() -> None:
    both = received(bill(VISIT, line(2, "150.00", "99215")))
    found = recorded(both, _facts_with(EARLIER))
    assert [one.denied for one in found.lines] == [True, False]
    (reason,) = found.lines[0].adjustments
    assert (reason.group_code, reason.reason_code) == ("OA", "18")


@pytest.mark.parametrize(
    ("severity", "denies"),
    [("DENY", True), ("REJECT", True), ("PEND", True), ("WARN", False), ("OFF", False)],
)
def test_e10_whether_a_duplicate_is_denied_is_policy(severity: str, denies: bool) -> None:
    facts = with_policy(_facts_with(EARLIER), severities={**POLICY.severities, "E10": severity})
    assert denied_by(received(), facts) == [("E10",) if denies else ()]


def test_e10_the_policy_may_say_so_for_one_type_of_claim() -> None:
    severities = {"E10": "WARN", "E10/PROFESSIONAL": "DENY", "E10/DENTAL": "WARN"}
    facts = with_policy(_facts_with(EARLIER), severities={**POLICY.severities, **severities})
    assert denied_by(received(), facts) == [("E10",)]


def test_e11_a_suspicion_that_a_person_has_cleared_denies_no_line() -> None:
    looked_at = play(pend("SUSPECT_DUPLICATE"), resolve("SUSPECT_DUPLICATE"), claim=received())
    assert denied_by(looked_at, _facts_with(EARLIER)) == [()]
    reasons = dict(POLICY.pend_reasons)
    reasons["SUSPECT_DUPLICATE"] = replace(reasons["SUSPECT_DUPLICATE"], reattach=True)
    raised_again = with_policy(_facts_with(EARLIER), pend_reasons=reasons)
    assert denied_by(looked_at, raised_again) == [("E10",)]


LATE = bill(line(1, "100.00", service_from_date=date(2024, 2, 1)), line(2, "150.00", "99215"))


@pytest.mark.parametrize(
    ("severity", "denies"),
    [("DENY", True), ("REJECT", True), ("PEND", True), ("WARN", False), ("OFF", False)],
)
def test_k5_the_late_line_of_a_claim_is_denied_where_the_policy_says_so(
    severity: str, denies: bool
) -> None:
    lenient = with_policy(FULL, severities={**POLICY.severities, "E09": "WARN"})
    facts = with_policy(FULL, severities={**POLICY.severities, "E09": severity})
    claim = received(LATE, lenient)
    assert denied_by(claim, facts) == [("K5",) if denies else (), ()]


def test_k5_the_policy_may_say_so_for_one_type_of_claim() -> None:
    severities = {**POLICY.severities, "E09": "WARN", "E09/PROFESSIONAL": "DENY"}
    claim = received(LATE, with_policy(FULL, severities={**POLICY.severities, "E09": "WARN"}))
    assert denied_by(claim, with_policy(FULL, severities=severities)) == [("K5",), ()]


def test_k5_the_receipt_decides_and_not_the_day_of_pricing() -> None:
    facts = with_policy(FULL, severities={**POLICY.severities, "E09": "WARN"})
    last_day = received(bill(line(1, "100.00", service_from_date=date(2025, 3, 3))), facts)
    later = recorded(last_day, FULL, now=NOW + timedelta(days=300))
    assert [one.denied for one in later.lines] == [False]


def test_1_10_documents_on_the_claim_stand_for_units_above_a_clinical_limit() -> None:
    facts = replace(FULL, code_edits=Edits(limits=(limit("99213", "1", 3),)))
    twice = received(bill(line(1, "100.00", units=money("2"))), facts)
    assert denied_by(twice, facts) == [("MUE:99213",)]
    assert denied_by(play(attach(), claim=twice), facts) == [()]
