"""The claims view: a pure fold to documents that name no person (D10, R10)."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import uuid4

import orjson
import pytest
from elasticsearch import BadRequestError, Elasticsearch

from claimflow.v1 import claim_pb2
from projections.views.claims import claims_view
from projections.views.view import Document, View
from server.claims import records
from server.claims.document import ClaimDocument
from server.claims.events import (
    EVENT_TYPES,
    AdjudicationRecorded,
    AdjudicationWithdrawn,
    AppealFiled,
    ApprovalGranted,
    AttachmentLinked,
    ClaimApproved,
    ClaimAssigned,
    ClaimBreached,
    ClaimLinked,
    ClaimPaid,
    ClaimPended,
    ClaimReceived,
    ClaimRejected,
    ClaimVoided,
    HoldPlaced,
    HoldReleased,
    InformationReceived,
    InformationRequested,
    NoteAdded,
    PaymentReversed,
    PendResolved,
    PriorPayerRecorded,
)
from server.claims.model import AppealStatus, InformationRequestStatus
from server.platform.blind import blind
from server.query.documents import claim_of
from server.query.fields import FIELDS
from tests.projections import scribe
from tests.projections.folds import folded, leaves, paths
from tests.projections.full import CANARY, full
from tests.server.claims.cast import PAYS_SOME, adjudicate, finalize, rework

MAPPING = claims_view(scribe.INDEX_KEY).index_mapping()


@pytest.fixture
def everything(view: View) -> Document:
    """A document with every field there is, and where it belongs."""
    request, appeal = full(InformationRequested), full(AppealFiled)
    open_request = replace(request.request, status=InformationRequestStatus.OPEN)
    open_appeal = replace(appeal.appeal, status=AppealStatus.OPEN)
    kinds = (
        ClaimReceived, ClaimRejected, ClaimLinked, PriorPayerRecorded, AttachmentLinked, NoteAdded,
        InformationReceived, ClaimBreached, AdjudicationRecorded, ClaimAssigned, ClaimPended,
        PendResolved, ClaimPended, HoldPlaced, HoldReleased, HoldPlaced, ApprovalGranted,
        ClaimApproved, ClaimPaid, PaymentReversed, ClaimPaid, AppealFiled, ClaimVoided,
    )  # fmt: skip
    document = folded(view, *(full(kind) for kind in kinds))
    document = folded(
        view,
        request,
        full(InformationReceived),
        replace(request, request=open_request),
        replace(appeal, appeal=open_appeal),
        onto=document,
    )
    return document | {
        "position": 1,
        "store_epoch": str(uuid4()),
        "slice": 255,
        "digest": 2**32 - 1,
    }


def test_every_field_of_the_mapping_is_written_and_no_other(everything: Document) -> None:
    assert paths(everything) == set(leaves(MAPPING["properties"]))


def test_a_document_with_every_field_goes_into_a_strict_index(
    everything: Document, elasticsearch_url: str, index_prefix: str
) -> None:
    with Elasticsearch(elasticsearch_url) as client:
        client.indices.create(index=f"{index_prefix}full", mappings=MAPPING)
        client.index(index=f"{index_prefix}full", id="1", document=everything, refresh=True)
        with pytest.raises(BadRequestError):
            client.index(index=f"{index_prefix}full", id="2", document=everything | {"surprise": 1})
        found = client.get(index=f"{index_prefix}full", id="1")["_source"]
    assert found == everything


def test_every_searchable_field_is_in_the_mapping() -> None:
    mapped = leaves(MAPPING["properties"])
    assert {field.path for field in FIELDS.values()} <= mapped.keys()
    for field in FIELDS.values():
        assert mapped[field.path].get("index", True), field.name


def test_a_claim_message_can_be_made_of_a_document(everything: Document) -> None:
    message = claim_of(everything)
    assert message.version == everything["version"]
    assert message.adjudication.adjudication_number == 1
    assert message.document.service_lines[0].charge == "12.34"
    assert message.state == claim_pb2.CLAIM_STATE_ACCEPTED


def test_a_document_names_no_person(everything: Document) -> None:
    text = orjson.dumps(everything).decode()
    assert CANARY not in text.lower()
    assert "1931" not in text


def test_identifiers_are_found_by_their_keyed_hash(view: View) -> None:
    document = folded(view, full(ClaimReceived))
    tenant = scribe.TENANTS[0]
    member = blind(scribe.INDEX_KEY, tenant, "member", f"{CANARY}member_id")
    number = blind(
        scribe.INDEX_KEY, tenant, "patient_control_number", f"{CANARY}patient_control_number"
    )
    assert document["member_hash"] == [member]
    assert document["patient_control_number_hash"] == number


def test_folding_leaves_the_earlier_document_alone(view: View) -> None:
    told = scribe.Told()
    told.worked_on()
    document: Document | None = None
    before = "null"
    for row in told.rows:
        after = view.project(document, records.recorded(row))
        assert json.dumps(document) == before
        document, before = after, json.dumps(after)


def test_a_document_read_back_from_json_folds_to_the_same(view: View) -> None:
    told = scribe.Told()
    told.worked_on()
    document: Document | None = None
    for row in told.rows:
        document = view.project(document, records.recorded(row))
        document = orjson.loads(orjson.dumps(document))
    assert document == scribe.fold(view, told.rows)


def test_figures_of_an_adjudication_come_with_it_and_vanish_with_it(view: View) -> None:
    told = scribe.Told()
    told.submitted()
    accepted = scribe.fold(view, told.rows)
    told.carry_out(adjudicate(*PAYS_SOME))
    decided = scribe.fold(view, told.rows)
    told.record(AdjudicationWithdrawn(number=1))
    withdrawn = scribe.fold(view, told.rows)

    assert decided["paid"] == "80.00" and decided["paid_cents"] == 8000
    assert [line["denied"] for line in decided["service_lines"]] == [False, True]
    assert withdrawn["service_lines"] == accepted["service_lines"]
    assert withdrawn.keys() == accepted.keys()


def test_an_adjudication_is_replaced_whole(view: View) -> None:
    told = scribe.Told()
    told.submitted()
    told.carry_out(adjudicate(*PAYS_SOME), adjudicate(), finalize())
    document = scribe.fold(view, told.rows)
    assert document["adjudication"]["number"] == 2
    assert document["decision"] == "APPROVED"
    assert all("adjustments" not in line for line in document["service_lines"])


def test_approvals_and_their_refusal_show(view: View) -> None:
    told = scribe.Told()
    scribe.big(told)
    approved = scribe.fold(view, told.rows)
    assert approved["adjudication"]["approvers"] == ["bob", "bea"]
    assert approved["adjudication"]["final"] is True

    returned = scribe.Told()
    returned.carry_out(*scribe.pending_approval(returned), rework())
    document = scribe.fold(view, returned.rows)
    assert document["state"] == "ACCEPTED"
    assert "adjudication" not in document


@pytest.mark.parametrize("kind", EVENT_TYPES.values(), ids=lambda kind: kind.__name__)
def test_every_event_can_be_folded_and_carries_the_envelope(view: View, kind: type) -> None:
    start = (full(ClaimReceived), full(AdjudicationRecorded), full(ClaimPaid))
    document = folded(view, *start, full(kind))
    assert document["version"] == 4
    assert document["state"] == "ACCEPTED"
    assert document["head_hash"] == "02" * 32


def test_a_claim_without_anything_optional_is_small(view: View) -> None:
    bare = replace(full(ClaimReceived), document=ClaimDocument(), queue="")
    document = folded(view, bare)
    assert "service_lines" not in document
    assert None not in document.values()
    assert "" not in document.values()
