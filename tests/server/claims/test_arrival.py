"""Decisions on arrival, without clerical work: E08 to E11, and K5."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from server.claims.benefits import Coverage
from server.claims.document import ClaimDocument, Provider
from server.claims.duplicates import duplicate_key
from server.claims.events import (
    AdjudicationRecorded,
    ApprovalRequired,
    ClaimAccepted,
    ClaimDenied,
    ClaimPended,
    ClaimReceived,
)
from server.claims.facts import Facts
from server.claims.model import AdjudicationLine, AdjudicationMode, Provenance, State
from server.claims.policy import Tier
from server.claims.pricing_rules import DenialReason
from server.claims.refusals import Refusal
from server.claims.services import services_of
from tests.server.claims.auto_pricing import EARLIER
from tests.server.claims.cast import (
    NOW,
    ONE_DAY,
    STRICT,
    adjusted,
    correction,
    file_appeal,
    issue,
    submit,
    with_policy,
)
from tests.server.claims.documents import (
    SERVICE_DAY,
    dental,
    institutional,
    money,
    professional,
    service_line,
)
from tests.server.claims.dsl import given, house, outcome, play


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
