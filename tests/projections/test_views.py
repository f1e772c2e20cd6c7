"""Every view: what its rows come to, in which version, proved equal, and a fifth one for little."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest

from projections import store
from projections.build import Build
from projections.fill import shown_of
from projections.folding import Folder
from projections.history import Folds, Histories
from projections.views.appeals import APPEALS_VIEW
from projections.views.catalogue import all_views
from projections.views.claims_values import time
from projections.views.fields import keywords, longs, times
from projections.views.notes import NOTES_VIEW
from projections.views.remittances import REMITTANCES_VIEW
from projections.views.subject import CLAIMS, REMITTANCES, EventRow, Failed, Issued
from projections.views.view import Document, View
from server.claims import codec
from server.claims.codec import canonical
from server.claims.events import (
    AdjudicationRecorded,
    AppealFiled,
    ClaimReceived,
    NoteAdded,
    NoteRedacted,
)
from server.claims.model import AppealStatus
from server.claims.payees import Remittance, content_hash
from tests.projections import scribe
from tests.projections.conftest import Place, worker
from tests.projections.folds import folded, leaves, paths
from tests.projections.full import CANARY, full
from tests.projections.generations import caught_up, only_generation
from tests.projections.planting import differences, kit_of, verdict
from tests.server.claims.cast import (
    PAYS_NOTHING,
    adjudicate,
    decide_appeal,
    dismiss,
    file_appeal,
    finalize,
    note,
    redact,
    withdraw,
)

VIEWS = all_views(scribe.INDEX_KEY)
ENVELOPE = {
    "tenant_id": "",
    "store_epoch": "",
    "version": 1,
    "position": 1,
    "slice": 1,
    "digest": 1,
}


# -- histories


def claim_with_work(rng: random.Random) -> scribe.Told:
    """A claim with notes, appeals, both or neither, and other rows before, between and after."""
    told = scribe.Told(rng.choice(scribe.TENANTS))
    told.submitted()
    notes: list[UUID] = []

    def some_notes() -> None:
        for _ in range(rng.randrange(4)):
            if notes and rng.random() < 0.3:
                told.carry_out(redact(notes.pop()))
            else:
                notes.append(uuid4())
                told.carry_out(note(notes[-1]))

    if rng.random() < 0.6:
        some_notes()
    if rng.random() < 0.6:
        told.carry_out(adjudicate(*PAYS_NOTHING), finalize())
        if rng.random() < 0.7:
            told.carry_out(file_appeal())
            ends = (withdraw(), dismiss(), decide_appeal(), None)
            if end := rng.choice(ends):
                told.carry_out(end)
        if rng.random() < 0.5:
            some_notes()
    return told


@dataclass
class Payment:
    """A remittance that was issued and, perhaps, failed; `rows` as the log has them."""

    tenant_id: UUID
    remittance: Remittance
    failed: bool

    @property
    def rows(self) -> list[tuple[str, dict[str, Any]]]:
        payload, apart = codec.encode(self.remittance)
        stamp = datetime(2026, 5, 1, tzinfo=UTC)
        by = {"actor": "fay", "role": "FINANCE", "request_id": uuid4(), "recorded_at": stamp}
        key = {"tenant_id": self.tenant_id, "remittance_id": self.remittance.remittance_id}
        issued = key | by | {
            "trace_number": str(self.remittance.remittance_id), "payee": "P", "payer_id": "Q",
            "currency_code": "USD", "payment_date": stamp.date(), "method": "NON_PAYMENT",
            "amount": 0, "claims_paid": 0, "adjusted": 0, "policy_version": 1,
            "payload": canonical(payload).decode(),
            "sealed": None if apart is None else canonical(apart),
            "content_hash": bytes.fromhex(content_hash(self.remittance)),
        }  # fmt: skip
        found = [("claimflow.remittance", issued)]
        if self.failed:
            found.append(("claimflow.remittance_failure", key | by | {"reason_code": "RETURNED"}))
        return found


def payment(rng: random.Random) -> Payment:
    remittance = replace(full(Remittance), remittance_id=uuid4())
    return Payment(rng.choice(scribe.TENANTS), remittance, rng.random() < 0.4)


def insert(place: Place, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(row)
    values = ", ".join(f"%({name})s" for name in row)
    with psycopg.connect(place.database) as connection:
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({values})", row)


def expected(view: View, rows: Sequence[EventRow]) -> Document | None:
    """What rows, in the shape of the view's subject, come to."""
    shown = shown_of(view, rows)
    document: Document | None = None
    for row in shown:
        document = view.project(document, view.subject.decode(row))
    return None if document is None else document | {"version": shown[-1]["version"]}


def plain(document: Document) -> bytes:
    return canonical({k: v for k, v in document.items() if k not in ENVELOPE or k == "version"})


def wanted(
    view: View, claims: Sequence[scribe.Told], payments: Sequence[Payment]
) -> dict[str, bytes]:
    """The documents of a view by id."""
    if view.subject is CLAIMS:
        histories = {
            one.id: [CLAIMS.of_log("claimflow.claim_event", row) for row in one.rows]
            for one in claims
        }
    else:
        histories = {
            f"{one.tenant_id}/{one.remittance.remittance_id}": [
                REMITTANCES.of_log(table, row) for table, row in one.rows
            ]
            for one in payments
        }
    found = {name: expected(view, rows) for name, rows in histories.items()}
    return {name: plain(one) for name, one in found.items() if one is not None}


