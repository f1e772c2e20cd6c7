"""Every process is killed with -9 during an import; nothing acknowledged is lost or doubled.

Five rounds for each part (P1, P6-P8; F1-F3, F18, F38). After them every acknowledged claim is
there once, every history verifies, and the index equals the fold of the events.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from elasticsearch import Elasticsearch
from elasticsearch.helpers import scan
from psycopg.rows import dict_row

from claimflow.client import STRONG, Client, RetryPolicy, connect
from claimflow.importers import generate
from claimflow.v1.command_service_pb2 import IngestClaimsRequest
from projections.views.view import ENVELOPE
from server.claims import records
from server.claims.chain import event_hash, genesis_hash
from server.embedded.settings import PARTS
from server.embedded.supervisor import Embedded
from tests.e2e.fold import folded_documents

ROUNDS = 5
BATCHES = 12
BATCH_SIZE = 40
PATIENT = RetryPolicy(attempts_max=60, stream_attempts_max=60)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with Embedded(tmp_path_factory.mktemp("crash")) as one:
        yield one


@pytest.fixture
def client(installation: Embedded) -> Iterator[Client]:
    tokens = installation.home.tokens
    with connect(
        command_addr=installation.environment["CLAIMFLOW_COMMAND_ADDR"],
        query_addr=installation.environment["CLAIMFLOW_QUERY_ADDR"],
        token_provider=lambda: (tokens / "submitter").read_text().strip(),
        retry=PATIENT,
        timeout=90,
    ) as one:
        yield one


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_part_loses_and_doubles_nothing(
    installation: Embedded, client: Client, part: str
) -> None:
    acknowledged: Counter[str] = Counter()
    for number in range(ROUNDS):
        acknowledged += import_through_a_kill(installation, client, part, number)
    assert sum(acknowledged.values()) == ROUNDS * BATCHES * BATCH_SIZE
    assert max(acknowledged.values()) == 1, "two claims were acknowledged under one id"

    client.get_projection_status()
    assert_stored_once(installation.environment["DATABASE_URL"], set(acknowledged))
    assert_histories_verify(installation.environment["DATABASE_URL"])
    assert_index_is_the_fold(installation, client)


def import_through_a_kill(
    installation: Embedded, client: Client, part: str, number: int
) -> Counter[str]:
    """Import a file's worth of claims, kill the part somewhere in it; return acknowledged ids."""
    seed = PARTS.index(part) * 100 + number + 1
    documents = list(generate(BATCHES * BATCH_SIZE, seed=seed))
    for place, document in enumerate(documents):
        document.patient_control_number = f"{part[:4]}-{number}-{place}"
    batches = [
        IngestClaimsRequest(
            batch_id=str(uuid.uuid4()), documents=documents[start : start + BATCH_SIZE]
        )
        for start in range(0, len(documents), BATCH_SIZE)
    ]
    kill_after = random.Random(seed).randrange(1, BATCHES - 2)
    acknowledged: Counter[str] = Counter()
    killed: list[int] = []
    killer: threading.Thread | None = None
    for place, answer in enumerate(client.ingest_claims(iter(batches), in_flight=3)):
        acknowledged.update(claim.claim_id for claim in answer.claims if claim.claim_id)
        if place == kill_after:
            killer = threading.Thread(target=lambda: killed.append(installation.kill(part)))
            killer.start()
    assert killer is not None
    killer.join()
    installation.wait_ready(part, other_than=killed[0])
    return acknowledged


def assert_stored_once(database_url: str, acknowledged: set[str]) -> None:
    with psycopg.connect(database_url) as connection:
        stored = {str(row[0]) for row in connection.execute("select claim_id from claimflow.claim")}
        assert acknowledged <= stored
        doubled = connection.execute(
            "select count(*) from (select document::jsonb #>> '{document,patient_control_number}'"
            " from claimflow.claim group by 1 having count(*) > 1) as twice"
        ).fetchone()
        assert doubled == (0,)
        orphans = connection.execute(
            "select count(*) from claimflow.claim c full join"
            " (select tenant_id, claim_id, max(version) as version from claimflow.claim_event"
            "  group by 1, 2) e using (tenant_id, claim_id)"
            " where c.version is distinct from e.version"
        ).fetchone()
        assert orphans == (0,)


def assert_histories_verify(database_url: str) -> None:
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        rows = connection.execute(
            "select * from claimflow.claim_event order by tenant_id, claim_id, version"
        )
        previous: dict[str, Any] | None = None
        for row in rows:
            if previous is None or previous["claim_id"] != row["claim_id"]:
                assert row["version"] == 1
                assert row["prev_hash"] == genesis_hash(row["tenant_id"], row["claim_id"])
            else:
                assert row["version"] == previous["version"] + 1
                assert row["prev_hash"] == previous["hash"]
            assert row["hash"] == event_hash(records.link(row))
            previous = row


def assert_index_is_the_fold(installation: Embedded, client: Client) -> None:
    # A strong search waits until all that was committed when it began is searchable.
    next(iter(client.search_claims(page_size=1, consistency=STRONG).pages()))
    environment = installation.environment
    key = Path(environment["CLAIMFLOW_INDEX_KEY_FILE"]).read_bytes()
    expected = folded_documents(environment["DATABASE_URL"], key)
    with Elasticsearch(environment["ELASTICSEARCH_URL"]) as elastic:
        found = {
            hit["_id"]: hit["_source"]
            for hit in scan(elastic, index="claims", query={"query": {"match_all": {}}})
        }
    assert found.keys() == expected.keys()
    for name, document in expected.items():
        assert folded(found[name]) == folded(document)


def folded(document: dict[str, Any]) -> dict[str, Any]:
    # What the worker adds, such as the position, no fold from the table knows.
    return {name: value for name, value in document.items() if name not in ENVELOPE}
