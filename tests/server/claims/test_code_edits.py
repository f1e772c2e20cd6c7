"""Code edits (domain.md 1.10): pairs of services, units of a day, and what they do together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.claims.code_edits import code_edit_denials
from server.claims.services import Service
from tests.server.claims.rates import Edits, limit, pair

DAY = date(2026, 2, 10)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
MODIFIERS = ("59", "XS", "RT")
ELSEWHERE = UUID(int=9)


def service(number: int, code: str, *modifiers: str, **changes: Any) -> Service:
    fields: dict[str, Any] = {
        "line_number": number,
        "provider": "1234567893",
        "procedure_code": code,
        "modifiers": modifiers,
        "from_date": DAY,
        "through_date": DAY,
        "units": Decimal(1),
    }
    return Service(**(fields | changes))


def other(code: str, *modifiers: str, **changes: Any) -> Service:
    return service(1, code, *modifiers, **({"claim_id": ELSEWHERE} | changes))


def denied(
    own: Sequence[Service],
    edits: Edits,
    others: Sequence[Service] = (),
    documented: bool = False,
) -> Mapping[int, tuple[str, ...]]:
    return code_edit_denials(own, others, edits, MODIFIERS, documented)


A, B, C = "99213", "36415", "81003"
A_B = {2: (f"PTP:{A}/{B}",)}


# Pairs


def test_ptp_column_2_is_denied_and_names_the_pair() -> None:
    assert denied([service(1, A), service(2, B)], Edits((pair(A, B),))) == A_B


def test_ptp_without_a_row_both_are_paid() -> None:
    assert denied([service(1, A), service(2, B)], Edits((pair(A, C), pair(C, B)))) == {}


def test_ptp_every_line_of_the_column_2_code_is_denied() -> None:
    own = [service(1, B), service(2, A), service(3, B)]
    assert sorted(denied(own, Edits((pair(A, B),)))) == [1, 3]


def test_ptp_a_line_names_every_pair_that_denies_it() -> None:
    own = [service(1, A), service(2, B), service(3, C)]
    edits = Edits((pair(C, B), pair(A, B)))
    assert denied(own, edits) == {2: (f"PTP:{C}/{B}", f"PTP:{A}/{B}")}


@pytest.mark.parametrize("modified", [1, 2], ids=["column_1", "column_2"])
@pytest.mark.parametrize("modifier", MODIFIERS)
def test_ptp_indicator_1_is_set_aside_by_a_modifier_of_either_line(
    modifier: str, modified: int
) -> None:
    own = [service(1, A), service(2, B)]
    own[modified - 1] = replace(own[modified - 1], modifiers=("76", modifier))
    assert denied(own, Edits((pair(A, B, 1),))) == {}
    assert denied(own, Edits((pair(A, B, 0),))) == A_B


def test_ptp_indicator_1_without_such_a_modifier_denies() -> None:
    own = [service(1, A, "76"), service(2, B, "GA")]
    assert denied(own, Edits((pair(A, B, 1),))) == A_B


def test_ptp_each_column_1_line_needs_a_modifier() -> None:
    own = [service(1, A, "59"), service(2, B), service(3, A)]
    assert denied(own, Edits((pair(A, B, 1),))) == A_B


def test_ptp_indicator_9_is_not_active() -> None:
    assert denied([service(1, A), service(2, B)], Edits((pair(A, B, 9),))) == {}


@pytest.mark.parametrize(
    ("first", "last", "active"),
    [
        (DAY, None, True),
        (AFTER, None, False),
        (BEFORE, DAY, True),
        (BEFORE, BEFORE, False),
        (DAY, DAY, True),
    ],
)
def test_ptp_the_first_and_the_last_day_are_included(
    first: date, last: date | None, active: bool
) -> None:
    edits = Edits((pair(A, B, effective_from=first, deleted_on=last),))
    assert bool(denied([service(1, A), service(2, B)], edits)) is active


def test_ptp_the_day_of_the_services_counts() -> None:
    edits = Edits((pair(A, B, effective_from=AFTER),))
    own = [service(number, code, from_date=AFTER) for number, code in ((1, A), (2, B))]
    assert denied(own, edits) == A_B


@pytest.mark.parametrize(
    "apart",
    [
        {"provider": "1993999998"},
        {"from_date": AFTER, "through_date": AFTER},
        {"from_date": None, "through_date": None},
        {"denied": True},
        {"procedure_code": ""},
        {"provider": ""},
    ],
    ids=["provider", "day", "undated", "denied", "no code", "unknown provider"],
)
@pytest.mark.parametrize("which", [0, 1])
def test_ptp_needs_the_same_provider_and_day_and_two_standing_services(
    apart: dict[str, Any], which: int
) -> None:
    own = [service(1, A), service(2, B)]
    own[which] = replace(own[which], **apart)
    assert denied(own, Edits((pair(A, B),))) == {}


def test_ptp_services_of_unknown_providers_are_not_of_the_same_one() -> None:
    own = [service(1, A, provider=""), service(2, B, provider="")]
    assert denied(own, Edits((pair(A, B),))) == {}


def test_ptp_a_code_is_no_part_of_itself() -> None:
    assert denied([service(1, A), service(2, A)], Edits((pair(A, A),))) == {}


def test_ptp_services_of_several_days_are_taken_at_their_first() -> None:
    long = {"through_date": DAY + timedelta(days=9)}
    edits = Edits((pair(A, B),))
    assert denied([service(1, A, **long), service(2, B)], edits) == A_B
    assert denied([service(1, A, **long), service(2, B, from_date=AFTER)], edits) == {}


def test_ptp_own_column_2_loses_to_column_1_of_another_claim() -> None:
    assert denied([service(7, B)], Edits((pair(A, B),)), [other(A)]) == {7: (f"PTP:{A}/{B}",)}


def test_ptp_own_column_1_is_paid_beside_column_2_of_another_claim() -> None:
    assert denied([service(7, A)], Edits((pair(A, B),)), [other(B)]) == {}


def test_ptp_what_another_claim_was_denied_takes_nothing_away() -> None:
    assert denied([service(7, B)], Edits((pair(A, B),)), [other(A, denied=True)]) == {}


def test_ptp_a_modifier_of_another_claim_counts_as_well() -> None:
    assert denied([service(7, B)], Edits((pair(A, B, 1),)), [other(A, "59")]) == {}


def test_ptp_a_service_that_is_denied_here_takes_nothing_away_either() -> None:
    own = [service(1, A), service(2, B), service(3, C)]
    assert denied(own, Edits((pair(A, B), pair(B, C)))) == A_B


def test_ptp_and_so_on_down_a_chain() -> None:
    own = [service(number, code) for number, code in enumerate("ABCD", 1)]
    edits = Edits((pair("C", "D"), pair("B", "C"), pair("A", "B")))
    assert sorted(denied(own, edits)) == [2, 4]


def test_ptp_a_service_far_up_a_chain_still_takes_the_place_of_the_last() -> None:
    own = [service(number, code) for number, code in enumerate("ABCD", 1)]
    edits = Edits((pair("A", "D"), pair("B", "C"), pair("C", "D")))
    assert denied(own, edits) == {3: ("PTP:B/C",), 4: ("PTP:A/D",)}


def test_ptp_other_claims_stay_as_they_are_also_in_the_middle_of_a_chain() -> None:
    edits = Edits((pair(A, B), pair(B, C)))
    assert sorted(denied([service(1, A), service(3, C)], edits, [other(B)])) == [3]


def test_ptp_a_table_that_contradicts_itself_pays_neither() -> None:
    own = [service(1, A), service(2, B), service(3, C)]
    edits = Edits((pair(A, B), pair(B, A)))
    assert denied(own, edits) == {1: (f"PTP:{B}/{A}",), 2: (f"PTP:{A}/{B}",)}


# Units


@pytest.mark.parametrize(("units", "over"), [("2", False), ("2.001", True), ("3", True)])
@pytest.mark.parametrize("indicator", [1, 2, 3])
def test_mue_a_line_may_reach_the_limit_and_not_exceed_it(
    units: str, over: bool, indicator: int
) -> None:
    own = [service(4, A, units=Decimal(units))]
    expected = {4: (f"MUE:{A}",)} if over else {}
    assert denied(own, Edits(limits=(limit(A, "2", indicator),))) == expected


@pytest.mark.parametrize(("indicator", "lost"), [(1, []), (2, [1, 2]), (3, [1, 2])])
def test_mue_lines_of_a_day_are_summed_but_not_by_line_edits(
    indicator: int, lost: list[int]
) -> None:
    own = [service(1, A, units=Decimal(2)), service(2, A), service(3, B)]
    assert sorted(denied(own, Edits(limits=(limit(A, "2", indicator),)))) == lost


def test_mue_a_line_edit_denies_the_line_alone() -> None:
    own = [service(1, A, units=Decimal(3)), service(2, A)]
    assert sorted(denied(own, Edits(limits=(limit(A, "2", 1),)))) == [1]


@pytest.mark.parametrize(("indicator", "lost"), [(1, [1]), (2, [1]), (3, [])])
def test_mue_documents_stand_for_clinical_limits_alone(indicator: int, lost: list[int]) -> None:
    own = [service(1, A, units=Decimal(3))]
    edits = Edits(limits=(limit(A, "2", indicator),))
    assert sorted(denied(own, edits, documented=True)) == lost
    assert sorted(denied(own, edits)) == [1]


def test_mue_what_other_claims_were_paid_counts_on_the_day() -> None:
    edits = Edits(limits=(limit(A, "2", 2),))
    assert denied([service(1, A)], edits, [other(A)]) == {}
    assert sorted(denied([service(1, A)], edits, [other(A, units=Decimal(2))])) == [1]
    assert denied([service(1, A)], edits, [other(A, units=Decimal(2), denied=True)]) == {}


def test_mue_another_claim_that_is_over_by_itself_denies_no_other_code() -> None:
    edits = Edits(limits=(limit(A, "2", 2), limit(B, "1", 2)))
    assert denied([service(1, B)], edits, [other(A, units=Decimal(3))]) == {}


@pytest.mark.parametrize(
    "apart",
    [{"provider": "1993999998"}, {"from_date": AFTER, "through_date": AFTER}, {"provider": ""}],
    ids=["provider", "day", "unknown provider"],
)
def test_mue_another_provider_or_day_has_a_limit_of_its_own(apart: dict[str, Any]) -> None:
    own = [service(1, A), replace(service(2, A), **apart)]
    assert denied(own, Edits(limits=(limit(A, "1", 2),))) == {}


def test_mue_services_of_unknown_providers_are_counted_one_by_one() -> None:
    own = [service(1, A, provider=""), service(2, A, provider="", units=Decimal(2))]
    assert sorted(denied(own, Edits(limits=(limit(A, "1", 2),)))) == [2]


def test_mue_a_limit_of_nothing_denies_all() -> None:
    assert sorted(denied([service(1, A)], Edits(limits=(limit(A, "0", 2),)))) == [1]


def test_mue_a_service_without_units_is_one() -> None:
    own = [service(1, A, units=None)]
    assert denied(own, Edits(limits=(limit(A, "1", 2),))) == {}
    assert sorted(denied(own, Edits(limits=(limit(A, "0.999", 2),)))) == [1]


@pytest.mark.parametrize(
    ("first", "last", "active"),
    [
        (DAY, None, True),
        (AFTER, None, False),
        (BEFORE, DAY, True),
        (BEFORE, BEFORE, False),
    ],
)
def test_mue_the_first_and_the_last_day_are_included(
    first: date, last: date | None, active: bool
) -> None:
    edits = Edits(limits=(limit(A, "0", 2, effective_from=first, effective_to=last),))
    assert bool(denied([service(1, A)], edits)) is active


@pytest.mark.parametrize("indicator", [1, 2])
@pytest.mark.parametrize(("units", "over"), [("6", False), ("7", True)])
def test_mue_units_of_several_days_are_spread_over_them(
    indicator: int, units: str, over: bool
) -> None:
    own = [service(1, A, units=Decimal(units), through_date=DAY + timedelta(days=2))]
    assert bool(denied(own, Edits(limits=(limit(A, "2", indicator),)))) is over


def test_mue_every_day_of_a_long_service_is_looked_at() -> None:
    last = DAY + timedelta(days=2)
    own = [
        service(1, A, units=Decimal(3), through_date=last),
        service(2, A, from_date=last, through_date=last),
        service(3, A, from_date=last + timedelta(days=1), through_date=None),
    ]
    assert sorted(denied(own, Edits(limits=(limit(A, "1", 2),)))) == [1, 2]
    assert denied(own, Edits(limits=(limit(A, "2", 2),))) == {}


@pytest.mark.parametrize(
    ("units", "indicator", "changes", "lost"),
    [
        (("1", "1"), 2, {}, []),
        (("2", "1"), 2, {}, [1]),
        (("2", "2"), 2, {}, [1, 2]),
        (("1", "2"), 1, {}, [2]),
        (("2", "1"), 1, {}, [1]),
        (("2", "2"), 2, {"effective_from": AFTER}, [2]),
        (("2", "2"), 2, {"effective_to": DAY}, [1]),
    ],
)
def test_mue_each_day_is_looked_at_by_itself(
    units: tuple[str, str], indicator: int, changes: dict[str, Any], lost: list[int]
) -> None:
    own = [
        service(1, A, units=Decimal(units[0])),
        service(2, A, units=Decimal(units[1]), from_date=AFTER, through_date=AFTER),
    ]
    assert sorted(denied(own, Edits(limits=(limit(A, "1", indicator, **changes),)))) == lost


def test_mue_a_limit_that_ends_within_a_long_service_holds_for_its_first_days() -> None:
    own = [service(1, A, units=Decimal(4), through_date=AFTER)]
    assert sorted(denied(own, Edits(limits=(limit(A, "1", 2, effective_to=DAY),)))) == [1]


def test_mue_days_that_end_before_they_begin_are_one() -> None:
    own = [service(1, A, units=Decimal(2), through_date=BEFORE)]
    assert sorted(denied(own, Edits(limits=(limit(A, "1", 2),)))) == [1]


def test_mue_denied_and_undated_services_use_no_units() -> None:
    own = [
        service(1, A),
        service(2, A, denied=True),
        service(3, A, from_date=None),
    ]
    assert denied(own, Edits(limits=(limit(A, "1", 2),))) == {}


# Both


def test_a_line_that_loses_to_a_pair_uses_no_units() -> None:
    own = [service(1, A), service(2, B), service(3, B, "59")]
    assert denied(own, Edits((pair(A, B, 1),), (limit(B, "1", 2),))) == A_B


def test_a_line_beyond_its_units_takes_nothing_away() -> None:
    own = [service(1, A, units=Decimal(2)), service(2, B)]
    edits = Edits((pair(A, B),), (limit(A, "1", 2),))
    assert denied(own, edits) == {1: (f"MUE:{A}",)}


CODES = ("A", "B", "C", "D")
MODIFIER_SETS: tuple[tuple[str, ...], ...] = ((), (), ("59",), ("76",))


def services(claim: UUID | None) -> st.SearchStrategy[Service]:
    return st.builds(
        service,
        st.just(0),
        st.sampled_from(CODES),
        claim_id=st.just(claim),
        modifiers=st.sampled_from(MODIFIER_SETS),
        provider=st.sampled_from(("1", "1", "2", "")),
        from_date=st.sampled_from((DAY, DAY, AFTER, None)),
        through_date=st.sampled_from((DAY, AFTER, AFTER + timedelta(days=1), None)),
        units=st.sampled_from((None, Decimal(1), Decimal(2), Decimal("2.5"))),
        denied=st.sampled_from((False, False, True)),
    )


OWN = st.lists(services(None), max_size=7).map(
    lambda found: [replace(one, line_number=place) for place, one in enumerate(found, 1)]
)
OTHERS = st.lists(services(ELSEWHERE), max_size=4)
# A column 1 code comes before its column 2 codes, as in every table that is loaded.
PAIRS = st.lists(
    st.builds(
        lambda codes, indicator: pair(min(codes), max(codes), indicator),
        st.lists(st.sampled_from(CODES), min_size=2, max_size=2, unique=True),
        st.sampled_from((0, 1, 9)),
    ),
    max_size=6,
    unique_by=lambda row: (row.column_1, row.column_2),
)
LIMITS = st.lists(
    st.builds(limit, st.sampled_from(CODES), st.sampled_from("0123"), st.sampled_from((1, 2, 3))),
    max_size=4,
    unique_by=lambda row: row.code,
)
EDITS = st.builds(lambda rows, limits: Edits(tuple(rows), tuple(limits)), PAIRS, LIMITS)


@given(OWN, OTHERS, EDITS, st.booleans(), st.data())
def test_no_order_of_lines_or_claims_matters(
    own: list[Service],
    others: list[Service],
    edits: Edits,
    documented: bool,
    data: st.DataObject,
) -> None:
    expected = denied(own, edits, others, documented)
    own, others = data.draw(st.permutations(own)), data.draw(st.permutations(others))
    assert denied(own, edits, others, documented) == expected


@given(OWN, OTHERS, EDITS, st.booleans())
def test_applying_them_again_denies_nothing_more(
    own: list[Service], others: list[Service], edits: Edits, documented: bool
) -> None:
    first = denied(own, edits, others, documented)
    again = [replace(one, denied=one.denied or one.line_number in first) for one in own]
    assert denied(again, edits, others, documented) == {}


@given(OWN, OTHERS, EDITS, st.booleans())
def test_whoever_loses_to_a_pair_loses_to_a_service_that_stands(
    own: list[Service], others: list[Service], edits: Edits, documented: bool
) -> None:
    lost = denied(own, edits, others, documented)
    standing = {one.procedure_code for one in others if not one.denied} | {
        one.procedure_code for one in own if not one.denied and one.line_number not in lost
    }
    for ids in lost.values():
        for edit_id in ids:
            kind, _, codes = edit_id.partition(":")
            assert kind == "MUE" or codes.partition("/")[0] in standing


@given(OWN, OTHERS, EDITS, st.booleans())
def test_what_takes_no_part_is_never_denied_here(
    own: list[Service], others: list[Service], edits: Edits, documented: bool
) -> None:
    lost = denied(own, edits, others, documented)
    out = {one.line_number for one in own if one.denied or one.from_date is None}
    assert out.isdisjoint(lost)