FIFTH = View(
    name="assignees",
    schema=1,
    mapping={
        "dynamic": "strict",
        "properties": keywords("claim_id", "assignee") | longs("rows") | times("update_time"),
    },
    subject=CLAIMS,
    project=lambda document, recorded: {
        "claim_id": str(recorded.claim_id),
        "rows": (document or {"rows": 0})["rows"] + 1,
        "update_time": time(recorded.recorded_at),
    },
    shown_by=frozenset({"ClaimAccepted", "AdjudicationRecorded"}),
)


@pytest.mark.parametrize("view", [*VIEWS.values(), FIFTH], ids=lambda one: one.name)
async def test_documents_are_the_fold_of_their_rows_and_proved_equal(
    place: Place, view: View
) -> None:
    place = replace(place, view=view)
    rng = random.Random(61)
    claims = [claim_with_work(rng) for _ in range(25)]
    payments = [payment(rng) for _ in range(10)]
    cuts = {one.id: rng.randrange(len(one.rows) + 1) for one in claims}
    place.write(*(one.rows[: cuts[one.id]] for one in claims if cuts[one.id]))
    for one in payments[:5]:
        insert(place, *one.rows[0])
    async with worker(place, parity_s=0.0):  # half of it from the tables
        await caught_up(place)
    async with worker(place, parity_s=0.0, cache_bytes_max=rng.choice([1, 1 << 20])) as running:
        for each in claims:
            for row in each.rows[cuts[each.id] :]:
                place.write([row])
        for number, one in enumerate(payments):
            for table, row in one.rows[1 if number < 5 else 0 :]:
                insert(place, table, row)
        await caught_up(place)
        found = place.documents()
        documents = wanted(view, claims, payments)
        assert {name: plain(one) for name, one in found.items()} == documents
        assert len(found) > 0
        if view.shown_by is not None and view is not FIFTH:
            assert len(found) < len(claims)  # a claim without any has no document
        proved = await verdict(place)
        assert proved.is_equal and proved.documents == len(documents)
        gone = next(iter(documents))
        place.client.delete(index=place.alias, id=gone, refresh=True)
        assert differences(await verdict(place)) == {gone: "MISSING"}
    assert running.ended == []
    async with worker(place, parity_s=0.0), kit_of(place) as kit:
        await place.caught_up()
        done = await Build(kit).run(keep_old=False)
        await only_generation(place, done.generation)
        assert {name: plain(one) for name, one in place.documents().items()} == documents
        assert (await verdict(place)).is_equal


@pytest.mark.parametrize("cache_bytes", [0, 1 << 20], ids=["no cache", "cache"])
@pytest.mark.parametrize("view", [APPEALS_VIEW, NOTES_VIEW], ids=lambda one: one.name)
async def test_late_and_repeated_rows_come_to_the_last_one_that_shows(
    place: Place, view: View, cache_bytes: int
) -> None:
    rng = random.Random(62)
    claims = [claim_with_work(rng) for _ in range(15)]
    place.write(*(one.rows for one in claims))
    rows = [CLAIMS.of_log("claimflow.claim_event", row) for one in claims for row in one.rows]
    shown = [(number, row) for number, row in enumerate(rows) if view.shows(row)]
    shown += rng.sample(shown, len(shown) // 2)
    rng.shuffle(shown)
    folder = Folder(view, scribe.TENANTS[0], Folds(cache_bytes))
    newest: dict[str, tuple[int, bytes]] = {}
    async with await store.connect(place.database) as connection:
        histories = Histories(connection, CLAIMS)
        for start in range(0, len(shown), 5):
            done = await folder.fold(shown[start : start + 5], histories)
            assert not done.unfoldable
            for write in done.writes:
                newest[write.id] = max(
                    newest.get(write.id, (0, b"")), (write.version, write.source)
                )
    found = {name: plain(orjson.loads(source)) for name, (_, source) in newest.items()}
    assert found == wanted(view, claims, [])


# -- mappings


def everything(view: View) -> Document:
    """A document with every field there is."""
    if view is REMITTANCES_VIEW:
        document = view.project(None, Issued(full(Remittance), "ab" * 32))
        document = view.project(document, Failed("RETURNED", full(datetime)))
    elif view is APPEALS_VIEW:
        appeal = full(AppealFiled)
        open_ = replace(appeal, appeal=replace(appeal.appeal, status=AppealStatus.OPEN))
        document = folded(view, full(ClaimReceived), full(AdjudicationRecorded), appeal, open_)
    else:
        document = folded(view, full(ClaimReceived), full(NoteAdded), full(NoteRedacted))
    return document | ENVELOPE


OTHERS = pytest.mark.parametrize(
    "view", [REMITTANCES_VIEW, APPEALS_VIEW, NOTES_VIEW], ids=lambda one: one.name
)


@OTHERS
def test_every_field_of_the_mapping_is_written_and_no_other(view: View) -> None:
    assert paths(everything(view)) == set(leaves(view.index_mapping()["properties"]))


@OTHERS
def test_a_document_names_no_person(view: View) -> None:
    text = orjson.dumps(everything(view)).decode()
    assert CANARY not in text.lower()
    assert "1931" not in text
    assert "some text" not in text  # what a note says


def test_a_payment_that_failed_says_so_and_why() -> None:
    issued = REMITTANCES_VIEW.project(None, Issued(full(Remittance), "ab" * 32))
    assert issued["failed"] is False and "fail_time" not in issued
    failed = REMITTANCES_VIEW.project(issued, Failed("RETURNED", full(datetime)))
    assert failed["failed"] is True and failed["fail_reason_code"] == "RETURNED"
    assert issued["failed"] is False
