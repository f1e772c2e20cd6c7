"""The whole read side on a real Postgres and a real Elasticsearch, as handlers are called."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from elasticsearch import Elasticsearch

from claimflow.v1 import claim_pb2, query_service_pb2
from server.platform.call import CONSISTENCY_TOKEN
from server.platform.errors import Failure
from server.platform.positions import ConsistencyToken, TokenCodec
from server.query.process import usable
from server.query.service import QueryService
from tests.server.query import sample
from tests.server.query.whole import FULL, SEAL_KEY, Base, Person, reads, reason_of


async def test_basic_comes_from_the_index(base: Base, service: QueryService) -> None:
    reply = await Person(service, "EXAMINER").get(base.mine.claim_id)
    assert reply.freshness.source == 1
    assert reply.claim.version == 7
    assert not reply.claim.document.HasField("subscriber")


async def test_full_comes_from_postgres_with_names(base: Base, service: QueryService) -> None:
    reply = await Person(service, "EXAMINER").get(base.mine.claim_id, view=FULL)
    assert reply.freshness.source == 2
    assert reply.claim.document.subscriber.last_name == "CANARYNAME"


async def test_basic_never_has_names_wherever_it_comes_from(
    base: Base, service: QueryService
) -> None:
    reply = await Person(service, "EXAMINER").get(base.mine.claim_id, consistency={"strong": {}})
    assert reply.freshness.source == 2
    assert reply.claim.document.service_lines[0].charge == "125.00"
    assert "CANARY" not in str(reply)


async def test_a_claim_is_read_by_number(base: Base, service: QueryService) -> None:
    wishes: list[Any] = [{}, {"strong": {}}]
    for consistency in wishes:
        request = query_service_pb2.GetClaimRequest(claim_number="CMINE1", consistency=consistency)
        reply = await Person(service, "EXAMINER").ask("GetClaim", request)
        assert reply.claim.claim_id == str(base.mine.claim_id)


async def test_as_of_by_number(base: Base, service: QueryService) -> None:
    request = query_service_pb2.GetClaimRequest(claim_number="CMINE1", version=3)
    reply = await Person(service, "EXAMINER").ask("GetClaim", request)
    assert reply.claim.state == claim_pb2.CLAIM_STATE_PENDED


@pytest.mark.parametrize("view", [0, FULL])
async def test_another_tenants_claim_is_not_found(
    base: Base, service: QueryService, view: int
) -> None:
    asked = Person(service, "EXAMINER").get(base.others.claim_id, view=view)
    assert await reason_of(asked) == "CLAIM_NOT_FOUND"


@pytest.mark.parametrize("view", [0, FULL])
@pytest.mark.parametrize(
    ("role", "own", "foreign"),
    [
        ("SUBMITTER", {"subject": "submitter-1"}, {"subject": "submitter-9"}),
        ("PROVIDER_READER", {"npis": ["1234567893"]}, {"npis": ["1993999998"]}),
    ],
)
async def test_people_outside_read_their_own_claims(
    base: Base, service: QueryService, role: str, own: Any, foreign: Any, view: int
) -> None:
    reply = await Person(service, role, **own).get(base.mine.claim_id, view=view)
    assert reply.claim.version == 7
    asked = Person(service, role, **foreign).get(base.mine.claim_id, view=view)
    assert await reason_of(asked) == "CLAIM_NOT_FOUND"


async def test_a_member_reads_their_own(base: Base, service: QueryService) -> None:
    member = Person(service, "MEMBER", subject="m", member_id="m1")
    assert (await member.get(base.mine.claim_id, view=FULL)).claim.version == 7
    found = await member.search()
    expected = [
        one for one in base.documents if int(one["claim_number"][1:].lstrip("MINE")) % 7 == 1
    ]
    assert len(found.claims) == len(expected)
    stranger = Person(service, "MEMBER", subject="m", member_id="m9")
    assert not (await stranger.search()).claims


async def test_missing_claims_are_listed(base: Base, service: QueryService) -> None:
    ids = [str(base.mine.claim_id), str(base.others.claim_id), str(UUID(int=5))]
    request = query_service_pb2.BatchGetClaimsRequest(claim_ids=ids)
    reply = await Person(service, "EXAMINER").ask("BatchGetClaims", request)
    assert [claim.claim_id for claim in reply.claims] == ids[:1]
    assert list(reply.missing_claim_ids) == ids[1:]


async def test_several_claims_come_in_the_order_asked_for(
    base: Base, service: QueryService
) -> None:
    ids = [one["claim_id"] for one in base.documents[5:0:-1]]
    request = query_service_pb2.BatchGetClaimsRequest(claim_ids=ids)
    reply = await Person(service, "EXAMINER").ask("BatchGetClaims", request)
    assert [claim.claim_id for claim in reply.claims] == ids
    assert reply.freshness.source == 1


async def test_pages_of_a_search_join(base: Base, service: QueryService) -> None:
    person = Person(service, "EXAMINER")
    found: list[str] = []
    token = ""
    while True:
        page = await person.search(page_size=7, page_token=token, count_total=True)
        assert page.total_size == len(base.documents)
        found += [claim.claim_id for claim in page.claims]
        if not (token := page.next_page_token):
            break
    assert sorted(found) == sorted(one["claim_id"] for one in base.documents)


async def test_f63_a_page_token_is_its_callers_and_its_querys(
    base: Base, service: QueryService
) -> None:
    token = (await Person(service, "EXAMINER").search(page_size=3)).next_page_token
    edited = token[:-3] + ("AAA" if not token.endswith("AAA") else "BBB")
    for person, asked in (
        (Person(service, "EXAMINER"), {"page_token": edited}),
        (Person(service, "EXAMINER"), {"page_token": token, "filter": "state = PAID"}),
        (Person(service, "EXAMINER"), {"page_token": token, "order_by": "paid"}),
        (Person(service, "EXAMINER", subject="other"), {"page_token": token}),
        (Person(service, "EXAMINER", tenant=sample.OTHER_TENANT), {"page_token": token}),
        (Person(service, "EXAMINER"), {"page_token": "nonsense"}),
    ):
        assert await reason_of(person.search(**asked)) == "PAGE_TOKEN_INVALID"


async def test_the_filter_is_echoed_as_understood(base: Base, service: QueryService) -> None:
    for role in ("EXAMINER", "FINANCE"):
        page = await Person(service, role).search(filter="state=approved total_charge>1")
        assert page.normalized_filter == 'state = "APPROVED" AND total_charge > 1.00'


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"filter": "state = "}, "FILTER_INVALID"),
        ({"order_by": "nothing"}, "ORDER_BY_INVALID"),
        ({"page_size": -1}, "VALIDATION_FAILED"),
        ({"consistency": {"at_least_as_fresh": {"token": "x"}}}, "TOKEN_INVALID"),
    ],
)
async def test_a_bad_search_is_refused(
    base: Base, service: QueryService, asked: Any, reason: str
) -> None:
    assert await reason_of(Person(service, "EXAMINER").search(**asked)) == reason


async def test_finance_sees_money_and_no_diagnosis(base: Base, service: QueryService) -> None:
    page = await Person(service, "FINANCE").search(page_size=3)
    for claim in page.claims:
        assert claim.document.total_charge and not claim.document.diagnoses[0].code
        assert "document.diagnoses[0].code" in claim.redacted_fields
    asked = Person(service, "FINANCE").search(filter="diagnoses.code:E119")
    assert await reason_of(asked) == "FILTER_INVALID"


async def test_every_answer_says_how_fresh_it_is(base: Base, service: QueryService) -> None:
    person = Person(service, "EXAMINER")
    page = await person.search()
    token = TokenCodec(SEAL_KEY).open(page.freshness.consistency_token, sample.TENANT)
    assert (token.epoch, token.lsn) == (base.epoch, 5000)
    assert person.reply_metadata[CONSISTENCY_TOKEN] == page.freshness.consistency_token
    again = await person.search(
        consistency={"at_least_as_fresh": {"token": page.freshness.consistency_token}}
    )
    assert again.freshness.as_of_time == page.freshness.as_of_time


def token(base: Base, lsn: int, epoch: UUID | None = None) -> str:
    return TokenCodec(SEAL_KEY).seal(ConsistencyToken(epoch or base.epoch, lsn, sample.TENANT))


async def test_a_search_behind_its_token_waits_and_then_lags(
    base: Base, service: QueryService
) -> None:
    wish = {"at_least_as_fresh": {"token": token(base, 6000), "max_wait": {"nanos": 50_000_000}}}
    asked = Person(service, "EXAMINER").search(consistency=wish)
    assert await reason_of(asked) == "PROJECTION_LAGGING"
    with Elasticsearch(base.elasticsearch_url) as client:
        sample.put_progress(client, base.prefix, 6000, epoch=base.epoch)
    page = await Person(service, "EXAMINER").search(consistency=wish)
    assert page.claims


async def test_f48_a_token_past_the_logs_end_is_of_another_log(
    base: Base, service: QueryService
) -> None:
    head = await service.history.head()
    wish = {"at_least_as_fresh": {"token": token(base, head.lsn + 2**40)}}
    asked = Person(service, "EXAMINER").search(consistency=wish)
    assert await reason_of(asked) == "TOKEN_EPOCH_MISMATCH"


async def test_a_token_may_come_as_metadata(base: Base, service: QueryService) -> None:
    metadata = {CONSISTENCY_TOKEN: token(base, 1, UUID(int=3))}
    asked = Person(service, "EXAMINER", metadata=metadata).search()
    assert await reason_of(asked) == "TOKEN_EPOCH_MISMATCH"


async def test_a_read_by_id_behind_its_token_comes_from_postgres(
    base: Base, service: QueryService
) -> None:
    wish = {"at_least_as_fresh": {"token": token(base, 6000)}}
    reply = await Person(service, "EXAMINER").get(base.mine.claim_id, consistency=wish)
    assert reply.freshness.source == 2


async def test_without_an_index_reads_by_id_go_on_and_searches_do_not(
    base: Base, service: QueryService
) -> None:
    service.index.alias = service.index.progress_index = "no-such-index"
    person = Person(service, "EXAMINER")
    assert (await person.get(base.mine.claim_id)).freshness.source == 2
    assert await reason_of(person.search()) == "INDEX_UNAVAILABLE"
    assert await usable(service.index, service.history)


async def test_a_quarantined_claim_is_read_from_postgres_and_no_other(
    base: Base, service: QueryService
) -> None:
    with Elasticsearch(base.elasticsearch_url) as client:
        sample.put_progress(client, base.prefix, 5000, epoch=base.epoch, quarantined=1)
        sample.park(client, base.prefix, str(base.mine.claim_id))
    person = Person(service, "EXAMINER")
    assert (await person.get(base.mine.claim_id)).freshness.source == 2
    assert (await person.search()).freshness.quarantined == 1
    with Elasticsearch(base.elasticsearch_url) as client:
        sample.park(client, base.prefix, str(uuid4()), instead_of=str(base.mine.claim_id))
    assert (await person.get(base.mine.claim_id)).freshness.source == 1


async def test_w14_r11_every_disclosure_is_on_record_before_the_reply(
    base: Base, service: QueryService
) -> None:
    person = Person(service, "EXAMINER", metadata={"claimflow-purpose": "TREAT"})
    await person.get(base.mine.claim_id, view=FULL)
    (read,) = reads(base)
    assert read[:4] == ("examiner-1", "EXAMINER", "TREAT", "/claimflow.v1.QueryService.GetClaim")
    assert read[4] == [base.mine.claim_id]
    assert read[5] == ["CLINICAL", "DIRECT_ID", "FINANCIAL", "SENSITIVE"]
    page = await person.search(page_size=5)
    assert set(reads(base)[1][4]) == {UUID(claim.claim_id) for claim in page.claims}
    await person.search(filter="state = VOIDED")
    assert len(reads(base)) == 2  # nothing was shown


async def test_r11_what_cannot_be_recorded_is_not_shown(base: Base, service: QueryService) -> None:
    with psycopg.connect(base.url, autocommit=True) as connection:
        connection.execute("REVOKE INSERT ON claimflow.read_audit FROM claimflow_query")
    with pytest.raises(Failure):
        await Person(service, "EXAMINER").search()


async def test_history_and_its_verification(base: Base, service: QueryService) -> None:
    request = query_service_pb2.GetClaimHistoryRequest(
        claim_id=str(base.mine.claim_id), page_size=4
    )
    auditor = Person(service, "AUDITOR")
    page = await auditor.ask("GetClaimHistory", request)
    request.page_token = page.next_page_token
    rest = await auditor.ask("GetClaimHistory", request)
    assert [event.version for event in [*page.events, *rest.events]] == list(range(1, 8))
    assert "CANARY" not in str(page)
    changed = {change.field_path: change.after for change in page.events[0].changes}
    assert changed["document.diagnoses[0].code"] == '"E119"'
    verify = query_service_pb2.VerifyClaimHistoryRequest(claim_id=str(base.mine.claim_id))
    assert (await auditor.ask("VerifyClaimHistory", verify)).valid


async def test_an_auditors_reason_opens_names(base: Base, service: QueryService) -> None:
    request = query_service_pb2.GetClaimHistoryRequest(claim_id=str(base.mine.claim_id))
    auditor = Person(service, "AUDITOR", metadata={"claimflow-break-glass": "COMPLAINT"})
    assert "CANARYNAME" in str(await auditor.ask("GetClaimHistory", request))


async def test_an_analyst_counts_without_seeing(base: Base, service: QueryService) -> None:
    request = query_service_pb2.AggregateClaimsRequest(
        group_by=[query_service_pb2.GroupBy(field="type")], sums=["total_charge"]
    )
    reply = await Person(service, "ANALYST").ask("AggregateClaims", request)
    assert reply.groups[0].claim_count == len(base.documents)
    assert reply.groups[0].keys == ["PROFESSIONAL"]
    assert reads(base)[0][5] == ["FINANCIAL"]


async def test_the_status_tells_where_view_and_log_are(base: Base, service: QueryService) -> None:
    reply = await Person(service, "ADMIN").ask(
        "GetProjectionStatus", query_service_pb2.GetProjectionStatusRequest()
    )
    (status,) = reply.projections
    assert status.slot_state == "missing" and not status.builds and not status.HasField("parity")
    assert status.lag_events == 0 or status.lag_bytes
    assert status.position == "0/1388" and status.head_position
    assert status.lag_bytes > 0 and status.document_count == len(base.documents) + 1
    assert status.store_epoch == str(base.epoch) and status.phase == "FOLLOWING"


async def test_what_a_request_names_must_be_ids(base: Base, service: QueryService) -> None:
    person = Person(service, "EXAMINER")
    for method, request in (
        ("GetClaim", query_service_pb2.GetClaimRequest(claim_id="x")),
        ("GetClaim", query_service_pb2.GetClaimRequest()),
        ("BatchGetClaims", query_service_pb2.BatchGetClaimsRequest(claim_ids=["x"])),
        ("BatchGetClaims", query_service_pb2.BatchGetClaimsRequest()),
        ("GetClaimHistory", query_service_pb2.GetClaimHistoryRequest(claim_id="x")),
    ):
        assert await reason_of(person.ask(method, request)) == "VALIDATION_FAILED"
