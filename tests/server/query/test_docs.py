"""docs/search.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from claimflow.v1 import options_pb2
from server.platform.redaction import Sight
from server.query.fields import FIELDS
from server.query.filters import DEPTH_MAX, LENGTH_MAX, TERMS_MAX, parse

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "search.md").read_text()
ROWS = {
    cells[0].strip(" `"): [cell.strip() for cell in cells[1:]]
    for line in TEXT.splitlines()
    if line.startswith("| `") and (cells := line.strip("|").split("|"))
}
EXAMPLES = re.findall(r"```\n(.*?)```", TEXT, re.S)[0].splitlines()


def test_every_field_is_listed_and_no_other() -> None:
    assert list(ROWS) == list(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_described_as_it_is(name: str) -> None:
    field, (values, phi, order, group, summed) = FIELDS[name], ROWS[name]
    assert options_pb2.PhiClass.Value(f"PHI_CLASS_{phi}") == field.phi
    assert [bool(order), bool(group), bool(summed)] == [
        field.sortable,
        field.groupable,
        field.summable,
    ]
    if field.values:
        assert set(values.split(", ")) == field.values


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_are_understood(example: str) -> None:
    assert parse(example, Sight(frozenset(range(7))))


def test_the_limits_are_those_of_the_code() -> None:
    assert f"{LENGTH_MAX:,} characters, {TERMS_MAX} conditions" in TEXT
    assert f"{DEPTH_MAX} levels" in TEXT
