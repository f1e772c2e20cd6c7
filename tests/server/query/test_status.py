"""GetProjectionStatus of several views: builds, parity, and what waits (Q22)."""

from __future__ import annotations

from elasticsearch import Elasticsearch

from claimflow.v1 import query_service_pb2
from server.query.service import QueryService
from tests.server.query import sample
from tests.server.query.whole import Base, Person

NOW = "2026-03-01T10:00:00+00:00"


async def test_the_status_tells_of_every_view_its_builds_and_how_it_compared(
    base: Base, service: QueryService
) -> None:
    index = f"{base.prefix}claimflow-progress"
    claims = f"{base.prefix}claims-v1-1"
    with Elasticsearch(base.elasticsearch_url) as client:
        sample.put_progress(client, base.prefix, 5000, epoch=base.epoch)
        serving = client.get(index=index, id="claims")["_source"]
        notes = {**serving, "view": "notes", "lsn_number": 4000}
        build = {
            **serving, "index": f"{base.prefix}claims-v1-2", "phase": "FILLING", "slices": 9,
            "slices_done": 4, "documents": 123, "started_at": NOW,
        }  # fmt: skip
        parity = {
            "view": "claims", "index": claims, "lsn_number": 4500, "checked_at": NOW,
            "slices": 256, "documents": 77, "differing": 2, "repaired": 5,
        }  # fmt: skip
        for name, document in (
            ("notes", notes), (build["index"], build), ("claims-parity", parity),
        ):  # fmt: skip
            client.index(index=index, id=name, document=document, refresh=True)
    reply = await Person(service, "ADMIN").ask(
        "GetProjectionStatus", query_service_pb2.GetProjectionStatusRequest()
    )
    first, second = reply.projections
    assert (first.view, second.view, second.position) == ("claims", "notes", "0/FA0")
    (built,) = first.builds
    assert (built.phase, built.slices_done, built.slices, built.documents) == ("FILLING", 4, 9, 123)
    assert (first.parity.position, first.parity.documents) == ("0/1194", 77)
    assert (first.parity.slices, first.parity.differing, first.parity.repaired) == (256, 2, 5)
    assert not second.builds and not second.HasField("parity")
    assert second.lag_bytes - first.lag_bytes == 1000
