"""What is stored can be read again, bit by bit, and people's values stand apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, make_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.claims import codec, records
from server.claims.document import Address, ClaimDocument, Person, Procedure, sealed
from server.claims.events import EVENT_TYPES, Event, NoteAdded
from server.claims.model import Claim
from tests.server.claims.documents import professional
from tests.server.claims.pasts import PASTS

AMOUNTS = st.decimals(-(10**8), 10**8, places=2, allow_nan=False, allow_infinity=False)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=12),
    int: st.integers(-(2**53), 2**53),
    bool: st.booleans(),
    bytes: st.binary(max_size=16),
    Decimal: AMOUNTS,
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    UUID: st.uuids(),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type of the rules."""
    if kind in SCALARS:
        return SCALARS[kind]
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0]), max_size=2).map(tuple)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        # A value may be left at its default.
        return st.fixed_dictionaries(
            {one.name: values(hints[one.name]) for one in fields(kind)}
        ).map(lambda given: kind(**given))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    (inner,) = [one for one in get_args(kind) if one is not type(None)]
    return st.none() | values(inner)


@pytest.fixture(autouse=True)
def coders_of_this_story() -> None:
    """Have what takes a class apart built here, not by whoever came first."""
    codec.encoder.cache_clear()
    codec.decoder.cache_clear()


def stored_and_read(value: Any) -> Any:
    payload, sealed = codec.encode(value)
    texts = codec.canonical(payload), codec.canonical(sealed)
    return codec.decode(type(value), *map(json.loads, texts))


@settings(max_examples=50, deadline=None)
@given(values(ClaimDocument))
def test_a_document_is_read_as_it_was_stored(document: ClaimDocument) -> None:
    assert stored_and_read(document) == document


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_an_event_is_read_as_it_was_stored(name: str) -> None:
    kind: Any = EVENT_TYPES[name]

    @settings(max_examples=25, deadline=None)
    @given(values(kind))
    def check(event: Event) -> None:
        payload, sealed = records.payload_and_sealed(event, "said so", bytes(32))
        assert sealed is not None
        assert records.event_of(name, payload.decode(), sealed) == event
        assert records.open_sealed(sealed)[1] == "said so"

    check()


@pytest.mark.parametrize("claim", PASTS.values(), ids=PASTS)
def test_d2_a_fold_is_read_as_it_was_stored(claim: Claim) -> None:
    assert stored_and_read(claim) == claim


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_canonical_text_is_one_text_for_one_value(tree: Any) -> None:
    text = codec.canonical(tree)
    assert codec.canonical(json.loads(text)) == text


def test_canonical_text_has_sorted_keys_no_spaces_and_plain_utf8() -> None:
    text = codec.canonical({"b": [1, "é"], "a": {"d": None, "c": True}})
    assert text == '{"a":{"c":true,"d":null},"b":[1,"é"]}'.encode()


def test_canonical_text_knows_no_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        codec.canonical({"a": float("nan")})


def test_what_names_a_person_stands_apart() -> None:
    document = professional(
        subscriber=Person(
            member_id="CANARY-1",
            last_name="CANARY-2",
            birth_date=date(1970, 1, 2),
            address=Address(lines=("CANARY-3",), city="CANARY-4"),
        )
    )
    payload, apart = codec.encode(document)
    assert "CANARY" not in codec.canonical(payload).decode()
    assert codec.canonical(apart).decode().count("CANARY") == 4


def test_a_field_marked_as_sealed_stands_apart_and_may_be_left_out() -> None:
    # Classes made here: those of the rules were marked when their module was read.
    letter: Any = make_dataclass("Letter", [("name", str, sealed()), ("lines", tuple, sealed(()))])
    assert letter() == letter(name="", lines=())
    kind: Any = make_dataclass("Kind", [("name", str, sealed()), ("sent", date)], kw_only=True)
    assert codec.encode(kind(name="a name", sent=date(2026, 3, 2))) == (
        {"sent": "2026-03-02"},
        {"name": "a name"},
    )


def test_a_mapping_is_read_as_it_was_stored() -> None:
    room: Any = make_dataclass("Room", [("charge", Decimal)])
    house: Any = make_dataclass("House", [("rooms", Mapping[str, room])])
    value = house({"0120": room(Decimal("1.50")), "0450": room(Decimal("2.00"))})
    payload, sealed_part = codec.encode(value)
    assert payload == {"rooms": {"0120": {"charge": "1.50"}, "0450": {"charge": "2.00"}}}
    assert sealed_part == {}
    assert codec.decode(house, payload) == value


def test_nothing_sealed_is_no_sealed_part() -> None:
    payload, sealed_part = codec.encode(Address(city="Townsville"))
    assert (payload, sealed_part) == ({}, {"city": "Townsville"})
    assert codec.encode(Procedure(modifiers=("25",))) == ({"modifiers": ["25"]}, {})
    assert records.open_sealed(None) == (None, "")


def test_a_field_added_later_has_its_default() -> None:
    assert codec.decode(ClaimDocument, {"patient_control_number": "PCN-1"}) == ClaimDocument(
        patient_control_number="PCN-1"
    )


def test_amounts_dates_and_instants_are_text() -> None:
    hints = get_type_hints(NoteAdded)
    assert hints["salt"] is bytes
    payload, _ = codec.encode(professional())
    assert payload["total_charge"] == "150.00"
    assert payload["service_lines"][0]["service_from_date"] == "2026-02-10"
    assert codec.instant(datetime(2026, 3, 2, 9, tzinfo=UTC)) == "2026-03-02T09:00:00.000000Z"
    assert codec.parse_instant("2026-03-02T09:00:00.000000Z") == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_type_without_storage_format_is_an_error_of_ours() -> None:
    for build in (codec.encoder, codec.decoder):
        with pytest.raises(TypeError, match="no storage format"):
            build(complex)
