"""The servers as programs of their own, to be killed and paused."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
import psutil

from server.embedded.plan import serving
from server.embedded.process import Child
from server.embedded.tokens import TokenMint
from tests.projections.conftest import eventually


class Program:
    """`python -m server.command` or `server.query`, on a socket in a folder."""

    def __init__(self, name: str, folder: Path, mint: TokenMint, **settings: str) -> None:
        seal_key = folder / "seal.key"
        seal_key.write_bytes(bytes(32))
        self.address = f"unix:{folder / name}"
        self._mint = mint
        self._child = Child(
            name,
            [sys.executable, "-m", f"server.{name}", "serve"],
            log=folder / f"{name}.log",
            environment={
                **os.environ,
                f"CLAIMFLOW_{name.upper()}_LISTEN": self.address,
                "CLAIMFLOW_JWKS_FILE": str(mint.jwks_file),
                "CLAIMFLOW_JWT_ISSUER": mint.issuer,
                "CLAIMFLOW_SEAL_KEY_FILE": str(seal_key),
                **settings,
            },
        )

    @property
    def pid(self) -> int:
        """Of the program as it runs now."""
        assert self._child.pid is not None, f"{self._child.name} has ended"
        return self._child.pid

    async def start(self) -> None:
        """Start it, and wait until it serves."""
        self._child.start()
        ask = serving("ADDRESS")
        await eventually(lambda: ask({"ADDRESS": self.address}))

    def kill(self) -> None:
        """End it as a crash would."""
        if self._child.pid is not None:
            self._child.kill()

    async def call(self, method: str, request: bytes, role: str, seconds: float) -> bytes:
        """Send bytes as somebody, and return the bytes that come back."""
        metadata = (("authorization", f"Bearer {self._mint.mint(role)}"),)
        async with grpc.aio.insecure_channel(self.address) as channel:
            send: Any = channel.unary_unary(method)
            reply: bytes = await send(request, metadata=metadata, timeout=seconds)
            return reply


@asynccontextmanager
async def program(
    name: str, folder: Path, mint: TokenMint, **settings: str
) -> AsyncIterator[Program]:
    """A program that serves, killed at the end."""
    one = Program(name, folder, mint, **settings)
    await one.start()
    try:
        yield one
    finally:
        one.kill()


@asynccontextmanager
async def paused(pid: int) -> AsyncIterator[None]:
    """A process and its children that stand still, and go on at the end whatever happens."""
    os.kill(pid, signal.SIGSTOP)  # first, so that there are no more children
    held = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    try:
        for one in held:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGSTOP)
        yield
    finally:
        for one in reversed(held):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)
