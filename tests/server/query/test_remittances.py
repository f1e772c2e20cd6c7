"""GetRemittance and GetMemberAccumulators on a real Postgres, as handlers are called."""

from __future__ import annotations

from datetime import UTC, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from claimflow.v1 import query_service_pb2, remittance_pb2
from server.claims.payees import Remittance, content_hash
from server.platform.blind import blind
from server.platform.call import CONSISTENCY_TOKEN
from server.query.service import QueryService
from tests.server.query import paying, sample, store
from tests.server.query.whole import Base, Person, reads, reason_of


@pytest.fixture
def issued(base: Base) -> Remittance:
    """A remittance that pays two claims of two submitters who bill under one NPI."""
    theirs = store.write(base.url, sample.TENANT, store.life(uuid4(), "CTHEIRS", by="submitter-2"))
    remittance = paying.remittance(
        [(theirs.claim_id, "CTHEIRS", "50.00"), (base.mine.claim_id, "CMINE1", "79.00")]
    )
    paying.issue(base.url, sample.TENANT, remittance)
    return remittance


@pytest.fixture
def mine_alone(base: Base) -> Remittance:
    """A remittance of a claim of the first submitter and no other."""
    remittance = paying.remittance([(base.mine.claim_id, "CMINE1", "79.00")], paying.NEXT, "TRN99")
    paying.issue(base.url, sample.TENANT, remittance)
    return remittance


async def remittance(person: Person, **key: str) -> remittance_pb2.Remittance:
    request = query_service_pb2.GetRemittanceRequest(**key)
    reply = await person.ask("GetRemittance", request)
    assert reply.freshness.source == 2
    found: remittance_pb2.Remittance = reply.remittance
    return found


def by_id(issued: Remittance) -> dict[str, str]:
    return {"remittance_id": str(issued.remittance_id)}


async def test_a_remittance_is_read_by_id_and_by_trace_number(
    service: QueryService, issued: Remittance
) -> None:
    person = Person(service, "SUPERVISOR")
    found = await remittance(person, **by_id(issued))
    assert found == await remittance(person, trace_number="TRN17")
    assert found.amount == "129.75" and found.payee == "1993999998"
    assert found.method == remittance_pb2.PAYMENT_METHOD_ACH
    assert [(one.claim_number, one.paid) for one in found.claims] == [
        ("CTHEIRS", "50.00"),
        ("CMINE1", "79.00"),
    ]
    told = found.claims[0]
    assert told.patient_control_number == "PCN-77" and told.status_code == "1"
    assert told.lines[0].adjustments[0].reason_code == "45"
    assert told.lines[0].adjudicated_procedure.code == "99212"
    (interest,) = found.provider_adjustments
    assert (interest.reason_code, interest.reference, interest.amount) == (
        "L6", "CMINE1", "-0.75",
    )  # fmt: skip
    assert found.issued_by == "fay" and found.issue_time.ToDatetime(UTC) == paying.AT
    assert found.content_hash == content_hash(issued)
    assert not found.HasField("fail_time") and not found.redacted_fields


async def test_a_payment_that_failed_says_when(
    base: Base, service: QueryService, issued: Remittance
) -> None:
    at = paying.AT + timedelta(days=4)
    paying.fail(base.url, sample.TENANT, issued, at)
    found = await remittance(Person(service, "FINANCE"), **by_id(issued))
    assert found.fail_time.ToDatetime(UTC) == at


async def test_finance_sees_the_money_and_no_person(
    service: QueryService, issued: Remittance
) -> None:
    found = await remittance(Person(service, "FINANCE"), **by_id(issued))
    assert found.amount == "129.75" and found.claims[0].lines[0].paid == "80.00"
    assert "CANARY" not in str(found)
    assert not found.claims[0].lines[0].adjudicated_procedure.code
    # The provider's own number of the bill is what the money is booked by.
    assert found.claims[0].patient_control_number == "PCN-77"
    assert "claims[1].lines[0].adjudicated_procedure.code" in found.redacted_fields


async def test_what_is_not_there_is_not_found(service: QueryService, issued: Remittance) -> None:
    person = Person(service, "FINANCE")
    for key in ({"remittance_id": str(UUID(int=9))}, {"trace_number": "TRN-NONE"}):
        assert await reason_of(remittance(person, **key)) == "REMITTANCE_NOT_FOUND"


async def test_another_tenants_remittance_is_not_found(
    service: QueryService, issued: Remittance
) -> None:
    stranger = Person(service, "FINANCE", tenant=sample.OTHER_TENANT)
    for key in (by_id(issued), {"trace_number": "TRN17"}):
        assert await reason_of(remittance(stranger, **key)) == "REMITTANCE_NOT_FOUND"


async def test_people_outside_read_remittances_to_their_own_claims(
    service: QueryService, mine_alone: Remittance
) -> None:
    for person in (
        Person(service, "SUBMITTER", subject="submitter-1"),
        Person(service, "PROVIDER_READER", npis=["1234567893"]),
    ):
        found = await remittance(person, **by_id(mine_alone))
        assert found.claims[0].patient_control_number == "PCN-77"


