"""docs/faults.md is true: every fault is in it, and every test that it names exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = "docs/faults.md"
REQUIRED = {
    f"F{number}"
    for numbers in (range(1, 7), range(18, 26), range(38, 50), (76, 77), range(81, 87))
    for number in numbers
}
_ROW = re.compile(r"^\| (F\d+) \|.*\| ([^|]+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> list[tuple[str, str]]:
    """Return each fault with what stands in the last column."""
    return _ROW.findall((ROOT / PAGE).read_text())


def names_in(file: Path) -> set[str]:
    """Return the names of the tests of a file."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = {one.name for one in ast.walk(ast.parse(file.read_text())) if isinstance(one, kinds)}
    return {name for name in found if name.startswith("test_")}


def test_every_fault_stands_in_the_table_once() -> None:
    faults = [fault for fault, _ in rows()]
    assert sorted(faults) == sorted(REQUIRED)


@pytest.mark.parametrize(("fault", "last"), rows(), ids=[fault for fault, _ in rows()])
def test_a_fault_has_tests_that_exist_or_a_reason(fault: str, last: str) -> None:
    named = _TEST.findall(last)
    if not named:
        assert re.fullmatch(r"no test: \w.{15,}", last), fault
    for file, test in named:
        assert test in names_in(ROOT / file), f"{fault}: {file}::{test}"


def named_after_faults() -> Iterator[tuple[str, str, str]]:
    """Return the tests beside this one that say in their names which faults they are about."""
    for file in sorted(Path(__file__).resolve().parent.glob("test_faults_*.py")):
        for test in names_in(file):
            numbers = re.match(r"test_((?:f\d+_)+)", test)
            for number in re.findall(r"f(\d+)_", numbers.group(1)) if numbers else ():
                if f"F{number}" in REQUIRED:
                    yield f"F{number}", str(file.relative_to(ROOT)), test


def test_a_test_that_is_named_after_a_fault_stands_in_its_row() -> None:
    named = {(fault, *one) for fault, last in rows() for one in _TEST.findall(last)}
    assert sorted(set(named_after_faults()) - named) == []
