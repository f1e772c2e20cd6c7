"""E10 and E11: which claims bill the same again (domain.md 1.9)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.claims.document import (
    ClaimDocument,
    ClaimType,
    CodeSystem,
    Drug,
    Person,
    Procedure,
    Provider,
    ServiceLine,
    Tooth,
)
from server.claims.duplicates import (
    duplicate_key,
    exact_duplicate,
    exact_duplicate_lines,
    repeated_lines,
    suspect_duplicate,
    suspects,
)
from server.claims.edits import Fault, Submission
from server.claims.policy import DuplicateRules
from server.claims.services import Service, services_of
from tests.server.claims.cast import STRICT, TODAY
from tests.server.claims.documents import (
    SERVICE_DAY,
    dental,
    institutional,
    professional,
    service_line,
)

OTHER, THIRD = UUID(int=0xB), UUID(int=0xC)
SAME_PROVIDER, SAME_PROCEDURE = BOTH = ("SAME_PROVIDER", "SAME_PROCEDURE")
SEPARATING = ("RT", "LT", "76")
ONE_DAY = timedelta(days=1)
PRACTICE, COLLEAGUE = Provider(npi="1234567893"), Provider(npi="1993999998")

ALL_EXACT = ("service_lines", "other claims bill every service line of this claim already")


EXACT = "another claim bills this service line already"
SUSPECT = "another claim may bill this service line already"
REPEATED = "the service line repeats another one of this claim"


def at(place: int, fact: str) -> Fault:
    return f"service_lines[{place}]", fact


def coded(code: str, *modifiers: str) -> Procedure:
    return Procedure(code_system=CodeSystem.HCPCS, code=code, modifiers=modifiers)


def line(
    code: str = "99213", *modifiers: str, charge: str = "10.00", **changes: Any
) -> ServiceLine:
    return service_line(1, charge, procedure=coded(code, *modifiers), **changes)


def claim(*lines: ServiceLine, **changes: Any) -> ClaimDocument:
    numbered = tuple(replace(one, line_number=place) for place, one in enumerate(lines, 1))
    return professional(**{"service_lines": numbered, "billing_provider": PRACTICE, **changes})


VISIT, TEST = line(), line("80053")
A_VISIT = claim(VISIT)


def services(document: ClaimDocument, claim_id: UUID = OTHER) -> tuple[Service, ...]:
    return services_of(document, claim_id)


def faults(
    edit: Callable[[Submission], Iterator[Fault]],
    document: ClaimDocument,
    *others: Service,
    rules: tuple[str, ...] = BOTH,
) -> list[Fault]:
    duplicates = DuplicateRules(rules=rules, separating_modifiers=SEPARATING)
    policy = replace(STRICT.policy, duplicates=duplicates)
    return list(edit(Submission(document, TODAY, policy, STRICT.codes, services=others)))


def found(
    document: ClaimDocument, *others: Service, rules: tuple[str, ...] = BOTH
) -> list[list[Fault]]:
    """What E10 and E11 find."""
    return [
        faults(edit, document, *others, rules=rules)
        for edit in (exact_duplicate, suspect_duplicate)
    ]


def suspected(
    document: ClaimDocument,
    other: ClaimDocument,
    rules: Collection[str] = BOTH,
    separating: Collection[str] = SEPARATING,
) -> dict[int, UUID]:
    return dict(suspects(document, services(other), rules=rules, separating=separating))


def test_e10_the_same_claim_again_is_an_exact_duplicate() -> None:
    again = claim(VISIT, TEST)
    assert exact_duplicate_lines(again, services(again)) == {1: OTHER, 2: OTHER}
    assert found(again, *services(again)) == [[ALL_EXACT], []]


def test_e10_the_lines_may_be_those_of_several_claims_in_any_order() -> None:
    others = (*services(claim(TEST), THIRD), *services(A_VISIT))
    assert exact_duplicate_lines(claim(VISIT, TEST), others) == {1: OTHER, 2: THIRD}
    assert found(claim(VISIT, TEST), *others) == [[ALL_EXACT], []]


@pytest.mark.parametrize(
    "changes",
    [
        {"procedure": coded("99214")},
        {"procedure": coded("99213", "25")},
        {"charge": Decimal("10.01")},
        {"place_of_service_code": "22"},
        {"revenue_code": "0450"},
        {"service_from_date": SERVICE_DAY - ONE_DAY},
        {"service_through_date": SERVICE_DAY + ONE_DAY},
        {"rendering_provider": COLLEAGUE},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_e10_any_other_service_is_no_exact_duplicate(changes: dict[str, Any]) -> None:
    assert exact_duplicate_lines(claim(replace(VISIT, **changes)), services(A_VISIT)) == {}
    assert faults(exact_duplicate, claim(replace(VISIT, **changes)), *services(A_VISIT)) == []


@pytest.mark.parametrize(
    "changes",
    [{"units": Decimal(2)}, {"note": "again"}, {"service_through_date": SERVICE_DAY}],
    ids=lambda changes: next(iter(changes)),
)
def test_e10_what_does_not_identify_a_service_is_not_compared(changes: dict[str, Any]) -> None:
    assert exact_duplicate_lines(claim(replace(VISIT, **changes)), services(A_VISIT)) == {1: OTHER}


def test_e10_two_equal_lines_need_two_equal_ones_elsewhere() -> None:
    twice = claim(VISIT, VISIT)
    assert exact_duplicate_lines(twice, services(A_VISIT)) == {1: OTHER}
    assert exact_duplicate_lines(twice, services(twice)) == {1: OTHER, 2: OTHER}
    two_claims = (*services(A_VISIT, THIRD), *services(A_VISIT))
    assert exact_duplicate_lines(twice, two_claims) == {1: OTHER, 2: THIRD}
    assert found(twice, *services(A_VISIT)) == [[], [at(0, EXACT), at(1, SUSPECT), at(1, REPEATED)]]
    assert found(twice, *two_claims) == [[ALL_EXACT], []]


def test_e10_the_claim_that_is_named_does_not_depend_on_their_order() -> None:
    others = [*services(A_VISIT, THIRD), *services(A_VISIT)]
    assert exact_duplicate_lines(A_VISIT, others) == {1: OTHER}
    assert exact_duplicate_lines(A_VISIT, others[::-1]) == {1: OTHER}


def test_e10_own_services_are_no_others() -> None:
    assert found(A_VISIT, *services_of(A_VISIT)) == [[], []]
    mixed = (*services_of(A_VISIT), *services(A_VISIT))
    assert exact_duplicate_lines(claim(VISIT, VISIT), mixed) == {1: OTHER}


def test_e10_an_undated_line_is_never_found() -> None:
    undated = claim(replace(VISIT, service_from_date=None))
    assert found(undated, *services(undated)) == [[], []]
    assert found(claim(), *services(A_VISIT)) == [[], []]


def test_e10_line_numbers_may_be_wrong() -> None:
    unnumbered = professional(service_lines=(replace(VISIT, line_number=0),) * 2)
    assert found(unnumbered, *services(unnumbered)) == [[ALL_EXACT], []]


def test_e11_some_exact_lines_are_a_persons_to_look_at() -> None:
    other_day = line("80053", service_from_date=SERVICE_DAY - ONE_DAY)
    document = claim(other_day, VISIT)
    assert found(document, *services(A_VISIT)) == [[], [at(1, EXACT)]]
    assert found(document, *services(A_VISIT), rules=()) == [[], [at(1, EXACT)]]


def test_e11_the_same_provider_on_a_common_day_is_suspect() -> None:
    other = claim(TEST)
    assert suspected(A_VISIT, other) == {1: OTHER}
    assert suspected(A_VISIT, other, {SAME_PROVIDER}) == {1: OTHER}
    assert suspected(A_VISIT, other, {SAME_PROCEDURE}) == suspected(A_VISIT, other, ()) == {}
    assert found(A_VISIT, *services(other)) == [[], [at(0, SUSPECT)]]
    assert found(A_VISIT, *services(other), rules=(SAME_PROCEDURE,)) == [[], []]


def test_e11_the_same_procedure_by_another_provider_is_suspect() -> None:
    other = claim(VISIT, billing_provider=COLLEAGUE)
    assert suspected(A_VISIT, other) == {1: OTHER}
    assert suspected(A_VISIT, other, {SAME_PROCEDURE}) == {1: OTHER}
    assert suspected(A_VISIT, other, {SAME_PROVIDER}) == suspected(A_VISIT, other, ()) == {}
    assert suspected(A_VISIT, claim(TEST, billing_provider=COLLEAGUE)) == {}


@pytest.mark.parametrize("rule", BOTH)
def test_e11_the_same_procedure_by_the_same_provider_is_suspect_by_either_rule(rule: str) -> None:
    assert suspected(A_VISIT, claim(line(charge="12.00")), {rule}) == {1: OTHER}


def test_e11_an_exact_duplicate_is_no_suspect_besides() -> None:
    assert suspected(A_VISIT, A_VISIT) == {}
    assert suspected(claim(VISIT, TEST), A_VISIT) == {2: OTHER}


def test_e11_what_is_unknown_is_not_the_same() -> None:
    nobody, other = (claim(one, billing_provider=None) for one in (VISIT, TEST))
    assert suspected(nobody, other) == {}
    assert suspected(nobody, A_VISIT) == {1: OTHER}
    nothing = replace(VISIT, procedure=None)
    assert suspected(claim(nothing), claim(nothing, billing_provider=COLLEAGUE)) == {}


def test_e11_a_service_without_procedure_is_told_by_its_revenue_code() -> None:
    def room(code: str, provider: Provider) -> ClaimDocument:
        bed = service_line(1, "150.00", revenue_code=code, procedure=None)
        return institutional(service_lines=(bed,), billing_provider=provider)

    assert suspected(room("0120", PRACTICE), room("0120", COLLEAGUE)) == {1: OTHER}
    assert suspected(room("0120", PRACTICE), room("0110", COLLEAGUE)) == {}
    visit = replace(VISIT, revenue_code="0120")
    assert suspected(room("0120", PRACTICE), claim(visit, billing_provider=COLLEAGUE)) == {}


@pytest.mark.parametrize(
    ("first", "last", "is_common"),
    [(-2, -1, False), (-2, 0, True), (0, 0, True), (1, 1, True), (2, 3, True), (3, 4, False)],
)
def test_e11_the_periods_have_a_day_in_common(first: int, last: int, is_common: bool) -> None:
    ours = claim(replace(VISIT, service_through_date=SERVICE_DAY + 2 * ONE_DAY))
    theirs = claim(
        replace(
            TEST,
            service_from_date=SERVICE_DAY + first * ONE_DAY,
            service_through_date=SERVICE_DAY + last * ONE_DAY,
        )
    )
    assert suspected(ours, theirs) == ({1: OTHER} if is_common else {})


@pytest.mark.parametrize(
    ("one", "other", "is_suspect"),
    [
        (("RT",), ("LT",), False),
        (("RT",), (), False),
        ((), ("76",), False),
        (("RT", "76"), ("RT",), False),
        (("RT",), ("RT",), True),
        (("RT", "76"), ("76", "RT"), True),
        (("25",), (), True),
        (("RT", "25"), ("RT",), True),
        ((), (), True),
    ],
)
@pytest.mark.parametrize("code", ["99213", "99214"])
def test_e11_modifiers_that_separate_keep_lines_apart(
    one: Sequence[str], other: Sequence[str], is_suspect: bool, code: str
) -> None:
    ours, theirs = claim(line("99213", *one)), claim(line(code, *other, charge="9.00"))
    assert suspected(ours, theirs) == ({1: OTHER} if is_suspect else {})
    assert suspected(ours, theirs, separating=()) == {1: OTHER}


def test_e11_the_claim_that_is_named_is_the_first_that_is_suspect() -> None:
    apart = services(claim(line("99213", "RT")))
    near, later = services(claim(TEST), THIRD), services(claim(TEST), UUID(int=0xD))
    for others in ([*later, *near, *apart], [*apart, *near, *later]):
        assert suspects(A_VISIT, others, rules=BOTH, separating=SEPARATING) == {1: THIRD}


def test_e11_a_line_that_repeats_another_needs_a_person() -> None:
    document = claim(VISIT, TEST, VISIT, VISIT)
    assert repeated_lines(document) == (3, 4)
    assert found(document) == [[], [at(2, REPEATED), at(3, REPEATED)]]
    undated = replace(VISIT, service_from_date=None)
    assert repeated_lines(claim(VISIT, line("99213", "76"), undated, undated)) == ()


def test_e11_another_tooth_or_drug_is_no_repetition() -> None:
    filling = replace(dental().service_lines[0], tooth=Tooth(number="3"))
    teeth = (filling, replace(filling, tooth=Tooth(number="14")), filling)
    assert repeated_lines(claim(*teeth)) == (3,)
    dose = replace(VISIT, drug=Drug(ndc="00004196501"))
    assert repeated_lines(claim(dose, replace(dose, drug=Drug(ndc="00004196502")), dose)) == (3,)


def test_a_duplicate_key_is_that_of_the_same_lines_in_any_order() -> None:
    key = duplicate_key(claim(VISIT, TEST))
    assert len(key) == 64
    assert duplicate_key(claim(TEST, VISIT)) == key
    assert duplicate_key(claim(VISIT, TEST, patient_control_number="PCN-2")) == key


@pytest.mark.parametrize(
    "other",
    [
        claim(VISIT),
        claim(VISIT, VISIT),
        claim(VISIT, TEST, TEST),
        claim(VISIT, line("80053", charge="10.01")),
        claim(VISIT, TEST, type=ClaimType.DENTAL),
        claim(VISIT, TEST, subscriber=Person(member_id="M-2")),
    ],
)
def test_a_duplicate_key_is_not_that_of_another_bill(other: ClaimDocument) -> None:
    assert duplicate_key(other) not in ("", duplicate_key(claim(VISIT, TEST)))


def test_a_claim_that_cannot_be_compared_has_no_duplicate_key() -> None:
    undated = replace(TEST, service_from_date=None)
    assert duplicate_key(claim(VISIT, undated)) == duplicate_key(claim(undated)) == ""
    assert duplicate_key(claim()) == ""
    assert duplicate_key(claim(VISIT, subscriber=None)) == ""


LINES = st.builds(
    lambda code, modifiers, day, days, provider, charge: line(
        code,
        *modifiers,
        charge=charge,
        service_from_date=date(2026, 2, day),
        service_through_date=date(2026, 2, day + days),
        rendering_provider=provider,
    ),
    st.sampled_from(["99213", "80053"]),
    st.sampled_from([(), ("RT",), ("LT",), ("25",)]),
    st.integers(1, 4),
    st.integers(0, 1),
    st.sampled_from([None, COLLEAGUE]),
    st.sampled_from(["10.00", "20.00"]),
)
CLAIMS = st.lists(LINES, min_size=1, max_size=4).map(lambda lines: claim(*lines))
RULES = st.sets(st.sampled_from(BOTH)).map(tuple)


@given(CLAIMS, CLAIMS, RULES)
def test_e10_e11_are_symmetric(one: ClaimDocument, other: ClaimDocument, rules: Any) -> None:
    here = exact_duplicate_lines(one, services(other))
    there = exact_duplicate_lines(other, services(one))
    assert len(here) == len(there)
    near = suspected(one, other, rules), suspected(other, one, rules)
    assert bool(here or near[0]) == bool(there or near[1])


@given(CLAIMS, CLAIMS)
def test_e10_claims_with_one_duplicate_key_are_exact_duplicates_of_each_other(
    one: ClaimDocument, other: ClaimDocument
) -> None:
    both = [
        faults(exact_duplicate, one, *services(other)),
        faults(exact_duplicate, other, *services(one)),
    ]
    assert (duplicate_key(one) == duplicate_key(other)) == (both == [[ALL_EXACT], [ALL_EXACT]])


@given(CLAIMS, CLAIMS, RULES, st.randoms(use_true_random=False))
def test_e10_e11_do_not_depend_on_an_order(
    one: ClaimDocument, other: ClaimDocument, rules: Any, random: Any
) -> None:
    def named() -> Any:
        near = suspects(one, others, rules=rules, separating=SEPARATING)
        return exact_duplicate_lines(one, others), near

    lines, others = list(one.service_lines), [*services(other), *services(one, THIRD)[:1]]
    as_given, (whole, parts) = named(), found(one, *others, rules=rules)
    random.shuffle(others)
    random.shuffle(lines)
    assert named() == as_given
    again, parts_again = found(claim(*lines), *others, rules=rules)
    assert again == whole
    assert sorted(fact for _, fact in parts_again) == sorted(fact for _, fact in parts)
    assert duplicate_key(claim(*lines)) == duplicate_key(one)


@given(CLAIMS)
def test_e10_the_claim_itself_is_its_exact_duplicate(one: ClaimDocument) -> None:
    assert found(one, *services(one)) == [[ALL_EXACT], []]
