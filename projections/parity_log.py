"""What the last comparison of a view came to, for status and alarms: a document beside progress."""

from __future__ import annotations

from typing import Any

from projections.digest import SLICES
from projections.kit import Kit
from projections.parity import Verdict
from server.platform.telemetry import logger

_log = logger("projections.parity")


class ParityLog:
    """Keeps the last verdict on a view, and counts what was ever mended."""

    def __init__(self, kit: Kit) -> None:
        self._elastic = kit.elastic
        self._path = f"/{kit.serving().index}/_doc/{kit.view.name}-parity"

    async def last(self) -> dict[str, Any] | None:
        """Return what was stored last, None when there is nothing."""
        status, answer = await self._elastic.send("GET", self._path, accepted=frozenset({404}))
        return answer["_source"] if status == 200 and answer.get("found") else None

    async def record(self, verdict: Verdict, repaired: int) -> None:
        """Store a verdict, and how many documents it led to mend."""
        _log.info("compared", verdict=str(verdict), repaired=repaired)
        before = await self.last() or {}
        document = {
            "view": verdict.view,
            "index": verdict.index,
            "lsn_number": verdict.position,
            "checked_at": verdict.checked_at.isoformat(),
            "slices": SLICES,
            "documents": verdict.documents,
            "differing": len(verdict.differences),
            "repaired": int(before.get("repaired", 0)) + repaired,
        }
        await self._elastic.send("PUT", self._path, document)
