"""Databases with the tables that claims are priced by."""

from __future__ import annotations

from pathlib import Path

import psycopg

from server.command import migrate as migration
from server.command.benefits import (
    BenefitTables,
    CodeEditTables,
    load_benefits,
    load_code_edits,
)

FOLDER = Path(migration.__file__).parent
DEMO = FOLDER / "demo"
_TABLES = FOLDER / "migrations" / "versions" / "0002_benefits.sql"


def with_tables(database: str) -> str:
    """Make the tables where no migration has made them yet."""
    with psycopg.connect(database) as connection:
        found = connection.execute("SELECT to_regclass('claimflow.fee')").fetchone()
        if found == (None,):
            connection.execute(_TABLES.read_bytes())
    return database


async def benefits(database: str, known: BenefitTables | None = None) -> BenefitTables:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        return await load_benefits(connection, known)


async def code_edits(database: str, known: CodeEditTables | None = None) -> CodeEditTables | None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        return await load_code_edits(connection, known)
