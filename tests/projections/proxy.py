"""A real HTTP proxy in front of Elasticsearch that fails on purpose."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import ClientSession, web

_PRODUCT = {"X-Elastic-Product": "Elasticsearch"}


class Proxy:
    """Forwards requests, or does what `fault` says about them.

    A fault is a name: `reset_before`, `reset_after` (applied, the answer lost), a status such as
    `503`, or for a bulk `items_STATUS`: every other item is not passed on and comes back with it.
    """

    def __init__(self, upstream: str, session: ClientSession) -> None:
        self._upstream = upstream
        self._session = session
        self.url = ""
        self.fault: Callable[[str, str], str | None] = lambda method, path: None
        # Called before a request is passed on, and with its answer.
        self.before: Callable[[str, str], Awaitable[None]] | None = None
        self.after: Callable[[str, str], Awaitable[None]] | None = None
        self.faults = 0

    def fail_at_random(self, share: float, seed: int, *names: str) -> None:
        """Let a share of requests fail, the first one that can in any case."""
        rng = random.Random(seed)

        def fault(method: str, path: str) -> str | None:
            name = rng.choice(names)
            fits = not name.startswith("items_") or path.endswith("_bulk")
            return name if fits and (rng.random() < share or not self.faults) else None

        self.fault = fault

    def calm(self) -> None:
        """Let nothing fail any more."""
        self.fault = lambda method, path: None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        sent = await request.read()
        method, path = request.method, request.path
        name = self.fault(method, path)
        if name is not None:
            self.faults += 1
        if name == "reset_before":
            return _cut(request)
        if name is not None and name.isdigit():
            return web.json_response(_error(name), status=int(name), headers=_PRODUCT)
        if self.before is not None:
            await self.before(method, path)
        if name is not None and name.startswith("items_"):
            return await self._in_part(request, sent, int(name.removeprefix("items_")))
        status, body = await self._forward(request, sent)
        if self.after is not None:
            await self.after(method, path)
        if name == "reset_after":
            return _cut(request)
        return web.Response(
            body=body, status=status, content_type="application/json", headers=_PRODUCT
        )

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
        _, body = await self._forward(request, passed)
        real: list[Any] = orjson.loads(body).get("items") or [
            {"index": {"status": 201}} for _ in pairs[::2]
        ]
        kind = "cluster_block_exception" if status == 403 else "es_rejected_execution_exception"
        refused = {"index": {"status": status, "error": {"type": kind, "reason": "busy"}}}
        items = [real[at // 2] if at % 2 == 0 else refused for at in range(len(pairs))]
        return web.json_response({"errors": True, "items": items}, headers=_PRODUCT)


def _cut(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
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
            await asyncio.wait_for(runner.cleanup(), 10)
