"""Earlier payers that become known after intake: command 24, C1 to C3 and C6."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.claims.commands import AdjudicateClaim
from server.claims.coordination import with_prior_payer
from server.claims.document import Payer, PriorPayer
from server.claims.events import DecidedLine, PriorPayerRecorded
from server.claims.model import AdjudicationLine, Claim, State
from server.claims.refusals import Refusal
from tests.server.claims.cast import SANDBOX, adjudicate, decided, submit
from tests.server.claims.documents import money, professional
from tests.server.claims.dsl import given, play
from tests.server.claims.pasts import ACCEPTED, PENDED
from tests.server.claims.prior_payers import prior_line, prior_payer, record_prior_payer

SECONDARY = prior_payer(
    "20.00", {"PR-1": "130.00"}, payer=Payer(payer_id="SECOND"), payer_sequence="S"
)
BY_LINE = (
    prior_line(1, "90.00", {"CO-45": "10.00"}),
    prior_line(2, "30.00", {"CO-45": "20.00"}),
)


def refused(claim: Claim, told: PriorPayer, *lines: DecidedLine) -> tuple[str, dict[str, str]]:
    by = (
        given(claim)
        .when(record_prior_payer(told, *lines))
        .refuses(Refusal.PRIOR_PAYER_NOT_BALANCED)
    )
    return by.field_path, by.facts


@pytest.mark.parametrize("claim", [ACCEPTED, PENDED], ids=lambda claim: claim.state)
def test_c1_a_decision_on_the_claim_becomes_part_of_it(claim: Claim) -> None:
    given(claim).when(record_prior_payer()).then(PriorPayerRecorded(prior_payer=prior_payer()))
    after = play(record_prior_payer(), claim=claim)
    assert after.state is claim.state
    assert after.document == replace(claim.document, prior_payers=(prior_payer(),))


@pytest.mark.parametrize("paid", ["119.99", "120.01"])
def test_c1_paid_and_adjusted_amounts_are_the_charge(paid: str) -> None:
    assert refused(ACCEPTED, prior_payer(paid)) == ("prior_payer", {})


def test_c2_c3_a_decision_by_line_becomes_part_of_the_lines() -> None:
    given(ACCEPTED).when(record_prior_payer(prior_payer("120.00", {}), *BY_LINE)).then(
        PriorPayerRecorded(prior_payer=prior_payer("120.00", {}), lines=BY_LINE)
    )
    after = play(record_prior_payer(prior_payer("120.00", {}), *BY_LINE), claim=ACCEPTED)
    assert [line.prior_payer_lines for line in after.document.service_lines] == [
        (BY_LINE[0].decision,),
        (BY_LINE[1].decision,),
    ]


def test_c2_the_payment_is_that_of_the_lines_less_the_claims_adjustments() -> None:
    on_both = prior_payer("115.00", {"CO-A2": "5.00"})
    assert given(ACCEPTED).when(record_prior_payer(on_both, *BY_LINE)).decided()
    assert refused(ACCEPTED, prior_payer("120.00", {"CO-A2": "5.00"}), *BY_LINE) == (
        "prior_payer",
        {},
    )


def test_c3_each_line_balances_by_itself() -> None:
    astray = (
        prior_line(1, "90.00", {"CO-45": "9.00"}),
        prior_line(2, "30.00", {"CO-45": "21.00"}),
    )
    assert refused(ACCEPTED, prior_payer("120.00", {}), *astray) == ("lines", {})


def test_c3_a_line_may_be_decided_in_parts() -> None:
    parts = (
        prior_line(1, "50.00", {"CO-45": "10.00"}),
        prior_line(1, "40.00", {}),
        BY_LINE[1],
    )
    after = play(record_prior_payer(prior_payer("120.00", {}), *parts), claim=ACCEPTED)
    assert after.document.service_lines[0].prior_payer_lines == (
        parts[0].decision,
        parts[1].decision,
    )


def test_c6_earlier_payers_pay_no_more_than_the_charge_together() -> None:
    first = play(record_prior_payer(), claim=ACCEPTED)  # paid 120.00 of 150.00
    within = prior_payer("30.00", {"OA-23": "120.00"}, payer=Payer(payer_id="SECOND"))
    beyond = prior_payer("30.01", {"OA-23": "119.99"}, payer=Payer(payer_id="SECOND"))
    assert given(first).when(record_prior_payer(within)).decided()
    assert refused(first, beyond) == ("prior_payer", {})


def test_a_second_payer_comes_after_the_first() -> None:
    after = play(record_prior_payer(), record_prior_payer(SECONDARY), claim=ACCEPTED)
    assert after.document.prior_payers == (prior_payer(), SECONDARY)


def test_a_second_payers_lines_are_added_to_those_of_the_first() -> None:
    first = play(record_prior_payer(prior_payer("120.00", {}), *BY_LINE), claim=ACCEPTED)
    more = (
        prior_line(1, "10.00", {"OA-23": "90.00"}, "SECOND"),
        prior_line(2, "0.00", {"OA-23": "50.00"}, "SECOND"),
    )
    told = prior_payer("10.00", {}, payer=Payer(payer_id="SECOND"))
    after = play(record_prior_payer(told, *more), claim=first)
    assert after.document.service_lines[0].prior_payer_lines == (
        BY_LINE[0].decision,
        more[0].decision,
    )


def test_a_line_that_is_not_told_of_stays_as_it_is() -> None:
    event = PriorPayerRecorded(prior_payer=prior_payer(), lines=(BY_LINE[1],))
    after = with_prior_payer(ACCEPTED.document, event)
    assert after.service_lines[0] is ACCEPTED.document.service_lines[0]
    assert after.service_lines[1].prior_payer_lines == (BY_LINE[1].decision,)


def test_c1_a_fault_that_intake_let_pass_is_no_fault_of_the_new_payer() -> None:
    flawed = prior_payer("1.00", {}, payer=Payer(payer_id="FLAWED"))
    claim = play(submit(professional(prior_payers=(flawed,))), facts=SANDBOX)
    assert claim.state is State.ACCEPTED and claim.findings
    story = given(claim, facts=SANDBOX).when(record_prior_payer(SECONDARY))
    assert story.decided() == [PriorPayerRecorded(prior_payer=SECONDARY)]
    given(claim, facts=SANDBOX).when(record_prior_payer(prior_payer("119.99"))).refuses(
        Refusal.PRIOR_PAYER_NOT_BALANCED
    )


def test_a_payer_that_the_bill_told_of_is_not_recorded_again() -> None:
    claim = play(submit(professional(prior_payers=(prior_payer(),))))
    given(claim).when(record_prior_payer()).refuses(Refusal.PRIOR_PAYER_ALREADY_RECORDED)


def paying(first: str, second: str = "0.00") -> AdjudicateClaim:
    """Pay so much of 100.00 and 50.00, and say what an earlier payer did of the rest."""
    return adjudicate(
        *(
            _pays(number, *one)
            for number, one in enumerate((("100.00", first), ("50.00", second)), 1)
        )
    )


def _pays(number: int, charge: str, paid: str) -> AdjudicationLine:
    rest = str(money(charge) - money(paid))
    return decided(number, charge, charge, paid, {"OA-23": rest} if money(rest) else {})


AFTER_120 = play(record_prior_payer(), claim=ACCEPTED)


@pytest.mark.parametrize(("paid", "fine"), [("30.00", True), ("30.01", False)])
def test_c6_all_payers_together_pay_no_more_than_the_charge(paid: str, fine: bool) -> None:
    story = given(AFTER_120).when(paying(paid))
    if fine:
        assert story.decided()
    else:
        refused_by = story.refuses(Refusal.AMOUNT_OUT_OF_BOUNDS)
        assert (refused_by.facts, refused_by.field_path) == ({"line_number": "0"}, "paid")


def test_c6_where_nobody_was_earlier_all_of_the_charge_may_be_paid() -> None:
    assert given(ACCEPTED).when(paying("100.00", "50.00")).decided()


def test_c6_two_earlier_payers_count_together() -> None:
    second = prior_payer("20.00", {"OA-23": "130.00"}, payer=Payer(payer_id="SECOND"))
    claim = play(record_prior_payer(second), claim=AFTER_120)
    assert given(claim).when(paying("10.00")).decided()
    given(claim).when(paying("10.01")).refuses(Refusal.AMOUNT_OUT_OF_BOUNDS)


def test_c6_what_an_earlier_payer_allowed_above_the_charge_leaves_room() -> None:
    above = prior_payer("120.00", {"CO-45": "-20.00", "PR-2": "50.00"})
    claim = play(record_prior_payer(above), claim=ACCEPTED)
    assert given(claim).when(paying("50.00")).decided()
    given(claim).when(paying("50.01")).refuses(Refusal.AMOUNT_OUT_OF_BOUNDS)


def test_c6_what_an_earlier_payer_took_off_leaves_no_less_room() -> None:
    told = prior_payer("120.00", {"CO-45": "0.50", "PR-2": "29.50"})
    assert given(play(record_prior_payer(told), claim=ACCEPTED)).when(paying("30.00")).decided()


def test_c6_an_earlier_payer_may_have_said_so_on_its_lines() -> None:
    lines = (
        prior_line(1, "90.00", {"CO-45": "-20.00", "PR-2": "30.00"}),
        prior_line(2, "30.00", {"PR-2": "20.00"}),
    )
    claim = play(record_prior_payer(prior_payer("120.00", {}), *lines), claim=ACCEPTED)
    assert given(claim).when(paying("50.00")).decided()
    given(claim).when(paying("50.01")).refuses(Refusal.AMOUNT_OUT_OF_BOUNDS)


def test_c6_nothing_may_be_paid_whatever_earlier_payers_have_paid() -> None:
    beyond = prior_payer("400.00", {"PR-1": "1.00"})
    claim = play(submit(professional(prior_payers=(beyond,))), facts=SANDBOX)
    assert given(claim).when(paying("0.00")).decided()
    given(claim).when(paying("0.01")).refuses(Refusal.AMOUNT_OUT_OF_BOUNDS)


def test_c6_an_earlier_payer_that_told_no_amount_has_paid_nothing() -> None:
    silent = prior_payer("0.00", {"PR-1": "150.00"}, paid_amount=None)
    claim = play(submit(professional(prior_payers=(silent,))), facts=SANDBOX)
    assert given(claim).when(paying("100.00", "50.00")).decided()
