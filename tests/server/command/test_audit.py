"""The audit sees every slip that somebody with all rights could make in the tables."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
import pytest

from server.command.__main__ import main
from server.command.audit import audit
from server.command.engine import Engine
from tests.server.command.office import Office

OFF = "SET session_replication_role = replica"
LOOSE = "ALTER TABLE claimflow.{0} DISABLE TRIGGER USER"


@pytest.fixture
async def office(engine: Engine) -> Office:
    """Claims paid, voided, reopened; a remittance that failed; something open with the payee."""
    office = Office(engine)
    paid = await office.paid("80.00")
    await office.give(office.voiding(await office.paid("20.00")))
    failing = await office.decided("30.00")
    office.later(20)
    told = await office.give(office.remitting(failing, trace="T-FAILED"))
    await office.give(office.failing(told["remittance"], "T-FAILED"))
    await office.give(office.reopening(paid))
    return office


SLIPS = [
    ("W1", ["UPDATE claimflow.claim SET state = 'CLOSED' WHERE state = 'ACCEPTED'"]),
    ("W1", ["UPDATE claimflow.claim SET document = replace(document, '80.00', '81.00')"]),
    ("W1", ["DELETE FROM claimflow.claim WHERE state = 'ACCEPTED'"]),
    ("W3", ["UPDATE claimflow.claim_event SET actor = 'mallory' WHERE version = 3"]),
    (
        "W3",
        ["UPDATE claimflow.claim_event SET payload = replace(payload, '80.00', '81.00')"],
    ),
    ("W2", ["DELETE FROM claimflow.claim_event WHERE version = 3"]),
    ("M5", ["UPDATE claimflow.remittance SET amount = amount + 1, claims_paid = claims_paid + 1"]),
    ("M5", ["UPDATE claimflow.remittance_claim SET paid = paid + 1"]),
    ("W3", ["UPDATE claimflow.remittance SET payload = replace(payload, '80.00', '81.00')"]),
    ("M19", ["DELETE FROM claimflow.remittance_failure",
             "DELETE FROM claimflow.remittance_claim", "DELETE FROM claimflow.remittance"]),
    ("M18", ["DELETE FROM claimflow.payee_entry WHERE kind = 'REVERSAL'"]),
    ("R1", ["UPDATE claimflow.payee_entry SET taken_by = gen_random_uuid()"]),
    (
        "R1",
        ["INSERT INTO claimflow.payee_entry (tenant_id, entry_id, payee, kind, reference, amount,"
         " payload, request_id, opened_at) SELECT tenant_id, gen_random_uuid(), payee,"
         " 'OVERPAYMENT', 'X', 5, '{}', request_id, opened_at FROM claimflow.payee_entry"
         " LIMIT 1"],
    ),
    ("M5", ["UPDATE claimflow.payee_entry SET payload = replace(payload, '\"payer_id\":\"',"
            " '\"payer_id\":\"X') WHERE taken_by IS NOT NULL"]),
    (
        "M14",
        ["INSERT INTO claimflow.accumulator SELECT tenant_id, 'somebody', 'PLAN', 2026, 5, 5,"
         " now() FROM claimflow.claim LIMIT 1"],
    ),
]  # fmt: skip


def slip(database: str, statements: Sequence[str]) -> None:
    tables = ("claim_event", "remittance", "remittance_claim", "remittance_failure", "payee_entry")
    with psycopg.connect(database) as connection:
        connection.execute(OFF)
        for table in tables:
            connection.execute(LOOSE.format(table))
        for statement in statements:
            connection.execute(statement)


async def test_a_sound_store_is_proven(office: Office, database: str) -> None:
    report = audit(database)

    assert report.problems == []
    assert report.states == {"ACCEPTED": 1, "VOIDED": 1, "APPROVED": 1}
    assert (report.remittances, report.failed_remittances, report.open_entries) == (3, 1, 1)
    assert str(report.paid) == "100.00"


@pytest.mark.parametrize(
    ("rule", "statements"), SLIPS, ids=[f"{n}-{s[0]}" for n, s in enumerate(SLIPS)]
)
async def test_a_slip_is_named_by_its_rule(
    office: Office, database: str, rule: str, statements: Sequence[str]
) -> None:
    slip(database, statements)

    report = audit(database)

    assert rule in {problem.rule for problem in report.problems}


async def test_the_word_prints_figures_and_its_verdict(
    office: Office,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)

    assert main(["audit"]) == 0
    told = capsys.readouterr().out
    assert "paid 100.00 by 3 remittances" in told
    assert told.endswith("every chain, fold, balance, payment and limit holds\n")

    slip(database, SLIPS[0][1])
    assert main(["audit"]) == 1
    assert "1 things do not hold" in capsys.readouterr().out