async def test_one_foreign_claim_hides_the_whole_remittance(
    service: QueryService, issued: Remittance
) -> None:
    submitter = Person(service, "SUBMITTER", subject="submitter-1")
    assert await reason_of(remittance(submitter, **by_id(issued))) == "REMITTANCE_NOT_FOUND"
    # Both claims are billed by one provider, though.
    biller = Person(service, "PROVIDER_READER", npis=["1234567893"])
    assert len((await remittance(biller, **by_id(issued))).claims) == 2


async def test_people_outside_find_nothing_of_others(
    base: Base, service: QueryService, mine_alone: Remittance
) -> None:
    for person in (
        Person(service, "SUBMITTER", subject="submitter-9"),
        Person(service, "PROVIDER_READER", npis=["1993999998"]),  # who is paid is not who bills
        Person(service, "PROVIDER_READER"),
    ):
        asked = remittance(person, **by_id(mine_alone))
        assert await reason_of(asked) == "REMITTANCE_NOT_FOUND"
    assert not reads(base)


async def test_r11_a_remittance_that_is_shown_is_on_record_with_its_claims(
    base: Base, service: QueryService, issued: Remittance
) -> None:
    await remittance(Person(service, "FINANCE"), **by_id(issued))
    await remittance(Person(service, "SUPERVISOR"), **by_id(issued))
    first, second = reads(base)
    assert first[:4] == (
        "examiner-1", "FINANCE", "HPAYMT", "/claimflow.v1.QueryService.GetRemittance",
    )  # fmt: skip
    assert first[4] == [one.claim_id for one in issued.claims]
    assert first[5] == ["FINANCIAL"]
    assert second[5] == ["CLINICAL", "FINANCIAL"]


async def test_what_names_no_remittance_is_refused(service: QueryService) -> None:
    person = Person(service, "FINANCE")
    for key in ({}, {"remittance_id": "x"}, {"trace_number": ""}, {"trace_number": "T" * 51}):
        assert await reason_of(remittance(person, **key)) == "VALIDATION_FAILED"


async def test_a_bad_token_is_refused_here_too(service: QueryService, issued: Remittance) -> None:
    person = Person(service, "FINANCE", metadata={CONSISTENCY_TOKEN: "nonsense"})
    assert await reason_of(remittance(person, **by_id(issued))) == "TOKEN_INVALID"


# -- accumulators


@pytest.fixture
def used(base: Base) -> Base:
    paying.use(base.url, sample.TENANT, "M1", "SILVER", 2026, "10")
    paying.use(base.url, sample.TENANT, "M1", "GOLD", 2026, "250.5")
    paying.use(base.url, sample.TENANT, "M1", "GOLD", 2025, "100.00")
    paying.use(base.url, sample.TENANT, "M2", "GOLD", 2026, "7.00")
    paying.use(base.url, sample.OTHER_TENANT, "M1", "GOLD", 2026, "999.00")
    return base


async def accumulators(person: Person, member_id: str = "") -> list[tuple[str, int, str, str]]:
    request = query_service_pb2.GetMemberAccumulatorsRequest(member_id=member_id)
    reply = await person.ask("GetMemberAccumulators", request)
    assert reply.freshness.source == 2
    return [
        (one.plan_id, one.benefit_year, one.deductible_used, one.out_of_pocket_used)
        for one in reply.accumulators
    ]


MINE = [
    ("GOLD", 2025, "100.00", "200.00"),
    ("GOLD", 2026, "250.50", "501.00"),
    ("SILVER", 2026, "10.00", "20.00"),
]


async def test_m14_staff_read_what_a_member_has_used(used: Base, service: QueryService) -> None:
    for role in ("EXAMINER", "SUPERVISOR", "FINANCE", "AUDITOR"):
        assert await accumulators(Person(service, role), "M1") == MINE
        assert await accumulators(Person(service, role), "M3") == []


async def test_m14_a_member_reads_their_own_and_nobody_elses(
    used: Base, service: QueryService
) -> None:
    member = Person(service, "MEMBER", subject="m", member_id="M1")
    assert await accumulators(member) == MINE
    assert await accumulators(member, "M1") == MINE
    assert await accumulators(member, "M2") == []
    assert len(reads(used)) == 2  # nothing was shown of another


async def test_a_number_is_needed(used: Base, service: QueryService) -> None:
    for person in (Person(service, "EXAMINER"), Person(service, "MEMBER", subject="m")):
        assert await reason_of(accumulators(person)) == "VALIDATION_FAILED"
    assert await reason_of(accumulators(Person(service, "EXAMINER"), "M" * 81)) == (
        "VALIDATION_FAILED"
    )


async def test_an_examiner_who_is_a_member_reads_others_too(
    used: Base, service: QueryService
) -> None:
    both = Person(service, "EXAMINER", "MEMBER", member_id="M1")
    assert await accumulators(both) == MINE
    assert await accumulators(both, "M2") == [("GOLD", 2026, "7.00", "14.00")]


async def test_r11_the_record_says_whose_limits_were_shown_by_keyed_hash(
    used: Base, service: QueryService
) -> None:
    await accumulators(Person(service, "FINANCE"), "M1")
    with psycopg.connect(used.url) as connection:
        rows = connection.execute(
            "SELECT claim_ids, classes, terms_hash FROM claimflow.read_audit"
        ).fetchall()
    member = bytes.fromhex(blind(sample.INDEX_KEY, sample.TENANT, "member", "M1"))
    assert rows == [([], ["FINANCIAL"], member)]
