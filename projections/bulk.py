"""Whole documents into an index: one `_bulk`, every item's result read (F39-F43).

What comes back for an item decides: written, or a newer version is there already (409), is success;
busy (429, 503) is sent again, with pauses and fewer requests at once; a block is waited for; a
refusal of the document itself parks that document alone. A request whose answer is lost is sent
again as it was: external versions make that harmless.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from elasticsearch import ApiError, TransportError

from projections.elastic import RETRIED, Backoff, Elastic, is_block, kind_of
from projections.index import Generation, IndexLost
from server.platform.telemetry import logger

_log = logger("projections.bulk")

_CONCURRENT_MAX: Final = 2
_LOST: Final = frozenset({"index_not_found_exception", "alias_not_found_exception"})


@dataclass(frozen=True, slots=True)
class Write:
    """A document to write, as bytes."""

    id: str
    version: int
    source: bytes
    again: bool = False  # also over a document of the same version


@dataclass(frozen=True, slots=True)
class Parked:
    """A document that the engine will never take as it is; `kind` names its error."""

    write: Write
    kind: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the documents of a call: each is in one of the two."""

    written: Sequence[Write]
    parked: Sequence[Parked]


class BulkWriter:
    """Writes documents until each is in, or parked."""

    def __init__(self, elastic: Elastic, *, bytes_max: int) -> None:
        self._elastic = elastic
        self._bytes_max = bytes_max
        self._concurrent = _CONCURRENT_MAX
        self.retried_items = 0

    async def write(self, generation: Generation, writes: Iterable[Write]) -> Outcome:
        """Write documents with their versions; returns when no item is open any more."""
        written: list[Write] = []
        parked: list[Parked] = []
        waiting = list(writes)
        backoff = Backoff()
        quiet = True
        while waiting:
            bodies = list(self._split(waiting))
            waiting = []
            for start in range(0, len(bodies), self._concurrent):
                group = bodies[start : start + self._concurrent]
                for result in await asyncio.gather(*(self._send(generation, g) for g in group)):
                    written += result.written
                    parked += result.parked
                    waiting += result.again
            if waiting:
                # Busy: fewer requests at once, and a pause; one more again after each quiet call.
                quiet, self._concurrent = False, 1
                self.retried_items += len(waiting)
                await backoff.pause()
        if quiet:
            self._concurrent = min(self._concurrent + 1, _CONCURRENT_MAX)
        return Outcome(written, parked)

    def _split(self, writes: Sequence[Write]) -> Iterator[list[Write]]:
        part: list[Write] = []
        size = 0
        for one in writes:
            if part and size + len(one.source) > self._bytes_max:
                yield part
                part, size = [], 0
            part.append(one)
            size += len(one.source) + 128  # the line above the document
        if part:
            yield part

    async def _send(self, generation: Generation, writes: list[Write]) -> _Result:
        path = (
            f"/{generation.write_alias}/_bulk?require_alias=true"
            "&filter_path=errors,items.*.status,items.*.error.type"
            ",items.*.error.caused_by.type"
        )
        try:
            _, answer = await self._elastic.once("POST", path, body(writes))
        except TransportError as error:
            _log.warning("bulk not answered", error_type=type(error).__name__)
            return _Result(again=writes)
        except ApiError as error:
            return await self._refused(generation, writes, error)
        if not answer.get("errors"):
            return _Result(written=writes)
        return _by_item(writes, answer["items"])

    async def _refused(
        self, generation: Generation, writes: list[Write], error: ApiError
    ) -> _Result:
        """Deal with a refusal of the whole request."""
        status, kind = error.meta.status, kind_of(error)
        if status == 404 and kind in _LOST:
            raise IndexLost(generation.index) from None
        if status in RETRIED or is_block(status, kind):
            _log.warning("bulk refused for now", status=status, kind=kind)
            return _Result(again=writes)
        if status in (400, 413):
            # Too large as a whole, or one document that spoils the rest: find it.
            if len(writes) == 1:
                return _Result(parked=[Parked(writes[0], kind or f"http_{status}")])
            middle = len(writes) // 2
            first = await self._send(generation, writes[:middle])
            return first.joined(await self._send(generation, writes[middle:]))
        raise error


def body(writes: Iterable[Write]) -> bytes:
    """Return the request's lines."""
    parts: list[bytes] = []
    for one in writes:
        parts.append(
            b'{"index":{"_id":%b,"version":%d,"version_type":"%b"}}\n'
            % (orjson.dumps(one.id), one.version, b"external_gte" if one.again else b"external")
        )
        parts.append(one.source)
        parts.append(b"\n")
    return b"".join(parts)


class _Result:
    """What came back for the documents of one request."""

    def __init__(
        self,
        written: Sequence[Write] = (),
        parked: Sequence[Parked] = (),
        again: Sequence[Write] = (),
    ) -> None:
        self.written = list(written)
        self.parked = list(parked)
        self.again = list(again)

    def joined(self, other: _Result) -> _Result:
        """Return the results of two halves."""
        return _Result(
            self.written + other.written, self.parked + other.parked, self.again + other.again
        )


def _by_item(writes: Sequence[Write], items: Sequence[dict[str, Any]]) -> _Result:
    """Sort the documents of a request by their items, which come in the same order."""
    result = _Result()
    kinds: set[str] = set()
    assert len(items) == len(writes), "an item for each document"
    for one, item in zip(writes, items, strict=True):
        found = item["index"]
        status = found["status"]
        if status < 300 or status == 409:  # 409: this version or a newer one is there
            result.written.append(one)
            continue
        error = found.get("error", {})
        kind = str(error.get("type", ""))
        kinds.add(kind)
        if kind in _LOST:
            raise IndexLost(one.id.partition("/")[0])
        if status in RETRIED or is_block(status, kind):
            result.again.append(one)
        else:
            result.parked.append(Parked(one, kind or f"http_{status}"))
    if result.again or result.parked:
        _log.warning(
            "bulk items refused",
            again=len(result.again),
            parked=len(result.parked),
            kinds=sorted(kinds),
        )
    return result
