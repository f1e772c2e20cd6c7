"""What a price depends on, gathered from the claim and the facts: M14 and the code edits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from server.claims.automatic import question
from server.claims.benefits import Coverage, Unlisted, Used
from server.claims.pricing import Question
from server.claims.services import Service, services_of
from tests.server.claims.auto_pricing import EARLIER, FULL, LATER, VISIT, loaded, received
from tests.server.claims.cast import MIA, STRICT, TODAY, attach, pend, price, resolve, submit
from tests.server.claims.documents import SERVICE_DAY, money
from tests.server.claims.dsl import house, play
from tests.server.claims.rates import YEAR, Edits, bill, line, plan


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
