"""Differences planted directly in Elasticsearch, behind the worker's back."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from projections.digest import digest_of
from projections.elastic import Elastic
from projections.kit import Kit
from projections.parity import Verdict, check
from projections.views.subject import parse_document_id
from server.platform.elastic import open_client
from tests.projections import scribe
from tests.projections.conftest import Place


@asynccontextmanager
async def kit_of(place: Place) -> AsyncIterator[Kit]:
    """What an operator's word works with."""
    client = open_client(place.settings.elasticsearch_url)
    try:
        yield Kit.of(place.settings, place.view, Elastic(client))
    finally:
        await client.close()


async def verdict(place: Place) -> Verdict:
    """Compare the generation that serves with the store."""
    async with kit_of(place) as kit:
        progress = await kit.serving().peek()
        assert progress is not None
        return await check(kit, kit.generations.of_index(progress.index), kit.serving())


def differences(found: Verdict) -> dict[str, str]:
    """Return what differs, by id."""
    return {one.document_id: one.kind.value for one in found.differences}


def remove(place: Place, told: scribe.Told) -> None:
    place.client.delete(index=place.alias, id=told.id, refresh=True)


def put_at(place: Place, told: scribe.Told, version: int) -> None:
    """Make a document be at a version, as an older copy of the index, or another store, has it."""
    found = place.documents()[told.id]
    write(place, told.id, found | {"version": version})


def add(place: Place, told: scribe.Told, like: scribe.Told, **changes: Any) -> None:
    """Index a document about something that the store has never heard of."""
    found = place.documents()[like.id]
    write(place, told.id, found | {"slice": told.claim_id.bytes[15], **changes})


def write(place: Place, document_id: str, source: dict[str, Any]) -> None:
    """Write a document with the version it says it has, whatever is there."""
    version = source["version"]
    source = source | {"digest": digest_of(parse_document_id(document_id), version)}
    client = place.client.options(ignore_status=404)
    client.delete(index=place.alias, id=document_id)
    time.sleep(0.5)  # longer than the engine's clock ticks
    client.indices.refresh(index=place.alias)  # and now it has forgotten the version
    client.index(
        index=place.alias, id=document_id, document=source, version=version,
        version_type="external", refresh=True,
    )  # fmt: skip
