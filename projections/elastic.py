"""Requests to Elasticsearch that are repeated until they are answered for good.

Everything the worker sends may be sent again: documents carry external versions, progress is
compared before it is set, and the rest says how things should be. Texts of the engine are never
logged, they may hold what a person typed.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any, Final

from elasticsearch import ApiError, AsyncElasticsearch, TransportError

from server.platform.telemetry import logger

Answer = Any
_log = logger("projections.elastic")

# The engine is busy, starting, or a proxy before it lost it: it will answer later.
RETRIED: Final = frozenset({408, 429, 500, 502, 503, 504})
_PAUSE_S_MIN: Final = 0.05
_PAUSE_S_MAX: Final = 5.0


class Backoff:
    """Pauses that grow while nothing gets better, with jitter."""

    def __init__(self, first_s: float = _PAUSE_S_MIN, longest_s: float = _PAUSE_S_MAX) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._next_s = first_s

    async def pause(self) -> None:
        """Wait, longer each time."""
        await asyncio.sleep(self._next_s * random.uniform(0.5, 1.0))
        self._next_s = min(self._next_s * 2, self._longest_s)

    def reset(self) -> None:
        """Begin again with the shortest pause."""
        self._next_s = self._first_s


def kind_of(error: ApiError) -> str:
    """Return the name of an engine's error, such as `cluster_block_exception`."""
    body = error.body
    found = body.get("error") if isinstance(body, Mapping) else None
    return str(found.get("type", "")) if isinstance(found, Mapping) else ""


def is_block(status: int, kind: str) -> bool:
    """Tell whether an index takes no writes for now: a disk is full, an operator closed it."""
    return kind == "cluster_block_exception" and status in (403, 429)


class Elastic:
    """An Elasticsearch that may be away: requests wait for it."""

    def __init__(self, client: AsyncElasticsearch) -> None:
        self._client = client

    async def send(
        self, method: str, path: str, body: Any = None, *, accepted: frozenset[int] = frozenset()
    ) -> tuple[int, Answer]:
        """Return status and answer, repeating the request until there is one that counts.

        Statuses in `accepted` are returned; another refusal raises `ApiError`.
        """
        backoff = Backoff()
        while True:
            try:
                return await self.once(method, path, body)
            except TransportError as error:
                _log.warning("elasticsearch not reached", error_type=type(error).__name__)
            except ApiError as error:
                status, kind = error.meta.status, kind_of(error)
                if status in accepted:
                    return status, error.body
                if status not in RETRIED and not is_block(status, kind):
                    raise
                _log.warning("elasticsearch refused for now", status=status, kind=kind)
            await backoff.pause()

    async def once(self, method: str, path: str, body: Any = None) -> tuple[int, Answer]:
        """Return status and answer of one request; raise `ApiError` or `TransportError`."""
        headers = {"accept": "application/json"}
        if body is not None:
            bulk = isinstance(body, bytes)
            headers["content-type"] = "application/x-ndjson" if bulk else "application/json"
        response = await self._client.perform_request(method, path, headers=headers, body=body)
        return response.meta.status, response.body
