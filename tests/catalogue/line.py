"""A TCP line to Postgres that goes silent, is cut, or loses the answer to one COMMIT.

    line.at_commit = "lose the answer"    COMMIT is carried out, then the connection is cut
    line.at_commit = "withhold"           COMMIT is carried out, and its answer kept back
    line.at_commit = "lose the request"   the connection is cut, COMMIT never arrives
    line.at_commit = "hold the request"   COMMIT never arrives, and the connection stays
    line.silence()                        what is connected now hears nothing any more, nobody
                                          is told; new connections are as good as ever
    line.refuse = True                    new connections are cut at once

What is set for COMMIT is done to the next one alone; `line.committing` is set when it was done.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

_COMMIT = b"COMMIT;"  # as the write path sends it, with what follows in the same trip


@dataclass(eq=False)
class _Link:
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    silent: bool = False
    # What to do with the next thing that Postgres says.
    answer: str = ""

    def cut(self) -> None:
        for end in (self.client, self.server):
            end.transport.abort()


class Line:
    """Listens on a free port of this machine and carries bytes to and from a Unix socket."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = Path(parse_qs(parts.query)["host"][0]) / ".s.PGSQL.5432"
        self._user, self._database = parts.username, parts.path
        self._links: set[_Link] = set()
        self._taken: set[asyncio.Task[Any]] = set()
        self._server: asyncio.Server | None = None
        self.url = ""
        self.at_commit = ""
        self.refuse = False
        self.committing = asyncio.Event()
        self.connections = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"postgresql://{self._user}@127.0.0.1:{port}{self._database}?sslmode=disable"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.gather(*self._taken)

    def silence(self) -> None:
        """Let every connection there is become half-open."""
        for link in self._links:
            link.silent = True

    def cut(self) -> None:
        """End every connection there is."""
        for link in list(self._links):
            link.cut()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuse:
            writer.transport.abort()
            return
        self.connections += 1
        taken = asyncio.current_task()
        assert taken is not None, "the server makes a task of each connection"
        self._taken.add(taken)
        taken.add_done_callback(self._taken.discard)
        from_server, to_server = await asyncio.open_unix_connection(str(self._socket))
        link = _Link(writer, to_server)
        self._links.add(link)
        carried = [
            asyncio.create_task(self._up(reader, link)),
            asyncio.create_task(self._down(from_server, link)),
        ]
        await asyncio.wait(carried, return_when=asyncio.FIRST_COMPLETED)
        link.cut()
        await asyncio.gather(*carried, return_exceptions=True)
        self._links.discard(link)

    async def _up(self, reader: asyncio.StreamReader, link: _Link) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                if link.silent:
                    continue
                if self.at_commit and _COMMIT in data:
                    fault, self.at_commit = self.at_commit, ""
                    if fault.endswith("the request"):
                        self.committing.set()
                        link.silent = True
                        if fault.startswith("hold"):
                            continue
                        return
                    link.answer = fault
                link.server.write(data)
                await link.server.drain()

    async def _down(self, reader: asyncio.StreamReader, link: _Link) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                if link.answer:
                    # Postgres answers a COMMIT when it is durable.
                    self.committing.set()
                    if link.answer == "lose the answer":
                        return
                    link.silent = True
                if not link.silent:
                    link.client.write(data)
                    await link.client.drain()
