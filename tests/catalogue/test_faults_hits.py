"""Hits that are older than the store, or there twice (F42)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from elasticsearch import Elasticsearch

from claimflow.v1.common_pb2 import ANSWER_SOURCE_DATABASE, Consistency
from server.platform.positions import ConsistencyToken, TokenCodec
from server.query.service import QueryService
from tests.projections import scribe
from tests.projections.conftest import Place, eventually, worker
from tests.server.query import sample
from tests.server.query.whole import FULL, SEAL_KEY, Base, Person, reason_of


def made_stale(base: Base) -> int:
    """Put an older version of a claim's document into the index; return the true version."""
    stale = {"version": 1, "state": "PENDED"}
    with Elasticsearch(base.elasticsearch_url) as client:
        name = f"{sample.TENANT}/{base.mine.claim_id}"
        client.update(index=f"{base.prefix}claims", id=name, doc=stale, refresh=True)
    return len(base.mine.rows)


async def test_f42_a_stale_document_is_not_what_a_full_or_strong_read_shows(
    base: Base, service: QueryService
) -> None:
    version = made_stale(base)
    person = Person(service, "EXAMINER")
    full = await person.get(base.mine.claim_id, view=FULL)
    strong = await person.get(base.mine.claim_id, consistency=Consistency(strong={}))
    for reply in (full, strong):
        assert reply.claim.version == version
        assert reply.freshness.source == ANSWER_SOURCE_DATABASE


async def test_f42_a_token_of_another_epoch_finds_nothing_older(
    base: Base, service: QueryService
) -> None:
    made_stale(base)
    token = TokenCodec(SEAL_KEY).seal(ConsistencyToken(UUID(int=42), 1, sample.TENANT))
    wish: Any = Consistency(at_least_as_fresh={"token": token})
    person = Person(service, "EXAMINER")
    assert await reason_of(person.search(consistency=wish)) == "TOKEN_EPOCH_MISMATCH"
    assert await reason_of(person.get(base.mine.claim_id, consistency=wish)) == (
        "TOKEN_EPOCH_MISMATCH"
    )


async def test_f42_an_alias_over_two_generations_is_put_right(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one way to a claim that a search finds twice; readers are never shown it for long."""
    monkeypatch.setattr("projections.worker._CHECK_S", 0.2)
    told = scribe.many(4, seed=42)
    async with worker(place):
        place.write(*(one.rows[:2] for one in told))
        first = await place.caught_up()
        copied = f"{place.alias}-v{place.view.schema}-9"
        mapping = place.client.indices.get_mapping(index=first["index"])[first["index"]]
        place.client.indices.create(index=copied, mappings=mapping["mappings"])
        for name, document in place.documents().items():
            place.client.index(index=copied, id=name, document=document, refresh=True)
        place.client.indices.put_alias(index=copied, name=place.alias)

        def shown() -> set[str]:
            return set(place.client.indices.get_alias(name=place.alias))

        assert len(shown()) == 2
        await eventually(lambda: shown() == {first["index"]}, 20)
        place.write(*(one.rows[2:] for one in told if one.rows[2:]))
        await place.caught_up()
        await asyncio.to_thread(place.is_the_fold_of, told)
