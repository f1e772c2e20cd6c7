"""A migrated database for each test, and an engine on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.command.engine import Engine
from server.command.migrate import migrate
from server.embedded.tokens import TokenMint
from tests.server.command.door import Door, opened
from tests.server.command.support import running


@pytest.fixture
def database(fresh_database: str) -> str:
    """The URI of a database with claimflow's schema."""
    migrate(fresh_database)
    return fresh_database


@pytest.fixture
async def engine(database: str) -> AsyncIterator[Engine]:
    """An engine that takes commands."""
    async with running(database) as engine:
        yield engine


@pytest.fixture
async def door(database: str, token_mint: TokenMint, tmp_path: Path) -> AsyncIterator[Door]:
    """The service behind its port."""
    async with opened(database, token_mint, tmp_path) as door:
        yield door
