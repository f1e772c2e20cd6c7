"""A real HTTP proxy in front of Elasticsearch that fails on purpose.

A fault is a name, with a figure where it takes one:

    reset_before    the connection is cut, nothing passed on
    reset_after     passed on and applied, the answer lost
    STATUS          refused as a whole, such as `503`
    items_STATUS    of a bulk: every other item is not passed on and comes back with the status
    masked_STATUS   of a bulk: all of it is applied, every other item comes back with the status
    slow_SECONDS    passed on after a while
    hang_SECONDS    a black hole: no answer, then the connection is cut
    late_SECONDS    of a write: the connection is cut at once, the request applied after a while
    overtaken       of a bulk: the connection is cut at once, the request applied after the two
                    bulks that come next
    stale           of a document by id: an earlier answer again
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import ClientError, ClientSession, web

_PRODUCT = {"X-Elastic-Product": "Elasticsearch"}


class Proxy:
    """Forwards requests, or does what `fault` says about them."""

    def __init__(self, upstream: str, session: ClientSession) -> None:
        self._upstream = upstream
        self._session = session
        self._calm = asyncio.Event()
        self._late: set[asyncio.Task[None]] = set()
        # Requests to apply once so many further bulks were.
        self._overtaken: list[tuple[int, web.Request, bytes]] = []
        self._answers: dict[str, web.Response] = {}
        self.url = ""
        self.fault: Callable[[str, str], str | None] = lambda method, path: None
        # Called before a request is passed on, and with its answer.
        self.before: Callable[[str, str], Awaitable[None]] | None = None
        self.after: Callable[[str, str], Awaitable[None]] | None = None
        # How often each fault was done, by its name without figures.
        self.counts: Counter[str] = Counter()
        # When progress of claims was last written through here, by the loop's clock.
        self.progress_at: float | None = None

    @property
    def faults(self) -> int:
        """How many requests a fault was done to."""
        return self.counts.total()

    def fail_at_random(self, share: float, rng: random.Random | int, *names: str) -> None:
        """Let a share of requests fail, the first one that can in any case."""
        chance = random.Random(rng) if isinstance(rng, int) else rng
        failed = False
        self._calm.clear()

        def fault(method: str, path: str) -> str | None:
            nonlocal failed
            name = chance.choice(names)
            if not _fits(name, method, path) or (failed and chance.random() >= share):
                return None
            failed = True
            return name

        self.fault = fault

    def calm(self) -> None:
        """Let nothing fail any more; what hangs is cut, what is late still comes."""
        self.fault = lambda method, path: None
        self._calm.set()

    async def settled(self) -> None:
        """Wait until every late request was passed on."""
        await asyncio.gather(*self._late)
        waiting, self._overtaken = self._overtaken, []
        for _, request, sent in waiting:
            await self._apply_late(request, sent, 0)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        sent = await request.read()
        if request.method == "PUT" and request.path.endswith("claimflow-progress/_doc/claims"):
            self.progress_at = asyncio.get_running_loop().time()
        try:
            return await self._answer(request, sent)
        except (ClientError, OSError):
            return _cut(request)  # Elasticsearch itself is away

    async def _answer(self, request: web.Request, sent: bytes) -> web.StreamResponse:
        method, path = request.method, request.path
        name = self.fault(method, path) or ""
        kind, _, figure = name.partition("_")
        if name:
            self.counts[name if kind in ("items", "masked", "reset") else kind] += 1
        if name.isdigit():
            return web.json_response(_error(name), status=int(name), headers=_PRODUCT)
        if kind == "slow":
            await self._wait(float(figure))
        elif kind == "hang":
            await self._wait(float(figure))
            return _cut(request)
        elif kind == "overtaken":
            self._overtaken.append((2, request, sent))
            return _cut(request)
        elif kind == "late":
            late = asyncio.create_task(self._apply_late(request, sent, float(figure)))
            self._late.add(late)
            late.add_done_callback(self._late.discard)
            return _cut(request)
        elif kind == "stale" and request.raw_path in self._answers:
            known = self._answers[request.raw_path]
            return web.Response(
                body=known.body, status=known.status, content_type="application/json",
                headers=_PRODUCT,
            )  # fmt: skip
        if name == "reset_before":
            return _cut(request)
        if self.before is not None:
            await self.before(method, path)
        if kind == "items":
            return await self._in_part(request, sent, int(figure))
        status, body = await self._forward(request, sent)
        if path.endswith("_bulk"):
            await self._bulk_passed()
        if self.after is not None:
            await self.after(method, path)
        if name == "reset_after":
            return _cut(request)
        if kind == "masked":
            body = _masked(body, int(figure))
        answer = web.Response(
            body=body, status=status, content_type="application/json", headers=_PRODUCT
        )
        if _fits("stale", method, path) and status == 200:
            self._answers[request.raw_path] = answer
        return answer

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._calm.wait()
        except TimeoutError:
            pass

    async def _apply_late(self, request: web.Request, sent: bytes, seconds: float) -> None:
        await asyncio.sleep(seconds)
        try:
            await self._forward(request, sent)
        except (ClientError, OSError):
            self.counts["late and never came"] += 1

    async def _bulk_passed(self) -> None:
        waiting = [(left - 1, request, sent) for left, request, sent in self._overtaken]
        self._overtaken = [one for one in waiting if one[0] > 0]
        for left, request, sent in waiting:
            if left == 0:
                await self._apply_late(request, sent, 0)

    async def _forward(self, request: web.Request, sent: bytes) -> tuple[int, bytes]:
        headers = {
            name: request.headers[name]
            for name in ("content-type", "accept")
            if name in request.headers
        }
        url = f"{self._upstream}{request.raw_path}"
        async with self._session.request(
            request.method, url, data=sent or None, headers=headers
        ) as answer:
            return answer.status, await answer.read()

    async def _in_part(self, request: web.Request, sent: bytes, status: int) -> web.StreamResponse:
        lines = sent.splitlines(keepends=True)
        pairs = [lines[at : at + 2] for at in range(0, len(lines), 2)]
        passed = b"".join(line for pair in pairs[::2] for line in pair)
        answered, body = await self._forward(request, passed)
        if answered != 200:
            return web.Response(
                body=body, status=answered, content_type="application/json", headers=_PRODUCT
            )
        real: list[Any] = orjson.loads(body).get("items") or [
            {"index": {"status": 201}} for _ in pairs[::2]
        ]
        items = [real[at // 2] if at % 2 == 0 else _refused(status) for at in range(len(pairs))]
        return web.json_response({"errors": True, "items": items}, headers=_PRODUCT)


def _fits(name: str, method: str, path: str) -> bool:
    """Tell whether a fault can be done to a request."""
    kind = name.partition("_")[0]
    if kind in ("items", "masked", "overtaken"):
        return path.endswith("_bulk")
    if kind == "late":
        # The same request comes late and again: only what may be sent twice.
        return path.endswith(("_bulk", "_refresh")) or (method == "PUT" and "/_doc/" in path)
    if kind == "stale":
        return method == "GET" and "claimflow-progress/_doc/" in path
    return True


def _refused(status: int) -> dict[str, Any]:
    kind = "cluster_block_exception" if status == 403 else "es_rejected_execution_exception"
    return {"index": {"status": status, "error": {"type": kind, "reason": "busy"}}}


def _masked(body: bytes, status: int) -> bytes:
    answer = orjson.loads(body)
    items = answer.get("items")
    if not items:  # an answer without items says that all went well
        return body
    answer["errors"] = True
    answer["items"] = [one if at % 2 == 0 else _refused(status) for at, one in enumerate(items)]
    return orjson.dumps(answer)


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _error(status: str) -> dict[str, Any]:
    return {"error": {"type": "circuit_breaking_exception"}, "status": int(status)}


@asynccontextmanager
async def proxy(upstream: str) -> AsyncIterator[Proxy]:
    """A proxy on a free port."""
    async with ClientSession() as session:
        one = Proxy(upstream, session)
        application = web.Application(client_max_size=1 << 30)
        application.router.add_route("*", "/{path:.*}", one.handle)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        one.url = f"http://127.0.0.1:{port}"
        try:
            yield one
        finally:
            one.calm()
            await asyncio.wait_for(asyncio.gather(one.settled(), runner.cleanup()), 30)
