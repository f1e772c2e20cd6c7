"""Amounts, days and instants to and from the wire."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor

from claimflow.client import document, values
from claimflow.importers import generate, to_json_line
from claimflow.v1 import (
    claim_pb2,
    command_service_pb2,
    document_pb2,
    query_service_pb2,
    remittance_pb2,
)
from claimflow.v1.claim_pb2 import Claim
from claimflow.v1.document_pb2 import ClaimDocument


@pytest.mark.parametrize(
    ("value", "wire"),
    [(Decimal("125"), "125.00"), (3, "3.00"), ("7.5", "7.50"), (Decimal("-9.00"), "-9.00")],
)
def test_an_amount_has_two_decimals(value: Any, wire: str) -> None:
    assert values.money(value) == wire


@pytest.mark.parametrize("value", ["1.005", "NaN", "Infinity", "ten"])
def test_what_is_no_amount_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"decimals|finite|decimal number"):
        values.money(value)


@pytest.mark.parametrize("value", [f"{'9' * 30}.005", "1E-2000", "1E+999999999", "-1E999999999"])
def test_an_amount_of_any_length_is_exact_or_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"decimals|too large or too small"):
        values.money(value)
    assert values.money(f"{'9' * 30}.010") == f"{'9' * 30}.01"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"service_lines": [{"line_number": 2**40}]}, "service_lines[0].line_number"),
        ({"service_lines": [{"diagnosis_pointers": [1, 2**40]}]},
         "service_lines[0].diagnosis_pointers[1]"),
        ({"subscriber": {"last_name": "Doe\ud800"}}, "subscriber.last_name"),
        ({"notes": ["fine", "Doe\ud800"]}, "notes[1]"),
    ],
)  # fmt: skip
def test_what_a_field_cannot_hold_is_told_by_its_path_alone(fields: Any, path: str) -> None:
    with pytest.raises(ValueError, match="does not fit") as caught:
        document(fields)
    assert str(caught.value) == f"{path}: a value that does not fit"


def test_a_float_is_no_amount() -> None:
    with pytest.raises(TypeError, match="Decimal"):
        values.money(1.1)  # type: ignore[arg-type]


@pytest.mark.parametrize(("value", "wire"), [("2.500", "2.5"), (10, "10"), (Decimal("1E2"), "100")])
def test_a_quantity_has_no_idle_zeros(value: Any, wire: str) -> None:
    assert values.quantity(value) == wire


def test_a_document_is_built_from_python_values() -> None:
    built = document(
        {"total_charge": Decimal("5"), "subscriber": {"birth_date": date(1980, 1, 2)}},
        type="professional",
        service_lines=[{"line_number": 1, "charge": "5.00", "units": 1}],
    )
    assert built.type == document_pb2.CLAIM_TYPE_PROFESSIONAL
    assert (built.total_charge, built.service_lines[0].units) == ("5.00", "1")
    assert built.subscriber.birth_date.year == 1980


def test_what_to_python_gives_build_takes() -> None:
    claim = values.build(
        Claim,
        {
            "state": "PENDED",
            "version": 3,
            "receive_time": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            "receipt_date": date(2026, 1, 2),
            "document": {"total_charge": Decimal("10.00"), "diagnoses": [{"code": "E119"}]},
        },
    )
    plain = values.to_python(claim)
    assert values.build(Claim, plain) == claim
    assert plain["state"] == "PENDED"
    assert plain["document"]["total_charge"] == Decimal("10.00")
    assert plain["receive_time"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_names_of_json_are_taken_too() -> None:
    assert document({"totalCharge": "1.00"}).total_charge == "1.00"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"charge_total": "1"}, "charge_total"),
        ({"service_lines": [{}, {"cost": "1"}]}, r"service_lines\[1\].cost"),
        ({"total_charge": 1.5}, "total_charge"),
        ({"service_lines": {"charge": "1"}}, "service_lines"),
        ({"source": {"position": "first"}}, "source.position"),
    ],
)
def test_a_wrong_field_is_named_by_its_path(fields: Any, path: str) -> None:
    with pytest.raises(TypeError, match=f"^{path}: "):
        document(fields)


def test_an_error_never_holds_the_value() -> None:
    with pytest.raises(ValueError, match=r"^subscriber\.birth_date: ") as caught:
        document({"subscriber": {"birth_date": "19800102-secret"}})
    assert "secret" not in str(caught.value)


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        values.timestamp(datetime(2026, 1, 1))


def test_a_day_that_is_not_stated_is_none() -> None:
    assert values.to_date(ClaimDocument().onset_date) is None


MODULES = (document_pb2, claim_pb2, remittance_pb2, command_service_pb2, query_service_pb2)
AMOUNT_WORDS = {
    "allowed", "amount", "charge", "controversy", "deductible", "interest", "paid", "pocket",
    "recouped", "responsibility", "used",
}  # fmt: skip


def test_every_financial_text_with_two_decimals_is_known_as_an_amount() -> None:
    named = {
        field.name
        for module in MODULES
        for message in module.DESCRIPTOR.message_types_by_name.values()
        for field in message.fields
        if field.type == FieldDescriptor.TYPE_STRING and field.name.split("_")[-1] in AMOUNT_WORDS
    }
    assert named - values.QUANTITY_FIELDS <= values.AMOUNT_FIELDS
    assert named > {"amount_in_controversy", "deductible_used", "out_of_pocket"}


def test_amounts_of_the_later_workflow_are_decimals() -> None:
    plain = {
        "appeals": [{"amount_in_controversy": Decimal("12.50")}],
        "payment": {
            "interest": Decimal("0.07"),
            "overpayments": [{"amount": Decimal("9.00"), "recouped": Decimal("4.00")}],
        },
    }
    claim = values.build(Claim, plain)
    assert claim.payment.overpayments[0].recouped == "4.00"
    told = values.to_python(claim)
    assert told["appeals"][0]["amount_in_controversy"] == Decimal("12.50")
    assert told["payment"]["interest"] == Decimal("0.07")


def test_a_generated_line_of_json_is_a_document() -> None:
    generated = next(generate(1, seed=12))
    assert values.document(json.loads(to_json_line(generated))) == generated
