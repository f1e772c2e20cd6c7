"""Bring a database to the present schema and load what is shipped with the rules.

Safe to run at any time, by several at once, and again: an advisory lock lets one work while the
others wait, and every step sees whether it is done already. All of it is one transaction.
"""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import Any, Final

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import errors
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from server.claims import codec
from server.claims.policy_checks import workable_policy
from server.claims.transitions import TRANSITIONS

_FOLDER: Final = Path(__file__).parent
_LOCK_KEY: Final = 0x636C61696D  # "claim"; one migration of a database at a time
_ATTEMPTS: Final = 5
ANY: Final = "*"
_SINCE: Final = date(1970, 1, 1)  # shipped policies have always been in force

Driver = psycopg.Connection[Any]


def migrate(database_url: str) -> None:
    """Create or upgrade schema `claimflow` and load legal moves and shipped policies.

    A table that somebody holds locked is waited for two seconds, a few times over; then
    `psycopg.errors.LockNotAvailable` is raised and nothing has changed.
    """
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(database_url, application_name="claimflow migrate"),
        poolclass=NullPool,
    )
    with engine.connect() as connection:
        driver = _driver(connection)
        driver.execute("SELECT pg_advisory_lock(%s)", (_LOCK_KEY,))
        connection.commit()
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with connection.begin():
                    _upgrade(connection, driver)
                break
            except (DBAPIError, psycopg.Error) as error:
                if attempt == _ATTEMPTS or not _lock_not_available(error):
                    raise
                time.sleep(0.5 * attempt)


def _driver(connection: Connection) -> Driver:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection), "the engine was made with psycopg"
    return driver


def _lock_not_available(error: BaseException) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, errors.LockNotAvailable)


def _upgrade(connection: Connection, driver: Driver) -> None:
    driver.execute("SET LOCAL lock_timeout = '2s'")
    driver.execute("SET LOCAL client_min_messages = warning")
    driver.execute("CREATE SCHEMA IF NOT EXISTS claimflow")
    config = Config()
    config.set_main_option("script_location", str(_FOLDER / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    seed_transitions(driver)
    for file in sorted((_FOLDER / "policies").glob("*.json")):
        put_policy(driver, file.stem, ANY, ANY, _SINCE, json.loads(file.read_text("utf-8")))


def seed_transitions(driver: Driver) -> None:
    """Load the legal moves of the rules; one that is no longer made needs a migration to go."""
    with driver.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO claimflow.claim_transition (event_type, from_state, to_state)"
            " VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [
                (event_type, str(before), str(after))
                for event_type, before, after in sorted(TRANSITIONS, key=str)
                if before is not None
            ],
        )


def put_policy(
    driver: Driver,
    policy_set: str,
    line_of_business: str,
    jurisdiction: str,
    effective_from: date,
    body: Any,
    *,
    reason: str = "shipped",
    recorded_by: str = "",
) -> int | None:
    """Store a policy as a new row; return its version, or None when it is in force already.

    The row says who stored it when and why, and is never changed: that is its audit.

    Raises `UnworkablePolicy` when the body is no policy, or one that strands claims.
    """
    workable_policy(body)
    stored = codec.canonical(body).decode()
    key = (policy_set, line_of_business, jurisdiction, effective_from)
    found = driver.execute(
        "SELECT body FROM claimflow.policy WHERE (policy_set, line_of_business, jurisdiction,"
        " effective_from) = (%s, %s, %s, %s) ORDER BY version DESC LIMIT 1",
        key,
    ).fetchone()
    if found is not None and found[0] == stored:
        return None
    version = bump(driver)
    driver.execute(
        "INSERT INTO claimflow.policy (policy_set, line_of_business, jurisdiction,"
        " effective_from, version, body, reason, recorded_by) VALUES (%s, %s, %s, %s, %s, %s, %s,"
        " coalesce(nullif(%s, ''), CURRENT_USER))",
        (*key, version, stored, reason, recorded_by),
    )
    return version


def bump(driver: Driver) -> int:
    """Tell every process that policies, tenants or codes have changed; return the new version."""
    row = driver.execute(
        "UPDATE claimflow.reference_version SET version = version + 1 RETURNING version"
    ).fetchone()
    assert row is not None, "the first migration makes the row"
    return int(row[0])
