"""A bad file is told in lines that name it, and nothing of it is loaded; never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from server.command.__main__ import main
from server.command.files import BadFile, json_tree
from server.command.loads import DEMO
from tests.server.command.support import count

FEES = "schedule_id,code,modifier,category,amount,effective_from,effective_to\n"
FEE = "A,99213,,X,1.00,2026-01-01,\n"
PAIRS = "Column 1,Column 2,*,Effective Date,Deletion Date,Modifier,Rationale\n"
UNITS = "HCPCS/CPT Code,MUE Values,MUE Adjudication Indicator,Rationale\n"
TENANT = "00000000-0000-0000-0000-00000000000a"
WORDS: dict[str, Callable[[str], list[str]]] = {
    "load-codes": lambda file: ["load-codes", "POS", file],
    "load-fees": lambda file: ["load-fees", file],
    "load-plans": lambda file: ["load-plans", file],
    "load-coverage": lambda file: ["load-coverage", TENANT, file],
    "load-ptp": lambda file: ["load-ptp", file],
    "load-mue": lambda file: ["load-mue", file, "--effective-from=2026-01-01"],
    "load-policy": lambda file: [
        "load-policy", "own", file, "--effective-from=2026-01-01", "--reason=a test",
    ],
}  # fmt: skip
LOADED = ("code_value", "fee", "fee_schedule", "plan", "coverage", "ptp_pair", "mue_limit")

# Word, what the file holds, and the line that tells what is wrong with it.
BAD: list[tuple[str, bytes, str]] = [
    ("load-codes", b"", "line 1: the header must name a column `code`"),
    ("load-codes", b"code\n", "line 1: there are no rows below the header"),
    ("load-codes", b"code,code\n11,12\n", "line 1: the header names the column `code` twice"),
    ("load-codes", b"code\n11\n\xff\n", "line 3: this is no text in UTF-8"),
    ("load-codes", b"code,billable\n11\n", "line 2: values are missing"),
    ("load-codes", b"code\n11\n12,13\n", "line 3: there are more values than columns"),
    ("load-codes", b"code\n11\n\"12\n13\n", "line 4: this is no CSV"),
    ("load-codes", b"code,valid_to\n11,2026-02-30\n", "line 2: a day must be written as"),
    (
        "load-codes",
        b"code,valid_from,valid_to\n11,2026-01-01,\n11,2026-01-01,2027-01-01\n",
        "line 3: the code stands here twice with the same first day",
    ),
    ("load-fees", (FEES + FEE + FEE).encode(), "line 3: the same row stands here twice"),
    ("load-fees", (FEES + FEE).encode("utf-16"), "line 1: this is no text in UTF-8"),
    ("load-coverage", b"member_id\nM1\n", "line 1: the header must name a column `plan_id`"),
    ("load-plans", b"\xff[]", "line 1: this is no text in UTF-8"),
    ("load-plans", b"[\n{]", "line 2: "),
    ("load-plans", b"[" * 100_000, "line 1: this is no JSON that can be read"),
    ("load-plans", b'[{"a": 1, "a": 2}]', "line 1: the field 'a' stands twice in one object"),
    ("load-plans", b'[{"a": NaN}]', "line 1: NaN is no number"),
    ("load-policy", b"{", "line 1: "),
    ("load-policy", b"[]", "policy: must be an object"),
    ("load-ptp", b"", "line 1: there is no header 'column1'"),
    ("load-ptp", (PAIRS + "9" * 140_000 + "\n").encode(), "line 2: this is no CSV"),
    ("load-mue", (UNITS + "99213,one,1,\n").encode(), "line 2: the MUE value must be a whole num"),
]  # fmt: skip


@pytest.fixture
def tables(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database that the words are about."""
    monkeypatch.setenv("DATABASE_URL", database)
    return database


def test_a_bad_file_is_told_by_name_and_line_and_nothing_is_loaded(
    tables: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = count(tables, "policy")
    for number, (word, data, problem) in enumerate(BAD):
        file = tmp_path / f"bad{number}"
        file.write_bytes(data)

        assert main(WORDS[word](str(file))) == 1, (word, problem)

        printed = capsys.readouterr()
        first, last = printed.err.splitlines()
        assert first.startswith(f"{file}: {problem}")
        assert (last, printed.out) == ("nothing is loaded", "")
    assert {table: count(tables, table) for table in LOADED} == dict.fromkeys(LOADED, 0)
    assert count(tables, "policy") == before


@pytest.mark.parametrize("word", WORDS)
def test_a_file_that_is_not_there_or_none_is_told(
    tables: str, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file, problem in (
        (tmp_path / "nowhere", "No such file or directory"),
        (tmp_path, "Is a directory"),
    ):
        assert main(WORDS[word](str(file))) == 1
        told = capsys.readouterr().err.splitlines()
        assert told == [f"{file}: {problem}", "nothing is loaded"]


def test_of_many_bad_rows_the_first_are_told_and_the_rest_counted(
    tables: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("code\n" + "-\n" * 25)

    assert main(["load-codes", "POS", str(file)]) == 1

    told = capsys.readouterr().err.splitlines()
    assert len(told) == 22
    assert told[19].startswith(f"{file}: line 21: ")
    assert told[20] == f"{file}: and 5 more"


def test_a_day_from_the_word_is_held_against_the_rows(
    tables: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("code,valid_to\n11,2020-12-31\n")

    assert main(["load-codes", "POS", str(file), "--valid-from=2021-01-01"]) == 1

    assert "line 2: the last day is before the first" in capsys.readouterr().err


def test_a_database_that_cannot_be_used_is_told_without_its_words(
    fresh_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("code\n11\n")
    words = (WORDS["load-codes"](str(file)), ["audit"], ["set-policy", TENANT, "strict"])

    monkeypatch.setenv("DATABASE_URL", fresh_database)
    for word in words:
        assert main(word) == 1
        assert "migrate it first" in capsys.readouterr().err
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/claims?connect_timeout=2")
    for word in words:
        assert main(word) == 1
        assert capsys.readouterr().err == "the database cannot be used: OperationalError\n"


def test_a_demonstration_that_was_loaded_in_part_is_completed(tables: str) -> None:
    assert main(["load-fees", str(DEMO / "fees.csv")]) == 0

    assert main(["load-demo"]) == 0
    loaded = {table: count(tables, table) for table in ("plan", "ptp_pair", "mue_limit")}
    assert all(loaded.values())

    with psycopg.connect(tables) as connection:
        connection.execute("DELETE FROM claimflow.plan")
    assert main(["load-demo"]) == 0  # an operator has taken them away, and they stay away
    assert count(tables, "plan") == 0


def test_json_is_read_as_every_reader_would(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_text(json.dumps({"a": [1, {"b": "\u00e9"}]}), "utf-8-sig")
    assert json_tree(file) == {"a": [1, {"b": "\u00e9"}]}

    file.write_text("[" + "9" * 5000 + "]")
    with pytest.raises(BadFile):
        json_tree(file)
