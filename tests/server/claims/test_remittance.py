"""What a remittance tells, and whom it pays: M5, C5 and C6."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from server.claims import codec
from server.claims.document import CodeSystem, Drug, Payer, Procedure, Provider
from server.claims.events import ClaimPaid, ClaimRemitted
from server.claims.model import Remitted, State
from server.claims.payees import (
    PaymentMethod,
    Remittance,
    RemittedClaim,
    RemittedService,
    content_hash,
)
from tests.server.claims.cast import (
    FIRST_REMITTANCE,
    PAYDAY,
    SANDBOX,
    STRICT,
    TIMER,
    adjudicate,
    decided,
    finalize,
    issue,
    submit,
    void,
    with_policy,
)
from tests.server.claims.documents import (
    SERVICE_DAY,
    institutional,
    money,
    professional,
    service_line,
)
from tests.server.claims.dsl import house, outcome, play
from tests.server.claims.pasts import ACCEPTED, DENIED, PAID, PARTIAL
from tests.server.claims.paying import NPI, approved, paid_by, pay


def test_m5_a_remittance_pays_the_sum_of_its_claims() -> None:
    lives = house(*approved(1, "80.00"), *approved(2, "50.50"), pay(1, 2))
    told = lives.remittance(FIRST_REMITTANCE)
    assert told == Remittance(
        remittance_id=FIRST_REMITTANCE,
        trace_number="TD1",
        payee=NPI,
        payer_id="PAYER1",
        currency_code="USD",
        payment_date=PAYDAY.date(),
        method=PaymentMethod.ACH,
        amount=money("130.50"),
        claims=told.claims,
        provider_adjustments=(),
        issued_by="fay",
        issued_at=PAYDAY,
    )
    assert paid_by(told) == [(1, "1", "80.00", False), (2, "1", "50.50", False)]
    assert (told.claims_paid, told.adjusted) == (money("130.50"), money("0.00"))
    assert lives.entries == ()


def test_a_remittance_tells_a_claim_as_it_was_decided() -> None:
    told = outcome(issue(PARTIAL), PARTIAL, STRICT).remittance
    current = PARTIAL.adjudication
    assert told is not None and current is not None
    assert told.claims == (
        RemittedClaim(
            claim_id=PARTIAL.claim_id,
            claim_number=PARTIAL.claim_number,
            patient_control_number="PCN-1",
            status_code="1",
            adjudication_number=1,
            charge=money("150.00"),
            paid=money("80.00"),
            patient_responsibility=money("0.00"),
            adjustments=(),
            lines=current.lines,
            reverses=False,
            services=tuple(
                RemittedService(
                    line_number=number,
                    code_system=CodeSystem.HCPCS,
                    procedure_code=code,
                    service_from_date=SERVICE_DAY,
                    service_through_date=SERVICE_DAY,
                )
                for number, code in ((1, "99213"), (2, "99214"))
            ),
        ),
    )


def test_a_remittance_tells_what_its_lines_are_about() -> None:
    decided_code = Procedure(code_system=CodeSystem.HCPCS, code="99212", modifiers=("25",))
    line = service_line(
        1,
        "150.00",
        revenue_code="0450",
        drug=Drug(ndc="00028215010"),
        line_control_number="LINE-1",
        service_through_date=date(2026, 2, 11),
    )
    claim = play(
        submit(institutional(service_lines=(line,))),
        adjudicate(decided(1, "150.00", "150.00", "150.00", adjudicated_procedure=decided_code)),
        finalize(),
    )
    told = outcome(issue(claim), claim, STRICT).remittance
    assert told is not None
    assert told.claims[0].services == (
        RemittedService(
            line_number=1,
            code_system=CodeSystem.HCPCS,
            procedure_code="99212",
            modifiers=("25",),
            revenue_code="0450",
            ndc="00028215010",
            line_control_number="LINE-1",
            service_from_date=SERVICE_DAY,
            service_through_date=date(2026, 2, 11),
        ),
    )


def test_a_room_without_procedure_and_day_is_told_by_its_revenue_code_and_the_statement() -> None:
    room = service_line(1, "150.00", revenue_code="0120", procedure=None, service_from_date=None)
    claim = play(
        submit(institutional(service_lines=(room,))),
        adjudicate(decided(1, "150.00", "150.00", "150.00")),
        finalize(),
    )
    told = outcome(issue(claim), claim, STRICT).remittance
    assert told is not None
    assert told.claims[0].services == (
        RemittedService(
            line_number=1,
            revenue_code="0120",
            service_from_date=date(2026, 2, 9),
            service_through_date=date(2026, 2, 12),
        ),
    )


def test_a_remittance_tells_claim_level_amounts_and_the_patients() -> None:
    claim = play(adjudicate(adjustments={"PR-3": "5.00"}), finalize(), claim=ACCEPTED)
    told = outcome(issue(claim), claim, STRICT).remittance
    assert told is not None
    (one,) = told.claims
    assert [(each.reason_code, str(each.amount)) for each in one.adjustments] == [("3", "5.00")]
    assert (str(one.paid), str(one.patient_responsibility)) == ("145.00", "5.00")


def test_a_claim_that_is_paid_keeps_by_what() -> None:
    told = outcome(issue(PARTIAL), PARTIAL, STRICT)
    assert told.remittance is not None
    remitted = Remitted(
        adjudication_number=1,
        remittance_id=FIRST_REMITTANCE,
        trace_number="TD1",
        payment_date=PAYDAY.date(),
        paid=money("80.00"),
        first_paid_on=PAYDAY.date(),
    )
    assert told.others == {
        PARTIAL.claim_id: (
            ClaimPaid(remitted=remitted, remittance_hash=content_hash(told.remittance), at=PAYDAY),
        )
    }
    assert (told.events, told.by_system, told.opened, told.cancelled) == ((), (), (), ())
    assert (PAID.state, PAID.remitted) == (State.PAID, remitted)


def test_a_denial_is_told_and_stays_a_denial() -> None:
    told = outcome(issue(DENIED), DENIED, STRICT)
    (event,) = told.others[DENIED.claim_id]
    assert isinstance(event, ClaimRemitted)
    assert told.remittance is not None
    assert event.remittance_hash == content_hash(told.remittance)
    assert (event.at, event.remitted.paid) == (PAYDAY, money("0.00"))
    after = play(issue(DENIED), claim=DENIED)
    assert (after.state, after.remitted) == (State.DENIED, event.remitted)


def test_w3_the_hash_that_ties_a_remittance_in_is_of_all_its_content() -> None:
    told = outcome(issue(PARTIAL), PARTIAL, STRICT).remittance
    assert told is not None
    expected = hashlib.sha256(codec.canonical(list(codec.encode(told)))).hexdigest()
    assert content_hash(told) == expected
    assert content_hash(replace(told, amount=money("80.01"))) != expected
    renamed = replace(told.claims[0], patient_control_number="PCN-2")
    assert content_hash(replace(told, claims=(renamed,))) != expected


@pytest.mark.parametrize(
    ("asked", "paid", "method"),
    [
        (PaymentMethod.ACH, "80.00", PaymentMethod.ACH),
        (PaymentMethod.CHECK, "80.00", PaymentMethod.CHECK),
        (PaymentMethod.NON_PAYMENT, "80.00", PaymentMethod.ACH),
        (PaymentMethod.ACH, "0.00", PaymentMethod.NON_PAYMENT),
        (PaymentMethod.CHECK, "0.00", PaymentMethod.NON_PAYMENT),
    ],
)
def test_a_remittance_of_nothing_alone_is_no_payment(
    asked: PaymentMethod, paid: str, method: PaymentMethod
) -> None:
    told = house(*approved(1, paid), pay(1, method=asked)).remittance(FIRST_REMITTANCE)
    assert (told.method, str(told.amount)) == (method, paid)


def test_the_payee_is_whom_the_provider_wants_to_be_paid() -> None:
    paid_to = Provider(npi="1993999998")
    told = house(*approved(1, "80.00", pay_to_provider=paid_to), pay(1)).remittance(
        FIRST_REMITTANCE
    )
    assert told.payee == "1993999998"


def test_a_payer_without_id_is_told_by_its_name() -> None:
    told = house(*approved(1, "80.00", payer=Payer(name="A Plan")), pay(1)).remittance(
        FIRST_REMITTANCE
    )
    assert told.payer_id == "A Plan"


def test_a_claim_without_a_payer_is_paid_by_a_payer_without_a_name() -> None:
    claim = play(submit(professional(payer=None)), facts=SANDBOX)
    ready = play(adjudicate(), finalize(), claim=claim)
    told = outcome(issue(ready), ready, SANDBOX).remittance
    assert told is not None and told.payer_id == ""


def test_claims_of_one_pay_to_provider_are_paid_together_whoever_bills() -> None:
    paid_to = Provider(npi="1993999998")
    lives = house(
        *approved(1, "80.00", pay_to_provider=paid_to),
        *approved(2, "10.00", pay_to_provider=paid_to, billing_provider=Provider(npi="1558598797")),
        pay(1, 2),
    )
    assert str(lives.remittance(FIRST_REMITTANCE).amount) == "90.00"


def test_the_system_pays_as_well() -> None:
    lives = house(*approved(1, "80.00"), pay(1, who=TIMER))
    assert lives.remittance(FIRST_REMITTANCE).issued_by == "timer"


@pytest.mark.parametrize(
    ("sequence", "status"),
    [("P", "1"), ("", "1"), ("S", "2"), ("T", "3"), ("A", "3"), ("U", "3")],
)
def test_c5_c6_the_status_tells_the_payers_place_in_the_sequence(
    sequence: str, status: str
) -> None:
    secondary = replace(PARTIAL, document=replace(PARTIAL.document, payer_sequence=sequence))
    told = outcome(issue(secondary), secondary, STRICT).remittance
    assert told is not None and told.claims[0].status_code == status


def test_c5_a_denial_has_a_status_of_its_own_that_is_policy() -> None:
    told = outcome(issue(DENIED), DENIED, STRICT).remittance
    assert told is not None and told.claims[0].status_code == "4"
    statuses = {**STRICT.policy.payment.claim_statuses, "DENIED": "1", "REVERSAL": "222"}
    facts = with_policy(payment=replace(STRICT.policy.payment, claim_statuses=statuses))
    told = outcome(issue(DENIED), DENIED, facts).remittance
    assert told is not None and told.claims[0].status_code == "1"
    (entry,) = outcome(void(), PAID, facts).opened
    assert entry.reversal is not None and entry.reversal.status_code == "222"
