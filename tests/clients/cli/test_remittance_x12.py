"""A remittance becomes an X12 835 that reads back as the same payment, and balances."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from claimflow import remittance as x12
from claimflow.client import values
from claimflow.v1 import query_service_pb2 as query
from claimflow.v1.claim_pb2 import Claim
from claimflow.v1.document_pb2 import CODE_SYSTEM_LOCAL
from claimflow.v1.remittance_pb2 import RemittedService
from tests.clients.cli.advices import (
    NPI,
    a_claim,
    a_remittance,
    advice,
    refused,
    rendered,
    serve,
)


def test_what_is_written_reads_back_and_balances(shell: Any, servers: Any) -> None:
    serve(servers, a_remittance())
    read = advice(rendered(shell, servers))
    assert x12.is_balanced(x12.check(read)), x12.check(read)
    assert (read.trace_number, read.amount, read.method_code) == ("T1", Decimal("130.50"), "ACH")
    assert read.payment_date == date(2026, 1, 31)
    assert [claim.payer_claim_control_number for claim in read.claims] == [
        "PAYER-1",
        "PAYER-2",
        "PAYER-3",
    ]
    reversed_, paid, _ = read.claims
    assert (reversed_.is_reversal, reversed_.paid) == (True, Decimal("-140.00"))
    assert (paid.charge, paid.patient_responsibility) == (Decimal("200.00"), Decimal("40.00"))
    beside = read.provider_adjustments
    assert [(item.reason_code, item.reference, item.amount) for item in beside] == [
        ("WO", "o-1", Decimal("10.00")),
        ("L6", "PAYER-2", Decimal("-0.50")),
    ]
    assert {item.fiscal_date for item in beside} == {date(2026, 12, 31)}
    assert {item.provider_id for item in beside} == {NPI}


def test_claims_tell_who_and_what(shell: Any, servers: Any) -> None:
    serve(servers, a_remittance())
    read = advice(rendered(shell, servers))
    paid = read.claims[1]
    assert (paid.filing_indicator, paid.facility_type_code, paid.frequency_code) == (
        "CI",
        "11",
        "1",
    )
    assert paid.patient is not None
    assert (paid.patient.last_name, paid.patient.first_name) == ("Munoz", "Jose")
    assert (paid.patient.identifier_qualifier, paid.patient.identifier) == ("MI", "M1")
    first, second = paid.lines
    assert (first.procedure_system, first.procedure_code, first.modifiers) == (
        "HC",
        "99213",
        ("25",),
    )
    assert (first.service_from, first.service_through) == (date(2026, 1, 5), None)
    assert (first.units_paid, first.allowed) == (Decimal(2), Decimal("90.00"))
    assert first.control_number == "L1"
    assert first.remark_codes == ("N130",)
    assert [(item.group_code, item.reason_code, item.amount) for item in first.adjustments] == [
        ("CO", "45", Decimal("10.00")),
        ("PR", "1", Decimal("20.00")),
    ]
    assert (second.procedure_code, second.revenue_code) == ("", "0301")
    assert second.service_through == date(2026, 1, 7)


def test_a_claims_dates_are_told_and_pass_the_check(
    shell: Any, servers: Any, tmp_path: Path
) -> None:
    stay = {"statement_from_date": date(2026, 1, 5), "statement_through_date": date(2026, 1, 7)}
    one_day = {name: date(2026, 1, 5) for name in stay}
    received = values.build(Claim, {"receipt_date": date(2026, 1, 9)})
    first, second = a_claim("c-1", **stay), a_claim("c-2", **one_day)
    first.MergeFrom(received)
    serve(servers, a_remittance(), first, second)
    text = rendered(shell, servers)
    claims = advice(text).claims
    assert [(each.statement_from, each.statement_through, each.received) for each in claims] == [
        (date(2026, 1, 5), date(2026, 1, 7), date(2026, 1, 9)),
        (date(2026, 1, 5), None, None),
        (date(2026, 1, 5), date(2026, 1, 7), date(2026, 1, 9)),
    ]
    path = tmp_path / "advice.835"
    path.write_text(text)
    checked = shell.json("check-remittance", path)
    assert checked.exit_code == 0, checked.stdout
    document = json.loads(checked.stdout)
    assert (document["verdict"], document["problems"], document["read_problems"]) == (
        "BALANCED", [], [],
    )  # fmt: skip


def test_what_is_hidden_and_left_out_is_told_beside_the_835(shell: Any, servers: Any) -> None:
    claims = a_claim("c-1"), a_claim("c-2")
    claims[0].redacted_fields.append("document.statement_from_date")
    serve(servers, a_remittance(), *claims)
    told = shell("remittance", "T1", "--x12")
    assert told.exit_code == 0
    assert told.stderr == "some fields are hidden from your role and left out\n"
    assert advice(told.stdout).claims[0].statement_from is None
    serve(servers, a_remittance())
    assert shell("remittance", "T1", "--x12").stderr == ""


def test_a_reversals_patient_control_number_comes_from_the_claim(shell: Any, servers: Any) -> None:
    serve(servers, a_remittance())
    read = advice(rendered(shell, servers))
    assert [claim.patient_control_number for claim in read.claims] == ["A-1", "A-2", "A-2"]


def test_parties_are_named_in_plain_letters(shell: Any, servers: Any) -> None:
    serve(servers, a_remittance())
    read = advice(rendered(shell, servers))
    assert read.payer.name == "Granite State"
    assert (read.payee.name, read.payee.city) == ("Clinica Example", "Springfield")
    assert (read.payee.identifier_qualifier, read.payee.identifier) == ("XX", NPI)


def test_each_claim_is_read_once_and_whole(shell: Any, servers: Any) -> None:
    serve(servers, a_remittance())
    rendered(shell, servers)
    (asked,) = servers.requests("BatchGetClaims")
    assert asked.claim_ids == ["c-1", "c-2"]
    assert asked.view == query.CLAIM_VIEW_FULL


def test_claims_are_read_a_hundred_at_a_time(shell: Any, servers: Any) -> None:
    one = {"claim_number": "N", "patient_control_number": "A", "status_code": "1"}
    sums = {"charge": "1.00", "paid": "1.00", "patient_responsibility": "0.00"}
    ids = [f"c-{number}" for number in range(101)]
    many = a_remittance(
        amount="101.00",
        claims=[{"claim_id": name, **one, **sums} for name in ids],
        provider_adjustments=[],
    )
    servers.on("GetRemittance", query.GetRemittanceResponse(remittance=many))
    servers.on(
        "BatchGetClaims",
        lambda request: query.BatchGetClaimsResponse(claims=map(a_claim, request.claim_ids)),
    )
    assert len(advice(rendered(shell, servers)).claims) == 101
    assert [len(asked.claim_ids) for asked in servers.requests("BatchGetClaims")] == [100, 1]


def test_the_same_remittance_is_the_same_text(shell: Any, servers: Any) -> None:
    serve(servers, a_remittance())
    first = rendered(shell, servers)
    assert rendered(shell, servers) == first
    assert rendered(shell, servers, "--control-number", 7) != first
    assert "*000000007*" in rendered(shell, servers, "--control-number", 7)


@pytest.mark.parametrize(
    ("method", "told"), [("CHECK", ("I", "CHK")), ("NON_PAYMENT", ("H", "NON"))]
)
def test_what_moves_no_money_between_accounts_names_none(
    shell: Any, servers: Any, method: str, told: tuple[str, str]
) -> None:
    serve(servers, a_remittance(method=method))
    read = advice(rendered(shell, servers))
    assert (read.handling_code, read.method_code) == told
    assert read.transfer is None


def test_other_money_than_us_dollars_is_named(shell: Any, servers: Any) -> None:
    serve(servers, a_remittance(currency_code="AUD"))
    assert advice(rendered(shell, servers)).currency_code == "AUD"
    serve(servers, a_remittance())
    assert "CUR*" not in rendered(shell, servers)


def test_money_of_no_name_is_refused(shell: Any, servers: Any) -> None:
    serve(servers, a_remittance(currency_code=""))
    assert "CUR02 is empty" in refused(shell)


def test_a_drug_is_told_by_its_number(shell: Any, servers: Any) -> None:
    remittance = a_remittance()
    drug = RemittedService(line_number=1, ndc="00093015010")
    remittance.claims[1].services[0].CopyFrom(drug)
    serve(servers, remittance)
    line = advice(rendered(shell, servers)).claims[1].lines[0]
    assert (line.procedure_system, line.procedure_code) == ("N4", "00093015010")


def test_the_patient_is_told_and_not_the_subscriber(shell: Any, servers: Any) -> None:
    child = {"last_name": "Kid", "first_name": "Ann"}
    serve(servers, a_remittance(), a_claim("c-1"), a_claim("c-2", patient=child))
    patient = advice(rendered(shell, servers)).claims[1].patient
    assert patient is not None
    assert (patient.last_name, patient.identifier) == ("Kid", "M1")


def test_a_pay_to_provider_is_the_payee(shell: Any, servers: Any) -> None:
    pay_to = {"npi": NPI, "name": "Head Office"}
    serve(servers, a_remittance(), a_claim("c-1", pay_to_provider=pay_to), a_claim("c-2"))
    assert advice(rendered(shell, servers)).payee.name == "Head Office"


def test_a_payee_without_npi_is_told_by_its_tax_number(shell: Any, servers: Any) -> None:
    provider = {"tax_id": "123456789", "name": "Dr. Who"}
    claims = (a_claim(name, billing_provider=provider) for name in ("c-1", "c-2"))
    serve(servers, a_remittance(payee="TAX-abc"), *claims)
    payee = advice(rendered(shell, servers)).payee
    assert (payee.identifier_qualifier, payee.identifier) == ("FI", "123456789")


def test_a_hidden_procedure_cannot_be_written_and_says_why(shell: Any, servers: Any) -> None:
    remittance = a_remittance()
    remittance.claims[1].ClearField("services")
    remittance.redacted_fields.append("claims[1].services[0].procedure_code")
    serve(servers, remittance)
    told = refused(shell)
    assert "neither a procedure code nor a revenue code" in told
    assert "hidden from your role" in told


def test_a_claim_that_cannot_be_read_cannot_be_written(shell: Any, servers: Any) -> None:
    serve(servers, a_remittance(), a_claim("c-1"))
    told = refused(shell)
    assert "one of its claims cannot be read" in told
    assert "hidden" not in told


def test_an_amount_that_is_not_shown_is_not_nothing(shell: Any, servers: Any) -> None:
    remittance = a_remittance()
    remittance.claims[1].ClearField("paid")
    serve(servers, remittance)
    assert "CLP04 is not known" in refused(shell)


def test_a_code_system_that_an_835_does_not_have_is_refused(shell: Any, servers: Any) -> None:
    remittance = a_remittance()
    remittance.claims[1].services[0].code_system = CODE_SYSTEM_LOCAL
    serve(servers, remittance)
    assert "code system" in refused(shell)


@pytest.mark.parametrize("arguments", [("--control-number", 7), ("--x12", "--control-number", 0)])
def test_options_of_the_835_need_it(shell: Any, arguments: Any) -> None:
    assert shell("remittance", "T1", *arguments).exit_code == 2


def test_an_835_is_no_json(shell: Any) -> None:
    assert shell.json("remittance", "T1", "--x12").exit_code == 2
