"""Decisions without clerical work: on arrival (E09, E10, K5), and command 9 with mode AUTO.

What a claim is worth is in test_pricing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from server.claims.automatic import question
from server.claims.benefits import Coverage, Unlisted, Used
from server.claims.commands import AdjudicateClaim
from server.claims.document import ClaimDocument, Provider
from server.claims.duplicates import duplicate_key
from server.claims.events import (
    AdjudicationRecorded,
    AdjudicationWithdrawn,
    ApprovalRequired,
    ClaimAccepted,
    ClaimApproved,
    ClaimDenied,
    ClaimPartiallyApproved,
    ClaimPended,
    ClaimReceived,
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
from server.claims.policy import PendReason, Tier
from server.claims.pricing import Question
from server.claims.pricing_rules import DenialReason
from server.claims.refusals import Refusal
from server.claims.services import Service, services_of
from tests.server.claims.cast import (
    ANA,
    CLAIM_ID,
    MIA,
    NOW,
    ONE_DAY,
    SERVICE_DAY,
    STRICT,
    SUE,
    TIMER,
    TODAY,
    Tables,
    adjudicate,
    adjusted,
    attach,
    correction,
    decided,
    dental,
    file_appeal,
    finalize,
    institutional,
    issue,
    money,
    pend,
    price,
    professional,
    reopen,
    resolve,
    service_line,
    submit,
    with_policy,
)
from tests.server.claims.dsl import given, house, outcome, play
from tests.server.claims.rates import (
    FEES,
    POLICY,
    YEAR,
    Edits,
    Loaded,
    bill,
    limit,
    line,
    plan,
)

EARLIER, LATER = UUID(int=0), UUID(int=7)
VISIT = line(1, "100.00")  # 80.00, and nothing of it the patient's


def loaded(
    fees: dict[str, tuple[str, str]] | None = None, *, terms: Any = None, **changes: Any
) -> Facts:
    """Facts with a plan and fees."""
    benefits = Loaded(plans=(terms or plan(),), fees=FEES | (fees or {}))
    fields: dict[str, Any] = {"policy": POLICY, "codes": Tables(), "benefits": benefits}
    return Facts(**(fields | changes))


FULL = loaded()


def received(document: ClaimDocument | None = None, facts: Facts = FULL) -> Claim:
    return play(submit(document or bill(VISIT)), facts=facts)


def worth(amount: str) -> tuple[Claim, Facts]:
    """A claim that the rules pay so much for, and the facts that say so."""
    facts = loaded({"99213": (amount, "FREE")})
    return received(bill(line(1, amount)), facts), facts


def recorded(claim: Claim, facts: Facts = FULL, **fields: Any) -> Adjudication:
    event = given(claim, facts=facts).when(price(**fields)).decided()[0]
    assert isinstance(event, AdjudicationRecorded)
    return event.adjudication


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


def test_what_the_price_depends_on_is_gathered_from_claim_and_facts() -> None:
    covered = (Coverage(plan_id="PLAN", from_date=date(2000, 1, 1)),)
    other = Service(claim_id=EARLIER, line_number=1, provider="P", from_date=SERVICE_DAY)
    facts = replace(
        loaded(terms=plan(unlisted=Unlisted.DENY)),
        coverages=covered,
        code_edits=Edits(),
        services=(other, *services_of(bill(VISIT), EARLIER)),
        used={
            ("PLAN", YEAR): Used(deductible=money("90.00"), out_of_pocket=money("95.00")),
            ("PLAN", YEAR - 1): Used(deductible=money("3.00")),
            ("OTHER", YEAR): Used(deductible=money("1.00")),
        },
    )
    claim = play(
        attach(),
        pend("PRICING"),
        pend("COB_REVIEW"),
        resolve("PRICING"),
        claim=received(),
    )
    assert question(claim, facts) == Question(
        document=claim.document,
        receipt_date=TODAY,
        policy=facts.policy,
        plan=plan(unlisted=Unlisted.DENY),
        coverage=covered,
        benefits=facts.benefits,
        code_edits=facts.code_edits,
        used={
            YEAR: Used(deductible=money("90.00"), out_of_pocket=money("95.00")),
            YEAR - 1: Used(deductible=money("3.00")),
        },
        services=facts.services,
        duplicate_lines=frozenset({1}),
        late_lines=frozenset(),
        documented=True,
        resolved_pends=frozenset({"PRICING"}),
    )


def test_what_a_claim_uses_itself_is_there_for_its_new_determination() -> None:
    claim = play(price(MIA), claim=received(bill(line(1, "150.00", "99214"))), facts=FULL)
    mine = Used(deductible=money("130.00"), out_of_pocket=money("130.00"))
    found = question(claim, replace(FULL, used={("PLAN", YEAR): mine}))
    assert found.used == {YEAR: Used(deductible=money("10.00"), out_of_pocket=money("10.00"))}


def test_without_a_plan_nothing_is_known_to_be_used() -> None:
    facts = replace(STRICT, used={("PLAN", YEAR): Used(deductible=money("1.00"))})
    found = question(received(), facts)
    assert (found.plan, found.used, found.documented) == (None, {}, False)


def test_m14_the_rules_stay_within_what_the_claims_of_a_person_have_left() -> None:
    facts = loaded(terms=plan(deductible=money("100.00")))
    lives = house(facts=facts)
    for number, day in ((1, 9), (2, 10)):
        visit = line(1, "150.00", "99214", service_from_date=date(2026, 2, day))
        about = submit(numbered=number).claim_id
        lives = lives.after(submit(bill(visit), numbered=number), price(claim_id=about))
    shares = [lives.claim(one).final_shares[0].deductible for one in (1, 2)]
    assert [str(one) for one in shares] == ["100.00", "0.00"]


def other_claim(document: ClaimDocument, lines: slice = slice(None)) -> Facts:
    """Facts with the services of another live claim that bills some of the same lines."""
    return replace(STRICT, services=services_of(document, EARLIER)[lines])


def test_e10_an_exact_duplicate_is_denied_on_arrival_in_the_systems_name() -> None:
    document = professional()
    decided_on = outcome(submit(document), None, other_claim(document))
    received_, accepted = decided_on.events
    assert isinstance(received_, ClaimReceived) and isinstance(accepted, ClaimAccepted)
    assert [(one.edit_id, one.severity) for one in accepted.findings] == [("E10", "DENY")]
    assert accepted.duplicate_key == ""
    recorded_, denial = decided_on.by_system
    assert isinstance(recorded_, AdjudicationRecorded)
    made = recorded_.adjudication
    assert (made.by, made.at, made.number, made.mode) == (
        "claimflow",
        NOW,
        1,
        AdjudicationMode.MANUAL,
    )
    assert made.lines == tuple(
        AdjudicationLine(
            line_number=number,
            charge=money(charge),
            denied=True,
            adjustments=(adjusted("OA-18", charge),),
            edit_ids=("E10",),
        )
        for number, charge in ((1, "100.00"), (2, "50.00"))
    )
    assert (made.paid, made.patient_responsibility) == (money("0.00"), money("0.00"))
    assert made.provenance == Provenance(policy_version=7)
    assert denial == ClaimDenied(number=1, by="claimflow", at=NOW)
    after = play(submit(document), facts=other_claim(document))
    assert (after.state, after.deciders) == (State.DENIED, ("claimflow",))


def test_e10_a_denied_duplicate_can_be_told_and_appealed() -> None:
    document = professional()
    claim = play(submit(document), facts=other_claim(document))
    told = play(issue(claim), claim=claim)
    assert given(told).when(file_appeal()).decided()


def test_e10_a_line_that_charges_nothing_is_told_beside_the_denied_ones() -> None:
    document = professional("100.00", "0.00")
    after = play(submit(document), facts=other_claim(document))
    assert after.state is State.DENIED
    assert after.adjudication is not None
    assert after.adjudication.lines[1] == AdjudicationLine(
        line_number=2, charge=money("0.00"), edit_ids=("E10",)
    )


def test_e10_an_institutional_duplicate_is_rejected() -> None:
    document = institutional()
    after = play(submit(document), facts=other_claim(document))
    assert (after.state, after.adjudication) == (State.REJECTED, None)
    assert [(one.edit_id, one.severity) for one in after.findings] == [("E10", "REJECT")]
    assert after.findings[0].status_category_code == "A3"


def test_e11_a_suspected_duplicate_waits_for_a_person() -> None:
    document = professional()
    facts = other_claim(document, slice(1))
    decided_on = outcome(submit(document), None, facts)
    *_, pended = decided_on.events
    assert pended == ClaimPended(code="SUSPECT_DUPLICATE", by="SYSTEM", at=NOW)
    assert decided_on.by_system == ()
    after = play(submit(document), facts=facts)
    assert after.state is State.PENDED
    assert {one.edit_id for one in after.findings} == {"E11"}
    assert after.duplicate_key == duplicate_key(document) != ""


def test_e11_a_line_repeated_within_one_claim_waits_for_a_person() -> None:
    twice = professional(
        "100.00", "100.00", service_lines=(service_line(1, "100.00"), service_line(2, "100.00"))
    )
    assert play(submit(twice)).state is State.PENDED


def test_e10_two_equal_claims_one_is_accepted_and_the_other_denied() -> None:
    lives = house(submit(), submit(numbered=2))
    assert [lives.claim(one).state for one in (1, 2)] == [State.ACCEPTED, State.DENIED]
    assert lives.claim(1).duplicate_key == duplicate_key(professional())
    assert lives.claim(2).duplicate_key == ""


def test_e10_a_rejected_claim_is_nobodys_duplicate() -> None:
    broken = replace(professional(), total_charge=money("1.00"))
    lives = house(submit(broken), submit(numbered=2))
    assert [lives.claim(one).state for one in (1, 2)] == [State.REJECTED, State.ACCEPTED]


def test_e10_a_policy_that_looks_for_no_duplicates_keeps_no_key() -> None:
    facts = with_policy(severities={**STRICT.policy.severities, "E10": "OFF", "E11": "OFF"})
    lives = house(submit(), submit(numbered=2), facts=facts)
    assert [lives.claim(one).state for one in (1, 2)] == [State.ACCEPTED, State.ACCEPTED]
    assert {lives.claim(one).duplicate_key for one in (1, 2)} == {""}


def test_e10_a_policy_may_look_for_no_duplicates_of_one_type() -> None:
    severities = {**STRICT.policy.severities, "E10/PROFESSIONAL": "OFF"}
    claim = play(submit(), facts=with_policy(severities=severities))
    assert claim.duplicate_key == ""
    assert play(submit(dental())).duplicate_key == duplicate_key(dental())


def test_e08_a_claim_of_an_unknown_member_is_rejected_on_arrival() -> None:
    after = play(submit(), facts=replace(STRICT, coverages=()))
    assert after.state is State.REJECTED
    assert [(one.edit_id, one.field_path) for one in after.findings] == [
        ("E08", "subscriber.member_id")
    ]
    covered = (Coverage(plan_id="PLAN", from_date=SERVICE_DAY),)
    assert play(submit(), facts=replace(STRICT, coverages=covered)).state is State.ACCEPTED


def test_e11_a_void_waits_for_nobodys_look() -> None:
    lives = house(submit(), submit(professional("70.00", "50.00"), numbered=3))
    assert lives.claim(3).state is State.PENDED
    void_ = correction(lives.claim(1), "8")
    after = lives.after(submit(void_, numbered=2))
    assert (after.claim(2).state, after.claim(2).findings) == (State.VOIDED, ())


def test_a_finding_has_no_answer_where_the_policy_has_none() -> None:
    after = play(submit(professional(total_charge=None)), facts=with_policy(edit_answers={}))
    assert [(one.status_category_code, one.status_code) for one in after.findings] == [("", "")]


def test_e10_a_duplicate_that_only_warns_is_accepted_without_a_key() -> None:
    facts = with_policy(severities={**STRICT.policy.severities, "E10": "WARN"})
    lives = house(submit(), submit(numbered=2), facts=facts)
    assert lives.claim(2).state is State.ACCEPTED
    assert lives.claim(2).duplicate_key == ""


OLD = date(2025, 2, 7)  # a Friday, a year and some weeks before the receipt


def old_lines(*days: date) -> ClaimDocument:
    charges = ["100.00", "50.00"][: len(days)]
    lines = [
        service_line(place, charge, service_from_date=day)
        for place, (charge, day) in enumerate(zip(charges, days, strict=True), 1)
    ]
    return professional(*charges, service_lines=tuple(lines))


def test_e09_k5_a_claim_that_is_late_as_a_whole_is_denied_on_arrival() -> None:
    decided_on = outcome(submit(old_lines(OLD, OLD + ONE_DAY)), None, STRICT)
    recorded_, denial = decided_on.by_system
    assert isinstance(recorded_, AdjudicationRecorded)
    assert denial == ClaimDenied(number=1, by="claimflow", at=NOW)
    lines = recorded_.adjudication.lines
    assert [one.edit_ids for one in lines] == [("K5",), ("K5",)]
    assert [one.adjustments for one in lines] == [
        (adjusted("CO-29", "100.00"),),
        (adjusted("CO-29", "50.00"),),
    ]


def test_e09_k5_a_late_denial_carries_no_appeal_right() -> None:
    claim = play(submit(old_lines(OLD)))
    given(claim).when(file_appeal()).refuses(Refusal.DECISION_NOT_APPEALABLE)


def test_e09_a_claim_that_is_late_in_part_is_accepted_with_a_finding() -> None:
    decided_on = outcome(submit(old_lines(OLD, SERVICE_DAY)), None, STRICT)
    assert decided_on.by_system == ()
    after = play(submit(old_lines(OLD, SERVICE_DAY)))
    assert after.state is State.ACCEPTED
    assert [(one.edit_id, one.severity, one.field_path) for one in after.findings] == [
        ("E09", "DENY", "service_lines[0].service_from_date")
    ]


def test_k5_the_last_day_of_the_limit_is_in_time_and_the_next_is_not() -> None:
    # The services of 2025-03-03, a Monday, end their year on 2026-03-03, a Tuesday.
    day = date(2025, 3, 3)
    assert play(submit(old_lines(day), now=NOW + ONE_DAY)).state is State.ACCEPTED
    assert play(submit(old_lines(day), now=NOW + 2 * ONE_DAY)).state is State.DENIED


def test_e09_a_policy_may_reject_what_is_late() -> None:
    facts = with_policy(severities={**STRICT.policy.severities, "E09": "REJECT"})
    assert play(submit(old_lines(OLD)), facts=facts).state is State.REJECTED


def test_e10_a_duplicate_that_is_late_as_well_is_denied_as_a_duplicate() -> None:
    document = old_lines(OLD)
    after = play(submit(document), facts=other_claim(document))
    assert after.adjudication is not None
    assert after.adjudication.lines[0].edit_ids == ("E10",)


def test_e10_what_a_person_has_to_look_at_is_not_denied_on_arrival() -> None:
    document = replace(professional(), rendering_provider=Provider(npi="1"))
    facts = with_policy(
        other_claim(document), severities={**STRICT.policy.severities, "E03": "PEND"}
    )
    after = play(submit(document), facts=facts)
    assert (after.state, after.adjudication) == (State.PENDED, None)


def test_a_denial_on_arrival_says_what_the_policy_says() -> None:
    rules = STRICT.policy.pricing
    reason = DenialReason(group_code="OA", reason_code="16", remark_codes=("N15",))
    facts = with_policy(
        other_claim(professional()),
        pricing=replace(rules, denials={**rules.denials, "E10": reason}),
    )
    after = play(submit(), facts=facts)
    assert after.adjudication is not None
    line_ = after.adjudication.lines[0]
    assert line_.adjustments == (adjusted("OA-16", "100.00"),)
    assert line_.remark_codes == ("N15",)


def test_w5_a_denial_on_arrival_waits_for_approval_where_every_decision_needs_one() -> None:
    tiers = (Tier(basis_from=money("0.00"), approvals=1, roles=("APPROVER",)),)
    facts = with_policy(other_claim(professional()), tiers=tiers)
    decided_on = outcome(submit(), None, facts)
    assert decided_on.by_system[1:] == (ApprovalRequired(number=1, approvals_needed=1),)
    assert play(submit(), facts=facts).state is State.PENDING_APPROVAL


def test_numbers_that_no_determination_can_be_made_of_are_left_to_a_person() -> None:
    twice = professional("3.00", service_lines=(service_line(1, "1.00"), service_line(1, "2.00")))
    facts = with_policy(other_claim(twice), severities={**STRICT.policy.severities, "E01": "WARN"})
    decided_on = outcome(submit(twice), None, facts)
    assert decided_on.by_system == ()
    assert play(submit(twice), facts=facts).state is State.ACCEPTED


def asked(*services: Service) -> tuple[Service, ...]:
    """What a code edit may count against a claim."""
    return question(received(), loaded(services=services)).services


def elsewhere(claim_id: UUID, **changes: Any) -> Service:
    (service,) = services_of(bill(VISIT), claim_id)
    return replace(service, **changes)


def test_of_two_undecided_claims_the_later_one_gives_way_to_code_edits() -> None:
    earlier, later = elsewhere(EARLIER), elsewhere(LATER)
    assert asked(earlier, later) == (earlier,)


def test_a_later_claim_that_is_decided_counts_for_code_edits() -> None:
    decided_later = elsewhere(LATER, decided=True)
    assert asked(decided_later) == (decided_later,)
