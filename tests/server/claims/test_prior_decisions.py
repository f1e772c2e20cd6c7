"""What earlier payers told, of lines or of the claim, and what waits for a person: C1 to C3, C5."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.claims.document import ZERO, ClaimDocument
from server.claims.pricing import price
from tests.server.claims.documents import money
from tests.server.claims.prior_payers import PRIMARY, after, effects, on_line, paying, prior, told
from tests.server.claims.rates import ask, bill, line, only, question, reasons, recorded

# Lines and claim (C1 to C3)


def test_c3_each_line_has_its_own_effect_where_lines_are_told() -> None:
    lines = (
        told(on_line("80.00", {"CO-45": "20.00"}), charge="100.00"),
        told(on_line("0.00", {"PR-1": "60.00"}), number=2, charge="60.00"),
    )
    answer = ask(after(prior("80.00"), lines=lines), **paying("50.00"))
    assert [reasons(one) for one in answer.lines] == [{"OA-23": "100.00"}, {"CO-45": "10.00"}]
    assert [one.paid for one in answer.lines] == [ZERO, money("50.00")]


def test_c2_what_the_claim_adjusts_beyond_its_lines_is_spread_over_them() -> None:
    # The published example demo.cob.example3: paid 39.15 of lines 76.04, the rest the patient's.
    lines = (
        told(on_line("40.00", {"CO-42": "3.00"}), charge="43.00"),
        told(on_line("15.00"), number=2, charge="15.00"),
        told(on_line("21.04"), number=3, charge="21.04"),
    )
    document = after(prior("39.15", {"PR-1": "21.89", "PR-2": "15.00"}), lines=lines)
    answer = ask(document, **paying("100.00"))
    assert answer.pends == ()
    # 36.89 are left, by what each line was said to have: 43.00, 15.00 and 21.04 of 79.04.
    assert [str(one.paid) for one in answer.lines] == ["20.07", "7.00", "9.82"]
    assert answer.paid == money("36.89")
    assert effects(answer) == ["22.93", "8.00", "11.22"]


def test_c1_what_only_the_claim_tells_is_spread_by_charges() -> None:
    lines = tuple(told(number=number, charge="33.33") for number in (1, 2, 3))
    document = after(prior("50.00", {"PR-1": "49.99"}), lines=lines)
    answer = ask(document, **paying("100.00"))
    assert effects(answer) == ["16.67", "16.66", "16.67"]
    assert answer.paid == money("49.99")


def test_c1_a_line_that_charges_nothing_takes_nothing_of_it() -> None:
    lines = (told(charge="0.00"), told(number=2, charge="100.00"))
    answer = ask(after(prior("50.00", {"PR-1": "50.00"}), lines=lines), **paying("100.00"))
    assert effects(answer) == ["0.00", "50.00"]


def test_a_payer_may_decide_on_a_line_more_than_once() -> None:
    decisions = (on_line("30.00", {"CO-45": "20.00"}), on_line("20.00", {"PR-1": "30.00"}))
    answer = ask(
        after(prior("50.00"), lines=(told(*decisions, charge="100.00"),)), **paying("100.00")
    )
    assert answer.pends == ()
    assert effects(answer) == ["70.00"]


SECOND = prior("65.00", {"OA-23": "425.00", "CO-45": "10.00"}, "SECOND", payer_sequence="S")


@pytest.mark.parametrize("order", [1, -1])
def test_c5_a_third_payer_counts_the_first_one_once(order: int) -> None:
    left = prior("25.00", {"OA-23": "425.00", "PR-2": "50.00"}, "SECOND", payer_sequence="S")
    priors = [prior("300.00", PRIMARY), left][::order]
    answer = ask(after(*priors, lines=(told(),), payer_sequence="T"), **paying("365.00"))
    assert answer.pends == ()
    assert effects(answer) == ["450.00"]
    assert answer.paid == money("50.00")


def test_c5_when_the_second_paid_the_rest_nothing_is_left() -> None:
    document = after(prior("300.00", PRIMARY), SECOND, lines=(told(),), payer_sequence="T")
    answer = ask(document, **paying("365.00"))
    assert (answer.pends, answer.paid, effects(answer)) == ((), ZERO, ["500.00"])


def test_c5_a_payer_that_knew_of_no_other_adds_its_own() -> None:
    # It balances, and repeats nothing: 300 and 125 of the first, 40 and 10 of its own.
    own = prior("40.00", {"CO-45": "10.00", "PR-2": "450.00"}, "SECOND", payer_sequence="S")
    document = after(prior("300.00", PRIMARY), own, lines=(told(),), payer_sequence="T")
    assert effects(ask(document, **paying("365.00"))) == ["475.00"]


def test_c5_a_payer_that_repeats_more_than_is_known_knows_more() -> None:
    first = prior("300.00", {"CO-45": "100.00", "PR-1": "100.00"})
    second = prior("50.00", {"OA-23": "425.00", "PR-2": "25.00"}, "SECOND", payer_sequence="S")
    document = after(first, second, lines=(told(),), payer_sequence="T")
    assert effects(ask(document, **paying("365.00"))) == ["475.00"]


def test_c1_what_only_the_claim_tells_fills_what_others_left_of_its_lines() -> None:
    lines = (
        told(on_line("80.00", {"PR-1": "20.00"}), charge="100.00"),
        told(on_line("0.00", {"PR-1": "100.00"}), number=2, charge="100.00"),
    )
    second = prior("60.00", {"PR-2": "140.00"}, "SECOND", payer_sequence="S")
    document = after(prior("80.00"), second, lines=lines, payer_sequence="T")
    answer = ask(document, **paying("100.00"))
    assert (answer.pends, effects(answer)) == ((), ["90.00", "50.00"])


@pytest.mark.parametrize("place", ["", "U"])
def test_a_payer_of_an_unknown_place_has_decided_last(place: str) -> None:
    unknown = prior("25.00", {"OA-23": "425.00", "PR-2": "50.00"}, "OTHER", payer_sequence=place)
    document = after(unknown, prior("300.00", PRIMARY), lines=(told(),), payer_sequence="T")
    answer = ask(document, **paying("365.00"))
    assert (answer.pends, effects(answer)) == ((), ["450.00"])


def test_c5_a_payer_that_repeats_others_knows_on_which_lines() -> None:
    first = prior("60.00", {"PR-1": "40.00"})
    second = prior("0.00", None, "SECOND", payer_sequence="S")
    lines = (
        told(on_line("0.00", {"OA-23": "50.00"}, "SECOND"), charge="50.00"),
        told(
            on_line("0.00", {"OA-23": "10.00", "PR-1": "40.00"}, "SECOND"),
            number=2,
            charge="50.00",
        ),
    )
    document = after(first, second, lines=lines, payer_sequence="T")
    assert effects(ask(document, **paying("50.00"))) == ["50.00", "10.00"]


def test_c5_a_payer_that_repeats_less_than_is_known_knows_less() -> None:
    first = prior("60.00", {"PR-1": "40.00"})
    second = prior("0.00", None, "SECOND", payer_sequence="S")
    lines = (
        told(on_line("0.00", {"OA-23": "50.00"}, "SECOND"), charge="50.00"),
        told(
            on_line("0.00", {"OA-23": "9.99", "PR-1": "40.01"}, "SECOND"), number=2, charge="50.00"
        ),
    )
    document = after(first, second, lines=lines, payer_sequence="T")
    assert effects(ask(document, **paying("50.00"))) == ["30.00", "30.00"]


# What is not told, or makes no sense


@pytest.mark.parametrize("place", ["S", "T", "A", "H"])
def test_a_later_payer_without_earlier_decisions_waits_for_a_person(place: str) -> None:
    answer = ask(bill(line(1, "80.00"), payer_sequence=place))
    assert answer.pends == (("COB_REVIEW", "PRIOR_PAYER_MISSING"),)
    assert effects(answer) == ["0.00"]


@pytest.mark.parametrize("place", ["P", "U", ""])
def test_a_first_or_unknown_place_needs_none(place: str) -> None:
    assert ask(bill(line(1, "80.00"), payer_sequence=place)).pends == ()


def test_a_third_payer_needs_two_decisions() -> None:
    one = after(prior("300.00", PRIMARY), lines=(told(),), payer_sequence="T")
    answer = ask(one, **paying("65.00"))
    assert answer.pends == (("COB_REVIEW", "PRIOR_PAYER_MISSING"),)
    assert effects(answer) == ["425.00"]


def test_a_payer_that_tells_nothing_has_not_decided() -> None:
    document = after(prior(None), lines=(told(),), payer_sequence="")
    assert ask(document, **paying("65.00")).pends == (("COB_REVIEW", "PRIOR_PAYER_MISSING"),)


@pytest.mark.parametrize(
    "document",
    [
        after(prior("500.00"), lines=(told(),), payer_sequence=""),
        after(prior(None, {"PR-1": "500.00"}), lines=(told(),)),
        after(prior(None), lines=(told(on_line("0.00", {"PR-1": "500.00"})),)),
    ],
    ids=["paid", "adjusted", "lines"],
)
def test_a_payer_that_tells_anything_has_decided(document: ClaimDocument) -> None:
    assert ask(document, **paying("65.00")).pends == ()


def test_a_payer_may_be_told_of_by_lines_alone_but_a_person_looks() -> None:
    document = after(lines=(told(on_line("300.00", PRIMARY)),))
    answer = price(question(document, **paying("65.00")))
    assert answer.pends == (("COB_REVIEW", "PRIOR_PAYER_UNBALANCED"),)
    assert reasons(only(answer)) == {"CO-45": "10.00", "OA-23": "425.00"}


def test_a_payer_that_is_told_of_by_several_lines_alone_is_one() -> None:
    lines = (
        told(on_line("60.00", {"PR-1": "40.00"}), charge="100.00"),
        told(on_line("30.00", {"PR-1": "20.00"}), number=2, charge="50.00"),
    )
    assert effects(price(question(after(lines=lines), **paying("65.00")))) == ["60.00", "30.00"]


def test_a_payer_without_a_number_is_that_of_lines_without_one() -> None:
    nameless = replace(prior("300.00"), payer=None)
    document = after(nameless, lines=(told(on_line("300.00", PRIMARY, "")),))
    answer = price(question(document, **paying("65.00")))
    assert answer.pends == (("COB_REVIEW", "PRIOR_PAYER_UNBALANCED"),)
    assert effects(answer) == ["425.00"]


def test_c2_the_payment_of_a_claim_follows_from_its_lines_when_it_is_not_told() -> None:
    lines = (told(on_line("80.00", {"CO-45": "20.00"}), charge="100.00"),)
    document = after(prior(None, {"PR-1": "30.00"}), lines=lines)
    assert effects(price(question(document, **paying("100.00")))) == ["70.00"]


UNBALANCED: dict[str, tuple[ClaimDocument, str]] = {
    "c1": (after(prior("300.00", {"PR-1": "75.00"}), lines=(told(),)), "300.00"),
    "c2": (
        after(prior("290.00", {"CO-A2": "10.01"}), lines=(told(on_line("300.00", PRIMARY)),)),
        "425.01",
    ),
    "c3": (after(prior("300.00"), lines=(told(on_line("300.00", {"CO-45": "125.00"})),)), "425.00"),
    "more than the charge": (after(prior("500.01"), lines=(told(),)), "500.00"),
    "less than nothing": (
        after(prior("0.00", {"CO-94": "-0.01", "PR-1": "500.01"}), lines=(told(),)),
        "0.00",
    ),
    "a line beyond its charge": (
        after(
            prior("100.00"), lines=(told(on_line("100.00", {"CO-45": "401.00", "PR-1": "-1.00"})),)
        ),
        "500.00",
    ),
    "a fraction of a cent": (
        after(prior("100.005", {"PR-1": "399.995"}), lines=(told(),)),
        "100.01",
    ),
}


@pytest.mark.parametrize("case", UNBALANCED, ids=lambda case: case.replace(" ", "_"))
def test_c1_c2_c3_decisions_that_make_no_sense_wait_for_a_person(case: str) -> None:
    document, effect = UNBALANCED[case]
    asked = question(document, **paying("65.00"))
    answer = price(asked)
    assert answer.pends == (("COB_REVIEW", "PRIOR_PAYER_UNBALANCED"),)
    assert effects(answer) == [effect]
    # Who has looked and lets it stand gets the nearest that does.
    looked = replace(asked, resolved_pends=frozenset({"COB_REVIEW"}))
    assert price(looked).pends == ()
    recorded(looked, price(looked))


def test_who_has_looked_may_let_a_claim_be_priced_as_a_first_one() -> None:
    asked = question(
        bill(line(1, "80.00"), payer_sequence="S"), resolved_pends=frozenset({"COB_REVIEW"})
    )
    assert (price(asked).pends, price(asked).paid) == ((), money("80.00"))
