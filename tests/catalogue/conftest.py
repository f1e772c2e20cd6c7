"""Faults of the catalogue, each met by the real parts; the places are those of the other tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.catalogue.line import Line
from tests.projections.conftest import database, place, view
from tests.server.command.conftest import engine
from tests.server.query.conftest import base, service

__all__ = ["base", "database", "engine", "place", "service", "view"]


@pytest.fixture
async def line(database: str) -> AsyncIterator[Line]:
    """A way to the test's database on which things can go wrong."""
    async with Line(database) as one:
        yield one
