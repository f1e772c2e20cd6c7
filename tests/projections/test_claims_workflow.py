"""The claims view after a decision: payment, reversal, reopening, appeals, holds, families."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest

from projections.views.view import Document, View
from server.claims.document import Payer, PriorPayer
from server.claims.events import (
    AdjudicationRecorded,
    AdjudicationWithdrawn,
    AppealDecided,
    AppealDismissed,
    AppealEscalated,
    AppealFiled,
    AppealWithdrawn,
    ClaimApproved,
    ClaimBreached,
    ClaimDenied,
    ClaimLinked,
    ClaimPaid,
    ClaimReceived,
    ClaimRemitted,
    ClaimReopened,
    ClaimReplaced,
    ClaimVoided,
    HoldPlaced,
    HoldReleased,
    OverpaymentRecorded,
    OverpaymentRecouped,
    PaymentFailed,
    PaymentReversed,
    PriorPayerRecorded,
)
from server.claims.model import (
    Appeal,
    AppealOutcome,
    Link,
    Overpayment,
    Provenance,
    Relation,
    Remitted,
)
from tests.projections.folds import folded
from tests.projections.full import full

AT = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
SHOWN_AT = "2026-04-01T12:00:00.000000Z"
FIRST, SECOND = UUID(int=0x11), UUID(int=0x22)
RECEIVED: ClaimReceived = full(ClaimReceived)


def adjudicated(number: int = 1, **changes: Any) -> AdjudicationRecorded:
    event: AdjudicationRecorded = full(AdjudicationRecorded)
    return replace(event, adjudication=replace(event.adjudication, number=number, **changes))


def remitted(remittance: UUID = FIRST, number: int = 1, paid: str = "80.00") -> Remitted:
    return Remitted(
        adjudication_number=number,
        remittance_id=remittance,
        trace_number=f"TRN{remittance.int}",
        payment_date=date(2026, 4, 3),
        paid=Decimal(paid),
        interest=Decimal("1.25"),
    )


def was_paid(remittance: UUID = FIRST, number: int = 1, paid: str = "80.00") -> ClaimPaid:
    return ClaimPaid(remitted=remitted(remittance, number, paid), remittance_hash="ab", at=AT)


def was_reversed(in_remittance: UUID | None = SECOND) -> PaymentReversed:
    return PaymentReversed(remitted=remitted(), at=AT, in_remittance_id=in_remittance)


def failed(remittance: UUID = FIRST, *, undoes: bool = False) -> PaymentFailed:
    return PaymentFailed(
        remittance_id=remittance, adjudication_number=1, at=AT, undoes_reversal=undoes
    )


def overpaid(amount: str = "30.00", overpayment: UUID = FIRST) -> OverpaymentRecorded:
    return OverpaymentRecorded(
        overpayment=Overpayment(
            overpayment_id=overpayment, amount=Decimal(amount), recorded_by="fay", recorded_at=AT
        )
    )


def filed(appeal: UUID = FIRST, due: date = date(2026, 6, 1), level: int = 1) -> AppealFiled:
    return AppealFiled(
        appeal=Appeal(
            appeal_id=appeal,
            level=level,
            adjudication_number=1,
            line_numbers=(1,),
            amount_in_controversy=Decimal("45.50"),
            filed_by="clara",
            filed_at=AT,
            due_date=due,
        )
    )


DECIDED: tuple[Any, ...] = (RECEIVED, adjudicated(), ClaimApproved(number=1, by="ana", at=AT))


@pytest.fixture
def decided(view: View) -> Document:
    return folded(view, *DECIDED)


@pytest.fixture
def paid(view: View, decided: Document) -> Document:
    return folded(view, was_paid(), onto=decided)


# -- payment


def test_a_payment_tells_what_which_remittance_paid(paid: Document) -> None:
    assert paid["payment"] == {
        "number": 1,
        "remittance_id": str(FIRST),
        "trace_number": "TRN17",
        "payment_date": "2026-04-03",
        "paid": "80.00",
        "paid_cents": 8000,
        "interest": "1.25",
        "interest_cents": 125,
    }
    assert paid["remitted"] is True


def test_a_denial_that_is_told_is_remitted(view: View) -> None:
    told = ClaimRemitted(remitted=remitted(paid="0.00"), remittance_hash="ab", at=AT)
    denied = folded(view, RECEIVED, adjudicated(), ClaimDenied(number=1, at=AT))
    assert denied["remitted"] is False
    document = folded(view, told, onto=denied)
    assert document["payment"]["paid_cents"] == 0
    assert document["remitted"] is True


def test_m17_a_reversal_takes_the_payment_and_keeps_it_aside(view: View, paid: Document) -> None:
    document = folded(view, was_reversed(None), onto=paid)
    assert "payment" not in document
    assert document["reversed_payment"] == paid["payment"]
    assert document["remitted"] is False


def test_a_failed_payment_is_to_be_paid_again(view: View, paid: Document) -> None:
    document = folded(view, failed(), onto=paid)
    assert "payment" not in document and "reversed_payment" not in document
    assert document["remitted"] is False
    assert document["adjudication"]["number"] == 1


def test_a_correction_that_fails_lets_the_earlier_payment_stand_again(
    view: View, paid: Document
) -> None:
    owed = folded(view, overpaid(), onto=paid)
    corrected = folded(
        view,
        ClaimReopened(by="sue", at=AT),
        adjudicated(2),
        ClaimApproved(number=2, at=AT),
        was_reversed(),
        was_paid(SECOND, 2, "95.00"),
        onto=owed,
    )
    assert corrected["payment"]["paid"] == "95.00"
    assert "open_recovery" not in corrected
    document = folded(view, failed(SECOND, undoes=True), onto=corrected)
    assert document["payment"] == owed["payment"]
    assert document["open_recovery_cents"] == 3000
    assert "reversed_payment" not in document
    assert document["remitted"] is False  # what stands now was told by nobody


def test_a_failure_that_undoes_nothing_leaves_nothing_that_could_stand_again(
    view: View, paid: Document
) -> None:
    document = folded(view, was_reversed(), was_paid(SECOND), failed(SECOND), onto=paid)
    assert "payment" not in document
    assert "reversed_payment" not in document


# -- recovery


def test_r1_what_is_overpaid_and_what_is_still_to_be_recovered_shows(
    view: View, paid: Document
) -> None:
    recouped = OverpaymentRecouped(
        overpayment_id=FIRST, entry_id=SECOND, amount=Decimal("12.50"), by="fay", at=AT
    )
    document = folded(view, overpaid(), overpaid("5.00", SECOND), recouped, onto=paid)
    first, second = document["payment"]["overpayments"]
    assert (first["amount_cents"], first["recouped"], first["recouped_cents"]) == (
        3000, "12.50", 1250,
    )  # fmt: skip
    assert second["recouped_cents"] == 0 and second["recorded_by"] == "fay"
    assert (document["open_recovery"], document["open_recovery_cents"]) == ("22.50", 2250)
    rest = OverpaymentRecouped(
        overpayment_id=FIRST, entry_id=SECOND, amount=Decimal("17.50"), by="fay", at=AT
    )
    assert folded(view, rest, onto=document)["open_recovery_cents"] == 500
    assert document["payment"]["overpayments"][0]["recouped_cents"] == 1250


# -- reopening


def test_a_reopened_claim_has_no_determination_and_keeps_its_payment(
    view: View, paid: Document
) -> None:
    document = folded(view, ClaimReopened(by="sue", at=AT), onto=paid)
    received = folded(view, RECEIVED)
    assert "adjudication" not in document and "plan_id" not in document
    assert document["service_lines"] == received["service_lines"]
    assert "paid" not in document and "adjustments" not in document
    assert document["payment"] == paid["payment"]
    assert document["remitted"] is False
    assert document["reopening_count"] == 1
    # What was decided last stays told.
    assert (document["decision"], document["decide_time"]) == ("APPROVED", SHOWN_AT)


def test_a_new_decision_is_not_told_until_its_own_remittance(view: View, paid: Document) -> None:
    again = (ClaimReopened(by="sue", at=AT), adjudicated(2), ClaimApproved(number=2, at=AT))
    document = folded(view, *again, onto=paid)
    assert document["remitted"] is False
    document = folded(view, was_reversed(), was_paid(SECOND, 2), onto=document)
    assert document["remitted"] is True


# -- the determination


def test_who_and_what_worked_a_determination_out_shows(decided: Document) -> None:
    adjudication = decided["adjudication"]
    assert adjudication["mode"] == "AUTO"
    assert adjudication["shares"] == [
        {
            "plan_id": "some plan_id",
            "benefit_year": 1,
            "deductible": "12.34",
            "deductible_cents": 1234,
            "out_of_pocket": "12.34",
            "out_of_pocket_cents": 1234,
        }
    ]
    assert adjudication["provenance"] == {
        "policy_version": 1,
        "plan_id": "some plan_id",
        "plan_version": 1,
        "fee_schedule_versions": ["some fee_schedule_versions"],
        "code_edits_version": 1,
    }
    assert decided["plan_id"] == "some plan_id"


def test_the_rules_of_a_line_show_with_the_line(decided: Document) -> None:
    (line,) = decided["service_lines"]
    assert line["edit_ids"] == ["some edit_ids"]
    assert line["pricing_method"] == "some pricing_method"
    assert line["fee_schedule_reference"] == "some fee_schedule_reference"
    assert line["units_paid"] == "12.34"
    assert line["adjudicated_procedure_code"] == "some code"
    assert line["adjudicated_procedure_system"] == "LOCAL"


def test_a_stated_determination_has_its_plan_from_its_shares(view: View) -> None:
    stated = adjudicated(provenance=Provenance(policy_version=3))
    assert folded(view, RECEIVED, stated)["plan_id"] == "some plan_id"
    without = adjudicated(provenance=None, shares=())
    document = folded(view, RECEIVED, without)
    assert "plan_id" not in document and "provenance" not in document["adjudication"]


def test_everything_of_a_determination_goes_with_it(view: View) -> None:
    received = folded(view, RECEIVED)
    withdrawn = folded(view, adjudicated(), AdjudicationWithdrawn(number=1), onto=received)
    assert withdrawn | {"version": 1} == received


def test_a_decision_of_the_first_format_has_its_time_from_its_determination(view: View) -> None:
    document = folded(view, RECEIVED, adjudicated(at=AT), ClaimApproved(number=1))
    assert document["decide_time"] == SHOWN_AT


# -- holds


def test_open_holds_are_listed_by_kind(view: View, decided: Document) -> None:
    legal, fraud = (HoldPlaced(kind=kind, by="sid", at=AT) for kind in ("LEGAL", "FRAUD"))
    released = HoldReleased(kind="LEGAL", by="sue", at=AT)
    held = folded(view, legal, fraud, onto=decided)
    assert held["open_hold_kinds"] == ["LEGAL", "FRAUD"]
    document = folded(view, released, onto=held)
    assert document["open_hold_kinds"] == ["FRAUD"]
    assert document["holds"] == [
        {
            "kind": "LEGAL",
            "placed_by": "sid",
            "place_time": SHOWN_AT,
            "released_by": "sue",
            "release_time": SHOWN_AT,
        },
        {"kind": "FRAUD", "placed_by": "sid", "place_time": SHOWN_AT},
    ]


def test_a_kind_is_held_again_after_its_release(view: View, decided: Document) -> None:
    placed = HoldPlaced(kind="LEGAL", by="sid", at=AT)
    released = HoldReleased(kind="LEGAL", by="sue", at=AT)
    document = folded(view, placed, released, placed, onto=decided)
    assert document["open_hold_kinds"] == ["LEGAL"]
    assert [("release_time" in one) for one in document["holds"]] == [True, False]


# -- appeals


def test_an_appeal_is_counted_and_its_day_is_known(view: View, paid: Document) -> None:
    assert paid["open_appeals"] == 0
    later = filed(SECOND, date(2026, 7, 1))
    document = folded(view, later, filed(), onto=paid)
    assert document["open_appeals"] == 2
    assert document["next_appeal_due_date"] == "2026-06-01"
    assert document["appeals"][1] == {
        "appeal_id": str(FIRST),
        "level": 1,
        "adjudication_number": 1,
        "line_numbers": [1],
        "amount_in_controversy": "45.50",
        "amount_in_controversy_cents": 4550,
        "filed_by": "clara",
        "file_time": SHOWN_AT,
        "due_date": "2026-06-01",
        "status": "OPEN",
        "late": False,
    }


@pytest.mark.parametrize(
    ("ended", "status"),
    [
        (AppealWithdrawn(appeal_id=FIRST, by="amy", at=AT), "WITHDRAWN"),
        (AppealDismissed(appeal_id=FIRST, by="amy", at=AT), "DISMISSED"),
        (AppealEscalated(appeal_id=FIRST, by="amy", at=AT), "ESCALATED"),
    ],
)
def test_w13_an_appeal_that_ends_without_a_decision_is_open_no_more(
    view: View, paid: Document, ended: Any, status: str
) -> None:
    later = filed(SECOND, date(2026, 7, 1))
    document = folded(view, filed(), later, ended, onto=paid)
    first, second = document["appeals"]
    assert (first["status"], first["closed_by"], first["close_time"]) == (status, "amy", SHOWN_AT)
    assert "outcome" not in first and second["status"] == "OPEN"
    assert document["open_appeals"] == 1
    assert document["next_appeal_due_date"] == "2026-07-01"


def test_w13_a_decided_appeal_has_its_outcome_and_whether_it_was_late(
    view: View, paid: Document
) -> None:
    outcome = AppealDecided(
        appeal_id=FIRST, outcome=AppealOutcome.PARTLY_OVERTURNED, by="amy", at=AT, late=True
    )
    document = folded(view, filed(), outcome, onto=paid)
    (appeal,) = document["appeals"]
    assert (appeal["status"], appeal["outcome"], appeal["late"]) == (
        "DECIDED", "PARTLY_OVERTURNED", True,
    )  # fmt: skip
    assert document["open_appeals"] == 0
    assert "next_appeal_due_date" not in document


# -- family, other payers, clocks


def test_a_family_is_known_by_its_first_claim(view: View) -> None:
    alone = folded(view, RECEIVED)
    assert alone["family_id"] == alone["claim_id"]
    link = Link(
        relation=Relation.REPLACES,
        prior_claim_id=SECOND,
        prior_claim_number="C2",
        original_claim_id=FIRST,
        original_claim_number="C1",
    )
    document = folded(view, ClaimLinked(link=link), onto=alone)
    assert document["family_id"] == str(FIRST)
    assert document["link"] == {
        "relation": "REPLACES",
        "prior_claim_id": str(SECOND),
        "prior_claim_number": "C2",
        "original_claim_id": str(FIRST),
        "original_claim_number": "C1",
    }


def test_a_claim_names_what_took_its_place(view: View, paid: Document) -> None:
    replaced = ClaimReplaced(by_claim_id=SECOND, by_claim_number="C2", at=AT)
    assert folded(view, replaced, onto=paid)["next_claim_id"] == str(SECOND)
    voided = ClaimVoided(by="clara", at=AT, by_claim_id=SECOND)
    assert folded(view, voided, onto=paid)["next_claim_id"] == str(SECOND)
    assert "next_claim_id" not in folded(view, ClaimVoided(by="sue", at=AT), onto=paid)


def test_c1_an_earlier_payer_that_becomes_known_joins_the_submitted_ones(view: View) -> None:
    alone = folded(view, RECEIVED)
    (submitted,) = alone["prior_payers"]
    assert submitted["payer_id"] == "some payer_id"
    recorded = PriorPayerRecorded(
        prior_payer=PriorPayer(
            payer=Payer(payer_id="OTHER", name="Other Plan"),
            payer_sequence="P",
            paid_amount=Decimal("20.00"),
        )
    )
    document = folded(view, recorded, onto=alone)
    assert document["prior_payers"] == [
        submitted,
        {
            "payer_id": "OTHER",
            "payer_name": "Other Plan",
            "payer_sequence": "P",
            "paid_amount": "20.00",
            "paid_amount_cents": 2000,
        },
    ]


def test_k1_a_breach_is_noted_with_its_time(view: View) -> None:
    document = folded(view, RECEIVED, ClaimBreached(due_date=date(2026, 3, 30), at=AT))
    assert document["breach_time"] == SHOWN_AT


# -- the fold


STEPS: tuple[Any, ...] = (
    *DECIDED,
    was_paid(),
    overpaid(),
    filed(),
    HoldPlaced(kind="LEGAL", by="sid", at=AT),
    AppealDecided(appeal_id=FIRST, outcome=AppealOutcome.OVERTURNED, by="amy", at=AT),
    ClaimReopened(by="amy", at=AT, appeal_id=FIRST),
    HoldReleased(kind="LEGAL", by="sid", at=AT),
    adjudicated(2),
    ClaimApproved(number=2, at=AT),
    was_reversed(),
    was_paid(SECOND, 2),
    failed(SECOND, undoes=True),
    was_reversed(None),
    ClaimReplaced(by_claim_id=SECOND, by_claim_number="C2", at=AT),
)


def test_folding_changes_no_earlier_document_and_needs_nothing_but_its_json(view: View) -> None:
    document: Document | None = None
    for step in STEPS:
        before = orjson.dumps(document)
        after = folded(view, step, onto=document)
        assert orjson.dumps(document) == before
        document = orjson.loads(orjson.dumps(after))
    assert document == folded(view, *STEPS)
