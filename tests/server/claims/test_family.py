"""Replacements and voids: W8, W11, and intake's answers to them (E07, E09, E10).

What is reversed by them is in test_reversals.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from server.claims.document import Payer, Person, Provider
from server.claims.duplicates import duplicate_key
from server.claims.edits import Original
from server.claims.events import (
    AppealDismissed,
    ClaimAccepted,
    ClaimLinked,
    ClaimPended,
    ClaimReceived,
    ClaimRejected,
    ClaimReplaced,
    ClaimVoided,
)
from server.claims.facts import Facts, Other
from server.claims.family import original_of
from server.claims.model import TERMINAL, AppealStatus, Claim, Link, Relation, State
from server.claims.refusals import Refusal
from server.claims.services import person_key
from tests.server.claims.cast import (
    CLAIM_ID,
    CLARA,
    NOW,
    OTTO,
    PAYDAY,
    SANDBOX,
    SECOND_CLAIM,
    SECOND_REMITTANCE,
    STRICT,
    adjudicate,
    correct,
    correction,
    file_appeal,
    finalize,
    issue,
    pend,
    submit,
    void,
    with_policy,
)
from tests.server.claims.documents import professional, service_line
from tests.server.claims.dsl import given, house, outcome, play
from tests.server.claims.pasts import (
    ACCEPTED,
    DENIED,
    PAID,
    PASTS,
    PENDED,
    REJECTED,
    REPLACED,
    VOIDED,
)
from tests.server.claims.paying import paid_house

LIVE = sorted(set(State) - TERMINAL - {State.RECEIVED})


def links(relation: Relation, original: int = 1, prior: int = 1) -> Link:
    return Link(
        relation=relation,
        prior_claim_id=UUID(int=prior),
        prior_claim_number=f"CF{prior - 1:013d}",
        original_claim_id=UUID(int=original),
        original_claim_number=f"CF{original - 1:013d}",
    )


def naming(claim: Claim, **changes: Any) -> Facts:
    """Facts of a submission that names a claim."""
    return replace(STRICT, original=Other(claim, STRICT.policy), **changes)


def test_w8_a_replacement_is_linked_to_the_claim_whose_place_it_takes() -> None:
    decided = outcome(correct(ACCEPTED), None, naming(ACCEPTED))
    received, accepted, linked = decided.events
    assert isinstance(received, ClaimReceived) and received.claim_id == SECOND_CLAIM
    assert accepted == ClaimAccepted(duplicate_key=duplicate_key(correction(ACCEPTED)))
    assert linked == ClaimLinked(link=links(Relation.REPLACES))
    assert decided.by_system == ()


@pytest.mark.parametrize("state", LIVE)
def test_w11_a_replacement_that_is_accepted_takes_the_place_of_the_claim_it_names(
    state: State,
) -> None:
    decided = outcome(correct(PASTS[state]), None, naming(PASTS[state]))
    *_, replaced = decided.others[CLAIM_ID]
    assert replaced == ClaimReplaced(
        by_claim_id=SECOND_CLAIM, by_claim_number="CF0000000000001", at=NOW
    )
    after = play(correct(PASTS[state]), claim=PASTS[state])
    assert (after.state, after.next_claim_id) == (State.REPLACED, SECOND_CLAIM)


def test_w11_nothing_but_the_two_claims_is_touched_when_nothing_was_paid() -> None:
    decided = outcome(correct(DENIED), None, naming(DENIED))
    assert list(decided.others) == [CLAIM_ID]
    assert decided.others[CLAIM_ID] == (
        ClaimReplaced(by_claim_id=SECOND_CLAIM, by_claim_number="CF0000000000001", at=NOW),
    )
    assert (decided.opened, decided.cancelled, decided.remittance) == ((), (), None)


def test_w11_a_replacement_that_is_rejected_leaves_the_original_as_it_is() -> None:
    broken = replace(correction(PAID), total_charge=None)
    decided = outcome(submit(broken, numbered=2), None, naming(PAID))
    assert isinstance(decided.events[1], ClaimRejected)
    assert len(decided.events) == 2
    assert (decided.others, decided.opened) == ({}, ())


def test_w11_a_replacement_that_is_pended_has_taken_the_place_already() -> None:
    facts = with_policy(naming(ACCEPTED), severities={**STRICT.policy.severities, "E03": "PEND"})
    strange = replace(correction(ACCEPTED), rendering_provider=Provider(npi="1"))
    decided = outcome(submit(strange, numbered=2), None, facts)
    assert [type(event) for event in decided.events[1:]] == [
        ClaimAccepted,
        ClaimLinked,
        ClaimPended,
    ]
    assert isinstance(decided.others[CLAIM_ID][-1], ClaimReplaced)


def test_e07_what_a_correction_has_in_common_with_the_claim_it_names() -> None:
    assert original_of(None) is None
    assert original_of(Other(ACCEPTED, STRICT.policy)) == Original(
        claim_id=CLAIM_ID,
        payer_id="PAYER1",
        billing_provider="1234567893",
        person_key=person_key(ACCEPTED.document),
    )


def test_e07_two_bills_without_a_payer_have_the_same_one() -> None:
    lives = house(submit(professional(payer=None)), facts=SANDBOX)
    assert lives.after(correct(lives.claim(1))).claim(1).state is State.REPLACED


def test_w8_a_family_remembers_the_first_and_the_previous_claim() -> None:
    lives = house(submit())
    lives = lives.after(correct(lives.claim(1), number=2))
    lives = lives.after(correct(lives.claim(2), number=3))
    lives = lives.after(correct(lives.claim(3), "8", number=4))
    assert lives.claim(1).link is None
    assert lives.claim(2).link == links(Relation.REPLACES, original=1, prior=1)
    assert lives.claim(3).link == links(Relation.REPLACES, original=1, prior=2)
    assert lives.claim(4).link == links(Relation.VOIDS, original=1, prior=3)
    assert {one.family_id for one in lives.claims.values()} == {CLAIM_ID}
    assert [lives.claim(one).next_claim_id for one in (1, 2, 3, 4)] == [
        UUID(int=2),
        UUID(int=3),
        UUID(int=4),
        None,
    ]


def test_w8_at_most_one_claim_of_a_family_is_live() -> None:
    lives = house(submit())
    for number in (2, 3, 4):
        lives = lives.after(correct(lives.claim(number - 1), number=number))
        live = [one for one in lives.claims.values() if one.state not in TERMINAL]
        assert [one.claim_id for one in live] == [UUID(int=number)]


@pytest.mark.parametrize("frequency", ["7", "8"])
def test_w8_a_claim_that_was_replaced_is_not_corrected_again(frequency: str) -> None:
    lives = house(submit())
    lives = lives.after(correct(lives.claim(1), number=2))
    refused = lives.refuses(
        correct(lives.claim(1), frequency, number=3), Refusal.ORIGINAL_NOT_REPLACEABLE
    )
    assert refused.facts == {"state": "REPLACED"}


def test_w8_a_void_is_no_claim_that_another_one_corrects() -> None:
    lives = house(submit())
    lives = lives.after(correct(lives.claim(1), "8", number=2))
    lives.refuses(correct(lives.claim(2), number=3), Refusal.ORIGINAL_NOT_REPLACEABLE)


def test_a_void_by_the_provider_withdraws_the_claim_and_is_never_paid_itself() -> None:
    decided = outcome(correct(ACCEPTED, "8"), None, naming(ACCEPTED))
    received, accepted, linked, gone = decided.events
    assert isinstance(received, ClaimReceived)
    assert accepted == ClaimAccepted()
    assert linked == ClaimLinked(link=links(Relation.VOIDS))
    assert gone == ClaimVoided(by="clara", at=NOW)
    assert decided.others == {
        CLAIM_ID: (ClaimVoided(by="clara", at=NOW, by_claim_id=SECOND_CLAIM),)
    }


def test_a_void_by_the_payer_withdraws_the_claim() -> None:
    given(ACCEPTED).when(void()).then(ClaimVoided(by="sue", at=NOW))
    after = play(void(), claim=ACCEPTED)
    assert (after.state, after.next_claim_id) == (State.VOIDED, None)


def test_a_submitter_voids_its_own_claim() -> None:
    given(PENDED).when(void(CLARA)).then(ClaimVoided(by="clara", at=NOW))


@pytest.mark.parametrize(
    "changes",
    [
        {"payer": Payer(payer_id="PAYER2")},
        {"billing_provider": Provider(npi="1993999998")},
        {"subscriber": Person(member_id="M-2", birth_date=date(1970, 1, 1))},
        {"original_claim_number": "CF0000000000009"},
        {"original_claim_number": ""},
    ],
    ids=["payer", "provider", "member", "unknown", "none"],
)
@pytest.mark.parametrize("frequency", ["7", "8"])
def test_e07_a_correction_of_other_parties_is_rejected_and_learns_nothing(
    frequency: str, changes: dict[str, Any]
) -> None:
    lives = house(submit())
    asked = submit(correction(lives.claim(1), frequency, **changes), numbered=2)
    after = lives.after(asked)
    assert after.claim(2).state is State.REJECTED
    # Without its original it may be a duplicate of it as well.
    assert {one.edit_id for one in after.claim(2).findings} - {"E10"} == {"E07"}
    assert after.claim(1) == lives.claim(1)


def test_e07_a_correction_of_other_parties_hears_not_that_the_claim_is_gone() -> None:
    lives = house(submit(), void())
    asked = submit(correction(lives.claim(1), payer=Payer(payer_id="PAYER2")), numbered=2)
    assert lives.after(asked).claim(2).state is State.REJECTED


def test_e07_another_submitter_of_the_same_provider_corrects_the_claim() -> None:
    lives = house(submit())
    after = lives.after(correct(lives.claim(1), who=OTTO))
    assert after.claim(1).state is State.REPLACED


@pytest.mark.parametrize("severity", ["OFF", "WARN", "PEND"])
def test_e07_a_void_of_nothing_is_rejected_whatever_the_policy_says(severity: str) -> None:
    facts = with_policy(severities={**STRICT.policy.severities, "E07": severity})
    claim = play(submit(professional(frequency_code="8")), facts=facts)
    assert claim.state is State.REJECTED
    (finding,) = claim.findings
    assert (finding.edit_id, finding.severity) == ("E07", "REJECT")


@pytest.mark.parametrize("severity", ["OFF", "WARN"])
def test_e07_a_policy_takes_a_replacement_of_nothing_as_a_first_bill(severity: str) -> None:
    facts = with_policy(severities={**STRICT.policy.severities, "E07": severity})
    claim = play(submit(professional(frequency_code="7")), facts=facts)
    assert (claim.state, claim.link) == (State.ACCEPTED, None)
    assert [one.edit_id for one in claim.findings] == ([] if severity == "OFF" else ["E07"])


def test_e10_a_replacement_is_no_duplicate_of_the_claim_it_replaces() -> None:
    lives = house(submit())
    assert lives.after(correct(lives.claim(1))).claim(2).state is State.ACCEPTED


def test_e10_a_replacement_may_be_a_duplicate_of_a_third_claim() -> None:
    another = professional("70.00", "80.00")
    lives = house(submit(), submit(another, numbered=3))
    copied = replace(correction(lives.claim(1)), service_lines=another.service_lines)
    after = lives.after(submit(copied, numbered=2))
    assert after.claim(2).state is State.DENIED
    assert after.claim(1).state is State.REPLACED


def test_e10_a_void_is_a_duplicate_of_nothing() -> None:
    lives = house(submit(), submit(professional("70.00", "80.00"), numbered=3))
    copied = correction(lives.claim(1), "8", service_lines=lives.claim(3).document.service_lines)
    after = lives.after(submit(copied, numbered=2))
    assert after.claim(2).findings == ()
    assert after.claim(2).duplicate_key == ""


def test_1_9_a_claim_that_was_voided_may_be_billed_again() -> None:
    again = house(submit(), void(), submit(numbered=2))
    assert again.claim(2).state is State.ACCEPTED


AFTER_LIMIT = datetime(2027, 2, 11, 9, tzinfo=UTC)  # a year and a day after the services


def test_k5_a_replacement_comes_within_the_filing_limit_of_the_original() -> None:
    last = AFTER_LIMIT - timedelta(days=1)
    assert given(ACCEPTED).when(correct(ACCEPTED, now=last)).decided()
    given(ACCEPTED).when(correct(ACCEPTED, now=AFTER_LIMIT)).refuses(
        Refusal.ORIGINAL_BEYOND_FILING_LIMIT
    )


def test_k5_a_replacement_of_a_claim_that_is_late_in_part_is_taken() -> None:
    lines = (
        service_line(1, "100.00", service_from_date=date(2026, 2, 9)),
        service_line(2, "50.00", service_from_date=date(2026, 2, 11)),
    )
    claim = play(submit(professional(service_lines=lines)))
    assert given(claim).when(correct(claim, now=AFTER_LIMIT)).decided()


def test_k5_a_void_comes_never_too_late() -> None:
    assert given(ACCEPTED).when(correct(ACCEPTED, "8", now=AFTER_LIMIT)).decided()
    given(ACCEPTED).when(correct(ACCEPTED, "8", now=AFTER_LIMIT)).then(
        ClaimVoided(by="clara", at=AFTER_LIMIT, by_claim_id=SECOND_CLAIM)
    )


@pytest.mark.parametrize("command", [correct(DENIED), correct(DENIED, "8"), void()])
def test_w13_a_policy_may_let_claims_with_an_open_appeal_go(command: Any) -> None:
    appealed = play(file_appeal(), claim=DENIED)
    facts = with_policy(replace_with_open_appeal=True)
    gone = play(command, claim=appealed, facts=facts)
    assert gone.state in TERMINAL
    assert [one.status for one in gone.appeals] == [AppealStatus.DISMISSED]  # nothing is left of it
    given(appealed).when(command).refuses(Refusal.APPEAL_OPEN)


def test_w13_a_moot_appeal_is_ended_by_who_voids_the_claim() -> None:
    appealed = play(file_appeal(), claim=DENIED)
    facts, command = with_policy(replace_with_open_appeal=True), void(now=PAYDAY)
    ended, *_ = given(appealed, facts=facts).when(command).decided()
    appeal_id = appealed.appeals[0].appeal_id
    assert ended == AppealDismissed(appeal_id=appeal_id, by=command.actor, at=PAYDAY)


def test_w13_the_original_is_judged_by_its_own_policy() -> None:
    appealed = play(file_appeal(), claim=DENIED)
    lenient = replace(STRICT.policy, replace_with_open_appeal=True)
    facts = replace(STRICT, original=Other(appealed, lenient))
    assert given(appealed, facts=facts).when(correct(appealed)).decided()


@pytest.mark.parametrize("claim", [VOIDED, REPLACED, REJECTED])
def test_w6_a_claim_that_is_gone_is_not_voided(claim: Claim) -> None:
    given(claim).when(void()).refuses(Refusal.TRANSITION_NOT_ALLOWED)


def test_1_12_reversal_and_correction_stand_in_one_remittance_the_reversal_first() -> None:
    lives = paid_house()
    lives = lives.after(correct(lives.claim(1)))
    lives = lives.after(
        adjudicate(claim_id=SECOND_CLAIM),
        finalize(claim_id=SECOND_CLAIM),
        issue(SECOND_CLAIM, remittance_id=SECOND_REMITTANCE, now=PAYDAY),
    )
    first, second = lives.remittance(SECOND_REMITTANCE).claims
    assert (first.claim_id, str(first.paid), first.status_code) == (CLAIM_ID, "-80.00", "22")
    assert (second.claim_id, str(second.paid), second.status_code) == (SECOND_CLAIM, "150.00", "1")
    assert str(lives.remittance(SECOND_REMITTANCE).amount) == "70.00"
    assert lives.entries == ()


def test_a_correction_begins_anew_without_what_was_open_on_the_original() -> None:
    lives = house(submit(), pend())
    assert lives.after(correct(lives.claim(1))).claim(2).open_pends == ()
