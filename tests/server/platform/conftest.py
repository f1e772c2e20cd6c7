"""A real server on a free port, with credentials of an issuer of its own."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
import structlog

from claimflow.v1.command_service_pb2_grpc import CommandServiceStub
from server.embedded.tokens import TokenMint
from server.platform import telemetry
from server.platform.serving import RunningServer
from server.platform.settings import ServerSettings
from tests.server.platform.desk import DESCRIPTOR, Desk
from tests.server.platform.rawclient import RawClient, raw_client


@dataclass
class Site:
    """A running server and those who talk to it."""

    server: RunningServer
    desk: Desk
    mint: TokenMint
    stub: Any
    raw: RawClient
    log: io.StringIO

    def metadata(self, *roles: str, **claims: Any) -> tuple[tuple[str, str], ...]:
        """Return the credential of a caller; an examiner when no role is given."""
        return (("authorization", f"Bearer {self.mint.mint(roles or ('EXAMINER',), **claims)}"),)


@pytest.fixture
def settings(token_mint: TokenMint, tmp_path: Path) -> ServerSettings:
    key = tmp_path / "some.key"
    key.write_bytes(bytes(32))
    return ServerSettings(
        listen="127.0.0.1:0",
        jwks_file=token_mint.jwks_file,
        jwt_issuer=token_mint.issuer,
        seal_key_file=key,
        index_key_file=key,
        message_limit_bytes=64 * 1024,
        bulk_message_limit_bytes=256 * 1024,
        in_flight_max=4,
        streams_max=4,
        body_timeout_s=0.5,
        drain_wait_s=0.0,
        drain_grace_s=2.0,
    )


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the process writes to its log."""
    stream = io.StringIO()
    root = logging.getLogger()
    before = structlog.get_config(), list(root.handlers), root.level
    monkeypatch.setattr(sys, "stderr", stream)
    telemetry.configure("DEBUG")
    # Loggers of modules stay the same; only where they write to is this test's own.
    structlog.configure(cache_logger_on_first_use=False)
    yield stream
    configuration, root.handlers[:], level = before
    root.setLevel(level)
    structlog.configure(**configuration)


@pytest.fixture
async def site(
    settings: ServerSettings, token_mint: TokenMint, written: io.StringIO
) -> AsyncIterator[Site]:
    desk = Desk()
    server = RunningServer([(DESCRIPTOR, desk)], settings)
    await server.start()
    async with (
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
        raw_client(server.port) as raw,
    ):
        yield Site(server, desk, token_mint, CommandServiceStub(channel), raw, written)
    await server.drain()
