"""What whoever keeps a view, or looks at it, needs: settings, generations, progress."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Self

from projections.bulk import BulkWriter
from projections.elastic import Elastic
from projections.feed import Feed, Identity, Position
from projections.index import Generation, Generations
from projections.progress import ProgressStore
from projections.settings import WorkerSettings
from projections.sources import Beginning, beginning, open_feed
from projections.views.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """One view of one database in one Elasticsearch."""

    settings: WorkerSettings
    view: View
    elastic: Elastic
    generations: Generations
    bulk: BulkWriter

    @classmethod
    def of(cls, settings: WorkerSettings, view: View, elastic: Elastic) -> Self:
        """Return the kit of a view."""
        generations = Generations(
            elastic,
            view,
            prefix=settings.index_prefix,
            slots=settings.slot,
            shards=settings.index_shards,
            replicas=settings.index_replicas,
        )
        return cls(
            settings=settings,
            view=view,
            elastic=elastic,
            generations=generations,
            bulk=BulkWriter(elastic, bytes_max=settings.bulk_bytes_max),
        )

    @property
    def source(self) -> Beginning:
        """How a generation begins that is to follow the log where it is read."""
        return beginning(self.settings.feed)

    @property
    def has_slots(self) -> bool:
        """Whether the log is held for us by slots; an archive holds itself."""
        return not self.settings.feed.startswith("archive:")

    def feed(
        self, identity: Identity, generation: Generation, start: Position
    ) -> AbstractAsyncContextManager[Feed]:
        """Start the feed of a generation, and close it at the end."""
        return open_feed(
            self.settings.feed,
            url=self.settings.database_url,
            identity=identity,
            slot=generation.slot,
            publication=self.settings.publication,
            start=start,
            status_s=self.settings.feed_status_s,
        )

    @property
    def place(self) -> str:
        """Name of the place that one worker of this view holds."""
        return f"{self.settings.slot}:{self.view.name}"

    @property
    def building(self) -> str:
        """Name of the place that one builder of this view holds."""
        return f"{self.place}:build"

    def serving(self) -> ProgressStore:
        """Return the progress of the generation that serves."""
        return self._progress("")

    def progress_of(self, generation: Generation) -> ProgressStore:
        """Return the progress of another generation."""
        return self._progress(generation.index)

    def _progress(self, name: str) -> ProgressStore:
        return ProgressStore(
            self.elastic,
            self.view.name,
            prefix=self.settings.index_prefix,
            replicas=self.settings.index_replicas,
            name=name,
        )
