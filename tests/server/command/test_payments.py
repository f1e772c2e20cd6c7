"""Payments on a real ledger: all or nothing, once, balanced whoever writes, provable afterwards."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from server.claims.document import ClaimType, Payer, Person, Provider
from server.claims.refusals import Refusal, Refused
from server.command.audit import audit
from server.command.engine import Engine
from server.command.load_tables import load_coverage, load_fees, load_plans
from server.command.loads import DEMO
from tests.server.command.office import Office
from tests.server.command.support import TENANT, asked, document, rows

STATES = "SELECT claim_id, state FROM claimflow.claim"


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def states(database: str) -> dict[UUID, str]:
    return {row["claim_id"]: row["state"] for row in rows(database, STATES)}


async def test_m5_a_remittance_pays_many_claims_at_once(office: Office, database: str) -> None:
    claims = [await office.decided(f"{amount}.00") for amount in (10, 20, 30)]
    office.later(20)

    told = await office.give(office.remitting(*claims))

    assert told["amount"] == "60.00"
    assert set(states(database).values()) == {"PAID"}
    (stored,) = rows(database, "SELECT * FROM claimflow.remittance")
    assert (stored["amount"], stored["claims_paid"], stored["adjusted"]) == (60, 60, 0)
    assert audit(database).sound


async def test_one_claim_that_may_not_be_paid_keeps_all_from_being_paid(
    office: Office, database: str
) -> None:
    fine = await office.decided()
    other = UUID((await office.submit())["claim"])
    office.later(20)

    with pytest.raises(Refused) as refused:
        await office.give(office.remitting(fine, other))

    assert refused.value.refusal is Refusal.TRANSITION_NOT_ALLOWED
    assert refused.value.field_path == "claim_ids[1]"
    assert set(states(database).values()) == {"APPROVED", "ACCEPTED"}
    assert rows(database, "SELECT * FROM claimflow.remittance") == []


async def test_m17_m18_a_void_is_taken_back_by_the_payees_next_remittance(
    office: Office, database: str
) -> None:
    first = await office.paid("80.00")
    await office.give(office.voiding(first))
    assert audit(database).open_entries == 1
    second = await office.decided("30.00")
    office.later(20)

    told = await office.give(office.remitting(second))

    assert told["claims"] == [[str(first), "-80.00"], [str(second), "30.00"]]
    assert told["amount"] == "0.00"
    assert [(code, amount) for code, _, amount in told["adjustments"]] == [("FB", "-50.00")]
    third = await office.decided("70.00")
    office.later(20)
    last = await office.give(office.remitting(third))
    assert last["amount"] == "20.00"
    report = audit(database)
    assert report.sound and report.open_entries == 0


async def test_m5_what_one_payer_is_owed_no_other_payers_remittance_takes(
    office: Office, database: str
) -> None:
    voided = await office.paid("80.00")
    await office.give(office.voiding(voided))
    others = await office.decided("90.00", payer=Payer(payer_id="PAYER2"))
    own = await office.decided("90.00")
    office.later(20)

    of_other, of_own = await asyncio.gather(
        office.give(office.remitting(others)), office.give(office.remitting(own))
    )

    assert (of_other["claims"], of_other["amount"]) == ([[str(others), "90.00"]], "90.00")
    assert of_own["claims"] == [[str(voided), "-80.00"], [str(own), "90.00"]]
    assert of_own["amount"] == "10.00"
    report = audit(database)
    assert report.sound and report.open_entries == 0


async def test_w11_a_replacement_reverses_and_takes_the_place_in_one_transaction(
    office: Office, database: str
) -> None:
    person = Person(member_id="M-SAME", birth_date=date(1980, 1, 1))
    original = await office.paid(subscriber=person)
    number = rows(database, "SELECT claim_number FROM claimflow.claim")[0]["claim_number"]

    made = await office.submit(subscriber=person, frequency_code="7", original_claim_number=number)

    assert made["events"] == ["ClaimReceived", "ClaimAccepted", "ClaimLinked"]
    assert states(database) == {original: "REPLACED", UUID(made["claim"]): "ACCEPTED"}
    correction = UUID(made["claim"])
    await office.give(office.paying(correction, "100.00", "60.00"))
    await office.give(office.finalizing(correction))
    office.later(20)
    told = await office.give(office.remitting(correction))
    assert told["claims"] == [[str(original), "-100.00"], [str(correction), "60.00"]]
    assert audit(database).sound


async def test_m17_a_reopened_claim_is_reversed_and_corrected_on_one_remittance(
    office: Office, database: str
) -> None:
    claim = await office.paid("100.00")
    await office.give(office.reopening(claim))
    await office.give(office.paying(claim, "100.00", "90.00"))
    await office.give(office.finalizing(claim))

    told = await office.give(office.remitting(claim))

    assert told["claims"] == [[str(claim), "-100.00"], [str(claim), "90.00"]]
    report = audit(database)
    assert report.sound and report.paid == Decimal("100.00")


async def test_m19_a_payment_that_failed_is_made_again_and_counts_once(
    office: Office, database: str
) -> None:
    claim = await office.decided("55.00")
    office.later(20)
    told = await office.give(office.remitting(claim, trace="T1"))

    failed = await office.give(office.failing(told["remittance"], "T1"))

    assert failed["others"] == {str(claim): "APPROVED"}
    await office.give(office.remitting(claim, trace="T2"))
    assert states(database) == {claim: "PAID"}
    report = audit(database)
    assert report.sound and report.paid == Decimal("55.00") and report.failed_remittances == 1


async def test_r1_an_overpayment_is_withheld_once(office: Office, database: str) -> None:
    claim = await office.paid("100.00")
    found = office.overpaying(claim, "40.00")
    await office.give(found)
    await office.give(office.recouping(claim, found.overpayment_id, "40.00"))
    other = await office.decided("90.00")
    office.later(20)

    told = await office.give(office.remitting(other))

    assert told["amount"] == "50.00"
    assert told["adjustments"] == [["WO", str(found.overpayment_id), "40.00"]]
    report = audit(database)
    assert report.sound and report.open_entries == 0


async def test_remittances_of_two_payees_are_two(office: Office) -> None:
    one = await office.decided()
    other = await office.decided(billing_provider=Provider(npi="1993999998", name="Other"))
    office.later(20)

    with pytest.raises(Refused) as refused:
        await office.give(office.remitting(one, other))

    assert refused.value.refusal is Refusal.PAYEE_MISMATCH


async def test_a_trace_number_is_used_once(office: Office) -> None:
    one, other = await office.decided(), await office.decided()
    office.later(20)
    await office.give(office.remitting(one, trace="T1"))

    with pytest.raises(Refused) as refused:
        await office.give(office.remitting(other, trace="T1"))

    assert refused.value.refusal is Refusal.TRACE_NUMBER_USED


async def test_a_preview_of_a_remittance_pays_nothing(office: Office, database: str) -> None:
    claim = await office.decided()
    office.later(20)
    request = asked(office.remitting(claim), validate_only=True, tenant_id=TENANT)
    done = await office.engine.submit(request)

    assert b'"amount": "100.00"' in done.reply
    assert states(database) == {claim: "APPROVED"}
    assert rows(database, "SELECT * FROM claimflow.remittance") == []


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE claimflow.remittance SET amount = 1", "remittance_append_only"),
        ("DELETE FROM claimflow.remittance_claim", "remittance_claim_append_only"),
        ("DELETE FROM claimflow.payee_entry", "payee_entry_append_only"),
        ("UPDATE claimflow.payee_entry SET amount = 1", "payee_entry_ends_once"),
        ("UPDATE claimflow.policy SET body = '{}'", "policy_append_only"),
        ("TRUNCATE claimflow.claim_service", "claim_service_append_only"),
        (
            "INSERT INTO claimflow.remittance SELECT tenant_id, gen_random_uuid(), 'X', payee,"
            " payer_id, currency_code, payment_date, method, 5, 5, 0, payload, sealed,"
            " content_hash, actor, role, request_id, policy_version, recorded_at"
            " FROM claimflow.remittance LIMIT 1",
            "remittance_claims_sum",
        ),
        (
            "INSERT INTO claimflow.remittance SELECT tenant_id, gen_random_uuid(), 'X', payee,"
            " payer_id, currency_code, payment_date, method, 5, 4, 0, payload, sealed,"
            " content_hash, actor, role, request_id, policy_version, recorded_at"
            " FROM claimflow.remittance LIMIT 1",
            "remittance_balances",
        ),
    ],
)
async def test_m5_r1_w3_the_database_refuses_what_the_rules_never_write(
    office: Office, database: str, statement: str, constraint: str
) -> None:
    await office.give(office.voiding(await office.paid()))

    with psycopg.connect(database) as connection, pytest.raises(errors.Error) as refused:
        connection.execute(statement)
        connection.commit()

    assert refused.value.diag.constraint_name == constraint


async def test_m19_the_database_refuses_to_pay_a_determination_twice(
    office: Office, database: str
) -> None:
    await office.paid("40.00")

    with psycopg.connect(database) as connection, pytest.raises(errors.CheckViolation) as refused:
        connection.execute(
            "INSERT INTO claimflow.remittance SELECT tenant_id, gen_random_uuid(), 'X', payee,"
            " payer_id, currency_code, payment_date, method, amount, claims_paid, adjusted,"
            " payload, sealed, content_hash, actor, role, request_id, policy_version, recorded_at"
            " FROM claimflow.remittance"
        )
        connection.execute(
            "INSERT INTO claimflow.remittance_claim SELECT c.tenant_id, r.remittance_id,"
            " c.position, c.claim_id, c.adjudication_number, c.reverses, c.paid"
            " FROM claimflow.remittance_claim c, claimflow.remittance r"
            " WHERE r.trace_number = 'X'"
        )
        connection.commit()

    assert refused.value.diag.constraint_name == "remittance_claim_once_paid"


async def test_tenants_pay_apart(engine: Engine, database: str) -> None:
    one = Office(engine)
    other = Office(engine, tenant=UUID(int=0xB))
    claim = await one.decided()
    one.later(20)
    other.later(20)

    with pytest.raises(Refused) as refused:
        await other.give(other.remitting(claim))

    assert refused.value.refusal is Refusal.CLAIM_NOT_FOUND
    assert states(database) == {claim: "APPROVED"}


async def test_m14_limits_are_used_and_given_back_with_each_decision(
    office: Office, database: str, tmp_path: Path
) -> None:
    load_fees(database, DEMO / "fees.csv")
    load_plans(database, DEMO / "plans.json")
    covered = tmp_path / "coverage.csv"
    covered.write_text("member_id,plan_id,from_date,through_date\nM-COVERED,DEMO-PPO,2026-01-01,\n")
    load_coverage(database, TENANT, covered)
    person = Person(member_id="M-COVERED", birth_date=date(1980, 1, 1))
    used = "SELECT plan_id, out_of_pocket_used::text AS used FROM claimflow.accumulator"

    first = UUID((await office.submit(subscriber=person))["claim"])
    priced = await office.give(office.pricing(first))

    # An office visit of 84.00: the copay is 25.00.
    assert priced["state"] == "APPROVED"
    assert rows(database, used) == [{"plan_id": "DEMO-PPO", "used": "25.00"}]
    assert audit(database).sound
    office.later(20)
    await office.give(office.remitting(first))
    await office.give(office.reopening(first))
    await office.give(office.paying(first, "100.00", "100.00"))
    # Until the new determination is final the larger one is held.
    assert rows(database, used) == [{"plan_id": "DEMO-PPO", "used": "25.00"}]
    await office.give(office.finalizing(first))
    assert rows(database, used) == [{"plan_id": "DEMO-PPO", "used": "0.00"}]
    assert audit(database).sound
    later = replace(document().service_lines[0], service_from_date=date(2026, 1, 20))
    made = await office.submit(subscriber=person, service_lines=(later,))
    second = UUID(made["claim"])
    await office.give(office.pricing(second))
    assert rows(database, used)[0]["used"] != "0.00"
    await office.give(office.voiding(second))
    assert rows(database, used) == [{"plan_id": "DEMO-PPO", "used": "0.00"}]
    assert audit(database).sound


async def test_e08_a_member_that_is_not_covered_is_rejected_once_coverage_is_loaded(
    office: Office, database: str, tmp_path: Path
) -> None:
    load_fees(database, DEMO / "fees.csv")
    load_plans(database, DEMO / "plans.json")
    covered = tmp_path / "coverage.csv"
    covered.write_text("member_id,plan_id,from_date,through_date\nM-COVERED,DEMO-PPO,2026-01-01,\n")
    stranger = Person(member_id="M-STRANGER", birth_date=date(1980, 1, 1))
    before = await office.submit(subscriber=stranger)

    load_coverage(database, TENANT, covered)

    after = await office.submit(subscriber=stranger, patient_control_number="PCN-2")
    assert (before["state"], after["state"]) == ("ACCEPTED", "REJECTED")


async def test_e10_the_second_of_two_equal_claims_is_denied_in_the_systems_name(
    office: Office, database: str
) -> None:
    person = Person(member_id="M-TWICE", birth_date=date(1980, 1, 1))
    await office.submit(subscriber=person)

    again = await office.submit(subscriber=person)

    assert again["state"] == "DENIED"
    assert again["events"] == [
        "ClaimReceived", "ClaimAccepted", "AdjudicationRecorded", "ClaimDenied",
    ]  # fmt: skip
    told = rows(
        database,
        "SELECT actor, role FROM claimflow.claim_event WHERE claim_id = %s ORDER BY version",
        UUID(again["claim"]),
    )
    assert [row["role"] for row in told] == ["SUBMITTER", "SUBMITTER", "SYSTEM", "SYSTEM"]
    assert {row["actor"] for row in told[2:]} == {"claimflow"}
    assert audit(database).sound


async def test_e10_an_institutional_duplicate_is_rejected(office: Office) -> None:
    line = document().service_lines[0]
    fields: dict[str, Any] = {
        "subscriber": Person(member_id="M-INST", birth_date=date(1980, 1, 1)),
        "type": ClaimType.INSTITUTIONAL,
        "place_of_service_code": "",
        "facility_type_code": "13",
        "statement_from_date": date(2026, 1, 5),
        "statement_through_date": date(2026, 1, 5),
        "attending_provider": Provider(npi="1993999998"),
        "service_lines": (replace(line, revenue_code="0450"),),
    }
    first = await office.submit(**fields)
    again = await office.submit(**fields)

    assert (first["state"], again["state"]) == ("ACCEPTED", "REJECTED")
