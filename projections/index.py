"""Generations of a view in Elasticsearch: their names, their making, the alias that serves one.

A generation is an index `<prefix><view>-v<schema>-<generation>`. Documents are written through a
write alias of the same name with `-write`, so that a generation that was deleted is missed at once:
a plain name would be made anew by the engine, without its mapping.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from projections.elastic import Elastic
from projections.views.view import View

_MISSING = frozenset({404})


class IndexLost(Exception):
    """The index that progress speaks of is not there."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One index of a view, and the names that go with it."""

    index: str
    number: int
    view: str
    slots: str  # how names of slots begin

    @property
    def write_alias(self) -> str:
        """The name documents are written under."""
        return f"{self.index}-write"

    @property
    def slot(self) -> str:
        """The replication slot that this generation is fed from."""
        return f"{self.slots}_{self.view}_{self.number}"

    @property
    def quarantine(self) -> str:
        """The index that lists the claims this generation could not take."""
        return f"{self.index}-quarantine"


class Generations:
    """The generations of one view."""

    def __init__(
        self, elastic: Elastic, view: View, *, prefix: str, slots: str, shards: int, replicas: int
    ) -> None:
        self._elastic = elastic
        self._view = view
        self._shards = shards
        self._replicas = replicas
        self._slots = slots
        self.alias = f"{prefix}{view.name}"
        self._pattern = re.compile(rf"{re.escape(self.alias)}-v(\d+)-(\d+)(-quarantine)?")

    def named(self, number: int) -> Generation:
        """Return a generation of today's schema."""
        return Generation(
            f"{self.alias}-v{self._view.schema}-{number}", number, self._view.name, self._slots
        )

    async def existing(self) -> list[str]:
        """Return the names of all indices of this view, of any schema, quarantines included."""
        path = f"/{self.alias}-v*?expand_wildcards=all&filter_path=*.settings.index.uuid"
        _, answer = await self._elastic.send("GET", path)
        return [name for name in answer or {} if self._pattern.fullmatch(name)]

    async def newest_number(self) -> int:
        """Return the highest number in use, 0 when there is none."""
        found = [self._pattern.fullmatch(name) for name in await self.existing()]
        return max((int(match.group(2)) for match in found if match), default=0)

    async def exists(self, generation: Generation) -> bool:
        """Tell whether a generation can be written to and listed by."""
        names = (generation.write_alias, generation.quarantine)
        for name in names:
            status, _ = await self._elastic.send("HEAD", f"/{name}", accepted=_MISSING)
            if status == 404:
                return False
        return True

    async def create(self, generation: Generation) -> None:
        """Make an empty generation with its mapping; whatever bore its name before is dropped."""
        await self.delete([generation.index, generation.quarantine])
        settings = {
            "number_of_shards": self._shards,
            "number_of_replicas": self._replicas,
            # The worker refreshes when it says how far it is; nobody else writes here.
            "refresh_interval": "-1",
            # Segments are as small as batches are quick. By the default of 16 MB all of them would
            # count as equal, and the same documents be merged again and again.
            "merge.policy.floor_segment": "1mb",
            # A document that somebody removed can be written anew at once, at the version it had.
            "gc_deletes": "0s",
        }
        await self._make(
            generation.index,
            {
                "settings": settings,
                "mappings": self._view.index_mapping(),
                "aliases": {generation.write_alias: {}},
            },
        )
        await self._make(
            generation.quarantine,
            {
                "settings": {"number_of_shards": 1, "number_of_replicas": self._replicas},
                "mappings": QUARANTINE_MAPPING,
            },
        )

    async def serve(self, generation: Generation) -> None:
        """Point the alias that readers use to this generation alone, in one step."""
        status, answer = await self._elastic.send("GET", f"/_alias/{self.alias}", accepted=_MISSING)
        actions: list[dict[str, Any]] = [
            {"remove": {"index": name, "alias": self.alias}}
            for name in (answer if status == 200 else {})
            if name != generation.index
        ]
        actions.append({"add": {"index": generation.index, "alias": self.alias}})
        await self._elastic.send("POST", "/_aliases", {"actions": actions})

    async def freeze(self, generation: Generation) -> None:
        """Let nobody write to a generation any more, and show everything that was written.

        Writes under way are waited for; later ones miss their alias. `IndexLost` when it is gone.
        """
        status, _ = await self._elastic.send(
            "PUT", f"/{generation.index}/_block/write", accepted=_MISSING
        )
        if status == 404:
            raise IndexLost(generation.index)
        actions = [{"remove": {"index": generation.index, "alias": generation.write_alias}}]
        await self._elastic.send("POST", "/_aliases", {"actions": actions}, accepted=_MISSING)
        await self.refresh(generation)

    async def thaw(self, generation: Generation) -> None:
        """Let a generation be written to again, if it is there."""
        status, _ = await self._elastic.send(
            "PUT", f"/{generation.index}/_settings", {"index.blocks.write": None}, accepted=_MISSING
        )
        if status != 404:
            actions = [{"add": {"index": generation.index, "alias": generation.write_alias}}]
            await self._elastic.send("POST", "/_aliases", {"actions": actions})

    async def serves(self, generation: Generation) -> bool:
        """Tell whether readers see this generation and no other; `IndexLost` when it is gone."""
        status, answer = await self._elastic.send(
            "GET", f"/{generation.index}/_alias", accepted=_MISSING
        )
        if status == 404:
            raise IndexLost(generation.index)
        _, serving = await self._elastic.send("GET", f"/_alias/{self.alias}", accepted=_MISSING)
        names = answer[generation.index]["aliases"]
        alone = isinstance(serving, dict) and set(serving) == {generation.index}
        return self.alias in names and alone

    async def serving(self) -> set[str]:
        """Return the names of the indices that readers are shown: one, when all is well."""
        status, answer = await self._elastic.send("GET", f"/_alias/{self.alias}", accepted=_MISSING)
        return set(answer) if status == 200 else set()

    def schema_of(self, index: str) -> int:
        """Return the schema number of an index of this view, 0 when it is none of it."""
        found = self._pattern.fullmatch(index)
        return int(found.group(1)) if found else 0

    def of_index(self, index: str) -> Generation:
        """Return the generation that an index of this view is, of whatever schema."""
        found = self._pattern.fullmatch(index)
        assert found is not None, "an index of this view"
        return Generation(index, int(found.group(2)), self._view.name, self._slots)

    async def remove_others(self, kept: Iterable[Generation]) -> None:
        """Drop all generations but these."""
        names = {name for one in kept for name in (one.index, one.quarantine)}
        await self.delete([name for name in await self.existing() if name not in names])

    async def delete(self, names: list[str]) -> None:
        """Drop indices, whether they are there or not."""
        for name in names:
            await self._elastic.send("DELETE", f"/{name}", accepted=_MISSING)

    async def forget(self, generation: Generation, document_id: str) -> None:
        """Remove a document that is about nothing."""
        path = f"/{generation.index}/_doc/{document_id.replace('/', '%2F')}"
        await self._elastic.send("DELETE", path, accepted=_MISSING)

    async def refresh(self, generation: Generation) -> None:
        """Make everything written so far searchable on every shard."""
        status, answer = await self._elastic.send(
            "POST", f"/{generation.index}/_refresh", accepted=_MISSING
        )
        if status == 404:
            raise IndexLost(generation.index)
        if answer["_shards"]["failed"]:
            raise RefreshFailed(generation.index)

    async def _make(self, name: str, body: dict[str, Any]) -> None:
        # An answer that got lost leaves an index behind, which is the one we wanted.
        await self._elastic.send("PUT", f"/{name}", body, accepted=frozenset({400}))
        status, _ = await self._elastic.send("HEAD", f"/{name}", accepted=_MISSING)
        if status == 404:
            raise IndexLost(name)


class RefreshFailed(Exception):
    """Some shard did not make its documents searchable."""


QUARANTINE_MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "properties": {
        "tenant_id": {"type": "keyword"},
        "id": {"type": "keyword"},
        "version": {"type": "long"},
        "position": {"type": "long"},
        "kind": {"type": "keyword"},
        "since": {"type": "date"},
        "skipped": {"type": "boolean"},
    },
}
