"""Searches of a real index: what filters find, how pages hold together, what callers may see."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from claimflow.v1 import errors_pb2
from server.platform.errors import Failure
from server.platform.redaction import Sight
from server.query.caller import Caller, Identity
from server.query.documents import claim_of
from server.query.fields import FIELDS, Kind
from server.query.index import Index
from server.query.points import Points
from server.query.queries import Scope
from server.query.search import ForeignHit, Page, Searcher, check_hits, understand
from tests.server.query import sample
from tests.server.query.conftest import Site
from tests.server.query.sample import Document

ALL = Sight(frozenset(range(7)))


def caller_of(scope: Scope | None = None, sight: Sight = ALL) -> Caller:
    identity = Identity(
        tenant_id=sample.TENANT, subject="s", roles=frozenset(), npis=(), member_id=""
    )
    return Caller(
        identity=identity,
        scope=scope or Scope(sample.TENANT),
        sight=sight,
        small_cells_hidden=False,
        index_key=sample.INDEX_KEY,
        metadata_token="",
        remaining=lambda: 30.0,
        reply_token=lambda token: None,
    )


@pytest.fixture
async def points(index: Index) -> AsyncIterator[Points]:
    points = Points(index)
    yield points
    await points.close()


async def find(
    index: Index, points: Points, text: str, order_by: str = "", **more: Any
) -> list[str]:
    caller = more.get("caller") or caller_of()
    page = await first(index, points, text, order_by, 500, caller)
    return [source["claim_id"] for source in page.sources]


async def first(
    index: Index,
    points: Points,
    text: str = "",
    order_by: str = "",
    size: int = 500,
    caller: Caller | None = None,
) -> Page:
    caller = caller or caller_of()
    progress = await index.progress()
    search = understand(text, order_by, caller)
    return await Searcher(index, points).first(search, caller, size, True, progress, 0, 10.0)


def lines(document: Document) -> list[Document]:
    return list(document["service_lines"])


EXPECTED: dict[str, Callable[[Document], bool]] = {
    "state = ACCEPTED": lambda one: one["state"] == "ACCEPTED",
    "state = ACCEPTED OR state = PENDED payer_id = P1": lambda one: (
        one["state"] in ("ACCEPTED", "PENDED") and one["payer_id"] == "P1"
    ),
    "NOT state = ACCEPTED": lambda one: one["state"] != "ACCEPTED",
    "state != ACCEPTED": lambda one: one["state"] != "ACCEPTED",
    "total_charge > 500": lambda one: one["total_charge_cents"] > 50_000,
    "total_charge <= 500.00": lambda one: one["total_charge_cents"] <= 50_000,
    "decision:*": lambda one: "decision" in one,
    'decision = ""': lambda one: "decision" not in one,
    "billing_npi = 19*": lambda one: one["billing_npi"].startswith("19"),
    'payer_name = "blue payer"': lambda one: True,
    "member_id = m3": lambda one: int(one["claim_number"][1:]) % 7 == 3,
    "patient_control_number = PCN7": lambda one: one["claim_number"] == "C00000007",
    "claim_number = c00000009": lambda one: one["claim_number"] == "C00000009",
    "edit_ids:E01 edit_ids:E05": lambda one: set(one["edit_ids"]) == {"E01", "E05"},
    "diagnoses.code:I10": lambda one: any(d["code"] == "I10" for d in one["diagnoses"]),
    "NOT diagnoses.code:I10": lambda one: all(d["code"] != "I10" for d in one["diagnoses"]),
    "service_lines:(procedure_code = 99213 AND charge > 200)": lambda one: any(
        each["procedure_code"] == "99213" and each["charge_cents"] > 20_000 for each in lines(one)
    ),
    "service_lines.procedure_code:99213 service_lines.charge > 200": lambda one: (
        any(each["procedure_code"] == "99213" for each in lines(one))
        and any(each["charge_cents"] > 20_000 for each in lines(one))
    ),
    "service_lines.adjustments:(reason_code = 45 AND amount > 100)": lambda one: any(
        adjustment["reason_code"] == "45" and adjustment["amount_cents"] > 10_000
        for each in lines(one)
        for adjustment in each.get("adjustments", ())
    ),
    "service_lines:(procedure_code = 99214 adjustments:(reason_code = 45))": lambda one: any(
        each["procedure_code"] == "99214"
        and any(adj["reason_code"] == "45" for adj in each.get("adjustments", ()))
        for each in lines(one)
    ),
    "remark_codes:M15": lambda one: any(
        "M15" in each.get("remark_codes", ()) for each in lines(one)
    ),
    "service_date = 2026-01-11": lambda one: True,
    "service_date > 2026-01-12": lambda one: False,
    "service_date >= 2026-01-12 service_date <= 2026-02-01": lambda one: True,
    "receive_time >= 2026-02-01": lambda one: one["receive_time"] >= "2026-02-01",
    "receive_time = 2026-02-01": lambda one: one["receive_time"].startswith("2026-02-01"),
    "source.batch = file-1": lambda one: one["source"]["batch"] == "file-1",
    "knee": lambda one: True,
    '"hill clinic" visit': lambda one: True,
    "elbow": lambda one: False,
    "offi*": lambda one: True,
    "knee OR state = PAID": lambda one: True,
}


@pytest.mark.parametrize("text", EXPECTED)
async def test_a_filter_finds_what_it_says(
    site: Site, index: Index, points: Points, text: str
) -> None:
    expected = {one["claim_id"] for one in site.mine if EXPECTED[text](one)}
    found = await find(index, points, text)
    assert set(found) == expected and len(found) == len(expected)


async def test_age_is_counted_in_days_to_today(site: Site, index: Index, points: Points) -> None:
    received = datetime.fromisoformat(site.mine[0]["receive_time"])
    days = (datetime.now(UTC).date() - received.date()).days
    found = await find(index, points, f"age_days(receipt_date) = {days}")
    same = received.date().isoformat()
    assert set(found) == {one["claim_id"] for one in site.mine if one["receipt_date"] == same}
    old = await find(index, points, f"age_days(receive_time) > {days}")
    assert set(old) == {one["claim_id"] for one in site.mine if one["receipt_date"] < same}


VALUES = {
    Kind.KEYWORD: "x",
    Kind.HASH: "x",
    Kind.AMOUNT: "1.50",
    Kind.QUANTITY: "1.5",
    Kind.INTEGER: "1",
    Kind.DATE: "2026-01-31",
    Kind.SERVICE_DATE: "2026-01-31",
    Kind.TIME: "2026-01-31T08:00:00Z",
    Kind.BOOLEAN: "true",
}


@pytest.mark.parametrize("name", FIELDS)
async def test_every_field_can_be_searched(index: Index, points: Points, name: str) -> None:
    field = FIELDS[name]
    value = next(iter(field.values)) if field.values else VALUES[field.kind]
    await find(index, points, f"{name} = {value}")
    await find(index, points, f"{name}:* OR {name} != {value}")
    if field.sortable:
        await find(index, points, "", f"{name} desc")


async def test_pages_hold_together_while_claims_change(
    site: Site, index: Index, points: Points
) -> None:
    searcher, caller = Searcher(index, points), caller_of()
    search = understand("", "total_charge desc", caller)
    page = await first(index, points, "", "total_charge desc", 7)
    seen = [source["claim_id"] for source in page.sources]
    with Elasticsearch(site.url) as client:
        changed = [{**one, "total_charge_cents": 1} for one in site.mine[::3]]
        sample.write(client, site.prefix, changed)
        try:
            while page.next_place is not None:
                page = await searcher.next(search, caller, 7, False, page.next_place, 10.0)
                seen += [source["claim_id"] for source in page.sources]
        finally:
            sample.write(client, site.prefix, site.mine)
    by_charge = sorted(site.mine, key=lambda one: (-one["total_charge_cents"], one["claim_id"]))
    assert seen == [one["claim_id"] for one in by_charge]


async def test_empty_values_come_last_and_are_paged_over(
    site: Site, index: Index, points: Points
) -> None:
    searcher, caller = Searcher(index, points), caller_of()
    search = understand("", "assignee, paid desc, decision", caller)
    page = await first(index, points, "", "assignee, paid desc, decision", 9)
    seen = [source["claim_id"] for source in page.sources]
    while page.next_place is not None:
        page = await searcher.next(search, caller, 9, False, page.next_place, 10.0)
        seen += [source["claim_id"] for source in page.sources]
    assert len(seen) == len(set(seen)) == len(site.mine)


async def test_a_quiet_index_is_searched_from_one_point_in_time(
    index: Index, points: Points
) -> None:
    one = await first(index, points, size=5)
    other = await first(index, points, "state = PAID OR knee", size=5)
    assert one.next_place and other.next_place
    assert one.next_place.point_id == other.next_place.point_id


async def test_a_point_in_time_that_is_gone_ends_the_paging(index: Index, points: Points) -> None:
    page = await first(index, points, size=5)
    assert page.next_place is not None
    await index.close_point(page.next_place.point_id)
    caller = caller_of()
    with pytest.raises(Failure) as refused:
        search = understand("", "", caller)
        await Searcher(index, points).next(search, caller, 5, False, page.next_place, 10.0)
    assert refused.value.reason == errors_pb2.ERROR_REASON_PAGE_TOKEN_EXPIRED


async def test_a_first_page_gets_over_a_lost_point_in_time(index: Index, points: Points) -> None:
    page = await first(index, points, size=5)
    assert page.next_place is not None
    await index.close_point(page.next_place.point_id)
    assert (await first(index, points, size=5)).sources


async def test_the_best_match_comes_first(site: Site, index: Index, points: Points) -> None:
    rare = site.mine[4]["claim_number"]
    found = await find(index, points, f"{rare} OR knee")
    assert found[0] == site.mine[4]["claim_id"]


async def test_newest_first_without_an_order(site: Site, index: Index, points: Points) -> None:
    newest = sorted(site.mine, key=lambda one: one["claim_id"])
    newest.sort(key=lambda one: str(one["receive_time"]), reverse=True)
    assert await find(index, points, "") == [one["claim_id"] for one in newest]


async def test_all_matches_are_counted(site: Site, index: Index, points: Points) -> None:
    page = await first(index, points, size=1)
    assert page.total == len(site.mine)


async def test_tenants_never_meet(site: Site, index: Index, points: Points) -> None:
    theirs = Scope(sample.OTHER_TENANT)
    found = await find(index, points, "knee OR state:*", caller=caller_of(theirs))
    assert set(found) == {one["claim_id"] for one in site.others}
    assert not await find(index, points, f"claim_id = {site.others[0]['claim_id']}")


@pytest.mark.parametrize(
    ("path", "value"), [("submitted_by", "submitter-1"), ("billing_npi", sample.NPIS[0])]
)
async def test_own_claims_only(
    site: Site, index: Index, points: Points, path: str, value: str
) -> None:
    scope = Scope(sample.TENANT, ((path, (value,)),))
    found = await find(index, points, "state:* OR knee", caller=caller_of(scope))
    assert set(found) == {one["claim_id"] for one in site.mine if one[path] == value}


def test_a_hit_of_another_tenant_drops_the_reply(site: Site) -> None:
    with pytest.raises(ForeignHit):
        check_hits([site.mine[0], site.others[0]], Scope(sample.TENANT))


def test_a_document_becomes_the_claim_it_was_made_of(site: Site) -> None:
    source = next(one for one in site.mine if "adjudication" in one)
    claim = claim_of(source)
    assert claim.claim_id == source["claim_id"]
    assert claim.document.total_charge == source["total_charge"]
    assert [one.charge for one in claim.document.service_lines] == [
        one["charge"] for one in lines(source)
    ]
    assert [list(one.remark_codes) for one in claim.adjudication.lines] == [
        one["remark_codes"] for one in lines(source)
    ]
    assert claim.adjudication.adjudicator == "examiner-1"
    received = claim.receive_time.ToDatetime(UTC)
    assert received == datetime.fromisoformat(source["receive_time"])
    assert not claim.document.HasField("subscriber")


async def test_an_index_that_is_not_there_is_unavailable(index: Index) -> None:
    index.alias = "no-such-index"
    with pytest.raises(Failure) as refused:
        await index.search({"query": {"match_all": {}}}, 5.0)
    assert refused.value.reason == errors_pb2.ERROR_REASON_INDEX_UNAVAILABLE


async def test_a_young_point_serves_while_progress_moves(index: Index) -> None:
    now = [0.0]
    points = Points(index, clock=lambda: now[0])
    progress = await index.progress()
    one = await points.at(progress, 0, 5.0)
    later = replace(progress, lsn=progress.lsn + 10, as_of=progress.as_of + timedelta(seconds=1))
    assert await points.at(later, 0, 5.0) is one
    required = await points.at(later, later.lsn, 5.0)
    assert required is not one and required.progress == later
    now[0] += 90.0
    assert await points.at(later, later.lsn, 5.0) is not required
    await points.close()
