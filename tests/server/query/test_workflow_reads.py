"""Claims that were paid, appealed and replaced: found by it, and shown alike wherever from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch

from claimflow.v1 import claim_pb2, query_service_pb2
from projections.views.claims import claims_view
from projections.views.view import Document
from server.claims import records
from server.query.history import open_history
from server.query.history_pages import verification
from server.query.service import QueryService
from tests.server.query import paying, sample, store
from tests.server.query.whole import FULL, Base, Person, reason_of

STRONG: Any = {"strong": {}}


@dataclass(frozen=True)
class Lived:
    """A claim with its whole life in Postgres, and how the index has it."""

    written: store.Written
    document: Document

    def version(self, event_type: str) -> int:
        """Return the version after the first event of a type."""
        rows = self.written.rows
        return int(next(row["version"] for row in rows if row["event_type"] == event_type))


def of_index(written: store.Written, base: Base, rows: list[Any]) -> Document:
    document: Document | None = None
    view = claims_view(sample.INDEX_KEY)
    for row in rows:
        document = view.project(document, records.recorded(row))
    assert document is not None
    return document | {"position": 4000, "store_epoch": str(base.epoch)}


@pytest.fixture
def lived(base: Base) -> Lived:
    written = store.write(base.url, sample.TENANT, paying.whole_life(uuid4(), "CLIVED"))
    document = of_index(written, base, written.rows)
    with Elasticsearch(base.elasticsearch_url) as client:
        sample.write(client, base.prefix, [document])
    return Lived(written, document)


@pytest.fixture
def paid(base: Base) -> Lived:
    """Another claim, as it is when an overpayment is open and two appeals were filed."""
    written = store.write(base.url, sample.TENANT, paying.whole_life(uuid4(), "CPAID")[:15])
    document = of_index(written, base, written.rows)
    with Elasticsearch(base.elasticsearch_url) as client:
        sample.write(client, base.prefix, [document])
    return Lived(written, document)


async def test_everything_shows_in_every_view_of_a_claim(
    service: QueryService, lived: Lived
) -> None:
    person = Person(service, "EXAMINER")
    claim_id = lived.written.claim_id
    shown = [
        await person.get(claim_id),
        await person.get(claim_id, consistency=STRONG),
        await person.get(claim_id, view=FULL),
        await person.get(claim_id, version=len(lived.written.rows), view=FULL),
    ]
    assert [reply.freshness.source for reply in shown] == [1, 2, 2, 2]
    for claim in (reply.claim for reply in shown):
        assert claim.state == claim_pb2.CLAIM_STATE_REPLACED
        assert claim.link.relation == claim_pb2.CLAIM_RELATION_REPLACES
        assert claim.link.prior_claim_number == "CORIGINAL"
        assert claim.next_claim_id == str(paying.NEXT)
        assert (claim.payment.trace_number, claim.payment.paid) == ("TRN17", "79.00")
        assert claim.payment.interest == "0.75"
        (overpayment,) = claim.payment.overpayments
        assert (overpayment.amount, overpayment.recouped) == ("9.00", "4.00")
        (hold,) = claim.holds
        assert (hold.kind, hold.released_by) == ("COB", "cora")
        first, second = claim.appeals
        assert first.status == claim_pb2.APPEAL_STATUS_ESCALATED
        assert second.outcome == claim_pb2.APPEAL_OUTCOME_PARTLY_OVERTURNED and second.late
        assert claim.breach_time.ToDatetime() == paying.AT.replace(tzinfo=None)
        assert claim.HasField("decide_time")
        adjudication = claim.adjudication
        assert adjudication.adjudication_number == 2
        assert adjudication.mode == claim_pb2.ADJUDICATION_MODE_AUTO
        assert adjudication.shares[0].plan_id == "GOLD"
        assert list(adjudication.provenance.fee_schedule_versions) == ["DEMO@4"]
        assert list(adjudication.lines[0].edit_ids) == ["K5", "PTP:99213/99214"]
        assert [one.payer.payer_id for one in claim.document.prior_payers] == ["EARLY", "LATER"]


async def test_as_of_a_version_it_is_as_it_was(service: QueryService, lived: Lived) -> None:
    person = Person(service, "EXAMINER")

    async def after(event_type: str) -> claim_pb2.Claim:
        version = lived.version(event_type)
        reply = await person.get(lived.written.claim_id, version=version)
        claim: claim_pb2.Claim = reply.claim
        return claim

    assert not (await after("ClaimPartiallyApproved")).HasField("payment")
    assert (await after("ClaimPaid")).payment.remittance_id == str(paying.FIRST)
    reopened = await after("ClaimReopened")
    assert reopened.HasField("payment") and not reopened.HasField("adjudication")
    assert reopened.decision == claim_pb2.DECISION_PARTIAL
    assert not (await after("PaymentReversed")).HasField("payment")
    assert (await after("PaymentFailed")).payment.remittance_id == str(paying.FIRST)


async def test_a_history_names_what_a_payment_changed(service: QueryService, lived: Lived) -> None:
    request = query_service_pb2.GetClaimHistoryRequest(claim_id=str(lived.written.claim_id))
    page = await Person(service, "SUPERVISOR").ask("GetClaimHistory", request)
    events = {event.event_type: event for event in page.events}
    reversed_ = {
        one.field_path: (one.before, one.after) for one in events["PaymentReversed"].changes
    }
    assert reversed_["payment.paid"] == ('"79.00"', "")
    escalated = {one.field_path: one.after for one in events["AppealEscalated"].changes}
    assert escalated["appeals[0].status"] == '"ESCALATED"'


async def test_the_whole_life_is_legal_and_holds(base: Base, lived: Lived) -> None:
    async with open_history(base.url) as history:
        reply, _ = await verification(history, sample.TENANT, lived.written.claim_id)
    assert reply.valid, reply.problems


async def test_a_row_that_left_its_family_or_its_duplicates_is_found(
    base: Base, lived: Lived
) -> None:
    claim_id = lived.written.claim_id
    change = f"family_id = '{paying.NEXT}', duplicate_key = 'another'"
    store.tamper(base.url, f"UPDATE claimflow.claim SET {change} WHERE claim_id = '{claim_id}'")
    async with open_history(base.url) as history:
        reply, _ = await verification(history, sample.TENANT, claim_id)
    assert [one.problem for one in reply.problems] == [
        "row is not the fold (family_id)",
        "row is not the fold (duplicate_key)",
    ]


LIVED, PAID = ["CLIVED"], ["CPAID"]
BOTH = ["CLIVED", "CPAID"]


FILTERS: tuple[tuple[str, list[str]], ...] = (
    (f'family_id = "{paying.ORIGINAL}"', BOTH),
    (f'next_claim_id = "{paying.NEXT}"', LIVED),
    ("link.relation = replaces link.prior_claim_number = coriginal", BOTH),
    ("payment.trace_number = TRN17 payment.paid >= 79 payment.interest < 1", BOTH),
    (f'payment.remittance_id = "{paying.FIRST}" payment.payment_date = 2026-03-05', BOTH),
    ("remitted = true", PAID),
    ("remitted = false adjudication.number = 2", LIVED),
    ("open_recovery = 5", BOTH),
    ("payment.overpayments:(amount = 9 AND recouped = 4)", BOTH),
    ("payment.overpayments:(amount = 4 AND recouped = 9)", []),
    ("open_appeals = 1 next_appeal_due_date <= 2026-05-01", PAID),
    ("appeals:(level = 2 AND status = OPEN)", PAID),
    ("appeals:(outcome = PARTLY_OVERTURNED AND late = true)", LIVED),
    ("appeals.good_cause_code = ILLNESS appeals.amount_in_controversy = 20", BOTH),
    ("reopening_count = 1", LIVED),
    ("reversed_payment.trace_number:*", []),
    ('open_hold_kinds = "" holds:(kind = COB AND released_by = cora)', BOTH),
    ("prior_payers:(payer_id = LATER AND payer_sequence = S AND paid_amount = 10)", BOTH),
    ("prior_payers:(payer_id = LATER AND payer_sequence = P)", []),
    ('prior_payers.payer_name = "later plan"', BOTH),
    ("breach_time:* breach_time = 2026-03-01", BOTH),
    ("adjudication.mode = auto plan_id = GOLD", BOTH),
    ("adjudication.shares:(plan_id = GOLD AND deductible = 20)", PAID),
    ('adjudication.provenance.fee_schedule_versions:"DEMO@4"', BOTH),
    ('service_lines:(edit_ids = "PTP:99213/99214" AND paid = 90)', LIVED),
    ("service_lines.edit_ids = PTP*", BOTH),
    ("service_lines.adjudicated_procedure_code = 99212", BOTH),
    ("pay_to_npi = 1993999998", BOTH),
)


async def test_claims_are_found_by_what_became_of_them(
    service: QueryService, lived: Lived, paid: Lived
) -> None:
    person = Person(service, "EXAMINER")
    for text, expected in FILTERS:
        page = await person.search(filter=text, order_by="claim_number")
        assert [claim.claim_number for claim in page.claims] == expected, text


async def test_payments_and_recoveries_are_summed(
    service: QueryService, lived: Lived, paid: Lived
) -> None:
    request = query_service_pb2.AggregateClaimsRequest(
        filter="payment.remittance_id:*",
        group_by=[query_service_pb2.GroupBy(field="plan_id")],
        sums=["payment.paid", "open_recovery", "payment.overpayments.amount"],
    )
    reply = await Person(service, "FINANCE").ask("AggregateClaims", request)
    (group,) = reply.groups
    assert list(group.keys) == ["GOLD"] and group.claim_count == 2
    assert {one.field: one.amount for one in group.sums} == {
        "payment.paid": "158.00",
        "open_recovery": "10.00",
        "payment.overpayments.amount": "18.00",
    }


async def test_appeals_are_counted_by_their_outcome(
    service: QueryService, lived: Lived, paid: Lived
) -> None:
    request = query_service_pb2.AggregateClaimsRequest(
        filter="appeals.appeal_id:*",
        group_by=[query_service_pb2.GroupBy(field="appeals.status")],
    )
    reply = await Person(service, "SUPERVISOR").ask("AggregateClaims", request)
    counted = {group.keys[0]: group.claim_count for group in reply.groups}
    assert counted == {"ESCALATED": 2, "OPEN": 1, "DECIDED": 1}


async def test_money_is_for_those_who_see_money(service: QueryService, paid: Lived) -> None:
    reviewer = Person(service, "MEDICAL_REVIEWER")
    claim = (await reviewer.get(paid.written.claim_id)).claim
    assert claim.HasField("payment") and not claim.payment.paid and not claim.payment.trace_number
    assert "payment.paid" in claim.redacted_fields
    for text in ("payment.paid > 1", "open_recovery > 1", "payment.trace_number = TRN17"):
        assert await reason_of(reviewer.search(filter=text)) == "FILTER_INVALID"
