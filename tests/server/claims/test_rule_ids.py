"""Every rule of domain.md is proven by name: its id stands in the name of a test."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[2]
RULES = {"E": 16, "M": 20, "C": 7, "W": 17, "K": 5, "R": 1, "X": 14}
IDS = [
    f"{kind}{number:02d}" if kind == "E" else f"{kind}{number}"
    for kind, count in RULES.items()
    for number in range(1, count + 1)
]


@cache
def names() -> frozenset[str]:
    """The words of all test functions' names, as in test_w1_w2_a_claim."""
    found: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                words = node.name.split("_")
                found |= set(words[1:]) if words[0] == "test" else set()
    return frozenset(found)


@pytest.mark.parametrize("rule", IDS)
def test_every_rule_is_proven_by_name(rule: str) -> None:
    proven = rule.lower() in names()
    assert proven, f"no test is named test_{rule.lower()}_…"


def test_no_test_names_a_rule_that_is_not_there() -> None:
    shaped = re.compile(r"e[0-9]{2}|[mcwkx][0-9]{1,2}|r1")
    named = {word for word in names() if shaped.fullmatch(word)}
    assert named <= {rule.lower() for rule in IDS}
