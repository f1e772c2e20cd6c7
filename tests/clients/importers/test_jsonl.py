"""JSON lines: there and back, as the general conversion would, and lines that do not fit."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from claimflow.importers import IMPORTERS, detect, from_json_line, generate, to_json_line
from claimflow.v1.document_pb2 import ClaimDocument
from tests.clients.importers.support import records

_SCALARS = {
    FieldDescriptor.TYPE_STRING: st.text(max_size=5),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_INT64: st.integers(-(2**63), 2**63 - 1),
}


def values(field: FieldDescriptor) -> st.SearchStrategy[object]:
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values])
    if field.message_type is not None:
        return arguments(field.message_type)
    return _SCALARS[field.type]


def arguments(descriptor: Descriptor) -> st.SearchStrategy[dict[str, object]]:
    fields = {
        field.name: st.lists(values(field), max_size=2) if field.is_repeated else values(field)
        for field in descriptor.fields
    }
    return st.fixed_dictionaries({}, optional=fields)


CLAIMS = arguments(ClaimDocument.DESCRIPTOR).map(lambda kwargs: ClaimDocument(**kwargs))  # type: ignore[arg-type]


@given(claim=CLAIMS)
def test_any_claim_goes_there_and_back(claim: ClaimDocument) -> None:
    line = to_json_line(claim)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert from_json_line(line) == claim


@given(claim=CLAIMS)
def test_the_line_is_proto3_json(claim: ClaimDocument) -> None:
    general: Message = json_format.Parse(to_json_line(claim), ClaimDocument())
    assert general == claim
    assert json.loads(to_json_line(claim)) == json_format.MessageToDict(claim)


@given(line=st.binary(max_size=60))
def test_bytes_that_are_no_claim_are_a_value_error(line: bytes) -> None:
    try:
        from_json_line(line)
    except ValueError as error:
        assert str(error)


def test_names_and_numbers_of_other_writers_are_taken_as_well() -> None:
    line = b'{"patient_control_number": "A", "type": 1, "source": {"position": 7}}'
    claim = from_json_line(line)
    assert (claim.patient_control_number, claim.type, claim.source.position) == ("A", 1, 7)


BAD = {
    "syntax": (b'{"a": ', "not JSON, column 6"),
    "array": (b"[1]", "not a JSON object"),
    "text": (b'"\xff"', "not UTF-8 text"),
    "field": (b'{"totalCharge": {"SMITH": 1}}', "totalCharge does not fit"),
    "unknown": (b'{"SMITH": "JANE"}', "1 unknown field"),
    "enum": (b'{"type": "SMITH"}', "type does not fit"),
    "surrogate": (b'{"totalCharge": "\\ud800"}', "totalCharge does not fit"),
    "inner": (
        b'{"serviceLines": [{"SMITH": 1}], "x": 1}', "serviceLines does not fit, 1 unknown field",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_line_is_told_without_its_values(tmp_path: Path, kind: str) -> None:
    line, problem = BAD[kind]
    good = to_json_line(ClaimDocument(patient_control_number="A"))
    path = tmp_path / "claims.jsonl"
    path.write_bytes(good + b"\n" + line + b"\n" + good)
    read = records(path)
    assert [(record.position, record.where, record.problem) for record in read] == [
        (1, "claims.jsonl line 1", None),
        (2, "claims.jsonl line 3", problem),
        (3, "claims.jsonl line 4", None),
    ]


def test_a_line_that_is_too_long_is_told_and_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claimflow.importers._jsonl.LINE_BYTES_MAX", 100)
    content = io.BytesIO(b"x" * 350 + b"\n" + b'{"totalCharge":"1.00"}\n')
    long, good = IMPORTERS["jsonl"].records(content)
    assert long.problem == "longer than 100 bytes"
    assert good.document is not None and good.where == "standard input line 2"


def test_a_byte_order_mark_may_begin_a_file_and_its_bytes_are_no_blanks(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    path.write_bytes(b"\xef\xbb\xbf\n" + b'{"type": 1}\n' + b"\xbf\n")
    assert [(record.where, record.problem) for record in IMPORTERS["jsonl"].records(path)] == [
        ("claims.jsonl line 2", None), ("claims.jsonl line 3", "not UTF-8 text"),
    ]  # fmt: skip
    assert detect(path).name == "jsonl"


def test_going_on_after_a_position_gives_the_same_rest(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    path.write_bytes(b"".join(map(to_json_line, generate(20))))
    whole = records(path)
    assert len(whole) == detect(path).count(path) == 20
    assert list(detect(path).records(path, start_after=13)) == whole[13:]
