"""No role sees a class it lacks, in no message (P15)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from claimflow.v1 import claim_pb2, command_service_pb2, options_pb2, query_service_pb2
from server.platform.contract import phi_class
from server.platform.redaction import SIGHT, classes_in, redact, sight_of

ROLES = [value.number for value in options_pb2.Role.DESCRIPTOR.values if value.number]
SERVICES = (
    command_service_pb2.DESCRIPTOR.services_by_name["CommandService"],
    query_service_pb2.DESCRIPTOR.services_by_name["QueryService"],
)
SOMETHING = {
    FieldDescriptor.TYPE_STRING: "Canary",
    FieldDescriptor.TYPE_BYTES: b"Canary",
    FieldDescriptor.TYPE_BOOL: True,
}
TYPES = sorted(
    {
        kind.full_name
        for service in SERVICES
        for method in service.methods
        for kind in (method.input_type, method.output_type)
    }
)


def filled(descriptor: Descriptor, chance: random.Random) -> Message:
    """Return a message of this type with nearly every field set to something."""
    message = message_factory.GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if chance.random() < 0.05:
            continue
        here: Any = getattr(message, field.name)
        if field.message_type is not None:
            many = [here.add() for _ in range(2)] if field.is_repeated else [here]
            for one in many:
                one.SetInParent()
                one.MergeFrom(filled(field.message_type, chance))
        elif field.is_repeated:
            here.extend([something(field), something(field)])
        else:
            setattr(message, field.name, something(field))
    return message


def something(field: FieldDescriptor) -> Any:
    if field.enum_type is not None:
        return field.enum_type.values[-1].number
    return SOMETHING.get(field.type, 1)


def present(message: Message) -> Iterator[FieldDescriptor]:
    """Yield every field that holds something, inner ones too."""
    for field, value in message.ListFields():
        yield field
        if field.message_type is not None and not field.message_type.full_name.startswith("google"):
            for one in value if field.is_repeated else (value,):
                yield from present(one)


def kind_of(name: str) -> Descriptor:
    found: Descriptor = descriptor_pool.Default().FindMessageTypeByName(name)
    return found


@pytest.mark.parametrize("role", ROLES, ids=lambda role: options_pb2.Role.Name(role))
@pytest.mark.parametrize("break_glass", [False, True])
def test_no_field_of_a_class_that_the_role_lacks_survives(role: int, break_glass: bool) -> None:
    roles = frozenset({role})
    sight = sight_of(roles, break_glass)
    chance = random.Random(role)

    def hidden(field: FieldDescriptor) -> bool:
        phi = phi_class(field)
        return bool(phi) and phi not in sight.classes and field.full_name not in sight.also

    for name in TYPES:
        message = filled(kind_of(name), chance)
        before = {field.full_name: field for field in present(message)}

        redact(message, roles, break_glass)

        left = {field.full_name: field for field in present(message)}
        assert [one for one in left if hidden(left[one])] == []
        # And nothing else is lost.
        lost = before.keys() - left.keys()
        assert [one for one in lost if not hidden(before[one])] == []


def test_every_role_has_its_sight() -> None:
    assert set(SIGHT) == set(ROLES)


def test_paths_of_what_was_taken_out_stand_in_the_nearest_claim() -> None:
    claim = claim_pb2.Claim(claim_number="C-1", notes=[{"text": "a"}, {"text": "b"}])
    claim.document.service_lines.add(charge="1.00", procedure={"code": "99213"})
    reply = query_service_pb2.SearchClaimsResponse(claims=[claim])

    redact(reply, frozenset({options_pb2.ROLE_ANALYST}))

    assert set(reply.claims[0].redacted_fields) == {
        "claim_number",
        "document.service_lines[0].charge",
        "document.service_lines[0].procedure.code",
        "notes[0].text",
        "notes[1].text",
    }


def test_what_was_empty_is_not_named() -> None:
    claim = claim_pb2.Claim(claim_id="1")

    redact(claim, frozenset({options_pb2.ROLE_ANALYST}))

    assert list(claim.redacted_fields) == []


def test_finance_sees_money_names_and_member_numbers_but_no_diagnosis() -> None:
    claim = claim_pb2.Claim()
    person = claim.document.subscriber
    person.member_id, person.last_name, person.sex_code = "M1", "Canary", "F"
    claim.document.total_charge = "1.00"
    claim.document.diagnoses.add(code="J029")

    redact(claim, frozenset({options_pb2.ROLE_FINANCE}))

    assert (person.member_id, person.last_name, person.sex_code) == ("M1", "Canary", "")
    assert claim.document.total_charge == "1.00"
    assert claim.document.diagnoses[0].code == ""


def test_a_medical_reviewer_sees_charges_and_no_other_money() -> None:
    claim = claim_pb2.Claim()
    claim.document.service_lines.add(charge="1.00")
    claim.adjudication.lines.add(charge="1.00", paid="0.50")

    redact(claim, frozenset({options_pb2.ROLE_MEDICAL_REVIEWER}))

    assert claim.document.service_lines[0].charge == "1.00"
    assert claim.adjudication.lines[0].charge == "1.00"
    assert claim.adjudication.lines[0].paid == ""


def test_an_auditor_sees_identifiers_with_a_reason_only() -> None:
    auditor = frozenset({options_pb2.ROLE_AUDITOR})

    assert options_pb2.PHI_CLASS_DIRECT_ID not in sight_of(auditor).classes
    assert options_pb2.PHI_CLASS_DIRECT_ID in sight_of(auditor, True).classes


def test_a_reason_opens_nothing_to_others() -> None:
    for role in ROLES:
        if role != options_pb2.ROLE_AUDITOR:
            assert sight_of(frozenset({role}), True) == sight_of(frozenset({role}))


def test_several_roles_see_what_each_sees() -> None:
    both = sight_of(frozenset({options_pb2.ROLE_FINANCE, options_pb2.ROLE_MEDICAL_REVIEWER}))

    assert {options_pb2.PHI_CLASS_FINANCIAL, options_pb2.PHI_CLASS_CLINICAL} <= both.classes


def test_the_classes_that_a_reply_may_release_are_those_it_has_and_the_caller_sees() -> None:
    analyst = sight_of(frozenset({options_pb2.ROLE_ANALYST}))

    found = classes_in(kind_of("claimflow.v1.Claim"), analyst)

    assert found == {options_pb2.PHI_CLASS_PUBLIC, options_pb2.PHI_CLASS_OPERATIONAL}
