"""Paying: M5, M17, M19, M20, K2, K3, C5, R1 and X4, and what a failed payment undoes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from server.claims import codec
from server.claims.commands import Command
from server.claims.document import (
    CodeSystem,
    Drug,
    Payer,
    Person,
    Procedure,
    Provider,
    Source,
)
from server.claims.events import ClaimPaid, ClaimRemitted, PaymentFailed, PaymentReversed
from server.claims.interest import InterestRate
from server.claims.model import AppealOutcome, Remitted, State
from server.claims.payees import (
    Account,
    Entry,
    EntryKind,
    PaymentMethod,
    ProviderAdjustment,
    Remittance,
    RemittedClaim,
    RemittedService,
    content_hash,
)
from server.claims.refusals import Refusal, Refused
from server.claims.remittance import is_electronic
from server.claims.sla import interest_terms
from tests.server.claims.cast import (
    FIRST_OVERPAYMENT,
    FIRST_REMITTANCE,
    NOW,
    ONE_DAY,
    PAYDAY,
    SANDBOX,
    SECOND_REMITTANCE,
    SERVICE_DAY,
    STRICT,
    THIRD_REMITTANCE,
    TIMER,
    adjudicate,
    close,
    correct,
    decide_appeal,
    decided,
    denied,
    fail,
    file_appeal,
    finalize,
    institutional,
    issue,
    money,
    overpaid,
    professional,
    receive_information,
    recoup,
    reopen,
    request_information,
    service_line,
    submit,
    void,
    with_policy,
)
from tests.server.claims.dsl import House, given, house, outcome, play
from tests.server.claims.pasts import ACCEPTED, DENIED, PAID, PARTIAL

NPI = "1234567893"
ACCOUNT = Account(payer_id="PAYER1", payee=NPI, currency_code="USD")


def number_of(claim: int) -> UUID:
    return UUID(int=claim)


def submitted(claim: int, *charges: str, **changes: Any) -> Command:
    """A claim of a person of its own, so that it is no duplicate."""
    person = Person(member_id=f"M-{claim}", birth_date=date(1970, 1, 1))
    document = professional(*charges, **({"subscriber": person} | changes))
    return submit(document, numbered=claim)


def decision(claim: int, paid: str, charge: str = "100.00") -> list[Command]:
    """Pay so much of a claim and write the rest off; deny it for nothing."""
    cut = money(charge) - money(paid)
    line = decided(1, charge, paid, paid, {"CO-45": str(cut)} if cut else {})
    if not money(paid):
        line = denied(1, charge, "CO-97")
    about: dict[str, Any] = {"claim_id": number_of(claim)}
    return [adjudicate(line, **about), finalize(**about)]


def approved(claim: int, paid: str, charge: str = "100.00", **changes: Any) -> list[Command]:
    return [submitted(claim, charge, **changes), *decision(claim, paid, charge)]


def pay(*claims: int, by: UUID = FIRST_REMITTANCE, **fields: Any) -> Command:
    return issue(*map(number_of, claims), remittance_id=by, **fields)


def anew(claim: int, paid: str, charge: str = "100.00") -> list[Command]:
    """Decide a claim again."""
    return [reopen(claim_id=number_of(claim)), *decision(claim, paid, charge)]


def paid_by(told: Remittance) -> list[tuple[int, str, str, bool]]:
    """Its claims: number, status, payment, and whether it is taken back."""
    return [(one.claim_id.int, one.status_code, str(one.paid), one.reverses) for one in told.claims]


def adjusted_by(told: Remittance) -> list[tuple[str, str, str]]:
    return [(one.reason_code, one.reference, str(one.amount)) for one in told.provider_adjustments]


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


def test_m17_a_reversal_is_about_the_same_services() -> None:
    (entry,) = outcome(void(), PAID, STRICT).opened
    told = outcome(issue(PARTIAL), PARTIAL, STRICT).remittance
    assert told is not None and entry.reversal is not None
    assert entry.reversal.services == told.claims[0].services != ()


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


def test_m17_a_correction_reverses_and_pays_in_one_remittance_the_reversals_first() -> None:
    lives = house(
        *approved(1, "80.00"),
        *approved(2, "50.00"),
        *approved(3, "30.00"),
        pay(1, 2),
        void(claim_id=number_of(2)),
        *anew(1, "60.00"),
        pay(3, 1, by=SECOND_REMITTANCE),
    )
    told = lives.remittance(SECOND_REMITTANCE)
    assert paid_by(told) == [
        (2, "22", "-50.00", True),
        (1, "22", "-80.00", True),
        (3, "1", "30.00", False),
        (1, "1", "60.00", False),
    ]
    # What they pay is below nothing, and so it is brought forward.
    assert adjusted_by(told) == [("FB", "TD2", "-40.00")]
    assert told.amount == 0


def test_m17_a_correction_reverses_the_determination_that_was_paid() -> None:
    lives = house(*approved(1, "80.00"), pay(1), *anew(1, "90.00"))
    first = lives.claim().remitted
    assert first is not None
    decided_now = lives.outcome(pay(1, by=SECOND_REMITTANCE))
    reversed_, paid = decided_now.others[number_of(1)]
    assert reversed_ == PaymentReversed(
        remitted=first, at=PAYDAY, in_remittance_id=SECOND_REMITTANCE
    )
    assert isinstance(paid, ClaimPaid)
    assert (paid.remitted.adjudication_number, str(paid.remitted.paid)) == (2, "90.00")
    assert decided_now.remittance is not None
    back, again = decided_now.remittance.claims
    assert (back.adjudication_number, again.adjudication_number) == (1, 2)
    assert (str(back.charge), str(again.charge)) == ("-100.00", "100.00")
    assert str(decided_now.remittance.amount) == "10.00"


def test_m17_a_third_determination_reverses_the_second() -> None:
    lives = house(
        *approved(1, "80.00"),
        pay(1),
        *anew(1, "90.00"),
        pay(1, by=SECOND_REMITTANCE),
        *anew(1, "95.00"),
        pay(1, by=THIRD_REMITTANCE),
    )
    back, again = lives.remittance(THIRD_REMITTANCE).claims
    assert [(one.adjudication_number, str(one.paid)) for one in (back, again)] == [
        (2, "-90.00"),
        (3, "95.00"),
    ]
    before = lives.claim().reversed
    assert before is not None
    assert (before.remittance_id, before.adjudication_number) == (SECOND_REMITTANCE, 2)


def test_m17_a_decision_that_was_never_told_is_not_reversed() -> None:
    lives = house(
        *approved(1, "80.00"),
        pay(1),
        *anew(1, "0.00"),
        *anew(1, "90.00"),
        pay(1, by=SECOND_REMITTANCE),
    )
    back, again = lives.remittance(SECOND_REMITTANCE).claims
    assert [(one.adjudication_number, str(one.paid)) for one in (back, again)] == [
        (1, "-80.00"),
        (3, "90.00"),
    ]


def test_a_payment_that_turns_into_a_denial_is_taken_back_whole() -> None:
    lives = house(
        *approved(1, "80.00"),
        *approved(2, "100.00"),
        pay(1),
        *anew(1, "0.00"),
        pay(1, 2, by=SECOND_REMITTANCE),
    )
    told = lives.remittance(SECOND_REMITTANCE)
    assert paid_by(told) == [
        (1, "22", "-80.00", True),
        (1, "4", "0.00", False),
        (2, "1", "100.00", False),
    ]
    assert str(told.amount) == "20.00"
    assert lives.claim().state is State.DENIED


def test_m19_a_determination_is_on_one_remittance() -> None:
    lives = house(*approved(1, "80.00"), pay(1))
    lives.refuses(pay(1, by=SECOND_REMITTANCE), Refusal.TRANSITION_NOT_ALLOWED)
    denial = house(*approved(1, "0.00"), pay(1))
    denial.refuses(pay(1, by=SECOND_REMITTANCE), Refusal.ALREADY_REMITTED)


def test_m19_a_new_determination_is_remitted_anew() -> None:
    denial = house(*approved(1, "0.00"), pay(1), *anew(1, "0.00"))
    assert denial.after(pay(1, by=SECOND_REMITTANCE)).claim().remitted is not None


def test_a_trace_number_is_of_one_remittance() -> None:
    lives = house(*approved(1, "80.00"), *approved(2, "50.00"), pay(1))
    again = issue(number_of(2), remittance_id=SECOND_REMITTANCE, trace_number="TD1")
    lives.refuses(again, Refusal.TRACE_NUMBER_USED)


BELOW = [*approved(1, "25.00"), pay(1), void(claim_id=number_of(1)), *approved(2, "0.00")]


def test_x4_m5_a_sum_below_nothing_is_brought_forward() -> None:
    lives = house(*BELOW, pay(2, by=SECOND_REMITTANCE))
    told = lives.remittance(SECOND_REMITTANCE)
    assert paid_by(told) == [(1, "22", "-25.00", True), (2, "4", "0.00", False)]
    (entry,) = lives.entries
    assert told.provider_adjustments == (
        ProviderAdjustment(
            reason_code="FB",
            reference="TD2",
            amount=money("-25.00"),
            entry_id=entry.entry_id,
        ),
    )
    assert (told.claims_paid, told.adjusted, told.amount) == (
        money("-25.00"),
        money("-25.00"),
        money("0.00"),
    )
    assert told.method is PaymentMethod.NON_PAYMENT
    assert entry == Entry(
        entry_id=uuid5(SECOND_REMITTANCE, "forward balance"),
        account=ACCOUNT,
        kind=EntryKind.FORWARD_BALANCE,
        reference="TD2",
        amount=money("25.00"),
        remittance_id=SECOND_REMITTANCE,
        opened_at=PAYDAY,
    )


def test_r1_a_forward_balance_returns_with_the_opposite_sign_in_the_next_remittance() -> None:
    lives = house(
        *BELOW,
        *approved(3, "100.00"),
        pay(2, by=SECOND_REMITTANCE),
        pay(3, by=THIRD_REMITTANCE),
    )
    told = lives.remittance(THIRD_REMITTANCE)
    assert adjusted_by(told) == [("FB", "TD2", "25.00")]
    assert told.provider_adjustments[0].entry_id == uuid5(SECOND_REMITTANCE, "forward balance")
    assert str(told.amount) == "75.00"
    assert lives.entries == ()


def test_m5_a_sum_of_exactly_nothing_brings_nothing_forward() -> None:
    lives = house(
        *approved(1, "25.00"),
        pay(1),
        void(claim_id=number_of(1)),
        *approved(2, "25.00"),
        pay(2, by=SECOND_REMITTANCE),
    )
    told = lives.remittance(SECOND_REMITTANCE)
    assert told.amount == 0
    assert (told.provider_adjustments, lives.entries) == ((), ())


def test_a_remittance_takes_what_is_open_with_its_payee_alone() -> None:
    other = Provider(npi="1993999998")
    lives = house(
        *approved(1, "25.00"),
        pay(1),
        void(claim_id=number_of(1)),
        *approved(2, "50.00", billing_provider=other),
        pay(2, by=SECOND_REMITTANCE),
    )
    assert paid_by(lives.remittance(SECOND_REMITTANCE)) == [(2, "1", "50.00", False)]
    assert len(lives.entries) == 1


def test_m5_what_is_owed_to_one_payer_is_not_taken_by_the_remittance_of_another() -> None:
    owed = [*approved(1, "25.00"), pay(1), void(claim_id=number_of(1))]
    elsewhere = approved(2, "50.00", payer=Payer(payer_id="PAYER2"))
    lives = house(*owed, *elsewhere, *approved(3, "60.00"), pay(2, by=SECOND_REMITTANCE))
    assert paid_by(lives.remittance(SECOND_REMITTANCE)) == [(2, "1", "50.00", False)]
    assert [one.account for one in lives.entries] == [ACCOUNT]
    after = lives.after(pay(3, by=THIRD_REMITTANCE))
    assert str(after.remittance(THIRD_REMITTANCE).amount) == "35.00"
    assert after.entries == ()


def test_r1_a_recoupment_reduces_the_next_payment_under_its_reference() -> None:
    lives = house(
        *approved(1, "80.00"),
        pay(1),
        overpaid("30.00"),
        recoup("30.00"),
        *approved(2, "50.00"),
        pay(2, by=SECOND_REMITTANCE),
    )
    told = lives.remittance(SECOND_REMITTANCE)
    assert adjusted_by(told) == [("WO", str(FIRST_OVERPAYMENT), "30.00")]
    assert told.provider_adjustments[0].claim_id is None
    assert (told.adjusted, told.amount) == (money("30.00"), money("20.00"))


def test_r1_a_correction_gives_back_what_was_recovered_of_the_payment_it_reverses() -> None:
    lives = house(
        *approved(1, "80.00"),
        pay(1),
        overpaid("30.00"),
        recoup("30.00"),
        *anew(1, "50.00"),
        pay(1, by=SECOND_REMITTANCE),
    )
    told = lives.remittance(SECOND_REMITTANCE)
    reference = str(FIRST_OVERPAYMENT)
    assert adjusted_by(told)[:2] == [("WO", reference, "30.00"), ("WO", reference, "-30.00")]
    assert told.provider_adjustments[1].claim_id == number_of(1)
    assert told.provider_adjustments[1].entry_id is None
    assert lives.claim().overpayments == ()


@pytest.mark.parametrize("after_receipt", [14, 15, 30])
def test_k3_a_claim_by_wire_is_paid_from_the_14th_day_on(after_receipt: int) -> None:
    paid = issue(PARTIAL, now=NOW + timedelta(days=after_receipt))
    assert given(PARTIAL).when(paid).decided()


@pytest.mark.parametrize(("source", "wire"), [("paper", False), ("PAPER", False), ("", True)])
def test_k3_paper_waits_longer_than_wire(source: str, wire: bool) -> None:
    document = replace(PARTIAL.document, source=Source(system=source))
    claim = replace(PARTIAL, document=document)
    assert is_electronic(claim) == wire
    assert is_electronic(PARTIAL)
    assert given(claim).when(issue(claim, now=NOW + timedelta(days=29))).decided()
    story = given(claim).when(issue(claim, now=NOW + timedelta(days=28)))
    if wire:
        assert story.decided()
    else:
        story.refuses(Refusal.PAYMENT_FLOOR_NOT_REACHED)


def test_k3_the_floor_holds_for_a_cent_and_not_for_nothing() -> None:
    cent = play(
        submit(professional("0.01")), adjudicate(decided(1, "0.01", "0.01", "0.01")), finalize()
    )
    given(cent).when(issue(cent, now=NOW)).refuses(Refusal.PAYMENT_FLOOR_NOT_REACHED)
    assert given(DENIED).when(issue(DENIED, now=NOW)).decided()


def test_k3_the_day_of_payment_counts_and_not_that_of_the_command() -> None:
    ahead = issue(PARTIAL, now=NOW + timedelta(days=4), payment_date=PAYDAY.date())
    assert given(PARTIAL).when(ahead).decided()


def test_k3_what_pays_nothing_is_told_at_once() -> None:
    assert given(DENIED).when(issue(DENIED, now=NOW)).decided()


@pytest.mark.parametrize("ahead", [0, 10])
def test_a_payment_date_within_the_policy(ahead: int) -> None:
    day = (PAYDAY + timedelta(days=ahead)).date()
    told = outcome(issue(PARTIAL, payment_date=day), PARTIAL, STRICT).remittance
    assert told is not None and told.payment_date == day


def paid_after(days: int) -> House:
    return house(*approved(1, "80.00"), pay(1, now=NOW + timedelta(days=days)))


@pytest.mark.parametrize(
    ("days", "interest"), [(30, "0.00"), (31, "0.01"), (60, "0.30"), (130, "1.01")]
)
def test_k2_interest_begins_after_the_30th_day(days: int, interest: str) -> None:
    remitted = paid_after(days).claim().remitted
    assert remitted is not None
    assert str(remitted.interest) == interest
    assert remitted.interest_days == days - 30
    assert str(remitted.interest_rate) == ("0.04625" if days > 30 else "0")


def test_m20_interest_is_told_apart_and_raises_the_payment() -> None:
    told = paid_after(60).remittance(FIRST_REMITTANCE)
    assert paid_by(told) == [(1, "1", "80.00", False)]
    assert told.provider_adjustments == (
        ProviderAdjustment(
            reason_code="L6",
            reference="CF0000000000000",
            amount=money("-0.30"),
            claim_id=number_of(1),
        ),
    )
    assert str(told.amount) == "80.30"


def test_k2_a_claim_that_needed_outside_development_bears_no_interest() -> None:
    about: dict[str, Any] = {"claim_id": number_of(1)}
    lives = house(
        submitted(1, "100.00"),
        request_information(**about),
        receive_information(**about),
        *decision(1, "80.00"),
        pay(1, now=NOW + timedelta(days=99)),
    )
    assert lives.remittance(FIRST_REMITTANCE).provider_adjustments == ()
    assert interest_terms(lives.claim(), PAYDAY.date(), STRICT.policy) == (money("0"), 0)


def test_k2_what_only_an_appeal_made_payable_bears_no_interest() -> None:
    about: dict[str, Any] = {"claim_id": number_of(1)}
    lives = house(
        *approved(1, "0.00"),
        file_appeal(**about),
        decide_appeal(AppealOutcome.OVERTURNED, **about),
        *decision(1, "80.00"),
        pay(1, now=NOW + timedelta(days=99)),
    )
    assert lives.remittance(FIRST_REMITTANCE).provider_adjustments == ()


def test_k2_a_denial_bears_no_interest() -> None:
    lives = house(*approved(1, "0.00"), pay(1, now=NOW + timedelta(days=99)))
    assert lives.remittance(FIRST_REMITTANCE).provider_adjustments == ()


RATES = replace(
    STRICT.policy.interest,
    rates=(
        InterestRate(effective_from=date(2026, 1, 1), rate=money("0.05")),
        InterestRate(effective_from=date(2026, 7, 1), rate=money("0.10")),
    ),
)
TWO_RATES = with_policy(interest=RATES)


def test_k2_a_reduction_recomputes_the_interest_with_the_rate_and_days_of_the_first_payment() -> (
    None
):
    lives = house(
        *approved(1, "1000.00", "1000.00"), pay(1, now=NOW + timedelta(days=103)), facts=TWO_RATES
    )
    first = lives.claim().remitted
    assert first is not None and str(first.interest) == "10.00"  # 5 percent, 73 days
    lives = lives.after(
        *anew(1, "500.00", "1000.00"),
        *approved(2, "900.00", "900.00"),
        pay(1, 2, by=SECOND_REMITTANCE, now=NOW + timedelta(days=190)),
    )
    second = lives.claim().remitted
    assert second is not None
    assert (str(second.interest), second.interest_days, str(second.interest_rate)) == (
        "5.00",
        73,
        "0.05",
    )
    number = lives.claim().claim_number
    assert adjusted_by(lives.remittance(SECOND_REMITTANCE))[:2] == [
        ("L6", number, "10.00"),
        ("L6", number, "-5.00"),
    ]


def test_k2_a_claim_that_is_denied_later_gives_all_interest_back() -> None:
    lives = paid_after(60).after(
        *anew(1, "0.00"), *approved(2, "100.00"), pay(1, 2, by=SECOND_REMITTANCE)
    )
    told = lives.remittance(SECOND_REMITTANCE)
    assert adjusted_by(told) == [("L6", "CF0000000000000", "0.30")]
    assert str(told.amount) == "19.70"


def failed(lives: House, by: UUID = FIRST_REMITTANCE) -> House:
    return lives.after(fail(by))


def test_m19_a_failed_payment_is_made_again() -> None:
    lives = house(*approved(1, "80.00"), pay(1))
    told = lives.outcome(fail())
    assert told.others == {
        number_of(1): (
            PaymentFailed(
                remittance_id=FIRST_REMITTANCE, adjudication_number=1, at=PAYDAY + ONE_DAY
            ),
        )
    }
    assert told.failed_remittance_id == FIRST_REMITTANCE
    assert (told.events, told.opened, told.cancelled, told.remittance) == ((), (), (), None)
    lives = lives.after(fail())
    assert (lives.claim().state, lives.claim().remitted) == (State.APPROVED, None)
    again = lives.after(pay(1, by=SECOND_REMITTANCE))
    assert paid_by(again.remittance(SECOND_REMITTANCE)) == [(1, "1", "80.00", False)]


def test_a_payment_fails_once() -> None:
    lives = house(*approved(1, "80.00"), pay(1), fail())
    lives.refuses(fail(), Refusal.PAYMENT_ALREADY_FAILED)


def test_a_remittance_of_nothing_cannot_fail() -> None:
    house(*approved(1, "0.00"), pay(1)).refuses(fail(), Refusal.NOTHING_WAS_PAID)


def test_a_denial_stays_told_when_the_payment_beside_it_fails() -> None:
    lives = house(*approved(1, "80.00"), *approved(2, "0.00"), pay(1, 2))
    told = lives.outcome(fail())
    assert list(told.others) == [number_of(1)]
    after = failed(lives).claim(2)
    assert (after.state, after.remitted) == (State.DENIED, lives.claim(2).remitted)


def test_a_denial_beside_a_charge_of_nothing_is_a_denial_too() -> None:
    about: dict[str, Any] = {"claim_id": number_of(2)}
    lives = house(
        *approved(1, "80.00"),
        submitted(2, "100.00", "0.00"),
        adjudicate(denied(1, "100.00", "CO-97"), decided(2, "0.00", "0.00", "0.00"), **about),
        finalize(**about),
        pay(1, 2),
    )
    assert lives.claim(2).state is State.DENIED
    assert list(lives.outcome(fail()).others) == [number_of(1)]


def test_a_claim_paid_at_nothing_is_to_be_told_again() -> None:
    about: dict[str, Any] = {"claim_id": number_of(2)}
    lives = house(
        *approved(1, "80.00"),
        submitted(2, "100.00"),
        adjudicate(decided(1, "100.00", "100.00", "0.00", {"PR-1": "100.00"}), **about),
        finalize(**about),
        pay(1, 2),
    )
    assert lives.claim(2).state is State.PAID
    assert failed(lives).claim(2).state is State.APPROVED


def test_what_the_failed_remittance_had_taken_stands_open_again() -> None:
    lives = house(
        *approved(1, "80.00"),
        pay(1),
        overpaid("30.00"),
        recoup("30.00"),
        *approved(2, "50.00"),
        pay(2, by=SECOND_REMITTANCE),
    )
    (taken,) = lives.issued[SECOND_REMITTANCE].taken
    (again,) = failed(lives, SECOND_REMITTANCE).entries
    assert again == replace(
        taken,
        entry_id=uuid5(SECOND_REMITTANCE, f"reopened/{taken.entry_id}"),
        opened_at=PAYDAY + ONE_DAY,
        reopens=taken.entry_id,
    )


def test_m18_a_failed_correction_leaves_the_first_payment_standing() -> None:
    lives = house(*approved(1, "80.00"), pay(1), *anew(1, "90.00"), pay(1, by=SECOND_REMITTANCE))
    first = house(*approved(1, "80.00"), pay(1)).claim().remitted
    told = lives.outcome(fail(SECOND_REMITTANCE))
    assert told.others[number_of(1)] == (
        PaymentFailed(
            remittance_id=SECOND_REMITTANCE,
            adjudication_number=2,
            at=PAYDAY + ONE_DAY,
            undoes_reversal=True,
        ),
    )
    assert told.opened == ()
    after = failed(lives, SECOND_REMITTANCE)
    assert (after.claim().state, after.claim().remitted) == (State.APPROVED, first)
    assert after.claim().reversed is None
    again = after.after(pay(1, by=THIRD_REMITTANCE)).remittance(THIRD_REMITTANCE)
    assert paid_by(again) == [(1, "22", "-80.00", True), (1, "1", "90.00", False)]


def test_k2_a_payment_that_is_made_again_bears_interest_to_its_own_day() -> None:
    lives = failed(paid_after(40)).after(pay(1, by=SECOND_REMITTANCE, now=NOW + timedelta(days=60)))
    remitted = lives.claim().remitted
    assert remitted is not None and remitted.interest_days == 30


TURNED_DOWN = [
    *approved(1, "80.00"),
    pay(1, now=NOW + timedelta(days=60)),
    overpaid("30.00"),
    recoup("20.00"),
    *anew(1, "0.00"),
    *approved(2, "500.00", "500.00"),
    pay(1, 2, by=SECOND_REMITTANCE),
]


def test_what_was_reversed_in_vain_for_a_denial_is_still_to_be_taken_back() -> None:
    lives = house(*TURNED_DOWN)
    taken, *_ = lives.issued[SECOND_REMITTANCE].taken
    again, reversal, back, interest = lives.outcome(fail(SECOND_REMITTANCE)).opened
    assert again.reopens == taken.entry_id
    told = uuid5(SECOND_REMITTANCE, f"reversal/{number_of(1)}")
    assert reversal == Entry(
        entry_id=told,
        account=ACCOUNT,
        kind=EntryKind.REVERSAL,
        reference="CF0000000000000",
        claim_id=number_of(1),
        remittance_id=SECOND_REMITTANCE,
        reversal=lives.remittance(SECOND_REMITTANCE).claims[0],
        opened_at=PAYDAY + ONE_DAY,
    )
    assert back == replace(
        reversal,
        entry_id=uuid5(told, f"WO/{FIRST_OVERPAYMENT}"),
        kind=EntryKind.OVERPAYMENT,
        reference=str(FIRST_OVERPAYMENT),
        amount=money("-20.00"),
        reversal=None,
    )
    assert interest == replace(
        reversal,
        entry_id=uuid5(told, "L6/CF0000000000000"),
        kind=EntryKind.INTEREST,
        amount=money("0.30"),
        reversal=None,
    )


def test_m18_the_next_remittance_takes_back_what_was_reversed_in_vain() -> None:
    lives = failed(house(*TURNED_DOWN), SECOND_REMITTANCE).after(pay(2, by=THIRD_REMITTANCE))
    told = lives.remittance(THIRD_REMITTANCE)
    assert paid_by(told) == [(1, "22", "-80.00", True), (2, "1", "500.00", False)]
    # 500.00 less 80.00, and less the interest; what was recovered and given back is even.
    assert str(told.amount) == "419.70"


def test_m18_only_what_was_reversed_for_a_denial_was_reversed_in_vain() -> None:
    lives = house(
        *approved(1, "80.00"),
        *approved(2, "70.00"),
        pay(1, 2),
        *anew(2, "100.00"),
        *anew(1, "0.00"),
        *approved(3, "90.00"),
        pay(3, 2, 1, by=SECOND_REMITTANCE),
    )
    (again,) = lives.outcome(fail(SECOND_REMITTANCE)).opened
    assert (again.claim_id, again.kind) == (number_of(1), EntryKind.REVERSAL)
    after = failed(lives, SECOND_REMITTANCE)
    assert [after.claim(one).state for one in (1, 2, 3)] == [
        State.DENIED,
        State.APPROVED,
        State.APPROVED,
    ]


def test_m18_a_payment_that_failed_after_the_claim_was_voided_is_not_taken_back() -> None:
    lives = paid_after(60).after(void())
    told = lives.outcome(fail(now=NOW + timedelta(days=61)))
    assert told.others == {}
    assert set(told.cancelled) == {one.entry_id for one in lives.entries}
    assert len(told.cancelled) == 2  # the reversal and the interest
    assert failed(lives).entries == ()
    assert failed(lives).claim().state is State.VOIDED


def test_m18_a_payment_that_failed_after_the_claim_was_replaced_is_not_taken_back() -> None:
    lives = house(*approved(1, "80.00"), *approved(2, "10.00"), pay(1, 2))
    lives = lives.after(correct(lives.claim(1), number=3), fail())
    assert lives.entries == ()
    assert lives.claim(2).state is State.APPROVED
    assert lives.claim(1).state is State.REPLACED


def test_m18_each_voided_claims_own_reversal_falls_away() -> None:
    both = [void(claim_id=number_of(1)), void(claim_id=number_of(2))]
    lives = house(
        *approved(1, "80.00"), *approved(2, "70.00"), *approved(3, "60.00"), pay(1, 2), *both
    )
    assert lives.outcome(fail()).cancelled == tuple(one.entry_id for one in lives.entries)
    one_voided = house(*approved(1, "80.00"), *approved(2, "70.00"), pay(1, 2), both[1])
    (waiting,) = one_voided.entries
    assert one_voided.outcome(fail()).cancelled == (waiting.entry_id,)


def test_what_waits_by_another_remittance_stays() -> None:
    lives = house(*approved(1, "80.00"), pay(1), void(claim_id=number_of(1)))
    (waiting,) = lives.entries
    other = replace(waiting, entry_id=UUID(int=0xF9), remittance_id=THIRD_REMITTANCE)
    more = replace(lives, entries=(waiting, other))
    assert more.outcome(fail()).cancelled == (waiting.entry_id,)


def test_a_reversal_that_was_taken_already_keeps_the_payment_from_failing() -> None:
    lives = house(
        *approved(1, "80.00"),
        pay(1),
        void(claim_id=number_of(1)),
        *approved(2, "90.00"),
        pay(2, by=SECOND_REMITTANCE),
    )
    refused = lives.refuses(fail(), Refusal.TRANSITION_NOT_ALLOWED)
    assert refused.facts == {
        "state": "VOIDED",
        "command": "ReportPaymentFailure",
        "allowed": "PAID",
    }
    assert refused.field_path == "remittance_id"


def test_a_reversal_that_stands_open_again_falls_with_the_payment_it_takes_back() -> None:
    lives = house(
        *approved(1, "80.00"),
        pay(1),
        void(claim_id=number_of(1)),
        *approved(2, "90.00"),
        pay(2, by=SECOND_REMITTANCE),
        fail(SECOND_REMITTANCE),
        fail(FIRST_REMITTANCE),
    )
    assert lives.entries == ()


@pytest.mark.parametrize("after", [[close()], [reopen()], anew(1, "90.00")])
def test_a_claim_that_has_moved_on_keeps_its_payment_from_failing(after: list[Command]) -> None:
    lives = house(*approved(1, "80.00"), pay(1), *after)
    refused = lives.refuses(fail(), Refusal.TRANSITION_NOT_ALLOWED)
    assert refused.facts["state"] == lives.claim().state


def test_a_claim_that_another_remittance_pays_keeps_the_first_from_failing() -> None:
    lives = house(*approved(1, "80.00"), pay(1), *anew(1, "90.00"), pay(1, by=SECOND_REMITTANCE))
    refused = lives.refuses(fail(), Refusal.TRANSITION_NOT_ALLOWED)
    assert refused.facts["state"] == "PAID"


def test_r1_what_was_recovered_of_a_payment_that_failed_is_given_back() -> None:
    lives = house(*approved(1, "80.00"), pay(1), overpaid("30.00"), recoup("20.00"))
    told = lives.outcome(fail())
    assert told.opened == (
        Entry(
            entry_id=uuid5(FIRST_REMITTANCE, f"given back/{FIRST_OVERPAYMENT}"),
            account=ACCOUNT,
            kind=EntryKind.OVERPAYMENT,
            reference=str(FIRST_OVERPAYMENT),
            amount=money("-20.00"),
            claim_id=number_of(1),
            remittance_id=FIRST_REMITTANCE,
            opened_at=PAYDAY + ONE_DAY,
        ),
    )


def test_r1_an_overpayment_of_which_nothing_was_recovered_falls_with_its_payment() -> None:
    lives = house(*approved(1, "80.00"), pay(1), overpaid("30.00"), fail())
    assert lives.entries == ()
    assert lives.claim().overpayments == ()


def test_r1_a_recovery_of_a_voided_claim_whose_payment_failed_is_given_back() -> None:
    lives = house(*approved(1, "80.00"), pay(1), overpaid("30.00"), recoup("20.00"), void(), fail())
    assert sorted(str(one.amount) for one in lives.entries) == ["-20.00", "20.00"]
    assert {one.kind for one in lives.entries} == {EntryKind.OVERPAYMENT}


VOIDED_AFTER_CORRECTION = [
    *approved(1, "80.00"),
    pay(1, now=NOW + timedelta(days=60)),
    *anew(1, "90.00"),
    pay(1, by=SECOND_REMITTANCE),
    void(claim_id=number_of(1)),
]


def test_m18_a_claim_voided_after_a_correction_that_failed_gives_the_first_payment_back() -> None:
    lives = house(*VOIDED_AFTER_CORRECTION)
    told = lives.outcome(fail(SECOND_REMITTANCE))
    assert len(told.cancelled) == 2
    reversal, interest = told.opened
    assert reversal.reversal is not None and str(reversal.reversal.paid) == "-80.00"
    # The interest of the first payment goes back; that of the second was never paid.
    assert (interest.kind, str(interest.amount)) == (EntryKind.INTEREST, "0.30")
    assert failed(lives, SECOND_REMITTANCE).entries == (reversal, interest)


def balances(lives: House) -> Mapping[str, Any]:
    """What each family and each reference comes to, over all that was paid or is still open."""
    sums: dict[str, Any] = {}

    def add(name: str, amount: Any) -> None:
        sums[name] = sums.get(name, 0) + amount

    for one in lives.issued.values():
        if one.failed:
            continue
        for told in one.remittance.claims:
            add(f"family/{lives.claims[told.claim_id].family_id}", told.paid)
        for item in one.remittance.provider_adjustments:
            add(f"{item.reason_code}/{item.reference}", item.amount)
    codes = {"OVERPAYMENT": "WO", "FORWARD_BALANCE": "FB", "INTEREST": "L6"}
    for entry in lives.entries:
        if entry.reversal is not None:
            add(f"family/{lives.claims[entry.reversal.claim_id].family_id}", entry.reversal.paid)
        else:
            add(f"{codes[entry.kind]}/{entry.reference}", entry.amount)
    return sums


def standing(lives: House) -> Mapping[str, Any]:
    """What they should come to: what stands on the claims."""
    sums: dict[str, Any] = {}
    for claim in lives.claims.values():
        remitted = claim.remitted
        if remitted is None:
            continue
        family = f"family/{claim.family_id}"
        sums[family] = sums.get(family, 0) + remitted.paid
        if remitted.interest:
            sums[f"L6/{claim.claim_number}"] = -remitted.interest
        for one in remitted.overpayments:
            if one.recouped:
                sums[f"WO/{one.overpayment_id}"] = one.recouped
    return sums


PAYMENTS = ["100.00", "80.00", "31.07", "0.00"]
STEPS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 4), st.integers(0, 3)), min_size=6, max_size=30
)
NO_FLOOR = with_policy(
    clocks=replace(
        STRICT.policy.clocks, payment_floor_electronic_days=0, payment_floor_paper_days=0
    )
)


def to_be_told(lives: House) -> list[UUID]:
    """The claims that the next remittance may tell."""
    return [
        one.claim_id
        for one in lives.claims.values()
        if one.state is State.APPROVED or (one.state is State.DENIED and one.remitted is None)
    ]


def step(lives: House, kind: int, which: int, choice: int, count: int) -> list[Command]:
    """A step in the life of a payer with some claims; it may be refused."""
    new = len(lives.claims) + 1
    if kind == 0 or not lives.claims:
        return approved(new, PAYMENTS[choice])
    later = NOW + timedelta(days=20 + 3 * count)
    if kind in (1, 2):
        by = UUID(int=0xD00 + count)
        return [issue(*to_be_told(lives)[: which + 1], remittance_id=by, now=later)]
    if kind == 3:
        paid = [one for one, told in lives.issued.items() if told.remittance.amount]
        return [fail(one, now=later) for one in paid[-1 - choice :][:1]]
    claim = list(lives.claims.values())[which % len(lives.claims)]
    about: dict[str, Any] = {"claim_id": claim.claim_id, "now": later}
    match kind:
        case 4:
            return [void(**about)]
        case 5:
            return [correct(claim, number=new, now=later), *decision(new, PAYMENTS[choice])]
        case 6 | 7:
            return anew(claim.claim_id.int, PAYMENTS[choice])
        case _:
            found = UUID(int=0xE00 + count)
            entry = UUID(int=0xF00 + count)
            return [overpaid("10.00", found, **about), recoup("4.00", found, entry, **about)]


@settings(deadline=None, max_examples=60)
@given_any(STEPS)
def test_m18_m19_r1_m5_money_moves_once_whatever_happens(steps: list[tuple[int, int, int]]) -> None:
    lives = House(facts=NO_FLOOR)
    for count, chosen in enumerate(steps):
        try:
            lives = lives.after(*step(lives, *chosen, count))
        except Refused:
            continue
        for one in lives.issued.values():
            told = one.remittance
            assert told.amount == told.claims_paid - told.adjusted >= 0
        comes_to, should = balances(lives), standing(lives)
        for name in comes_to.keys() | should.keys():
            assert comes_to.get(name, 0) == should.get(name, 0), name
        paid = [
            (told.claim_id, told.adjudication_number)
            for one in lives.issued.values()
            if not one.failed
            for told in one.remittance.claims
            if not told.reverses
        ]
        assert len(paid) == len(set(paid))
