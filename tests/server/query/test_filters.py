"""The filter language: what it reads, how it binds, where it stops."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimflow.v1 import options_pb2
from server.platform.redaction import Sight, sight_of
from server.query.conditions import Node, Unreadable, normalized
from server.query.fields import CLINICAL, DIRECT_ID, FIELDS, Kind
from server.query.filters import DEPTH_MAX, LENGTH_MAX, TERMS_MAX, parse
from server.query.queries import NOTHING, Scope, Translator

ALL = Sight(frozenset(range(7)))
TENANT = UUID(int=7)


def without(phi: int) -> Sight:
    return Sight(ALL.classes - {phi})


def read(text: str) -> str:
    return normalized(parse(text, ALL))


def query(text: str, scope: Scope | None = None) -> Any:
    translator = Translator(date(2026, 3, 1), lambda kind, value: f"hash of {kind}")
    return translator.scoped(scope or Scope(TENANT), parse(text, ALL))


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("", ""),
        ("   ", ""),
        ('state = "accepted"', 'state = "ACCEPTED"'),
        ("state=CLAIM_STATE_PAID", 'state = "PAID"'),
        ("knee surgery OR hip", "knee AND (surgery OR hip)"),
        ("a AND b OR c AND d", "a AND (b OR c) AND d"),
        ("-state=PAID", 'NOT state = "PAID"'),
        ("NOT (state=PAID OR state=DENIED)", 'NOT (state = "PAID" OR state = "DENIED")'),
        ("NOT (NOT a)", "NOT (NOT a)"),
        ("total_charge>=100", "total_charge >= 100.00"),
        ("diagnoses.code:E119", 'diagnoses.code = "E119"'),
        ("queue:*", "queue = *"),
        ('assignee=""', 'assignee = ""'),
        ("billing_npi=199*", 'billing_npi = "199*"'),
        (r'source.batch = "a\*b"', r'source.batch = "a\*b"'),
        ("age_days(receipt_date)>30", "age_days(receipt_date) > 30"),
        ("receive_time>2026-01-31T08:00:00.5+01:00", "receive_time > 2026-01-31T07:00:00.500000Z"),
        (
            "service_lines:(procedure_code=99213 AND charge>100)",
            'service_lines:(procedure_code = "99213" AND charge > 100.00)',
        ),
        (
            "service_lines:(denied=true adjustments:(group_code=CO reason_code=45))",
            "service_lines:(denied = true AND "
            'adjustments:(group_code = "CO" AND reason_code = "45"))',
        ),
        ('"total knee" arthro*', '"total knee" AND arthro*'),
    ],
)
def test_it_reads(text: str, understood: str) -> None:
    assert read(text) == understood


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("colour = red", 0),
        ("state = GREEN", 8),
        ("state = ACC*", 8),
        ("total_charge > many", 15),
        ("total_charge = 1.005", 15),
        ("service_date = 2026-02-30", 15),
        ("receive_time > 2026-01-31T25:00:00Z", 15),
        ("state > PAID", 8),
        ("billing_npi = *99", 14),
        ("(state = PAID", 0),
        ("state = PAID)", 12),
        ("state =", 7),
        ("AND a", 0),
        ("a OR", 4),
        ('"open', 0),
        ("lower(state) = x", 0),
        ("age_days(state) > 3", 9),
        ("age_days(receipt_date) > soon", 25),
        ("people:(name = x)", 0),
        ("service_lines:(knee)", 15),
        ("service_lines:(state = PAID)", 15),
        ("patient_control_number = A*", 25),
        ("a\x00b", 1),
    ],
)
def test_an_error_names_the_position_where_reading_stopped(text: str, position: int) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(text, ALL)
    assert refused.value.position == position


def test_an_error_never_repeats_a_value() -> None:
    for field in FIELDS:
        with pytest.raises(Unreadable) as refused:
            parse(f'{field} > "Zanzibar" Zanzibar("', ALL)
        assert "Zanzibar" not in refused.value.description


def test_a_filter_has_a_length() -> None:
    with pytest.raises(Unreadable):
        parse("a" * (LENGTH_MAX + 1), ALL)


def test_a_filter_has_a_number_of_terms() -> None:
    assert parse("a " * TERMS_MAX, ALL)
    with pytest.raises(Unreadable):
        parse("a " * (TERMS_MAX + 1), ALL)


def test_a_filter_has_a_depth() -> None:
    deepest = DEPTH_MAX - 1
    assert parse("(" * deepest + "a" + ")" * deepest, ALL)
    with pytest.raises(Unreadable):
        parse("(" * DEPTH_MAX + "a" + ")" * DEPTH_MAX, ALL)


@pytest.mark.parametrize("name", FIELDS)
def test_a_hidden_field_cannot_be_searched(name: str) -> None:
    with pytest.raises(Unreadable):
        parse(f"{name}:*", without(FIELDS[name].phi))


def test_the_text_of_claims_is_clinical() -> None:
    with pytest.raises(Unreadable):
        parse("knee", without(CLINICAL))


def test_a_member_is_found_by_those_who_see_direct_identifiers() -> None:
    assert parse("member_id = M1", ALL)
    with pytest.raises(Unreadable):
        parse("member_id = M1", without(DIRECT_ID))


LIKELY = st.lists(
    st.sampled_from(
        [
            *FIELDS, "AND", "OR", "NOT", "-", "(", ")", ":", "=", "!=", "<", ">=", "*", '"', "'",
            "\\", "age_days(", "service_lines:(", "adjustments:(", "PAID", "100", "2026-01-31",
            "2026-01-31T00:00:00Z", "true", "knee", " ", "  ",
        ]
    )
).map("".join)  # fmt: skip


@given(st.text() | LIKELY)
def test_any_text_is_read_or_refused_with_a_position(text: str) -> None:
    try:
        node: Node = parse(text, ALL)
    except Unreadable as refused:
        assert 0 <= refused.position <= len(text)
        return
    assert query(text)
    again = normalized(node)
    assert normalized(parse(again, ALL)) == again


def test_a_single_field_of_a_hidden_class_can_be_searched_where_a_role_sees_it() -> None:
    reviewer = sight_of(frozenset({options_pb2.ROLE_MEDICAL_REVIEWER}))
    assert parse("total_charge > 100 service_lines.charge > 5 claim_number:C*", reviewer)
    with pytest.raises(Unreadable):
        parse("paid > 100", reviewer)


def test_only_or_binds_tighter_than_and() -> None:
    body = query("state=PAID AND queue=A OR queue=B")["bool"]["filter"]
    assert len(body) == 3
    assert len(body[2]["bool"]["should"]) == 2


def test_every_query_names_the_tenant() -> None:
    assert query("knee OR state=PAID")["bool"]["filter"][0] == {"term": {"tenant_id": str(TENANT)}}


def test_a_caller_who_owns_nothing_finds_nothing() -> None:
    assert NOTHING in query("", Scope(TENANT, ()))["bool"]["filter"]
    assert NOTHING in query("", Scope(TENANT, (("billing_npi", ()),)))["bool"]["filter"]


def test_own_claims_are_a_condition_beside_the_filter() -> None:
    own = query("state=PAID OR state=DENIED", Scope(TENANT, (("submitted_by", ("s",)),)))
    assert own["bool"]["filter"][1]["bool"]["should"] == [{"terms": {"submitted_by": ["s"]}}]


def test_amounts_are_compared_in_cents() -> None:
    found = query("total_charge > 100.5")["bool"]["filter"][1]["bool"]["filter"]
    assert found == [{"range": {"total_charge_cents": {"gt": 10050}}}]


def test_a_time_is_on_a_day_between_its_midnights() -> None:
    found = query("receive_time > 2026-01-31")["bool"]["filter"][1]["bool"]["filter"]
    assert found == [{"range": {"receive_time": {"gt": "2026-01-31T23:59:59.999Z"}}}]


def test_older_is_earlier() -> None:
    found = query("age_days(receipt_date) > 30")["bool"]["filter"][1]["bool"]["filter"]
    assert found == [{"range": {"receipt_date": {"lt": "2026-01-30"}}}]


def test_every_number_has_a_unit() -> None:
    assert all(
        field.path.endswith("_cents") for field in FIELDS.values() if field.kind is Kind.AMOUNT
    )
