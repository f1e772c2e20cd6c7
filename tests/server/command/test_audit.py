"""The audit sees every slip that somebody with all rights could make in the tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
import pytest

from server.command.__main__ import main
from server.command.audit import audit, lines_of
from server.command.engine import Engine
from tests.server.command.office import Office
from tests.server.command.support import rows

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
    ("M5", ["INSERT INTO claimflow.provider_adjustment (tenant_id, remittance_id, position,"
            " reason_code, reference, amount) SELECT tenant_id, remittance_id, 99, 'WO', 'X', 5"
            " FROM claimflow.remittance LIMIT 1"]),
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
    ("W1", ["DELETE FROM claimflow.claim"]),  # the tenant is known by its events
    ("M19", ["DELETE FROM claimflow.remittance_failure"]),
    ("W5", ["UPDATE claimflow.policy SET body = replace(body, '\"EXAMINER\":\"5000.00\"',"
            " '\"EXAMINER\":\"29.99\"')"]),
    ("W5", ["UPDATE claimflow.policy SET body = replace(body,"
            " '{\"approvals\":0,\"basis_from\":\"0.00\",\"roles\":[]}',"
            " '{\"approvals\":1,\"basis_from\":\"0.00\",\"roles\":[\"APPROVER\"]}')"]),
    ("W5", ["UPDATE claimflow.claim_event SET policy_version = 9999 WHERE version = 3"]),
    ("W5", ["UPDATE claimflow.policy SET body = '{'"]),
    (
        "M14",
        ["INSERT INTO claimflow.accumulator SELECT tenant_id, 'somebody', 'PLAN', 2026, 5, 5,"
         " now() FROM claimflow.claim LIMIT 1"],
    ),
]  # fmt: skip


def slip(database: str, statements: Sequence[str]) -> None:
    tables = (
        "claim_event", "remittance", "remittance_claim", "remittance_failure", "payee_entry",
        "policy",
    )  # fmt: skip
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


APPROVED = "WHERE event_type = 'ApprovalGranted'"
EYES = [
    f"UPDATE claimflow.claim_event SET role = 'SUPERVISOR', policy_version = 9999 {APPROVED}",
    f"UPDATE claimflow.claim_event SET role = 'EXAMINER' {APPROVED}",
    f"UPDATE claimflow.claim_event SET actor = 'sue' {APPROVED}",
    "UPDATE claimflow.claim_event SET payload = replace(payload, '\"approvals_needed\":1',"
    " '\"approvals_needed\":0') WHERE event_type = 'AdjudicationRecorded'",
    "UPDATE claimflow.claim_event SET payload = replace(payload, '6000.00', '6000.01')"
    " WHERE event_type = 'AdjudicationRecorded'",
    "UPDATE claimflow.policy SET body = replace(body, '250000.00', '5999.99')",
    'UPDATE claimflow.policy SET body = replace(body, \'"APPROVER","SUPERVISOR"\','
    " '\"SUPERVISOR\"')",
]


async def test_w5_who_approved_what_is_worked_out_from_policy_and_events(
    engine: Engine, database: str
) -> None:
    office = Office(engine)
    claim_id = UUID((await office.submit("6000.00"))["claim"])
    await office.give(office.paying(claim_id, "6000.00", "6000.00"))
    (row,) = rows(
        database,
        "SELECT payload FROM claimflow.claim_event WHERE event_type = 'AdjudicationRecorded'",
    )
    digest = json.loads(row["payload"])["adjudication"]["hash"]
    await office.give(office.approving(claim_id, "ada", 1, digest))
    assert audit(database).problems == []

    for statement in EYES:
        kept = [
            f"CREATE TABLE kept_{table} AS SELECT * FROM claimflow.{table}"
            for table in ("claim_event", "policy")
        ]
        slip(database, [*kept, statement])
        assert "W5" in {problem.rule for problem in audit(database).problems}, statement
        for table in ("claim_event", "policy"):
            slip(database, [
                f"DELETE FROM claimflow.{table}",
                f"INSERT INTO claimflow.{table} SELECT * FROM kept_{table}",
                f"DROP TABLE kept_{table}",
            ])  # fmt: skip

    assert audit(database).sound


NOTHING = ["{", "", "null", "[]", "{}", "[[[", "7", '{"no":"field"}', '"\\ud800"']


@dataclass(frozen=True)
class Corrupt:
    """What is planted in one row, and how the row is then told."""

    table: str
    where: str
    row: str  # the column that the problem's subject is
    change: str
    rule: str
    what: str


def corrupted(table: str, where: str, row: str, rule: str, what: str) -> list[Corrupt]:
    changes = [f"payload = $_${text}$_$" for text in NOTHING]
    return [Corrupt(table, where, row, change, rule, what) for change in changes]


AMOUNTS = r"payload = regexp_replace(payload, '\d+\.00', '{}', 'g')"
EVENT = ("claim_event", "version = 3 AND event_type = 'AdjudicationRecorded'", "claim_id")
REMITTANCE = ("remittance", "trace_number <> 'T-FAILED'", "remittance_id")
ENTRY = ("payee_entry", "kind = 'REVERSAL'", "entry_id")
UNREAD = "cannot be read"
CORRUPT = [
    *corrupted(*EVENT, "W1", "version 3 cannot be read"),
    Corrupt(*EVENT, "sealed = repeat('x', 40)::bytea", "W1", "version 3 cannot be read"),
    Corrupt(*EVENT, "event_type = 'NoSuchEvent'", "W1", "version 3 cannot be read"),
    Corrupt(*EVENT, "payload = replace(payload, '\"lines\":[{', '\"lines\":[7,{')", "W1", UNREAD),
    Corrupt(*EVENT, AMOUNTS.format("sNaN"), "W1", "version 3"),
    Corrupt(*EVENT, AMOUNTS.format("Infinity"), "W1", ""),
    *corrupted(*REMITTANCE, "W3", "its content cannot be read"),
    Corrupt(*REMITTANCE, "sealed = '{'", "W3", UNREAD),
    Corrupt(*REMITTANCE, AMOUNTS.format("NaN"), "W3", UNREAD),
    Corrupt(*REMITTANCE, AMOUNTS.format("sNaN"), "W3", UNREAD),
    *corrupted(*ENTRY, "R1", "its content cannot be read"),
    Corrupt(*ENTRY, AMOUNTS.format("NaN"), "R1", UNREAD),
]  # fmt: skip


async def test_a_corrupt_payload_is_a_problem_of_its_row(office: Office, database: str) -> None:
    for one in CORRUPT:
        chosen = f"FROM claimflow.{one.table} WHERE {one.where}"
        before = rows(database, f"SELECT * {chosen}")
        subjects = {str(row[one.row]) for row in before}
        assert subjects, one
        kept = f"CREATE TABLE kept AS SELECT * FROM claimflow.{one.table}"
        changing = f"UPDATE claimflow.{one.table} SET {one.change} WHERE {one.where}"
        slip(database, [kept, changing])

        report = audit(database)

        told = {p.subject for p in report.problems if p.rule == one.rule and one.what in p.what}
        assert subjects <= told, one
        # The rest of the store is looked at all the same.
        assert (report.claims, report.remittances) == (3, 3), one
        back = f"INSERT INTO claimflow.{one.table} OVERRIDING SYSTEM VALUE SELECT * FROM kept"
        slip(database, [f"DELETE FROM claimflow.{one.table}", back, "DROP TABLE kept"])

    assert audit(database).sound


async def test_a_corrupt_payload_tells_nothing_of_its_content(
    office: Office, database: str
) -> None:
    slip(database, ['UPDATE claimflow.claim_event SET payload = \'{"Canary": "Canary"}\''])

    assert "Canary" not in "\n".join(lines_of(audit(database)))


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
