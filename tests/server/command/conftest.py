"""A migrated database for each test, and an engine on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from server.command.engine import Engine
from server.command.migrate import migrate
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
