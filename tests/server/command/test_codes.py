"""Code tables: loaded whole or not at all, dated, and seen by a running engine."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import psycopg
import pytest

from server.command import reference
from server.command.__main__ import main
from server.command.codes import load_codes
from server.command.files import BadFile
from server.command.reference import Reference
from tests.server.command.support import asked, count, rows, running, submission


def written(folder: Path, text: str) -> Path:
    file = folder / "codes.csv"
    file.write_text(text)
    return file


async def loaded(database: str) -> Reference:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        return await reference.load(connection)


async def test_codes_are_valid_on_their_days(database: str, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "code,billable,start_date,end_date\n"
        "J02.9,true,2020-10-01,\nJ02,false,2020-10-01,\nA000,yes,,2021-09-30\n",
    )

    done = load_codes(database, "ICD_10_CM", file)

    assert (done.rows_read, done.codes_loaded, done.not_billable) == (3, 2, 1)
    codes = (await loaded(database)).codes
    today = date(2026, 1, 5)
    assert codes.valid("ICD_10_CM", "J029", today) is True
    assert codes.valid("ICD_10_CM", "J029", date(2020, 9, 30)) is False
    assert codes.valid("ICD_10_CM", "A000", date(2021, 9, 30)) is True
    assert codes.valid("ICD_10_CM", "A000", today) is False
    assert codes.valid("ICD_10_CM", "J02", today) is False
    assert codes.valid("ICD_9_CM", "4660", today) is None


async def test_a_load_is_seen_by_a_running_engine(database: str, tmp_path: Path) -> None:
    async with running(database) as engine:
        before = await engine.submit(asked(submission()))
        load_codes(database, "ICD_10_CM", written(tmp_path, "code\nA000\n"))
        after = await engine.submit(asked(submission()))

    assert json.loads(before.reply)["state"] == "ACCEPTED"
    assert json.loads(after.reply)["state"] == "REJECTED"


def test_every_bad_row_is_named_and_nothing_is_loaded(database: str, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "code,billable,valid_from,valid_to\n"
        "A000,true,2020-01-01,\nA-1,true,,\nA001,perhaps,,\nA002,true,01/02/2020,\n"
        "A003,true,2021-01-01,2020-01-01\n",
    )

    with pytest.raises(BadFile) as refused:
        load_codes(database, "ICD_10_CM", file)

    assert [one.partition(":")[0] for one in refused.value.problems] == [
        "line 3",
        "line 4",
        "line 5",
        "line 6",
    ]
    assert count(database, "code_value") == 0


def test_a_file_can_replace_or_add(database: str, tmp_path: Path) -> None:
    load_codes(database, "POS", written(tmp_path, "code\n11\n21\n"))
    load_codes(database, "POS", written(tmp_path, "code\n22\n"))
    assert count(database, "code_value") == 3

    load_codes(database, "POS", written(tmp_path, "code\n22\n"), replace=True)

    assert [row["code"] for row in rows(database, "SELECT code FROM claimflow.code_value")] == [
        "22"
    ]


def test_the_operators_words_print_what_they_did(
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    file = written(tmp_path, "code,valid_from\nN30,\nN31,2020-01-01\n")

    assert main(["load-codes", "RARC", str(file), "--valid-from", "2000-01-01"]) == 0
    assert main(["migrate"]) == 0
    assert main(["set-policy", "00000000-0000-0000-0000-00000000000a", "sandbox"]) == 0
    assert main(["set-policy", "00000000-0000-0000-0000-00000000000a", "nowhere"]) == 1
    assert main(["purge-receipts", "--older-than-days", "1"]) == 0

    printed = capsys.readouterr()
    assert "RARC: 2 codes loaded of 2 rows" in printed.out
    assert "nowhere" in printed.err


def test_without_a_database_the_words_say_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)

    assert main(["migrate"]) == 2
    assert "DATABASE_URL" in capsys.readouterr().err
