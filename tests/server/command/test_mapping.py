"""Both sides of the border: names, numbers and reasons agree."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, get_args, get_type_hints
from uuid import RFC_4122, UUID, uuid4

import pytest

from claimflow.v1 import claim_pb2, document_pb2, errors_pb2
from claimflow.v1 import command_service_pb2 as wire
from server.claims import document, model
from server.claims.document import Address, ClaimDocument
from server.claims.model import Finding, Severity
from server.claims.refusals import Refusal
from server.command.arrays import Dates, Moments, Texts, Uuids
from server.command.builders import submission
from server.command.errors import REASONS
from server.command.ids import Ids
from server.command.mapping import BUILDERS, payload_hash
from server.command.replies import with_token
from server.command.requests import Trouble
from server.command.shape import Invalid, Shape, read, tree


def classes_of(kind: Any, found: set[Any]) -> set[Any]:
    found.add(kind)
    for hint in get_type_hints(kind).values():
        for one in (hint, *get_args(hint)):
            if is_dataclass(one) and one not in found:
                classes_of(one, found)
    return found


@pytest.mark.parametrize("kind", sorted(classes_of(ClaimDocument, set()), key=str))
def test_the_documents_classes_have_the_fields_of_its_messages(kind: Any) -> None:
    message = getattr(document_pb2, kind.__name__).DESCRIPTOR
    assert {one.name for one in fields(kind)} == {one.name for one in message.fields}


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        (document.ClaimType, document_pb2.ClaimType),
        (document.CodeSystem, document_pb2.CodeSystem),
        (document.TaxIdType, document_pb2.TaxIdType),
        (document.DiagnosisQualifier, document_pb2.DiagnosisQualifier),
        (model.InformationParty, claim_pb2.InformationParty),
        (model.NoteKind, claim_pb2.NoteKind),
        (model.Severity, claim_pb2.EditSeverity),
    ],
)
def test_enums_list_the_same_members_in_the_same_order(kind: type[Enum], numbers: Any) -> None:
    ours = [one.name for one in kind if one.name != "UNSPECIFIED"]
    theirs = [name for name, number in numbers.items() if number]
    prefix = theirs[0][: len(theirs[0]) - len(ours[0])]
    assert theirs == [prefix + name for name in ours]


def test_a_document_survives_both_conversions() -> None:
    message = document_pb2.ClaimDocument(
        type=document_pb2.CLAIM_TYPE_INSTITUTIONAL,
        total_charge="125.00",
        subscriber={
            "last_name": "Ω'Neil",
            "birth_date": {"year": 1900, "month": 2, "day": 28},
            "address": {"lines": ["1 Main St", "Apt 2"], "postal_code": "12345"},
        },
        service_lines=[
            {
                "line_number": 1,
                "units": "1.125",
                "charge": "125.00",
                "emergency": True,
                "diagnosis_pointers": [1, 2],
                "prior_payer_lines": [
                    {"adjustments": [{"group_code": "CO", "amount": "-9.00", "quantity": "1"}]}
                ],
            }
        ],
        value_codes=[{"code": "80", "amount": "0.00"}],
    )
    shape = Shape()

    value = read(ClaimDocument, message, "", shape)

    shape.done()
    assert value.total_charge == Decimal("125.00")
    assert value.subscriber is not None and value.subscriber.birth_date == date(1900, 2, 28)
    assert document_pb2.ClaimDocument(**tree(value)) == message


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.0", "1.000", "01.00", "+1.00", "1e2", "NaN", "\u0661.00", " 1.00", "1,000.00",
     "123456789012.00"],
)  # fmt: skip
def test_m1_an_amount_has_two_decimals_and_nothing_else(text: str) -> None:
    shape = Shape()
    shape.amount("paid", text)
    with pytest.raises(Invalid):
        shape.done()


@pytest.mark.parametrize(
    "day", [(0, 1, 1), (2026, 0, 1), (2026, 2, 29), (1700, 1, 1), (9999, 1, 1)]
)
def test_f37_a_day_is_of_the_calendar_and_of_our_time(day: tuple[int, int, int]) -> None:
    shape = Shape()
    message = document_pb2.ClaimDocument()
    message.accident_date.year, message.accident_date.month, message.accident_date.day = day
    read(ClaimDocument, message, "document", shape)
    assert [path for path, _ in shape.problems] == ["document.accident_date"]


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "a\x7fb", "a\x85b"])
def test_control_characters_are_refused_in_short_texts(text: str) -> None:
    shape = Shape()
    shape.text("name", text)
    assert shape.problems


def test_lists_have_a_maximum_and_items_their_place() -> None:
    message = document_pb2.ClaimDocument(
        condition_codes=["01"] * 21, diagnoses=[{"code": "J029"}, {"code": "x" * 81}]
    )
    shape = Shape()
    read(ClaimDocument, message, "documents[3]", shape)
    assert {path for path, _ in shape.problems} == {
        "documents[3].condition_codes",
        "documents[3].diagnoses[1].code",
    }


def test_d4_every_refusal_and_trouble_has_a_reason_of_its_name() -> None:
    assert set(REASONS) == {*Refusal, *Trouble}
    for one, number in REASONS.items():
        assert errors_pb2.ErrorReason.Name(number) == f"ERROR_REASON_{one.value}"


def test_d4_every_reason_of_the_rules_is_a_refusal() -> None:
    queries_own = {"VERSION_NOT_FOUND", "OUTCOME_NOT_FOUND"}
    of_rules = {
        name.removeprefix("ERROR_REASON_")
        for name, number in errors_pb2.ErrorReason.items()
        if 20 <= number < 90
    }
    assert of_rules - queries_own <= {one.value for one in Refusal}


def test_every_command_of_the_contract_is_mapped() -> None:
    service = wire.DESCRIPTOR.services_by_name["CommandService"]
    commands = {
        method.name
        for method in service.methods
        if "validate_only" in method.input_type.fields_by_name
    }
    assert set(BUILDERS) == commands


def test_w9_the_hash_of_a_request_leaves_its_id_out_and_nothing_else() -> None:
    def hashed(actor: str = "eve", **changes: Any) -> bytes:
        fields_of = {"claim_id": "c", "kind": 1, "text": "t", "request_id": "r"}
        return payload_hash("/m", actor, wire.AddNoteRequest(**{**fields_of, **changes}))

    assert hashed() == hashed(request_id="other")
    others = [hashed("bob"), hashed(text="u"), hashed(validate_only=True), hashed(claim_id="d")]
    assert len({hashed(), *others}) == 5


def test_an_appended_token_is_merged_into_the_receipt() -> None:
    reply = wire.AddNoteResponse(receipt={"request_id": "r", "version": 3})

    merged = wire.AddNoteResponse.FromString(with_token(reply.SerializeToString(), "t" * 200))

    assert (merged.receipt.request_id, merged.receipt.version) == ("r", 3)
    assert merged.receipt.consistency_token == "t" * 200


def test_ids_ascend_also_when_the_clock_steps_back() -> None:
    times = iter([1000, 1000, 999, 1001, *([1001] * 5000)])
    ids = Ids(lambda: next(times))

    made = [ids.new() for _ in range(5000)]

    assert made == sorted(made) and len(set(made)) == len(made)
    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}


async def test_typed_arrays_arrive_as_they_were_sent(postgres_url: str) -> None:
    import psycopg

    from server.command.arrays import register

    moment = datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    sent: list[tuple[type[Any], list[Any], str]] = [
        (Uuids, [UUID(int=1), None], "uuid[]"),
        (Texts, ["", "Ω", None], "text[]"),
        (Texts, [], "text[]"),
        (Moments, [moment, None], "timestamptz[]"),
        (Dates, [date(1800, 1, 1), date(2199, 12, 31)], "date[]"),
    ]
    async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
        register(connection)
        for kind, values, name in sent:
            cursor = await connection.execute(f"SELECT %b::{name}", (kind(values),))
            assert await cursor.fetchone() == (values,)


def test_a_finding_keeps_its_severity() -> None:
    finding = Finding(edit_id="E01", severity=Severity.WARN, field_path="p", message="m")
    assert claim_pb2.Finding(**tree(finding)).severity == claim_pb2.EDIT_SEVERITY_WARN


def test_empty_nested_values_stay_absent() -> None:
    assert tree(Address()) == {}


def test_lines_that_cannot_be_told_apart_are_refused() -> None:
    lines = [{"line_number": 1}, {"line_number": 1}, {}]
    message = document_pb2.ClaimDocument(service_lines=lines)
    shape = Shape()
    common = {"actor": "a", "role": "SUBMITTER", "now": datetime.now(UTC)}
    submission(message, "document", shape, common, uuid4())
    assert [path for path, _ in shape.problems] == [
        "document.service_lines[1].line_number",
        "document.service_lines[2].line_number",
    ]
